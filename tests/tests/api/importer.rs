//! The observatory's importer as it will be, in plain Python: `tests/importer`.

use std::process::Command;

use tests::TestCollector;
use tests::collector::{Output, workspace};

fn python(arguments: &[&str]) -> Output {
    Output::of(
        Command::new("python3").arg("-B").args(arguments).current_dir(workspace().join("tests/importer")),
    )
}

/// Démarches with 20,000 avis over 400 days, in which the clocks change twice.
async fn demo() -> TestCollector {
    let mut collector = TestCollector::stopped(&["--limits", "off"]);
    collector.run(&["demo", "--demarches", "60", "--avis", "20000", "--seed", "3"]);
    collector.serve().await;
    collector
}

fn database(collector: &TestCollector) -> String {
    collector.directory().join("avis.db").display().to_string()
}

fn recount(collector: &TestCollector) -> Output {
    python(&["recount.py", collector.address(), &database(collector), "--windows", "30", "--seed", "1"])
}

#[test]
fn the_importer_and_the_recount_find_what_is_wrong() {
    let tests = python(&["-m", "unittest"]);

    assert_eq!(tests.code, 0, "{tests:?}");
    assert!(tests.stderr.contains("\nOK"), "{tests:?}");
}

#[tokio::test]
async fn every_figure_is_that_of_a_recount_of_the_raw_avis() {
    let collector = demo().await;

    let right = recount(&collector);

    assert_eq!(right.code, 0, "{right:?}");
    assert!(right.stdout.contains(" figures compared, 0 differences"), "{right:?}");
    let figures: u64 = right.stdout.split(": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(figures > 60 * 49 * 30, "{right:?}");

    // One answer of one avis, changed behind the back of the décomptes.
    let change = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); \
                  d.execute('update avis set satisfaction = satisfaction % 3 + 1 where avis_no = (select max(avis_no) from avis)'); \
                  d.commit()";
    let changed = python(&["-c", change, &database(&collector)]);
    assert_eq!(changed.code, 0, "{changed:?}");
    let wrong = recount(&collector);
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(wrong.stdout.contains("satisfaction.counts: published"), "{wrong:?}");
}

#[tokio::test]
async fn all_demarches_are_imported_in_one_call_or_the_reason_is_said() {
    let collector = demo().await;
    let year = ["2025-10-01", "2026-09-30"];
    let import = |more: &[&str]| {
        let mut arguments = vec!["importer.py", collector.address()];
        arguments.extend(more);
        python(&arguments)
    };

    let imported = import(&[year[0], year[1], "--closed"]);

    assert_eq!(imported.code, 0, "{imported:?}");
    assert_eq!(imported.stdout.lines().count(), 1 + 60 * 7, "{imported:?}");
    assert!(
        imported.stderr.contains("60 démarches, ") && imported.stderr.contains("closed period"),
        "{imported:?}"
    );
    for (wrong, reason) in [
        (vec!["2026-09-30", "2025-10-01"], "/to ends_before_it_begins"),
        (vec!["2025-10-01", "2099-12-31", "--closed"], "is not closed yet"),
    ] {
        let refused = import(&wrong);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{refused:?}");
        assert!(refused.stderr.starts_with("importer: ") && refused.stderr.contains(reason), "{refused:?}");
    }
}
