//! The hosted form in a frame that the element opens: `mode="frame"`, and what a page gets that forbids WebAssembly.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::json;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::faults::BadNetwork;
use tests::site::Site;
use tests::{TestCollector, wait};

use crate::walk::{BUTTON, Walk, in_the_element, wants_receipt, wants_the_one_avis};

const FRAME: &str = ".framed iframe";
const CLOSE: &str = ".framed button";

/// A page with the element, with these attributes, that notes what it hears.
fn host(collector: &str, attributes: &str, policy: &str) -> Site {
    let html = format!(
        "<!doctype html><html lang=fr><head><meta charset=utf-8><link rel=icon href=data:,><title>Fin</title>\
         <meta name=viewport content='width=device-width'>{policy}</head><body><main><h1>Fin</h1>\
         <script>window.heard = []; for (const type of ['avis:opened', 'avis:sent', 'avis:failed'])\
           document.addEventListener(type, (event) => heard.push([type, event.detail]))</script>\
         <je-donne-mon-avis demarche=3059 bouton=12 {attributes}><a href='{collector}/avis/3059?bouton=12'>Je donne mon \
         avis</a></je-donne-mon-avis><section></section></main>\
         <script type=module src='{collector}/v1/avis.js'></script></body></html>"
    );
    Site::serve([("/", html)])
}

async fn open(engine: Engine, collector: &str, attributes: &str, options: Options) -> Browser {
    let browser = Browser::open(engine, options).await;
    browser.goto(&host(collector, attributes, "").url("/")).await;
    browser.click(Page, BUTTON).await;
    browser.find(Form, FRAME).await;
    browser
}

async fn focus_comes_to(browser: &Browser, css: &str) {
    wait::until(&format!("the focus on {css} in {:?}", browser.engine()), async || {
        if browser.has_focus(css).await { Ok(()) } else { Err(browser.focus().await) }
    })
    .await;
}

/// Waits until the frame is as tall as the form in it, which cannot be told from outside.
async fn fits(browser: &Browser) {
    browser.enter_frame(Form, FRAME).await;
    in_the_element(browser).see("satisfaction").await;
    let height =
        browser.js("return Math.ceil(document.documentElement.getBoundingClientRect().height)", vec![]).await;
    browser.leave_frame().await;
    wait::until(&format!("the frame to fit in {:?}", browser.engine()), async || {
        let script = "const root = document.querySelector('je-donne-mon-avis').shadowRoot;
             return parseInt(root.querySelector('iframe').style.height)";
        let frame = browser.js(script, vec![]).await;
        if frame == height { Ok(()) } else { Err(format!("{frame} around {height}")) }
    })
    .await;
}

async fn every_screen(engine: Engine, options: Options) {
    let collector = TestCollector::start().await;
    let browser = open(engine, collector.address(), "mode=frame", options).await;
    fits(&browser).await;
    browser.wants_no_violation("the dialog").await;
    browser.enter_frame(Form, FRAME).await;

    let receipt = Walk { axe: true, ..in_the_element(&browser) }.whole_form().await;

    wants_receipt(&receipt);
    wants_the_one_avis(&collector).await;
    browser.leave_frame().await;
    let heard = browser.js("return [...new Set(heard.map(String))]", vec![]).await;
    assert_eq!(heard, json!(["avis:opened,", "avis:sent,"]));
    // The next person on the same device sees a new form and not this receipt.
    browser.click(Form, CLOSE).await;
    browser.wait_gone(Form, ".framed").await;
    focus_comes_to(&browser, BUTTON).await;
    browser.click(Page, BUTTON).await;
    browser.enter_frame(Form, FRAME).await;
    in_the_element(&browser).see("satisfaction").await;
    assert!(browser.look(Form, ".ticket").await.is_err());
}

in_every_engine! {
    async fn every_screen_leads_to_the_receipt_which_goes_with_the_dialog(engine: Engine) {
        every_screen(engine, Options::default()).await;
    }

    async fn so_it_does_at_night_on_a_phone(engine: Engine) {
        every_screen(engine, Options::default().dark().phone()).await;
    }

    async fn the_keyboard_opens_and_closes_it_and_keeps_what_was_begun(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&host(collector.address(), "mode=frame", "").url("/")).await;
        browser.find(Page, BUTTON).await;
        browser.press(Key::Tab).await;
        assert!(browser.has_focus(BUTTON).await, "{}", browser.focus().await);
        browser.press(Key::Enter).await;
        browser.find(Form, FRAME).await;
        focus_comes_to(&browser, FRAME).await;
        let names = "const root = document.querySelector('je-donne-mon-avis').shadowRoot;
            return [root.querySelector('dialog').ariaLabel ?? root.querySelector('dialog').getAttribute('aria-label'),
                    root.querySelector('iframe').title]";
        assert_eq!(browser.js(names, vec![]).await, json!(["Je donne mon avis", "Je donne mon avis"]));
        browser.enter_frame(Form, FRAME).await;
        in_the_element(&browser).pick("satisfaction", "moyen").await;
        // In the form, where the keys of the page around are not heard. The frame goes while the key is still down, for
        // which Firefox' driver has an error.
        let esc = char::from(Key::Escape);
        let down = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value: esc });
        let _ = browser.client().perform_actions(down.then(KeyAction::Up { value: esc })).await;
        browser.leave_frame().await;
        browser.wait_gone(Form, ".framed").await;
        focus_comes_to(&browser, BUTTON).await;

        browser.press(Key::Enter).await;
        browser.enter_frame(Form, FRAME).await;
        in_the_element(&browser).see("satisfaction").await;
        assert!(browser.is_checked(Form, "#satisfaction-moyen").await);
        browser.leave_frame().await;
        browser.click(Form, CLOSE).await;
        browser.wait_gone(Form, ".framed").await;
        focus_comes_to(&browser, BUTTON).await;
    }

    async fn inline_it_stands_where_the_button_was(engine: Engine) {
        let collector = TestCollector::start().await;
        let policy = format!(
            "<meta http-equiv=Content-Security-Policy content=\"script-src {} 'unsafe-inline'\">",
            collector.address()
        );
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&host(collector.address(), "mode=inline", &policy).url("/")).await;
        browser.click(Page, BUTTON).await;
        fits(&browser).await;

        assert!(browser.look(Form, "dialog").await.is_err());
        browser.enter_frame(Form, FRAME).await;
        let walk = in_the_element(&browser);
        walk.pick("satisfaction", "tres_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;
        assert_eq!(collector.smileys("3059").await, [0, 0, 1]);
    }

    async fn the_form_in_it_needs_no_webassembly(engine: Engine) {
        let collector = TestCollector::start().await;
        let network = BadNetwork::before(&collector);
        network.hold_wasm();
        let browser = open(engine, &network.address(), "mode=frame", Options::default()).await;
        browser.enter_frame(Form, FRAME).await;

        let receipt = Walk { browser: &browser, place: Page, axe: false }.whole_form().await;

        wants_receipt(&receipt);
        wants_the_one_avis(&collector).await;
        browser.leave_frame().await;
        let heard = browser.js("return [...new Set(heard.map(String))]", vec![]).await;
        assert_eq!(heard, json!(["avis:opened,", "avis:sent,"]));
    }

    async fn messages_of_others_change_nothing(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, collector.address(), "mode=frame", Options::default()).await;
        fits(&browser).await;

        // The page itself is another window; and whoever is in that of the form does not know the nonce.
        let forge = "parent.postMessage({source: 'jdma-widget', type: 'close', nonce: 'abc'}, '*')";
        browser.js(forge, vec![]).await;
        browser.enter_frame(Form, FRAME).await;
        browser.js(forge, vec![]).await;
        browser.leave_frame().await;

        // An answer to a message of its own comes after those before it.
        let script = "const done = arguments[0]; addEventListener('message', () => done(true), {once: true});
            postMessage('', '*')";
        browser.js_async(script, vec![]).await;
        browser.find(Form, FRAME).await;
    }

    async fn a_page_that_moves_it_keeps_the_dialog_and_one_that_removes_it_has_nothing_left(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, collector.address(), "mode=frame", Options::default()).await;
        fits(&browser).await;

        let moved = "const element = document.querySelector('je-donne-mon-avis');
            document.querySelector('section').append(element);
            return element.shadowRoot.querySelector('dialog').matches(':modal')";
        assert_eq!(browser.js(moved, vec![]).await, true);
        fits(&browser).await;

        let removed = "window.element = document.querySelector('je-donne-mon-avis'); element.remove();
            const done = arguments[0]; setTimeout(() => done(element.shadowRoot.querySelectorAll('.framed').length))";
        assert_eq!(browser.js_async(removed, vec![]).await, 0);
        browser.js("document.querySelector('section').append(element)", vec![]).await;
        browser.click(Page, BUTTON).await;
        fits(&browser).await;
    }
}
