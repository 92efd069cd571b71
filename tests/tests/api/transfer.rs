//! `collector import jdma-csv` and `collector export …`, on both engines.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};
use tests::collector::Output;
use tests::jdma_export::{Export, HEADER};
use tests::postgres::{create_database, shared_server};
use tests::{TestCollector, wait};

use crate::helpers::{accepted, least, with_answers};

/// A collector on each engine, the démarche of tests registered, not serving.
pub(crate) async fn on_both_engines() -> [TestCollector; 2] {
    let postgres = create_database(&shared_server()).await;
    let collectors = [TestCollector::stopped(&[]), TestCollector::on(&postgres, &[])];
    for collector in &collectors {
        collector.register();
    }
    collectors
}

pub(crate) fn file(collector: &TestCollector, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = collector.directory().join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

fn export(export: Export) -> Vec<u8> {
    let mut bytes = Vec::new();
    export.write(&mut bytes).unwrap();
    bytes
}

pub(crate) fn import(collector: &TestCollector, further: &[&str]) -> Output {
    collector.try_run(&[&["import", "jdma-csv", "--demarche", "3059"], further].concat())
}

/// Every avis of the démarche, as lines of JSON.
pub(crate) fn all(collector: &TestCollector) -> Vec<Value> {
    let arguments = ["export", "avis", "--demarche", "3059", "--from", "1900-01-01", "--to", "2999-12-31"];
    let output = collector.run(&[&arguments[..], &["--format", "jsonl"]].concat());
    let avis: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(output.stderr, format!("collector: {} rows\n", avis.len()));
    avis
}

/// A line of an export: its date, bouton and number, then its answers as they stand there.
pub(crate) fn line(date: &str, bouton: &str, number: &str, answers: &str) -> String {
    format!("{date},Formulaire,{bouton},{number},{answers},quelqu.un@example.fr\n")
}

pub(crate) fn of_lines(lines: &[String]) -> String {
    format!("{HEADER}\n{}", lines.concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_counts_each_avis_and_run_again_changes_nothing() {
    let bytes = export(Export::of(3_000, 7));
    for mut collector in on_both_engines().await {
        collector.serve().await;
        let path = file(&collector, "export.csv", &bytes);

        let rehearsed = import(&collector, &["--dry-run", &path]);
        assert!(
            rehearsed.stdout.starts_with("3000 lines: 3000 avis would be imported, 0 seen before"),
            "{rehearsed:?}"
        );
        assert_eq!(collector.smileys("3059").await, [0, 0, 0]);
        assert!(!collector.run(&["bouton", "list"]).stdout.contains("Courriel"));

        let first = import(&collector, &[&path]);
        assert_eq!(first.code, 0, "{first:?}");
        assert!(
            first
                .stdout
                .starts_with("3000 lines: 3000 avis imported, 0 seen before, 0 lines refused; 3 boutons"),
            "{first:?}"
        );
        let text = String::from_utf8(bytes.clone()).unwrap();
        let smileys = ["Pas bien", "Moyen", "Très bien"]
            .map(|label| text.matches(&format!(",{label},")).count() as u64);
        assert_eq!(collector.smileys("3059").await, smileys);
        let avis = all(&collector);
        let mut commented = avis.iter().filter(|avis| avis["answers"]["comment"].is_string());
        assert_eq!(avis.len(), 3_000);
        assert!(commented.next().is_some());
        let boutons = collector.run(&["bouton", "list"]).stdout;

        let again = import(&collector, &[&path]);
        assert!(again.stdout.starts_with("3000 lines: 0 avis imported, 3000 seen before"), "{again:?}");
        assert_eq!(all(&collector), avis);
        assert_eq!(collector.run(&["bouton", "list"]).stdout, boutons);
        assert!(collector.run(&["verify"]).stdout.contains("no difference"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn avis_are_imported_on_their_day_in_paris_with_what_they_say() {
    let guichet = "Au guichet avec l’administration";
    let lines = [
        line("2026-03-28 22:59:59", "", "00000a1", "Pas bien,1,,,,"),
        line(
            "2026-03-28 23:00:00",
            "Fin",
            "00000a2",
            "Moyen,,Je n'ai pas eu besoin d'aide,,,\"Un\n\"\"deux\"\" / trois\"",
        ),
        line(
            "2026-03-29 22:00:00",
            "Fin",
            "00000a3",
            &format!("Très bien,,{guichet},{guichet} : Oui,{guichet} : Bonne,=1+1"),
        ),
    ];
    for collector in on_both_engines().await {
        let path = file(&collector, "export.csv", of_lines(&lines));

        let output = import(&collector, &[&path]);

        assert_eq!(output.code, 0, "{output:?}");
        let avis = all(&collector);
        let seen: Vec<_> =
            avis.iter().map(|avis| (avis["day"].as_str().unwrap(), &avis["bouton_label"])).collect();
        assert_eq!(
            seen,
            [("2026-03-28", &json!(null)), ("2026-03-29", &json!("Fin")), ("2026-03-30", &json!("Fin"))]
        );
        assert_eq!(
            avis[1]["answers"],
            json!({"satisfaction": "moyen", "help_tried": ["none"], "comment": "Un\n\"deux\" / trois"})
        );
        assert_eq!(
            avis[2]["answers"],
            json!({"satisfaction": "tres_bien", "help_tried": ["guichet"], "help_reached": {"guichet": "oui"},
                   "help_quality": {"guichet": "bonne"}, "comment": "=1+1"})
        );
        let table = collector.run(&[
            "export",
            "avis",
            "--demarche",
            "3059",
            "--from",
            "2026-03-30",
            "--to",
            "2026-03-30",
        ]);
        assert!(table.stdout.ends_with(",'=1+1\r\n") && table.stdout.lines().count() == 2, "{table:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_export_changes_nothing() {
    let good = line("2026-03-01 10:00:00", "Fin", "a1", "Moyen,,,,,\"Bien,\nmerci\"");
    let sound = of_lines(&[good.clone(), good.replace("a1", "a2")]);
    let mut no_utf8 = sound.clone().into_bytes();
    let place = sound.rfind("merci").unwrap();
    no_utf8[place] = 0xe9;
    let damaged: [(&str, Vec<u8>); 6] = [
        ("column 1 of its header", sound.replace("Date de l'avis", "Date").into_bytes()),
        (
            "line 4: it has 10 cells instead of 11",
            sound[..sound.len() - "quelqu.un@example.fr\n".len() - 1].into(),
        ),
        ("line 4: a quote is opened and never closed", sound[..place].into()),
        ("line 3: a quote stands where none may", sound.replacen("merci\"", "merci\"!", 1).into_bytes()),
        ("line 4: it is not UTF-8", no_utf8),
        ("line 6: it has 1 cell instead of 11", format!("{sound}fin\n").into_bytes()),
    ];
    for collector in on_both_engines().await {
        let boutons = collector.run(&["bouton", "list"]).stdout;
        for (said, bytes) in &damaged {
            let path = file(&collector, "damaged.csv", bytes);
            let output = import(&collector, &["--filtered", &path]);
            assert_eq!((output.code, output.stdout.as_str()), (1, ""), "{output:?}");
            assert!(
                output.stderr.contains(said) && output.stderr.contains("nothing was changed"),
                "{said}: {output:?}"
            );
            for word in ["quelqu", "merci", "erci"] {
                assert!(!output.stderr.contains(word), "{output:?}");
            }
        }
        assert_eq!(all(&collector), Vec::<Value>::new());
        assert_eq!(collector.run(&["bouton", "list"]).stdout, boutons);
        let path = file(&collector, "sound.csv", &sound);
        assert_eq!(import(&collector, &["--filtered", &path]).code, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_comments_alone_is_refused_with_the_reason() {
    let bytes = export(Export { commented: true, ..Export::of(40, 1) });
    for collector in on_both_engines().await {
        let path = file(&collector, "commented.csv", &bytes);

        let refused = import(&collector, &[&path]);

        assert_eq!(refused.code, 1, "{refused:?}");
        for word in
            ["each of its 40 avis has a comment", "bend every mean", "--filtered", "nothing was changed"]
        {
            assert!(refused.stderr.contains(word), "{word}: {refused:?}");
        }
        assert!(all(&collector).is_empty());
        assert!(import(&collector, &["--filtered", &path]).stdout.contains("40 avis imported"));
    }
}

#[test]
fn what_is_not_taken_is_told_with_lines_and_reasons_and_no_word_of_it() {
    let collector = TestCollector::stopped(&[]);
    collector.register();
    let guichet = "Au guichet avec l'administration";
    let lines = [
        line("2026-03-01 10:00:00", "", "a1", "Moyen,,,,,"),
        line("2026-03-02 10:00:00", "", "00000A1", "Moyen,,,,,"),
        line("2026-03-01 10:00:00", "", "a2", "Secret,,,,,"),
        line("2026-03-01 10:00:00", "", "a3", "Moyen / Pas bien,,,,,"),
        line("2026-03-01 10:00:00", "", "a4", "Moyen / Moyen,Très clair,,,,"),
        line(
            "2026-03-01 10:00:00",
            "",
            "a5",
            &format!("Moyen,,{guichet},{guichet} : Non,{guichet} : Bonne,"),
        ),
        line(
            "2026-03-01 10:00:00",
            "",
            "a6",
            &format!("Moyen,,{guichet},{guichet} : Oui,{guichet} : Ne se prononce pas,"),
        ),
        line("1899-12-31 10:00:00", "", "a7", "Moyen,,,,,"),
        line("2999-12-31 10:00:00", "", "a8", "Moyen,,,,,"),
        line("le 3 mars", "", "a9", "Moyen,,,,,"),
    ];
    let path = file(&collector, "export.csv", of_lines(&lines));
    let report = collector.directory().join("report.csv");

    let output = import(&collector, &["--report", report.to_str().unwrap(), &path]);

    assert_eq!(output.code, 0, "{output:?}");
    assert!(
        output.stdout.starts_with("10 lines: 4 avis imported, 1 seen before, 5 lines refused"),
        "{output:?}"
    );
    for told in ["2 × date: before 1900 or in the future (lines 9, 10)", "1 × id: seen before (line 3)"] {
        assert!(output.stdout.contains(told), "{told}: {output:?}");
    }
    let report = fs::read_to_string(report).unwrap();
    assert_eq!(
        report,
        "line,column,reason,taken\n3,id,seen_before,no\n4,satisfaction,unknown_choice,no\n\
         5,satisfaction,two_choices,no\n6,satisfaction,same_twice,in_part\n6,clarity,other_question,in_part\n\
         7,help_quality,not_reached,in_part\n8,help_quality,no_opinion,in_part\n9,date,out_of_time,no\n\
         10,date,out_of_time,no\n11,date,no_date,no\n"
    );
    assert_eq!(all(&collector).len(), 4);
    collector.run(&["verify"]);
    let database = fs::read(collector.directory().join("avis.db")).unwrap();
    for word in ["quelqu.un@example.fr", "Secret"] {
        assert!(!output.stdout.contains(word) && !output.stderr.contains(word) && !report.contains(word));
        assert!(!database.windows(word.len()).any(|bytes| bytes == word.as_bytes()), "{word} is stored");
    }
}

#[test]
fn an_export_is_read_from_standard_input_too() {
    let collector = TestCollector::stopped(&[]);
    collector.register();
    collector.run(&["demarche", "set", "--id", "3059", "--add-alias", "form:12"]);
    let path = file(&collector, "export.csv", export(Export::of(50, 3)));
    let mut command = collector.command(&["import", "jdma-csv", "--demarche", "form:12", "-"]);

    let output = Output::of(command.stdin(File::open(&path).unwrap()));

    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(all(&collector).len(), 50);
    let unknown = collector.try_run(&["import", "jdma-csv", "--demarche", "999", "-"]);
    assert!(unknown.code == 1 && unknown.stderr.contains("999"), "{unknown:?}");
    let itself = import(&collector, &["--report", &path, &path]);
    assert!(itself.code == 2 && itself.stderr.contains("is the file to import"), "{itself:?}");
    let missing = import(&collector, &["/no/such/file.csv"]);
    assert!(missing.code == 1 && missing.stderr.contains("/no/such/file.csv"), "{missing:?}");
}

#[tokio::test]
async fn an_import_that_was_killed_is_made_whole_by_running_it_again() {
    let collector = TestCollector::stopped(&[]);
    collector.register();
    let path = file(&collector, "export.csv", export(Export { shuffled: true, ..Export::of(60_000, 5) }));
    let mut importing = collector
        .command(&["import", "jdma-csv", "--demarche", "3059", &path])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut database = SqliteConnection::connect(collector.database()).await.unwrap();
    wait::until("the first avis", async || {
        let count = sqlx::query_scalar("select count(*) from avis").fetch_one(&mut database).await;
        match count.unwrap_or(0) {
            0 => Err("none"),
            count => Ok::<i64, _>(count),
        }
    })
    .await;
    importing.kill().unwrap();
    let ended = importing.wait().unwrap();
    database.close().await.unwrap();

    assert!(!ended.success(), "it was to be killed on its way");
    assert!(collector.run(&["verify"]).stdout.contains("no difference"));
    let there = all(&collector).len();
    assert!((1..60_000).contains(&there), "{there}");
    let again = import(&collector, &[&path]);
    let expected = format!("60000 lines: {} avis imported, {there} seen before", 60_000 - there);
    assert!(again.stdout.starts_with(&expected), "{expected}: {again:?}");
    assert_eq!(all(&collector).len(), 60_000);
    assert!(collector.run(&["verify"]).stdout.contains("no difference"));
}

#[tokio::test(flavor = "multi_thread")]
async fn avis_are_exported_with_all_that_they_say() {
    for mut collector in on_both_engines().await {
        collector.run(&["demarche", "set", "--id", "3059", "--add-alias", "xwiki:823"]);
        collector.run(&["bouton", "set", "--id", "12", "--label", "=fin; de parcours"]);
        collector.serve().await;
        let answers = json!({
            "satisfaction": "moyen", "ease": "4", "clarity": "5",
            "malfunctions": ["slow", "other"], "malfunctions_other": "Le bouton ne répondait pas",
            "help_tried": ["guichet", "telephone"],
            "help_reached": {"guichet": "oui", "telephone": "non"},
            "help_quality": {"guichet": "bonne"},
            "comment": "@home, «tout» va\n\"bien\""
        });
        let mut avis = with_answers(&answers);
        avis["bouton"] = "12".into();
        avis["page"] = "https://www.impots.gouv.fr/fin?nom=x".into();
        let full = accepted(&collector, &avis).await;
        let bare = accepted(&collector, &least()).await;
        accepted(&collector, &json!({"demarche": "3059", "answers": {"satisfaction": "pas_bien"}})).await;
        collector.add_demarche("4079", "Titre de séjour");

        let exported = all(&collector);

        assert_eq!(exported.len(), 3);
        let by_id: BTreeMap<&str, &Value> =
            exported.iter().map(|avis| (avis["id"].as_str().unwrap(), avis)).collect();
        let line = by_id[&*full.id];
        assert_eq!(line["answers"], answers);
        assert_eq!(line["page"], "https://www.impots.gouv.fr/fin");
        assert_eq!((&line["bouton"], &line["bouton_label"]), (&json!("12"), &json!("=fin; de parcours")));
        assert_eq!(by_id[&*bare.id]["answers"], json!({"satisfaction": "tres_bien"}));
        let today = line["day"].as_str().unwrap();

        let arguments = ["export", "avis", "--demarche", "xwiki:823", "--from", today, "--to", today];
        let table = collector.run(&arguments);
        assert_eq!(table.stderr, "collector: 3 rows\n");
        let row = format!(
            "{},3059,{today},12,'=fin; de parcours,online,,https://www.impots.gouv.fr,/fin,moyen,5,4,guichet;telephone,,\
             oui,non,,,bonne,,,,slow;other,Le bouton ne répondait pas,\"'@home, «tout» va\n\"\"bien\"\"\"\r\n",
            full.id
        );
        assert!(table.stdout.contains(&row), "{row}\n{table:?}");
        let french = collector.run(&[&arguments[..], &["--format", "csv-excel-fr"]].concat()).stdout;
        assert!(
            french.starts_with("\u{feff}id;demarche;day;") && french.contains(";\"'=fin; de parcours\";"),
            "{french}"
        );
        let before = ["export", "avis", "--demarche", "3059", "--from", "2020-01-01", "--to", "2020-12-31"];
        assert_eq!(collector.run(&before).stderr, "collector: 0 rows\n");
        let other = ["export", "avis", "--demarche", "4079", "--from", "2020-01-01", "--to", "2999-12-31"];
        assert_eq!(collector.run(&other).stderr, "collector: 0 rows\n");
    }
}

#[test]
fn an_export_that_cannot_be_meant_is_refused() {
    let collector = TestCollector::stopped(&[]);
    collector.register();
    let export = |demarche: &str, from: &str, to: &str, format: &str| {
        collector.try_run(&[
            "export",
            "avis",
            "--demarche",
            demarche,
            "--from",
            from,
            "--to",
            to,
            "--format",
            format,
        ])
    };
    for (output, code, word) in [
        (export("999", "2026-01-01", "2026-01-31", "csv"), 1, "999"),
        (export("3059", "2026-02-01", "2026-01-31", "csv"), 2, "--to 2026-01-31"),
        (export("3059", "2026-01-01", "2026-01-32", "csv"), 2, "2026-01-32"),
        (export("3059", "2026-01-01", "2026-01-31", "xml"), 2, "jsonl"),
        (collector.try_run(&["export", "sdg", "2026-13"]), 2, "2026-09"),
        (collector.try_run(&["export", "sdg", "2026-09", "--demarche", "999"]), 1, "999"),
    ] {
        assert_eq!((output.code, output.stdout.as_str()), (code, ""), "{output:?}");
        assert!(output.stderr.contains(word), "{word}: {output:?}");
    }
}

/// A database with more avis than a pipe holds.
fn many() -> TestCollector {
    let collector = TestCollector::stopped(&[]);
    collector.register();
    let path = file(&collector, "export.csv", export(Export::of(3_000, 2)));
    assert_eq!(import(&collector, &[&path]).code, 0);
    collector
}

const EVERYTHING: [&str; 8] =
    ["export", "avis", "--demarche", "3059", "--from", "2020-01-01", "--to", "2999-12-31"];

#[test]
fn an_export_that_nobody_reads_to_its_end_or_that_finds_no_room_fails() {
    let collector = many();

    let mut reader =
        collector.command(&EVERYTHING).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(reader.stdout.take());
    let unread = reader.wait_with_output().unwrap();
    let full =
        Output::of(Command::new("sh").args(["-c", "exec \"$@\" > /dev/full", "sh"]).args(words(&collector)));

    assert_eq!(unread.status.code(), Some(1), "{unread:?}");
    assert_eq!(full.code, 1, "{full:?}");
    for stderr in [String::from_utf8(unread.stderr).unwrap(), full.stderr] {
        assert!(stderr.contains("cut short") && !stderr.contains("rows"), "{stderr}");
    }
}

/// The command that exports everything, in words.
fn words(collector: &TestCollector) -> Vec<PathBuf> {
    let command = collector.command(&EVERYTHING);
    [command.get_program()].into_iter().chain(command.get_args()).map(PathBuf::from).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_whose_database_goes_away_is_cut_within_a_record() {
    let collector = many();
    let mut database = SqliteConnection::connect(collector.database()).await.unwrap();
    // The last avis is damaged: all before it are read and written.
    sqlx::query("update avis set satisfaction = 0 where avis_no = (select max(avis_no) from avis)")
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();

    let output = collector.try_run(&EVERYTHING);

    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stderr.contains("cut short") && !output.stderr.contains("rows"), "{}", output.stderr);
    assert!(!output.stdout.ends_with('\n'), "{}", output.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn ratings_of_a_month_are_counted_by_page() {
    for mut collector in on_both_engines().await {
        collector.add_demarche("4079", "Titre de séjour");
        collector.serve().await;
        for (demarche, page, smiley) in [
            ("3059", Some("https://www.impots.gouv.fr/fin?x=1"), "pas_bien"),
            ("3059", Some("https://www.impots.gouv.fr/fin"), "tres_bien"),
            ("4079", Some("https://www.impots.gouv.fr/fin"), "tres_bien"),
            ("4079", Some("https://administration-etrangers.gouv.fr/"), "moyen"),
            ("3059", None, "moyen"),
        ] {
            let answers = json!({"satisfaction": smiley, "comment": "Secret"});
            accepted(&collector, &json!({"demarche": demarche, "page": page, "answers": answers})).await;
        }
        let month = all(&collector)[0]["day"].as_str().unwrap()[..7].to_owned();

        let output = collector.run(&["export", "sdg", &month]);

        assert!(output.stderr.starts_with("collector: 5 avis from 2 pages\n"), "{output:?}");
        assert!(output.stderr.contains("not closed"), "{output:?}");
        assert!(!output.stdout.contains("Secret"), "{output:?}");
        let document: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(document["referencePeriod"]["startDate"], format!("{month}-01"));
        assert_eq!(document["referencePeriod"]["closed"], false);
        assert_eq!(
            document["sources"][1],
            json!({"sourceUrl": "https://www.impots.gouv.fr/fin", "origin": "https://www.impots.gouv.fr",
                   "path": "/fin", "ratings": {"1": 1, "2": 0, "3": 0, "4": 0, "5": 2}, "count": 3})
        );
        assert_eq!(document["withoutPage"]["count"], 1);
        let one = collector.run(&["export", "sdg", &month, "--demarche", "4079", "--format", "csv"]).stdout;
        assert_eq!(one.lines().count(), 4, "{one}");
        assert!(one.contains(",https://www.impots.gouv.fr,/fin,0,0,0,0,1,1\r\n"), "{one}");
        let past: Value = serde_json::from_str(&collector.run(&["export", "sdg", "2020-02"]).stdout).unwrap();
        assert_eq!((&past["nbEntries"], &past["referencePeriod"]["closed"]), (&json!(0), &json!(true)));
    }
}
