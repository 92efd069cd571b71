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

/// How often a driver may find its port taken: chromedriver picks one for IPv6 and wants the same for IPv4, and
/// WebKitWebDriver has to be told one that was free a moment ago.
const ATTEMPTS: usize = 5;

impl Driver {
    /// Starts the driver of `engine`, its files in `directory`, and waits until it listens.
    pub(super) async fn start(engine: Engine, options: &Options, directory: &Path) -> Self {
        let display = match engine {
            Engine::WebKit => Some(display(directory).await),
            Engine::Chromium | Engine::Firefox => None,
        };
        let display_name = display.as_ref().map_or("", |(_, name)| name.as_str());
        let mut ends = Vec::new();
        for _ in 0..ATTEMPTS {
            let started = match engine {
                Engine::Chromium => chromedriver(directory).await,
                Engine::Firefox => geckodriver(directory).await,
                Engine::WebKit => webkitdriver(options, directory, display_name).await,
            };
            match started {
                Ok((process, authority)) => {
                    return Self { process, authority, _display: display.map(|(process, _)| process) };
                }
                Err(end) => ends.push(end),
            }
        }
        panic!("the WebDriver of {engine:?} ended {ATTEMPTS} times:\n{}", ends.join("\n"))
    }

    /// What the driver wrote, for the message of a failure.
    pub(super) fn output(&self) -> String {
        self.process.stdout() + &self.process.stderr()
    }
}

/// A driver and where it listens, or what it wrote before it ended.
type Started = Result<(Process, String), String>;

async fn chromedriver(directory: &Path) -> Started {
    let process = Process::start(
        "chromedriver",
        Command::new("chromedriver").arg("--port=0"),
        directory,
        "On Debian: apt-get install chromium chromium-driver.",
    );
    announced(process, "started successfully on port ").await
}

async fn geckodriver(directory: &Path) -> Started {
    let process = Process::start(
        "geckodriver",
        Command::new(installed_by_cargo("geckodriver"))
            .args(["--port", "0", "--websocket-port", "0", "--profile-root"])
            .arg(directory),
        directory,
        "On Debian: apt-get install firefox-esr, then cargo install geckodriver --locked.",
    );
    announced(process, "Listening on 127.0.0.1:").await
}

/// A driver that picked a free port itself and says which after `words`.
async fn announced(mut process: Process, words: &str) -> Started {
    let authority = wait::until("the port of the WebDriver", async || {
        let output = process.stdout() + &process.stderr();
        let port = output
            .split_once(words)
            .and_then(|(_, rest)| rest.split_once(|c: char| !c.is_ascii_digit()))
            .map(|(port, _)| format!("127.0.0.1:{port}"));
        match (port, process.ended()) {
            (Some(authority), _) => Ok(Ok(authority)),
            (None, Some(status)) => Ok(Err(format!("{status}\n{output}"))),
            (None, None) => Err(output),
        }
    })
    .await?;
    Ok((process, authority))
}

/// The one driver that has to be told its port, and needs a display.
async fn webkitdriver(options: &Options, directory: &Path, display: &str) -> Started {
    let port = free_port();
    let mut command = Command::new("WebKitWebDriver");
    command
        .arg(format!("--port={port}"))
        .env("DISPLAY", display)
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
    if options.calm {
        let settings = directory.join("config/gtk-3.0");
        let written = std::fs::create_dir_all(&settings).and_then(|()| {
            std::fs::write(settings.join("settings.ini"), "[Settings]\ngtk-enable-animations=false\n")
        });
        if let Err(error) = written {
            panic!("{}: {error}", settings.display());
        }
    }
    let mut process = Process::start(
        "WebKitWebDriver",
        &mut command,
        directory,
        "On Debian: apt-get install webkit2gtk-driver.",
    );
    let authority = format!("127.0.0.1:{port}");
    wait::until("WebKitWebDriver to listen", async || match process.ended() {
        Some(status) => Ok(Err(format!("{status}\n{}", process.stderr()))),
        None => TcpStream::connect(&authority).map(|_| Ok(())),
    })
    .await?;
    Ok((process, authority))
}

/// A display of its own for one browser, and its name.
async fn display(directory: &Path) -> (Process, String) {
    let process = Process::start(
        "Xvfb",
        Command::new("Xvfb").args(["-displayfd", "1", "-screen", "0", "1600x1600x24", "-nolisten", "tcp"]),
        directory,
        "On Debian: apt-get install xvfb.",
    );
    let name = wait::until("a display of Xvfb", async || {
        let stdout = process.stdout();
        match stdout.split_once('\n') {
            Some((number, _)) => Ok(format!(":{number}")),
            None => Err(process.stderr()),
        }
    })
    .await;
    (process, name)
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
                "ui.prefersReducedMotion": i32::from(options.calm),
                // 2 is always; 0 as the system says.
                "browser.display.document_color_use": if options.forced_colours { 2 } else { 0 },
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

/// Where `cargo install` puts programs, unless the `PATH` has this one.
fn installed_by_cargo(name: &str) -> PathBuf {
    let on_path = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()));
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    match home {
        Some(home) if !on_path => home.join("bin").join(name),
        _ => PathBuf::from(name),
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
