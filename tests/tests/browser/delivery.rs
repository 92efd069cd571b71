//! Nothing gets lost on the citizen's side: every way in which a network fails, and what people do meanwhile, in three
//! engines, through a proxy that fails as told. The form gets no `online` event: nothing here takes a network interface
//! down. Each row of the table ends with the network healed and as many avis stored as were given, with the answers
//! that were given last.

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fantoccini::wd::WindowHandle;
use futures_util::FutureExt;
use serde_json::json;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::faults::{BadNetwork, Fault};
use tests::site::Site;
use tests::{TestCollector, wait};

use crate::walk::{BUTTON, Walk, in_the_element, wants_receipt};

/// What becomes of every write, in the words of the table, and with what the form says of it.
const FAULTS: [(Fault, &str, &str); 9] = [
    (Fault::NoConnection, "no connection lasts", "La connexion ne passe pas"),
    (Fault::Offline, "cut before the collector hears of it", "La connexion ne passe pas"),
    (Fault::CutInside, "cut inside the request", "La connexion ne passe pas"),
    (Fault::AnswerLost, "stored, and the answer lost", "La connexion ne passe pas"),
    (Fault::TooManyRequests, "429, `Retry-After: 1`", "Beaucoup d’avis arrivent"),
    (Fault::Unavailable, "503, `Retry-After: 1`", "Le service a un problème"),
    (Fault::ServerError, "500", "Le service a un problème"),
    (Fault::Hang, "nothing is heard, then the connection ends", "C’est plus long que d’habitude"),
    (
        Fault::NeverAnswered,
        "stored, and nothing heard until the form gives the request up",
        "La connexion ne passe pas",
    ),
];

/// Well beyond the half minute after which the form gives a request up.
const GIVEN_UP: Duration = Duration::from_secs(90);

/// What a person does while the network fails, in the words of the table.
const DEEDS: [(Deed, &str); 9] = [
    (Deed::Wait, "waits, on a page of another origin"),
    (Deed::Reload, "loads the hosted form again"),
    (Deed::ReloadHostPage, "loads the host page again, and never comes back to the button"),
    (Deed::Leave, "follows a link on the host page, and comes back"),
    (Deed::DoubleClick, "clicks twice"),
    (Deed::CloseAndOpen, "closes the dialog, and opens it again"),
    (Deed::FinishAndReload, "finishes, and loads the hosted form again"),
    (Deed::Duplicate, "goes on in a copy of the tab"),
    (Deed::Twice, "gives one avis in each of two tabs"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Wait,
    Reload,
    ReloadHostPage,
    Leave,
    DoubleClick,
    CloseAndOpen,
    FinishAndReload,
    Duplicate,
    Twice,
}

/// One row of the table: its words, and how many avis it leaves in each engine that has been there.
struct Row {
    words: String,
    stored: Vec<(Engine, u64)>,
}

/// A collector behind a network that can fail, and a host page on which the element reaches it that way.
struct Setting<'a> {
    collector: TestCollector,
    network: BadNetwork,
    site: Site,
    browser: &'a Browser,
}

impl<'a> Setting<'a> {
    async fn of(browser: &'a Browser) -> Self {
        let collector = TestCollector::start().await;
        let network = BadNetwork::before(&collector);
        let site = Site::host_page(&network.address());
        Self { collector, network, site, browser }
    }

    fn walk(&self) -> Walk<'a> {
        in_the_element(self.browser)
    }

    async fn open_host_page(&self) {
        self.browser.goto(&self.site.url("/")).await;
        self.browser.click(Page, BUTTON).await;
    }

    async fn open_hosted_form(&self) {
        self.browser.goto(&format!("{}/avis/3059?bouton=12", self.network.address())).await;
        self.walk().see("satisfaction").await;
    }

    /// Sends the first answer into this fault.
    async fn first_answer_meets(&self, fault: Fault, words: &str) {
        self.walk().pick("satisfaction", "moyen").await;
        self.network.strike(fault);
        self.walk().press("next").await;
        self.walk().hears_within(GIVEN_UP, words).await;
    }

    /// From the second screen to the receipt.
    async fn rest(&self) {
        let walk = self.walk();
        walk.see("clarity").await;
        walk.pick("clarity", "4").await;
        walk.press("finish").await;
        wants_receipt(&self.browser.text(Form, ".ticket strong").await);
    }

    /// How many avis the collector has, and how many of them say something of clarity.
    async fn found(&self) -> [u64; 2] {
        let clarity = self.collector.indicator("3059", "clarity").await;
        let smileys = self.collector.smileys("3059").await;
        [smileys.iter().sum(), clarity["n"].as_u64().unwrap()]
    }

    /// How many avis the collector has, once as many as were given say what was given last of satisfaction, and so many of
    /// clarity.
    async fn stored(&self, given: u64, clarity: u64) -> u64 {
        wait::until("the avis to be stored with their last answers", async || {
            let found = self.collector.indicator("3059", "clarity").await["counts"]["4"].clone();
            let smileys = self.collector.smileys("3059").await;
            let [_, moyen, _] = smileys;
            if moyen >= given && found == json!(clarity) {
                return Ok(());
            }
            Err(format!("{smileys:?}, clarity {found}"))
        })
        .await;
        let found = self.found().await;
        assert_eq!(found, [given, clarity], "avis, and those that say something of clarity");
        // Whatever is still repeated is repeated under these.
        assert_eq!(self.network.keys().len(), usize::try_from(given).unwrap(), "keys");
        found[0]
    }
}

/// Every write of a whole form meets this fault, the first answer and the last.
async fn meets(browser: &Browser, fault: Fault, words: &str) -> u64 {
    let setting = Setting::of(browser).await;
    let walk = setting.walk();
    setting.open_host_page().await;
    setting.first_answer_meets(fault, words).await;
    let arrived = u64::from(fault.arrives());
    assert_eq!(setting.found().await, [arrived, 0], "the first answer at the collector");
    setting.network.heal();
    walk.see("clarity").await;
    walk.pick("clarity", "4").await;
    setting.network.strike(fault);
    walk.press("finish").await;
    walk.hears_within(GIVEN_UP, words).await;
    assert_eq!(setting.found().await, [1, arrived], "the last answer at the collector");
    setting.network.heal();
    wants_receipt(&browser.text(Form, ".ticket strong").await);
    setting.stored(1, 1).await
}

/// The first answer is stored and its answer lost, and the person does something before the network heals.
#[expect(clippy::too_many_lines, reason = "a deed is a paragraph")]
async fn does(browser: &Browser, deed: Deed) -> u64 {
    let setting = Setting::of(browser).await;
    let walk = setting.walk();
    let lost = (Fault::AnswerLost, "La connexion ne passe pas");
    match deed {
        Deed::Wait => {
            setting.open_host_page().await;
            setting.first_answer_meets(lost.0, lost.1).await;
            setting.network.heal();
            setting.rest().await;
            setting.stored(1, 1).await
        }
        Deed::Reload => {
            setting.open_hosted_form().await;
            setting.first_answer_meets(lost.0, lost.1).await;
            browser.reload().await;
            walk.see("satisfaction").await;
            assert!(browser.is_checked(Form, "#satisfaction-moyen").await, "what was answered is there");
            setting.walk().hears(lost.1).await;
            setting.network.heal();
            setting.walk().hears("bien enregistré").await;
            walk.press("next").await;
            walk.see("clarity").await;
            // Once more, in the middle.
            browser.reload().await;
            setting.rest().await;
            setting.stored(1, 1).await
        }
        Deed::ReloadHostPage => {
            setting.open_host_page().await;
            setting.first_answer_meets(Fault::Offline, lost.1).await;
            browser.reload().await;
            browser.find(Page, BUTTON).await;
            setting.network.heal();
            setting.stored(1, 0).await
        }
        Deed::Leave => {
            setting.open_host_page().await;
            setting.first_answer_meets(Fault::Offline, lost.1).await;
            browser.goto(&setting.site.url("/autre")).await;
            setting.network.heal();
            browser.back().await;
            setting.stored(1, 0).await
        }
        Deed::DoubleClick => {
            setting.open_host_page().await;
            walk.pick("satisfaction", "moyen").await;
            setting.network.strike(lost.0);
            browser.double_click(Form, "button[value=next]").await;
            setting.walk().hears(lost.1).await;
            setting.network.heal();
            setting.rest().await;
            setting.stored(1, 1).await
        }
        Deed::CloseAndOpen => {
            setting.open_host_page().await;
            setting.first_answer_meets(lost.0, lost.1).await;
            browser.click(Form, ".close").await;
            browser.wait_gone(Form, ".close").await;
            browser.click(Page, BUTTON).await;
            setting.network.heal();
            setting.rest().await;
            setting.stored(1, 1).await
        }
        Deed::FinishAndReload => {
            setting.open_hosted_form().await;
            walk.pick("satisfaction", "moyen").await;
            walk.press("next").await;
            walk.see("clarity").await;
            walk.pick("clarity", "4").await;
            setting.network.strike(Fault::Offline);
            walk.press("finish").await;
            setting.walk().hears(lost.1).await;
            browser.reload().await;
            walk.see("satisfaction").await;
            assert!(
                !browser.is_checked(Form, "#satisfaction-moyen").await,
                "the next person sees nothing of it"
            );
            setting.walk().hears(lost.1).await;
            setting.network.heal();
            setting.stored(1, 1).await
        }
        Deed::Duplicate => {
            setting.open_hosted_form().await;
            setting.first_answer_meets(lost.0, lost.1).await;
            let kept = browser.js("return {...sessionStorage}", vec![]).await;
            let url = browser.url().await;
            let first = new_tab(browser).await;
            browser.goto(&url).await;
            // Or the form of this page would take what is copied for what somebody left who was here before.
            walk.see("satisfaction").await;
            browser.js("Object.assign(sessionStorage, arguments[0])", vec![kept]).await;
            browser.reload().await;
            setting.walk().hears(lost.1).await;
            setting.network.heal();
            setting.walk().hears("bien enregistré").await;
            walk.press("next").await;
            setting.rest().await;
            close_tab(browser, first).await;
            walk.see("clarity").await;
            setting.stored(1, 1).await
        }
        Deed::Twice => {
            setting.open_hosted_form().await;
            setting.first_answer_meets(lost.0, lost.1).await;
            let first = new_tab(browser).await;
            setting.open_hosted_form().await;
            setting.first_answer_meets(lost.0, lost.1).await;
            setting.network.heal();
            setting.rest().await;
            close_tab(browser, first).await;
            setting.rest().await;
            setting.stored(2, 2).await
        }
    }
}

/// Opens a tab and goes there; gives the one before.
async fn new_tab(browser: &Browser) -> WindowHandle {
    let first = browser.client().window().await.unwrap();
    let tab = browser.client().new_window(true).await.unwrap().handle;
    browser.client().switch_to_window(tab).await.unwrap();
    first
}

/// Closes the tab and goes to another, which is told so as by a person who goes there: a driver goes without a word, and
/// pauses may have grown to minutes behind the other tab.
async fn close_tab(browser: &Browser, other: WindowHandle) {
    browser.client().close_window().await.unwrap();
    browser.client().switch_to_window(other).await.unwrap();
    browser.js("dispatchEvent(new Event('visibilitychange'))", vec![]).await;
}

/// Fills in a row in one engine, in a browser of its own: nothing of another row waits in it.
async fn fill(engine: Engine, row: &Mutex<Row>, deed: impl AsyncFn(&Browser) -> u64) {
    let attempt = async || {
        let browser = Browser::open(engine, Options::default()).await;
        deed(&browser).await
    };
    // As all tests of that engine: its driver now and then loses a command, which says nothing of the page.
    let mut stored = AssertUnwindSafe(attempt()).catch_unwind().await;
    for _ in 0..2 {
        match &stored {
            Err(panic) if panic.downcast_ref::<String>().is_some_and(|words| words.contains("hangs")) => {
                stored = AssertUnwindSafe(attempt()).catch_unwind().await;
            }
            _ => break,
        }
    }
    let mut row = row.lock().unwrap_or_else(PoisonError::into_inner);
    match stored {
        Ok(stored) => row.stored.push((engine, stored)),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            panic!("{engine:?}, {}: {words}", row.words)
        }
    }
}

const ENGINES: [Engine; 3] = [Engine::Chromium, Engine::Firefox, Engine::WebKit];

#[tokio::test]
async fn every_avis_is_stored_exactly_once() {
    let row = |words: String| Mutex::new(Row { words, stored: Vec::new() });
    let faults = FAULTS.map(|(.., words, _)| row(format!("every write: {words}")));
    let deeds = DEEDS.map(|(_, words)| row(format!("the answer is lost, or the line; the person {words}")));
    let every_row = ENGINES.map(|engine| {
        let (faults, deeds) = (&faults, &deeds);
        async move {
            for ((fault, _, words), row) in FAULTS.into_iter().zip(faults) {
                fill(engine, row, async |browser| meets(browser, fault, words).await).await;
            }
            for ((deed, _), row) in DEEDS.into_iter().zip(deeds) {
                fill(engine, row, async |browser| does(browser, deed).await).await;
            }
        }
    });
    futures_util::future::join_all(every_row).await;

    let mut table = String::from("| what happens | Chromium | Firefox | WebKit |\n|---|---:|---:|---:|\n");
    for row in faults.iter().chain(&deeds) {
        let row = row.lock().unwrap_or_else(PoisonError::into_inner);
        let stored = ENGINES.map(|engine| {
            let found = row.stored.iter().find(|(there, _)| *there == engine);
            found.map_or_else(|| String::from("–"), |(_, stored)| stored.to_string())
        });
        writeln!(table, "| {} | {} |", row.words, stored.join(" | ")).unwrap();
    }
    println!("avis stored:\n\n{table}");
    compare(&table);
}

/// Wants the document to have this table; where it has another, writes it anew.
fn compare(table: &str) {
    const BEGIN: &str = "<!-- the table that the test writes -->\n";
    const END: &str = "<!-- its end -->";
    let path = tests::collector::workspace().join("docs/delivery.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).unwrap();
    let (told, after) = rest.split_once(END).unwrap();
    if told != table {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        panic!(
            "docs/delivery.md told otherwise, and is written anew: look at it and commit it.\n{told}\nnow:\n{table}"
        );
    }
}
