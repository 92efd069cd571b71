//! What an operator watches: counts and times, for Prometheus to collect. Nothing here names a person, an avis or a
//! path: labels are the routes of this program, the codes of its errors, the ids of boutons and a handful of words.
//!
//! A request costs two atomic additions and one short lock: what it adds to is found once a route and kept.

use crate::catalogue::Bouton;
use crate::ingest::Written;
use crate::limits::Policy;
use crate::problem::Problem;
use crate::quarantine::{Reason, Reasons};
use crate::retention::Kept;
use crate::store::Outcome;
use actix_web::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Seconds by which times are told apart: the budgets (2, 20 and 50 ms) are among them.
const SECONDS: [f64; 13] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// The media type of what [`Metrics::text`] writes.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The way by which an avis came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The API: the widget, or a program.
    Api,
    /// The form as pages.
    Form,
}

/// What an avis that was accepted came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is new, and stored.
    Recorded,
    /// It had been stored.
    Replayed,
    /// It waits in the spool for the database.
    Spooled,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AcceptedLabels {
    via: &'static str,
    outcome: &'static str,
}

impl AcceptedLabels {
    fn of(via: Via, outcome: Accepted) -> Self {
        let via = match via {
            Via::Api => "api",
            Via::Form => "form",
        };
        let outcome = match outcome {
            Accepted::Recorded => "recorded",
            Accepted::Replayed => "replayed",
            Accepted::Spooled => "spooled",
        };
        Self { via, outcome }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusedLabels {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabels {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitedLabels {
    policy: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status_class: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BoutonLabels {
    demarche: String,
    bouton: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KeptLabels {
    kind: &'static str,
}

type Requests = Family<RequestLabels, Histogram, fn() -> Histogram>;

/// The figures of a collector.
pub struct Metrics {
    registry: Registry,
    accepted: Family<AcceptedLabels, Counter>,
    refused: Family<RefusedLabels, Counter>,
    limited: Family<LimitedLabels, Counter>,
    requests: Requests,
    batch_size: Histogram,
    commit_seconds: Histogram,
    database_up: Gauge,
    database_writes: AtomicBool,
    database_answers: AtomicBool,
    /// Changes that were made.
    pub changed: Counter,
    /// Avis that were withdrawn.
    pub withdrawn: Counter,
    quarantined: Family<ReasonLabels, Counter>,
    /// Writes that wait for their commit.
    pub queue_depth: Gauge,
    /// What they take in memory.
    pub queue_bytes: Gauge,
    /// Writes that wait in the spool for the database.
    pub spool_depth: Gauge,
    /// For how many seconds the spool that was silent longest has not been heard of.
    pub spool_unheard: Gauge,
    bouton_missed: Family<BoutonLabels, Gauge<f64, AtomicU64>>,
    purge_overdue: Family<KeptLabels, Gauge>,
    log_lines_lost: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Figures that all begin at nothing.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("avis");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version that runs", build);
        let metrics = Self {
            accepted: Family::default(),
            refused: Family::default(),
            limited: Family::default(),
            requests: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            batch_size: Histogram::new(exponential_buckets(1.0, 2.0, 12)),
            commit_seconds: Histogram::new(SECONDS),
            database_up: Gauge::default(),
            database_writes: AtomicBool::new(true),
            database_answers: AtomicBool::new(true),
            changed: Counter::default(),
            withdrawn: Counter::default(),
            quarantined: Family::default(),
            queue_depth: Gauge::default(),
            queue_bytes: Gauge::default(),
            spool_depth: Gauge::default(),
            spool_unheard: Gauge::default(),
            bouton_missed: Family::default(),
            purge_overdue: Family::default(),
            log_lines_lost: Counter::default(),
            registry,
        };
        metrics.registered()
    }

    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("accepted", "Avis that were acknowledged", self.accepted.clone());
        registry.register("changed", "Changes of avis that were acknowledged", self.changed.clone());
        registry.register("withdrawn", "Avis that were withdrawn", self.withdrawn.clone());
        registry.register(
            "quarantined",
            "Avis that were set aside, by each reason",
            self.quarantined.clone(),
        );
        registry.register(
            "refused",
            "Writes that were refused, by the type of the error",
            self.refused.clone(),
        );
        registry.register(
            "limited",
            "Requests that were refused with 429, by the limit they met",
            self.limited.clone(),
        );
        registry.register("queue_depth", "Writes that wait for their commit", self.queue_depth.clone());
        registry.register("queue_bytes", "Memory of the writes that wait", self.queue_bytes.clone());
        registry.register("batch_size", "Writes in a commit", self.batch_size.clone());
        let (help, commit) = ("Time of a commit, until it is on the disk", self.commit_seconds.clone());
        registry.register_with_unit("commit", help, Unit::Seconds, commit);
        registry.register("spool_depth", "Writes that wait in the spool", self.spool_depth.clone());
        let (help, unheard) = ("Time since the most silent spool was heard of", self.spool_unheard.clone());
        registry.register_with_unit("spool_unheard", help, Unit::Seconds, unheard);
        registry.register("database_up", "1 if the database answered last, else 0", self.database_up.clone());
        let (help, requests) = ("Time of a request, by route", self.requests.clone());
        registry.register_with_unit("http_request", help, Unit::Seconds, requests);
        let (help, missed) = (
            "Avis that a bouton would have brought since its last, by its own rhythm",
            self.bouton_missed.clone(),
        );
        registry.register("bouton_missed", help, missed);
        let (help, overdue) =
            ("Days for which texts or pages of avis are kept longer than they may be", &self.purge_overdue);
        registry.register("purge_overdue_days", help, overdue.clone());
        let (help, lost) = ("Lines of the log that were dropped", self.log_lines_lost.clone());
        registry.register("log_lines_lost", help, lost);
        // A series that is there from the start tells its first event from none.
        for via in [Via::Api, Via::Form] {
            for outcome in [Accepted::Recorded, Accepted::Replayed, Accepted::Spooled] {
                drop(self.accepted.get_or_create(&AcceptedLabels::of(via, outcome)));
            }
        }
        for reason in Reason::ALL {
            drop(self.quarantined.get_or_create(&ReasonLabels { reason: reason.code() }));
        }
        for kept in Kept::ALL {
            self.purge_overdue(kept, 0);
        }
        for problem in Problem::all() {
            drop(self.refused.get_or_create(&RefusedLabels { reason: problem.slug() }));
        }
        for policy in Policy::ALL {
            drop(self.limited.get_or_create(&LimitedLabels { policy: policy.code() }));
        }
        self
    }

    /// Tells anew what each of these boutons misses by its own rhythm.
    pub fn missed<'a>(&self, boutons: impl IntoIterator<Item = (&'a Bouton, f64)>) {
        self.bouton_missed.clear();
        for (bouton, missed) in boutons {
            let (demarche, bouton) = (bouton.demarche.0.clone(), bouton.id.0.clone());
            self.bouton_missed.get_or_create(&BoutonLabels { demarche, bouton }).set(missed);
        }
    }

    /// Tells for how many days this is kept longer than it may be.
    pub fn purge_overdue(&self, kept: Kept, days: u16) {
        self.purge_overdue.get_or_create(&KeptLabels { kind: kept.code() }).set(days.into());
    }

    /// Counts an avis that was acknowledged.
    pub fn accepted(&self, via: Via, outcome: Accepted) {
        self.accepted.get_or_create(&AcceptedLabels::of(via, outcome)).inc();
    }

    /// Counts what became of a write. What was refused is counted where the refusal is said.
    pub fn written(&self, via: Via, written: &Written) {
        match &written.outcome {
            Outcome::Recorded if written.spooled => self.accepted(via, Accepted::Spooled),
            Outcome::Recorded => self.accepted(via, Accepted::Recorded),
            Outcome::Replayed(..) => self.accepted(via, Accepted::Replayed),
            Outcome::Changed => drop(self.changed.inc()),
            Outcome::Withdrawn => drop(self.withdrawn.inc()),
            _ => {}
        }
    }

    /// Counts a new avis that is set aside, once for each reason; nothing for one that counts.
    pub fn set_aside(&self, reasons: Reasons) {
        for reason in reasons.iter() {
            self.quarantined.get_or_create(&ReasonLabels { reason: reason.code() }).inc();
        }
    }

    /// Counts a write that was refused, by the slug of its problem.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&RefusedLabels { reason }).inc();
    }

    /// Counts a request that met a limit.
    pub fn limited(&self, policy: Policy) {
        self.limited.get_or_create(&LimitedLabels { policy: policy.code() }).inc();
    }

    /// Counts a commit of so many writes.
    pub fn commit(&self, writes: usize, time: Duration) {
        self.batch_size.observe(u32::try_from(writes).map_or(f64::INFINITY, f64::from));
        self.commit_seconds.observe(time.as_secs_f64());
    }

    /// Says whether the database took what was written to it last.
    pub fn database_writes(&self, up: bool) {
        self.database_writes.store(up, Ordering::Relaxed);
        self.show_database();
    }

    /// Says whether the database answered when it was asked last, which it is also while nobody writes.
    pub fn database_answers(&self, up: bool) {
        self.database_answers.store(up, Ordering::Relaxed);
        self.show_database();
    }

    fn show_database(&self) {
        let both = [&self.database_writes, &self.database_answers];
        self.database_up.set(i64::from(both.iter().all(|up| up.load(Ordering::Relaxed))));
    }

    /// What the requests of a route add to; of one pattern, clones of one.
    #[must_use]
    pub fn route(self: &Arc<Self>, pattern: String) -> Route {
        Route { metrics: self.clone(), pattern, series: Default::default() }
    }

    /// Everything in the text format of OpenMetrics.
    ///
    /// # Errors
    /// A text cannot be written, which one in memory always can.
    pub fn text(&self, log_lines_lost: u64) -> Result<String, std::fmt::Error> {
        let counted = self.log_lines_lost.get();
        self.log_lines_lost.inc_by(log_lines_lost.saturating_sub(counted));
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Methods by which requests are told apart; others are one.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"];

/// The name of the others. Whoever asks may invent one, and it is written nowhere.
const OTHER: &str = "other";

/// A method by the name under which it is counted and logged.
#[must_use]
pub fn method_name(method: &Method) -> &'static str {
    METHODS.get(row(method)).copied().unwrap_or(OTHER)
}

fn row(method: &Method) -> usize {
    METHODS.iter().position(|known| *known == method.as_str()).unwrap_or(METHODS.len())
}

/// Classes of statuses.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// A route as it is watched: its pattern, and the series of its requests, each looked up once.
pub struct Route {
    metrics: Arc<Metrics>,
    pattern: String,
    series: [[OnceLock<Histogram>; CLASSES.len()]; METHODS.len() + 1],
}

impl Route {
    /// Its pattern, as logged: never a path.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Counts a request.
    pub fn answered(&self, method: &Method, status: StatusCode, time: Duration) {
        let row = row(method);
        let column = usize::from(status.as_u16() / 100).clamp(1, CLASSES.len()) - 1;
        let series = self.series[row][column].get_or_init(|| {
            self.metrics.requests.get_or_create_owned(&RequestLabels {
                route: self.pattern.clone(),
                method: method_name(method),
                status_class: CLASSES[column],
            })
        });
        series.observe(time.as_secs_f64());
    }

    /// Counts a write that was refused.
    pub fn refused(&self, reason: &'static str) {
        self.metrics.refused(reason);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::BoutonId;
    use crate::store::samples::bouton;

    #[test]
    fn what_happened_is_told_in_the_names_of_prometheus() {
        let metrics = Arc::new(Metrics::new());
        metrics.written(Via::Api, &Written { outcome: Outcome::Recorded, spooled: false });
        metrics.written(Via::Form, &Written { outcome: Outcome::Withdrawn, spooled: false });
        metrics.refused("invalid-avis");
        metrics.set_aside([Reason::Honeypot].into_iter().collect());
        metrics.limited(Policy::Network);
        metrics.commit(3, Duration::from_millis(4));
        metrics.database_writes(true);
        metrics.queue_depth.inc();
        let route = metrics.route("/api/v1/avis".into());
        route.answered(&Method::POST, StatusCode::CREATED, Duration::from_micros(300));
        // Each worker has routes of its own, and one series for all of them.
        let of_another_worker = metrics.route("/api/v1/avis".into());
        of_another_worker.answered(&Method::POST, StatusCode::OK, Duration::from_millis(3));

        let gone = Bouton { id: BoutonId("13".into()), ..bouton("12", "1") };
        metrics.missed([(&gone, 1.0)]);
        metrics.missed([(&bouton("12", "1"), 7.5)]);

        let text = metrics.text(7).unwrap();
        assert!(!text.contains("bouton=\"13\""), "what is told anew replaces what was told before: {text}");

        for line in [
            r#"avis_build_info{version="0.1.0"} 1"#,
            r#"avis_accepted_total{via="api",outcome="recorded"} 1"#,
            r#"avis_accepted_total{via="form",outcome="spooled"} 0"#,
            "avis_withdrawn_total 1",
            r#"avis_quarantined_total{reason="honeypot"} 1"#,
            r#"avis_quarantined_total{reason="network_share"} 0"#,
            r#"avis_refused_total{reason="invalid-avis"} 1"#,
            r#"avis_refused_total{reason="too-many-requests"} 0"#,
            r#"avis_limited_total{policy="network"} 1"#,
            "avis_queue_depth 1",
            r#"avis_batch_size_bucket{le="2.0"} 0"#,
            r#"avis_batch_size_bucket{le="4.0"} 1"#,
            r#"avis_commit_seconds_bucket{le="0.005"} 1"#,
            "avis_spool_depth 0",
            "avis_database_up 1",
            "avis_spool_unheard_seconds 0",
            r#"avis_bouton_missed{demarche="1",bouton="12"} 7.5"#,
            "avis_log_lines_lost_total 7",
            r#"avis_http_request_seconds_count{route="/api/v1/avis",method="POST",status_class="2xx"} 2"#,
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn a_database_is_up_that_answers_and_takes_what_is_written() {
        let metrics = Metrics::new();
        for (writes, answers, up) in [(true, true, 1), (true, false, 0), (false, false, 0), (false, true, 0)]
        {
            metrics.database_writes(writes);
            metrics.database_answers(answers);
            assert_eq!(metrics.database_up.get(), up);
        }
    }

    #[test]
    fn methods_and_statuses_that_nobody_knows_are_no_series_of_their_own() {
        let metrics = Arc::new(Metrics::new());
        let route = metrics.route("none".into());
        for method in ["BREW", "PROPFIND"] {
            let status = StatusCode::from_u16(799).unwrap();
            route.answered(&method.parse().unwrap(), status, Duration::ZERO);
        }
        let text = metrics.text(0).unwrap();
        let line = r#"avis_http_request_seconds_count{route="none",method="other",status_class="5xx"} 2"#;
        assert!(text.contains(line), "{text}");
    }
}
