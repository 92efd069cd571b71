//! Pictures taken of the real thing: `cargo run -p tests --bin screenshots`.
//!
//! Collectors of its own and Chromium. Two full pages: `docs/form-phone.png`, the hosted form on a phone, and
//! `docs/host-page-desktop.png`, the last page of a service with the button at its end. The beginnings of two of the
//! observatory, on a desk and on a phone, of a demo of a million avis: `docs/observatoire-*.png`, every démarche, and
//! `docs/demarche-*.png`, one of them. And for the collector the images of the button that pages out there load as PNG,
//! `collector/assets/bouton-bleu.png` and `bouton-blanc.png`.
//!
//! With a folder, `cargo run -p tests --bin screenshots -- FOLDER`, every screen of the form in every language, on a phone
//! and on a desk, by day and at night, to be looked at there: nothing of it is kept in the project.

use std::path::{Path, PathBuf};

use serde_json::json;
use shared::texts::Language;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Options};
use tests::collector::workspace;
use tests::site::Site;
use tests::{Engine, TestCollector};

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a tool tells what it made")]
async fn main() {
    let collector = TestCollector::start().await;
    if let Some(folder) = std::env::args_os().nth(1) {
        return every_language(&collector, Path::new(&folder)).await;
    }
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

/// Every screen in every language, device and light: `ar-phone-dark-3.png`.
#[expect(clippy::print_stdout, reason = "a tool tells what it made")]
async fn every_language(collector: &TestCollector, folder: &Path) {
    if let Err(error) = std::fs::create_dir_all(folder) {
        println!("{}: {error}", folder.display());
        std::process::exit(1);
    }
    for language in Language::ALL {
        for (device, width, height) in [("phone", 390, 760), ("desktop", 1280, 900)] {
            for (light, options) in [("light", Options::default()), ("dark", Options::default().dark())] {
                let browser = Browser::open(Engine::Chromium, options).await;
                sharp(&browser, width, height).await;
                let name = format!("{}-{device}-{light}", language.code());
                let path = |screen: &str| folder.join(format!("{name}-{screen}.png"));
                let pictures = screens(collector, &browser, language, &path).await;
                println!("{name}: {pictures} pictures");
            }
        }
    }
}

/// Walks through the form and the pages around it, and takes a picture of each; how many.
async fn screens(
    collector: &TestCollector,
    browser: &Browser,
    language: Language,
    path: &dyn Fn(&str) -> PathBuf,
) -> usize {
    let code = language.code();
    let mut pictures = 0;
    let mut picture = async |screen: &str| {
        pictures += 1;
        browser.screenshot(&path(&format!("{pictures:02}-{screen}"))).await;
    };
    let next = "button[name=go]";
    browser.goto(&collector.url(&format!("/avis/3059?bouton=12&lang={code}"))).await;
    browser.find(Form, ".face").await;
    browser.click(Form, next).await;
    browser.find(Form, "#satisfaction-error").await;
    picture("missing").await;
    browser.click(Form, "#satisfaction-tres_bien").await;
    picture("satisfaction").await;
    browser.click(Form, next).await;
    browser.click(Form, "#clarity-5").await;
    browser.click(Form, "#ease-2").await;
    picture("clarity").await;
    browser.click(Form, next).await;
    for id in
        ["help_tried-guichet", "help_reached.guichet-oui", "help_quality.guichet-moyenne", "help_tried-other"]
    {
        browser.click(Form, &format!("[id='{id}']")).await;
    }
    picture("help").await;
    browser.click(Form, next).await;
    browser.click(Form, "#malfunctions-slow").await;
    picture("malfunctions").await;
    browser.click(Form, next).await;
    let comment = "Très simple, merci\u{a0}! ".repeat(215);
    browser.write(Form, "textarea[name=comment]", comment.trim_end()).await;
    picture("comment").await;
    browser.click(Form, next).await;
    browser.find(Form, ".ticket").await;
    picture("thanks").await;
    browser.click(Form, ".end .back").await;
    browser.find(Form, "button.grave").await;
    picture("withdrawal").await;
    browser.goto(&collector.url(&format!("/retrait?lang={code}"))).await;
    picture("retrait").await;
    browser.goto(&collector.url(&format!("/confidentialite?lang={code}"))).await;
    picture("confidentialite").await;
    browser.goto(&collector.url(&format!("/problems/closed?lang={code}"))).await;
    picture("closed").await;
    browser.goto(&Site::host_page_of(collector).url("/")).await;
    browser.js("document.querySelector('je-donne-mon-avis').lang = arguments[0]", vec![code.into()]).await;
    browser.click(Page, "je-donne-mon-avis > a[role=button]").await;
    browser.find(Form, ".face").await;
    browser.screenshot_of_window(&path("12-dialog")).await;
    pictures + 1
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
