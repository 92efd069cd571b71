//! The hosted form in a frame of a page of another origin, which asked to hear from it: `mode=widget`.

use serde_json::Value;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::faults::BadNetwork;
use tests::site::Site;
use tests::{TestCollector, wait};

use crate::walk::{Walk, in_the_element, wants_receipt, wants_the_one_avis};

/// What a host has pasted allows the frame this and nothing else.
const SANDBOX: &str = "allow-scripts allow-forms allow-same-origin allow-popups";

/// A nonce that no address and no markup takes as it is.
const NONCE: &str = "6f2a &\"<é";

/// A page with the form of `collector` in a frame, that notes what it is told.
fn host(collector: &str, query: &str) -> Site {
    let html = format!(
        "<!doctype html><html lang=fr><head><meta charset=utf-8><link rel=icon href=data:,><title>Fin</title></head>\
         <body><h1>Fin</h1><script>window.heard = []; addEventListener('message', (event) => \
         heard.push([event.origin, event.data]))</script><iframe title=Avis sandbox='{SANDBOX}' width=600 height=700 \
         src='{collector}/Demarches/3059?button=12&{query}'></iframe></body></html>"
    );
    Site::serve([("/", html)])
}

/// The query of a host that wants to hear, with [`NONCE`].
const HEARING: &str = "mode=widget&nonce=6f2a+%26%22%3C%C3%A9";

async fn open(engine: Engine, collector: &str, query: &str, options: Options) -> Browser {
    let site = host(collector, query);
    let browser = Browser::open(engine, options).await;
    browser.goto(&site.url("/")).await;
    browser.enter_frame(Page, "iframe").await;
    browser
}

/// The messages of this type that the page around the frame has had, from inside the frame. All it has had must be the
/// form's, with the nonce.
async fn told(browser: &Browser, collector: &str, kind: &str) -> Vec<Value> {
    browser.leave_frame().await;
    let heard = browser.js("return window.heard", vec![]).await;
    browser.enter_frame(Page, "iframe").await;
    let heard = heard.as_array().cloned().unwrap_or_default();
    for message in &heard {
        assert_eq!(message[0], collector, "{message}");
        assert_eq!(message[1]["source"], "jdma-widget", "{message}");
        assert_eq!(message[1]["nonce"], NONCE, "{message}");
    }
    heard.into_iter().map(|message| message[1].clone()).filter(|message| message["type"] == kind).collect()
}

/// Waits until the page around knows how tall the form is that is there now.
async fn hears_the_height(browser: &Browser, collector: &str) {
    wait::until(&format!("the height in {:?}", browser.engine()), async || {
        let told = told(browser, collector, "resize").await;
        let now = browser
            .js("return Math.ceil(document.documentElement.getBoundingClientRect().height)", vec![])
            .await;
        match told.last() {
            Some(message) if message["height"] == now && now.as_u64() > Some(200) => Ok(()),
            other => Err(format!("{other:?}, and it is {now}")),
        }
    })
    .await;
}

/// Every screen tells its height, and the last that the avis is given; none of them before.
async fn every_screen_is_told(walk: &Walk<'_>, collector: &str) {
    let browser = walk.browser;
    walk.see("satisfaction").await;
    hears_the_height(browser, collector).await;
    walk.press("next").await;
    browser.find(walk.place, "#satisfaction-error").await;
    hears_the_height(browser, collector).await;
    walk.pick("satisfaction", "tres_bien").await;
    walk.press("next").await;
    walk.see("clarity").await;
    hears_the_height(browser, collector).await;
    walk.press("back").await;
    walk.see("satisfaction").await;
    hears_the_height(browser, collector).await;
    walk.press("next").await;
    walk.see("clarity").await;
    walk.pick("clarity", "5").await;
    walk.pick("ease", "4").await;
    walk.press("next").await;
    walk.see("help_tried").await;
    hears_the_height(browser, collector).await;
    walk.help().await;
    hears_the_height(browser, collector).await;
    walk.press("next").await;
    walk.see("malfunctions").await;
    hears_the_height(browser, collector).await;
    walk.pick("malfunctions", "none").await;
    walk.press("next").await;
    walk.see("comment").await;
    assert_eq!(told(browser, collector, "submitted").await, Vec::<Value>::new());
    walk.press("finish").await;

    wants_receipt(&browser.text(walk.place, ".ticket strong").await);
    wait::until("the page around to hear of the avis", async || {
        match told(browser, collector, "submitted").await.as_slice() {
            [message] if message.get("height").is_none() => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    let heights = told(browser, collector, "resize").await;
    assert!(heights.len() >= 9, "one for each screen that was seen: {heights:?}");
}

in_every_engine! {
    async fn the_upgraded_form_tells_every_step_and_the_end(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, collector.address(), HEARING, Options::default()).await;
        browser.find(Form, ".face").await;

        every_screen_is_told(&in_the_element(&browser), collector.address()).await;

        wants_the_one_avis(&collector).await;
        if engine == Engine::Chromium {
            assert_eq!(browser.console().await, Vec::<String>::new());
        }
    }

    async fn so_does_the_plain_form_where_the_upgrade_never_comes(engine: Engine) {
        let collector = TestCollector::start().await;
        let network = BadNetwork::before(&collector);
        network.hold_wasm();
        let address = network.address();
        let browser = open(engine, &address, HEARING, Options::default()).await;

        every_screen_is_told(&Walk { browser: &browser, place: Page, axe: false }, &address).await;

        wants_the_one_avis(&collector).await;
    }

    async fn without_javascript_the_form_works_in_the_frame(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, collector.address(), HEARING, Options::default().without_javascript()).await;
        let walk = Walk { browser: &browser, place: Page, axe: false };

        wants_receipt(&walk.whole_form().await);

        wants_the_one_avis(&collector).await;
    }

    async fn a_host_that_asked_for_nothing_hears_nothing(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, collector.address(), "", Options::default()).await;

        wants_receipt(&in_the_element(&browser).whole_form().await);

        browser.leave_frame().await;
        assert_eq!(browser.js("return window.heard", vec![]).await, serde_json::json!([]));
    }

    async fn esc_pressed_in_the_form_is_told(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, collector.address(), HEARING, Options::default()).await;
        browser.click(Form, "#satisfaction-moyen").await;

        browser.press(fantoccini::key::Key::Escape).await;

        wait::until("the page around to hear of Esc", async || {
            match told(&browser, collector.address(), "close").await.len() {
                1 => Ok(()),
                other => Err(other),
            }
        })
        .await;
    }

    async fn a_closed_bouton_tells_how_tall_its_explanation_is(engine: Engine) {
        let mut collector = TestCollector::start().await;
        collector.stop();
        collector.run(&["bouton", "close", "12"]);
        collector.serve().await;
        let browser = open(engine, collector.address(), HEARING, Options::default()).await;
        browser.find(Page, "h1").await;

        hears_the_height(&browser, collector.address()).await;
    }
}
