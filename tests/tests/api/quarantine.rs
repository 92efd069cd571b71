//! `collector quarantine …`, `avis reattribute` and `journal list`: what is not to count, and what was counted wrongly.

use serde_json::Value;
use tests::TestCollector;
use tests::postgres::{create_database, shared_server};

use crate::editions::{filled, filled_on};
use crate::helpers::Answer;

/// A closed period, in which démarche 1001 has most avis.
const CLOSED: &str = "/api/v1/satisfaction?from=2026-04-01&to=2026-06-30";
const DAYS: [&str; 4] = ["--from", "2026-04-01", "--to", "2026-06-30"];

async fn averages(collector: &TestCollector) -> Answer {
    let answer = Answer::of(collector.get(CLOSED)).await;
    answer.wants_status(200);
    assert_eq!(answer.json()["period"]["closed"], true);
    answer
}

fn of(averages: &Answer, demarche: &str) -> (u64, u64) {
    let document = averages.json();
    let all: &Vec<Value> = document["demarches"].as_array().unwrap();
    let one = all.iter().find(|one| one["id"] == demarche).unwrap();
    (one["indicators"]["satisfaction"]["n"].as_u64().unwrap(), one["quarantined"].as_u64().unwrap())
}

fn lines(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split('\t').collect()).collect()
}

/// The rows of `quarantine list`, without its header.
fn listed(collector: &TestCollector, filter: &[&str]) -> Vec<Vec<String>> {
    let listed = collector.run(&[&["quarantine", "list"], filter].concat()).stdout;
    let mut rows =
        lines(&listed).into_iter().map(|row| row.into_iter().map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(rows.next().unwrap(), ["demarche", "day", "reasons", "state", "avis"]);
    rows.collect()
}

async fn what_is_held_leaves_the_averages_until_it_is_released(mut collector: TestCollector) {
    collector.serve().await;
    let before = averages(&collector).await;
    let (n, none) = of(&before, "1001");
    assert!(n > 20 && none == 0, "{n} {none}");
    let hold = |further: &[&str]| {
        let act = ["quarantine", "hold", "--demarche", "1001"];
        collector.run(&[&act[..], &["--from", "2026-06-01", "--to", "2026-06-30"], further].concat())
    };

    let said = hold(&[]).stdout;
    let last = said.lines().last().unwrap();
    assert!(last.ends_with("would change; nothing was changed, --yes does it"), "{said}");
    assert_eq!(averages(&collector).await.text, before.text);

    hold(&["--yes"]);
    let held = averages(&collector).await;
    let (left, aside) = of(&held, "1001");
    assert!(aside > 0 && left + aside == n, "{left} {aside} {n}");
    assert_ne!(held.header("etag"), before.header("etag"));
    assert_eq!(averages(&collector).await.text, held.text);
    let rows = listed(&collector, &["--state", "held"]);
    assert!(rows.iter().all(|row| row[0] == "1001" && row[2] == "by_hand" && row[3] == "held"), "{rows:?}");
    assert_eq!(rows.iter().map(|row| row[4].parse::<u64>().unwrap()).sum::<u64>(), aside);
    collector.run(&["verify"]);
    let page = Answer::of(collector.get("/observatoire/1001?from=2026-04-01&to=2026-06-30")).await;
    assert!(page.text.contains(&format!("{aside} avis en quarantaine ne sont pas comptés ici")), "{page:?}");

    // Exports give either, never both.
    let export = |further: &[&str]| {
        let exported = ["export", "avis", "--demarche", "1001"];
        collector.run(&[&exported[..], &DAYS, &["--format", "jsonl"], further].concat())
    };
    let (counted, quarantined) = (export(&[]), export(&["--quarantined"]));
    assert_eq!(counted.stdout.lines().count() as u64, left);
    assert!(counted.stderr.contains(&format!("{aside} avis in quarantine are left out")), "{counted:?}");
    assert_eq!(quarantined.stdout.lines().count() as u64, aside);
    let one: Value = serde_json::from_str(quarantined.stdout.lines().next().unwrap()).unwrap();
    let id = one["id"].as_str().unwrap();
    let shown = collector.run(&["quarantine", "show", "--avis", id]).stdout;
    assert!(shown.starts_with(&format!("avis\t{id}\ndemarche\t1001\nday\t2026-06-")), "{shown}");
    assert!(shown.contains("state\theld\nreasons\tby_hand\n"), "{shown}");

    // What somebody confirmed is released by its name alone.
    collector.run(&["quarantine", "confirm", "--avis", id, "--yes"]);
    assert_eq!(averages(&collector).await.text, held.text);
    let release = ["quarantine", "release", "--demarche", "1001"];
    collector.run(&[&release[..], &["--yes"]].concat());
    assert_eq!(of(&averages(&collector).await, "1001"), (n - 1, 1));
    let nothing = collector.try_run(&[&release[..], &["--yes"]].concat());
    assert_eq!(nothing.code, 1, "{nothing:?}");
    collector.run(&[&release[..], &["--state", "confirmed", "--yes"]].concat());
    let after = averages(&collector).await;
    assert_eq!(after.text, before.text);
    assert_ne!(after.header("etag"), held.header("etag"));
    collector.run(&["verify"]);

    let journal = collector.run(&["journal", "list"]).stdout;
    let acts: Vec<&str> = lines(&journal)[1..].iter().map(|row| row[2]).collect();
    assert_eq!(acts, ["hold", "confirm", "release", "release"], "{journal}");
    assert!(!journal.contains(id), "{journal}");
    let entries = collector.run(&["journal", "list", "--format", "jsonl"]).stdout;
    let first: Value = serde_json::from_str(entries.lines().next().unwrap()).unwrap();
    assert_eq!(first["detail"]["filter"]["demarche"], "1001");
    assert_eq!(first["detail"]["demarches"][0]["avis"], aside);
}

#[tokio::test]
async fn what_is_held_leaves_the_averages_until_it_is_released_on_sqlite() {
    what_is_held_leaves_the_averages_until_it_is_released(filled()).await;
}

#[tokio::test]
async fn what_is_held_leaves_the_averages_until_it_is_released_on_postgresql() {
    let database = create_database(&shared_server()).await;
    what_is_held_leaves_the_averages_until_it_is_released(filled_on(&database)).await;
}

#[test]
fn what_is_only_ever_a_further_reason_holds_nothing() {
    let refused =
        filled().try_run(&["quarantine", "hold", "--reason", "too_fast", "--demarche", "1001", "--yes"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("by_hand"), "{refused:?}");
}

#[test]
fn an_act_on_everything_is_a_mistake() {
    let collector = filled();
    for act in [&["release", "--yes"][..], &["confirm", "--state", "held"], &["hold", "--reason", "honeypot"]]
    {
        let refused = collector.try_run(&[&["quarantine"], act].concat());
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.stderr.contains("which avis?"), "{refused:?}");
    }
}

#[tokio::test]
async fn avis_of_another_demarche_move_and_no_edition_does() {
    let mut collector = filled();
    collector.run(&["edition", "freeze", "2026-T2"]);
    let edition = collector.run(&["edition", "export", "2026-T2", "--format", "json"]).stdout;
    let boutons = collector.run(&["bouton", "list"]).stdout;
    let of_1001 = lines(&boutons)[1..].iter().find(|row| row[1] == "1001").unwrap()[0].to_owned();
    let of_1002 = lines(&boutons)[1..].iter().find(|row| row[1] == "1002").unwrap()[0].to_owned();
    collector.serve().await;
    let before = averages(&collector).await;
    let (source, target) = (of(&before, "1001").0, of(&before, "1002").0);
    let reattribute = |bouton: &str, demarche: &str, further: &[&str]| {
        let act = ["avis", "reattribute", "--bouton", bouton, "--demarche", demarche];
        collector.try_run(&[&act[..], &DAYS, further].concat())
    };

    let said = reattribute(&of_1001, "1002", &["--dry-run"]).stdout;
    assert_eq!(averages(&collector).await.text, before.text);
    let rows = lines(&said);
    let figure = |demarche: &str, when: &str| -> u64 {
        rows.iter().find(|row| row[0] == demarche && row[1] == when).unwrap()[2].parse().unwrap()
    };
    assert_eq!((figure("1001", "before"), figure("1002", "before")), (source, target));
    let moved = source - figure("1001", "after");
    assert!(moved > 0 && figure("1002", "after") == target + moved, "{said}");

    let done = reattribute(&of_1001, "1002", &["--to-bouton", &of_1002, "--yes"]);
    assert_eq!(done.code, 0, "{done:?}");
    let after = averages(&collector).await;
    assert_eq!((of(&after, "1001").0, of(&after, "1002").0), (source - moved, target + moved));
    collector.run(&["verify"]);
    assert_eq!(collector.run(&["edition", "export", "2026-T2", "--format", "json"]).stdout, edition);
    let journal = collector.run(&["journal", "list"]).stdout;
    assert!(lines(&journal)[1..].iter().all(|row| row[2] == "reattribute"), "{journal}");

    for (bouton, demarche, further, told) in [
        (&*of_1001, "1001", &[][..], "are about démarche 1001 already"),
        (&of_1001, "1002", &["--to-bouton", &of_1001], "is not a bouton of démarche 1002"),
        ("nowhere", "1002", &[], "there is no bouton nowhere"),
        (&of_1001, "9999", &[], "there is no démarche 9999"),
        (&of_1001, "1002", &["--yes"], "there is no avis to reattribute"),
    ] {
        let refused = reattribute(bouton, demarche, further);
        assert!(refused.code > 0 && refused.stderr.contains(told), "{told}: {refused:?}");
    }
}
