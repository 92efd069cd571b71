//! `/avis/{demarche}` in each of its languages.

use reqwest::Method;
use serde_json::json;
use shared::questionnaire::Question;
use shared::texts::Language;
use tests::TestCollector;

use super::Form;
use super::form::follow;
use crate::helpers::{Answer, accepted, stored};

async fn opened(collector: &TestCollector, path: &str) -> Answer {
    let page = Answer::of(collector.get(path)).await;
    page.wants_page(200);
    page
}

/// Every avis, a JSON object a line.
fn exported(collector: &TestCollector) -> String {
    let days = ["--from", "2020-01-01", "--to", "2099-12-31"];
    collector
        .run(&[&["export", "avis", "--demarche", "3059", "--format", "jsonl"], &days[..]].concat())
        .stdout
}

/// Wants the page to say of itself that it is in this language, and to ask this.
#[track_caller]
fn wants(page: &Answer, language: Language, question: Question) {
    let said = format!("<html lang=\"{}\" dir=\"{}\">", language.code(), language.direction());
    assert!(page.text.contains(&said), "{}", page.text);
    let asked = language.texts().question(question);
    assert!(page.text.contains(asked), "{asked} in {}", page.text);
}

#[tokio::test]
async fn the_whole_form_is_in_the_language_it_was_opened_in() {
    let collector = TestCollector::start().await;
    for language in Language::ALL {
        let path = format!("/avis/3059?bouton=12&lang={}", language.code());
        let first = opened(&collector, &path).await;
        wants(&first, language, Question::Satisfaction);

        let clarity = Form::of(&first).with("satisfaction", "moyen").step(&collector).await;
        wants(&clarity, language, Question::Clarity);
        let last = Form::of(&clarity).press(&collector, "finish").await;
        let thanks = follow(&collector, &last).await;

        assert!(thanks.text.contains(language.texts().form.thanks_title), "{}", thanks.text);
        // Its signs keep their order, whatever stands around them.
        assert!(thanks.text.contains("<strong dir=\"ltr\">"), "{}", thanks.text);
    }
}

#[tokio::test]
async fn every_screen_offers_every_language_by_its_own_name() {
    let collector = TestCollector::start().await;
    let page = opened(&collector, "/avis/3059?lang=de").await;
    for language in Language::ALL {
        let (code, direction, name) = (language.code(), language.direction(), language.name());
        let current = if language == Language::De { " aria-current=\"true\"" } else { "" };
        let choice = format!(
            "lang=\"{code}\" dir=\"{direction}\"{current} type=\"submit\" form=\"form\" name=\"langue\" value=\"{code}\">{name}</button>"
        );
        assert!(page.text.contains(&choice), "{choice} in {}", page.text);
    }
}

#[tokio::test]
async fn another_language_keeps_what_was_picked_and_typed_and_stores_nothing() {
    let collector = TestCollector::start().await;
    let first = Form::of(&opened(&collector, "/avis/3059?bouton=12").await).with("satisfaction", "tres_bien");

    let page = first.speak(&collector, "ar").await;

    page.wants_page(200);
    wants(&page, Language::Ar, Question::Satisfaction);
    assert_eq!(Form::of(&page).values("satisfaction"), ["tres_bien"]);
    assert_eq!(stored(&collector).await, 0);

    let mut page = Form::of(&page).step(&collector).await;
    wants(&page, Language::Ar, Question::Clarity);
    for _ in 0..3 {
        page = Form::of(&page).step(&collector).await;
    }
    let comment = Form::of(&page).with("comment", "Sehr einfach,\nDanke. شكرًا");
    let page = comment.speak(&collector, "de").await;
    wants(&page, Language::De, Question::Comment);
    assert_eq!(Form::of(&page).values("comment"), ["Sehr einfach,\nDanke. شكرًا"]);

    let thanks = follow(&collector, &Form::of(&page).press(&collector, "finish").await).await;
    assert!(thanks.text.contains(Language::De.texts().form.thanks_title), "{}", thanks.text);
    assert_eq!(stored(&collector).await, 1);
    let rows = exported(&collector);
    // Of the language in which the first answer was sent.
    assert!(rows.contains("\"lang\":\"ar\""), "{rows}");
}

#[tokio::test]
async fn an_unknown_language_changes_nothing() {
    let collector = TestCollector::start().await;
    let first = Form::of(&opened(&collector, "/avis/3059").await).with("satisfaction", "tres_bien");

    // As if the main button had been pressed.
    first.speak(&collector, "xx").await.wants_status(303);

    assert_eq!(stored(&collector).await, 1);
}

#[tokio::test]
async fn addresses_of_old_buttons_lead_to_their_language() {
    let collector = TestCollector::start().await;
    for language in [Language::Fr, Language::En, Language::Es, Language::Ar, Language::Pt] {
        let page = opened(&collector, &format!("/Demarches/{}/3059?button=12", language.code())).await;
        wants(&page, language, Question::Satisfaction);
    }
    Answer::of(collector.get("/Demarches/it/3059?button=12")).await.wants_page(404);
}

#[tokio::test]
async fn what_is_wrong_with_an_answer_is_said_in_the_language_of_the_form() {
    let collector = TestCollector::start().await;
    for language in Language::ALL {
        let page = opened(&collector, &format!("/avis/3059?lang={}", language.code())).await;

        let again = Form::of(&page).send(&collector).await;

        again.wants_page(422);
        assert!(again.text.contains(language.texts().form.errors_title), "{}", again.text);
    }
}

#[tokio::test]
async fn what_a_citizen_meets_instead_of_the_form_is_in_their_language() {
    let collector = TestCollector::start().await;
    collector.run(&["bouton", "close", "12"]);
    let said = [
        (Language::Fr, "Cette démarche ne recueille plus d’avis ici", "Cette démarche n’existe pas"),
        (Language::En, "Opinions are no longer collected here", "There is no such démarche"),
        (Language::Es, "Aquí ya no se recogen opiniones sobre este trámite", "Este trámite no existe"),
        (
            Language::De,
            "Zu diesem Verfahren werden hier keine Rückmeldungen mehr angenommen",
            "Dieses Verfahren gibt es nicht",
        ),
        (
            Language::Pt,
            "Aqui já não se recolhem opiniões sobre este procedimento",
            "Este procedimento não existe",
        ),
        (Language::Ar, "لم تعد الآراء حول هذه المعاملة تُجمع هنا", "هذه المعاملة غير موجودة"),
    ];
    tests::wait::until("the bouton to be closed", async || {
        match Answer::of(collector.get("/avis/3059?bouton=12")).await.status {
            410 => Ok(()),
            other => Err(other),
        }
    })
    .await;
    for (language, closed, unknown) in said {
        for (path, status, title) in [("/avis/3059?bouton=12", 410, closed), ("/avis/nothing?", 404, unknown)]
        {
            let page = Answer::of(collector.get(&format!("{path}&lang={}", language.code()))).await;
            page.wants_page(status);
            assert!(page.text.contains(title), "{title}: {}", page.text);
            assert_eq!(page.header("content-language"), language.code());
        }
    }
    // What programs alone meet is told in two.
    let page = Answer::of(collector.get("/problems/invalid-query?lang=es")).await;
    assert!(page.text.contains("<html lang=\"en\""), "{}", page.text);
}

#[tokio::test]
async fn an_avis_of_a_program_may_be_in_any_of_them() {
    let collector = TestCollector::start().await;
    for language in Language::ALL {
        let avis = json!({"demarche": "3059", "lang": language.code(), "answers": {"satisfaction": "moyen"}});
        accepted(&collector, &avis).await;
    }
    let rows = exported(&collector);
    for language in Language::ALL {
        assert!(rows.contains(&format!("\"lang\":\"{}\"", language.code())), "{rows}");
    }
}

#[tokio::test]
async fn the_pages_that_citizens_read_are_in_every_language_and_lead_to_the_others() {
    let collector = TestCollector::start().await;
    for path in ["/retrait", "/confidentialite"] {
        for language in Language::ALL {
            let page = opened(&collector, &format!("{path}?lang={}", language.code())).await;
            let html = format!("<html lang=\"{}\" dir=\"{}\">", language.code(), language.direction());
            assert!(page.text.contains(&html), "{}", page.text);
            for other in Language::ALL {
                assert!(
                    page.text.contains(&format!("href=\"{path}?lang={}\"", other.code())),
                    "{}",
                    page.text
                );
            }
        }
    }
    // What administrations read is in two: to who reads neither, in French, or as the browser prefers.
    let page = Answer::of(collector.get("/integration/3059?lang=ar").header("Accept-Language", "en")).await;
    assert!(page.text.contains("<html lang=\"en\" dir=\"ltr\">"), "{}", page.text);
}

#[tokio::test]
async fn the_texts_of_each_language_but_french_are_a_file_that_any_page_may_fetch_and_keep() {
    let collector = TestCollector::start().await;
    let wasm = TextsKnown::of(&collector).await;
    for language in Language::ALL.into_iter().filter(|language| *language != Language::Fr) {
        let name = wasm.name(language);
        let file = Answer::of(collector.request(Method::GET, &name)).await;
        file.wants_status(200);
        assert_eq!(file.text, language.texts().file());
        assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(file.header("access-control-allow-origin"), "*");
        assert_eq!(file.header("cross-origin-resource-policy"), "cross-origin");
        assert!(file.header("cache-control").contains("immutable"));
    }
}

/// The files of texts that the wasm, as it is served, knows of.
struct TextsKnown(String);

impl TextsKnown {
    async fn of(collector: &TestCollector) -> Self {
        let loader = Answer::of(collector.get("/v1/avis.js")).await.text;
        let name = loader.split('"').find(|word| word.contains(".wasm")).unwrap();
        let name = name.trim_start_matches("./");
        let request = collector.request(Method::GET, &format!("/v1/{name}"));
        let bytes = request.send().await.unwrap().bytes().await.unwrap();
        Self(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The address of those of a language.
    fn name(&self, language: Language) -> String {
        let code = language.code();
        let word = format!("{code} ");
        let from = self.0.match_indices(&word).map(|(at, found)| &self.0[at + found.len()..]);
        let hash = from
            .filter_map(|rest| rest.split(' ').next())
            .find(|hash| hash.len() >= 16 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .unwrap_or_else(|| panic!("the wasm knows no texts in {code}"));
        format!("/v1/texts-{code}-{hash}.txt")
    }
}
