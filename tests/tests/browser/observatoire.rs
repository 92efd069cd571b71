//! The observatory as people see it: on a desk and on a phone, by day and by night, by keyboard, enlarged, on paper.

use fantoccini::key::Key;
use serde_json::{Value, json};
use tests::TestCollector;
use tests::browser::Place::Page;
use tests::browser::{Browser, Engine, Options};

/// A year of the demo: most démarches have a note, some have too few avis for one.
const LIST: &str = "/observatoire?from=2025-11-01&to=2026-10-31";
const ONE: &str = "/observatoire/1001?from=2025-11-01&to=2026-10-31";
const EDITIONS: &str = "/observatoire/editions";

async fn demo() -> TestCollector {
    let mut collector = TestCollector::stopped(&[]);
    collector.run(&["demo", "--demarches", "40", "--avis", "12000", "--seed", "5", "--until", "2026-10-31"]);
    collector.run(&["edition", "freeze", "2026-T2"]);
    collector.run(&["edition", "erratum", "2026-T2", "--text", "Le titre de la démarche 1001 a changé."]);
    collector.serve().await;
    collector
}

/// What is wider than the page, which nobody should have to scroll sideways.
pub(crate) async fn overflow(browser: &Browser) -> Value {
    browser
        .js(
            "const page = document.documentElement;
             if (page.scrollWidth <= page.clientWidth) return null;
             const wide = [...document.querySelectorAll('body *')].filter(box => {
               const {left, right} = box.getBoundingClientRect();
               return left < -1 || right > page.clientWidth + 1;
             });
             return [page.clientWidth, page.scrollWidth, wide.slice(0, 5).map(box => box.outerHTML.slice(0, 120))];",
            vec![],
        )
        .await
}

async fn wants_accessible_pages(engine: Engine, options: Options) {
    let collector = demo().await;
    let browser = Browser::open(engine, options).await;
    for path in [LIST, ONE, EDITIONS, "/observatoire?q=rien-du-tout", "/observatoire?level=orange"] {
        browser.goto(&collector.url(path)).await;
        browser.find(Page, "h1").await;
        browser.wants_no_violation(path).await;
        assert_eq!(overflow(&browser).await, Value::Null, "{path} in {engine:?}");
        if engine == Engine::Chromium && !path.contains("orange") {
            // Nothing on it breaks its own policy.
            assert_eq!(browser.console().await, Vec::<String>::new(), "{path}");
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

    async fn nothing_is_wrong_on_a_phone(engine: Engine) {
        wants_accessible_pages(engine, Options::default().phone()).await;
    }

    async fn nobody_scrolls_sideways_on_the_narrowest_screen_in_large_letters_or_from_right_to_left(engine: Engine) {
        let collector = demo().await;
        let narrow = Options { width: 320, height: 700, ..Options::default() };
        for (options, change) in [
            (narrow.clone(), ""),
            (narrow, "document.documentElement.dir = 'rtl'"),
            (Options::default(), "document.documentElement.style.fontSize = '200%'"),
            (Options::default(), "document.documentElement.dir = 'rtl'"),
        ] {
            let browser = Browser::open(engine, options).await;
            for path in [LIST, ONE, EDITIONS] {
                browser.goto(&collector.url(path)).await;
                browser.find(Page, "h1").await;
                browser.js("document.querySelectorAll('details').forEach(one => one.open = true)", vec![]).await;
                browser.js(change, vec![]).await;
                assert_eq!(overflow(&browser).await, Value::Null, "{path} {change} in {engine:?}");
            }
        }
    }

    async fn the_keyboard_goes_from_the_choices_to_the_first_demarche_in_the_order_of_the_page(engine: Engine) {
        let collector = demo().await;
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&collector.url(LIST)).await;
        browser.find(Page, "h1").await;
        let mut seen: Vec<String> = Vec::new();

        for wanted in [
            ".masthead a",
            ".periods [aria-current]",
            ".periods summary",
            "#q",
            "#ministry",
            "#administration",
            "#audience",
            "#sort",
            "#essential",
            ".filters button",
            ".levels [aria-current]",
            ".downloads a",
            "[aria-sort] a",
            "tbody .title a",
        ] {
            let before = seen.len();
            while !browser.has_focus(wanted).await {
                assert!(seen.len() < before + 12, "Tab never reaches {wanted} in {engine:?}: {seen:#?}");
                browser.press(Key::Tab).await;
                seen.push(browser.focus().await);
            }
        }
        browser.press(Key::Enter).await;
        browser.find(Page, "main.one").await;
    }

    async fn the_form_is_the_address_and_works_without_scripts(engine: Engine) {
        let collector = demo().await;
        let browser = Browser::open(engine, Options::default().without_javascript()).await;
        browser.goto(&collector.url(LIST)).await;
        browser.write(Page, "#q", "DEMANDE").await;
        browser.click(Page, "#audience option[value=entreprises]").await;
        browser.click(Page, ".filters button").await;

        browser.find(Page, ".everything").await;

        let url = browser.url().await;
        for part in ["from=2025-11-01", "to=2026-10-31", "q=DEMANDE", "audience=entreprises"] {
            assert!(url.contains(part), "{part}: {url}");
        }
        assert_eq!(browser.value(Page, "#q").await, "DEMANDE");
        let row = browser.text(Page, "tbody .title").await;
        assert!(row.contains("Demande") && row.contains("Entreprises"), "{row}");
    }
}

#[tokio::test]
async fn a_badge_is_an_image_on_any_page_light_and_dark() {
    let collector = demo().await;
    for options in [Options::default(), Options::default().dark()] {
        let browser = Browser::open(Engine::Chromium, options).await;
        browser.goto(&collector.url(ONE)).await;
        let drawn = browser
            .js(
                "const badge = document.querySelector('img.badge');
                 return [badge.complete, badge.naturalWidth, badge.naturalHeight];",
                vec![],
            )
            .await;
        assert_eq!(drawn, json!([true, 380, 104]));
        browser.goto(&collector.url("/demarches/1001/badge.svg")).await;
        assert_eq!(browser.console().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn forced_colours_take_no_drawing_away() {
    let collector = demo().await;
    let browser = Browser::open(Engine::Chromium, Options::default()).await;
    let forced = json!({"features": [{"name": "forced-colors", "value": "active"}]});
    browser.cdp("Emulation.setEmulatedMedia", forced).await;
    browser.goto(&collector.url(LIST)).await;
    browser.find(Page, "h1").await;

    let colours = browser
        .js(
            "const colour = (css, property) => getComputedStyle(document.querySelector(css))[property];
             return [colour('tbody .marker', 'stroke'), colour('.axis', 'stroke'), colour('.spark path', 'stroke'),
                     colour('.level .shape', 'fill')].map(drawn => drawn !== colour('tbody tr', 'backgroundColor')
                       && drawn !== colour('.card', 'backgroundColor'));",
            vec![],
        )
        .await;

    assert_eq!(colours, json!([true, true, true, true]));
}

#[tokio::test]
async fn on_paper_each_sheet_begins_with_the_head_of_the_table_and_no_form_is_left() {
    let collector = demo().await;
    let browser = Browser::open(Engine::Chromium, Options::default().dark()).await;
    browser.goto(&collector.url(LIST)).await;
    browser.cdp("Emulation.setEmulatedMedia", json!({"media": "print"})).await;

    let seen = browser
        .js(
            "const style = css => getComputedStyle(document.querySelector(css));
             return [style('thead').display, style('tbody tr').breakInside, style('.filters').display,
                     style('.downloads').display, style('body').color];",
            vec![],
        )
        .await;

    assert_eq!(seen, json!(["table-header-group", "avoid", "none", "none", "rgb(0, 0, 0)"]));
}
