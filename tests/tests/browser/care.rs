//! A calm word while something personal is typed.

use fantoccini::key::Key;
use serde_json::{Value, json};
use tests::TestCollector;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::comments::PRIVATE;
use tests::site::Site;
use tests::wait;

use crate::walk::{BUTTON, in_the_element};

/// Notes each text that the status takes, as who listens to it hears it.
const LISTEN: &str = "
    const status = document.querySelector('je-donne-mon-avis').shadowRoot.querySelector('.care');
    window.said = [];
    new MutationObserver(() => window.said.push(status.textContent))
        .observe(status, {childList: true, characterData: true, subtree: true});
    return [status.getAttribute('role'), status.textContent]";

async fn said(browser: &Browser) -> Value {
    browser.js("return window.said", vec![]).await
}

in_every_engine! {
    async fn it_is_said_once_and_goes_with_what_it_is_about(engine: Engine) {
        let collector = TestCollector::start().await;
        let site = Site::host_page_of(&collector);
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        browser.click(Page, BUTTON).await;
        let walk = in_the_element(&browser);
        walk.see("satisfaction").await;
        walk.pick("satisfaction", "moyen").await;
        for screen in ["clarity", "help_tried", "malfunctions", "comment"] {
            walk.press("next").await;
            walk.see(screen).await;
        }
        browser.find(Form, ".care").await;
        assert_eq!(browser.js(LISTEN, vec![]).await, json!(["status", ""]), "it is there before its words");

        walk.write("comment", "Appelez le 06 12 34 56 7").await;
        walk.write("comment", "8").await;
        walk.write("comment", " ou demain").await;
        wait::until("the calm word", async || match said(&browser).await {
            Value::Array(words) if !words.is_empty() => Ok(()),
            words => Err(words.to_string()),
        })
        .await;
        let words = said(&browser).await;
        assert_eq!(words.as_array().map(Vec::len), Some(1), "once: {words}");
        assert!(words[0].as_str().is_some_and(|words| words.contains("numéro personnel")), "{words}");
        browser.wants_no_violation("the calm word").await;

        for _ in 0.." ou demain8".len() + 3 {
            browser.press(Key::Backspace).await;
        }
        wait::until("silence again", async || match said(&browser).await {
            words if words.as_array().is_some_and(|words| words.len() == 2 && words[1] == "") => Ok(()),
            words => Err(words.to_string()),
        })
        .await;
        // It holds nobody up.
        walk.write("comment", &format!(" {}", PRIVATE.join(", "))).await;
        walk.press("finish").await;
        browser.find(Form, ".ticket").await;
    }
}
