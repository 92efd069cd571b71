//! The month's ratings for the common data repository of the single digital gateway, to which services that have a
//! feedback tool of their own hand them on: Implementing Regulation (EU) 2020/1121, articles 7 and 8.
//!
//! That repository rates pages from 1 to 5: satisfaction of 0, 5 and 10 points is 1, 3 and 5. Counts only, by the page on
//! which the form was opened, which is what the repository knows a service by; no text ever. The names are those of the
//! Commission's interface for statistics, so that who sends it adds what only a transfer has: `uniqueId`,
//! `transferDate`, `transferType`.

use crate::catalogue::DemarcheId;
use crate::day::Day;
use crate::spreadsheet::{Dialect, formula_safe};
use crate::store::{Period, Rated};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use shared::questionnaire::Scored;
use std::collections::BTreeMap;
use std::io;
use std::str::FromStr;

/// The version of the document's form.
const SCHEMA: &str = "sdg/1";

/// The best rating.
const BEST: usize = 5;

/// A month, written as `2026-09`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month(Period);

impl Month {
    /// Its days.
    #[must_use]
    pub fn period(self) -> Period {
        self.0
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let from: Day =
            format!("{text}-01").parse().map_err(|_| "a month is written like 2026-09".to_owned())?;
        Ok(Self(Period { from, to: from.last_of_month() }))
    }
}

/// How often each rating was given, from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ratings([u64; BEST]);

impl Ratings {
    fn add(&mut self, rated: &Rated) {
        let steps = usize::try_from(rated.satisfaction.quarters()).unwrap_or(0);
        self.0[steps] += rated.avis;
    }

    fn count(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl Serialize for Ratings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(BEST))?;
        for (rating, count) in (1..).zip(self.0) {
            map.serialize_entry::<u32, _>(&rating, &count)?;
        }
        map.end()
    }
}

/// The ratings of a month.
#[derive(Debug, PartialEq, Eq)]
pub struct MonthlyFile {
    period: Period,
    closed: bool,
    pages: BTreeMap<(String, String), Ratings>,
    without_page: Ratings,
}

impl MonthlyFile {
    /// Of what was counted, as far as it is about one of these démarches; about any, if none is named.
    #[must_use]
    pub fn of(month: Month, closed: bool, rated: Vec<Rated>, demarches: &[DemarcheId]) -> Self {
        let mut file =
            Self { period: month.0, closed, pages: BTreeMap::new(), without_page: Ratings::default() };
        for mut one in rated {
            if demarches.is_empty() || demarches.contains(&one.demarche) {
                match one.page.take() {
                    Some(page) => file.pages.entry(page).or_default().add(&one),
                    None => file.without_page.add(&one),
                }
            }
        }
        file
    }

    /// How many pages it has.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// How many avis it counts, those without page among them.
    #[must_use]
    pub fn avis(&self) -> u64 {
        self.pages.values().chain([&self.without_page]).map(Ratings::count).sum()
    }

    /// As JSON.
    ///
    /// # Errors
    /// It cannot be written, which a document in memory always can.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }

    /// As a table: a row a page, the last one of avis without page.
    ///
    /// # Errors
    /// It cannot be written, which a table in memory always can.
    pub fn to_csv(&self, dialect: Dialect) -> io::Result<Vec<u8>> {
        let mut writer = dialect.writer(dialect.mark().as_bytes().to_vec());
        let ratings = (1..=BEST).map(|rating| format!("rating_{rating}"));
        let names = ["from", "to", "origin", "path"].map(str::to_owned).into_iter();
        writer.write_record(names.chain(ratings).chain(["count".to_owned()]))?;
        let none = (String::new(), String::new());
        for ((origin, path), ratings) in self.pages.iter().chain([(&none, &self.without_page)]) {
            let page = [&**origin, path].map(|text| formula_safe(text).into_owned());
            let days = [self.period.from, self.period.to].map(|day| day.to_string());
            let counts = ratings.0.iter().chain([&ratings.count()]).map(u64::to_string).collect::<Vec<_>>();
            writer.write_record(days.into_iter().chain(page).chain(counts))?;
        }
        writer.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

impl Serialize for MonthlyFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Document<'a> {
            schema: &'static str,
            reference_period: ReferencePeriod,
            nb_entries: usize,
            sources: Vec<Source<'a>>,
            without_page: Count<'a>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct ReferencePeriod {
            start_date: Day,
            end_date: Day,
            timezone: &'static str,
            closed: bool,
        }
        #[derive(Serialize)]
        struct Source<'a> {
            #[serde(rename = "sourceUrl")]
            url: String,
            origin: &'a str,
            path: &'a str,
            #[serde(flatten)]
            count: Count<'a>,
        }
        #[derive(Serialize)]
        struct Count<'a> {
            ratings: &'a Ratings,
            count: u64,
        }
        fn count(ratings: &Ratings) -> Count<'_> {
            Count { ratings, count: ratings.count() }
        }
        let sources = self.pages.iter().map(|((origin, path), ratings)| Source {
            url: format!("{origin}{path}"),
            origin,
            path,
            count: count(ratings),
        });
        Document {
            schema: SCHEMA,
            reference_period: ReferencePeriod {
                start_date: self.period.from,
                end_date: self.period.to,
                timezone: "Europe/Paris",
                closed: self.closed,
            },
            nb_entries: self.pages.len(),
            sources: sources.collect(),
            without_page: count(&self.without_page),
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::questionnaire::Satisfaction;

    fn rated(demarche: &str, page: Option<&str>, satisfaction: Satisfaction, avis: u64) -> Rated {
        let page = page.map(|path| ("https://a.fr".to_owned(), path.to_owned()));
        Rated { demarche: DemarcheId(demarche.into()), page, satisfaction, avis }
    }

    fn file(demarches: &[&str]) -> MonthlyFile {
        let all = vec![
            rated("1", Some("/fin"), Satisfaction::PasBien, 1),
            rated("1", Some("/fin"), Satisfaction::TresBien, 7),
            rated("2", Some("/fin"), Satisfaction::Moyen, 2),
            rated("2", Some("/debut"), Satisfaction::Moyen, 4),
            rated("2", None, Satisfaction::TresBien, 3),
        ];
        let demarches: Vec<_> = demarches.iter().map(|id| DemarcheId((*id).to_owned())).collect();
        MonthlyFile::of("2026-09".parse().unwrap(), true, all, &demarches)
    }

    #[test]
    fn ratings_are_counted_by_page_whatever_the_demarche() {
        let file = file(&[]);
        assert_eq!((file.avis(), file.pages()), (17, 2));
        let json: serde_json::Value = serde_json::from_slice(&file.to_json().unwrap()).unwrap();
        let ratings = |one, three, five| serde_json::json!({"1": one, "2": 0, "3": three, "4": 0, "5": five});
        let expected = serde_json::json!({
            "schema": "sdg/1",
            "referencePeriod": {
                "startDate": "2026-09-01", "endDate": "2026-09-30", "timezone": "Europe/Paris", "closed": true
            },
            "nbEntries": 2,
            "sources": [
                {"sourceUrl": "https://a.fr/debut", "origin": "https://a.fr", "path": "/debut",
                 "ratings": ratings(0, 4, 0), "count": 4},
                {"sourceUrl": "https://a.fr/fin", "origin": "https://a.fr", "path": "/fin",
                 "ratings": ratings(1, 2, 7), "count": 10},
            ],
            "withoutPage": {"ratings": ratings(0, 0, 3), "count": 3},
        });
        assert_eq!(json, expected);
        assert_eq!(
            String::from_utf8(file.to_csv(Dialect::Standard).unwrap()).unwrap(),
            "from,to,origin,path,rating_1,rating_2,rating_3,rating_4,rating_5,count\r\n\
             2026-09-01,2026-09-30,https://a.fr,/debut,0,0,4,0,0,4\r\n\
             2026-09-01,2026-09-30,https://a.fr,/fin,1,0,2,0,7,10\r\n\
             2026-09-01,2026-09-30,,,0,0,0,0,3,3\r\n"
        );
    }

    #[test]
    fn one_demarche_can_be_asked_for() {
        assert_eq!((file(&["1"]).avis(), file(&["1"]).pages()), (8, 1));
        assert_eq!((file(&["2", "1"]).avis(), file(&["3"]).avis()), (17, 0));
    }

    #[test]
    fn a_month_is_written_in_one_way() {
        let month: Month = "2028-02".parse().unwrap();
        assert_eq!(month.period().to.to_string(), "2028-02-29");
        for wrong in ["2026-9", "2026", "2026-13", "2026-09-01", "", "septembre"] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }
}
