//! The script that hosts of today's service have pasted, on pages of another origin: a floating button, and the form in
//! a dialog behind it.

use std::fmt::Write;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use serde_json::json;
use tests::browser::Place::{Form, Modal};
use tests::browser::{Browser, Engine, Options};
use tests::site::Site;
use tests::{TestCollector, wait};

use crate::walk::{Walk, in_the_element, wants_receipt, wants_the_one_avis};

const TRIGGER: &str = "button.trigger";
const FRAME: &str = "dialog[open] iframe";

/// What a page needs beside the script; the policy is `""` for none.
struct Host<'a> {
    /// The host name that the script is loaded from.
    script: &'a str,
    policy: &'a str,
    /// Further attributes of the script.
    attributes: &'a str,
}

impl Host<'_> {
    /// The page of an administration that opens the form of `collector`.
    fn of(&self, collector: &TestCollector) -> Site {
        let Self { script, policy, attributes } = self;
        let address = collector.address();
        let mut html = "<!doctype html><html lang=fr><head><meta charset=utf-8><link rel=icon href=data:,>\
             <meta name=viewport content='width=device-width'><title>Mon compte</title>"
            .to_owned();
        if !policy.is_empty() {
            write!(html, "<meta http-equiv=Content-Security-Policy content=\"{policy}\">").unwrap();
        }
        write!(
            html,
            "</head><body><main><h1>Mon compte</h1><p><a id=first href='#'>Mes messages</a></p></main>\
             <nav id=tools aria-label=Outils></nav><script defer src='{script}/static/jdma-modal-widget.js' \
             data-jdma-form-url='{address}/Demarches/3059?button=12' {attributes}></script></body></html>"
        )
        .unwrap();
        Site::serve([("/", html), ("/favicon.ico", String::new())])
    }
}

fn image(collector: &TestCollector) -> String {
    format!("data-jdma-button-image='{}/static/buttons/button-remark-solid-light.svg'", collector.address())
}

/// Opens the page and waits for the button.
async fn visit(engine: Engine, collector: &TestCollector, policy: &str, options: Options) -> Browser {
    let attributes = format!("{} data-jdma-button-label='Une remarque ?'", image(collector));
    let site = Host { script: collector.address(), policy, attributes: &attributes }.of(collector);
    let browser = Browser::open(engine, options).await;
    browser.goto(&site.url("/")).await;
    browser.find(Modal, TRIGGER).await;
    browser
}

/// Waits until the frame is as tall as the form in it, which cannot be told from outside, or as the window allows.
async fn frame_fits(browser: &Browser) {
    browser.enter_frame(Modal, FRAME).await;
    in_the_element(browser).see("satisfaction").await;
    let height = browser.js("return document.documentElement.offsetHeight", vec![]).await;
    browser.leave_frame().await;
    wait::until(&format!("the frame to fit in {:?}", browser.engine()), async || {
        let script = "const root = document.querySelector('.jdma-widget-trigger').shadowRoot;
             return parseInt(root.querySelector('iframe').style.height)";
        let frame = browser.js(script, vec![]).await;
        if frame == height { Ok(()) } else { Err(format!("{frame} around {height}")) }
    })
    .await;
}

async fn focus_comes_to(browser: &Browser, css: &str) {
    wait::until(&format!("the focus on {css} in {:?}", browser.engine()), async || {
        if browser.has_focus(css).await { Ok(()) } else { Err(browser.focus().await) }
    })
    .await;
}

/// Opens the dialog, sees it fit, and looks at it with axe-core.
async fn accessible(engine: Engine, options: Options) {
    let collector = TestCollector::start().await;
    let browser = visit(engine, &collector, "", options).await;
    browser.wants_no_violation("the page with the button").await;
    browser.click(Modal, TRIGGER).await;
    frame_fits(&browser).await;
    browser.wants_no_violation("the page with the dialog").await;
}

in_every_engine! {
    async fn the_form_opens_in_a_dialog_and_stores_the_avis(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = visit(engine, &collector, "", Options::default()).await;
        let fetched = browser
            .js("return performance.getEntriesByType('resource').map((entry) => entry.name)", vec![])
            .await;
        let image = collector.url("/static/buttons/button-remark-solid-light.svg");
        assert_eq!(fetched, json!([collector.url("/static/jdma-modal-widget.js"), image]));

        browser.click(Modal, TRIGGER).await;
        frame_fits(&browser).await;
        browser.enter_frame(Modal, FRAME).await;
        let receipt = Walk { axe: true, ..in_the_element(&browser) }.whole_form().await;

        wants_receipt(&receipt);
        wants_the_one_avis(&collector).await;
        browser.leave_frame().await;
        browser.click(Modal, "dialog button").await;
        browser.wait_gone(Modal, "dialog").await;
        focus_comes_to(&browser, TRIGGER).await;
        // The next person on the same device sees a new form and not this receipt.
        browser.click(Modal, TRIGGER).await;
        browser.enter_frame(Modal, FRAME).await;
        in_the_element(&browser).see("satisfaction").await;
        assert!(browser.look(Form, ".ticket").await.is_err());
    }

    async fn the_keyboard_opens_and_closes_it_and_keeps_what_was_begun(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = visit(engine, &collector, "", Options::default()).await;
        browser.press(Key::Tab).await;
        assert!(browser.has_focus("#first").await, "{}", browser.focus().await);
        browser.press(Key::Tab).await;
        assert!(browser.has_focus(TRIGGER).await, "{}", browser.focus().await);

        browser.press(Key::Space).await;
        frame_fits(&browser).await;
        assert!(browser.has_focus("dialog button").await, "{}", browser.focus().await);
        browser.enter_frame(Modal, FRAME).await;
        in_the_element(&browser).pick("satisfaction", "moyen").await;
        // In the form, where the keys of the page around are not heard. The frame goes while the key is still down, for
        // which Firefox' driver has an error.
        let esc = char::from(Key::Escape);
        let down = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value: esc });
        let _ = browser.client().perform_actions(down.then(KeyAction::Up { value: esc })).await;
        browser.leave_frame().await;
        browser.wait_gone(Modal, "dialog").await;
        focus_comes_to(&browser, TRIGGER).await;

        browser.press(Key::Enter).await;
        browser.enter_frame(Modal, FRAME).await;
        in_the_element(&browser).see("satisfaction").await;
        assert!(browser.is_checked(Form, "#satisfaction-moyen").await);
        browser.leave_frame().await;
        focus_comes_to(&browser, "dialog button").await;
        browser.press(Key::Escape).await;
        browser.wait_gone(Modal, "dialog").await;
        focus_comes_to(&browser, TRIGGER).await;
    }

    async fn a_strict_policy_is_no_obstacle(engine: Engine) {
        let collector = TestCollector::start().await;
        let address = collector.address();
        let policy = format!(
            "default-src 'none'; script-src {address}; img-src {address}; frame-src {address}; \
             require-trusted-types-for 'script'"
        );
        let browser = visit(engine, &collector, &policy, Options::default()).await;
        browser.click(Modal, TRIGGER).await;
        frame_fits(&browser).await;

        if engine == Engine::Chromium {
            assert_eq!(browser.console().await, Vec::<String>::new());
        }
    }

    async fn where_frames_and_images_are_forbidden_there_are_words_and_a_link(engine: Engine) {
        let collector = TestCollector::start().await;
        let policy = format!("default-src 'none'; script-src {}", collector.address());
        let browser = visit(engine, &collector, &policy, Options::default()).await;
        wait::until("the words of the button", async || {
            let trigger = browser.look(Modal, TRIGGER).await?;
            match trigger.text().await {
                Ok(text) if text == "Une remarque ?" => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;

        browser.click(Modal, TRIGGER).await;

        let link = browser.find(Modal, "dialog p a").await;
        let address = collector.url("/Demarches/3059?button=12");
        assert_eq!(link.attr("href").await.unwrap().as_deref(), Some(address.as_str()));
        focus_comes_to(&browser, "dialog p a").await;
        assert!(browser.look(Modal, "iframe").await.is_err());
        browser.press(Key::Escape).await;
        browser.wait_gone(Modal, "dialog").await;
        browser.click(Modal, TRIGGER).await;
        focus_comes_to(&browser, "dialog p a").await;
    }

    async fn a_form_that_may_not_be_framed_here_is_offered_as_a_link(engine: Engine) {
        let mut collector = TestCollector::start().await;
        collector.stop();
        collector.run(&["bouton", "set", "--id", "12", "--origin", "https://www.impots.gouv.fr"]);
        collector.serve().await;
        let browser = visit(engine, &collector, "", Options::default()).await;

        browser.click(Modal, TRIGGER).await;

        let link = browser.find(Modal, "dialog p a").await;
        let address = collector.url("/Demarches/3059?button=12");
        assert_eq!(link.attr("href").await.unwrap().as_deref(), Some(address.as_str()));
    }

    async fn the_script_and_the_form_may_be_on_different_hosts(engine: Engine) {
        let collector = TestCollector::start().await;
        // What the pages were pasted with, while the name leads to the collector since.
        let old = collector.address().replace("127.0.0.1", "localhost");
        let site = Host { script: &old, policy: "", attributes: "" }.of(&collector);
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        assert_eq!(browser.text(Modal, TRIGGER).await, "Je donne mon avis");

        browser.click(Modal, TRIGGER).await;
        frame_fits(&browser).await;
    }

    async fn a_page_that_loads_it_again_has_one_button_and_no_new_name(engine: Engine) {
        let collector = TestCollector::start().await;
        let attributes = "data-jdma-position=bottom-left data-jdma-anchor='#tools'";
        let site = Host { script: collector.address(), policy: "", attributes }.of(&collector);
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        browser.find(Modal, TRIGGER).await;

        let script = "const done = arguments[0]; const names = Object.getOwnPropertyNames(window).length;
            const old = document.querySelector('script[data-jdma-form-url]');
            const script = document.createElement('script');
            for (const { name, value } of old.attributes) script.setAttribute(name, value);
            old.remove();
            script.addEventListener('load', () => {
              const left = document.querySelectorAll('.jdma-widget-trigger');
              done([left.length, left[0].parentElement.id, getComputedStyle(left[0]).left,
                    Object.getOwnPropertyNames(window).length - names]);
            });
            document.body.append(script);";
        let seen = browser.js_async(script, vec![]).await;

        assert_eq!(seen, json!([1, "tools", "24px", 0]));
    }

    async fn the_dialog_is_accessible(engine: Engine) {
        accessible(engine, Options::default()).await;
    }

    async fn the_dialog_is_as_accessible_at_night_on_a_phone(engine: Engine) {
        accessible(engine, Options::default().dark().phone()).await;
    }

    async fn messages_of_others_change_nothing(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = visit(engine, &collector, "", Options::default()).await;
        browser.click(Modal, TRIGGER).await;
        frame_fits(&browser).await;

        // The page itself is of another origin than the form; and whoever is of the form's does not know the nonce.
        let forge = "parent.postMessage({source: 'jdma-widget', type: 'close', nonce: 'abc'}, '*')";
        browser.js(forge, vec![]).await;
        browser.enter_frame(Modal, FRAME).await;
        browser.js(forge, vec![]).await;
        browser.leave_frame().await;

        // An answer to a message of its own comes after those before it.
        let script = "const done = arguments[0]; addEventListener('message', () => done(true), {once: true});
            postMessage('', '*')";
        browser.js_async(script, vec![]).await;
        browser.find(Modal, FRAME).await;
    }
}
