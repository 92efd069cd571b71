//! `collector edition …`

use collector::hexadecimal;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Executor as _};
use tests::collector::Output;
use tests::{TestCollector, wait};

use crate::helpers::Answer;

/// Enough avis for some notes over twelve months, up to a day from which on the quarters before 2026-T3 are closed.
const DEMO: [&str; 9] =
    ["demo", "--demarches", "12", "--avis", "6000", "--seed", "7", "--until", "2026-06-30"];

/// A database with avis of the quarters up to 2026-T2, not served.
pub(crate) fn filled() -> TestCollector {
    let collector = TestCollector::stopped(&[]);
    collector.run(&DEMO);
    collector
}

/// The same on the empty database of this address.
pub(crate) fn filled_on(database: &str) -> TestCollector {
    let collector = TestCollector::on(database, &[]);
    collector.run(&DEMO);
    collector
}

/// Wants exit code 1, and one line that says all of this.
#[track_caller]
fn wants_failure(output: &Output, words: &[&str]) {
    assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{output:?}");
    assert_eq!(output.stderr.trim_end().lines().count(), 1, "one clear line: {output:?}");
    for word in words {
        assert!(output.stderr.contains(word), "{word}: {output:?}");
    }
}

#[test]
fn freezing_shows_what_is_frozen_and_happens_once() {
    let collector = filled();

    let shown = collector.run(&["edition", "freeze", "2026-T2"]).stdout;

    let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines[0], ["edition", "2026-T2"]);
    assert_eq!((lines[1][0], lines[2].as_slice()), ("frozen", ["formula", "avis-0-5-10/1"].as_slice()));
    assert_eq!(lines[3][..2], ["twelve_months", "from 2025-07-01 to 2026-06-30"]);
    assert_eq!(lines[4][..2], ["three_months", "from 2026-04-01 to 2026-06-30"]);
    let published = |line: &[&str]| -> usize {
        let words: Vec<&str> = line[2].split(' ').collect();
        assert_eq!(
            (words[..3].join(" "), words[4..].join(" ")),
            ("satisfaction published for".into(), "of 12 démarches".into())
        );
        words[3].parse().unwrap()
    };
    let (twelve, three) = (published(&lines[3]), published(&lines[4]));
    assert!(twelve > three && three > 0, "{shown}");
    let files: Vec<&str> = lines[5..].iter().map(|line| line[0]).collect();
    assert_eq!(files, ["json", "csv", "xlsx"]);
    assert_eq!(collector.run(&["edition", "show", "2026-T2"]).stdout, shown);

    let again = collector.try_run(&["edition", "freeze", "2026-T2"]);
    wants_failure(&again, &["2026-T2 is frozen already", "collector edition erratum 2026-T2"]);
    assert_eq!(collector.run(&["edition", "show", "2026-T2"]).stdout, shown);
}

#[test]
fn an_open_quarter_is_not_frozen_and_a_misspelt_one_is_no_quarter() {
    let collector = filled();

    let open = collector.try_run(&["edition", "freeze", "2999-T4"]);
    wants_failure(&open, &["2999-T4 is not closed", "until 3000-01-02 00:00 in Paris"]);
    for nonsense in ["2026-T5", "2026-Q2", "2026-t2", "2026", "2026-06-30"] {
        let refused = collector.try_run(&["edition", "freeze", nonsense]);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{refused:?}");
        assert_eq!(refused.stderr.trim_end().lines().count(), 1, "{refused:?}");
        assert!(refused.stderr.contains("a quarter is written like 2026-T3"), "{refused:?}");
    }
    assert_eq!(collector.run(&["edition", "list"]).stdout, "edition\tfrozen\tformula\terrata\n");
}

#[test]
fn an_edition_that_is_not_there_is_told_by_every_command() {
    let collector = filled();

    for command in [
        &["edition", "show", "2026-T1"][..],
        &["edition", "export", "2026-T1"],
        &["edition", "erratum", "2026-T1", "--text", "Erreur"],
    ] {
        wants_failure(
            &collector.try_run(command),
            &["there is no edition 2026-T1", "collector edition list"],
        );
    }
}

#[test]
fn an_erratum_is_shown_and_changes_no_file() {
    let collector = filled();
    collector.run(&["edition", "freeze", "2026-T1"]);
    let before = collector.run(&["edition", "freeze", "2026-T2"]).stdout;

    collector.run(&["edition", "erratum", "2026-T2", "--text", " Le n de 1001 est trop haut. "]);
    let empty = collector.try_run(&["edition", "erratum", "2026-T2", "--text", " "]);

    assert_eq!(empty.code, 2, "{empty:?}");
    let after = collector.run(&["edition", "show", "2026-T2"]).stdout;
    let erratum = after.strip_prefix(&before).expect("the rest is as it was");
    assert!(
        erratum.starts_with("erratum\t") && erratum.ends_with("\tLe n de 1001 est trop haut.\n"),
        "{erratum}"
    );
    let list = collector.run(&["edition", "list"]).stdout;
    let counts: Vec<_> = list
        .lines()
        .skip(1)
        .map(|line| (line.split('\t').next().unwrap(), line.rsplit('\t').next().unwrap()))
        .collect();
    assert_eq!(counts, [("2026-T2", "1"), ("2026-T1", "0")]);
}

#[test]
fn a_file_is_exported_as_it_was_frozen_and_never_over_another() {
    let collector = filled();
    let shown = collector.run(&["edition", "freeze", "2026-T2"]).stdout;
    collector.run(&["edition", "erratum", "2026-T2", "--text", "Erreur"]);

    for format in ["json", "csv", "xlsx"] {
        let file = collector.directory().join(format!("edition.{format}"));
        let name = file.to_str().unwrap();
        collector.run(&["edition", "export", "2026-T2", "--format", format, name]);
        let content = std::fs::read(&file).unwrap();
        assert!(shown.contains(&format!("{format}\t{} bytes\tsha256 {}", content.len(), sha256(&content))));
        let again = collector.try_run(&["edition", "export", "2026-T2", "--format", format, name]);
        wants_failure(&again, &[name, "exists, and nothing is ever written over"]);
        assert!(std::fs::read(&file).unwrap() == content);
    }
    let json = std::fs::read_to_string(collector.directory().join("edition.json")).unwrap();
    assert_eq!(collector.run(&["edition", "export", "2026-T2"]).stdout, json);
    assert!(json.ends_with("\"errata\":[]}"), "what is frozen knows nothing of errata");
}

#[tokio::test]
async fn what_is_not_what_was_frozen_is_given_to_nobody() {
    let mut collector = filled();
    collector.run(&["edition", "freeze", "2026-T2"]);
    assert!(collector.run(&["verify"]).stdout.ends_with("3 files of editions verified, no difference\n"));
    let mut database = sqlx::SqliteConnection::connect(collector.database()).await.unwrap();
    for statement in [
        "drop trigger edition_file_is_frozen",
        "update edition_file set content = cast(content || ' ' as blob) where format = 'csv'",
    ] {
        database.execute(statement).await.unwrap();
    }
    database.close().await.unwrap();

    let damaged = "the csv of edition 2026-T2 is damaged";
    wants_failure(&collector.try_run(&["edition", "export", "2026-T2", "--format", "csv"]), &[damaged]);
    wants_failure(&collector.try_run(&["edition", "show", "2026-T2"]), &[damaged]);
    let verified = collector.try_run(&["verify"]);
    assert_eq!(verified.code, 1, "{verified:?}");
    assert!(
        verified.stdout.contains(damaged) && verified.stderr.contains("1 files of editions"),
        "{verified:?}"
    );
    collector.run(&[
        "edition",
        "export",
        "2026-T2",
        "--format",
        "xlsx",
        collector.directory().join("x").to_str().unwrap(),
    ]);
    collector.serve().await;
    Answer::of(collector.get("/api/v1/editions/2026-T2.csv")).await.wants_problem(500, "internal");
    Answer::of(collector.get("/api/v1/editions/2026-T2")).await.wants_status(200);
    wait::until("a line about it", async || {
        let log = collector.logs();
        if log.contains(damaged) { Ok(()) } else { Err(log) }
    })
    .await;
}

pub(crate) fn sha256(content: &[u8]) -> String {
    hexadecimal::encode(&Sha256::digest(content))
}
