//! A collector under attack, with people before it.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Instant;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tests::load::usage;
use tests::{TestCollector, wait};

use crate::people::People;

/// What a collector may hold whatever is done to it, in bytes: the budget of design.md at full load.
const MEMORY_MAX: u64 = 256 * 1024 * 1024;

/// Connections that people and the tests themselves still have a moment after an attack.
const FEW: usize = 16;

/// A collector under attack.
pub(crate) struct Siege {
    pub(crate) collector: TestCollector,
    people: People,
    attack: String,
    begun: Instant,
    /// What it had failed to answer before.
    failures: Vec<String>,
}

impl Siege {
    /// A collector as it is delivered, behind a proxy on this machine, started where a process may open a thousand files,
    /// as on most machines; and people who send avis to it.
    pub(crate) async fn begin(attack: &str) -> Self {
        let whole = getrlimit(Resource::Nofile);
        let usual = Rlimit { current: Some(1_024), maximum: whole.maximum };
        setrlimit(Resource::Nofile, usual).unwrap();
        let arguments = ["--trusted-proxy", "127.0.0.0/8", "--metrics-listen", "127.0.0.1:0"];
        let collector = TestCollector::start_with(&arguments).await;
        // The other end of each connection is here.
        setrlimit(Resource::Nofile, Rlimit { current: whole.maximum, maximum: whole.maximum }).unwrap();
        // It says 503 of itself until it is ready.
        let failures = answered(&collector, "5xx").await;
        let people = People::begin(collector.authority().parse().unwrap());
        Self { collector, people, attack: attack.to_owned(), begun: Instant::now(), failures }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.collector.authority().parse().unwrap()
    }

    /// Ends the attack: prints what became of it and how people were served, and wants that nobody was turned away, that
    /// no request was answered with a 5xx, that each avis counts once, that memory has its bounds, and that nothing is held
    /// for those who are gone.
    pub(crate) async fn end(mut self, outcome: &str) {
        let time = self.begun.elapsed();
        let served = self.people.finish().await;
        let pid = self.collector.pid();
        wait::until("connections that are let go", async || match connections(pid) {
            few if few <= FEW => Ok(()),
            many => Err(many),
        })
        .await;
        let peak = usage::of(pid).map(|usage| usage.resident_peak).unwrap_or_default();
        let line = format!(
            "\n    {}: {outcome}\n      meanwhile, in {:.0} s: {served}; at most {} MiB",
            self.attack,
            time.as_secs_f64(),
            peak >> 20,
        );
        // Shown also when it passes: `println!` would keep it for a failure.
        let _ = writeln!(std::io::stderr(), "{line}");

        assert!(served.failures().is_empty(), "{}: {:?}", self.attack, served.failures());
        assert!(served.accepted() > 0, "{}: nobody came", self.attack);
        assert!((1..=MEMORY_MAX).contains(&peak), "{}: {peak} bytes", self.attack);
        let [.., stored] = self.collector.smileys(tests::collector::DEMARCHE).await;
        assert_eq!(stored, served.accepted(), "{}: avis that count", self.attack);
        assert_ne!(answered(&self.collector, "2xx").await, [""; 0], "{}: no figure of people", self.attack);
        assert_eq!(answered(&self.collector, "5xx").await, self.failures, "{}: failures", self.attack);
        assert!(self.collector.ended().is_none(), "{}: it is gone", self.attack);
        let (_, log) = self.collector.written();
        assert!(!log.contains("panicked"), "{}: {log}", self.attack);
        assert!(self.collector.stop().success(), "{}", self.attack);
    }
}

/// The requests that were answered with this class of statuses, by route and method, each with its number.
async fn answered(collector: &TestCollector, class: &str) -> Vec<String> {
    let class = format!("status_class=\"{class}\"");
    let metrics = collector.metrics().await;
    let requests = metrics.lines().filter(|line| line.starts_with("avis_http_request_seconds_count{"));
    requests.filter(|line| line.contains(&class)).map(str::to_owned).collect()
}

/// How many sockets a process has open.
pub(crate) fn connections(pid: u32) -> usize {
    let files = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let targets = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}
