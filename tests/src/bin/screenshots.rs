//! Pictures taken of the real thing: `cargo run -p tests --bin screenshots`.
//!
//! Collectors of its own and Chromium. Two full pages: `docs/form-phone.png`, the hosted form on a phone, and
//! `docs/host-page-desktop.png`, the last page of a service with the button at its end. The beginnings of two of the
//! observatory, on a desk and on a phone, of a demo of a million avis: `docs/observatoire-*.png`, every démarche, and
//! `docs/demarche-*.png`, one of them. And for the collector the images of the button that pages out there load as PNG,
//! `collector/assets/bouton-bleu.png` and `bouton-blanc.png`.

use std::path::PathBuf;

use serde_json::json;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Options};
use tests::collector::workspace;
use tests::site::Site;
use tests::{Engine, TestCollector};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a tool tells what it made")]
async fn main() {
    let collector = TestCollector::start().await;
    let docs = workspace().join("docs");
    if let Err(error) = std::fs::create_dir_all(&docs) {
        println!("{}: {error}", docs.display());
        std::process::exit(1);
    }
    for path in [
        form_on_a_phone(&collector, docs.clone()).await,
        host_page(&collector, docs.clone()).await,
        image(&collector, "bouton-bleu").await,
        image(&collector, "bouton-blanc").await,
    ] {
        println!("{}", path.display());
    }
    let demo = demo().await;
    for look in OBSERVATORY {
        let path = docs.join(look.file);
        let options = if look.dark { Options::default().dark() } else { Options::default() };
        let browser = Browser::open(Engine::Chromium, options).await;
        sharp(&browser, look.width, look.height).await;
        browser.goto(&demo.url(look.address)).await;
        browser.find(Page, "h1").await;
        browser.screenshot_of_window(&path).await;
        println!("{}", path.display());
    }
}

/// A picture of the observatory.
struct Look {
    file: &'static str,
    address: &'static str,
    width: u32,
    height: u32,
    dark: bool,
}

const OBSERVATORY: [Look; 5] = [
    Look {
        file: "observatoire-desktop.png",
        address: "/observatoire",
        width: 1280,
        height: 1120,
        dark: false,
    },
    Look {
        file: "observatoire-dark.png",
        address: "/observatoire?sort=note",
        width: 1280,
        height: 1120,
        dark: true,
    },
    Look { file: "observatoire-phone.png", address: "/observatoire", width: 390, height: 1280, dark: false },
    Look {
        file: "demarche-desktop.png",
        address: "/observatoire/1001",
        width: 1280,
        height: 1560,
        dark: false,
    },
    Look { file: "demarche-phone.png", address: "/observatoire/1001", width: 390, height: 1280, dark: false },
];

/// Invented avis on invented démarches, up to yesterday.
async fn demo() -> TestCollector {
    let mut demo = TestCollector::stopped(&[]);
    demo.run(&["demo", "--demarches", "250", "--avis", "1000000"]);
    demo.serve().await;
    demo
}

async fn form_on_a_phone(collector: &TestCollector, docs: PathBuf) -> PathBuf {
    let path = docs.join("form-phone.png");
    let browser = Browser::open(Engine::Chromium, Options::default().phone()).await;
    sharp(&browser, 390, 680).await;
    browser.goto(&collector.url("/avis/3059?bouton=12")).await;
    browser.click(Form, "#satisfaction-tres_bien").await;
    browser.screenshot(&path).await;
    path
}

async fn host_page(collector: &TestCollector, docs: PathBuf) -> PathBuf {
    let path = docs.join("host-page-desktop.png");
    let browser = Browser::open(Engine::Chromium, Options::default()).await;
    sharp(&browser, 1280, 900).await;
    browser.goto(&Site::host_page_of(collector).url("/")).await;
    browser.find(Page, "je-donne-mon-avis > a[role=button]").await;
    browser.screenshot(&path).await;
    path
}

/// An image of the button as those see it who load it as PNG: the SVG of the same name, on nothing.
async fn image(collector: &TestCollector, name: &str) -> PathBuf {
    let path = workspace().join("collector/assets").join(name).with_extension("png");
    let browser =
        Browser::open(Engine::Chromium, Options { width: 200, height: 85, ..Options::default() }).await;
    let nothing = json!({"color": {"r": 0, "g": 0, "b": 0, "a": 0}});
    browser.cdp("Emulation.setDefaultBackgroundColorOverride", nothing).await;
    browser.goto(&collector.url(&format!("/static/{name}.svg"))).await;
    browser.screenshot(&path).await;
    path
}

/// Two device pixels for one of CSS, for pictures that stay sharp on the screens they are read on; nothing in
/// motion, so that none shows a colour half changed; and no scroll bar, which a picture of a whole page has no use for.
async fn sharp(browser: &Browser, width: u32, height: u32) {
    let still = json!({"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]});
    browser.cdp("Emulation.setEmulatedMedia", still).await;
    browser.cdp("Emulation.setScrollbarsHidden", json!({"hidden": true})).await;
    browser
        .cdp(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 2, "mobile": false}),
        )
        .await;
}
