//! The loader that a host pins, and what becomes of the button where bytes are not those that were asked for.

use shared::questionnaire::Question;
use shared::texts::Language;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options};
use tests::site::Site;
use tests::tampering::Tampering;
use tests::{TestCollector, wait};

use crate::walk::{BUTTON, Walk, in_the_element, wants_receipt, wants_the_one_avis};

/// A page that loads this script, under this policy.
fn page(address: &str, script: &str, policy: &str) -> Site {
    let html = format!(
        "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nContent-Security-Policy: {policy}\n\n\
         <!doctype html><html lang=fr><head><meta charset=utf-8><link rel=icon href=data:,><title>Fin</title></head><body>\
         <je-donne-mon-avis demarche=3059 bouton=12><a href='{address}/avis/3059?bouton=12'>Je donne mon avis</a>\
         </je-donne-mon-avis>{script}</body></html>"
    );
    Site::serve_saved([("/".to_owned(), html)])
}

/// A collector, somebody in front of it, and the loader to pin.
struct Setting {
    collector: TestCollector,
    between: Tampering,
    name: String,
    integrity: String,
}

impl Setting {
    async fn new() -> Self {
        let collector = TestCollector::start().await;
        let (name, integrity) = collector.pinned();
        Self { between: Tampering::before(&collector), collector, name, integrity }
    }

    fn script(&self, integrity: &str) -> String {
        let (address, name) = (self.between.address(), &self.name);
        format!("<script type=module src='{address}/v1/{name}' integrity='{integrity}' crossorigin></script>")
    }

    /// The snippet, under a policy that allows this one script and no other, whatever its address.
    fn pinned(&self) -> Site {
        let (address, integrity) = (self.between.address(), &self.integrity);
        let policy = format!(
            "default-src 'none'; script-src '{integrity}' 'wasm-unsafe-eval'; connect-src {address}; img-src data:; \
             require-trusted-types-for 'script'"
        );
        page(&address, &self.script(integrity), &policy)
    }

    fn stable(&self) -> Site {
        let address = self.between.address();
        page(&address, &format!("<script type=module src='{address}/v1/avis.js'></script>"), "img-src *")
    }

    /// Waits until a file is refused.
    async fn gone(&self, name: &str) {
        wait::until(&format!("{name} to be gone"), async || {
            match self.collector.get(&format!("/v1/{name}")).send().await {
                Ok(answer) if answer.status() == 410 => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
    }

    fn wasm(&self) -> String {
        let listed = self.collector.run(&["asset", "list"]).stdout;
        let names = listed.lines().filter_map(|line| line.split('\t').next());
        names.into_iter().find(|name| name.contains(".wasm")).unwrap().to_owned()
    }

    /// The hosted form, which the link leads to.
    async fn wants_the_link_followed(&self, browser: &Browser) {
        wait::until("the hosted form", async || {
            let url = browser.url().await;
            let wanted = format!("{}/avis/3059?bouton=12", self.between.address());
            if url == wanted { Ok(()) } else { Err(url) }
        })
        .await;
    }

    /// What was asked for of the collector's files.
    fn files(&self) -> Vec<String> {
        self.between.requests().into_iter().filter(|path| path.starts_with("/v1/")).collect()
    }
}

async fn open(engine: Engine, site: &Site) -> Browser {
    let browser = Browser::open(engine, Options::default()).await;
    browser.goto(&site.url("/")).await;
    browser
}

/// Waits until the first question is in this language.
async fn speaks(browser: &Browser, language: Language) {
    wait::until(&format!("the form to speak {language:?}"), async || {
        let legend = browser.text_now(Form, "legend").await?;
        if legend.contains(language.texts().question(Question::Satisfaction)) { Ok(()) } else { Err(legend) }
    })
    .await;
}

/// The script was refused: there is a link and nothing else.
async fn wants_a_plain_link(setting: &Setting, browser: &Browser) {
    wait::until("the script to have been asked for", async || {
        if setting.files().is_empty() { Err("not yet") } else { Ok(()) }
    })
    .await;
    browser.click(Page, "je-donne-mon-avis > a:not([role])").await;
    setting.wants_the_link_followed(browser).await;
}

/// A section that says nothing: a wasm with it at its end runs as it did before.
const SECTION: &[u8] = &[0, 2, 1, b'a'];

in_every_engine! {
    async fn it_runs_under_a_policy_of_its_hash_alone_and_nothing_but_the_wasm_is_fetched(engine: Engine) {
        let setting = Setting::new().await;
        let browser = open(engine, &setting.pinned()).await;
        browser.find(Page, BUTTON).await;
        assert_eq!(setting.files(), [format!("/v1/{}", setting.name)], "before any intent");

        browser.click(Page, BUTTON).await;
        wants_receipt(&in_the_element(&browser).whole_form().await);

        wants_the_one_avis(&setting.collector).await;
        assert_eq!(setting.files(), [format!("/v1/{}", setting.name), format!("/v1/{}", setting.wasm())]);
        if engine == Engine::Chromium {
            assert_eq!(browser.console().await, Vec::<String>::new());
        }
    }

    async fn words_that_were_changed_are_not_said(engine: Engine) {
        let setting = Setting::new().await;
        let browser = open(engine, &setting.pinned()).await;
        browser.click(Page, BUTTON).await;
        browser.click(Form, "#lang-de").await;
        speaks(&browser, Language::De).await;
        setting.between.add("/v1/texts-es", b" de otros");
        browser.click(Form, "#lang-es").await;
        let missing = Language::De.texts().form.speechless;
        wait::until("the form to say that it has no Spanish", async || {
            let status = browser.text(Form, "#status").await;
            if status == missing { Ok(()) } else { Err(status) }
        })
        .await;
        speaks(&browser, Language::De).await;
    }

    async fn a_script_that_was_changed_leaves_the_link(engine: Engine) {
        let setting = Setting::new().await;
        setting.between.add("/v1/avis-", b"\nwindow.changed = true;\n");
        let browser = open(engine, &setting.pinned()).await;
        wants_a_plain_link(&setting, &browser).await;
    }

    async fn a_wrong_integrity_leaves_the_link(engine: Engine) {
        let setting = Setting::new().await;
        let other = format!("sha384-{}", "A".repeat(64));
        let site = page(&setting.between.address(), &setting.script(&other), "img-src *");
        let browser = open(engine, &site).await;
        wants_a_plain_link(&setting, &browser).await;
    }

    async fn a_wasm_that_was_changed_is_refused_and_the_link_is_followed(engine: Engine) {
        let setting = Setting::new().await;
        setting.between.add(".wasm", SECTION);
        wants_the_link_in_place_of_the_form(engine, &setting).await;
    }

    async fn a_revoked_wasm_leaves_the_link_and_the_hosted_form_does_without(engine: Engine) {
        let setting = Setting::new().await;
        let wasm = setting.wasm();
        setting.collector.run(&["asset", "revoke", &wasm]);
        setting.gone(&wasm).await;
        let browser = wants_the_link_in_place_of_the_form(engine, &setting).await;
        let hosted = Walk { browser: &browser, place: Page, axe: false };
        hosted.see("satisfaction").await;
    }

    async fn a_revoked_script_leaves_the_link(engine: Engine) {
        let setting = Setting::new().await;
        setting.collector.run(&["asset", "revoke", &setting.integrity]);
        setting.gone(&setting.name).await;
        let browser = open(engine, &setting.pinned()).await;
        wants_a_plain_link(&setting, &browser).await;
    }
}

/// The button is there, by the stable loader and by the pinned one, and leads to the hosted form.
async fn wants_the_link_in_place_of_the_form(engine: Engine, setting: &Setting) -> Browser {
    let browser = open(engine, &setting.stable()).await;
    browser.click(Page, BUTTON).await;
    setting.wants_the_link_followed(&browser).await;
    browser.goto(&setting.pinned().url("/")).await;
    browser.click(Page, BUTTON).await;
    setting.wants_the_link_followed(&browser).await;
    browser
}

/// The section that a changed wasm has more is no reason for it not to run: it is the digest that refuses it.
#[tokio::test]
async fn a_wasm_with_another_section_would_run() {
    let setting = Setting::new().await;
    let browser = open(Engine::Chromium, &setting.stable()).await;
    browser.click(Page, BUTTON).await;
    browser.find(Form, ".face").await;
    let script = "const [address, done] = arguments;
        fetch(address).then((answer) => answer.arrayBuffer()).then((bytes) => done(WebAssembly.validate(bytes)))";
    setting.between.add(".wasm", SECTION);
    let address = format!("{}/v1/{}?changed", setting.between.address(), setting.wasm());
    let runs = browser.js_async(script, vec![address.into()]).await;
    assert_eq!(runs, true);
}
