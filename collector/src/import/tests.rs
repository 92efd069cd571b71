use super::*;
use crate::mending::Selection;
use crate::store::samples::{any_answers, assert_recount, bouton, day, demarche, noon};
use crate::store::sqlite::SqliteStore;
use crate::store::{Avis, Missing, Period};
use futures_util::TryStreamExt;
use labels::Labelled;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use shared::questionnaire::{Choice, Question, Ticked};
use std::collections::BTreeMap;

const DATE: &str = "2026-09-30 21:59:59";

/// A file of the export's columns.
fn file<C: AsRef<[u8]>>(lines: impl IntoIterator<Item = [C; 11]>) -> String {
    let mut writer = csv::Writer::from_writer(vec![]);
    writer.write_record(Column::ALL.map(Column::heading)).unwrap();
    for line in lines {
        writer.write_record(line).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// A line of the first avis with these answers: satisfaction, clarity, help tried, reached, quality, comment.
fn line(answers: [&str; 6]) -> [&str; 11] {
    let [satisfaction, clarity, tried, reached, quality, comment] = answers;
    [DATE, "Formulaire", "", "a1", satisfaction, clarity, tried, reached, quality, comment, "a@b.fr"]
}

/// A line with this date, bouton and number.
fn named<'a>(date: &'a str, bouton: &'a str, number: &'a str) -> [&'a str; 11] {
    [date, "Formulaire", bouton, number, "Moyen", "", "", "", "", "", ""]
}

fn checked(text: impl AsRef<[u8]>, filtered: bool, report: &mut Report) -> Result<Sound, ImportError> {
    let demarches = vec![demarche("1"), demarche("2")];
    let labelled = |id: &str, of: &str, label: &str| Bouton { label: Some(label.into()), ..bouton(id, of) };
    let boutons = vec![labelled("12", "1", "Page d’accueil"), labelled("21", "2", "Ailleurs")];
    let catalogue = Catalogue::new(demarches, boutons, vec![]);
    let demarche = &DemarcheId("1".into());
    let plan = Plan { demarche, catalogue: &catalogue, filtered, now: noon("2026-11-22") };
    check(text.as_ref(), &plan, report, |_| {})
}

type Notes = Vec<(Reason, &'static str, Vec<u64>)>;

/// What a file comes to: its avis, and what was noted.
fn read(text: &str) -> (Vec<Checked>, Notes) {
    let mut report = Report::default();
    let sound = checked(text, true, &mut report).unwrap();
    let notes = report.notes().iter();
    let notes = notes.map(|(note, noted)| (note.reason, note.column.code(), noted.first.clone())).collect();
    (sound.avis.map(Result::unwrap).collect(), notes)
}

fn answers_of(avis: &Checked) -> Answers {
    Answers { comment: avis.comment.clone(), ..avis.coded.answers().unwrap() }
}

/// The answers of one line as JSON, and what was noted about it.
fn one(answers: [&str; 6]) -> (String, Vec<(Reason, &'static str)>) {
    let (avis, notes) = read(&file([line(answers)]));
    let json = avis.first().map(|avis| {
        AnswersPatch::between(&Answers::default(), &answers_of(avis)).to_json().replace('"', "'")
    });
    (json.unwrap_or_default(), notes.into_iter().map(|(reason, column, _)| (reason, column)).collect())
}

#[test]
fn every_kind_of_answer_is_read() {
    let (answers, notes) = one([
        "Très bien",
        "4",
        "Autres, précisez / Par téléphone avec l’administration / Au guichet avec l'administration",
        "Par téléphone avec l'administration : Non / Au guichet avec l’administration\u{a0}: Oui",
        "Au guichet avec l'administration : Ni bonne, ni mauvaise",
        " Merci / bien :\r\nvite ",
    ]);
    assert_eq!(
        answers,
        "{'satisfaction':'tres_bien','clarity':'4','help_tried':['guichet','telephone','other'],\
         'help_reached':{'guichet':'oui','telephone':'non'},'help_quality':{'guichet':'moyenne'},\
         'comment':'Merci / bien :\\nvite'}"
    );
    assert_eq!(notes, []);
    assert_eq!(one(["Moyen", "", "", "", "", ""]), ("{'satisfaction':'moyen'}".to_owned(), vec![]));
}

#[test]
fn what_is_no_answer_is_left_out_and_told() {
    let guichet = "Au guichet avec l'administration";
    let tried = |reached: &str, quality: &str| {
        one(["Moyen", "", guichet, &format!("{guichet} : {reached}"), &format!("{guichet} : {quality}"), ""])
    };
    let moyen = "{'satisfaction':'moyen'}".to_owned();
    let with = |more: &str| format!("{{'satisfaction':'moyen',{more}}}");
    assert_eq!(
        one(["Moyen", "Ne se prononce pas", "", "", "", ""]),
        (moyen.clone(), vec![(Reason::NoOpinion, "clarity")])
    );
    assert_eq!(
        one(["Moyen", "Très clair", "", "", "", ""]),
        (moyen.clone(), vec![(Reason::OtherQuestion, "clarity")])
    );
    assert_eq!(
        one(["Moyen / Moyen", "3 / 3", "Une association / Une association", "", "", ""]),
        (
            with("'clarity':'3','help_tried':['association']"),
            vec![
                (Reason::SameTwice, "satisfaction"),
                (Reason::SameTwice, "clarity"),
                (Reason::SameTwice, "help_tried")
            ]
        )
    );
    assert_eq!(
        tried("Non", "Bonne"),
        (
            with("'help_tried':['guichet'],'help_reached':{'guichet':'non'}"),
            vec![(Reason::NotReached, "help_quality")]
        )
    );
    assert_eq!(
        tried("Oui", "Ne se prononce pas"),
        (
            with("'help_tried':['guichet'],'help_reached':{'guichet':'oui'}"),
            vec![(Reason::NoOpinion, "help_quality")]
        )
    );
    assert_eq!(
        one(["Moyen", "", "", &format!("{guichet} : Oui"), &format!("{guichet} : Bonne"), ""]),
        (moyen, vec![(Reason::NotTried, "help_reached"), (Reason::NotReached, "help_quality")])
    );
}

#[test]
fn a_line_that_contradicts_itself_or_says_what_nobody_can_choose_is_refused() {
    let telephone = "Par téléphone avec l'administration";
    let conflicting = format!("{telephone} : Oui / {telephone} : Non");
    for (answers, reason, column) in [
        (["", "3", "", "", "", ""], Reason::Unanswered, "satisfaction"),
        (["Ne se prononce pas", "", "", "", "", ""], Reason::Unanswered, "satisfaction"),
        (["Génial", "", "", "", "", ""], Reason::UnknownChoice, "satisfaction"),
        (["Moyen / Pas bien", "", "", "", "", ""], Reason::TwoChoices, "satisfaction"),
        (["Moyen", "6", "", "", "", ""], Reason::UnknownChoice, "clarity"),
        (["Moyen", "1 / 5", "", "", "", ""], Reason::TwoChoices, "clarity"),
        (["Moyen", "", "Un voisin", "", "", ""], Reason::UnknownChoice, "help_tried"),
        (
            ["Moyen", "", "Une association / Je n'ai pas eu besoin d'aide", "", "", ""],
            Reason::ExclusiveChoice,
            "help_tried",
        ),
        (["Moyen", "", telephone, "Oui", "", ""], Reason::UnknownChoice, "help_reached"),
        (["Moyen", "", telephone, "Une association : Oui", "", ""], Reason::UnknownChoice, "help_reached"),
        (["Moyen", "", telephone, &conflicting, "", ""], Reason::TwoChoices, "help_reached"),
    ] {
        let (_, notes) = one(answers);
        assert!(
            notes.contains(&(reason, column)) && notes.iter().any(|(reason, _)| reason.is_of_line()),
            "{answers:?}: {notes:?}"
        );
        assert_eq!(read(&file([line(answers)])).0, []);
    }
}

#[test]
fn a_comment_is_whole_up_to_15_000_characters() {
    let whole = "é".repeat(COMMENT_MAX);
    let (avis, notes) = read(&file([line(["Moyen", "", "", "", "", &whole])]));
    assert_eq!((avis[0].comment.as_deref(), notes), (Some(&*whole), vec![]));
    let (avis, notes) = read(&file([line(["Moyen", "", "", "", "", &format!("{whole}!")])]));
    assert_eq!(
        (avis[0].comment.as_deref(), notes),
        (Some(&*whole), vec![(Reason::TooLong, "comment", vec![2])])
    );
}

#[test]
fn days_are_those_of_paris() {
    let of = |date: &str| {
        let (avis, notes) = read(&file([named(date, "", "a1")]));
        avis.first().map(|avis| avis.day).ok_or_else(|| notes[0].0)
    };
    assert_eq!(of("2026-09-30 21:59:59"), Ok(20_260_930));
    assert_eq!(of("2026-09-30 22:00:00"), Ok(20_261_001));
    assert_eq!(of("2025-12-31 23:00:00"), Ok(20_260_101));
    assert_eq!(of("1899-12-31 00:00:00"), Err(Reason::OutOfTime));
    assert_eq!(of("2026-11-22 11:00:01"), Err(Reason::OutOfTime));
    for wrong in [
        "",
        "2026-09-30",
        "2026-09-30T21:59:59",
        "30/09/2026 21:59:59",
        "2026-02-30 00:00:00",
        "2026-09-30 24:00:00",
    ] {
        assert_eq!(of(wrong), Err(Reason::NoDate), "{wrong}");
    }
}

#[test]
fn a_number_counts_once_however_it_is_written() {
    let lines = [
        named(DATE, "", "00000a1"),
        named(DATE, "", "A1"),
        named("2026-01-01 00:00:00", "", "a1"),
        named(DATE, "", ""),
        named(DATE, "", "+a1"),
        named(DATE, "", "12345678901234567"),
        named(DATE, "", "ffffffffffffffff"),
    ];
    let (avis, notes) = read(&file(lines));
    assert_eq!(avis.iter().map(|avis| avis.number).collect::<Vec<_>>(), [0xa1, u64::MAX]);
    assert_eq!(notes, [(Reason::SeenBefore, "id", vec![3, 4]), (Reason::NoId, "id", vec![5, 6, 7])]);
}

#[test]
fn a_bouton_is_found_by_its_label_within_the_demarche_or_made_once() {
    let lines = [
        named(DATE, "Page d'accueil", "1"),
        named(DATE, " Fin  de parcours", "2"),
        named(DATE, "Fin de parcours", "3"),
        named(DATE, "Ailleurs", "4"),
        named(DATE, " ", "5"),
    ];
    let sound = checked(file(lines), true, &mut Report::default()).unwrap();
    let new: Vec<_> = sound.new_boutons().iter().map(|one| one.label.as_deref().unwrap()).collect();
    assert_eq!(new, ["Fin de parcours", "Ailleurs"]);
    assert!(sound.new_boutons().iter().all(|one| one.id.0.parse::<u64>().is_err() && one.demarche.0 == "1"));
    let ids: Vec<_> = sound.boutons.iter().map(|id| id.0.as_str()).collect();
    assert_eq!(ids[0], "12");
    let places: Vec<_> = sound.avis.map(|avis| avis.unwrap().bouton).collect();
    assert_eq!(places, [Some(0), Some(1), Some(1), Some(2), None]);
}

/// Why a file is not imported.
fn refusal(text: impl AsRef<[u8]>) -> String {
    checked(text, true, &mut Report::default()).err().expect("a refusal").to_string()
}

#[test]
fn another_header_is_refused_with_its_first_difference() {
    let header = file([] as [[&str; 11]; 0]);
    let nothing = "; nothing was changed";
    assert_eq!(
        refusal(header.replace("Nom du formulaire", "Formulaire")),
        format!("column 2 of its header is «Formulaire» and should be «Nom du formulaire»{nothing}")
    );
    assert_eq!(
        refusal(header.replace(",Adresse mail", "")),
        format!("column 11 of its header is missing: «Adresse mail»{nothing}")
    );
    assert_eq!(
        refusal(header.replace("Adresse mail", "Adresse mail,Âge")),
        format!("column 12 of its header is «Âge» and should not be there{nothing}")
    );
    assert!(refusal("").starts_with("column 1 of its header is missing"));
    let straight = header.replace('’', "'").replace('\u{a0}', "  ");
    for same in [header.clone(), straight, format!("\u{feff}{header}"), header.replace('\n', "\r\n")] {
        assert!(checked(same, false, &mut Report::default()).is_ok());
    }
    let quoted = Column::ALL.map(|column| format!("\"{}\"", column.heading())).join(",");
    assert!(checked(format!("\u{feff}{quoted}\n"), false, &mut Report::default()).is_ok());
}

#[test]
fn a_damaged_file_is_refused_and_none_of_its_words_is_told() {
    let sound = file([named(DATE, "un \"deux\"", "1"), line(["Moyen", "", "", "", "", "Un,\ndeux"])]);
    assert!(checked(&sound, true, &mut Report::default()).is_ok());
    for (what, with, line, said) in [
        ("un \"\"deux\"\"", "un \"deux\"\"", 2, "a quote stands where none may"),
        ("Formulaire,,a1", "Form\"ulaire,,a1", 3, "a quote stands where none may"),
        ("\ndeux\",a@b.fr\n", "\ndeux,a@b.fr\n", 3, "a quote is opened and never closed"),
        ("\ndeux\",a@b.fr\n", "\ndeux\"", 3, "it has 10 cells instead of 11"),
        ("Formulaire,,a1", "Formulaire,,a1,", 3, "it has 12 cells instead of 11"),
    ] {
        assert!(sound.contains(what), "{what}");
        let damaged = sound.replace(what, with);
        for file in [damaged.replace('\n', "\r\n"), damaged] {
            assert_eq!(refusal(file), format!("line {line}: {said}; nothing was changed"));
        }
    }
    let mut bytes = sound.into_bytes();
    let place = bytes.windows(4).position(|four| four == b"deux").unwrap();
    bytes[place] = 0xe9;
    assert_eq!(refusal(bytes), "line 2: it is not UTF-8; nothing was changed");
}

#[test]
fn lines_are_numbered_alike_however_they_end() {
    let bad = file([named("hier", "", "1"), line(["", "", "", "", "", "Un,\ndeux"]), named(DATE, "", "x")]);
    for file in [bad.replace('\n', "\r\n"), bad.replace('\n', "\r\r\n"), bad] {
        let mut at: Vec<u64> = read(&file).1.into_iter().flat_map(|(_, _, lines)| lines).collect();
        at.sort_unstable();
        assert_eq!(at, [2, 3, 5], "{file:?}");
    }
}

#[test]
fn a_file_whose_cells_are_parted_otherwise_is_told_from_a_damaged_one() {
    let sound = file([named(DATE, "un \"deux\"", "1")]);
    for (other, name) in [(';', "semicolons"), ('\t', "tabs")] {
        let header = Column::ALL.map(|column| format!("\"{}\"", column.heading())).join(&other.to_string());
        for header in [header.clone(), header.replace('"', "")] {
            assert_eq!(
                refusal(format!("\u{feff}{header}\r\n{}", sound.replace(',', &other.to_string()))),
                format!(
                    "its cells are parted by {name}, as a spreadsheet saves them, and not by commas: import the export \
                     as it was downloaded; nothing was changed"
                )
            );
        }
    }
}

#[test]
fn a_quote_that_is_never_closed_does_not_take_the_rest_of_the_file_into_memory() {
    let endless = file([line(["Moyen", "", "", "", "", "Un\n"])]).replace("Un\n\"", &"Un\n".repeat(1 << 19));
    assert_eq!(
        refusal(endless),
        "line 2: a cell is larger than 1 MiB; is its quote not closed?; nothing was changed"
    );
}

#[test]
fn a_file_of_comments_alone_is_refused_unless_that_is_meant() {
    let commented = file([line(["Moyen", "", "", "", "", "Bien"]), line(["Rien", "", "", "", "", "Non"])]);
    let error = checked(&commented, false, &mut Report::default()).err().unwrap();
    assert!(matches!(error, ImportError::Filtered(1)));
    assert!(checked(&commented, true, &mut Report::default()).is_ok());
    let second = |answers| {
        let mut second = line(answers);
        second[3] = "a2";
        second
    };
    // A line that is not taken says nothing about the others.
    let stray = file([line(["Moyen", "", "", "", "", "Bien"]), second(["Rien", "", "", "", "", ""])]);
    assert!(matches!(checked(stray, false, &mut Report::default()).err(), Some(ImportError::Filtered(1))));
    let mixed = file([line(["Moyen", "", "", "", "", "Bien"]), second(["Moyen", "", "", "", "", " "])]);
    assert!(checked(mixed, false, &mut Report::default()).is_ok());
    assert!(checked(file([] as [[&str; 11]; 0]), false, &mut Report::default()).is_ok());
}

/// A line as today's service exports an avis.
fn exported(number: u64, answers: &Answers) -> [String; 11] {
    fn label(choice: Option<impl Labelled>) -> String {
        choice.map_or(String::new(), |choice| choice.label().to_owned())
    }
    fn joined(labels: impl Iterator<Item = String>) -> String {
        // In no order that anybody could rely on.
        labels.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" / ")
    }
    fn per_channel(answers: impl Iterator<Item = (shared::questionnaire::Channel, impl Labelled)>) -> String {
        joined(answers.map(|(channel, choice)| format!("{} : {}", channel.label(), choice.label())))
    }
    let straight = |text: String| if number.is_multiple_of(2) { text.replace('’', "'") } else { text };
    [
        format!("2025-{:02}-{:02} {:02}:00:00", number % 12 + 1, number * 5 % 28 + 1, number % 24),
        "Formulaire".to_owned(),
        ["", "Fin", "Page d'accueil"][usize::try_from(number % 3).unwrap()].to_owned(),
        format!("{number:07x}"),
        label(answers.satisfaction),
        label(answers.clarity),
        straight(joined(answers.help_tried.iter().map(|tick| tick.label().to_owned()))),
        straight(per_channel(answers.help_reached.iter())),
        straight(per_channel(answers.help_quality.iter())),
        answers.comment.clone().unwrap_or_default(),
        "quelqu.un@example.fr".to_owned(),
    ]
}

/// Answers that the export knows.
fn any_exported() -> impl Strategy<Value = Answers> {
    let text = "[a-zé,;/:\"’= \n\u{a0}]{0,30}".prop_map(|text| shared::draft::clean(&text));
    (any_answers(), text).prop_map(|(mut answers, comment)| {
        answers.comment = (!comment.is_empty()).then_some(comment);
        if answers.help_tried.contradicts_itself() {
            answers.help_tried.remove(shared::questionnaire::Help::NONE);
        }
        for question in
            [Question::Ease, Question::HelpTriedOther, Question::Malfunctions, Question::MalfunctionsOther]
        {
            answers.copy_from(question, &Answers::default());
        }
        answers
    })
}

async fn new_store() -> (SqliteStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", folder.path().join("avis.db").display());
    let store = SqliteStore::open(&address, Missing::Create).await.unwrap();
    store.add_demarches(&[demarche("1"), demarche("2")]).await.unwrap();
    (store, folder)
}

async fn import(store: &SqliteStore, of: &str, text: &str, report: &mut Report) -> u64 {
    let catalogue = store.catalogue().await.unwrap();
    let demarche = &DemarcheId(of.into());
    let plan = Plan { demarche, catalogue: &catalogue, filtered: true, now: noon("2026-11-22") };
    let rehearsed = check(text.as_bytes(), &plan, &mut Report::default(), |_| {}).unwrap();
    let rehearsed = rehearse(store, rehearsed, &mut Report::default(), |_| {}).await.unwrap();
    let sound = check(text.as_bytes(), &plan, report, |_| {}).unwrap();
    let imported = write(store, sound, report, |_| {}).await.unwrap();
    assert_eq!(rehearsed, imported, "the rehearsal tells what happens");
    imported
}

async fn all(store: &SqliteStore, of: &str) -> Vec<Avis> {
    let id = DemarcheId(of.into());
    store.selected(&Selection::counted(&id, Period::ALL)).try_concat().await.unwrap()
}

#[tokio::test]
async fn random_avis_come_back_equal_from_their_export_and_are_counted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let given = proptest::collection::vec(any_exported(), 60..70).new_tree(&mut runner).unwrap().current();
    let lines: Vec<[String; 11]> =
        (0..).zip(&given).map(|(number, answers)| exported(number, answers)).collect();
    let (store, _folder) = new_store().await;
    let mut report = Report::default();

    assert_eq!(import(&store, "1", &file(lines.clone()), &mut report).await, given.len() as u64);

    assert!(report.notes().is_empty(), "{:?}", report.notes());
    let catalogue = store.catalogue().await.unwrap();
    let label = |avis: &Avis| {
        let bouton = avis.bouton.as_ref().and_then(|id| catalogue.bouton_by_id(&id.0));
        bouton.and_then(|bouton| bouton.label.clone()).unwrap_or_default()
    };
    let mut there: BTreeMap<_, _> =
        all(&store, "1").await.into_iter().map(|avis| (avis.id, (label(&avis), avis))).collect();
    for ((number, answers), line) in (0..).zip(&given).zip(&lines) {
        let at: Timestamp = format!("{}Z", line[0].replace(' ', "T")).parse().unwrap();
        let id = AvisKey::imported(SERVICE, "1", number).on(Day::of(at));
        let (label, avis) = there.remove(&id).expect("the avis of the line");
        assert_eq!((&avis.answers, &label), (answers, &line[2]));
        assert_eq!((avis.day, avis.language, avis.page), (Day::of(at), None, None));
    }
    assert!(there.is_empty());
    assert_recount(&store).await;
}

#[tokio::test]
async fn an_import_that_is_run_again_finds_everything_there_in_whatever_order() {
    let mut lines: Vec<[String; 11]> = (0..30)
        .map(|number| {
            let satisfaction = shared::questionnaire::Satisfaction::ALL[usize::try_from(number % 3).unwrap()];
            exported(number, &Answers { satisfaction: Some(satisfaction), ..Answers::default() })
        })
        .collect();
    let (store, _folder) = new_store().await;
    // Cut short the first time.
    assert_eq!(import(&store, "1", &file(lines[..11].to_vec()), &mut Report::default()).await, 11);
    let mut report = Report::default();
    assert_eq!(import(&store, "1", &file(lines.clone()), &mut report).await, 19);
    assert_eq!((report.seen_before(), report.refused()), (11, 0));
    let first = all(&store, "1").await;
    let boutons = store.catalogue().await.unwrap().boutons().to_vec();
    lines.reverse();
    assert_eq!(import(&store, "1", &file(lines.clone()), &mut Report::default()).await, 0);
    assert_eq!(all(&store, "1").await, first);
    assert_eq!(store.catalogue().await.unwrap().boutons(), boutons);
    // The same numbers about another démarche are others.
    assert_eq!(import(&store, "2", &file(lines), &mut Report::default()).await, 30);
    assert_eq!((all(&store, "1").await.len(), all(&store, "2").await.len()), (30, 30));
    assert_recount(&store).await;
    assert_eq!(all(&store, "1").await[0].day, day("2025-01-01"));
}

#[test]
fn a_report_tells_lines_and_reasons_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.csv");
    let mut report = Report::into_file(&path).unwrap();
    let lines = [line(["Secret", "", "", "", "", "Secret"]), line(["Moyen", "Secret", "", "", "", ""])];
    checked(file(lines), false, &mut report).unwrap();
    report.finish().unwrap();
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        "line,column,reason,taken\n2,satisfaction,unknown_choice,no\n3,clarity,other_question,in_part\n"
    );
}
