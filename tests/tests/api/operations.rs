//! `docs/operations.md` and `deploy/`: what an operator is told is tried out.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use tests::collector::{Output, binary, workspace};
use tests::nginx::{configuration, demand};
use tests::postgres::programs;
use tests::{Cluster, Nginx, TestCollector, wait};

use crate::helpers::{accepted, least};

fn text(path: &str) -> String {
    let path = workspace().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The blocks that are marked as tested, each with the number of its line.
fn tested_blocks(document: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line.trim() == "```sh tested" {
            let block = lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != "```");
            blocks.push((
                number + 2,
                block.fold(String::new(), |block, line| block + line.trim_start() + "\n"),
            ));
        }
    }
    blocks
}

/// `PATH` with the collector and PostgreSQL's programs before all else.
fn path(folder: &Path) -> OsString {
    let own = folder.join("bin");
    std::fs::create_dir(&own).unwrap();
    std::os::unix::fs::symlink(binary(), own.join("collector")).unwrap();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let all = [own, programs()].into_iter().chain(std::env::split_paths(&others));
    std::env::join_paths(all).unwrap()
}

#[tokio::test]
async fn the_commands_of_the_handbook_do_what_it_says() {
    let blocks = tested_blocks(&text("docs/operations.md"));
    assert!(blocks.len() >= 15, "blocks have lost their mark: {}", blocks.len());
    let said =
        |(line, block): &(usize, String)| format!("echo 'docs/operations.md, line {line}' >&2\n{block}");
    // A backup is made each hour: the one before is there.
    let again = blocks.iter().filter(|(_, block)| block.contains("collector backup "));
    let script = format!("set -eu\n{}", blocks.iter().chain(again).map(said).collect::<String>());
    // A server of its own: what it makes there, a role, belongs to a whole server.
    let cluster = Cluster::start().await;
    let mut collector = TestCollector::stopped(&["--metrics-listen", "127.0.0.1:0"]);
    collector.run(&["demo", "--demarches", "5", "--avis", "900", "--seed", "7"]);
    collector.register();
    collector.serve().await;
    for _ in 0..3 {
        accepted(&collector, &least()).await;
    }
    let path = path(collector.directory());
    let programs =
        ["psql", "createdb", "dropdb", "pg_dump", "pg_restore", "pg_basebackup", "pg_verifybackup", "curl"];
    demand(&programs, &path);
    let authority = cluster.authority();
    let (host, port) = authority.rsplit_once(':').unwrap();
    let mut command = Command::new("sh");
    for (name, _) in std::env::vars_os() {
        if ["AVIS_", "PG"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
        .args(["-c", &script])
        .current_dir(collector.directory())
        .env("PATH", path)
        .env("AVIS_DATABASE", collector.database())
        .env("ADDRESS", collector.address())
        .env("METRICS", collector.metrics_address().await)
        .env("BACKUPS", collector.directory().join("backups"))
        .envs([("PGHOST", host), ("PGPORT", port), ("PGUSER", "postgres")]);

    let output = tokio::task::spawn_blocking(move || Output::of(&mut command)).await.unwrap();

    assert_eq!(output.code, 0, "{}\n{}", output.stdout, output.stderr);
    for expected in [
        "avis_build_info{version=",
        "décomptes verified against the coded answers of their avis, no difference",
        "903 avis copied, 0 were there",
        "0 avis copied, 903 were there",
        "key 2 added; it signs from ",
        "décomptes written anew",
        "satisfaction published for ",
        "3 files of editions verified, no difference",
        "and 1 editions",
        "\tLe titre de la démarche 3059 est",
    ] {
        assert!(output.stdout.contains(expected), "{expected}: {}\n{}", output.stdout, output.stderr);
    }

    collector.stop();
    let file = collector.directory().join("secret-of-collectors");
    let mut of_file = TestCollector::stopped(&["--secret-file", file.to_str().unwrap()]);
    of_file.register();
    of_file.serve().await;
    accepted(&of_file, &least()).await;
}

/// The names of the metrics that a collector shows, as Prometheus stores them.
async fn shown() -> BTreeSet<String> {
    let mut collector = TestCollector::stopped(&["--metrics-listen", "127.0.0.1:0"]);
    // Of boutons there is something to tell once they were heard of on a day that is over.
    collector.run(&["demo", "--demarches", "1", "--avis", "100"]);
    collector.register();
    collector.serve().await;
    accepted(&collector, &least()).await;
    let address = format!("{}/metrics", collector.metrics_address().await);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    // A request may be answered a moment before it is counted, and there is no such metric before one is.
    let text = wait::until("a request that is counted, and a bouton that was listened to", async || {
        let text = client.get(&address).send().await.unwrap().text().await.unwrap();
        let late = ["avis_http_request_seconds_count", "avis_bouton_missed{"];
        if late.iter().all(|name| text.contains(name)) { Ok(text) } else { Err(text) }
    })
    .await;
    text.lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '))
        .map(|(name, kind)| match kind {
            "counter" => format!("{name}_total"),
            "info" => format!("{name}_info"),
            _ => name.to_owned(),
        })
        .collect()
}

#[tokio::test]
async fn every_metric_is_in_the_handbook_and_every_alert_watches_one() {
    let shown = shown().await;
    let handbook = text("docs/operations.md");
    let told: BTreeSet<String> = handbook
        .lines()
        .filter_map(|line| line.strip_prefix("| `avis_")?.split_once("` |"))
        .map(|(name, _)| format!("avis_{name}"))
        .collect();
    assert_eq!(told, shown, "the table of docs/operations.md, and what a collector shows");

    let alerts = text("deploy/alerts.yml");
    let named = alerts.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let watched: BTreeSet<&str> = named.filter(|word| word.starts_with("avis_")).collect();
    for name in &watched {
        let bare = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| name.strip_suffix(suffix));
        assert!(
            shown.contains(*name) || bare.is_some_and(|bare| shown.contains(bare)),
            "{name} is no metric"
        );
    }
    assert!(watched.len() > 8, "{watched:?}");
    let jobs = alerts.split("job=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    for (job, _) in jobs {
        assert!(handbook.contains(&format!("- job_name: {job}\n")), "{job} is no job of the handbook");
    }
    check("promtool", &["check", "rules"], &workspace().join("deploy/alerts.yml"));
}

#[test]
fn the_flags_that_the_handbook_names_are_there() {
    let help = Output::of(Command::new(binary()).args(["serve", "--help"])).stdout;
    let handbook = text("docs/operations.md");
    let files = handbook + &text("deploy/collector.service");
    let words = files.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let twins: BTreeSet<&str> = words.filter(|word| word.starts_with("AVIS_")).collect();
    assert!(twins.len() > 5, "{twins:?}");
    for twin in twins {
        assert!(help.contains(&format!("[env: {twin}=")), "{twin} is no twin of a flag: {help}");
    }
}

#[test]
fn the_thresholds_that_are_told_are_those_of_the_flags() {
    let help = Output::of(Command::new(binary()).args(["serve", "--help"])).stdout;
    let told = text("docs/vigilance.md");
    let rows = told.lines().filter_map(|line| line.strip_prefix("| `--")?.split_once(" | "));
    let mut checked = 0;
    for (flags, rest) in rows {
        let defaults = rest.split(" | ").next().unwrap().split(", ");
        for (flag, default) in flags.split(", ").zip(defaults) {
            let flag = flag.trim_matches(['`', '-']);
            let (_, found) = help.split_once(&format!("--{flag} <")).unwrap_or_else(|| panic!("no --{flag}"));
            let found =
                found.split("\n      --").next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(found.contains(&format!("[default: {default}]")), "--{flag}, {default}: {found}");
            checked += 1;
        }
    }
    assert_eq!(checked, 17, "flags of docs/vigilance.md");
}

#[test]
fn systemd_takes_the_unit() {
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("collector.service");
    // The program is where it belongs on the operator's machine; here it is elsewhere.
    let of_here = text("deploy/collector.service")
        .replace("/usr/local/bin/collector", binary().canonicalize().unwrap().to_str().unwrap());
    std::fs::write(&unit, of_here).unwrap();
    check("systemd-analyze", &["verify"], &unit);
}

#[test]
fn nginx_takes_the_site() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (key, certificate) = (at("privkey.pem"), at("fullchain.pem"));
    let made = Output::of(Command::new("openssl").args([
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=avis.example.fr",
        "-keyout",
        &key,
        "-out",
        &certificate,
    ]));
    assert_eq!(made.code, 0, "{made:?}");
    let file = configuration(
        folder.path(),
        &[
            ("/etc/ssl/avis/fullchain.pem", &certificate),
            ("/etc/ssl/avis/privkey.pem", &key),
            ("listen 80", "listen 18080"),
            ("listen 443", "listen 18443"),
        ],
    );
    check("nginx", &["-p", &at(""), "-e", &at("start.log"), "-t", "-c"], &file);
}

#[tokio::test]
async fn the_site_hands_averages_on_as_they_are() {
    let collector = TestCollector::start().await;
    let nginx = Nginx::before(&collector);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let path = "/api/v1/satisfaction?from=2025-01-01&to=2025-12-31";
    let answer = wait::until("nginx", async || {
        client.get(format!("http://{}{path}", nginx.address())).header("Accept-Encoding", "gzip").send().await
    })
    .await;
    assert_eq!(answer.status(), 200);
    let tag = answer.headers()["etag"].to_str().unwrap();
    assert!(tag.starts_with('"'), "{tag} is weak");
}

/// Has a program check a file.
#[track_caller]
fn check(program: &str, arguments: &[&str], file: &Path) {
    demand(&[program], &std::env::var_os("PATH").unwrap_or_default());
    let output = Output::of(Command::new(program).args(arguments).arg(file));
    assert_eq!(output.code, 0, "{program}: {}{}", output.stdout, output.stderr);
}
