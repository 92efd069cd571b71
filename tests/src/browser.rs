//! Three real browsers, driven as a person uses them: clicks, keys, and what is to be seen.

mod axe;
mod engine;
mod input;
mod rulers;

use std::fmt::Display;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

pub use axe::Violation;
use engine::Driver;
pub use engine::Engine;

use crate::wait;

/// Browsers at once: each takes a core and some 400 MB, and one that waits for the processor looks like one
/// that hangs.
static SESSIONS: Semaphore = Semaphore::const_new(2);

/// Far above what any command takes: a driver that lost its browser would have a test wait for ever.
const COMMAND: Duration = Duration::from_mins(1);

/// How long the drivers wait for a page to have loaded, in milliseconds. WebKit's now and then misses that one has,
/// and would make the next command wait for five minutes.
const PAGE_LOAD: u32 = 10_000;

/// The element that has the focus, through shadow roots.
const ACTIVE: &str = "let active = document.activeElement;
    while (active.shadowRoot && active.shadowRoot.activeElement) active = active.shadowRoot.activeElement;";

/// Light or dark, as the person's system asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What kind of browser a test wants.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, in any combination")]
pub struct Options {
    /// Whether pages may run scripts.
    pub javascript: bool,
    /// What `prefers-color-scheme` says.
    pub scheme: Scheme,
    /// The language of the browser, as in `Accept-Language`.
    pub language: &'static str,
    /// Width of the window in CSS pixels.
    pub width: u32,
    /// Height of the window in CSS pixels.
    pub height: u32,
    /// Whether a command waits until the page has loaded.
    pub waits: bool,
    /// Whether the person asked for less motion.
    pub calm: bool,
    /// Whether the person's own colours take the place of all others. WebKit knows no such thing.
    pub forced_colours: bool,
}

impl Default for Options {
    /// A laptop in French, in daylight.
    fn default() -> Self {
        Self {
            javascript: true,
            scheme: Scheme::Light,
            language: "fr",
            width: 1280,
            height: 900,
            waits: true,
            calm: false,
            forced_colours: false,
        }
    }
}

impl Options {
    /// The same with scripts turned off.
    #[must_use]
    pub fn without_javascript(self) -> Self {
        Self { javascript: false, ..self }
    }

    /// The same at night.
    #[must_use]
    pub fn dark(self) -> Self {
        Self { scheme: Scheme::Dark, ..self }
    }

    /// The same that goes on while a page loads.
    #[must_use]
    pub fn without_waiting(self) -> Self {
        Self { waits: false, ..self }
    }

    /// The same on a phone (the size: touch and density stay those of a desktop).
    #[must_use]
    pub fn phone(self) -> Self {
        Self { width: 390, height: 844, ..self }
    }
}

/// Where on the page a test looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The page itself.
    Page,
    /// Inside the open shadow root of `<je-donne-mon-avis>`.
    Form,
    /// Inside that of what the modal script leaves on a page.
    Modal,
}

impl Place {
    /// What has the shadow root, if this is one.
    fn host(self) -> Option<&'static str> {
        match self {
            Self::Page => None,
            Self::Form => Some("je-donne-mon-avis"),
            Self::Modal => Some(".jdma-widget-trigger"),
        }
    }
}

/// One browser with a profile of its own. Dropping it closes it.
#[derive(Debug)]
pub struct Browser {
    engine: Engine,
    client: Client,
    http: reqwest::Client,
    session: String,
    driver: Driver,
    _directory: TempDir,
    _permit: SemaphorePermit<'static>,
}

impl Browser {
    /// Opens a browser, once there is room for it.
    ///
    /// # Panics
    ///
    /// When its driver is missing or fails, saying what to install.
    pub async fn open(engine: Engine, options: Options) -> Self {
        let Ok(permit) = SESSIONS.acquire().await else {
            panic!("the semaphore of the sessions is never closed")
        };
        let directory = TempDir::new().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        let driver = Driver::start(engine, &options, directory.path()).await;
        let Value::Object(mut capabilities) = engine.capabilities(&options, directory.path()) else {
            panic!("capabilities are an object")
        };
        capabilities
            .insert("timeouts".to_owned(), json!({"pageLoad": PAGE_LOAD, "script": 30_000, "implicit": 0}));
        if !options.waits {
            capabilities.insert("pageLoadStrategy".to_owned(), json!("none"));
        }
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let address = format!("http://{}", driver.authority);
        let client = match timeout(COMMAND, builder.capabilities(capabilities).connect(&address)).await {
            Ok(Ok(client)) => client,
            Ok(Err(error)) => panic!("no session of {engine:?}: {error}\n{}", driver.output()),
            Err(elapsed) => panic!("no session of {engine:?}: {elapsed}\n{}", driver.output()),
        };
        let session = match client.session_id().await {
            Ok(Some(id)) => id,
            other => panic!("a session of {engine:?} without an id: {other:?}"),
        };
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap_or_else(|error| panic!("no HTTP client: {error}"));
        let browser = Self { engine, client, http, session, driver, _directory: directory, _permit: permit };
        browser.resize(options.width, options.height).await;
        if engine == Engine::Chromium && (options.calm || options.forced_colours) {
            let motion = if options.calm { "reduce" } else { "" };
            let colours = if options.forced_colours { "active" } else { "" };
            let features = json!([
                {"name": "prefers-reduced-motion", "value": motion}, {"name": "forced-colors", "value": colours}
            ]);
            browser.cdp("Emulation.setEmulatedMedia", json!({"features": features})).await;
        }
        browser
    }

    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The fantoccini client, for what has no word here.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Gives the page this size in CSS pixels.
    async fn resize(&self, width: u32, height: u32) {
        if self.engine == Engine::Chromium {
            // Its windows are never narrower than 500 pixels; the page in them can be.
            self.cdp(
                "Emulation.setDeviceMetricsOverride",
                json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}),
            )
            .await;
        } else {
            self.done("resize the window", self.client.set_window_size(width, height)).await;
        }
    }

    /// Opens `url` and waits until it has loaded.
    ///
    /// # Panics
    ///
    /// When the browser cannot.
    pub async fn goto(&self, url: &str) {
        self.navigated(url, self.client.goto(url)).await;
    }

    /// The back button.
    ///
    /// # Panics
    ///
    /// When the browser cannot.
    pub async fn back(&self) {
        self.navigated("go back", self.client.back()).await;
    }

    /// The reload button.
    ///
    /// # Panics
    ///
    /// When the browser cannot.
    pub async fn reload(&self) {
        self.navigated("reload", self.client.refresh()).await;
    }

    /// The address of the page.
    ///
    /// # Panics
    ///
    /// When the browser does not say.
    pub async fn url(&self) -> String {
        self.done("say the address", self.client.current_url()).await.to_string()
    }

    /// The first element that matches `css`, now.
    ///
    /// # Errors
    ///
    /// What is missing, for a wait to report.
    pub async fn look(&self, place: Place, css: &str) -> Result<Element, String> {
        let missing = |error| format!("{css} in {place:?}: {error}");
        match place.host() {
            None => self.client.find(Locator::Css(css)).await.map_err(missing),
            Some(host) => self
                .client
                .find(Locator::Css(host))
                .await
                .map_err(missing)?
                .shadow_root()
                .await
                .map_err(missing)?
                .find(Locator::Css(css))
                .await
                .map_err(missing),
        }
    }

    /// The first element that matches `css`, once it can be seen.
    ///
    /// # Panics
    ///
    /// When it never can.
    pub async fn find(&self, place: Place, css: &str) -> Element {
        wait::until(&format!("{css} to be seen in {:?}", self.engine), async || {
            let element = self.look(place, css).await?;
            match element.is_displayed().await {
                Ok(true) => Ok(element),
                Ok(false) => Err(format!("{css} is hidden")),
                Err(error) => Err(error.to_string()),
            }
        })
        .await
    }

    /// Waits until nothing that matches `css` can be seen.
    ///
    /// # Panics
    ///
    /// When it stays.
    pub async fn wait_gone(&self, place: Place, css: &str) {
        wait::until(&format!("{css} to go in {:?}", self.engine), async || {
            let Ok(element) = self.look(place, css).await else {
                return Ok(());
            };
            match element.is_displayed().await {
                Ok(true) => Err("it is there"),
                Ok(false) | Err(_) => Ok(()),
            }
        })
        .await;
    }

    /// The visible text of the first element that matches `css`, once it can be seen.
    ///
    /// # Panics
    ///
    /// When it never can.
    pub async fn text(&self, place: Place, css: &str) -> String {
        let element = self.find(place, css).await;
        self.done(css, element.text()).await
    }

    /// The text of what is found by `css` now, for who asks again: what is on its way out may go while it is read.
    ///
    /// # Errors
    ///
    /// It is not there, or was not any more.
    pub async fn text_now(&self, place: Place, css: &str) -> Result<String, String> {
        self.look(place, css).await?.text().await.map_err(|gone| gone.to_string())
    }

    /// What a text field, found by `css`, holds.
    ///
    /// # Panics
    ///
    /// When it is never seen.
    pub async fn value(&self, place: Place, css: &str) -> String {
        let element = self.find(place, css).await;
        self.done(css, element.prop("value")).await.unwrap_or_default()
    }

    /// Whether a radio button or tick is on, seen or covered by its label.
    ///
    /// # Panics
    ///
    /// When it is not there.
    pub async fn is_checked(&self, place: Place, css: &str) -> bool {
        match self.look(place, css).await {
            Ok(element) => self.done(css, element.is_selected()).await,
            Err(missing) => panic!("{missing}"),
        }
    }

    /// Whether the focus is on an element that matches `css`, in whatever shadow root.
    ///
    /// # Panics
    ///
    /// When scripts are off.
    pub async fn has_focus(&self, css: &str) -> bool {
        let script = format!("{ACTIVE} return active.matches(arguments[0]);");
        self.js(&script, vec![css.into()]).await == true
    }

    /// The element that has the focus, for a message.
    ///
    /// # Panics
    ///
    /// When scripts are off.
    pub async fn focus(&self) -> String {
        let script = format!("{ACTIVE} return active.outerHTML.slice(0, 200);");
        self.js(&script, vec![]).await.to_string()
    }

    /// Goes on inside the frame that matches `css`: until it is left, that is the page.
    ///
    /// # Panics
    ///
    /// When it never can be seen.
    pub async fn enter_frame(&self, place: Place, css: &str) {
        let frame = self.find(place, css).await;
        self.done("enter the frame", frame.enter_frame()).await;
    }

    /// Goes back to the page around the frame.
    ///
    /// # Panics
    ///
    /// When the browser cannot.
    pub async fn leave_frame(&self) {
        self.done("leave the frame", self.client.enter_parent_frame()).await;
    }

    /// What `script`, the body of a function, returns.
    ///
    /// # Panics
    ///
    /// When it throws.
    pub async fn js(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.done("run a script", self.client.execute(script, arguments)).await
    }

    /// What `script` hands to the last of its arguments, a function.
    ///
    /// # Panics
    ///
    /// When it throws, or takes more than 30 s.
    pub async fn js_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.done("run a script", self.client.execute_async(script, arguments)).await
    }

    /// A command of the Chrome `DevTools` protocol.
    ///
    /// # Panics
    ///
    /// In other engines than Chromium, and when it refuses.
    pub async fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.post("goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    /// What Chromium wrote on its console since the last call: errors of scripts, failed requests,
    /// violations of the content security policy. The other drivers do not tell.
    ///
    /// # Panics
    ///
    /// In other engines than Chromium.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.post("se/log", json!({"type": "browser"})).await;
        entries
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| format!("{}: {}", entry["level"], entry["message"]))
            .collect()
    }

    /// Writes a picture of the page to a PNG file: all of it in Chromium and Firefox, the visible part in
    /// WebKit.
    ///
    /// # Panics
    ///
    /// When the file cannot be written.
    pub async fn screenshot(&self, path: &Path) {
        let bytes = match self.engine {
            Engine::Chromium => {
                let png = self
                    .cdp("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": true}))
                    .await;
                decode(&png["data"])
            }
            Engine::Firefox => {
                let url = format!("{}/moz/screenshot/full", self.address());
                let answer = self.http.get(url).send().await;
                decode(&value(answer).await)
            }
            Engine::WebKit => return self.screenshot_of_window(path).await,
        };
        save(path, &bytes);
    }

    /// Writes a picture of what is to be seen of the page to a PNG file.
    ///
    /// # Panics
    ///
    /// When the file cannot be written.
    pub async fn screenshot_of_window(&self, path: &Path) {
        save(path, &self.done("take a picture", self.client.screenshot()).await);
    }

    /// A command of this driver alone.
    async fn post(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/{path}", self.address());
        let answer = self.http.post(url).json(&body).send().await;
        value(answer).await
    }

    /// What the driver tells at this path of the session.
    async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}/{path}", self.address())).send().await;
        value(answer).await
    }

    fn address(&self) -> String {
        format!("http://{}/session/{}", self.driver.authority, self.session)
    }

    async fn done<T, E: Display>(&self, what: &str, command: impl Future<Output = Result<T, E>>) -> T {
        let Ok(result) = timeout(COMMAND, command).await else {
            panic!("{:?} hangs: {what}\n{}", self.engine, self.driver.output())
        };
        match result {
            Ok(value) => value,
            Err(error) => panic!("{:?} could not {what}: {error}", self.engine),
        }
    }

    /// As [`Browser::done`], where the page may have been left before it told that it had loaded: what it shows is
    /// waited for anyway.
    async fn navigated(&self, what: &str, command: impl Future<Output = Result<(), CmdError>>) {
        let lenient = async {
            match command.await {
                Err(error) if error.is_timeout() => Ok(()),
                result => result,
            }
        };
        self.done(what, lenient).await;
    }
}

impl Drop for Browser {
    /// Closes the browser before its driver goes: a driver that is killed leaves its browser behind.
    fn drop(&mut self) {
        let close = || -> std::io::Result<()> {
            let mut stream = TcpStream::connect(&self.driver.authority)?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            write!(
                stream,
                "DELETE /session/{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                self.session, self.driver.authority
            )?;
            stream.read_exact(&mut [0; 1])
        };
        // Nothing to do about a driver that is gone.
        let _ = close();
    }
}

async fn value(answer: reqwest::Result<reqwest::Response>) -> Value {
    let answer = match answer {
        Ok(answer) => answer.json::<Value>().await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(mut body) if body["value"]["error"].is_null() => body["value"].take(),
        Ok(body) => panic!("the WebDriver refused: {body}"),
        Err(error) => panic!("the WebDriver did not answer: {error}"),
    }
}

fn save(path: &Path, png: &[u8]) {
    std::fs::write(path, png).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn decode(png: &Value) -> Vec<u8> {
    STANDARD
        .decode(png.as_str().unwrap_or_default())
        .unwrap_or_else(|error| panic!("a picture that is no base 64: {error}"))
}
