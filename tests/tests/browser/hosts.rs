//! Hosts of all kinds: pages that come and go, that hold two buttons, whose style is hostile, that read from the right,
//! or that are seen through a keyhole. In each the form is filled in, in the page and in a frame.

use collector::embedding::Snippet;
use serde_json::json;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::faults::{BadNetwork, Fault};
use tests::line::Line;
use tests::site::Site;
use tests::{TestCollector, wait};

use crate::walk::{BUTTON, Walk, in_the_element, wants_receipt};

/// What hosts do to whatever is on their pages.
const HOSTILE: &str = "* { all: unset !important; font-size: 40px !important; color: red !important; \
    background: lime !important; position: static !important; transform: rotate(1deg) !important; \
    text-transform: uppercase !important; line-height: 3 !important; pointer-events: auto !important }";

/// A page: its language and direction, its style, and what it shows.
fn page(html: &str, style: &str, body: &str, collector: &str) -> Site {
    let element = |id: &str, mode: &str| {
        format!(
            "<je-donne-mon-avis id={id} demarche=3059 bouton=12 mode={mode}>\
             <a href='{collector}/avis/3059?bouton=12'>Je donne mon avis</a></je-donne-mon-avis>"
        )
    };
    let body =
        body.replace("{dialog}", &element("first", "dialog")).replace("{frame}", &element("second", "frame"));
    let [width, height] = KEYHOLE;
    let keyhole = format!(
        "<!doctype html><html lang=fr><head><title>Fin</title></head><body>\
         <iframe title=Fin src=/ width={width} height={height} style='border: 0'></iframe></body></html>"
    );
    let page = format!(
        "<!doctype html><html {html}><head><meta charset=utf-8><link rel=icon href=data:,><title>Fin</title>\
         <meta name=viewport content='width=device-width'><style>{style}</style></head><body><main><h1>Fin</h1>\
         {body}</main>{}</body></html>",
        Snippet::Module.html(collector)
    );
    Site::serve([("/", page), ("/keyhole", keyhole)])
}

/// What a window of 1280 × 1024 shows at 400 %, in CSS pixels.
const KEYHOLE: [u32; 2] = [320, 256];

/// Shows the page as through a keyhole. The windows of Firefox and MiniBrowser are never so narrow: a frame is.
async fn look_through_the_keyhole(browser: &Browser, site: &Site) {
    if browser.engine() == Engine::Chromium {
        browser.goto(&site.url("/")).await;
    } else {
        browser.goto(&site.url("/keyhole")).await;
        browser.enter_frame(Page, "iframe").await;
    }
    assert_eq!(browser.js("return [innerWidth, innerHeight]", vec![]).await, json!(KEYHOLE));
}

/// Gives an avis through the button of the first element on the page, in the page or in its frame, and closes the form.
async fn gives_an_avis(browser: &Browser) {
    browser.click(Page, BUTTON).await;
    let is_framed =
        browser.js("return document.querySelector('je-donne-mon-avis').mode", vec![]).await == "frame";
    if is_framed {
        browser.enter_frame(Form, ".framed iframe").await;
    }
    let walk = in_the_element(browser);
    walk.pick("satisfaction", "tres_bien").await;
    walk.press("next").await;
    walk.see("clarity").await;
    let style = "const size = (node) => parseFloat(getComputedStyle(node).fontSize);
        const legend = document.querySelector('je-donne-mon-avis').shadowRoot.querySelector('legend');
        return [size(legend) / Math.max(size(document.documentElement), 16),
          document.documentElement.scrollWidth <= innerWidth]";
    let seen = browser.js(style, vec![]).await;
    // The root's size is the person's own, whatever a page says of it; below 16 pixels nobody is asked to read.
    assert_eq!(seen[0], 1.125, "the size of a question, of the root's");
    if is_framed {
        assert_eq!(seen[1], true, "the form scrolls sideways");
        browser.leave_frame().await;
    }
    let fits = "const root = document.querySelector('je-donne-mon-avis').shadowRoot;
        const box = root.querySelector('dialog[open]').getBoundingClientRect();
        return box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight";
    assert_eq!(browser.js(fits, vec![]).await, true, "the dialog is wholly in sight");
    browser.click(Form, if is_framed { ".framed button" } else { ".close" }).await;
    browser.wait_gone(Form, "dialog").await;
}

/// A page of this kind, with the form in the page, then in a frame.
async fn both_ways(engine: Engine, options: Options, html: &str, style: &str) {
    let collector = TestCollector::start().await;
    let browser = Browser::open(engine, options).await;
    for (element, so_far) in [("{dialog}", 1), ("{frame}", 2)] {
        browser.goto(&page(html, style, element, collector.address()).url("/")).await;
        gives_an_avis(&browser).await;
        assert_eq!(collector.smileys("3059").await, [0, 0, so_far]);
    }
}

in_every_engine! {
    async fn a_hostile_style_does_not_reach_the_form(engine: Engine) {
        both_ways(engine, Options::default(), "lang=fr", HOSTILE).await;
    }

    async fn small_roots_leave_it_readable(engine: Engine) {
        both_ways(engine, Options::default(), "lang=fr", "html { font-size: 62.5% } body { font-size: 1.6rem }").await;
    }

    async fn pages_read_from_the_right_have_it_as_well(engine: Engine) {
        both_ways(engine, Options::default(), "lang=ar dir=rtl", "").await;
    }

    async fn a_zoom_of_400_percent_leaves_room_for_it(engine: Engine) {
        let collector = TestCollector::start().await;
        let [width, height] = KEYHOLE;
        let keyhole = Options { width, height, ..Options::default() };
        let browser = Browser::open(engine, keyhole).await;
        for (element, so_far) in [("{dialog}", 1), ("{frame}", 2)] {
            look_through_the_keyhole(&browser, &page("lang=fr", "", element, collector.address())).await;
            gives_an_avis(&browser).await;
            assert_eq!(collector.smileys("3059").await, [0, 0, so_far]);
        }

        // Every control of every screen: in sight, of its size, nothing cut off.
        look_through_the_keyhole(&browser, &page("lang=fr", "", "{dialog}", collector.address())).await;
        browser.click(Page, BUTTON).await;
        let walk = Walk { axe: true, ..in_the_element(&browser) };
        wants_receipt(&walk.whole_form().await);
        assert_eq!(collector.smileys("3059").await, [0, 0, 3]);
    }

    async fn what_is_said_of_a_failure_covers_no_answer_at_400_percent(engine: Engine) {
        let collector = TestCollector::start().await;
        let network = BadNetwork::before(&collector);
        let [width, height] = KEYHOLE;
        let keyhole = Options { width, height, ..Options::default() };
        let browser = Browser::open(engine, keyhole).await;
        look_through_the_keyhole(&browser, &page("lang=fr", "", "{dialog}", &network.address())).await;
        browser.click(Page, BUTTON).await;
        let walk = in_the_element(&browser);
        walk.pick("satisfaction", "moyen").await;
        network.strike(Fault::Unavailable);
        walk.press("next").await;
        walk.hears("Le service a un problème").await;
        // A click that meets something else is none.
        for smiley in ["pas_bien", "moyen", "tres_bien"] {
            walk.pick("satisfaction", smiley).await;
        }
        browser.wants_no_violation("a failure").await;
        browser.wants_no_misfit("a failure").await;
        browser.click(Form, ".retry").await;
        network.heal();
        walk.see("clarity").await;
    }

    async fn two_elements_on_a_page_are_two_forms(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&page("lang=fr", "", "{dialog}{frame}", collector.address()).url("/")).await;
        gives_an_avis(&browser).await;
        // The second comes first.
        browser.js("document.querySelector('main').prepend(document.querySelector('#second'))", vec![]).await;
        gives_an_avis(&browser).await;
        assert_eq!(collector.smileys("3059").await, [0, 0, 2]);
    }

    async fn an_application_adds_moves_and_removes_it(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&page("lang=fr", "", "<section></section>", collector.address()).url("/")).await;
        let add = format!(
            "const element = document.createElement('je-donne-mon-avis');
             const link = document.createElement('a');
             link.href = '{}/avis/3059'; link.textContent = 'Je donne mon avis';
             element.append(link);
             document.querySelector('main').prepend(element); window.element = element;
             element.setAttribute('demarche', '3059');",
            collector.address()
        );
        browser.js(&add, vec![]).await;
        browser.click(Page, BUTTON).await;
        let walk = in_the_element(&browser);
        walk.pick("satisfaction", "tres_bien").await;

        // While the form is open: it stays, over the page, with what was picked.
        let moved = "document.querySelector('section').append(element);
            return element.shadowRoot.querySelector('dialog').matches(':modal')";
        assert_eq!(browser.js(moved, vec![]).await, true);
        assert!(browser.is_checked(Form, "#satisfaction-tres_bien").await);
        walk.press("next").await;
        walk.see("clarity").await;
        assert_eq!(collector.smileys("3059").await, [0, 0, 1]);

        let removed = "element.remove(); const done = arguments[0];
            setTimeout(() => done(element.shadowRoot.querySelectorAll('.avis').length))";
        assert_eq!(browser.js_async(removed, vec![]).await, json!(0));
        // An element that comes back goes on with the form that was begun.
        browser.js(&add, vec![]).await;
        browser.click(Page, BUTTON).await;
        walk.see("clarity").await;
    }

    async fn a_page_that_imports_after_load_loads_whatever_its_collector_does_and_keeps_its_link(engine: Engine) {
        let collector = TestCollector::start().await;
        // A driver would wait for what is slow, or not there.
        let browser = Browser::open(engine, Options::default().without_waiting()).await;
        for line in Line::ALL.into_iter().filter(|line| *line != Line::Healthy) {
            let address = line.to(&collector);
            let html = Site::host_page_html(&address);
            let html = html.replace(&Snippet::Async.html(&address), &Snippet::AfterLoad.html(&address));
            let page = Site::serve([("/", html)]).url("/");
            browser.goto(&page).await;
            wait::until(&format!("the page to have loaded, {line:?}"), async || {
                // The page before may go while it is asked.
                let state = browser.client().execute("return [location.href, document.readyState]", vec![]).await;
                let state = state.map_err(|gone| gone.to_string())?;
                if state == json!([page, "complete"]) { Ok(()) } else { Err(state.to_string()) }
            })
            .await;
            let link = browser.find(Page, "je-donne-mon-avis > a").await;
            let href = link.attr("href").await.unwrap().unwrap();
            assert_eq!(href, format!("{address}/avis/3059?bouton=12"), "{line:?}");
            if line != Line::Throttled {
                assert_eq!(link.attr("role").await.unwrap(), None, "{line:?}: no button without its loader");
            }
            // Where nobody answers there is nothing to see.
            if let Line::Failing | Line::Throttled = line {
                link.click().await.unwrap();
                // A button by then waits some seconds for the form before it leads there as well.
                wait::until(&format!("{href}, {line:?}"), async || {
                    let url = browser.url().await;
                    if url == href { Ok(()) } else { Err(url) }
                })
                .await;
            }
        }
    }
}
