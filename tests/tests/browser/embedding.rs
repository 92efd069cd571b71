//! What a page around the element notices of it.

use serde_json::{Value, json};
use tests::TestCollector;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::site::Site;
use tests::wait;

use crate::walk::{BUTTON, in_the_element};

/// A page with the element, in this mode, in the middle of a text.
fn site(collector: &TestCollector, mode: &str) -> Site {
    let address = collector.address();
    let html = format!(
        "<!doctype html><html lang=fr><head><meta charset=utf-8><link rel=icon href=data:,><title>Fin</title></head><body>\
         <script>window.heard = []; for (const type of ['avis:opened', 'avis:sent', 'avis:failed'])\
           document.addEventListener(type, (event) => heard.push([type, event.detail]));</script>\
         <p>Avant</p><je-donne-mon-avis demarche=3059 bouton=12 mode={mode}>\
         <a href='{address}/avis/3059?bouton=12'>Je donne mon avis</a></je-donne-mon-avis><p>Après</p>\
         <script type=module src='{address}/v1/avis.js'></script></body></html>"
    );
    Site::serve([("/", html)])
}

async fn fetched(browser: &Browser) -> Value {
    let script = "return performance.getEntriesByType('resource').map((entry) => entry.name)";
    browser.js(script, vec![]).await
}

in_every_engine! {
    async fn the_page_hears_what_happens_and_nothing_that_was_said(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site(&collector, "dialog").url("/")).await;
        browser.click(Page, BUTTON).await;
        let walk = in_the_element(&browser);
        walk.see("satisfaction").await;
        walk.pick("satisfaction", "moyen").await;
        walk.press("next").await;
        walk.see("clarity").await;

        let heard = browser.js("return window.heard", vec![]).await;

        assert_eq!(heard, json!([["avis:opened", null], ["avis:sent", null]]));
    }

    async fn the_form_asks_for_its_token_when_it_opens(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site(&collector, "dialog").url("/")).await;
        browser.click(Page, BUTTON).await;

        let token = collector.url("/api/v1/token?demarche=3059");
        wait::until("the token to be fetched", async || {
            let found = fetched(&browser).await;
            if found.as_array().is_some_and(|all| all.contains(&json!(token))) { Ok(()) } else { Err(found) }
        })
        .await;
    }

    async fn an_inline_form_opens_in_the_page_when_it_is_asked_for(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site(&collector, "inline").url("/")).await;
        browser.find(Page, BUTTON).await;
        assert_eq!(fetched(&browser).await, json!([collector.url("/v1/avis.js")]));

        browser.click(Page, BUTTON).await;
        let walk = in_the_element(&browser);
        walk.see("satisfaction").await;
        walk.pick("satisfaction", "tres_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;

        assert!(browser.look(Form, "dialog").await.is_err());
        assert_eq!(collector.smileys("3059").await, [0, 0, 1]);
    }
}

/// Layout shifts are told by Chromium alone.
#[tokio::test]
async fn nothing_on_the_page_moves_when_the_button_is_drawn() {
    let collector = TestCollector::start().await;
    let browser = Browser::open(Engine::Chromium, Options::default()).await;
    browser.goto(&site(&collector, "dialog").url("/")).await;
    browser.find(Form, ".drawn").await;
    // Two frames later, what the button could have moved has moved and was told.
    let script = "const done = arguments[0]; let shift = 0;
        new PerformanceObserver((list) => { for (const entry of list.getEntries()) shift += entry.value })
            .observe({type: 'layout-shift', buffered: true});
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(shift))))";

    let shift = browser.js_async(script, vec![]).await;

    assert_eq!(shift, json!(0));
}
