//! What a host page notices of its collector: `cargo run -p tests --bin host_waits`.
//!
//! The last page of a service in Chromium, nothing cached, with each of the snippets that bring the loader in, and a
//! collector that is healthy, stopped, hanging, failing or throttled to 1 kB/s; they take turns, so that a machine that
//! slows down slows all alike. Prints medians of when the page was ready and loaded, and the layout shifts and long tasks
//! until half a second after the loader came or did not. `--loads` says how many loads each; 30 by default.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Parser;
use collector::embedding::Snippet;
use serde_json::json;
use tests::line::Line;
use tests::site::Site;
use tests::{Browser, Engine, Options, TestCollector};

#[derive(Parser)]
struct Arguments {
    /// How often each page is loaded.
    #[arg(long, default_value_t = 30)]
    loads: usize,
}

/// Above what a healthy page takes by far, and below the 10 s after which the driver goes on.
const HELD: Duration = Duration::from_secs(4);

/// What one load showed: milliseconds from its start, the sum of the shifts, and the number of long tasks. No figure for
/// an event that was held for more than [`HELD`].
struct Load {
    ready: Option<f64>,
    loaded: Option<f64>,
    shift: f64,
    long_tasks: f64,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a tool prints its figures")]
async fn main() {
    let arguments = Arguments::parse();
    let collector = TestCollector::start().await;
    let pages: Vec<_> = Snippet::ALL
        .into_iter()
        .flat_map(|snippet| Line::ALL.map(|line| (snippet, line, page(snippet, &line.to(&collector)))))
        .collect();
    let browser = Browser::open(Engine::Chromium, Options::default().without_waiting()).await;
    browser.cdp("Network.enable", json!({})).await;
    browser.cdp("Network.setCacheDisabled", json!({"cacheDisabled": true})).await;
    let mut loads: BTreeMap<usize, Vec<Load>> = BTreeMap::new();
    for _ in 0..arguments.loads {
        for (number, (_, line, site)) in pages.iter().enumerate() {
            let seen = loads.entry(number).or_default();
            // One that is held is held each time: three show it, and the rest would take an hour.
            if seen.iter().filter(|load| load.loaded.is_none()).count() < 3 {
                seen.push(load(&browser, site, *line).await);
            }
        }
    }

    println!(
        "| snippet | collector | `DOMContentLoaded` | `load` | more than healthy | layout shift | long tasks |"
    );
    println!("|---|---|---|---|---|---|---|");
    let mut healthy = None;
    for (number, (snippet, line, _)) in pages.iter().enumerate() {
        let Some(seen) = loads.get(&number) else { continue };
        let loaded = median(seen, |load| load.loaded);
        if *line == Line::Healthy {
            healthy = loaded;
        }
        let more = loaded.zip(healthy).map(|(loaded, healthy)| loaded - healthy);
        println!(
            "| {} | {line:?} | {} | {} | {} | {:.3} | {:.0} |",
            name(*snippet),
            told(median(seen, |load| load.ready)),
            told(loaded),
            more.map_or_else(String::new, |more| format!("{more:+.0} ms")),
            median(seen, |load| Some(load.shift)).unwrap_or_default(),
            median(seen, |load| Some(load.long_tasks)).unwrap_or_default(),
        );
    }
}

fn name(snippet: Snippet) -> &'static str {
    match snippet {
        Snippet::Module => "`type=module`",
        Snippet::Async => "`type=module async`",
        Snippet::AfterLoad => "after `load`",
    }
}

fn told(milliseconds: Option<f64>) -> String {
    milliseconds
        .map_or_else(|| format!("held for > {} s", HELD.as_secs()), |figure| format!("{figure:.0} ms"))
}

/// The host page with this snippet in the place of its own.
fn page(snippet: Snippet, collector: &str) -> Site {
    let html = Site::host_page_html(collector);
    let own = Snippet::Async.html(collector);
    assert!(html.contains(&own), "the host page has another snippet than {own}");
    Site::serve([("/", html.replace(&own, &snippet.html(collector)))])
}

/// Loads the page and looks at what it noticed.
async fn load(browser: &Browser, site: &Site, line: Line) -> Load {
    browser.goto("about:blank").await;
    // It returns when the page has begun to come.
    browser.cdp("Page.navigate", json!({"url": site.url("/")})).await;
    let settled = match line {
        Line::Healthy | Line::Throttled => "customElements.get('je-donne-mon-avis')",
        Line::Stopped | Line::Hanging | Line::Failing => {
            "performance.getEntriesByType('navigation')[0].loadEventEnd"
        }
    };
    let script = format!(
        "const done = arguments[0];
         const [page] = performance.getEntriesByType('navigation');
         let shift = 0, tasks = 0;
         const watch = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each))
             .observe({{type, buffered: true}});
         watch('layout-shift', (entry) => shift += entry.value);
         watch('longtask', () => tasks += 1);
         const end = () => done([page.domContentLoadedEventEnd, page.loadEventEnd, shift, tasks]);
         const look = () => {{
             if (performance.now() > {held}) end();
             else if (page.loadEventEnd && {settled}) setTimeout(end, 500);
             else setTimeout(look, 20);
         }};
         look();",
        held = HELD.as_millis()
    );
    let seen = browser.js_async(&script, vec![]).await;
    let figure = |at: usize| seen[at].as_f64().unwrap_or_default();
    let event = |at: usize| Some(figure(at)).filter(|time| *time > 0.0);
    Load { ready: event(0), loaded: event(1), shift: figure(2), long_tasks: figure(3) }
}

/// The median of these, if it is known of most.
fn median(loads: &[Load], of: impl Fn(&Load) -> Option<f64>) -> Option<f64> {
    let mut figures: Vec<f64> = loads.iter().map(|load| of(load).unwrap_or(f64::INFINITY)).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().filter(|figure| figure.is_finite())
}
