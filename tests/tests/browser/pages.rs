//! Every page that is only read, but for those of the observatory.

use serde_json::Value;
use tests::TestCollector;
use tests::browser::Place::Page;
use tests::browser::{Browser, Engine, Options};

use crate::observatoire::overflow;

const PAGES: [&str; 20] = [
    "/",
    "/?lang=en",
    "/methode",
    "/api/?lang=fr",
    "/api/?lang=en",
    "/confidentialite",
    "/confidentialite?lang=en",
    "/confidentialite?lang=de",
    "/confidentialite?lang=ar",
    "/accessibilite",
    "/accessibilite?lang=en",
    "/retrait",
    "/retrait?lang=es",
    "/retrait?lang=ar",
    "/integration/3059",
    "/integration/3059?lang=en",
    "/problems/invalid-avis",
    "/problems/closed?lang=pt",
    "/problems/too-many-requests?lang=ar",
    MISSING,
];

const MISSING: &str = "/nothing/here";

async fn wants_accessible_pages(engine: Engine, options: Options) {
    let collector = TestCollector::start().await;
    let browser = Browser::open(engine, options).await;
    for path in PAGES {
        browser.goto(&collector.url(path)).await;
        browser.find(Page, "h1").await;
        browser.wants_no_violation(path).await;
        assert_eq!(overflow(&browser).await, Value::Null, "{path} in {engine:?}");
        if engine == Engine::Chromium {
            // Nothing on it breaks its own policy. That a page is missing is said there too.
            let mut said = browser.console().await;
            said.retain(|line| !(path == MISSING && line.contains("status of 404")));
            assert_eq!(said, Vec::<String>::new(), "{path}");
        }
    }
}

in_every_engine! {
    async fn nothing_is_wrong_by_day(engine: Engine) {
        wants_accessible_pages(engine, Options::default()).await;
    }

    async fn nothing_is_wrong_at_night(engine: Engine) {
        wants_accessible_pages(engine, Options::default().dark()).await;
    }

    async fn nobody_scrolls_sideways_on_the_narrowest_screen(engine: Engine) {
        let narrow = Options { width: 320, height: 700, ..Options::default() };
        wants_accessible_pages(engine, narrow).await;
    }
}
