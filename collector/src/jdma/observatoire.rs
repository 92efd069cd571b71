//! `answer.getObservatoireStats`: the six figures of one démarche that the observatory imports each night.

use super::{Errors, bound, form_alias, name, whole, xwiki_alias};
use crate::day::Day;
use crate::problem::{ParameterError, ParameterErrorCode as Code};
use crate::store::Period;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use shared::indicator::Exact;
use shared::{IndicatorKind, Tally};

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The id or alias of the démarche.
    pub demarche: String,
    /// The alias of a form, which must be that of the démarche.
    pub form: Option<String>,
    /// The id or alias of the bouton through which the avis came; all avis if there is none.
    pub bouton: Option<String>,
    /// The days, both inclusive.
    pub period: Period,
}

impl Question {
    /// Reads the parameter `input`: JSON as superjson wraps it, whose further members are ignored.
    ///
    /// # Errors
    /// Everything that is wrong with it. A null is: today's importer sends one for the démarche when its arguments
    /// shift, and the démarche as the form. To guess would publish another démarche's note.
    pub fn parse(input: Option<&str>, today: Day) -> Result<Self, Vec<ParameterError>> {
        let mut errors = Errors::default();
        let question = Input::read(input, &mut errors).and_then(|input| input.question(today, &mut errors));
        question.filter(|_| errors.0.is_empty()).ok_or(errors.0)
    }
}

/// The démarche and the form that a client named, whatever else is wrong with its request: what to tell operators.
#[must_use]
pub fn named(input: Option<&str>) -> (Option<String>, Option<String>) {
    let Some(input) = Input::read(input, &mut Errors::default()) else { return (None, None) };
    let of = |member: &str| input.members.get(member).and_then(name);
    let is_xwiki = input.members.get("isXWiki").and_then(Value::as_bool).unwrap_or(false);
    (of("product_id").map(|number| alias(number, is_xwiki)), of("form_id"))
}

/// The name here of a démarche that has this one there.
fn alias(name: String, is_xwiki: bool) -> String {
    if is_xwiki { xwiki_alias(name) } else { name }
}

/// What superjson wraps.
struct Input {
    members: Map<String, Value>,
    /// Of members that JSON has no word for, which: `{"form_id": ["undefined"]}`.
    meant: Map<String, Value>,
}

impl Input {
    fn read(input: Option<&str>, errors: &mut Errors) -> Option<Self> {
        let text = errors.expect("input", Code::Required, input)?;
        let mut wrapped: Value = errors.expect("input", Code::NotJson, serde_json::from_str(text).ok())?;
        let mut object = |pointer: &str| match wrapped.pointer_mut(pointer).map(Value::take) {
            Some(Value::Object(members)) => Some(members),
            _ => None,
        };
        let (members, meant) = (object("/json"), object("/meta/values"));
        let members = errors.expect("input", Code::WrongType, members)?;
        Some(Self { members, meant: meant.unwrap_or_default() })
    }

    fn question(&self, today: Day, errors: &mut Errors) -> Option<Question> {
        let number = self.required("product_id", errors, name);
        let form = self.optional("form_id", errors, Code::WrongType, name);
        let bouton = self.optional("button_id", errors, Code::WrongType, name);
        let is_xwiki = self.optional("isXWiki", errors, Code::WrongType, Value::as_bool).unwrap_or(false);
        let from = self.optional("start_date", errors, Code::NotADate, bound::day);
        let to = self.optional("end_date", errors, Code::NotADate, bound::day);
        let period = Period { from: from.unwrap_or(Period::ALL.from), to: to.unwrap_or(today) };
        if period.from > period.to {
            errors.add("end_date", Code::EndsBeforeItBegins);
        }
        let demarche = alias(number?, is_xwiki);
        Some(Question { demarche, form: form.as_deref().map(form_alias), bouton, period })
    }

    fn required<T>(&self, name: &str, errors: &mut Errors, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        match self.members.get(name) {
            None => errors.expect(name, Code::Required, None),
            Some(Value::Null) => errors.expect(name, Code::Null, None),
            Some(value) => errors.expect(name, Code::WrongType, read(value)),
        }
    }

    /// What was read of a member that may be absent, as one is that is null and meant to be undefined.
    fn optional<T>(
        &self,
        name: &str,
        errors: &mut Errors,
        wrong: Code,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        match self.members.get(name)? {
            Value::Null if self.is_undefined(name) => None,
            Value::Null => errors.expect(name, Code::Null, None),
            value => errors.expect(name, wrong, read(value)),
        }
    }

    fn is_undefined(&self, name: &str) -> bool {
        self.meant.get(name).and_then(Value::as_array).is_some_and(|kinds| kinds == &["undefined"])
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statistics {
    data: Data,
    metadata: Metadata,
}

/// The figures; 0 where nothing was answered.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Data {
    satisfaction: Quotient,
    comprehension: Quotient,
    contact: Quotient,
    contact_reachability: Quotient,
    contact_satisfaction: Quotient,
    autonomy: Quotient,
}

/// Of how many answers, or avis, each is made.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the answer")]
struct Metadata {
    satisfaction_count: u64,
    comprehension_count: u64,
    contact_count: u64,
    #[serde(rename = "contactReachability_count")]
    contact_reachability_count: u64,
    #[serde(rename = "contactSatisfaction_count")]
    contact_satisfaction_count: u64,
    autonomy_count: u64,
}

impl Statistics {
    /// Computes them from a décompte.
    #[must_use]
    pub fn of(tally: &Tally) -> Self {
        let exact = |kind| Exact::of(kind, tally);
        let (satisfaction, clarity) = (exact(IndicatorKind::Satisfaction), exact(IndicatorKind::Clarity));
        let (quality, reached) = (exact(IndicatorKind::HelpQuality), exact(IndicatorKind::HelpReachable));
        let autonomy = exact(IndicatorKind::Autonomy);
        // Whoever was not reached helped with 0 points.
        let contact = Exact { n: quality.n + (reached.n - reached.sum), ..quality };
        Self {
            data: Data {
                satisfaction: Quotient::points(satisfaction),
                comprehension: Quotient::points(clarity),
                contact: Quotient::points(contact),
                contact_reachability: Quotient { numerator: reached.sum, denominator: reached.n, unit: 1.0 },
                contact_satisfaction: Quotient::points(quality),
                autonomy: Quotient { numerator: autonomy.sum, denominator: autonomy.n, unit: 10.0 },
            },
            metadata: Metadata {
                satisfaction_count: satisfaction.n,
                comprehension_count: clarity.n,
                contact_count: contact.n,
                contact_reachability_count: reached.n,
                contact_satisfaction_count: quality.n,
                autonomy_count: autonomy.n,
            },
        }
    }

    /// The answer on one line, wrapped as tRPC and superjson do.
    ///
    /// # Errors
    /// None that can be thought of: numbers have a form in JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(format!(r#"{{"result":{{"data":{{"json":{}}}}}}}"#, serde_json::to_string(self)?))
    }
}

/// A count of units over another count: exact until it is divided, once, when it is written.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Quotient {
    numerator: u64,
    denominator: u64,
    /// What the numerator counts: a multiple of one half, so that their product is exact too.
    unit: f64,
}

impl Quotient {
    fn points(Exact { n, sum }: Exact) -> Self {
        Self { numerator: sum, denominator: n, unit: 2.5 }
    }

    fn value(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^50")]
        let (numerator, denominator) = (self.numerator as f64 * self.unit, self.denominator as f64);
        if self.denominator == 0 { 0.0 } else { numerator / denominator }
    }
}

impl Serialize for Quotient {
    /// Whole numbers without a fraction, as JavaScript writes them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.value();
        match whole(&Value::from(value)) {
            Some(whole) => serializer.serialize_i64(whole),
            None => serializer.serialize_f64(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shared::Answers;
    use shared::questionnaire::{Channel, Choice, Help, Quality, Reached, Satisfaction, Scale};
    use shared::tally::Cell;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn parse(input: &str) -> Result<Question, Vec<(String, Code)>> {
        Question::parse(Some(input), day("2026-11-22"))
            .map_err(|errors| errors.into_iter().map(|error| (error.name, error.code)).collect())
    }

    fn question(demarche: &str, from: &str, to: &str) -> Question {
        let period = Period { from: day(from), to: day(to) };
        Question { demarche: demarche.to_owned(), form: None, bouton: None, period }
    }

    #[track_caller]
    fn refuses(input: &str, expected: &[(&str, Code)]) {
        let found = parse(input).unwrap_err();
        let found: Vec<_> = found.iter().map(|(name, code)| (name.as_str(), *code)).collect();
        assert_eq!(found, expected, "{input}");
    }

    #[test]
    fn the_question_of_the_contract_is_read() {
        let asked = parse(
            r#"{"json":{"product_id":3059,"start_date":"1743465600000","end_date":"1775001599999","form_id":12}}"#,
        );
        let form = Some("form:12".to_owned());
        assert_eq!(asked, Ok(Question { form, ..question("3059", "2025-04-01", "2026-03-31") }));
    }

    #[test]
    fn a_bound_that_is_missing_leaves_the_beginning_open_and_ends_today() {
        let all = question("3059", "1900-01-01", "2026-11-22");
        assert_eq!(parse(r#"{"json":{"product_id":"3059"}}"#), Ok(all.clone()));
        assert_eq!(parse(r#"{"json":{"product_id":3059.0,"needLogging":true},"meta":{"v":1}}"#), Ok(all));
        assert_eq!(
            parse(r#"{"json":{"product_id":3059,"start_date":"2026-11-22"}}"#),
            Ok(question("3059", "2026-11-22", "2026-11-22"))
        );
        refuses(
            r#"{"json":{"product_id":3059,"start_date":"2026-11-23"}}"#,
            &[("end_date", Code::EndsBeforeItBegins)],
        );
    }

    #[test]
    fn numbers_of_the_service_before_that_one_are_aliases() {
        let asked = parse(r#"{"json":{"product_id":823,"isXWiki":true,"end_date":"2026-01-31"}}"#);
        assert_eq!(asked, Ok(question("xwiki:823", "1900-01-01", "2026-01-31")));
        let asked = parse(r#"{"json":{"product_id":"823","isXWiki":false,"button_id":"4509"}}"#).unwrap();
        assert_eq!((asked.demarche.as_str(), asked.bouton.as_deref()), ("823", Some("4509")));
    }

    #[test]
    fn a_null_is_absent_where_superjson_says_undefined_and_an_error_elsewhere() {
        let all = question("3059", "1900-01-01", "2026-11-22");
        let undefined = r#"{"json":{"product_id":3059,"form_id":null,"button_id":null,"start_date":null,
            "end_date":null,"isXWiki":null},"meta":{"values":{"form_id":["undefined"],"button_id":["undefined"],
            "start_date":["undefined"],"end_date":["undefined"],"isXWiki":["undefined"]}}}"#;
        assert_eq!(parse(undefined), Ok(all.clone()));
        // The shifted arguments of today's importer.
        refuses(r#"{"json":{"product_id":null,"form_id":3059}}"#, &[("product_id", Code::Null)]);
        refuses(
            r#"{"json":{"product_id":null},"meta":{"values":{"product_id":["undefined"]}}}"#,
            &[("product_id", Code::Null)],
        );
        for meta in ["", r#","meta":{}"#, r#","meta":{"values":{"form_id":["Date"]}}"#] {
            let input = format!(r#"{{"json":{{"product_id":3059,"form_id":null}}{meta}}}"#);
            refuses(&input, &[("form_id", Code::Null)]);
        }
        // Of members that nobody knows, nobody minds.
        assert_eq!(parse(r#"{"json":{"product_id":3059,"lang":null}}"#), Ok(all));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        refuses(
            r#"{"json":{"product_id":[],"form_id":1.5,"button_id":{},"isXWiki":"yes","start_date":"hier","end_date":true}}"#,
            &[
                ("product_id", Code::WrongType),
                ("form_id", Code::WrongType),
                ("button_id", Code::WrongType),
                ("isXWiki", Code::WrongType),
                ("start_date", Code::NotADate),
                ("end_date", Code::NotADate),
            ],
        );
        refuses(
            r#"{"json":{"start_date":"2026-02-01","end_date":"2026-01-31"}}"#,
            &[("product_id", Code::Required), ("end_date", Code::EndsBeforeItBegins)],
        );
        for input in ["", "3059", "[]", "{}", r#"{"json":[]}"#, r#"{"product_id":3059}"#, r#"{"json":null}"#]
        {
            let code = if input.is_empty() { Code::NotJson } else { Code::WrongType };
            refuses(input, &[("input", code)]);
        }
        let missing = Question::parse(None, day("2026-11-22")).unwrap_err();
        assert_eq!(missing, [ParameterError { name: "input".into(), code: Code::Required }]);
    }

    #[test]
    fn what_was_asked_for_is_named_though_all_else_is_wrong() {
        let named = |input| super::named(Some(input));
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            named(r#"{"json":{"product_id":3059,"start_date":7.5,"form_id":"x"}}"#),
            (text("3059"), text("x"))
        );
        assert_eq!(named(r#"{"json":{"product_id":null,"form_id":3059}}"#), (None, text("3059")));
        assert_eq!(named("nothing"), (None, None));
        assert_eq!(super::named(None), (None, None));
    }

    fn of(avis: &[Answers]) -> Value {
        let mut tally = Tally::default();
        for answers in avis {
            tally.add(answers);
        }
        serde_json::to_value(Statistics::of(&tally)).unwrap()
    }

    #[test]
    fn each_figure_is_made_as_its_definition_says() {
        let with = |satisfaction, change: &dyn Fn(&mut Answers)| {
            let mut answers = Answers { satisfaction: Some(satisfaction), ..Answers::default() };
            change(&mut answers);
            answers
        };
        let helped = |channel: Channel, quality: Option<Quality>| {
            move |answers: &mut Answers| {
                answers.help_tried.insert(channel.help());
                let reached = if quality.is_some() { Reached::Oui } else { Reached::Non };
                answers.help_reached.set(channel, Some(reached));
                answers.help_quality.set(channel, quality);
            }
        };
        let avis = [
            with(Satisfaction::TresBien, &|answers| {
                answers.clarity = Some(Scale::Four);
                answers.help_tried.insert(Help::None);
            }),
            with(Satisfaction::Moyen, &|answers| {
                answers.clarity = Some(Scale::One);
                helped(Channel::Guichet, Some(Quality::Bonne))(answers);
                helped(Channel::Telephone, None)(answers);
            }),
            with(Satisfaction::PasBien, &helped(Channel::Chat, Some(Quality::TresMauvaise))),
            // Reached, and no word of how good it was.
            with(Satisfaction::TresBien, &|answers| {
                answers.help_tried.insert(Help::Email);
                answers.help_reached.set(Channel::Email, Some(Reached::Oui));
            }),
            with(Satisfaction::TresBien, &|answers| answers.help_tried.insert(Help::Websites)),
            with(Satisfaction::TresBien, &|_| {}),
        ];
        assert_eq!(
            of(&avis),
            serde_json::json!({
                "data": {
                    "satisfaction": 7.5,
                    "comprehension": 3.75,
                    "contact": 2.5,
                    "contact_reachability": 0.75,
                    "contact_satisfaction": 3.75,
                    "autonomy": 2,
                },
                "metadata": {
                    "satisfaction_count": 6,
                    "comprehension_count": 2,
                    "contact_count": 3,
                    "contactReachability_count": 4,
                    "contactSatisfaction_count": 2,
                    "autonomy_count": 5,
                },
            })
        );
    }

    #[test]
    fn nothing_is_zero_and_the_answer_is_one_line_of_the_nesting_of_the_contract() {
        assert_eq!(
            Statistics::of(&Tally::default()).to_json().unwrap(),
            concat!(
                r#"{"result":{"data":{"json":{"data":{"satisfaction":0,"comprehension":0,"contact":0,"#,
                r#""contact_reachability":0,"contact_satisfaction":0,"autonomy":0},"metadata":{"satisfaction_count":0,"#,
                r#""comprehension_count":0,"contact_count":0,"contactReachability_count":0,"#,
                r#""contactSatisfaction_count":0,"autonomy_count":0}}}}}"#
            )
        );
    }

    #[test]
    fn figures_have_all_the_digits_of_a_double() {
        let quotient = |numerator, denominator, unit| {
            serde_json::to_string(&Quotient { numerator, denominator, unit }).unwrap()
        };
        assert_eq!(quotient(4, 3, 2.5), "3.3333333333333335");
        assert_eq!(quotient(1, 3, 1.0), "0.3333333333333333");
        assert_eq!(quotient(917_181, 289_153, 2.5), "7.9298935165811875");
        assert_eq!(quotient(12, 3, 2.5), "10");
    }

    proptest! {
        /// The same as adding up points one by one, which is exact as well, and dividing once.
        #[test]
        fn means_are_exact_sums_divided_once(bad in 0..300_000_u32, medium in 0..300_000_u32, good in 0..300_000_u32) {
            let mut tally = Tally::default();
            for (choice, count) in Satisfaction::ALL.iter().zip([bad, medium, good]) {
                tally[Cell::Satisfaction(*choice)] = count.into();
            }
            let n = bad + medium + good;
            let points = 5.0 * f64::from(medium) + 10.0 * f64::from(good);
            let expected = if n == 0 { 0.0 } else { points / f64::from(n) };
            let found = serde_json::to_value(Statistics::of(&tally)).unwrap();
            prop_assert_eq!(found["data"]["satisfaction"].as_f64(), Some(expected));
            prop_assert_eq!(found["metadata"]["satisfaction_count"].as_u64(), Some(n.into()));
        }
    }
}
