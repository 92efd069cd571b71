//! The three engines: which programs drive them, and how each is told what a test asks for.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::{Options, Scheme};
use crate::process::Process;
use crate::wait;

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium, by chromedriver.
    Chromium,
    /// Firefox, by geckodriver.
    Firefox,
    /// WebKitGTK: MiniBrowser, by WebKitWebDriver, on a display of its own (Xvfb).
    WebKit,
}

/// The driver of one engine, for one session. Dropping it ends it, and its display.
#[derive(Debug)]
pub(super) struct Driver {
    process: Process,
    /// `host:port` of its WebDriver interface.
    pub(super) authority: String,
    _display: Option<Process>,
}

/// Where Debian keeps MiniBrowser, which is not on the `PATH`.
const MINIBROWSERS: &str = "/usr/lib/*/webkit2gtk-*/MiniBrowser";

impl Driver {
    /// Starts the driver of `engine`, its files in `directory`, and waits until it listens.
    pub(super) async fn start(engine: Engine, options: &Options, directory: &Path) -> Self {
        match engine {
            Engine::Chromium => {
                let process = Process::start(
                    "chromedriver",
                    Command::new("chromedriver").arg("--port=0"),
                    directory,
                    "On Debian: apt-get install chromium chromium-driver.",
                );
                Self::announced(process, "started successfully on port ").await
            }
            Engine::Firefox => {
                let process = Process::start(
                    "geckodriver",
                    Command::new(geckodriver())
                        .args(["--port", "0", "--websocket-port", "0", "--profile-root"])
                        .arg(directory),
                    directory,
                    "On Debian: apt-get install firefox-esr, then cargo install geckodriver --locked.",
                );
                Self::announced(process, "Listening on 127.0.0.1:").await
            }
            Engine::WebKit => Self::webkit(options, directory).await,
        }
    }

    /// A driver that picked a free port itself and says which after `words`.
    async fn announced(mut process: Process, words: &str) -> Self {
        let authority = wait::until("the port of the WebDriver", async || {
            still_runs(&mut process);
            let output = process.stdout() + &process.stderr();
            output
                .split_once(words)
                .and_then(|(_, rest)| rest.split_once(|c: char| !c.is_ascii_digit()))
                .map(|(port, _)| format!("127.0.0.1:{port}"))
                .ok_or(output)
        })
        .await;
        Self { process, authority, _display: None }
    }

    /// The one driver that has to be told its port, and needs a display.
    async fn webkit(options: &Options, directory: &Path) -> Self {
        let display = Process::start(
            "Xvfb",
            Command::new("Xvfb").args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1600x1600x24",
                "-nolisten",
                "tcp",
            ]),
            directory,
            "On Debian: apt-get install xvfb.",
        );
        let number = wait::until("a display of Xvfb", async || {
            let stdout = display.stdout();
            match stdout.split_once('\n') {
                Some((number, _)) => Ok(number.to_owned()),
                None => Err(display.stderr()),
            }
        })
        .await;

        let authority = format!("127.0.0.1:{}", free_port());
        let mut command = Command::new("WebKitWebDriver");
        command
            .arg(format!("--port={}", authority.trim_start_matches("127.0.0.1:")))
            .env("DISPLAY", format!(":{number}"))
            // Its sandbox refuses to start as root, which continuous integration is; all it opens is ours.
            .env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1")
            // Nothing of the person who runs this: no settings, no cache, no language.
            .env("GSETTINGS_BACKEND", "memory")
            .env("NO_AT_BRIDGE", "1")
            .env("XDG_CACHE_HOME", directory.join("cache"))
            .env("XDG_CONFIG_HOME", directory.join("config"))
            .env("XDG_DATA_HOME", directory.join("data"))
            .env("LANGUAGE", options.language);
        if options.scheme == Scheme::Dark {
            command.env("GTK_THEME", "Adwaita:dark");
        }
        let mut process = Process::start(
            "WebKitWebDriver",
            &mut command,
            directory,
            "On Debian: apt-get install webkit2gtk-driver.",
        );
        wait::until("WebKitWebDriver to listen", async || {
            still_runs(&mut process);
            TcpStream::connect(&authority)
        })
        .await;
        Self { process, authority, _display: Some(display) }
    }

    /// What the driver wrote, for the message of a failure.
    pub(super) fn output(&self) -> String {
        self.process.stdout() + &self.process.stderr()
    }
}

impl Engine {
    /// What the driver of this engine has to be told to give a browser of these `options`.
    pub(super) fn capabilities(self, options: &Options, directory: &Path) -> Value {
        match self {
            Self::Chromium => chromium(options, directory),
            Self::Firefox => firefox(options),
            Self::WebKit => webkit(options),
        }
    }
}

fn chromium(options: &Options, directory: &Path) -> Value {
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        format!("--lang={}", options.language),
        format!("--accept-lang={}", options.language),
        format!("--window-size={},{}", options.width, options.height),
        format!("--user-data-dir={}", directory.join("chromium").display()),
    ];
    if options.scheme == Scheme::Dark {
        arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
    }
    let javascript = if options.javascript { 1 } else { 2 };
    json!({
        "goog:chromeOptions": {
            "args": arguments,
            "prefs": {
                "intl.accept_languages": options.language,
                "profile.default_content_setting_values.javascript": javascript,
            },
        },
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}

fn firefox(options: &Options) -> Value {
    // 0 is dark and 1 is light in this preference, whatever the system says.
    let scheme = i32::from(options.scheme == Scheme::Light);
    json!({
        "moz:firefoxOptions": {
            "args": [
                "-headless",
                format!("--width={}", options.width),
                format!("--height={}", options.height),
            ],
            "prefs": {
                "intl.accept_languages": options.language,
                "javascript.enabled": options.javascript,
                "layout.css.prefers-color-scheme.content-override": scheme,
            },
        },
    })
}

fn webkit(options: &Options) -> Value {
    let mut arguments = vec![
        "--automation".to_owned(),
        format!("--geometry={}x{}", options.width, options.height),
        // Links are in the tab order everywhere but in WebKit's defaults.
        "--enable-tabs-to-links=true".to_owned(),
    ];
    if !options.javascript {
        arguments.push("--enable-javascript=false".to_owned());
    }
    json!({
        "webkitgtk:browserOptions": { "binary": minibrowser(), "args": arguments },
    })
}

fn still_runs(process: &mut Process) {
    if let Some(status) = process.ended() {
        panic!("the WebDriver ended ({status}):\n{}{}", process.stdout(), process.stderr());
    }
}

/// Where `cargo install` puts geckodriver, unless the `PATH` has one.
fn geckodriver() -> PathBuf {
    let on_path = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("geckodriver").is_file()));
    let cargo = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")))
        .map(|home| home.join("bin/geckodriver"));
    match cargo {
        Some(installed) if !on_path => installed,
        _ => PathBuf::from("geckodriver"),
    }
}

fn minibrowser() -> PathBuf {
    let folders = |parent: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(parent)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default()
    };
    folders(Path::new("/usr/lib"))
        .iter()
        .flat_map(|library| folders(library))
        .filter(|folder| {
            folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("webkit2gtk-"))
        })
        .map(|folder| folder.join("MiniBrowser"))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("no {MINIBROWSERS}. On Debian: apt-get install webkit2gtk-driver."))
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap_or_else(|error| panic!("no free port: {error}"))
        .port()
}
