//! The keyboard alone, as a person walks it who has no mouse.

use fantoccini::key::Key;
use tests::TestCollector;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::site::Site;
use tests::wait;

use crate::walk::{BUTTON, COMMENT, in_the_element, wants_receipt};

/// More stops than the host page and any screen have together.
const STOPS: usize = 60;

/// Presses Tab until the focus is on what matches `css`.
async fn tab_to(browser: &Browser, css: &str) {
    let mut stops = Vec::new();
    for _ in 0..STOPS {
        browser.press(Key::Tab).await;
        if browser.has_focus(css).await {
            return;
        }
        stops.push(browser.focus().await);
    }
    panic!("Tab never reaches {css} in {:?}: {stops:#?}", browser.engine());
}

async fn focus_comes_to(browser: &Browser, css: &str) {
    wait::until(&format!("the focus on {css} in {:?}", browser.engine()), async || {
        if browser.has_focus(css).await { Ok(()) } else { Err(browser.focus().await) }
    })
    .await;
}

async fn open(engine: Engine, collector: &TestCollector) -> Browser {
    let site = Site::host_page_of(collector);
    let browser = Browser::open(engine, Options::default()).await;
    browser.goto(&site.url("/")).await;
    browser.find(Page, BUTTON).await;
    tab_to(&browser, BUTTON).await;
    browser.press(Key::Enter).await;
    in_the_element(&browser).see("satisfaction").await;
    browser
}

in_every_engine! {
    async fn every_screen_can_be_walked_and_left(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector).await;
        let walk = in_the_element(&browser);

        // Radio buttons are one stop, and the arrows move in them.
        tab_to(&browser, "[name=satisfaction]").await;
        browser.press(Key::Space).await;
        browser.press(Key::Down).await;
        browser.press(Key::Down).await;
        assert!(browser.is_checked(Form, "#satisfaction-tres_bien").await);
        tab_to(&browser, "button[value=next]").await;
        browser.press(Key::Enter).await;

        walk.see("clarity").await;
        focus_comes_to(&browser, "#title").await;
        tab_to(&browser, "[name=ease]").await;
        browser.press(Key::Space).await;
        tab_to(&browser, "button[value=next]").await;
        browser.press(Key::Space).await;

        walk.see("help_tried").await;
        focus_comes_to(&browser, "#title").await;
        tab_to(&browser, "#help_tried-chat").await;
        browser.press(Key::Space).await;
        tab_to(&browser, "[name='help_reached.chat']").await;
        browser.press(Key::Space).await;
        tab_to(&browser, "[name='help_quality.chat']").await;
        browser.press(Key::Space).await;
        tab_to(&browser, "button[value=next]").await;
        browser.press(Key::Enter).await;

        walk.see("malfunctions").await;
        focus_comes_to(&browser, "#title").await;
        tab_to(&browser, "#malfunctions-none").await;
        browser.press(Key::Space).await;
        // Return in a field goes on, like the first button.
        browser.press(Key::Enter).await;

        walk.see("comment").await;
        focus_comes_to(&browser, "#title").await;
        tab_to(&browser, "textarea[name=comment]").await;
        browser.type_text(COMMENT).await;
        tab_to(&browser, "button[value=finish]").await;
        browser.press(Key::Enter).await;

        wants_receipt(&browser.text(Form, ".ticket strong").await);
        focus_comes_to(&browser, "#title").await;
        assert_eq!(collector.smileys("3059").await, [0, 0, 1]);
        for (indicator, n) in
            [("ease", 1), ("clarity", 0), ("help_quality", 1), ("help_reachable", 1), ("malfunctions", 1)]
        {
            assert_eq!(collector.indicator("3059", indicator).await["n"], n, "{indicator}");
        }
        browser.press(Key::Escape).await;
        browser.wait_gone(Form, "dialog").await;
        focus_comes_to(&browser, BUTTON).await;
    }

    async fn escape_closes_the_dialog_gives_the_focus_back_and_keeps_the_answers(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector).await;
        tab_to(&browser, "[name=satisfaction]").await;
        browser.press(Key::Space).await;

        browser.press(Key::Escape).await;
        browser.wait_gone(Form, "dialog").await;
        focus_comes_to(&browser, BUTTON).await;
        browser.press(Key::Enter).await;

        in_the_element(&browser).see("satisfaction").await;
        assert!(browser.is_checked(Form, "#satisfaction-pas_bien").await);
        assert_eq!(collector.smileys("3059").await, [0, 0, 0]);
    }

    async fn tab_stays_in_the_dialog_both_ways(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector).await;

        for forth in [true, false] {
            for _ in 0..15 {
                if forth {
                    browser.press(Key::Tab).await;
                } else {
                    browser.press_with_shift(Key::Tab).await;
                }
                // Between two rounds the focus passes by the browser's own bar, where the page has none.
                let inside = browser.has_focus("dialog, dialog *, body, html, je-donne-mon-avis").await;
                assert!(inside, "the focus left the dialog: {}", browser.focus().await);
            }
        }
    }

    async fn an_error_takes_the_focus_to_the_question(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector).await;

        tab_to(&browser, "button[value=next]").await;
        browser.press(Key::Enter).await;

        focus_comes_to(&browser, "[name=satisfaction]").await;
        assert!(browser.has_focus("[aria-invalid=true]").await, "{}", browser.focus().await);
        assert_ne!(browser.text(Form, "#satisfaction-error").await, "");
    }
}
