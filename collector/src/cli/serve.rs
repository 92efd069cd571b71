//! `collector serve`.

mod guards;

use super::demarche::parse_text;
use super::purge::Keeping;
use super::{Failure, say, spool};
use crate::application::{Application, ApplicationError, Settings, SpoolSettings};
use crate::client_address::TrustedProxies;
use crate::clock::Clock;
use crate::hexadecimal;
use crate::identity::{DatedKey, SecretKey};
use crate::ingest::Capacity;
use crate::logging::{Log, LogFormat, LostLines};
use crate::store::{self, Store};
use clap::Args;
use guards::{Guards, Switch};
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;
use std::sync::Arc;

/// Every flag has an environment twin: `--listen` is `AVIS_LISTEN`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The address to listen on; port 0 picks a free one. The address is printed on standard output
    #[arg(long, env = "AVIS_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT", value_parser = parse_address)]
    listen: SocketAddr,
    /// The address on which operators read metrics, at /metrics; nobody can by default. Port 0 picks a free one. The
    /// address is printed on a second line
    #[arg(long, env = "AVIS_METRICS_LISTEN", value_name = "ADDRESS:PORT", value_parser = parse_address)]
    metrics_listen: Option<SocketAddr>,
    /// The address under which the public reaches the collector, for the snippets to copy
    #[arg(long, env = "AVIS_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Who publishes the data, for catalogues to name: "Direction …"; the collector's own address by default. Also named
    /// at /confidentialite and /accessibilite as who answers for the service
    #[arg(long, env = "AVIS_PUBLISHER", value_name = "NAME", value_parser = parse_text)]
    publisher: Option<String>,
    /// Where the data protection officer is reached, for /confidentialite: an e-mail address, or a page such as
    /// https://…; where it is not given, the page says so
    #[arg(long, env = "AVIS_PRIVACY_CONTACT", value_name = "ADDRESS", value_parser = parse_contact)]
    privacy_contact: Option<String>,
    /// Where somebody is reached who cannot use the form, for /accessibilite, in the same way
    #[arg(long, env = "AVIS_ACCESSIBILITY_CONTACT", value_name = "ADDRESS", value_parser = parse_contact)]
    accessibility_contact: Option<String>,
    /// A network whose X-Forwarded-For is believed (repeatable; nobody's is by default)
    #[arg(long, env = "AVIS_TRUSTED_PROXY", value_name = "NETWORK", value_delimiter = ',', value_parser = parse_network)]
    trusted_proxy: Vec<IpNet>,
    /// A file with the keys of the secret, one a line as NUMBER:64 HEXADECIMAL DIGITS, or with :DAY behind it for one
    /// that signs from that day on only; of those that do, the highest number signs. Without it, the secret is in the
    /// database
    #[arg(long, env = "AVIS_SECRET_FILE", value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Writes that may wait to be stored; beyond, the collector answers 503 at once
    #[arg(long, env = "AVIS_QUEUE_WRITES", default_value = "8192", value_name = "WRITES")]
    queue_writes: NonZeroU32,
    /// What they may take in memory, in MiB
    #[arg(long, env = "AVIS_QUEUE_MIB", default_value = "32", value_name = "MIB")]
    queue_mib: NonZeroU16,
    /// The folder where writes are kept while the database is away, one for each collector; with postgres:// only
    #[arg(long, env = "AVIS_SPOOL", default_value = spool::FOLDER, value_name = "FOLDER")]
    spool: PathBuf,
    /// What it may hold, in MiB
    #[arg(long, env = "AVIS_SPOOL_MIB", default_value = "1024", value_name = "MIB")]
    spool_mib: NonZeroU32,
    #[command(flatten)]
    keeping: Keeping,
    /// How the log on standard error is written
    #[arg(long, env = "AVIS_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// What is logged: off, error, warn, info, debug, trace, or a filter such as warn,collector=debug
    #[arg(long, env = "AVIS_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
    // Last: what follows it would stand under its heading.
    #[command(flatten)]
    guards: Guards,
}

impl From<ApplicationError> for Failure {
    fn from(error: ApplicationError) -> Self {
        match error {
            ApplicationError::Server(_) | ApplicationError::Writing => Self::new(error.to_string()),
            // An address, a folder, a secret or a database that cannot be had is a value that cannot be meant.
            _ => Self::usage(error.to_string()),
        }
    }
}

impl Serve {
    /// Finds what cannot be meant before anything is opened, and starts the log.
    pub(super) fn check(&self, database: &str) -> Result<Log, Failure> {
        if database.starts_with("sqlite:") && database.contains("mode=ro") {
            return Err(Failure::usage(format!(
                "--database {database}: a collector writes; leave mode=ro out"
            )));
        }
        if self.metrics_listen == Some(self.listen) && self.listen.port() != 0 {
            return Err(Failure::usage(format!(
                "--metrics-listen {} is the address of --listen; metrics need one of their own, such as 127.0.0.1:9464",
                self.listen
            )));
        }
        if self.guards.limits == Switch::Off && !self.listen.ip().is_loopback() {
            return Err(Failure::usage(format!(
                "--limits off is for tests on a loopback address, and {} is none",
                self.listen.ip()
            )));
        }
        self.public_url.as_deref().map(parse_public_url).transpose()?;
        Log::start(self.log_format, &self.log).map_err(|error| Failure::usage(format!("--log: {error}")))
    }

    pub(super) async fn run(
        self,
        store: Arc<dyn Store>,
        database: &str,
        lost_lines: LostLines,
    ) -> Result<(), Failure> {
        let public_url = self.public_url.as_deref().map(parse_public_url).transpose()?;
        let secret = self.secret_file.as_ref().map(read_secret).transpose()?;
        let clock = Clock::system();
        let settings = Settings {
            listen: self.listen,
            metrics_listen: self.metrics_listen,
            public_url,
            publisher: self.publisher,
            proxies: TrustedProxies::new(self.trusted_proxy),
            limits: self.guards.limits(),
            vigilance: self.guards.vigilance(clock.today()),
            secret,
            capacity: Capacity {
                writes: self.queue_writes.get().into(),
                bytes: i64::from(self.queue_mib.get()) * 1_024 * 1_024,
            },
            // A file is there as long as its disk is, and a spool lies on no better one.
            spool: store::is_elsewhere(database).then(|| SpoolSettings {
                folder: self.spool,
                bytes: u64::from(self.spool_mib.get()) * 1_024 * 1_024,
            }),
            privacy_contact: self.privacy_contact,
            accessibility_contact: self.accessibility_contact,
            retention: self.keeping.into(),
            clock,
            lost_lines,
        };
        let application = Application::build(settings, store).await?;
        say(&format!("http://{}", application.address()));
        if let Some(metrics) = application.metrics_address() {
            say(&format!("http://{metrics}"));
        }
        Ok(application.run_until_stopped().await?)
    }
}

/// An address to listen on.
fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "write the number of an address and a port, such as 127.0.0.1:8080 for this machine alone, or 0.0.0.0:8080 or \
         [::]:8080 for all of its addresses"
            .to_owned()
    })
}

/// An e-mail address or the address of a page: what a link can lead to.
fn parse_contact(text: &str) -> Result<String, String> {
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"'".contains(c));
    let is_email = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let is_page = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
    let is_contact = is_plain && (is_page || is_email && !text.contains(['/', ':', '?', '&']));
    is_contact
        .then(|| text.to_owned())
        .ok_or_else(|| "write an e-mail address, or the address of a page like https://…".to_owned())
}

/// A network, or one address.
fn parse_network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| address()).map_err(|_| "a network is written like 10.0.0.0/8".to_owned())
}

/// The origin of a site, its final slash cut off: addresses of the collector begin right behind it.
fn parse_public_url(text: &str) -> Result<String, Failure> {
    let url = text.trim_end_matches('/');
    let is_origin = shared::PageAddress::parse(url).is_some_and(|page| page.origin() == url);
    is_origin.then(|| url.to_owned()).ok_or_else(|| {
        Failure::usage(format!(
            "--public-url {text:?}: an address is written like https://avis.example.fr, without a path"
        ))
    })
}

fn read_secret(file: &PathBuf) -> Result<Vec<DatedKey>, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("--secret-file {}: {error}", file.display())))?;
    let keys: Option<Vec<DatedKey>> =
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(parse_secret_key).collect();
    let is_sound = |keys: &Vec<DatedKey>| {
        let numbers: BTreeSet<u8> = keys.iter().map(|dated| dated.key.id).collect();
        !keys.is_empty() && numbers.len() == keys.len()
    };
    keys.filter(is_sound).ok_or_else(|| {
        Failure::usage(format!("--secret-file {}: each line is NUMBER:64 hexadecimal digits, or NUMBER:DIGITS:DAY, and no number comes twice", file.display()))
    })
}

fn parse_secret_key(line: &str) -> Option<DatedKey> {
    let (id, rest) = line.split_once(':')?;
    let (digits, day) = rest.split_once(':').map_or((rest, None), |(digits, day)| (digits, Some(day)));
    let key = SecretKey { id: id.parse().ok()?, bytes: hexadecimal::decode(digits)? };
    let signs_from = match day {
        Some(day) => Some(day.parse().ok()?),
        None => None,
    };
    Some(DatedKey { key, signs_from })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_secret_file_is_a_number_and_32_bytes() {
        let DatedKey { key, signs_from } = parse_secret_key(&format!("7:{}", "0a".repeat(32))).unwrap();
        assert_eq!((key.id, key.bytes, signs_from), (7, [10; 32], None));
        let dated = parse_secret_key(&format!("8:{}:2026-12-01", "0b".repeat(32))).unwrap();
        assert_eq!((dated.key.id, dated.signs_from), (8, "2026-12-01".parse().ok()));
        for wrong in [
            "",
            "7:",
            "x:00",
            &"0a".repeat(32),
            &format!("7:{}", "zz".repeat(32)),
            &format!("300:{}", "0a".repeat(32)),
            &format!("7:{}:tomorrow", "0a".repeat(32)),
        ] {
            assert!(parse_secret_key(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_contact_is_an_email_address_or_a_page() {
        for right in ["dpo@example.gouv.fr", "https://example.gouv.fr/contact?objet=dpo"] {
            assert_eq!(parse_contact(right).unwrap(), right);
        }
        for wrong in
            ["", "dpo", "@a.fr", "http://a.fr", "https://", "javascript:a@b.c", "a@b.c?cc=d@e.f", "a b@c.fr"]
        {
            assert!(parse_contact(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_public_url_loses_its_final_slash_and_is_an_address() {
        assert_eq!(parse_public_url("https://avis.example.fr/").unwrap(), "https://avis.example.fr");
        assert!(parse_public_url("avis.example.fr").is_err());
        assert!(parse_public_url("https://avis.example.fr/?a=1").is_err());
        assert!(parse_public_url("https://www.example.fr/avis").is_err());
    }
}
