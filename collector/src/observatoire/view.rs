//! What is looked at: a query, read and written.

use super::order::Order;
use super::period::PeriodChoice;
use crate::catalogue::Audience;
use crate::day::Day;
use crate::problem::{ParameterError, ParameterErrorCode};
use crate::store::Period;
use shared::Language;
use shared::indicator::Level;
use std::collections::HashMap;
use std::str::FromStr;

/// Which démarches to show, by how good their note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those of this level.
    Level(Level),
    /// Those without a published note.
    WithoutNote,
}

impl Shown {
    /// Every one, the best first.
    pub const ALL: [Self; 4] =
        [Self::Level(Level::Green), Self::Level(Level::Yellow), Self::Level(Level::Red), Self::WithoutNote];

    /// Its code in addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Level(level) => level.code(),
            Self::WithoutNote => "none",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shown| shown.code() == code)
    }
}

/// What is looked at. The default is everything: twelve months, the highest note first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct View {
    /// The period.
    pub choice: PeriodChoice,
    /// Words that title, administration, ministry, id or alias must hold, all of them.
    pub text: String,
    /// The ministry, by its name.
    pub ministry: Option<String>,
    /// The administration, by its name.
    pub administration: Option<String>,
    /// Whom it is for.
    pub audience: Option<Audience>,
    /// How good its note is.
    pub level: Option<Shown>,
    /// Whether it is among the essential démarches.
    pub essential: Option<bool>,
    /// The order.
    pub order: Order,
    /// The language, where the address asks for one.
    pub language: Option<Language>,
}

/// The parameters of a view.
const PARAMETERS: [&str; 11] = [
    "period",
    "from",
    "to",
    "q",
    "ministry",
    "administration",
    "audience",
    "level",
    "essential",
    "sort",
    "lang",
];

impl View {
    /// Reads a query, with all that is wrong in it. A parameter without a value counts as left out: so the form of the
    /// page sends what nobody filled in.
    #[must_use]
    pub fn parse(pairs: &[(String, String)]) -> (Self, Vec<ParameterError>) {
        let mut errors = Vec::new();
        let mut given: HashMap<&str, &str> = HashMap::new();
        let mut error = |name: &str, code| errors.push(ParameterError { name: name.to_owned(), code });
        for (name, value) in pairs {
            let value = value.trim();
            if !PARAMETERS.contains(&name.as_str()) {
                error(name, ParameterErrorCode::Unknown);
            } else if !value.is_empty() && given.insert(name, value).is_some() {
                error(name, ParameterErrorCode::Duplicate);
            }
        }
        let mut day = |name: &str| {
            let text = *given.get(name)?;
            text.parse::<Day>().map_err(|_| error(name, ParameterErrorCode::NotADay)).ok()
        };
        let days = (day("from"), day("to"));
        match days {
            (Some(from), Some(to)) if from > to => error("to", ParameterErrorCode::EndsBeforeItBegins),
            (Some(_), None) if !given.contains_key("to") => error("to", ParameterErrorCode::Required),
            (None, Some(_)) if !given.contains_key("from") => error("from", ParameterErrorCode::Required),
            _ => {}
        }
        let quarter = choice(&given, "period", &mut error);
        let audience = choice(&given, "audience", &mut error);
        let essential = choice(&given, "essential", &mut error);
        let order = choice(&given, "sort", &mut error);
        let level = given.get("level").and_then(|code| {
            let known = Shown::from_code(code);
            if known.is_none() {
                error("level", ParameterErrorCode::UnknownChoice);
            }
            known
        });
        let name = |name: &str| given.get(name).map(|&value| value.to_owned());
        let view = Self {
            choice: match (days, quarter) {
                ((Some(from), Some(to)), _) => PeriodChoice::Days(Period { from, to }),
                (_, Some(quarter)) => PeriodChoice::Quarter(quarter),
                _ => PeriodChoice::TwelveMonths,
            },
            text: name("q").unwrap_or_default(),
            ministry: name("ministry"),
            administration: name("administration"),
            audience,
            level,
            essential,
            order: order.unwrap_or_default(),
            language: given.get("lang").and_then(|tag| Language::from_tag(tag)),
        };
        (view, errors)
    }

    /// Its parameters, as few as say it.
    #[must_use]
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.filters();
        let order = (self.order != Order::default()).then(|| ("sort", self.order.to_string()));
        pairs.extend(order);
        pairs.extend(self.language.map(|language| ("lang", language.code().to_owned())));
        pairs
    }

    /// Those that choose: the period and the démarches.
    fn filters(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.choice_parameters();
        let text = (!self.text.is_empty()).then(|| self.text.clone());
        let others = [
            ("q", text),
            ("ministry", self.ministry.clone()),
            ("administration", self.administration.clone()),
            ("audience", self.audience.map(|audience| audience.code().to_owned())),
            ("level", self.level.map(|level| level.code().to_owned())),
            ("essential", self.essential.map(|essential| essential.to_string())),
        ];
        pairs.extend(others.into_iter().filter_map(|(name, value)| Some((name, value?))));
        pairs
    }

    fn choice_parameters(&self) -> Vec<(&'static str, String)> {
        match self.choice {
            PeriodChoice::TwelveMonths => vec![],
            PeriodChoice::Quarter(quarter) => vec![("period", quarter.to_string())],
            PeriodChoice::Days(Period { from, to }) => {
                vec![("from", from.to_string()), ("to", to.to_string())]
            }
        }
    }

    /// The address of this view at a path.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        address(path, &self.parameters())
    }

    /// What of it goes with a person from page to page: the period and the language.
    #[must_use]
    pub fn luggage(&self) -> Self {
        Self { choice: self.choice, language: self.language, ..Self::default() }
    }

    /// Whether it leaves démarches out.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.filters().len() > self.choice_parameters().len()
    }

    /// The same without what leaves démarches out.
    #[must_use]
    pub fn unfiltered(&self) -> Self {
        Self { order: self.order, ..self.luggage() }
    }

    /// The address under which the API gives the figures of the same démarches over this period; none where it has no
    /// such filter.
    #[must_use]
    pub fn in_api(&self, period: Period) -> Option<String> {
        let Self { text, ministry, administration, audience, level, essential, .. } = self;
        if !text.is_empty() || administration.is_some() || level.is_some() {
            return None;
        }
        let days = Self { choice: PeriodChoice::Days(period), ..Self::default() };
        let same = Self { ministry: ministry.clone(), audience: *audience, essential: *essential, ..days };
        Some(same.at("/api/v1/satisfaction"))
    }
}

/// A path with a query, if there is any.
fn address(path: &str, pairs: &[(&str, String)]) -> String {
    match serde_urlencoded::to_string(pairs) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

fn choice<T: FromStr>(
    given: &HashMap<&str, &str>,
    name: &str,
    error: &mut impl FnMut(&str, ParameterErrorCode),
) -> Option<T> {
    let parsed = given.get(name)?.parse();
    parsed.map_err(|_| error(name, ParameterErrorCode::UnknownChoice)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query;

    fn parse(query: &str) -> (View, Vec<(String, ParameterErrorCode)>) {
        let (view, errors) = View::parse(&query::parameters(query));
        (view, errors.into_iter().map(|error| (error.name, error.code)).collect())
    }

    #[test]
    fn a_view_is_read_as_it_is_written() {
        let all = "period=2026-T3&q=carte+grise&ministry=Int%C3%A9rieur&administration=A+%26+B&audience=entreprises\
                   &level=none&essential=false&sort=-trend&lang=en";
        let (view, errors) = parse(all);
        assert_eq!(errors, []);
        assert_eq!(view.text, "carte grise");
        assert_eq!(view.at("/observatoire"), format!("/observatoire?{all}"));
        let days = "from=2026-01-02&to=2026-03-04&level=red";
        assert_eq!(parse(days).0.at("/observatoire"), format!("/observatoire?{days}"));
        assert_eq!(View::default().at("/observatoire"), "/observatoire");
    }

    #[test]
    fn what_is_left_empty_does_not_matter() {
        let (view, errors) = parse(
            "q=+&ministry=&administration=&audience=&level=&essential=&sort=&period=&from=&to=&lang=&ministry=A",
        );
        assert_eq!(errors, []);
        assert_eq!(view, View { ministry: Some("A".to_owned()), ..View::default() });
    }

    #[test]
    fn everything_wrong_is_found_at_once() {
        let (_, errors) = parse(
            "from=hier&to=2026-02-30&audience=tous&level=orange&essential=1&sort=best&period=2026&x=1&q=a&q=b",
        );
        let mut codes: Vec<(&str, ParameterErrorCode)> =
            errors.iter().map(|(name, code)| (name.as_str(), *code)).collect();
        codes.sort_by_key(|(name, _)| *name);
        let choice = ParameterErrorCode::UnknownChoice;
        assert_eq!(
            codes,
            [
                ("audience", choice),
                ("essential", choice),
                ("from", ParameterErrorCode::NotADay),
                ("level", choice),
                ("period", choice),
                ("q", ParameterErrorCode::Duplicate),
                ("sort", choice),
                ("to", ParameterErrorCode::NotADay),
                ("x", ParameterErrorCode::Unknown),
            ]
        );
        let one = |query: &str| parse(query).1;
        assert_eq!(one("from=2026-01-01"), [("to".to_owned(), ParameterErrorCode::Required)]);
        assert_eq!(one("to=2026-01-01"), [("from".to_owned(), ParameterErrorCode::Required)]);
        let backwards = "from=2026-01-02&to=2026-01-01";
        assert_eq!(one(backwards), [("to".to_owned(), ParameterErrorCode::EndsBeforeItBegins)]);
    }

    #[test]
    fn the_api_is_named_where_it_says_the_same() {
        let period = Period { from: "2026-01-01".parse().unwrap(), to: "2026-03-31".parse().unwrap() };
        let in_api = |query: &str| parse(query).0.in_api(period);
        assert_eq!(
            in_api("period=2026-T1&audience=entreprises&essential=true&sort=n").as_deref(),
            Some("/api/v1/satisfaction?from=2026-01-01&to=2026-03-31&audience=entreprises&essential=true")
        );
        assert_eq!(in_api("q=a").or(in_api("level=red")).or(in_api("administration=A")), None);
    }

    #[test]
    fn filters_are_what_leaves_demarches_out() {
        assert!(!parse("period=2026-T1&sort=n&lang=en").0.is_filtered());
        let (view, _) = parse("period=2026-T1&sort=n&lang=en&q=a&level=red");
        assert!(view.is_filtered());
        assert_eq!(view.unfiltered().at(""), "?period=2026-T1&sort=n&lang=en");
        assert_eq!(view.luggage().at(""), "?period=2026-T1&lang=en");
    }
}
