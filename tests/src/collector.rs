//! The real binary, on a free port, with a database of its own or the one a test gives it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use reqwest::{Method, RequestBuilder, redirect};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{self, Process};
use crate::{comments, files, wait};

/// The démarche every [`TestCollector`] starts with.
pub const DEMARCHE: &str = "3059";
/// Its title.
pub const TITLE: &str = "Déclaration des revenus";
/// Its bouton.
pub const BOUTON: &str = "12";

/// The contract gives a collector 10 s from `SIGTERM` to its end.
const GRACE: Duration = Duration::from_secs(10);

/// A collector of one test: the real binary and, unless the test names another, a SQLite database in a
/// temporary folder.
///
/// The démarche [`DEMARCHE`] with the bouton [`BOUTON`] is registered before it starts. When a test fails,
/// what the collector wrote to standard error is printed with it. When it passes, what the collector leaves on the disk
/// is searched for [personal data](comments::PRIVATE) that was not masked.
#[derive(Debug)]
pub struct TestCollector {
    directory: TempDir,
    database: String,
    arguments: Vec<String>,
    /// How often `serve` has started.
    runs: usize,
    running: Option<Process>,
    address: String,
    http: reqwest::Client,
}

/// What one run of a command answered.
#[derive(Debug)]
pub struct Output {
    /// Exit code; −1 for a program that a signal ended.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// Runs `command` to its end.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    #[must_use]
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl TestCollector {
    /// A collector with the defaults of `serve`.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A collector with further arguments to `serve`.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub async fn start_with(arguments: &[&str]) -> Self {
        Self::stopped(arguments).registered_and_serving().await
    }

    /// A collector on the empty database of this address (`postgres://…`), with further arguments to `serve`.
    ///
    /// # Panics
    ///
    /// When it does not come up.
    pub async fn start_on(database: &str, arguments: &[&str]) -> Self {
        Self::on(database, arguments).registered_and_serving().await
    }

    /// A collector that has neither started nor any démarche.
    ///
    /// # Panics
    ///
    /// When there is no place for its database.
    #[must_use]
    pub fn stopped(arguments: &[&str]) -> Self {
        let mut collector = Self::on("", arguments);
        collector.database = format!("sqlite://{}/avis.db", collector.directory.path().display());
        collector
    }

    /// A collector that has not started, on the database of this address, whatever that has: a second one
    /// beside another, say. [`serve`](Self::serve) starts it.
    ///
    /// # Panics
    ///
    /// When there is no place for what it writes.
    #[must_use]
    pub fn on(database: &str, arguments: &[&str]) -> Self {
        let directory = TempDir::new().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .build()
            .unwrap_or_else(|error| panic!("no HTTP client: {error}"));
        Self {
            directory,
            database: database.to_owned(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            runs: 0,
            running: None,
            address: String::new(),
            http,
        }
    }

    async fn registered_and_serving(mut self) -> Self {
        self.register();
        self.serve().await;
        self
    }

    /// Registers the démarche [`DEMARCHE`] and its bouton [`BOUTON`].
    ///
    /// # Panics
    ///
    /// When the collector refuses them.
    pub fn register(&self) {
        self.add_demarche(DEMARCHE, TITLE);
        self.run(&["bouton", "add", "--demarche", DEMARCHE, "--id", BOUTON]);
    }

    /// Starts `serve` on a free port and waits until it says that it is ready.
    ///
    /// # Panics
    ///
    /// When it ends instead, or never gets ready.
    pub async fn serve(&mut self) {
        self.start_serving().await;
        wait::until("a collector that is ready", async || match self.get("/health/ready").send().await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(answer.status().to_string()),
            Err(error) => Err(error.to_string()),
        })
        .await;
    }

    /// Starts `serve` on a free port and waits until it listens, ready or not: without its database it may
    /// not be.
    ///
    /// # Panics
    ///
    /// When it ends instead, or never listens.
    pub async fn start_serving(&mut self) {
        assert!(self.running.is_none(), "the collector is already running");
        self.runs += 1;
        let mut process = Process::start(
            &format!("collector-{}", self.runs),
            self.command(&["serve", "--listen", "127.0.0.1:0"]).args(&self.arguments),
            self.directory.path(),
            "",
        );
        self.address = wait::until("the collector's address on its standard output", async || {
            if let Some(status) = process.ended() {
                panic!("the collector ended ({status}):\n{}", process.stderr());
            }
            let stdout = process.stdout();
            match stdout.split_once('\n') {
                Some((line, _)) => Ok(line.trim_end().trim_end_matches('/').to_owned()),
                None => Err(process.stderr()),
            }
        })
        .await;
        self.running = Some(process);
    }

    /// Stops it as an operator does, with `SIGTERM`, and says how it ended. The database stays.
    ///
    /// # Panics
    ///
    /// When it was not running, or takes longer than the contract allows.
    pub fn stop(&mut self) -> ExitStatus {
        self.take_running().terminate(GRACE)
    }

    /// Ends it as a power cut would. The database stays.
    ///
    /// # Panics
    ///
    /// When it was not running.
    pub fn kill(&mut self) {
        self.take_running().kill();
    }

    /// The number of its process.
    ///
    /// # Panics
    ///
    /// When it is not running.
    #[must_use]
    pub fn pid(&self) -> u32 {
        match &self.running {
            Some(process) => process.id(),
            None => panic!("the collector is not running"),
        }
    }

    /// How it ended, if it did so by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.running.as_mut().and_then(Process::ended)
    }

    /// Stops it and starts it again on the same database; its address changes.
    ///
    /// # Panics
    ///
    /// When it does not stop, or not come up.
    pub async fn restart(&mut self) {
        self.stop();
        self.serve().await;
    }

    /// Ends it as a power cut would and starts it again on the same database; its address changes.
    ///
    /// # Panics
    ///
    /// When it was not running, or does not come up.
    pub async fn kill_and_restart(&mut self) {
        self.kill();
        self.serve().await;
    }

    /// `http://host:port`, as the collector printed it.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `host:port`.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.address.trim_start_matches("http://")
    }

    /// The full address of `path`, which starts with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// What `serve` has written to standard output and standard error since it last started, be it running
    /// or not.
    ///
    /// # Panics
    ///
    /// When it has never started.
    #[must_use]
    pub fn written(&self) -> (String, String) {
        assert!(self.runs > 0, "the collector has never started");
        (self.written_to("stdout", self.runs), self.written_to("stderr", self.runs))
    }

    /// What `serve` has written to standard error, each time it has started.
    #[must_use]
    pub fn logs(&self) -> String {
        (1..=self.runs).map(|run| self.written_to("stderr", run)).collect()
    }

    fn written_to(&self, output: &str, run: usize) -> String {
        process::read(&self.directory.path().join(format!("collector-{run}.{output}")))
    }

    /// Where it shows its metrics, if it was started with `--metrics-listen`: `http://host:port`, as printed on its
    /// second line.
    ///
    /// # Panics
    ///
    /// When it prints none.
    pub async fn metrics_address(&self) -> String {
        wait::until("the address of the metrics on standard output", async || {
            let (stdout, stderr) = self.written();
            match stdout.lines().nth(1).filter(|_| stdout.ends_with('\n')) {
                Some(line) => Ok(line.to_owned()),
                None => Err(stderr),
            }
        })
        .await
    }

    /// One of its metrics, named with its labels as in `avis_refused_total{reason="closed"}`; none if there is no
    /// such series.
    ///
    /// # Panics
    ///
    /// When the metrics cannot be read.
    pub async fn metric(&self, series: &str) -> Option<f64> {
        let text = self.metrics().await;
        let value = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        value.map(|value| value.parse().unwrap_or_else(|error| panic!("{series} {value}: {error}")))
    }

    /// All of its metrics, as it writes them.
    ///
    /// # Panics
    ///
    /// When they cannot be read.
    pub async fn metrics(&self) -> String {
        let address = format!("{}/metrics", self.metrics_address().await);
        let text = match self.http.get(&address).send().await {
            Ok(answer) => answer.text().await,
            Err(error) => panic!("{address}: {error}"),
        };
        text.unwrap_or_else(|error| panic!("{address}: {error}"))
    }

    /// A request to `path`. Redirects are not followed.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// A `GET` of `path`.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// One indicator of one démarche over all time, as `/api/v1/satisfaction` gives it.
    ///
    /// # Panics
    ///
    /// When the averages cannot be read.
    pub async fn indicator(&self, demarche: &str, indicator: &str) -> Value {
        let path = format!("/api/v1/satisfaction?from=2020-01-01&to=2099-12-31&demarche={demarche}");
        let answer = match self.get(&path).send().await {
            Ok(answer) => answer.text().await,
            Err(error) => panic!("{path}: {error}"),
        };
        let text = answer.unwrap_or_else(|error| panic!("{path}: {error}"));
        let body: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
        let found = &body["demarches"][0]["indicators"][indicator];
        assert!(found.is_object(), "{path}: no {indicator} in {body}");
        found.clone()
    }

    /// How many avis of a démarche say `pas_bien`, `moyen` and `tres_bien`.
    ///
    /// # Panics
    ///
    /// When the averages cannot be read.
    pub async fn smileys(&self, demarche: &str) -> [u64; 3] {
        let satisfaction = self.indicator(demarche, "satisfaction").await;
        ["pas_bien", "moyen", "tres_bien"].map(|choice| {
            satisfaction["counts"][choice]
                .as_u64()
                .unwrap_or_else(|| panic!("no count of {choice} in {satisfaction}"))
        })
    }

    /// The name and the integrity of the loader that hosts may pin, as `asset list` tells them.
    ///
    /// # Panics
    ///
    /// When there is none: the collector has not started, or was built without the widget.
    #[must_use]
    pub fn pinned(&self) -> (String, String) {
        let listed = self.run(&["asset", "list"]).stdout;
        let own = listed.lines().map(|line| line.split('\t').collect::<Vec<_>>()).find_map(|columns| {
            let [name, _, _, _, "current", integrity] = columns[..] else { return None };
            name.starts_with("avis-").then(|| (name.to_owned(), integrity.to_owned()))
        });
        own.unwrap_or_else(|| panic!("no pinned loader: {listed}"))
    }

    /// Runs another command on the same database, running or not, and wants it to succeed.
    ///
    /// # Panics
    ///
    /// When it does not.
    #[expect(clippy::must_use_candidate, reason = "mostly its success is all that matters")]
    pub fn run(&self, arguments: &[&str]) -> Output {
        let output = self.try_run(arguments);
        assert!(
            output.code == 0,
            "`collector {}` ended with {}:\n{}{}",
            arguments.join(" "),
            output.code,
            output.stdout,
            output.stderr
        );
        output
    }

    /// Runs another command on the same database, running or not.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    #[must_use]
    pub fn try_run(&self, arguments: &[&str]) -> Output {
        Output::of(&mut self.command(arguments))
    }

    /// Registers a démarche.
    ///
    /// # Panics
    ///
    /// When the collector refuses it.
    pub fn add_demarche(&self, id: &str, title: &str) {
        self.add_demarche_with(id, title, &[]);
    }

    /// Registers a démarche with further flags of `demarche add`.
    ///
    /// # Panics
    ///
    /// When the collector refuses it.
    pub fn add_demarche_with(&self, id: &str, title: &str, further: &[&str]) {
        let mut arguments =
            vec!["demarche", "add", "--id", id, "--title", title, "--administration", "DGFIP"];
        arguments.extend(further);
        self.run(&arguments);
    }

    /// A folder of its own, for files a test hands to a command.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// `--database` as the commands take it.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// A command on this database, for those who set more than its arguments.
    ///
    /// # Panics
    ///
    /// When there is no collector to run.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        // What the surroundings set for a collector of theirs must not reach this one.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AVIS_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).arg("--database").arg(self.database()).current_dir(self.directory.path());
        command
    }

    fn take_running(&mut self) -> Process {
        match self.running.take() {
            Some(process) => process,
            None => panic!("the collector is not running"),
        }
    }
}

impl Drop for TestCollector {
    #[expect(clippy::print_stderr, reason = "what a failing test is read with")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            if self.runs > 0 {
                eprintln!("--- the collector wrote ---\n{}---", self.logs());
            }
            return;
        }
        drop(self.running.take());
        // Whatever a test is about: what nobody is to read is not in what its collector leaves behind.
        for (path, bytes) in files::below(self.directory.path()) {
            // Tables are what the test gave it to read.
            if path.extension().is_some_and(|extension| extension == "csv") {
                continue;
            }
            for private in comments::PRIVATE {
                assert!(!files::hold(&bytes, private), "{private:?} is in {}", path.display());
            }
        }
    }
}

/// The collector to test: `AVIS_COLLECTOR`, or else the one built last in this workspace.
///
/// # Panics
///
/// When there is none, saying how to build it.
#[must_use]
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("AVIS_COLLECTOR") {
        let path = PathBuf::from(path);
        assert!(path.is_file(), "AVIS_COLLECTOR is {}, which is no file", path.display());
        return path;
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    ["release", "debug"]
        .into_iter()
        .map(|profile| target.join(profile).join("collector"))
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .max()
        .map_or_else(
            || {
                panic!(
                    "no collector in {}: build it with `cargo xtask build`, or name it in AVIS_COLLECTOR",
                    target.display()
                )
            },
            |(_, path)| path,
        )
}

/// The root of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}
