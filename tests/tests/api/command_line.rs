//! `collector …`

use std::fs;

use collector::clock::Clock;
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tests::TestCollector;
use tests::collector::Output;
use tests::wait;

use crate::helpers::{Answer, least, post};

/// Wants exit code 2 and one line that names `word`.
#[track_caller]
fn wants_refused(output: &Output, word: &str) {
    assert_eq!(output.code, 2, "{output:?}");
    assert_eq!(output.stdout, "", "{output:?}");
    assert_eq!(output.stderr.trim_end().lines().count(), 1, "one clear line: {output:?}");
    assert!(output.stderr.contains(word), "{word} is not named: {output:?}");
}

#[test]
fn version_is_the_packages() {
    let collector = TestCollector::stopped(&[]);

    let output = Output::of(std::process::Command::new(tests::collector::binary()).arg("--version"));

    assert_eq!(
        (output.code, output.stdout.as_str()),
        (0, concat!("collector ", env!("CARGO_PKG_VERSION"), "\n"))
    );
    drop(collector);
}

#[test]
fn help_explains_every_flag_of_serve_and_names_its_environment_twin() {
    let output = Output::of(std::process::Command::new(tests::collector::binary()).args(["serve", "--help"]));

    assert_eq!(output.code, 0, "{output:?}");
    let flags: Vec<&str> = output
        .stdout
        .split_whitespace()
        .filter(|word| word.len() > 2 && word.starts_with("--"))
        .map(|word| word.trim_end_matches(|c: char| !c.is_ascii_lowercase()))
        .filter(|flag| !["--help", "--version"].contains(flag))
        .collect();
    for flag in ["--listen", "--database", "--public-url", "--trusted-proxy", "--limits", "--secret-file"] {
        assert!(flags.contains(&flag), "no {flag}: {}", output.stdout);
    }
    for flag in flags {
        let twin = format!("[env: AVIS_{}=", flag[2..].to_uppercase().replace('-', "_"));
        assert!(output.stdout.contains(&twin), "no {twin}: {}", output.stdout);
    }
}

#[test]
fn an_unknown_or_impossible_flag_stops_the_start_with_one_line_and_exit_code_2() {
    let collector = TestCollector::stopped(&[]);
    let serve = |arguments: &[&str]| {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        collector.try_run(&all)
    };

    wants_refused(&serve(&["--nonsense"]), "--nonsense");
    wants_refused(&serve(&["--trusted-proxy", "10.0.0.0/99"]), "10.0.0.0/99");
    wants_refused(&serve(&["--limits", "sometimes"]), "sometimes");
    wants_refused(&serve(&["--public-url", "nonsense"]), "nonsense");
    for level in ["warning", "verbose", "info,loud", ""] {
        wants_refused(&serve(&["--log", level]), "there are off, error, warn, info, debug and trace");
    }
    wants_refused(&serve(&["--public-url", "https://www.example.fr/avis"]), "without a path");
    for listen in ["localhost:8080", ":8080", "8080", "nonsense"] {
        wants_refused(&collector.try_run(&["serve", "--listen", listen]), "127.0.0.1:8080");
    }
    let twice = ["serve", "--listen", "127.0.0.1:9464", "--metrics-listen", "127.0.0.1:9464"];
    wants_refused(&collector.try_run(&twice), "--metrics-listen");
    wants_refused(&collector.try_run(&["verify"]), "demarche add");
    let read_only = TestCollector::on("sqlite://avis.db?mode=ro", &[]);
    wants_refused(&read_only.try_run(&["serve"]), "mode=ro");
    wants_refused(&collector.try_run(&["nonsense"]), "nonsense");
    wants_refused(&collector.try_run(&["demarche", "add", "--id", "1"]), "--title");
}

#[test]
fn a_database_that_is_none_stops_the_start_with_exit_code_2() {
    for database in ["nonsense", "mysql://localhost/avis", "sqlite:///no/such/folder/avis.db"] {
        let output = Output::of(std::process::Command::new(tests::collector::binary()).args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database",
            database,
        ]));
        wants_refused(&output, "database");
    }
}

#[test]
fn the_environment_twin_of_a_flag_is_checked_alike() {
    let collector = TestCollector::stopped(&[]);

    let output = Output::of(collector.command(&["serve"]).env("AVIS_LISTEN", "nonsense"));

    wants_refused(&output, "nonsense");
}

#[test]
fn limits_are_not_turned_off_on_an_address_that_others_reach() {
    let collector = TestCollector::stopped(&[]);

    for listen in ["0.0.0.0:0", "[::]:0"] {
        let output = collector.try_run(&["serve", "--listen", listen, "--limits", "off"]);
        wants_refused(&output, "limits");
    }
}

#[test]
fn demarche_add_again_is_an_error_and_changes_nothing() {
    let collector = TestCollector::stopped(&[]);
    collector.add_demarche("3059", "Déclaration des revenus");
    let list = collector.run(&["demarche", "list"]).stdout;

    let again = collector.try_run(&[
        "demarche",
        "add",
        "--id",
        "3059",
        "--title",
        "Autre chose",
        "--administration",
        "DGFIP",
    ]);

    assert_ne!(again.code, 0, "{again:?}");
    assert!(again.stderr.contains("3059"), "{again:?}");
    assert_eq!(collector.run(&["demarche", "list"]).stdout, list);
    assert!(list.contains("3059") && list.contains("Déclaration des revenus"), "{list}");
}

#[test]
fn an_alias_of_another_demarche_is_an_error_and_changes_nothing() {
    let collector = TestCollector::stopped(&[]);
    collector.add_demarche_with("1", "Une", &["--alias", "xwiki:823"]);

    let again = collector.try_run(&[
        "demarche",
        "add",
        "--id",
        "2",
        "--title",
        "Deux",
        "--administration",
        "DGFIP",
        "--alias",
        "xwiki:823",
    ]);

    assert_ne!(again.code, 0, "{again:?}");
    assert!(!collector.run(&["demarche", "list"]).stdout.contains("Deux"));
}

#[test]
fn an_import_takes_all_rows_or_none() {
    let collector = TestCollector::stopped(&[]);
    let file = collector.directory().join("demarches.csv");
    let path = file.to_str().unwrap();
    let header = "id,title,administration,ministry,audience,alias";

    fs::write(
        &file,
        format!("{header}\n1,Une,DGFIP,,,\n2,\"Deux, ou plus\",DGFIP,,,\n1,Encore une,DGFIP,,,\n"),
    )
    .unwrap();
    let refused = collector.try_run(&["demarche", "import", path]);
    assert_ne!(refused.code, 0, "{refused:?}");
    assert!(!collector.run(&["demarche", "list"]).stdout.contains("Une"));

    fs::write(&file, "demarche;channel\nform:2246;shop\n").unwrap();
    let refused = collector.try_run(&["bouton", "import", path]);
    assert!(
        refused.stderr.contains("line 2, column demarche: there is no démarche form:2246"),
        "{refused:?}"
    );
    collector.add_demarche("4079", "Carte grise");
    collector.run(&["demarche", "set", "--id", "4079", "--add-alias", "form:2246"]);
    let refused = collector.try_run(&["bouton", "import", path]);
    assert!(refused.stderr.contains("line 2, column channel: one of: online, guichet"), "{refused:?}");
    fs::write(&file, "demarche;channel\nform:2246;online\n").unwrap();
    assert_eq!(collector.run(&["bouton", "import", path]).stdout, "1 bouton registered\n");
    assert!(collector.run(&["bouton", "list"]).stdout.contains("\t4079\t"));
    collector.run(&["demarche", "set", "--id", "4079", "--remove-alias", "form:2246"]);
    let gone = collector.try_run(&["demarche", "set", "--id", "4079", "--remove-alias", "form:2246"]);
    assert!(gone.stderr.contains("alias form:2246 of 4079 does not exist; nothing was changed"), "{gone:?}");

    // What a flag does not take, a cell does not either.
    fs::write(&file, format!("{header}\n1,Une,DGFIP,\"Économie\nFinances\",,\n")).unwrap();
    let refused = collector.try_run(&["demarche", "import", path]);
    assert!(refused.code != 0 && refused.stderr.contains("one line"), "{refused:?}");
    collector.add_demarche("3059", "Déclaration des revenus");
    fs::write(&file, "demarche,label\n3059,\"En haut\tà droite\"\n").unwrap();
    let refused = collector.try_run(&["bouton", "import", path]);
    assert!(refused.code != 0 && refused.stderr.contains("one line"), "{refused:?}");
    // PostgreSQL takes no NUL.
    fs::write(&file, format!("{header}\n1,Une,DGFIP,\"Écono\0mie\",,\n")).unwrap();
    let refused = collector.try_run(&["demarche", "import", path]);
    assert_eq!(refused.code, 1, "{refused:?}");

    fs::write(
        &file,
        format!("{header}\n1,Une,DGFIP,,,\n2,\"Deux, ou plus\",DGFIP,Économie,particuliers,xwiki:823\n"),
    )
    .unwrap();
    collector.run(&["demarche", "import", path]);
    let list = collector.run(&["demarche", "list"]).stdout;
    assert!(list.contains("Une") && list.contains("Deux, ou plus"), "{list}");
}

#[test]
fn a_demarche_is_essential_where_it_is_told_to_be() {
    let collector = TestCollector::stopped(&[]);
    collector.add_demarche_with("1", "Une", &["--essential"]);
    collector.add_demarche("2", "Deux");
    let file = collector.directory().join("demarches.csv");
    let rows = "id,title,administration,essential\n3,Trois,DGFIP,true\n4,Quatre,DGFIP,false\n5,Cinq,DGFIP,\n";
    fs::write(&file, rows).unwrap();
    collector.run(&["demarche", "import", file.to_str().unwrap()]);
    let essential = || {
        let list = collector.run(&["demarche", "list"]).stdout;
        let lines = list.lines().filter(|line| line.ends_with("\ttrue"));
        lines.filter_map(|line| line.split('\t').next().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(essential(), ["1", "3"]);

    collector.run(&["demarche", "set", "--id", "1", "--essential", "false"]);
    collector.run(&["demarche", "set", "--id", "2", "--essential", "true"]);
    collector.run(&["demarche", "set", "--id", "3", "--title", "Trois encore"]);

    assert_eq!(essential(), ["2", "3"]);
    wants_refused(&collector.try_run(&["demarche", "set", "--id", "1", "--essential", "oui"]), "--essential");
    fs::write(&file, "id,title,administration,essential\n6,Six,DGFIP,oui\n").unwrap();
    let refused = collector.try_run(&["demarche", "import", file.to_str().unwrap()]);
    assert!(refused.stderr.contains("line 2, column essential: true or false"), "{refused:?}");
}

#[test]
fn a_demarche_goes_by_its_alias_too() {
    let collector = TestCollector::stopped(&[]);
    collector.add_demarche_with("3059", "Déclaration des revenus", &["--alias", "xwiki:823"]);

    collector.run(&["bouton", "add", "--demarche", "xwiki:823", "--id", "12"]);
    collector.run(&["key", "create", "--scope", "submit", "--demarche", "xwiki:823"]);

    assert!(collector.run(&["bouton", "list"]).stdout.contains("12\t3059\t"));
    assert!(collector.run(&["key", "list"]).stdout.contains("\tsubmit\t3059\t"));
}

#[tokio::test]
async fn a_secret_that_is_missing_is_not_made_again_over_avis() {
    let mut collector = TestCollector::stopped(&[]);
    let file = collector.directory().join("secret");
    fs::write(&file, format!("7:{}\n", "0a".repeat(32))).unwrap();
    let with_file = ["--secret-file", file.to_str().unwrap()];
    collector.run(&["demo", "--demarches", "1", "--avis", "10"]);
    let mut database = SqliteConnection::connect(collector.database()).await.unwrap();
    database.execute("delete from secret").await.unwrap();
    database.close().await.unwrap();

    let refused = collector.try_run(&["serve", "--listen", "127.0.0.1:0"]);
    wants_refused(&refused, "--secret-file");

    collector.run(&["secret", "add"]);
    collector.serve().await;
    collector.stop();
    let mut with_another = TestCollector::on(collector.database(), &with_file);
    with_another.serve().await;
    wait::until("a word about the other key", async || {
        let log = with_another.logs();
        if log.contains("the secret file has not") { Ok(()) } else { Err(log) }
    })
    .await;
}

#[tokio::test]
async fn verify_advises_a_backup_where_avis_are_missing_and_else_a_rebuild() {
    let collector = TestCollector::stopped(&[]);
    collector.run(&["demo", "--demarches", "1", "--avis", "10"]);
    let mut database = SqliteConnection::connect(collector.database()).await.unwrap();
    let advice = || collector.try_run(&["verify"]).stderr;

    database.execute("update tally set ease_answered = ease_answered + 1").await.unwrap();
    assert!(advice().contains("`collector rebuild` writes them anew"), "{}", advice());
    database.execute("delete from avis where avis_no = (select min(avis_no) from avis)").await.unwrap();
    assert!(advice().contains("restore a backup"), "{}", advice());

    let refused = collector.try_run(&["rebuild"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stdout.contains(": 1 avis counted and not there\n"), "{refused:?}");
    assert!(refused.stderr.contains("1 of the days and months were left as they are"), "{refused:?}");
    assert!(advice().contains("restore a backup"), "{}", advice());
    assert_eq!(collector.try_run(&["rebuild", "--forget-missing-avis"]).code, 0);
    assert_eq!(collector.try_run(&["verify"]).code, 0);
}

#[test]
fn what_is_older_than_it_is_kept_is_blanked_and_counts_as_before() {
    let collector = TestCollector::stopped(&[]);
    collector.run(&["demo", "--demarches", "2", "--avis", "2000", "--seed", "3", "--until", "2026-06-30"]);
    let exported = || {
        let period = ["--from", "2025-01-01", "--to", "2026-12-31", "--format", "jsonl"];
        let avis = collector.run(&[&["export", "avis", "--demarche", "1001"], &period[..]].concat()).stdout;
        let has = |field: &str| avis.lines().filter(|line| line.contains(field)).count();
        (avis.lines().count(), has("\"comment\":\""), has("\"comment\":\"\""), has("\"page\":null"))
    };
    let (avis, commented, blank, _) = exported();
    assert!(avis > 500 && commented > 100 && blank == 0);
    let months = ["--keep-texts-months", "6", "--keep-pages-months", "12"];
    let purge = |further: &[&str]| collector.run(&[&["purge"], &months[..], further].concat()).stdout;

    let rehearsed = purge(&["--dry-run"]);
    assert_eq!(exported().2, 0, "{rehearsed}");
    let purged = purge(&[]);
    assert_eq!(purged, rehearsed.replace("would be blanked", "blanked"));
    assert!(!purged.contains("in 0 avis"), "{purged}");
    assert!(purge(&[]).lines().all(|line| line.ends_with("blanked in 0 avis")));
    let record = purge(&["--list"]);
    let listed = |kind: &str| -> u64 {
        let rows = record.lines().filter(|row| row.split('\t').nth(1) == Some(kind));
        rows.map(|row| row.rsplit('\t').next().unwrap().parse::<u64>().unwrap()).sum()
    };
    for line in purged.lines() {
        let (kind, _) = line.split_once(' ').unwrap();
        assert!(line.ends_with(&format!("blanked in {} avis", listed(kind))), "{line}\n{record}");
    }
    let (still, counted, blank, without_page) = exported();
    assert_eq!((still, counted), (avis, commented), "an answer that was blanked was given");
    assert!(blank > 50 && without_page > 50, "{blank} {without_page}");
    assert!(collector.run(&["verify"]).stdout.contains("no difference"));
    assert!(collector.run(&["rebuild"]).stdout.contains("written anew"));
    assert!(collector.run(&["verify"]).stdout.contains("no difference"));

    for wrong in ["0", "121", "x"] {
        let refused = collector.try_run(&["purge", "--keep-texts-months", wrong]);
        assert_eq!(refused.code, 2, "{refused:?}");
    }
}

#[test]
fn a_bouton_without_an_id_gets_one_that_is_no_bare_number() {
    let collector = TestCollector::stopped(&[]);
    collector.add_demarche("3059", "Déclaration des revenus");

    let first = collector.run(&["bouton", "add", "--demarche", "3059"]).stdout;
    let second = collector.run(&["bouton", "add", "--demarche", "3059"]).stdout;

    for id in [&first, &second] {
        assert!(!id.trim().is_empty() && id.trim().parse::<u64>().is_err(), "{id:?}");
    }
    assert_ne!(first, second);
}

#[test]
fn a_bouton_of_an_unknown_demarche_is_an_error() {
    let collector = TestCollector::stopped(&[]);
    collector.add_demarche("3059", "Déclaration des revenus");

    let output = collector.try_run(&["bouton", "add", "--demarche", "999", "--id", "12"]);

    assert_ne!(output.code, 0, "{output:?}");
    assert!(output.stderr.contains("999"), "{output:?}");
}

#[tokio::test]
async fn what_a_command_changes_a_running_collector_sees_within_two_seconds() {
    let collector = TestCollector::start().await;
    let mut avis = least();
    avis["bouton"] = "12".into();
    let status_becomes =
        async |status: u16| {
            wait::until_within(std::time::Duration::from_secs(2), &format!("{status}"), async || {
                match Answer::of(post(&collector, &avis)).await {
                    answer if answer.status == status => Ok(()),
                    answer => Err(answer.status),
                }
            })
            .await;
        };

    status_becomes(201).await;
    collector.run(&["bouton", "close", "12"]);
    status_becomes(410).await;
    collector.run(&["bouton", "reopen", "12"]);
    status_becomes(201).await;

    collector.add_demarche("4079", "Titre de séjour");
    wait::until_within(std::time::Duration::from_secs(2), "the new démarche", async || {
        match Answer::of(collector.get("/api/v1/demarches/4079")).await.status {
            200 => Ok(()),
            status => Err(status),
        }
    })
    .await;
}

#[tokio::test]
async fn bouton_list_tells_the_day_of_the_last_avis() {
    let collector = TestCollector::start().await;
    collector.run(&["bouton", "add", "--demarche", "3059", "--id", "13"]);
    let mut avis = least();
    avis["bouton"] = "12".into();
    Answer::of(post(&collector, &avis)).await.wants_status(201);

    let list = collector.run(&["bouton", "list"]).stdout;

    let line = |id: &str| {
        list.lines()
            .find(|line| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == id))
            .unwrap_or_else(|| panic!("no {id}: {list}"))
    };
    assert!(line("12").contains("20"), "no day: {list}");
    let day = line("12").split_whitespace().any(|word| word.len() == 10 && word.split('-').count() == 3);
    assert!(day, "{list}");
    assert!(
        !line("13").split_whitespace().any(|word| word.len() == 10 && word.split('-').count() == 3),
        "{list}"
    );
}

#[test]
fn boutons_that_fell_silent_show_until_they_are_closed() {
    let collector = TestCollector::stopped(&[]);
    let until = Clock::system().today().plus(-30).to_string();
    collector.run(&["demo", "--demarches", "3", "--avis", "20000", "--until", &until]);
    collector.run(&["bouton", "add", "--demarche", "1001", "--id", "new"]);
    let list = || collector.run(&["bouton", "list"]).stdout;
    let silent = |list: &str| list.lines().filter(|line| line.contains("\tsilent\t")).count();

    let before = list();

    assert!(before.starts_with("id\t") && before.contains("\tlast avis\ta week\tmissed\n"), "{before}");
    assert!(silent(&before) > 2, "{before}");
    let new: Vec<&str> = before.lines().find(|line| line.starts_with("new\t")).unwrap().split('\t').collect();
    assert_eq!(new[6..], ["open", "never", "", ""], "{before}");
    let first: Vec<&str> =
        before.lines().find(|line| line.contains("\tsilent\t")).unwrap().split('\t').collect();
    collector.run(&["bouton", "close", first[0]]);
    assert_eq!(silent(&list()), silent(&before) - 1);
    for demarche in ["1001", "1002", "1003"] {
        collector.run(&["demarche", "close", demarche]);
    }
    assert_eq!(silent(&list()), 0);
}
