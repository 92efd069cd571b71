//! What people rely on who do not see, do not point, or see in their own way. axe-core and rulers look at every screen of
//! a walk; here they do so under other conditions, and here is what neither can know. `docs/accessibility.md` says which
//! criterion each test is for.

use serde_json::json;
use shared::Language;
use shared::questionnaire::{Choice, Question, Satisfaction};
use tests::TestCollector;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::collector::workspace;
use tests::faults::{BadNetwork, Fault};
use tests::site::Site;
use tests::wait;

use crate::walk::{BUTTON, Walk, in_the_element, wants_receipt};

/// Opens the form on a host page, with this done to the page first.
async fn open(engine: Engine, collector: &TestCollector, options: Options, script: &str) -> Browser {
    let site = Site::host_page_of(collector);
    let browser = Browser::open(engine, options).await;
    browser.goto(&site.url("/")).await;
    browser.find(Page, BUTTON).await;
    browser.js(script, vec![]).await;
    browser.click(Page, BUTTON).await;
    in_the_element(&browser).see("satisfaction").await;
    browser
}

/// Every screen, with axe-core and rulers, after this was done to the page.
async fn every_screen(engine: Engine, options: Options, script: &str) {
    let collector = TestCollector::start().await;
    let browser = open(engine, &collector, options, script).await;
    wants_receipt(&Walk { axe: true, ..in_the_element(&browser) }.whole_form().await);
}

/// Every control that is shown, marked by its place in the document: the role and the words that it has to be told by.
const CONTROLS: &str = r##"
    const root = document.querySelector("je-donne-mon-avis").shadowRoot;
    const roles = { radio: "radio", checkbox: "checkbox", textarea: "textbox", submit: "button", button: "button" };
    const words = (node) => node ? node.innerText.trim() : "";
    return [...root.querySelectorAll("dialog, fieldset, input, textarea, button, a[href]")]
      .filter((node) => node.getClientRects().length && !node.closest(".trap"))
      .map((node, nth) => {
        node.dataset.nth = nth;
        const role = { DIALOG: "dialog", FIELDSET: "group", A: "link" }[node.tagName] ?? roles[node.type];
        const label = node.labels?.length ? node.labels[0] : node.querySelector(":scope > legend") ?? node;
        return { role, words: role === "dialog" ? words(root.querySelector("#title")) : words(label) };
      });"##;

/// The letters of a text, whatever the spaces between them: engines differ there.
fn spoken(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Wants each control of the screen to be told by its role and by the words that are seen.
async fn wants_names(browser: &Browser, screen: &str) -> Vec<(String, String)> {
    let controls = browser.js(CONTROLS, vec![]).await;
    let mut all = Vec::new();
    for (nth, control) in controls.as_array().unwrap().iter().enumerate() {
        let element = browser.look(Form, &format!("[data-nth='{nth}']")).await.unwrap();
        let (role, name) = browser.told(&element).await;
        let words = control["words"].as_str().unwrap();
        // A cross has no words, but a name it has.
        let is_named = !name.trim().is_empty() && spoken(&name).contains(&spoken(words));
        assert!(is_named, "{screen} in {:?}: {control} is called {name:?}", browser.engine());
        let expected = control["role"].as_str().unwrap();
        let is_right = role == expected || (expected == "group" && role == "radiogroup");
        assert!(is_right, "{screen} in {:?}: {control} is a {role:?}", browser.engine());
        all.push((role, spoken(&name)));
    }
    all
}

/// Notes what regions of announcements say, and which of them came with their words already in them.
const LISTEN: &str = r#"
    const root = document.querySelector("je-donne-mon-avis").shadowRoot;
    const regions = "[role=status], [role=alert], [aria-live]";
    window.heard = [];
    window.sudden = [];
    new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        for (const node of addedNodes) {
          const inside = node.nodeType === 1 ? [node, ...node.querySelectorAll("*")] : [];
          for (const region of inside.filter((one) => one.matches(regions) && one.textContent.trim())) {
            window.sudden.push(region.outerHTML);
          }
        }
        const element = target.nodeType === 1 ? target : target.parentElement;
        const region = element?.closest(regions);
        const words = region?.textContent.trim();
        if (words && window.heard.at(-1) !== words) window.heard.push(words);
      }
    }).observe(root, { subtree: true, childList: true, characterData: true });"#;

/// Where Tab stops on the screen, one round, each by its place in the document and one stop for a group of radios.
const STOPS: &str = r"
    let active = document.activeElement;
    while (active.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    const root = document.querySelector('je-donne-mon-avis').shadowRoot;
    return [...root.querySelectorAll('*')].indexOf(active);";

in_every_engine! {
    async fn every_screen_fits_the_narrowest_window(engine: Engine) {
        every_screen(engine, Options { width: 320, height: 640, ..Options::default() }, "").await;
    }

    async fn every_screen_takes_text_twice_as_large(engine: Engine) {
        every_screen(engine, Options::default(), "document.documentElement.style.fontSize = '200%'").await;
    }

    /// The distances of WCAG 1.4.12.
    async fn every_screen_takes_text_with_more_space(engine: Engine) {
        let spaced = "const sheet = new CSSStyleSheet();
            sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; \
              word-spacing: .16em !important } p { margin-block-end: 2em !important }');
            for (const root of [document, document.querySelector('je-donne-mon-avis').shadowRoot]) {
              root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
            }";
        every_screen(engine, Options { width: 390, height: 844, ..Options::default() }, spaced).await;
    }

    async fn every_control_is_told_by_its_role_and_by_its_words(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector, Options::default(), "").await;
        let walk = in_the_element(&browser);
        let texts = Language::Fr.texts();

        let controls = wants_names(&browser, "the first screen").await;
        let faces: Vec<_> = controls.iter().filter(|(role, _)| role == "radio").map(|(_, name)| name.clone()).collect();
        assert_eq!(faces, Satisfaction::ALL.iter().map(|choice| spoken(texts.satisfaction(*choice))).collect::<Vec<_>>());
        let question = spoken(texts.question(Question::Satisfaction));
        assert!(controls.iter().any(|(role, name)| role.ends_with("group") && name.contains(&question)));
        walk.pick("satisfaction", "moyen").await;
        walk.press("next").await;

        walk.see("clarity").await;
        wants_names(&browser, "clarity and ease").await;
        walk.press("next").await;
        walk.see("help_tried").await;
        walk.help().await;
        wants_names(&browser, "help").await;
        walk.press("next").await;
        walk.see("malfunctions").await;
        walk.pick("malfunctions", "other").await;
        wants_names(&browser, "malfunctions").await;
        walk.press("next").await;
        walk.see("comment").await;
        wants_names(&browser, "comment").await;
        walk.press("finish").await;
        browser.find(Form, ".ticket strong").await;
        wants_names(&browser, "the receipt").await;
    }

    async fn what_goes_wrong_is_announced_where_a_region_was_waiting(engine: Engine) {
        let collector = TestCollector::start().await;
        let network = BadNetwork::before(&collector);
        let site = Site::host_page(&network.address());
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        browser.click(Page, BUTTON).await;
        let walk = in_the_element(&browser);
        walk.see("satisfaction").await;
        browser.js(LISTEN, vec![]).await;

        network.next([Fault::Offline]);
        walk.pick("satisfaction", "moyen").await;
        walk.press("next").await;
        // It goes on by itself.
        walk.see("clarity").await;
        let heard = browser.js("return window.heard", vec![]).await;
        let heard: Vec<_> = heard.as_array().unwrap().iter().filter_map(|words| words.as_str()).collect();
        let place = |words| heard.iter().position(|heard| heard.contains(words));
        let (failed, delivered) = (place("La connexion ne passe pas"), place("Votre avis est maintenant bien enregistré"));
        assert!(failed.is_some() && failed < delivered, "{heard:?}");
        assert_eq!(browser.js("return window.sudden", vec![]).await, json!([]), "words that no reader is told");
    }

    async fn tab_goes_through_each_screen_in_the_order_in_which_it_is_read(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector, Options::default(), "").await;
        let walk = in_the_element(&browser);
        for (screen, choice) in [("satisfaction", "moyen"), ("clarity", "3"), ("help_tried", "chat")] {
            walk.see(screen).await;
            walk.pick(screen, choice).await;
            let mut stops = Vec::new();
            loop {
                browser.press(fantoccini::key::Key::Tab).await;
                let stop = browser.js(STOPS, vec![]).await.as_i64().unwrap();
                // Behind the last one comes the first one again, or what is around the page.
                if stop < 0 || stops.contains(&stop) {
                    break;
                }
                stops.push(stop);
            }
            let turns = stops.windows(2).filter(|pair| pair[1] < pair[0]).count();
            assert!(stops.len() >= 2 && turns <= 1, "{screen} in {engine:?}: {stops:?}");
            walk.press("next").await;
        }
    }

    async fn nothing_moves_for_who_asked_for_less_motion(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = open(engine, &collector, Options { calm: true, ..Options::default() }, "").await;
        let moving = "const root = document.querySelector('je-donne-mon-avis').shadowRoot;
            const still = (style) => style.animationName === 'none' && /^(0s(, )?)+$/.test(style.transitionDuration);
            return [matchMedia('(prefers-reduced-motion: reduce)').matches,
              [...root.querySelectorAll('*')].filter((node) => !still(getComputedStyle(node))).map((node) => node.outerHTML.slice(0, 80))]";
        assert_eq!(browser.js(moving, vec![]).await, json!([true, []]));
        let walk = in_the_element(&browser);
        walk.pick("satisfaction", "moyen").await;
        walk.press("next").await;
        walk.see("clarity").await;
        assert_eq!(browser.js(moving, vec![]).await, json!([true, []]));
    }
}

/// In the engines that know such colours: WebKit does not.
async fn what_is_chosen_and_focused_shows_in_colours_of_the_person(engine: Engine) {
    let collector = TestCollector::start().await;
    let forced = Options { forced_colours: true, ..Options::default() };
    let browser = open(engine, &collector, forced, "").await;
    let walk = in_the_element(&browser);
    assert_eq!(browser.js("return matchMedia('(forced-colors: active)').matches", vec![]).await, true);

    // Grounds change in a moment, not at once.
    let until_they_differ = async |chosen: &str, other: &str, property: &str| {
        let script = "const root = document.querySelector('je-donne-mon-avis').shadowRoot;
            return [arguments[0], arguments[1]].map((id) => getComputedStyle(root.getElementById(id))[arguments[2]])";
        let what = format!("{chosen} to differ from {other} in {property}");
        wait::until(&what, async || {
            let seen = browser.js(script, vec![chosen.into(), other.into(), property.into()]).await;
            if seen[0] == seen[1] { Err(seen.to_string()) } else { Ok(seen) }
        })
        .await
    };
    walk.pick("satisfaction", "moyen").await;
    let widths = until_they_differ("satisfaction-moyen", "satisfaction-pas_bien", "borderTopWidth").await;
    assert_eq!(widths, json!(["3px", "1px"]));
    walk.press("next").await;
    walk.see("clarity").await;
    walk.pick("clarity", "3").await;
    until_they_differ("clarity-3", "clarity-4", "backgroundColor").await;

    browser.press(fantoccini::key::Key::Tab).await;
    let focus = "let active = document.activeElement;
        while (active.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
        const style = getComputedStyle(active); return [style.outlineStyle, parseFloat(style.outlineWidth) >= 2]";
    wait::until("the focus to be drawn", async || match browser.js(focus, vec![]).await {
        drawn if drawn == json!(["solid", true]) => Ok(()),
        drawn => Err(drawn.to_string()),
    })
    .await;
}

#[tokio::test]
async fn colours_of_the_person_in_chromium() {
    what_is_chosen_and_focused_shows_in_colours_of_the_person(Engine::Chromium).await;
}

#[tokio::test]
async fn colours_of_the_person_in_firefox() {
    what_is_chosen_and_focused_shows_in_colours_of_the_person(Engine::Firefox).await;
}

/// The criteria of RGAA 4.1.2: how many each theme has.
const CRITERIA: [u32; 13] = [9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12];

/// The criteria of a cell: `1.1, 1.2`, `1.3–1.9`.
fn criteria(cell: &str) -> Vec<(u32, u32)> {
    let one = |text: &str| {
        let (theme, number) = text.trim().split_once('.').unwrap();
        (theme.parse().unwrap(), number.parse().unwrap())
    };
    let several = |text: &str| {
        let (first, last) = text.split_once('–').unwrap_or((text, text));
        let ((theme, first), (_, last)): ((u32, u32), (u32, u32)) = (one(first), one(last));
        (first..=last).map(move |number| (theme, number)).collect::<Vec<_>>()
    };
    cell.split(',').flat_map(several).collect()
}

#[test]
fn the_document_names_every_criterion_and_tests_that_there_are() {
    let document = std::fs::read_to_string(workspace().join("docs/accessibility.md")).unwrap();
    let rows: Vec<Vec<&str>> = document
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| criterion"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();

    let mut named: Vec<_> = rows.iter().flat_map(|row| criteria(row[0])).collect();
    named.sort_unstable();
    let all = (1..).zip(CRITERIA).flat_map(|(theme, count)| (1..=count).map(move |number| (theme, number)));
    assert_eq!(named, all.collect::<Vec<_>>());

    for row in &rows {
        let known_by = row.last().unwrap();
        assert!(!known_by.is_empty(), "{row:?}");
        for test in known_by.split('`').filter(|name| name.contains("::")) {
            let (module, name) = test.rsplit_once("::").unwrap();
            let file = match module {
                "css::colours" => "widget/src/css/colours.rs".to_owned(),
                module => format!("tests/tests/browser/{module}.rs"),
            };
            let source = std::fs::read_to_string(workspace().join(&file)).unwrap();
            assert!(source.contains(&format!("fn {name}(")), "{file} has no test {name}");
        }
    }
}
