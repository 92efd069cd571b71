//! Personal data in texts: masked before anything keeps them, whichever way they come.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use jiff::ToSpan as _;
use serde_json::{Value, json};
use tests::comments::{Comment, Kind, PRIVATE};
use tests::postgres::Stop;
use tests::{Cluster, TestCollector, files, wait};

use crate::avis::Form;
use crate::helpers::{Answer, accepted, least, new_key, patch, post, post_with_key, with_answers};
use crate::transfer::{all, file, import, line, of_lines, on_both_engines};

/// What somebody writes, what of it nobody is to read, and what stays.
const WRITTEN: &str = "Rappelez-moi au 06 12 34 56 78 ou à jean.dupont@example.fr, avant 2027.";
const KEPT: &str = "Rappelez-moi au [tél.] ou à [mail], avant 2027.";

/// The texts of the only avis, in the order of the questions.
fn texts(collector: &TestCollector) -> Vec<Value> {
    let avis = all(collector);
    assert_eq!(avis.len(), 1, "{avis:?}");
    let answers = &avis[0]["answers"];
    ["help_tried_other", "malfunctions_other", "comment"].map(|question| answers[question].clone()).into()
}

/// Everything that the collector has written: database, logs, and whatever it left beside them.
fn everything(collector: &TestCollector) -> Vec<u8> {
    files::below(collector.directory()).into_iter().flat_map(|(_, bytes)| bytes).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_posted_is_stored_masked_and_so_is_what_it_is_changed_to() {
    for mut collector in on_both_engines().await {
        collector.serve().await;
        let answers = json!({
            "help_tried": ["other"], "help_tried_other": WRITTEN,
            "malfunctions": ["other"], "malfunctions_other": WRITTEN,
            "comment": WRITTEN
        });

        let avis = accepted(&collector, &with_answers(&answers)).await;
        assert_eq!(texts(&collector), [KEPT; 3]);

        let change = json!({"malfunctions_other": "AB-123-CD", "comment": format!("Je répète. {WRITTEN}")});
        Answer::of(patch(&collector, &avis.id, &avis.edit_token, &change)).await.wants_status(200);
        assert_eq!(texts(&collector), [KEPT, "[immat]", &format!("Je répète. {KEPT}")]);

        collector.stop();
        let written = everything(&collector);
        for private in PRIVATE {
            assert!(!files::hold(&written, private), "{private} is on the disk");
        }
    }
}

#[tokio::test]
async fn a_replay_is_told_by_what_was_sent_and_not_by_what_is_stored() {
    let collector = TestCollector::start().await;
    let key = new_key();
    let avis = with_answers(&json!({"comment": "06 12 34 56 78"}));

    let first = Answer::of(post_with_key(&collector, &avis, &key)).await;
    let again = Answer::of(post_with_key(&collector, &avis, &key)).await;
    let other = with_answers(&json!({"comment": "06 12 34 56 79"}));
    let refused = Answer::of(post_with_key(&collector, &other, &key)).await;

    assert_eq!((first.status, again.status, &again.text), (201, 201, &first.text));
    refused.wants_problem(422, "idempotency-key-reused");
    assert_eq!(texts(&collector)[2], "[tél.]");
}

#[tokio::test]
async fn a_text_may_be_as_long_as_ever_and_is_measured_as_it_was_written() {
    let collector = TestCollector::start().await;
    let full = "a@b.fr ".repeat(714) + "a@";
    assert_eq!(full.chars().count(), 5_000);

    let avis = accepted(&collector, &with_answers(&json!({ "comment": full }))).await;
    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &json!({"ease": "4"}))).await.wants_status(200);
    assert_eq!(texts(&collector)[2], "[mail] ".repeat(714) + "a@");

    let phones = "06 12 34 56 78, ".repeat(313);
    let too_long = with_answers(&json!({ "comment": phones.trim() }));
    Answer::of(post(&collector, &too_long))
        .await
        .wants_errors("invalid-avis", &[("/answers/comment", "too_long")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_stores_texts_masked_and_shows_them_so() {
    for mut collector in on_both_engines().await {
        collector.serve().await;

        let first = Form::of(&Answer::of(collector.get("/avis/3059")).await);
        let clarity = first.with("satisfaction", "moyen").step(&collector).await;
        let help = Form::of(&clarity).step(&collector).await;
        let help = Form::of(&help).and("help_tried", "other").with("help_tried_other", WRITTEN);
        let malfunctions = help.step(&collector).await;
        let malfunctions =
            Form::of(&malfunctions).and("malfunctions", "other").with("malfunctions_other", WRITTEN);
        let form = Form::of(&malfunctions.step(&collector).await);

        let too_long = form.clone().with("comment", &format!("{WRITTEN}{}", "!".repeat(5_000)));
        let page = too_long.send(&collector).await;
        page.wants_page(422);
        assert!(Form::of(&page).values("comment").concat().starts_with(KEPT));
        assert!(PRIVATE.iter().all(|private| !page.text.contains(private)), "{page:?}");

        form.with("comment", WRITTEN).press(&collector, "finish").await.wants_status(303);
        assert_eq!(texts(&collector), [KEPT; 3]);
        // Back to an earlier screen, and on again: a change of the same.
        let shown = Form::of(&help.step(&collector).await);
        assert_eq!(shown.values("malfunctions_other"), [KEPT]);
        assert_eq!(texts(&collector), [KEPT; 3]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_comment_is_masked_before_it_is_cut() {
    let long = format!("{} 06 12 34 56 78 {}", "a".repeat(14_990), "b".repeat(20));
    for collector in on_both_engines().await {
        let lines = [
            line("2026-03-01 10:00:00", "", "a1", "Moyen,,,,,"),
            line("2026-03-02 10:00:00", "", "a2", &format!("Moyen,,,,,\"{WRITTEN}\"")),
            line("2026-03-03 10:00:00", "", "a3", &format!("Moyen,,,,,{long}")),
        ];
        let path = file(&collector, "export.csv", of_lines(&lines));

        let output = import(&collector, &[&path]);

        assert_eq!(output.code, 0, "{output:?}");
        fs::remove_file(path).unwrap();
        let avis = all(&collector);
        assert_eq!(avis[1]["answers"]["comment"], KEPT);
        assert_eq!(avis[2]["answers"]["comment"], format!("{} [tél.] bb", "a".repeat(14_990)));
        let written = everything(&collector);
        assert!(PRIVATE.iter().all(|private| !files::hold(&written, private)));
    }
}

/// How well a kind is masked.
#[derive(Clone, Copy, Default)]
struct Score {
    planted: u32,
    masked: u32,
    /// How often its word stands in what is stored.
    words: u32,
}

impl Score {
    fn recall(self) -> f64 {
        f64::from(self.masked) / f64::from(self.planted)
    }

    fn precision(self) -> f64 {
        f64::from(self.masked) / f64::from(self.words)
    }
}

/// Two thousand comments as people write them, through the import into a database and out of it by the export: shared
/// with the detectors is nothing but what people can read.
#[test]
fn of_two_thousand_comments_what_is_personal_is_masked_and_little_else() {
    let comments = Comment::some(2_000, 1);
    let collector = TestCollector::stopped(&[]);
    collector.register();
    let first = jiff::civil::date(2019, 1, 1);
    let lines: Vec<String> = (1..)
        .zip(&comments)
        .map(|(number, comment)| {
            let day = first + number.days();
            let cell = comment.text().replace('"', "\"\"");
            line(&format!("{day} 10:00:00"), "", &format!("{number:x}"), &format!("Moyen,,,,,\"{cell}\""))
        })
        .collect();
    let path = file(&collector, "export.csv", of_lines(&lines));
    assert_eq!(import(&collector, &["--filtered", &path]).code, 0);
    fs::remove_file(path).unwrap();

    let (mut scores, mut taken, mut missed) = ([Score::default(); Kind::ALL.len()], vec![], vec![]);
    let written = everything(&collector);
    assert!(files::hold(&written, "Cordialement"), "texts can be found");
    let avis = all(&collector);
    assert_eq!(avis.len(), comments.len());
    for (comment, avis) in comments.iter().zip(avis) {
        let stored = avis["answers"]["comment"].as_str().unwrap();
        let verdict = comment.judge(stored);
        for (score, kind) in scores.iter_mut().zip(Kind::ALL) {
            let of_kind = |values: &[(Kind, String)]| {
                u32::try_from(values.iter().filter(|(other, _)| *other == kind).count()).unwrap()
            };
            score.planted += of_kind(&verdict.masked) + of_kind(&verdict.missed);
            score.masked += of_kind(&verdict.masked);
            score.words += u32::try_from(stored.matches(kind.word()).count()).unwrap();
        }
        for (_, value) in &verdict.masked {
            assert!(!files::hold(&written, value), "{value} is on the disk");
        }
        missed.extend(verdict.missed);
        taken.extend(verdict.taken);
    }

    println!(
        "{:<12} {:>8} {:>8} {:>8} {:>8} {:>10}",
        "kind", "planted", "masked", "words", "recall", "precision"
    );
    for (score, kind) in scores.iter().zip(Kind::ALL) {
        let Score { planted, masked, words } = *score;
        let (recall, precision) = (score.recall(), score.precision());
        println!(
            "{:<12} {planted:>8} {masked:>8} {words:>8} {recall:>8.4} {precision:>10.4}",
            format!("{kind:?}")
        );
    }
    println!("missed: {missed:?}\ntaken: {taken:?}");
    for (score, kind) in scores.iter().zip(Kind::ALL) {
        let least = if kind.has_check_digits() { 0.99 } else { 0.95 };
        assert!(score.planted >= 100, "{kind:?}: too few to tell");
        assert!(score.recall() >= least, "{kind:?}: recall {}", score.recall());
        assert!(score.precision() >= 0.98, "{kind:?}: precision {}", score.precision());
    }
}

/// Values to be looked for, by how they begin, so that one walk through a file finds any of them.
struct Wanted(HashMap<[u8; Self::BEGINNING], Vec<String>>);

impl Wanted {
    const BEGINNING: usize = 5;

    fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut wanted: HashMap<_, Vec<String>> = HashMap::new();
        for value in values {
            let beginning = *value.as_bytes().first_chunk().unwrap();
            wanted.entry(beginning).or_default().push(value);
        }
        Self(wanted)
    }

    fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// The first of them in these bytes.
    fn find(&self, bytes: &[u8]) -> Option<&str> {
        bytes.windows(Self::BEGINNING).enumerate().find_map(|(at, beginning)| {
            let wanted = self.0.get(beginning)?;
            wanted.iter().find(|value| bytes[at..].starts_with(value.as_bytes())).map(String::as_str)
        })
    }
}

/// Sends comments by each of the ways in turn; those that a form sends last, while PostgreSQL is away. Returns what lies
/// on the disk at that moment.
async fn send_by_every_way(
    collector: &TestCollector,
    texts: &[String],
    cluster: Option<&mut Cluster>,
) -> Vec<(PathBuf, Vec<u8>)> {
    let [posted, changed, imported, written] = [0, 1, 2, 3].map(|way| texts.iter().skip(way).step_by(4));
    for text in posted {
        accepted(collector, &with_answers(&json!({ "comment": text }))).await;
    }
    for text in changed {
        let avis = accepted(collector, &least()).await;
        let change = json!({ "comment": text });
        Answer::of(patch(collector, &avis.id, &avis.edit_token, &change)).await.wants_status(200);
    }
    let lines = (1..).zip(imported).map(|(number, text): (u32, _)| {
        let cell = text.replace('"', "\"\"");
        line("2026-03-01 10:00:00", "", &format!("{number:x}"), &format!("Moyen,,,,,\"{cell}\""))
    });
    let path = file(collector, "export.csv", of_lines(&lines.collect::<Vec<_>>()));
    assert_eq!(import(collector, &["--filtered", &path]).code, 0);
    fs::remove_file(path).unwrap();

    let mut forms = vec![];
    for text in written {
        let first = Form::of(&Answer::of(collector.get("/avis/3059")).await).with("satisfaction", "moyen");
        let mut page = first.step(collector).await;
        for _ in 0..3 {
            page = Form::of(&page).step(collector).await;
        }
        forms.push(Form::of(&page).with("comment", text));
    }
    let later = if cluster.is_some() { forms.split_off(forms.len() / 2) } else { vec![] };
    for form in forms {
        form.press(collector, "finish").await.wants_status(303);
    }
    let Some(cluster) = cluster else { return vec![] };
    cluster.stop(Stop::Fast).await;
    for form in later {
        form.press(collector, "finish").await.wants_status(303);
    }
    let on_the_spool = files::below(collector.directory());
    cluster.start_again().await;
    wait::until("an empty spool", async || match collector.metric("avis_spool_depth").await {
        Some(0.0) => Ok(()),
        depth => Err(format!("{depth:?}")),
    })
    .await;
    on_the_spool
}

/// Comments with personal data of all kinds come by every way there is, while the collector logs all that it can; then
/// whatever was masked is looked for in all that it has written, and in all that it shows to operators.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_masked_is_in_database_spool_log_or_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::start_in(folder.path()).await;
    let comments = Comment::some(300, 5);
    let texts: Vec<String> = comments.iter().map(Comment::text).collect();
    let planted: Vec<&str> = comments.iter().flat_map(Comment::values).collect();
    let flags =
        ["--limits", "off", "--log", "trace", "--log-format", "json", "--metrics-listen", "127.0.0.1:0"];
    let on_postgres = TestCollector::on(&cluster.create_database().await, &flags);
    for mut collector in [TestCollector::stopped(&flags), on_postgres] {
        let engine = if collector.database().starts_with("postgres") { "PostgreSQL" } else { "SQLite" };
        let has_spool = engine == "PostgreSQL";
        collector.register();
        collector.serve().await;
        let metrics = format!("{}/metrics", collector.metrics_address().await);

        let spooled = send_by_every_way(&collector, &texts, has_spool.then_some(&mut cluster)).await;

        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let shown = client.get(&metrics).send().await.unwrap().bytes().await.unwrap().to_vec();
        let avis = all(&collector);
        let stored: Vec<&str> = avis.iter().filter_map(|avis| avis["answers"]["comment"].as_str()).collect();
        assert_eq!(stored.len(), comments.len());
        assert!(collector.logs().contains("\"TRACE\""), "it does not log all that it can");
        let is_stored = |value: &str| stored.iter().any(|text| text.contains(value));
        let masked = planted.iter().filter(|value| !is_stored(value));
        let wanted = Wanted::new(masked.map(ToString::to_string));
        assert!(wanted.len() * 100 >= planted.len() * 95, "{} of {}", wanted.len(), planted.len());
        assert_eq!(wanted.find(texts.concat().as_bytes()).map(is_stored), Some(false), "they can be found");

        let served = files::below(collector.directory());
        collector.stop();
        let stopped = files::below(collector.directory());
        let server = if has_spool { files::below(folder.path()) } else { vec![] };
        println!("{engine}: {} of {} planted values masked, looked for in", wanted.len(), planted.len());
        for (place, files) in [
            ("database, logs and spool, the database being away", spooled),
            ("database and logs, served", served),
            ("the same, stopped", stopped),
            ("the database server's own files", server),
            ("metrics", vec![(PathBuf::from("/metrics"), shown)]),
        ] {
            for (path, bytes) in &files {
                assert_eq!(wanted.find(bytes), None, "{}", path.display());
            }
            let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
            println!("  {place}: {} files, {bytes} bytes, found 0", files.len());
        }
    }
}

/// What every collector of every test is searched for, as it goes.
#[test]
#[should_panic(expected = "is in")]
fn what_a_collector_leaves_behind_is_searched() {
    let collector = TestCollector::stopped(&[]);
    fs::write(collector.directory().join("avis.db"), WRITTEN).unwrap();
}

#[tokio::test]
async fn what_has_no_such_shape_stays_as_it_was_written() {
    let collector = TestCollector::start().await;
    let comment = "Dossier 2024-004512, art. 1649 A, 12/06/2026 à 14:30, 1 234,56 €, 75011 Paris, le 3939.";

    let mut avis = least();
    avis["answers"]["comment"] = json!(comment);
    accepted(&collector, &avis).await;

    assert_eq!(texts(&collector)[2], comment);
}
