//! What a citizen gets under the policies that hosts have, and what those hosts are told of it: the table of
//! `docs/embedding.md`, seen anew.
//!
//! Each row is a page with the button under a policy of its own. The button is pressed, the form is answered wherever
//! it is, and the collector has one avis more. Where an engine does other than the table says, its column is written
//! anew and the test fails: whoever changed it looks at the difference and commits it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use collector::embedding::{self, Pinned, Snippet};
use serde_json::Value;
use sha2::{Digest, Sha384};
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::collector::workspace;
use tests::site::{Request, Site};
use tests::{TestCollector, wait};

use crate::walk::{BUTTON, in_the_element};

/// A page of a host.
struct Host {
    /// What the table calls it.
    name: &'static str,
    /// Its headers.
    headers: fn(&Around) -> String,
    /// Further attributes of the element.
    element: &'static str,
    /// What brings the loader in.
    script: fn(&Around) -> String,
    /// The démarche it asks about.
    demarche: &'static str,
    /// Whether the button is drawn after the page has loaded.
    late: bool,
}

/// What a host is given to write its policy with.
struct Around {
    collector: String,
    /// The digest of the stable loader, as `integrity` has it.
    integrity: String,
    pinned: Pinned,
}

impl Around {
    /// All that `/integration` asks for, and nothing else.
    fn allowed(&self) -> String {
        format!("default-src 'none'; {}", embedding::policy(&self.collector))
    }

    /// The script with further attributes.
    fn script_with(&self, attributes: &str) -> String {
        Snippet::Async.html(&self.collector).replacen("<script", &format!("<script {attributes}"), 1)
    }

    /// The same with other sources of scripts.
    fn scripts(&self, sources: &str) -> String {
        let Self { collector, .. } = self;
        format!(
            "default-src 'none'; script-src {sources} 'wasm-unsafe-eval'; connect-src {collector}; frame-src {collector}"
        )
    }
}

fn csp(policy: &str) -> String {
    format!("Content-Security-Policy: {policy}; report-uri /reports\n")
}

const ISOLATED: &str =
    "Cross-Origin-Opener-Policy: same-origin\nCross-Origin-Embedder-Policy: require-corp\n";

/// With no policy and the snippet as it is.
const PLAIN: Host = Host {
    name: "no policy",
    headers: |_| String::new(),
    element: "",
    script: |it| Snippet::Async.html(&it.collector),
    demarche: "3059",
    late: false,
};

/// A démarche whose bouton declares an origin that is not the host's.
const ELSEWHERE: &str = "3060";

const HOSTS: &[Host] = &[
    PLAIN,
    Host { name: "what `/integration` asks for, nothing else", headers: |it| csp(&it.allowed()), ..PLAIN },
    Host {
        name: "the same, `mode=\"frame\"`",
        headers: |it| csp(&it.allowed()),
        element: "mode=frame",
        ..PLAIN
    },
    Host {
        name: "without `'wasm-unsafe-eval'`",
        headers: |it| csp(&it.allowed().replace(" 'wasm-unsafe-eval'", "")),
        ..PLAIN
    },
    Host {
        name: "without `'wasm-unsafe-eval'`, `mode=\"inline\"`",
        headers: |it| csp(&it.allowed().replace(" 'wasm-unsafe-eval'", "")),
        element: "mode=inline",
        ..PLAIN
    },
    Host {
        name: "without `'wasm-unsafe-eval'`, `mode=\"frame\"`",
        headers: |it| csp(&it.allowed().replace(" 'wasm-unsafe-eval'", "")),
        element: "mode=frame",
        ..PLAIN
    },
    Host {
        name: "no `connect-src`",
        headers: |it| csp(&it.allowed().replace(&format!("connect-src {};", it.collector), "")),
        ..PLAIN
    },
    Host {
        name: "neither `'wasm-unsafe-eval'` nor `frame-src`",
        headers: |it| csp(&format!("default-src 'none'; script-src {0}; connect-src {0}", it.collector)),
        ..PLAIN
    },
    Host {
        name: "nonces only",
        headers: |it| csp(&it.scripts("'nonce-6f2a'")),
        script: |it| it.script_with("nonce=6f2a"),
        ..PLAIN
    },
    Host {
        name: "`'strict-dynamic'`",
        headers: |it| csp(&it.scripts("'nonce-6f2a' 'strict-dynamic'")),
        script: |it| it.script_with("nonce=6f2a"),
        ..PLAIN
    },
    Host {
        name: "the hash of the stable loader only",
        headers: |it| csp(&it.scripts(&format!("'{}'", it.integrity))),
        script: |it| it.script_with(&format!("integrity={} crossorigin", it.integrity)),
        ..PLAIN
    },
    Host {
        name: "the hash of the pinned loader only",
        headers: |it| csp(&it.scripts(&format!("'{}'", it.pinned.integrity))),
        script: |it| it.pinned.html(&it.collector),
        ..PLAIN
    },
    Host {
        name: "the hash of the pinned loader only, no `connect-src`",
        headers: |it| {
            let sources = format!("'{}'", it.pinned.integrity);
            csp(&it.scripts(&sources).replace(&format!("connect-src {};", it.collector), ""))
        },
        script: |it| it.pinned.html(&it.collector),
        ..PLAIN
    },
    Host {
        name: "the hash of the pinned loader only, without `'wasm-unsafe-eval'`",
        headers: |it| {
            csp(&it.scripts(&format!("'{}'", it.pinned.integrity)).replace(" 'wasm-unsafe-eval'", ""))
        },
        script: |it| it.pinned.html(&it.collector),
        ..PLAIN
    },
    Host {
        name: "the line after `load`, by its hash",
        headers: |it| {
            let line = embedding::after_load_source(&it.collector);
            csp(&it.allowed().replacen("script-src", &format!("script-src {line}"), 1))
        },
        script: |it| Snippet::AfterLoad.html(&it.collector),
        late: true,
        ..PLAIN
    },
    Host {
        name: "`style-src 'none'`",
        headers: |it| csp(&format!("{}; style-src 'none'", it.allowed())),
        ..PLAIN
    },
    Host {
        name: "trusted types",
        headers: |it| {
            csp(&format!("{}; require-trusted-types-for 'script'; trusted-types 'none'", it.allowed()))
        },
        ..PLAIN
    },
    Host {
        name: "trusted types, `mode=\"frame\"`",
        headers: |it| {
            csp(&format!("{}; require-trusted-types-for 'script'; trusted-types 'none'", it.allowed()))
        },
        element: "mode=frame",
        ..PLAIN
    },
    Host {
        name: "`sandbox allow-scripts allow-forms`",
        headers: |_| csp("sandbox allow-scripts allow-forms"),
        ..PLAIN
    },
    Host { name: "`sandbox`", headers: |_| csp("sandbox"), ..PLAIN },
    Host { name: "`default-src 'none'`", headers: |_| csp("default-src 'none'"), ..PLAIN },
    Host { name: "COOP and COEP `require-corp`", headers: |_| ISOLATED.to_owned(), ..PLAIN },
    Host {
        name: "COOP and COEP `require-corp`, `mode=\"frame\"`",
        headers: |_| ISOLATED.to_owned(),
        element: "mode=frame",
        ..PLAIN
    },
    Host {
        name: "`X-Frame-Options: DENY`, `mode=\"frame\"`",
        headers: |_| "X-Frame-Options: DENY\n".to_owned(),
        element: "mode=frame",
        ..PLAIN
    },
    Host { name: "an origin that no bouton declares", demarche: ELSEWHERE, ..PLAIN },
    Host {
        name: "an origin that no bouton declares, `mode=\"frame\"`",
        element: "mode=frame",
        demarche: ELSEWHERE,
        ..PLAIN
    },
];

/// The pages of all hosts on one site, `/0` and on, with the violations they are told of.
struct Hosts {
    site: Site,
    around: Arc<OnceLock<Around>>,
    reports: Arc<Mutex<Vec<String>>>,
}

impl Hosts {
    fn serve() -> Self {
        let around: Arc<OnceLock<Around>> = Arc::default();
        let reports: Arc<Mutex<Vec<String>>> = Arc::default();
        let (known, told) = (Arc::clone(&around), Arc::clone(&reports));
        let site = Site::answering(move |request: &Request| {
            if request.target == "/reports" {
                let report: Value = serde_json::from_slice(&request.body).unwrap();
                let report = &report["csp-report"];
                // The icon that engines look for by themselves is no affair of the button.
                if report["blocked-uri"].as_str().is_none_or(|uri| !uri.ends_with("/favicon.ico")) {
                    told.lock().unwrap_or_else(PoisonError::into_inner).push(directive(report));
                }
                return String::new();
            }
            let number = request.target.trim_start_matches('/').parse::<usize>().ok();
            let Some(host) = number.and_then(|number| HOSTS.get(number)) else { return String::new() };
            let Some(around) = known.get() else { return String::new() };
            let Around { collector, .. } = around;
            let Host { demarche, element, .. } = host;
            format!(
                "{}Content-Type: text/html; charset=utf-8\n\n<!doctype html><html lang=fr><head><meta charset=utf-8>\
                 <title>Fin</title></head><body><je-donne-mon-avis demarche={demarche} \
                 {element}><a href='{collector}/avis/{demarche}'>Je donne mon avis</a></je-donne-mon-avis>\
                 {}</body></html>",
                (host.headers)(around),
                (host.script)(around),
            )
        });
        Self { site, around, reports }
    }

    /// The directives whose violations the host was told of since the last call.
    fn reported(&self) -> BTreeSet<String> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}

/// The directive of a report. Engines that know parts of `script-src` name these; hosts mostly write the whole.
fn directive(report: &Value) -> String {
    let name =
        report["effective-directive"].as_str().or(report["violated-directive"].as_str()).unwrap_or_default();
    let name = name.split(' ').next().unwrap_or_default();
    name.strip_suffix("-elem").unwrap_or(name).to_owned()
}

/// Presses the button, gives an avis wherever it is asked for, and says where that was.
async fn citizen(browser: &Browser, collector: &TestCollector) -> &'static str {
    browser.click(Page, "je-donne-mon-avis a").await;
    let way = wait::until("a form", async || {
        let mut seen = Err("none yet");
        for (css, way) in [(".avis .card", "in the page"), (".framed iframe", "in a frame")] {
            if let Ok(element) = browser.look(Form, css).await
                && element.is_displayed().await.unwrap_or_default()
            {
                seen = Ok(way);
            }
        }
        // Last, since the page that the link leads to has the form in it as well.
        if browser.url().await.starts_with(collector.address()) { Ok("link") } else { seen }
    })
    .await;
    if way == "in a frame" {
        browser.enter_frame(Form, ".framed iframe").await;
    }
    let walk = in_the_element(browser);
    walk.pick("satisfaction", "tres_bien").await;
    walk.press("next").await;
    walk.see("clarity").await;
    // Or the next page would go on with this form.
    walk.press("finish").await;
    browser.find(Form, ".ticket strong").await;
    if way == "in a frame" {
        browser.leave_frame().await;
    }
    way
}

/// Sees every row in this engine and compares with the table.
async fn column(engine: Engine) {
    let hosts = Hosts::serve();
    let mut collector = TestCollector::start().await;
    collector.stop();
    collector.run(&["bouton", "set", "--id", "12", "--origin", &hosts.site.origin()]);
    collector.run(&[
        "demarche",
        "add",
        "--id",
        ELSEWHERE,
        "--title",
        "Ailleurs",
        "--administration",
        "DGFIP",
    ]);
    let elsewhere = "https://www.impots.gouv.fr";
    collector.run(&["bouton", "add", "--demarche", ELSEWHERE, "--id", "13", "--origin", elsewhere]);
    collector.serve().await;
    let loader = reqwest::get(collector.url("/v1/avis.js")).await.unwrap().bytes().await.unwrap();
    let integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(&loader)));
    let (name, pinned) = collector.pinned();
    let _ = hosts.around.set(Around {
        collector: collector.address().to_owned(),
        integrity,
        pinned: Pinned::new(&name, pinned.parse().unwrap()),
    });

    let browser = Browser::open(engine, Options::default()).await;
    let mut seen = BTreeMap::new();
    let mut stored = BTreeMap::new();
    for (number, host) in HOSTS.iter().enumerate() {
        browser.goto(&hosts.site.url(&format!("/{number}"))).await;
        if host.late {
            browser.find(Page, BUTTON).await;
        }
        let way = citizen(&browser, &collector).await;
        let so_far: &mut u64 = stored.entry(host.demarche).or_default();
        *so_far += 1;
        assert_eq!(collector.smileys(host.demarche).await, [0, 0, *so_far], "{}", host.name);
        let mut cell = way.to_owned();
        for directive in hosts.reported() {
            write!(cell, ", `{directive}`").unwrap();
        }
        seen.insert(host.name, cell);
    }

    let table = Table::read();
    let told = table.column(engine);
    if told != seen.iter().map(|(name, cell)| ((*name).to_owned(), cell.clone())).collect() {
        table.write(engine, &seen);
        panic!(
            "docs/embedding.md told otherwise of {engine:?}, and is written anew: {told:#?}\nnow: {seen:#?}"
        );
    }
}

/// The table of the handbook, and the lock of those who write it.
struct Table {
    path: PathBuf,
    _lock: std::sync::MutexGuard<'static, ()>,
}

static WRITING: Mutex<()> = Mutex::new(());

const BEGIN: &str = "<!-- seen by tests/tests/browser/matrix.rs -->\n";
const END: &str = "<!-- end -->";
const ENGINES: [Engine; 3] = [Engine::Chromium, Engine::Firefox, Engine::WebKit];

impl Table {
    fn read() -> Self {
        let lock = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        Self { path: workspace().join("docs/embedding.md"), _lock: lock }
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.path).unwrap()
    }

    /// Its rows: the name of the host, then a cell for each engine.
    fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let text = self.text();
        let (_, rest) = text.split_once(BEGIN).unwrap();
        let (table, _) = rest.split_once(END).unwrap();
        let cells = |line: &str| -> Vec<String> {
            line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        let rows = table.lines().skip(2).map(cells);
        rows.map(|mut row| (row.remove(0), row)).collect()
    }

    fn column(&self, engine: Engine) -> BTreeMap<String, String> {
        let place = ENGINES.iter().position(|it| *it == engine).unwrap();
        self.rows()
            .into_iter()
            .map(|(name, cells)| (name, cells.get(place).cloned().unwrap_or_default()))
            .collect()
    }

    /// Writes one column, in the order of the hosts; the others stay.
    fn write(&self, engine: Engine, seen: &BTreeMap<&str, String>) {
        let (old, text) = (self.rows(), self.text());
        let mut table = "| host page | Chromium | Firefox | WebKit |\n|---|---|---|---|\n".to_owned();
        for &Host { name, .. } in HOSTS {
            write!(table, "| {name} |").unwrap();
            for (place, other) in ENGINES.iter().enumerate() {
                let told = old.get(name).and_then(|cells| cells.get(place)).map_or("", String::as_str);
                let cell = if *other == engine { seen[name].as_str() } else { told };
                write!(table, " {cell} |").unwrap();
            }
            table.push('\n');
        }
        let (before, rest) = text.split_once(BEGIN).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        std::fs::write(&self.path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    }
}

in_every_engine! {
    async fn every_host_gets_what_the_table_says(engine: Engine) {
        column(engine).await;
    }
}
