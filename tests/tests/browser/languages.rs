//! The form in its six languages: spoken from the start, and changed on the way.

use serde_json::{Value, json};
use shared::questionnaire::Question;
use shared::texts::Language;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options, Place};
use tests::site::Site;
use tests::{TestCollector, wait};

use crate::walk::{BUTTON, COMMENT, Walk, in_the_element, wants_receipt, wants_the_one_avis};

/// Opens the hosted form in a language.
async fn open(engine: Engine, collector: &TestCollector, language: Language, options: Options) -> Browser {
    let browser = Browser::open(engine, options).await;
    browser.goto(&collector.url(&format!("/avis/3059?bouton=12&lang={}", language.code()))).await;
    browser
}

/// Every screen of the hosted form, axe-core on each.
async fn every_screen(engine: Engine, language: Language, options: Options) {
    let collector = TestCollector::start().await;
    let browser = open(engine, &collector, language, options).await;
    let walk = Walk { axe: true, ..in_the_element(&browser) };

    wants_receipt(&walk.whole_form().await);

    assert_eq!(browser.text(Form, "#title").await, language.texts().form.thanks_title);
    wants_the_one_avis(&collector).await;
    walk.withdraw().await;
}

/// Wants the form to speak this language, by its first question.
async fn wants(browser: &Browser, place: Place, language: Language) {
    asks(browser, place, language, Question::Satisfaction, "legend").await;
}

/// Wants this to be asked in this language.
async fn asks(browser: &Browser, place: Place, language: Language, question: Question, css: &str) {
    // Drivers tell every space as a plain one.
    let asked = language.texts().question(question).replace('\u{a0}', " ");
    wait::until(&format!("the form to speak {language:?}"), async || {
        let said = browser.text_now(place, css).await?;
        if said.contains(&asked) { Ok(()) } else { Err(said) }
    })
    .await;
}

/// Wants thanks in this language.
async fn thanks(browser: &Browser, place: Place, language: Language) {
    wait::until(&format!("thanks in {language:?}"), async || {
        let title = browser.text_now(place, "#title").await?;
        if title == language.texts().form.thanks_title { Ok(()) } else { Err(title) }
    })
    .await;
}

/// The files of texts that the page has fetched.
async fn fetched(browser: &Browser) -> Vec<String> {
    let names = browser
        .js(
            "return performance.getEntriesByType('resource').map(entry => entry.name)
               .filter(name => name.includes('/texts-'))",
            vec![],
        )
        .await;
    let code = |name: &Value| name.as_str()?.split("/texts-").nth(1)?.split('-').next().map(str::to_owned);
    names.as_array().into_iter().flatten().filter_map(code).collect()
}

/// A page in one language with the element in another.
fn page_around(collector: &TestCollector, page: &str, element: &str) -> Site {
    let address = collector.address();
    let html = format!(
        "<!doctype html><html {page}><head><meta charset=utf-8><title>Page</title></head><body><main>\
         <h1 id=before>Titre</h1><je-donne-mon-avis demarche=3059 bouton=12 {element}>\
         <a href='{address}/avis/3059?bouton=12'>Je donne mon avis</a></je-donne-mon-avis></main>\
         <script type=module src='{address}/v1/avis.js'></script></body></html>"
    );
    Site::serve([("/", html), ("/favicon.ico", String::new())])
}

in_every_engine! {
    async fn every_screen_in_arabic_leads_to_the_receipt(engine: Engine) {
        every_screen(engine, Language::Ar, Options::default()).await;
    }

    async fn every_screen_in_german_fits_a_phone(engine: Engine) {
        every_screen(engine, Language::De, Options::default().phone()).await;
    }

    async fn a_page_that_changes_its_language_after_an_intent_is_followed(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&page_around(&collector, "lang=de", "").url("/")).await;
        browser.find(Page, BUTTON).await;
        let point = "document.querySelector('je-donne-mon-avis').shadowRoot.querySelector('.box')
            .dispatchEvent(new PointerEvent('pointerenter'))";
        browser.js(point, vec![]).await;
        wait::until("the words in German", async || {
            let codes = fetched(&browser).await;
            if codes == ["de"] { Ok(()) } else { Err(format!("{codes:?}")) }
        })
        .await;
        browser.js("document.documentElement.lang = 'es'", vec![]).await;
        browser.click(Page, BUTTON).await;
        wants(&browser, Form, Language::Es).await;
    }

    async fn another_language_midway_keeps_what_was_typed_and_where_the_focus_was(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector, Language::Fr, Options::default()).await;
        let walk = in_the_element(&browser);
        walk.see("satisfaction").await;
        walk.pick("satisfaction", "moyen").await;
        browser.click(Form, "#lang-es").await;
        wants(&browser, Form, Language::Es).await;
        assert!(browser.is_checked(Form, "#satisfaction-moyen").await);
        walk.press("next").await;
        walk.see("clarity").await;
        for field in ["help_tried", "malfunctions", "comment"] {
            walk.press("next").await;
            walk.see(field).await;
        }
        walk.write("comment", COMMENT).await;

        browser.click(Form, "#lang-ar").await;

        asks(&browser, Form, Language::Ar, Question::Comment, "label.ask").await;
        assert_eq!(browser.value(Form, "textarea[name=comment]").await, COMMENT);
        wait::until("the focus to stay", async || {
            if browser.has_focus("#lang-ar").await { Ok(()) } else { Err(browser.focus().await) }
        })
        .await;
        let direction = "return getComputedStyle(document.querySelector('je-donne-mon-avis').shadowRoot
                           .querySelector('.card')).direction";
        assert_eq!(browser.js(direction, vec![]).await, "rtl");
        // There and back: a language is fetched once, and French never.
        browser.click(Form, "#lang-fr").await;
        browser.click(Form, "#lang-es").await;
        walk.press("finish").await;
        thanks(&browser, Form, Language::Es).await;
        assert_eq!(fetched(&browser).await, ["es", "ar"]);
        assert_eq!(collector.smileys("3059").await, [0, 1, 0]);
    }

    async fn an_error_on_the_screen_changes_its_language_too(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector, Language::Fr, Options::default()).await;
        let walk = in_the_element(&browser);
        walk.see("satisfaction").await;
        walk.press("next").await;
        browser.find(Form, "#satisfaction-error").await;

        browser.click(Form, "#lang-de").await;

        wait::until("the error in German", async || {
            let error = browser.text(Form, "#satisfaction-error").await;
            if error == Language::De.texts().form.satisfaction_missing { Ok(()) } else { Err(error) }
        })
        .await;
    }

    async fn without_scripts_another_language_keeps_what_was_typed(engine: Engine) {
        let collector = TestCollector::start().await;
        let options = Options::default().without_javascript();
        let browser = open(engine, &collector, Language::Fr, options).await;
        let walk = Walk { browser: &browser, place: Page, axe: false };
        walk.pick("satisfaction", "pas_bien").await;
        browser.click(Page, "#lang-pt").await;
        wants(&browser, Page, Language::Pt).await;
        assert!(browser.is_checked(Page, "#satisfaction-pas_bien").await);
        walk.press("next").await;
        walk.see("clarity").await;
        for field in ["help_tried", "malfunctions", "comment"] {
            walk.press("next").await;
            walk.see(field).await;
        }
        walk.write("comment", COMMENT).await;
        browser.click(Page, "#lang-de").await;
        asks(&browser, Page, Language::De, Question::Comment, "label.ask").await;
        assert_eq!(browser.value(Page, "textarea[name=comment]").await, COMMENT);
        walk.press("finish").await;
        thanks(&browser, Page, Language::De).await;
        assert_eq!(collector.smileys("3059").await, [1, 0, 0]);
    }

    async fn an_arabic_form_leaves_the_direction_of_a_french_page_alone_and_the_reverse(engine: Engine) {
        let collector = TestCollector::start().await;
        let cases = [
            ("lang=fr", "lang=ar", Language::Ar, ["ltr", "rtl"]),
            ("lang=ar dir=rtl", "lang=fr", Language::Fr, ["rtl", "ltr"]),
            ("lang=ar dir=rtl", "", Language::Ar, ["rtl", "rtl"]),
            // A language that the form does not speak, in a page that it does.
            ("lang=es", "lang=it", Language::Es, ["ltr", "ltr"]),
        ];
        let browser = Browser::open(engine, Options::default()).await;
        for (page, element, language, directions) in cases {
            let site = page_around(&collector, page, element);
            browser.goto(&site.url("/")).await;
            let place = "return JSON.stringify(document.querySelector('#before').getBoundingClientRect())";
            let before = browser.js(place, vec![]).await;
            browser.click(Page, BUTTON).await;
            wants(&browser, Form, language).await;
            let seen = browser
                .js(
                    "const root = document.querySelector('je-donne-mon-avis').shadowRoot;
                     return [document.querySelector('#before'), root.querySelector('.card')]
                       .map(element => getComputedStyle(element).direction)",
                    vec![],
                )
                .await;
            assert_eq!(seen, json!(directions), "{page}, {element}");
            assert_eq!(browser.js(place, vec![]).await, before);
            let own: &[&str] = if language == Language::Fr { &[] } else { &[language.code()] };
            assert_eq!(fetched(&browser).await, own);
        }
    }
}

/// In Chromium alone, whose driver can keep a file from a page.
#[tokio::test]
async fn a_language_that_does_not_come_leaves_the_form_in_the_one_it_has() {
    let collector = TestCollector::start().await;
    let browser = Browser::open(Engine::Chromium, Options::default()).await;
    browser.cdp("Network.enable", json!({})).await;
    browser.cdp("Network.setBlockedURLs", json!({"urls": ["*/v1/texts-*"]})).await;
    browser.goto(&page_around(&collector, "lang=de", "").url("/")).await;
    browser.click(Page, BUTTON).await;

    wants(&browser, Form, Language::Fr).await;

    let walk = in_the_element(&browser);
    walk.pick("satisfaction", "moyen").await;
    browser.click(Form, "#lang-es").await;
    let missing = Language::Fr.texts().form.speechless.replace('\u{a0}', " ");
    wait::until("the form to say so", async || {
        let said = browser.text(Form, "#status").await;
        if said == missing { Ok(()) } else { Err(said) }
    })
    .await;
    walk.press("next").await;
    walk.see("clarity").await;
    assert_eq!(collector.smileys("3059").await, [0, 1, 0]);
}

/// Six languages: axe-core finds nothing, and nothing scrolls sideways. The other engines see two of them, above.
async fn no_language_breaks_a_rule(options: &Options) {
    for language in Language::ALL {
        every_screen(Engine::Chromium, language, options.clone()).await;
    }
}

#[tokio::test]
async fn no_language_breaks_a_rule_on_a_phone_by_day() {
    no_language_breaks_a_rule(&Options::default().phone()).await;
}

#[tokio::test]
async fn no_language_breaks_a_rule_on_a_phone_at_night() {
    no_language_breaks_a_rule(&Options::default().phone().dark()).await;
}

#[tokio::test]
async fn no_language_breaks_a_rule_on_a_desk_by_day() {
    no_language_breaks_a_rule(&Options::default()).await;
}

#[tokio::test]
async fn no_language_breaks_a_rule_on_a_desk_at_night() {
    no_language_breaks_a_rule(&Options::default().dark()).await;
}
