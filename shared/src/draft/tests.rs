#![cfg(feature = "serde")]

use super::*;
use crate::questionnaire::{Channel, Help, Malfunction, Quality, Reached, Satisfaction, Scale, Screen};
use serde_json::{Value, json};

fn parse(body: &Value) -> Result<NewAvis, Vec<(String, &'static str)>> {
    let draft: AvisDraft = serde_json::from_value(body.clone()).expect("any JSON is a draft");
    draft.parse().map_err(|errors| errors.into_iter().map(|e| (e.pointer, e.code.code())).collect())
}

fn errors(body: &Value) -> Vec<(String, &'static str)> {
    parse(body).expect_err("errors")
}

fn with_answers(answers: &Value) -> Value {
    json!({"demarche": "3059", "answers": answers})
}

fn owned(pairs: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    pairs.iter().map(|(pointer, code)| ((*pointer).to_owned(), *code)).collect()
}

/// The request of the contract.
fn full() -> Value {
    json!({"demarche": "3059", "bouton": "12", "lang": "fr", "page": "https://www.impots.gouv.fr/fin?nir=1#x",
     "answers": {
       "satisfaction": "tres_bien", "ease": "4", "clarity": "5",
       "malfunctions": ["slow", "other"], "malfunctions_other": "Le bouton ne répondait pas",
       "help_tried": ["guichet", "telephone"],
       "help_reached": {"guichet": "oui", "telephone": "non"},
       "help_quality": {"guichet": "bonne"},
       "comment": "Très simple."}})
}

#[test]
fn the_request_of_the_contract_is_understood() {
    let avis = parse(&full()).expect("a valid avis");
    assert_eq!((avis.demarche.as_str(), avis.bouton.as_deref()), ("3059", Some("12")));
    assert_eq!(avis.language, Some(Language::Fr));
    let page = avis.page.expect("a page");
    assert_eq!((page.origin(), page.path()), ("https://www.impots.gouv.fr", "/fin"));
    assert_eq!(avis.answers.satisfaction(), Satisfaction::TresBien);
    assert_eq!(avis.answers.ease, Some(Scale::Four));
    assert_eq!(avis.answers.malfunctions.iter().collect::<Vec<_>>(), [Malfunction::Slow, Malfunction::Other]);
    assert_eq!(avis.answers.help_reached.get(Channel::Telephone), Some(Reached::Non));
    assert_eq!(avis.answers.help_quality.get(Channel::Guichet), Some(Quality::Bonne));
    assert_eq!(avis.answers.comment.as_deref(), Some("Très simple."));
}

#[test]
fn ids_may_be_numbers_and_empty_answers_are_no_answers() {
    let avis =
        parse(&json!({"demarche": 3059, "bouton": null, "answers": {"satisfaction": "moyen", "comment": " ",
        "help_tried": [], "ease": null}}))
        .expect("a valid avis");
    assert_eq!((avis.demarche.as_str(), avis.bouton), ("3059", None));
    assert!(!avis.answers.answered(Question::Comment) && !avis.answers.answered(Question::HelpTried));
}

use crate::questionnaire::Question;

#[test]
fn all_errors_are_found_at_once_each_with_its_pointer() {
    let body = json!({"demarche": true, "colour": "blue", "lang": "xx", "page": "ftp://a.fr", "answers": {
        "ease": 4, "clarity": "6", "help_tried": ["guichet", "fax", "guichet", 1], "help_reached": {"fax": "oui", "chat": "oui"},
        "help_quality": ["bonne"], "malfunctions": ["none", "slow"], "mood": "bad/worse"}});
    assert_eq!(
        errors(&body),
        owned(&[
            ("/demarche", "wrong_type"),
            ("/colour", "unknown_field"),
            ("/lang", "unknown_choice"),
            ("/page", "malformed"),
            ("/answers/ease", "wrong_type"),
            ("/answers/clarity", "unknown_choice"),
            ("/answers/help_tried/1", "unknown_choice"),
            ("/answers/help_tried/2", "duplicate_choice"),
            ("/answers/help_tried/3", "wrong_type"),
            ("/answers/help_reached/fax", "unknown_field"),
            ("/answers/help_quality", "wrong_type"),
            ("/answers/malfunctions", "exclusive_choice"),
            ("/answers/mood", "unknown_field"),
            ("/answers/help_reached/chat", "condition_not_met"),
            ("/answers/satisfaction", "required"),
        ])
    );
}

#[test]
fn a_page_with_a_control_character_is_malformed() {
    let mut body = with_answers(&json!({"satisfaction": "moyen"}));
    body["page"] = json!("https://a.fr/a\u{0}");
    assert_eq!(errors(&body), owned(&[("/page", "malformed")]));
}

#[test]
fn what_is_missing_is_said() {
    assert_eq!(errors(&json!({})), owned(&[("/demarche", "required"), ("/answers", "required")]));
    assert_eq!(errors(&json!([])), owned(&[("", "wrong_type")]));
    assert_eq!(errors(&with_answers(&json!({}))), owned(&[("/answers/satisfaction", "required")]));
    assert_eq!(
        errors(&with_answers(&json!({"satisfaction": null}))),
        owned(&[("/answers/satisfaction", "required")])
    );
    assert_eq!(
        errors(&with_answers(&json!({"satisfaction": 3}))),
        owned(&[("/answers/satisfaction", "wrong_type")])
    );
}

#[test]
fn an_answer_that_its_condition_does_not_allow_is_an_error() {
    let refused = |answers: Value, pointer: &str| {
        assert_eq!(errors(&with_answers(&answers)), owned(&[(pointer, "condition_not_met")]));
    };
    refused(
        json!({"satisfaction": "moyen", "help_tried": ["guichet"], "help_reached": {"guichet": "non"},
        "help_quality": {"guichet": "bonne"}}),
        "/answers/help_quality/guichet",
    );
    refused(
        json!({"satisfaction": "moyen", "help_tried": ["chat"], "help_reached": {"email": "oui"}}),
        "/answers/help_reached/email",
    );
    refused(json!({"satisfaction": "moyen", "malfunctions_other": "x"}), "/answers/malfunctions_other");
    refused(json!({"satisfaction": "moyen", "help_tried_other": "x"}), "/answers/help_tried_other");
}

#[test]
fn texts_are_counted_in_characters_after_normalisation() {
    let comment = |text: String| with_answers(&json!({"satisfaction": "moyen", "comment": text}));
    assert!(parse(&comment("س".repeat(5_000))).is_ok());
    assert!(parse(&comment("a\r\n".repeat(2_499) + "ab")).is_ok());
    // "é" as e and a combining accent is one character once composed.
    assert!(parse(&comment("e\u{301}".repeat(5_000))).is_ok());
    assert_eq!(errors(&comment("a".repeat(5_001))), owned(&[("/answers/comment", "too_long")]));
    let avis = parse(&comment(" a\r\nb\u{0}\rc ".to_owned())).unwrap();
    assert_eq!(avis.answers.comment.as_deref(), Some("a\nb\nc"));
}

#[test]
fn keys_given_twice_and_values_nested_deep_are_errors_like_others() {
    let draft: AvisDraft =
        serde_json::from_str(r#"{"demarche":"1","demarche":"2","answers":{"satisfaction":"moyen"}}"#)
            .unwrap();
    let found = draft.parse().expect_err("a duplicate");
    assert_eq!((found[0].pointer.as_str(), found[0].code.code()), ("/demarche", "duplicate_field"));
    let deep = format!("{{\"demarche\":\"1\",\"answers\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
    let draft: AvisDraft = serde_json::from_str(&deep).expect("nesting is no syntax error");
    assert!(draft.parse().is_err());
}

fn change(answers: &Value) -> AnswersPatch {
    let draft: ChangeDraft = serde_json::from_value(json!({"answers": answers})).unwrap();
    draft.parse().expect("a change")
}

#[test]
fn a_change_replaces_takes_back_and_lets_go_what_its_condition_loses() {
    let before = parse(&full()).unwrap().answers;
    let after = change(&json!({"ease": null, "comment": "Mieux", "help_tried": ["telephone"]}))
        .apply(&before)
        .unwrap();
    assert_eq!((after.ease, after.comment.as_deref()), (None, Some("Mieux")));
    assert_eq!(after.help_reached.get(Channel::Guichet), None);
    assert_eq!(after.help_quality.get(Channel::Guichet), None);
    assert_eq!(after.help_reached.get(Channel::Telephone), Some(Reached::Non));
    // An object is replaced as a whole.
    let after = change(&json!({"help_reached": {"telephone": "oui"}})).apply(&before).unwrap();
    assert_eq!(after.help_reached.get(Channel::Guichet), None);
    assert_eq!(after.help_quality.get(Channel::Guichet), None);
}

#[test]
fn a_change_must_leave_the_avis_consistent() {
    let before = parse(&full()).unwrap().answers;
    let refused = |answers: Value, pointer: &str, code: &str| {
        let errors = change(&answers).apply(&before).expect_err("errors");
        assert_eq!(
            errors.iter().map(|e| (e.pointer.as_str(), e.code.code())).collect::<Vec<_>>(),
            [(pointer, code)]
        );
    };
    refused(json!({"satisfaction": null}), "/answers/satisfaction", "required");
    refused(
        json!({"help_quality": {"telephone": "bonne"}}),
        "/answers/help_quality/telephone",
        "condition_not_met",
    );
    refused(
        json!({"help_tried": ["none"], "help_reached": {"guichet": "oui"}}),
        "/answers/help_reached/guichet",
        "condition_not_met",
    );
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_screen_of_the_form_is_a_whole_new_state_of_its_questions() {
    let before = parse(&full()).unwrap().answers;
    let patch = AnswersPatch::from_screen(
        Screen::Help,
        &fields(&[
            ("suite", "x"),
            ("help_tried", "email"),
            ("help_tried", "other"),
            ("help_tried_other", "Ma voisine"),
            ("help_reached.email", "oui"),
            ("help_quality.email", "excellente"),
            ("help_quality.chat", "bonne"),
        ]),
    );
    let (patch, errors) = patch;
    assert_eq!(errors, []);
    let after = patch.apply(&before).unwrap();
    assert_eq!(after.help_tried.iter().collect::<Vec<_>>(), [Help::Email, Help::Other]);
    assert_eq!(after.help_reached.iter().collect::<Vec<_>>(), [(Channel::Email, Reached::Oui)]);
    // The field of a channel that was not tried cannot disappear without scripts: what it holds is dropped.
    assert_eq!(after.help_quality.iter().collect::<Vec<_>>(), [(Channel::Email, Quality::Excellente)]);
    assert_eq!(after.comment, before.comment);
    let emptied = AnswersPatch::from_screen(Screen::Help, &[]).0.apply(&before).unwrap();
    assert!(!emptied.answered(Question::HelpTried));
    let (_, errors) =
        AnswersPatch::from_screen(Screen::Help, &fields(&[("help_reached.email", "peut-être")]));
    assert_eq!(errors[0].pointer, "/answers/help_reached/email");
}

#[test]
fn the_patch_between_two_states_leads_from_one_to_the_other() {
    let before = parse(&full()).unwrap().answers;
    let after = change(&json!({"ease": "1", "comment": null})).apply(&before).unwrap();
    assert_eq!(AnswersPatch::between(&before, &after).apply(&before).unwrap(), after);
    assert!(AnswersPatch::between(&before, &before).is_empty());
}

#[test]
fn a_change_written_as_json_is_read_back_as_it_was() {
    let full = parse(&full()).unwrap().answers;
    let patch = AnswersPatch::between(&Answers::default(), &full);
    let taken_back = change(&json!({"comment": null, "malfunctions": [], "ease": "2"}));
    for patch in [patch, taken_back] {
        let read = change(&serde_json::from_str(&patch.to_json()).unwrap());
        assert_eq!(read, patch);
    }
}

#[test]
fn a_member_that_comes_many_times_is_told_once() {
    let draft: AvisDraft =
        serde_json::from_str(r#"{"website":"","website":"","website":"","x":1,"x":1}"#).unwrap();
    let found = draft.parse().unwrap_err();
    let told: Vec<_> = found.iter().map(|error| (error.pointer.as_str(), error.code.code())).collect();
    let once = [("/website", "duplicate_field"), ("/x", "duplicate_field"), ("/x", "unknown_field")];
    assert_eq!(told, [&once[..], &[("/demarche", "required"), ("/answers", "required")]].concat());
}
