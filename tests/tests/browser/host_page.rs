//! The element on the last page of a service that is not ours, of another origin.

use serde_json::json;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::site::Site;
use tests::{TestCollector, wait};

use crate::walk::{BUTTON, Walk, in_the_element, wants_receipt, wants_the_one_avis};

/// Opens the host page and presses the button.
async fn open(engine: Engine, collector: &TestCollector, options: Options) -> Browser {
    let site = Site::host_page_of(collector);
    let browser = Browser::open(engine, options).await;
    browser.goto(&site.url("/")).await;
    browser.click(Page, BUTTON).await;
    browser
}

/// A page under a content security policy, with the snippet and nothing else.
fn strict_site(collector: &TestCollector, policy: &str) -> Site {
    let address = collector.address();
    let html = format!(
        "<!doctype html><html lang=fr><head><meta charset=utf-8><title>Fin</title>\
         <meta http-equiv=Content-Security-Policy content=\"{policy}\"></head><body>\
         <je-donne-mon-avis demarche=3059 bouton=12><a href='{address}/avis/3059?bouton=12'>Je donne mon \
         avis</a></je-donne-mon-avis><script type=module src='{address}/v1/avis.js'></script></body></html>"
    );
    Site::serve([("/", html), ("/favicon.ico", String::new())])
}

/// Every screen in these colours, axe-core on each, and the average moves.
async fn every_screen(engine: Engine, options: Options) {
    let collector = TestCollector::start().await;
    assert_eq!(collector.smileys("3059").await, [0, 0, 0]);
    let browser = open(engine, &collector, options).await;
    let walk = Walk { axe: true, ..in_the_element(&browser) };

    wants_receipt(&walk.whole_form().await);

    wants_the_one_avis(&collector).await;
    if engine == Engine::Chromium {
        assert_eq!(browser.console().await, Vec::<String>::new());
    }
    walk.withdraw().await;
    assert_eq!(collector.smileys("3059").await, [0, 0, 0]);
}

in_every_engine! {
    async fn every_screen_leads_to_the_receipt_and_moves_the_average(engine: Engine) {
        every_screen(engine, Options::default()).await;
    }

    async fn every_screen_is_as_accessible_at_night(engine: Engine) {
        every_screen(engine, Options::default().dark()).await;
    }

    async fn every_screen_is_as_accessible_on_a_phone(engine: Engine) {
        every_screen(engine, Options::default().phone()).await;
    }

    async fn who_comes_next_on_the_same_device_sees_a_new_form(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector, Options::default()).await;
        let walk = in_the_element(&browser);
        walk.pick("satisfaction", "moyen").await;
        walk.press("next").await;
        walk.see("clarity").await;
        walk.press("finish").await;
        wants_receipt(&browser.text(Form, ".ticket strong").await);

        browser.click(Form, ".close").await;
        browser.click(Page, BUTTON).await;

        walk.see("satisfaction").await;
        assert!(browser.look(Form, ".ticket").await.is_err());
        assert!(!browser.is_checked(Form, "#satisfaction-moyen").await);
    }

    async fn another_demarche_on_the_same_element_is_another_form(engine: Engine) {
        let mut collector = TestCollector::start().await;
        collector.stop();
        collector.add_demarche("3060", "Ailleurs");
        collector.serve().await;
        let browser = open(engine, &collector, Options::default()).await;
        let walk = in_the_element(&browser);
        walk.pick("satisfaction", "moyen").await;

        let change = "const element = document.querySelector('je-donne-mon-avis');
            element.removeAttribute('bouton');
            element.setAttribute('demarche', '3060')";
        browser.js(change, vec![]).await;
        browser.wait_gone(Form, "dialog").await;
        browser.click(Page, BUTTON).await;
        walk.see("satisfaction").await;
        walk.pick("satisfaction", "tres_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;

        assert_eq!(collector.smileys("3060").await, [0, 0, 1]);
        assert_eq!(collector.smileys("3059").await, [0, 0, 0]);
    }

    async fn before_any_intent_the_loader_is_all_that_is_fetched_and_nothing_is_kept(engine: Engine) {
        let collector = TestCollector::start().await;
        let site = Site::host_page_of(&collector);
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        browser.find(Page, BUTTON).await;

        let seen = browser
            .js(
                "return [performance.getEntriesByType('resource').map(entry => entry.name),
                         document.cookie, localStorage.length, sessionStorage.length]",
                vec![],
            )
            .await;

        assert_eq!(seen, json!([[collector.url("/v1/avis.js")], "", 0, 0]));
    }

    async fn the_first_answer_is_stored_at_once(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector, Options::default()).await;
        let walk = in_the_element(&browser);

        walk.pick("satisfaction", "pas_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;

        assert_eq!(collector.smileys("3059").await, [1, 0, 0]);
    }

    async fn back_and_forth_loses_nothing_and_changes_the_one_avis(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector, Options::default()).await;
        let walk = in_the_element(&browser);
        walk.pick("satisfaction", "moyen").await;
        walk.press("next").await;
        walk.pick("clarity", "2").await;
        walk.press("next").await;
        walk.pick("help_tried", "other").await;
        walk.write("help_tried_other", "Ma voisine").await;

        walk.press("back").await;
        walk.see("clarity").await;
        assert!(browser.is_checked(Form, "#clarity-2").await);
        walk.press("back").await;
        walk.see("satisfaction").await;
        assert!(browser.is_checked(Form, "#satisfaction-moyen").await);
        walk.pick("satisfaction", "pas_bien").await;
        walk.press("next").await;
        walk.see("clarity").await;
        walk.press("next").await;
        walk.see("help_tried").await;

        assert_eq!(browser.value(Form, "textarea[name=help_tried_other]").await, "Ma voisine");
        wait::until("the changed smiley", async || match collector.smileys("3059").await {
            [1, 0, 0] => Ok(()),
            other => Err(format!("{other:?}")),
        })
        .await;
    }

    async fn a_strict_policy_is_no_obstacle(engine: Engine) {
        let collector = TestCollector::start().await;
        let address = collector.address();
        // The lines that /integration gives, and nothing else: no style, no image, no sink of HTML.
        let policy = format!(
            "default-src 'none'; script-src {address} 'wasm-unsafe-eval'; connect-src {address}; \
             require-trusted-types-for 'script'"
        );
        let site = strict_site(&collector, &policy);
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        browser.click(Page, BUTTON).await;

        wants_receipt(&in_the_element(&browser).whole_form().await);

        wants_the_one_avis(&collector).await;
        if engine == Engine::Chromium {
            assert_eq!(browser.console().await, Vec::<String>::new());
        }
    }

    async fn a_page_that_forbids_webassembly_leads_to_the_hosted_form(engine: Engine) {
        let collector = TestCollector::start().await;
        let address = collector.address();
        let policy = format!("default-src 'none'; script-src {address}; connect-src {address}");
        let site = strict_site(&collector, &policy);
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        browser.click(Page, BUTTON).await;

        in_the_element(&browser).see("satisfaction").await;
        assert_eq!(browser.url().await, collector.url("/avis/3059?bouton=12"));
    }

    async fn none_clears_the_others_and_they_clear_it(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector, Options::default()).await;
        let walk = in_the_element(&browser);
        walk.pick("satisfaction", "moyen").await;
        walk.press("next").await;
        walk.see("clarity").await;
        walk.press("next").await;

        walk.pick("help_tried", "guichet").await;
        walk.pick("help_tried", "none").await;
        assert!(!browser.is_checked(Form, "#help_tried-guichet").await);
        browser.wait_gone(Form, "label[for='help_reached.guichet-oui']").await;
        walk.pick("help_tried", "websites").await;
        assert!(!browser.is_checked(Form, "#help_tried-none").await);
    }

    async fn without_javascript_the_link_is_there_and_opens_the_form(engine: Engine) {
        let collector = TestCollector::start().await;
        let site = Site::host_page_of(&collector);
        let browser = Browser::open(engine, Options::default().without_javascript()).await;
        browser.goto(&site.url("/")).await;

        browser.click(Page, "je-donne-mon-avis a").await;

        browser.find(Page, "label[for='satisfaction-moyen']").await;
        assert_eq!(browser.url().await, collector.url("/avis/3059?bouton=12"));
    }
}
