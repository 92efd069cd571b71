//! How long until the first question of the hosted form can be answered, on a slow line and a slow phone:
//! `cargo run -p tests --bin first_question`.
//!
//! Chromium at 1.6 Mbit/s, 150 ms round trip, processor ÷ 4, nothing cached, as design.md has it; the budget is one
//! second. The form is plain HTML, so its question is usable when it is painted; when the element has taken over is
//! told beside it. Prints the figures, and fails only when it cannot measure.

use serde_json::json;
use tests::browser::Place::Form;
use tests::browser::{Browser, Options};
use tests::{Engine, TestCollector, wait};

/// The design's budget, in milliseconds.
const BUDGET: f64 = 1000.0;

/// An odd number, so that the median is one of them.
const RUNS: usize = 5;

/// What one visit took, in milliseconds from its start.
struct Visit {
    /// The first question is on the screen and its form can be sent.
    usable: f64,
    /// The element has taken the form over.
    upgraded: f64,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a tool prints its figures")]
async fn main() {
    let collector = TestCollector::start().await;
    let mut visits = Vec::new();
    for _ in 0..RUNS {
        visits.push(visit(&collector).await);
    }
    let figures = |of: fn(&Visit) -> f64| {
        let mut figures: Vec<_> = visits.iter().map(of).collect();
        figures.sort_by(f64::total_cmp);
        let [first, .., last] = figures[..] else { return String::new() };
        format!("{:.0} ms (median of {RUNS}; {first:.0} to {last:.0})", figures[RUNS / 2])
    };
    println!("hosted form, Chromium, 1.6 Mbit/s, 150 ms, CPU ÷ 4, cold cache");
    println!("first question usable: {}, budget {BUDGET:.0} ms", figures(|visit| visit.usable));
    println!("taken over by the element: {}", figures(|visit| visit.upgraded));
}

async fn visit(collector: &TestCollector) -> Visit {
    let browser = Browser::open(Engine::Chromium, Options::default().phone()).await;
    browser.cdp("Network.enable", json!({})).await;
    // 1.6 Mbit/s, in bytes each way.
    let line =
        json!({"offline": false, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000});
    browser.cdp("Network.emulateNetworkConditions", line).await;
    browser.cdp("Emulation.setCPUThrottlingRate", json!({"rate": 4})).await;
    // Notes on the page's own clock when the element has its form, whoever drew it.
    let watch = "const watch = () => {
            const root = document.querySelector('je-donne-mon-avis')?.shadowRoot;
            if (root?.querySelector('[name=satisfaction]')) window.upgraded = performance.now();
            else requestAnimationFrame(watch);
        };
        requestAnimationFrame(watch);";
    browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": watch })).await;
    browser.goto(&collector.url("/avis/3059?bouton=12")).await;
    browser.find(Form, "[name=satisfaction] + label").await;
    wait::until("the browser's figures", async || {
        let figures = browser
            .js(
                "const paint = performance.getEntriesByName('first-contentful-paint')[0];
                 const [page] = performance.getEntriesByType('navigation');
                 return [paint && Math.max(paint.startTime, page.domInteractive), window.upgraded]",
                vec![],
            )
            .await;
        match (figures[0].as_f64(), figures[1].as_f64()) {
            (Some(usable), Some(upgraded)) => Ok(Visit { usable, upgraded }),
            _ => Err(figures),
        }
    })
    .await
}
