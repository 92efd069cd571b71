//! The form on its own page, upgraded in place by the element.

use tests::TestCollector;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::faults::BadNetwork;

use crate::walk::{Walk, in_the_element, wants_receipt, wants_the_one_avis};

async fn open(engine: Engine, collector: &TestCollector, options: Options) -> Browser {
    let browser = Browser::open(engine, options).await;
    browser.goto(&collector.url("/avis/3059?bouton=12")).await;
    browser
}

async fn every_screen(engine: Engine, options: Options) {
    let collector = TestCollector::start().await;
    let browser = open(engine, &collector, options).await;
    let walk = Walk { axe: true, ..in_the_element(&browser) };

    wants_receipt(&walk.whole_form().await);

    wants_the_one_avis(&collector).await;
    // One page all the way: it was the element and not the plain form.
    assert_eq!(browser.url().await, collector.url("/avis/3059?bouton=12"));
    if engine == Engine::Chromium {
        // Our own policy is strict, and nothing of ours breaks it. The 422 of the empty first screen is asked
        // of nobody: the form knows it alone.
        assert_eq!(browser.console().await, Vec::<String>::new());
    }
}

in_every_engine! {
    async fn every_screen_leads_to_the_receipt_and_moves_the_average(engine: Engine) {
        every_screen(engine, Options::default()).await;
    }

    async fn every_screen_is_as_accessible_at_night(engine: Engine) {
        every_screen(engine, Options::default().dark()).await;
    }

    async fn it_takes_over_the_smiley_that_was_chosen_before_it_was_there(engine: Engine) {
        let collector = TestCollector::start().await;
        let network = BadNetwork::before(&collector);
        network.hold_wasm();
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&format!("{}/avis/3059?bouton=12", network.address())).await;
        browser.click(Page, "je-donne-mon-avis #satisfaction-moyen").await;
        network.release();

        browser.find(Form, "#satisfaction-moyen").await;

        assert!(browser.is_checked(Form, "#satisfaction-moyen").await);
        let walk = in_the_element(&browser);
        walk.press("next").await;
        walk.see("clarity").await;
        assert_eq!(collector.smileys("3059").await, [0, 1, 0]);
    }

    async fn a_reload_before_anything_is_sent_is_the_same_page_and_one_avis(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector, Options::default()).await;
        let walk = in_the_element(&browser);
        walk.see("satisfaction").await;
        walk.pick("satisfaction", "moyen").await;
        browser.reload().await;
        walk.see("satisfaction").await;
        walk.pick("satisfaction", "tres_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;

        assert_eq!(collector.smileys("3059").await, [0, 0, 1]);
    }

    async fn speaks_the_language_it_is_asked_for(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&collector.url("/avis/3059?lang=en")).await;

        let words = browser.text(Form, "label[for='satisfaction-tres_bien']").await;

        assert!(words.contains("Very well"), "{words}");
    }
}
