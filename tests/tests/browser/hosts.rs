//! Hosts of all kinds: pages that come and go, that hold two buttons, whose style is hostile, that read from the right,
//! or that are seen through a keyhole. In each the form is filled in, in the page and in a frame.

use collector::embedding::Snippet;
use serde_json::json;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::line::Line;
use tests::site::Site;
use tests::{TestCollector, wait};

use crate::walk::{BUTTON, in_the_element};

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
    Site::serve([(
        "/",
        format!(
            "<!doctype html><html {html}><head><meta charset=utf-8><link rel=icon href=data:,><title>Fin</title>\
             <meta name=viewport content='width=device-width'><style>{style}</style></head><body><main><h1>Fin</h1>\
             {body}</main>{}</body></html>",
            Snippet::Module.html(collector)
        ),
    )])
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
        let keyhole = Options { width: 320, height: 640, ..Options::default() };
        both_ways(engine, keyhole, "lang=fr", "").await;
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
             element.setAttribute('demarche', '3059');
             const link = document.createElement('a');
             link.href = '{}/avis/3059'; link.textContent = 'Je donne mon avis';
             element.append(link);
             document.querySelector('main').prepend(element); window.element = element;",
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

    async fn a_page_loads_whatever_becomes_of_the_collector_and_keeps_its_link(engine: Engine) {
        let collector = TestCollector::start().await;
        let browser = Browser::open(engine, Options::default()).await;
        for line in [Line::Stopped, Line::Hanging, Line::Failing] {
            let address = line.to(&collector);
            let html = Site::host_page_html(&address);
            let html = html.replace(&Snippet::Async.html(&address), &Snippet::AfterLoad.html(&address));
            // Where `load` waited for a collector that hangs, the driver would go on without it.
            browser.goto(&Site::serve([("/", html)]).url("/")).await;
            wait::until("the page to have loaded", async || {
                let state = browser.js("return document.readyState", vec![]).await;
                if state == "complete" { Ok(()) } else { Err(format!("{line:?}: {state}")) }
            })
            .await;
            let link = browser.find(Page, "je-donne-mon-avis > a").await;
            assert_eq!(link.attr("role").await.unwrap(), None, "{line:?}");
            let href = link.attr("href").await.unwrap().unwrap();
            assert!(href.starts_with(&address), "{href}");
            if line == Line::Failing {
                link.click().await.unwrap();
                assert_eq!(browser.url().await, href);
            }
        }
    }
}
