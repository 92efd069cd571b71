use super::*;
use crate::views::picks;
use shared::questionnaire::{Channel, Choice, Help, Question, Reached};

fn screen<'a>(screen: Screen, answers: &'a Answers, errors: &'a [(String, String)]) -> HostedScreen<'a> {
    HostedScreen {
        language: Language::Fr,
        demarche: "Déclaration <des> revenus",
        screen,
        answers,
        errors,
        suite: "c3VpdGU.\"",
        action: "/avis/3059?bouton=12&lang=fr",
        receipt: Some("7K3M-9PQR-2STV-4WXY"),
        previous: screen.previous().is_some(),
        privacy: "/confidentialite",
    }
}

fn html(which: Screen) -> String {
    render_screen(&screen(which, &Answers::default(), &[]))
}

/// The start tags of an element, with their attributes.
fn tags<'a>(html: &'a str, element: &str) -> Vec<&'a str> {
    let open = format!("<{element} ");
    html.match_indices(&open).map(|(at, _)| &html[at..at + html[at..].find('>').unwrap()]).collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let from = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    Some(&tag[from..from + tag[from..].find('"')?])
}

#[test]
fn every_choice_of_a_screen_is_a_native_control_with_its_code() {
    for &which in Screen::ALL {
        let html = html(which);
        let controls = tags(&html, "input");
        for pick in picks(which) {
            let found = controls.iter().any(|tag| {
                attribute(tag, "name") == Some(&pick.field().name())
                    && attribute(tag, "value") == Some(pick.code())
                    && attribute(tag, "type") == Some(if pick.is_tick() { "checkbox" } else { "radio" })
            });
            assert!(found, "{pick:?} is missing");
        }
    }
}

#[test]
fn every_open_question_is_a_text_area_with_its_code() {
    for &question in Question::ALL.iter().filter(|question| question.max_length().is_some()) {
        let html = html(question.screen());
        assert!(tags(&html, "textarea").iter().any(|tag| attribute(tag, "name") == Some(question.code())));
    }
}

#[test]
fn every_control_has_a_label_and_every_id_is_there_once() {
    for &which in Screen::ALL {
        let html = html(which);
        let labels: Vec<_> = tags(&html, "label").iter().filter_map(|tag| attribute(tag, "for")).collect();
        for tag in tags(&html, "input").into_iter().chain(tags(&html, "textarea")) {
            let name = attribute(tag, "name").unwrap();
            if name != "suite" && name != "website" {
                assert!(labels.contains(&attribute(tag, "id").unwrap()), "{tag} has no label");
            }
        }
        for (at, _) in html.match_indices(" id=\"") {
            let id = attribute(&html[at..], "id").unwrap();
            assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
        }
    }
}

#[test]
fn nothing_in_it_needs_what_a_strict_page_forbids() {
    for &which in Screen::ALL {
        let html = html(which);
        for forbidden in [" style=", "javascript:", "<script", "<style", " onclick", " onsubmit", " onchange"]
        {
            assert!(!html.contains(forbidden), "{forbidden} in {which:?}");
        }
    }
}

#[test]
fn a_screen_posts_its_state_and_says_which_button_was_pressed() {
    let html = html(Screen::Help);
    assert!(html.contains(r#"method="post""#));
    assert!(html.contains(r#"action="/avis/3059?bouton=12&amp;lang=fr""#));
    assert!(html.contains(r#"name="suite" value="c3VpdGU.&quot;""#));
    let buttons = |name| {
        let tags = tags(&html, "button").into_iter().filter(move |tag| attribute(tag, "name") == Some(name));
        tags.filter_map(|tag| attribute(tag, "value")).collect::<Vec<_>>()
    };
    assert_eq!(buttons("go"), ["next", "back", "finish"]);
    assert_eq!(buttons("langue"), Language::ALL.map(Language::code));
    // Return presses the first button of a form.
    assert!(html.find("name=\"go\"") < html.find("name=\"langue\""));
    assert!(html.contains("7K3M-9PQR-2STV-4WXY"));
}

#[test]
fn the_first_screen_shows_no_receipt_and_no_way_back() {
    let html = html(Screen::Satisfaction);
    assert!(!html.contains("7K3M"));
    assert!(!html.contains("value=\"back\""));
    assert!(html.contains("(obligatoire)"));
}

#[test]
fn what_was_answered_is_filled_in() {
    let mut answers = Answers { help_tried_other: Some("voisin".into()), ..Answers::default() };
    answers.help_tried.insert(Help::Chat);
    answers.help_reached.set(Channel::Chat, Some(Reached::Non));
    let html = render_screen(&screen(Screen::Help, &answers, &[]));
    let checked: Vec<_> = tags(&html, "input")
        .into_iter()
        .filter(|tag| tag.contains(" checked"))
        .map(|tag| (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap()))
        .collect();
    assert_eq!(checked, [("help_tried", "chat"), ("help_reached.chat", "non")]);
    assert!(html.contains("voisin</textarea>"));
}

#[test]
fn what_people_and_administrations_wrote_is_text_and_nothing_else() {
    let answers = Answers {
        comment: Some("\n</textarea><script>alert(1)</script> & <!> é".into()),
        ..Answers::default()
    };
    let html = render_screen(&screen(Screen::Comment, &answers, &[]));
    assert!(html.contains(
        ">\n\n&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;!&gt; é</textarea>"
    ));
    assert!(html.contains("Déclaration &lt;des&gt; revenus"));
}

#[test]
fn what_is_empty_is_empty() {
    assert!(html(Screen::Comment).contains(">\n</textarea>"));
    assert!(html(Screen::Satisfaction).contains(r#"id="satisfaction-error"></p>"#));
}

#[test]
fn an_error_is_named_in_text_linked_to_its_field_and_focused() {
    let answers = Answers::default();
    let errors = [
        (String::from("/answers/satisfaction"), String::from("Une réponse est nécessaire.")),
        (String::from("/suite"), String::from("not a field of the form")),
    ];
    let html = render_screen(&screen(Screen::Satisfaction, &answers, &errors));
    assert!(html.contains(r##"<a href="#satisfaction-pas_bien">Une réponse est nécessaire.</a>"##));
    assert!(html.contains("autofocus"));
    let beside_the_field =
        tags(&html, "p").into_iter().find(|tag| attribute(tag, "id") == Some("satisfaction-error"));
    assert!(html.contains(&format!("{}>Une réponse est nécessaire.", beside_the_field.unwrap())));
    assert!(tags(&html, "input").iter().any(|tag| attribute(tag, "aria-invalid") == Some("true")));
}

#[test]
fn an_error_about_a_channel_leads_to_that_channel() {
    let answers = Answers::default();
    let errors = [(String::from("/answers/help_quality/email"), String::from("Non."))];
    let html = render_screen(&screen(Screen::Help, &answers, &errors));
    assert!(html.contains(r##"href="#help_quality.email-tres_mauvaise""##));
    assert!(html.contains(r#" id="help_quality.email-tres_mauvaise""#));
}

#[test]
fn the_thank_you_screen_shows_the_receipt_and_the_way_to_withdraw() {
    for language in Language::ALL {
        let html = render_thanks(&HostedThanks {
            language,
            demarche: "Déclaration des revenus",
            receipt: "7K3M-9PQR-2STV-4WXY",
            withdraw: "/retrait",
        });
        assert!(html.contains("7K3M-9PQR-2STV-4WXY"));
        assert!(html.contains(r#"href="/retrait""#));
        assert!(html.contains(language.texts().form.thanks_title));
    }
}
