//! The hosted form with scripts turned off: plain pages, with all that people do to them.

use tests::TestCollector;
use tests::browser::Place::Page;
use tests::browser::{Browser, Engine, Options};

use crate::walk::{COMMENT, OTHER_HELP, OTHER_MALFUNCTION, Walk, wants_receipt, wants_the_one_avis};

const OTHER_HELP_FIELD: &str = "textarea[name=help_tried_other]";
const OTHER_MALFUNCTION_FIELD: &str = "textarea[name=malfunctions_other]";

in_every_engine! {
    async fn every_screen_with_back_reload_and_double_click_makes_one_avis(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default().without_javascript()).await;
        let walk = Walk { browser: &browser, place: Page, axe: false };
        browser.goto(&collector.url("/avis/3059?bouton=12")).await;

        // An impatient double click on the first answer.
        walk.pick("satisfaction", "tres_bien").await;
        browser.double_click(Page, "button[value=next]").await;
        walk.see("clarity").await;
        assert_eq!(collector.smileys("3059").await, [0, 0, 1]);

        // A reload before anything is answered, and the back button all the way to the start.
        browser.reload().await;
        walk.see("clarity").await;
        browser.back().await;
        walk.see("satisfaction").await;
        walk.pick("satisfaction", "tres_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;
        walk.pick("clarity", "5").await;
        walk.pick("ease", "4").await;
        walk.press("next").await;

        walk.see("help_tried").await;
        walk.help().await;
        walk.press("next").await;
        walk.see("malfunctions").await;

        // The browser's back button brings the page with what was written on it.
        browser.back().await;
        walk.see("help_tried").await;
        assert_eq!(browser.value(Page, OTHER_HELP_FIELD).await, OTHER_HELP);
        walk.press("next").await;
        walk.see("malfunctions").await;
        walk.pick("malfunctions", "slow").await;
        walk.pick("malfunctions", "other").await;
        walk.write("malfunctions_other", OTHER_MALFUNCTION).await;
        browser.double_click(Page, "button[value=next]").await;
        walk.see("comment").await;

        // So does the form's own, from the server, and a reload of that page too.
        walk.write("comment", COMMENT).await;
        walk.press("back").await;
        walk.see("malfunctions").await;
        assert_eq!(browser.value(Page, OTHER_MALFUNCTION_FIELD).await, OTHER_MALFUNCTION);
        browser.reload().await;
        walk.see("malfunctions").await;
        assert_eq!(browser.value(Page, OTHER_MALFUNCTION_FIELD).await, OTHER_MALFUNCTION);
        walk.press("back").await;
        walk.see("help_tried").await;
        assert_eq!(browser.value(Page, OTHER_HELP_FIELD).await, OTHER_HELP);
        assert!(browser.is_checked(Page, "[id='help_quality.guichet-bonne']").await);
        walk.press("next").await;
        walk.see("malfunctions").await;
        walk.press("next").await;
        walk.see("comment").await;
        assert_eq!(browser.value(Page, "textarea[name=comment]").await, COMMENT);
        walk.press("finish").await;

        wants_receipt(&browser.text(Page, ".ticket strong").await);
        browser.reload().await;
        wants_receipt(&browser.text(Page, ".ticket strong").await);
        wants_the_one_avis(&collector).await;
    }

    async fn the_next_person_on_the_same_device_gives_an_avis_of_their_own(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default().without_javascript()).await;
        let walk = Walk { browser: &browser, place: Page, axe: false };

        for _ in 0..2 {
            browser.goto(&collector.url("/avis/3059")).await;
            walk.pick("satisfaction", "moyen").await;
            walk.press("next").await;
            walk.see("clarity").await;
        }

        assert_eq!(collector.smileys("3059").await, [0, 2, 0]);
    }

    async fn an_error_leaves_what_was_written(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default().without_javascript()).await;
        let walk = Walk { browser: &browser, place: Page, axe: false };
        browser.goto(&collector.url("/avis/3059")).await;

        walk.press("next").await;
        browser.find(Page, "[role=alert]").await;
        walk.pick("satisfaction", "moyen").await;
        walk.press("next").await;
        walk.see("clarity").await;
        walk.press("next").await;
        walk.see("help_tried").await;
        walk.press("next").await;
        walk.see("malfunctions").await;
        walk.pick("malfunctions", "other").await;
        let long = "trop long ".repeat(30);
        walk.write("malfunctions_other", &long).await;
        walk.press("next").await;

        browser.find(Page, "[role=alert]").await;
        assert_eq!(browser.value(Page, OTHER_MALFUNCTION_FIELD).await.trim(), long.trim());
        assert_eq!(collector.smileys("3059").await, [0, 1, 0]);
    }

    async fn the_receipt_withdraws_the_avis(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default().without_javascript()).await;
        let walk = Walk { browser: &browser, place: Page, axe: false };
        browser.goto(&collector.url("/avis/3059")).await;
        walk.pick("satisfaction", "moyen").await;
        walk.press("next").await;
        walk.see("clarity").await;
        walk.press("finish").await;
        let receipt = browser.text(Page, ".ticket strong").await;

        browser.goto(&collector.url("/retrait")).await;
        browser.write(Page, "input[name=receipt]", &receipt.to_lowercase()).await;
        browser.click(Page, "button").await;

        tests::wait::until("the avis to go", async || match collector.smileys("3059").await {
            [0, 0, 0] => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await;
    }
}

/// In Chromium alone: the drivers of the others reload past the cache, which no person's F5 does.
#[tokio::test]
async fn answering_again_after_back_and_reload_changes_the_one_avis() {
    let collector = TestCollector::start().await;
    let browser = Browser::open(Engine::Chromium, Options::default().without_javascript()).await;
    let walk = Walk { browser: &browser, place: Page, axe: false };

    // With and without a query: a POST to the very address of a page drops the page from the browser's cache.
    for (path, count) in [("/avis/3059?bouton=12", 1), ("/avis/3059", 2)] {
        browser.goto(&collector.url(path)).await;
        walk.pick("satisfaction", "tres_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;

        browser.back().await;
        walk.see("satisfaction").await;
        browser.reload().await;
        walk.see("satisfaction").await;
        walk.pick("satisfaction", "pas_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;

        assert_eq!(collector.smileys("3059").await, [count, 0, 0], "{path}");
    }
}
