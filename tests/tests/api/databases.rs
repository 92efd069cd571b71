//! `collector demo`, `backup`, `restore` and `copy`: whole databases made, kept and moved.

use reqwest::Method;
use serde_json::json;
use tests::TestCollector;
use tests::collector::Output;
use tests::postgres::{create_database, shared_server};

use crate::helpers::{Answer, accepted, least};

fn address(collector: &TestCollector, name: &str) -> String {
    format!("sqlite://{}", collector.directory().join(name).display())
}

/// A database of a few invented avis, not served.
fn demo() -> TestCollector {
    let collector = TestCollector::stopped(&[]);
    collector.run(&DEMO);
    collector
}

const DEMO: [&str; 9] =
    ["demo", "--demarches", "12", "--avis", "900", "--seed", "7", "--until", "2026-10-31"];

async fn averages(collector: &mut TestCollector) -> String {
    collector.serve().await;
    let averages = averages_of(collector, "from=2025-10-01&to=2026-09-30&interval=month").await;
    collector.stop();
    averages
}

#[tokio::test]
async fn a_demo_says_what_it_made_and_the_same_seed_makes_the_same_averages() {
    let mut first = TestCollector::stopped(&[]);
    let output = first.run(&DEMO);
    assert!(
        output.stdout.starts_with("12 démarches and 900 avis from 2025-09-27 to 2026-10-31 in "),
        "{output:?}"
    );
    assert_eq!(output.stderr, "", "no progress bar in a file");
    let mut second = demo();
    let averages_of_first = averages(&mut first).await;
    assert!(averages_of_first.contains("\"id\":\"1001\""), "{averages_of_first}");
    assert_eq!(averages(&mut second).await, averages_of_first);
    first.run(&["verify"]);
}

#[test]
fn a_demo_goes_into_a_database_of_its_own_only() {
    let collector = demo();

    let again = collector.try_run(&DEMO);

    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.stderr.contains("holds avis already") && again.stderr.contains("--database"), "{again:?}");
    let early = collector.try_run(&["demo", "--until", "2019-12-31"]);
    assert_eq!(early.code, 2, "{early:?}");
}

#[tokio::test]
async fn a_backup_of_a_running_collector_is_restored_where_nothing_is() {
    let mut collector = demo();
    collector.serve().await;
    let file = collector.directory().join("backup.db");
    let file = file.to_str().unwrap();

    let output = collector.run(&["backup", file]);
    assert!(output.stdout.contains("900 avis") && output.stdout.contains("verified"), "{output:?}");
    let again = collector.try_run(&["backup", file]);
    assert_eq!(again.code, 1, "{again:?}");
    assert!(again.stderr.contains("exists"), "{again:?}");
    let over = collector.try_run(&["restore", file]);
    assert_eq!(over.code, 1, "{over:?}");
    assert!(over.stderr.contains("move it away first"), "{over:?}");
    collector.stop();

    std::fs::rename(collector.directory().join("avis.db"), collector.directory().join("old.db")).unwrap();
    collector.run(&["restore", file]);
    assert!(collector.run(&["verify"]).stdout.contains("no difference"));
}

#[test]
fn the_backup_of_a_server_is_left_to_its_own_tools() {
    for command in ["backup", "restore"] {
        let output = Output::of(std::process::Command::new(tests::collector::binary()).args([
            command,
            "backup.db",
            "--database",
            "postgres://localhost/avis",
        ]));
        assert_eq!(output.code, 2, "{output:?}");
        assert!(output.stderr.contains("docs/operations.md"), "{output:?}");
    }
}

#[test]
fn a_copy_holds_everything_and_is_not_made_into_something_else() {
    let collector = demo();
    let (from, to) = (collector.database(), address(&collector, "copy.db"));
    let copy = ["copy", "--from", from, "--to", &to];

    let first = collector.try_run(&copy);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.stdout.starts_with("900 avis copied, 0 were there"), "{first:?}");
    let again = collector.try_run(&copy);
    assert!(again.stdout.starts_with("0 avis copied, 900 were there"), "{again:?}");

    let other = TestCollector::stopped(&[]);
    other.add_demarche("3059", "Déclaration des revenus");
    let refused = collector.try_run(&["copy", "--from", from, "--to", other.database()]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("démarche 3059"), "{refused:?}");
    let itself = collector.try_run(&["copy", "--from", from, "--to", from]);
    assert_eq!(itself.code, 2, "{itself:?}");
    let missing = collector.try_run(&["copy", "--from", &address(&collector, "none.db"), "--to", &to]);
    assert_eq!(missing.code, 2, "{missing:?}");
}

// The commands keep a thread from what else it has to do, such as to hear that a connection is closed.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_copy_brings_over_what_happened_while_the_source_was_served() {
    let mut source = demo();
    let copies = [address(&source, "copy.db"), create_database(&shared_server()).await];
    source.run(&["edition", "freeze", "2026-T1"]);
    source.register();
    source.serve().await;
    let (changed, withdrawn) = (accepted(&source, &least()).await, accepted(&source, &least()).await);
    let copy = |to: &str| source.try_run(&["copy", "--from", source.database(), "--to", to]);
    for to in &copies {
        let output = copy(to);
        assert!(output.stdout.starts_with("902 avis copied, 0 were there"), "{output:?}");
        assert!(output.stdout.contains("and 1 editions"), "{output:?}");
    }
    let answers = json!({"answers": {"satisfaction": "pas_bien", "comment": "Non"}});
    let patch = source
        .request(Method::PATCH, &format!("/api/v1/avis/{}", changed.id))
        .bearer_auth(&changed.edit_token);
    Answer::of(patch.json(&answers)).await.wants_status(200);
    let delete = source.request(Method::DELETE, &format!("/api/v1/avis/{}", withdrawn.id));
    Answer::of(delete.bearer_auth(&withdrawn.receipt)).await.wants_status(204);
    accepted(&source, &least()).await;
    source.run(&["demarche", "set", "--id", "1001", "--title", "Autre"]);
    source.run(&["edition", "erratum", "2026-T1", "--text", "Le titre de 1001 a changé."]);
    let edition = source.run(&["edition", "show", "2026-T1"]).stdout;

    for to in &copies {
        let output = copy(to);
        assert!(
            output.stdout.starts_with("1 avis copied, 901 were there, 1 of them changed; 1 withdrawn"),
            "{output:?}"
        );
    }

    let today = averages_of(&source, "from=2026-01-01&to=2030-12-31").await;
    let past = averages_of(&source, "from=2025-10-01&to=2026-09-30&interval=month").await;
    source.stop();
    for to in copies {
        let mut copied = TestCollector::on(&to, &[]);
        copied.serve().await;
        assert_eq!(averages_of(&copied, "from=2026-01-01&to=2030-12-31").await, today);
        assert_eq!(averages_of(&copied, "from=2025-10-01&to=2026-09-30&interval=month").await, past);
        copied.run(&["verify"]);
        assert_eq!(copied.run(&["edition", "show", "2026-T1"]).stdout, edition);
        let again = accepted(&copied, &least()).await;
        let served = source.try_run(&["copy", "--from", source.database(), "--to", &to]);
        assert_eq!(served.code, 1, "{served:?}");
        assert!(served.stderr.contains("was served since"), "{served:?}");
        let kept = copied.request(Method::DELETE, &format!("/api/v1/avis/{}", again.id));
        Answer::of(kept.bearer_auth(&again.receipt)).await.wants_status(204);
    }
}

/// The same invented avis, whichever engine keeps them.
#[tokio::test]
async fn the_same_seed_makes_the_same_averages_on_both_engines() {
    let mut documents = Vec::new();
    let postgres = create_database(&shared_server()).await;
    for mut collector in [TestCollector::stopped(&[]), TestCollector::on(&postgres, &[])] {
        collector.run(&DEMO);
        collector.serve().await;
        let mut of_one = Vec::new();
        for query in [
            "from=2025-10-01&to=2026-09-30",
            "from=2025-10-01&to=2026-09-30&interval=month",
            "from=2025-09-27&to=2026-10-31&format=csv",
        ] {
            of_one.push(averages_of(&collector, query).await);
        }
        assert!(of_one[0].contains("\"status\":\"published\""), "{}", of_one[0]);
        documents.push(of_one);
    }
    assert_eq!(documents[0], documents[1]);
}

async fn averages_of(collector: &TestCollector, query: &str) -> String {
    let answer = Answer::of(collector.get(&format!("/api/v1/satisfaction?{query}"))).await;
    answer.wants_status(200);
    answer.text
}
