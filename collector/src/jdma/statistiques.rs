//! `/api/open-api/statistiques`: how often each answer was given, per démarche and interval.

use super::{Errors, bound, list, name};
use crate::catalogue::codes;
use crate::day::Day;
use crate::problem::{ParameterError, ParameterErrorCode as Code};
use crate::satisfaction::Interval;
use crate::store::Period;
use serde::Serialize;
use serde_json::{Map, Value};
use shared::questionnaire::{Channel, Choice, Help, Quality, Reached, Satisfaction, Scale, Scored};
use shared::tally::Cell;
use shared::texts::{self, Texts};
use shared::{Language, Question, Tally};
use std::collections::BTreeMap;

codes! {
    /// A question, by the name it has in Je donne mon avis.
    Field {
        /// How it went.
        Satisfaction = "satisfaction",
        /// Clarity.
        Comprehension = "comprehension",
        /// Help that was looked for.
        ContactTried = "contact_tried",
        /// Whether the administration was reached.
        ContactReached = "contact_reached",
        /// How good the help was.
        ContactSatisfaction = "contact_satisfaction",
    }
}

/// Questions of Je donne mon avis that nobody is asked any more. Who names them beside others gets the others.
const FORMER_FIELDS: [&str; 6] =
    ["easy", "difficulties", "help", "contact", "contact_channels", "help_details"];

impl Field {
    fn question(self) -> Question {
        match self {
            Self::Satisfaction => Question::Satisfaction,
            Self::Comprehension => Question::Clarity,
            Self::ContactTried => Question::HelpTried,
            Self::ContactReached => Question::HelpReached,
            Self::ContactSatisfaction => Question::HelpQuality,
        }
    }
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The days, both inclusive.
    pub period: Period,
    /// Ids or aliases of démarches.
    pub products: Vec<String>,
    /// Numbers of forms.
    pub forms: Vec<String>,
    /// The questions.
    pub fields: Vec<Field>,
    /// The unit of time; none for the whole period at once.
    pub interval: Option<Interval>,
}

impl Request {
    /// Reads the body, whose further members are ignored. Lists that are empty or absent ask for everything.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(body: &Value) -> Result<Self, Vec<ParameterError>> {
        let mut errors = Errors::default();
        let request = errors
            .expect("", Code::WrongType, body.as_object())
            .and_then(|members| Self::read(members, &mut errors));
        request.filter(|_| errors.0.is_empty()).ok_or(errors.0)
    }

    fn read(members: &Map<String, Value>, errors: &mut Errors) -> Option<Self> {
        let (from, to) = (date(members, "start_date", errors), date(members, "end_date", errors));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            errors.add("end_date", Code::EndsBeforeItBegins);
        }
        let products = list(members, "product_ids", errors, name).unwrap_or_default();
        let forms = list(members, "form_ids", errors, name).unwrap_or_default();
        let codes = list(members, "field_codes", errors, |code| code.as_str().map(str::to_owned));
        let fields = fields(&codes.unwrap_or_default(), errors);
        let interval = match members.get("interval").map(Value::as_str) {
            None | Some(Some("none")) => None,
            Some(Some(unit @ ("day" | "week" | "month" | "year"))) => Interval::from_code(unit),
            Some(_) => errors.expect("interval", Code::UnknownChoice, None),
        };
        Some(Self { period: Period { from: from?, to: to? }, products, forms, fields, interval })
    }
}

fn date(members: &Map<String, Value>, name: &str, errors: &mut Errors) -> Option<Day> {
    let value = errors.expect(name, Code::Required, members.get(name))?;
    let text = errors.expect(name, Code::WrongType, value.as_str())?;
    errors.expect(name, Code::NotADate, bound::day_of_text(text))
}

fn fields(codes: &[String], errors: &mut Errors) -> Vec<Field> {
    if codes.is_empty() {
        return Field::ALL.to_vec();
    }
    let known = |code: &String| code.parse::<Field>().is_ok() || FORMER_FIELDS.contains(&code.as_str());
    if !codes.iter().all(known) {
        errors.add("field_codes", Code::UnknownChoice);
    }
    Field::ALL.iter().copied().filter(|field| codes.iter().any(|code| code == field.code())).collect()
}

/// The answers of one interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slice {
    /// The beginning of the calendar unit, as an instant, or `all_time`.
    date: String,
    /// The unit.
    length_interval: &'static str,
    data: Vec<Category>,
}

/// How a question was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Category {
    #[serde(rename = "category")]
    code: &'static str,
    label: &'static str,
    number_hits: Vec<Hit>,
}

/// How often an answer was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Hit {
    intention: &'static str,
    label: &'static str,
    count: u64,
    /// What was answered about this channel, where the answer names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    children: Option<[Category; 2]>,
}

/// The whole of a period.
#[must_use]
pub fn whole(tally: &Tally, fields: &[Field]) -> Slice {
    Slice { date: "all_time".to_owned(), length_interval: "none", data: categories(tally, fields) }
}

/// Days put together by unit of time. Units without avis are left out, as they are in Je donne mon avis.
#[must_use]
pub fn series(days: Vec<(Day, Tally)>, interval: Interval, fields: &[Field]) -> Vec<Slice> {
    let mut units: BTreeMap<Day, Tally> = BTreeMap::new();
    for (day, tally) in days {
        *units.entry(interval.first_day(day)).or_default() += &tally;
    }
    units
        .into_iter()
        .map(|(first, tally)| Slice {
            date: format!("{first}T00:00:00.000Z"),
            length_interval: interval.code(),
            data: categories(&tally, fields),
        })
        .collect()
}

fn categories(tally: &Tally, fields: &[Field]) -> Vec<Category> {
    fields.iter().map(|field| category(*field, tally, Channel::ALL)).collect()
}

/// The answers to a question, about these channels where it is about channels.
fn category(field: Field, tally: &Tally, channels: &[Channel]) -> Category {
    let texts = Language::Fr.texts();
    let summed =
        |cell: &dyn Fn(Channel) -> Cell| channels.iter().map(|channel| tally.count(cell(*channel))).sum();
    let number_hits = match field {
        Field::Satisfaction => scored(
            |choice| texts.satisfaction(choice),
            |choice: Satisfaction| tally.count(Cell::Satisfaction(choice)),
        ),
        Field::Comprehension => scored(texts::scale, |choice: Scale| tally.count(Cell::Clarity(choice))),
        Field::ContactTried => Help::ALL.iter().map(|choice| tried(*choice, tally, texts)).collect(),
        Field::ContactReached => Reached::ALL
            .iter()
            .map(|choice| Hit {
                intention: match choice {
                    Reached::Oui => "good",
                    Reached::Non => "bad",
                },
                label: texts.reached(*choice),
                count: summed(&|channel| Cell::HelpReached(channel, *choice)),
                children: None,
            })
            .collect(),
        Field::ContactSatisfaction => scored(
            |choice| texts.quality(choice),
            |choice: Quality| summed(&|channel| Cell::HelpQuality(channel, choice)),
        ),
    };
    Category { code: field.code(), label: texts.question(field.question()), number_hits }
}

/// The answers to a question that earns points. What each is meant to say follows from its place.
fn scored<C: Scored>(label: impl Fn(C) -> &'static str, count: impl Fn(C) -> u64) -> Vec<Hit> {
    const INTENTIONS: [&str; 5] = ["very_bad", "bad", "medium", "good", "very_good"];
    // Of three answers, none is very good or very bad.
    let beyond = (INTENTIONS.len() - C::ALL.len()) / 2;
    let hit = |choice: &C| Hit {
        intention: INTENTIONS[beyond + choice.index()],
        label: label(*choice),
        count: count(*choice),
        children: None,
    };
    C::ALL.iter().map(hit).collect()
}

fn tried(choice: Help, tally: &Tally, texts: &Texts) -> Hit {
    let channel = Channel::ALL.iter().find(|channel| channel.help() == choice);
    let of = |field, channel: &Channel| category(field, tally, &[*channel]);
    Hit {
        intention: if choice == Help::None { "good" } else { "neutral" },
        label: texts.help(choice),
        count: tally.count(Cell::HelpTried(choice)),
        children: channel
            .map(|channel| [of(Field::ContactReached, channel), of(Field::ContactSatisfaction, channel)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use shared::Answers;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[track_caller]
    fn refuses(body: &Value, expected: &[(&str, Code)]) {
        let found = Request::parse(body).unwrap_err();
        let found: Vec<_> = found.iter().map(|error| (error.name.as_str(), error.code)).collect();
        assert_eq!(found, expected, "{body}");
    }

    #[test]
    fn a_request_with_two_dates_asks_for_everything_at_once() {
        let least = json!({"start_date": "2026-01-01", "end_date": "2026-01-31"});
        let everything = Request {
            period: Period { from: day("2026-01-01"), to: day("2026-01-31") },
            products: vec![],
            forms: vec![],
            fields: Field::ALL.to_vec(),
            interval: None,
        };
        assert_eq!(Request::parse(&least), Ok(everything.clone()));
        let same = json!({"start_date": "2026-01-01T00:00:00.000Z", "end_date": "1769903999999", "product_ids": [],
            "form_ids": [], "field_codes": [], "interval": "none", "unknown": null});
        assert_eq!(Request::parse(&same), Ok(everything));
    }

    #[test]
    fn every_filter_is_read() {
        let body = json!({"start_date": "2026-01-01", "end_date": "2026-01-31", "product_ids": [3059, "cni"],
            "form_ids": [12], "field_codes": ["contact_reached", "easy", "satisfaction"], "interval": "week"});
        let request = Request::parse(&body).unwrap();
        assert_eq!((request.products, request.forms), (vec!["3059".into(), "cni".into()], vec!["12".into()]));
        assert_eq!(request.fields, [Field::Satisfaction, Field::ContactReached]);
        assert_eq!(request.interval, Some(Interval::Week));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        refuses(&json!([]), &[("", Code::WrongType)]);
        refuses(&json!({}), &[("start_date", Code::Required), ("end_date", Code::Required)]);
        refuses(
            &json!({"start_date": 1_767_225_600_000_i64, "end_date": "demain", "product_ids": "3059",
                "form_ids": [1.5], "field_codes": ["clarity"], "interval": "quarter"}),
            &[
                ("start_date", Code::WrongType),
                ("end_date", Code::NotADate),
                ("product_ids", Code::WrongType),
                ("form_ids", Code::WrongType),
                ("field_codes", Code::UnknownChoice),
                ("interval", Code::UnknownChoice),
            ],
        );
        let backwards = json!({"start_date": "2026-02-01", "end_date": "2026-01-31", "interval": 7});
        refuses(&backwards, &[("end_date", Code::EndsBeforeItBegins), ("interval", Code::UnknownChoice)]);
    }

    fn tally() -> Tally {
        let mut helped = Answers {
            satisfaction: Some(Satisfaction::Moyen),
            clarity: Some(Scale::Two),
            help_tried: [Help::Guichet, Help::Chat, Help::Relative].into_iter().collect(),
            ..Answers::default()
        };
        helped.help_reached.set(Channel::Guichet, Some(Reached::Oui));
        helped.help_reached.set(Channel::Chat, Some(Reached::Non));
        helped.help_quality.set(Channel::Guichet, Some(Quality::Excellente));
        let alone = Answers {
            satisfaction: Some(Satisfaction::TresBien),
            help_tried: [Help::None].into_iter().collect(),
            ..Answers::default()
        };
        let mut tally = Tally::of(&helped);
        tally.add(&alone);
        tally
    }

    /// What of each answer is not in the texts: intention and count.
    fn hits(category: &Category) -> Vec<(&'static str, u64)> {
        category.number_hits.iter().map(|hit| (hit.intention, hit.count)).collect()
    }

    #[test]
    fn each_answer_has_its_intention_and_its_count() {
        let slice = whole(&tally(), Field::ALL);
        assert_eq!((slice.date.as_str(), slice.length_interval), ("all_time", "none"));
        let codes: Vec<_> = slice.data.iter().map(|category| category.code).collect();
        let [satisfaction, comprehension, tried, reached, quality] = &slice.data[..] else {
            panic!("{codes:?}")
        };
        assert_eq!(
            codes,
            ["satisfaction", "comprehension", "contact_tried", "contact_reached", "contact_satisfaction"]
        );
        assert_eq!(hits(satisfaction), [("bad", 0), ("medium", 1), ("good", 1)]);
        assert_eq!(
            hits(comprehension),
            [("very_bad", 0), ("bad", 1), ("medium", 0), ("good", 0), ("very_good", 0)]
        );
        let neutral = |count| ("neutral", count);
        let mut ticks = [1, 0, 0, 1, 1, 0, 0, 0].map(neutral).to_vec();
        ticks.push(("good", 1));
        assert_eq!(hits(tried), ticks);
        assert_eq!(hits(reached), [("good", 1), ("bad", 1)]);
        assert_eq!(
            hits(quality),
            [("very_bad", 0), ("bad", 0), ("medium", 0), ("good", 0), ("very_good", 1)]
        );
    }

    #[test]
    fn a_channel_that_was_tried_has_what_was_answered_about_it_alone() {
        let slice = whole(&tally(), &[Field::ContactTried]);
        let [tried] = &slice.data[..] else { panic!("{slice:?}") };
        let children = |place: usize| {
            tried.number_hits[place]
                .children
                .as_ref()
                .map(|[reached, quality]| (hits(reached), hits(quality)))
        };
        let none = [("very_bad", 0), ("bad", 0), ("medium", 0), ("good", 0), ("very_good", 0)];
        let mut excellent = none;
        excellent[4].1 = 1;
        assert_eq!(children(0), Some((vec![("good", 1), ("bad", 0)], excellent.to_vec())));
        assert_eq!(children(3), Some((vec![("good", 0), ("bad", 1)], none.to_vec())));
        assert_eq!(children(1), Some((vec![("good", 0), ("bad", 0)], none.to_vec())));
        assert!((4..9).all(|place| children(place).is_none()));
    }

    #[test]
    fn days_are_put_together_by_unit_and_a_unit_is_named_by_its_first_day() {
        let days: Vec<_> = ["2025-12-29", "2026-01-01", "2026-01-04", "2026-01-05", "2026-03-29"]
            .map(|at| (day(at), tally()))
            .to_vec();
        let units = |interval| {
            let slices = series(days.clone(), interval, &[Field::Satisfaction]);
            assert!(slices.iter().all(|slice| slice.length_interval == interval.code()));
            slices.iter().map(|slice| (slice.date.clone(), hits(&slice.data[0])[1].1)).collect::<Vec<_>>()
        };
        let named = |units: &[(&str, u64)]| {
            units.iter().map(|(first, n)| (format!("{first}T00:00:00.000Z"), *n)).collect::<Vec<_>>()
        };
        assert_eq!(units(Interval::Day).len(), 5);
        assert_eq!(units(Interval::Week), named(&[("2025-12-29", 3), ("2026-01-05", 1), ("2026-03-23", 1)]));
        assert_eq!(units(Interval::Month), named(&[("2025-12-01", 1), ("2026-01-01", 3), ("2026-03-01", 1)]));
        assert_eq!(units(Interval::Year), named(&[("2025-01-01", 1), ("2026-01-01", 4)]));
    }
}
