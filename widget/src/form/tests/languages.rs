//! The language of the form, of its words and of its avis.

use super::*;

#[test]
fn another_language_changes_the_words_and_nothing_else() {
    let mut form = begun_at(Screen::Comment);
    form.write_text(Question::Comment, &"é".repeat(5_003));
    let _ = form.happen(Event::Finish);
    let before = form.clone();

    let effects = form.happen(Event::Speak(Language::De));

    let focus = Effect::Focus(Target::Language(Language::De));
    assert_eq!(effects, [Effect::Speak(Language::De), focus]);
    let error = form.error(Field::of(Question::Comment));
    assert_eq!(error.as_deref(), Some("Dieser Text ist zu lang: 5003 Zeichen, erlaubt sind höchstens 5000."));
    let setup = Setup { language: Language::De, ..before.setup.clone() };
    assert_eq!(form, Form { setup, ..before });
}

#[test]
fn an_avis_is_in_the_language_in_which_its_first_answer_is_sent() {
    let mut form = form();
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    let _ = form.happen(Event::Speak(Language::Ar));
    assert!(form.sends_body(Event::Next).contains(r#""lang":"ar""#));
    let _ = form.happen(Event::Speak(Language::Es));
    let _ = form.answer(failed(0));
    // What is sent again is what may have been stored.
    assert!(form.sends_body(Event::Retry).contains(r#""lang":"ar""#));
}

#[test]
fn a_language_that_does_not_come_is_said_until_something_else_happens() {
    let mut form = form();
    assert_eq!(form.happen(Event::Speechless), []);
    assert_eq!((form.status(), form.language()), (Status::Speechless, Language::Fr));
    form.pick(Pick::Satisfaction(Satisfaction::Moyen));
    assert_eq!(form.status(), Status::Quiet);
}
