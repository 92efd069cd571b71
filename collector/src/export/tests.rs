use super::*;
use crate::catalogue::{Bouton, BoutonId};
use crate::identity::AvisKey;
use crate::quarantine::Reasons;
use crate::spreadsheet::Dialect;
use crate::store::samples::{bouton, day, demarche};
use futures_util::{StreamExt, stream};
use shared::answers::PerChannel;
use shared::draft::{AnswersPatch, ChangeDraft, Raw};
use shared::questionnaire::{Channel, Help, Malfunction, Quality, Reached, Satisfaction, Scale};
use shared::{Answers, Language, Tally};
use std::sync::{Arc, Mutex};

/// An output that others look into, and that takes so many bytes at most.
#[derive(Clone)]
struct Shared {
    bytes: Arc<Mutex<Vec<u8>>>,
    room: usize,
}

impl Shared {
    fn new(room: usize) -> Self {
        Self { bytes: Arc::default(), room }
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.bytes.lock().unwrap();
        if all.len() + bytes.len() > self.room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn avis(number: u64, answers: Answers) -> Avis {
    Avis {
        id: AvisKey::imported("test", "1", number).on(day("2026-11-22")),
        demarche: DemarcheId("1".into()),
        bouton: Some(BoutonId("12".into())),
        day: day("2026-11-22"),
        language: Some(Language::Fr),
        page: Some(("https://a.fr".into(), "/fin".into())),
        tally: Tally::of(&answers),
        set_aside: Reasons::NONE,
        answers,
    }
}

fn given() -> Vec<Avis> {
    let least = Answers { satisfaction: Some(Satisfaction::Moyen), ..Answers::default() };
    let mut all = Answers {
        satisfaction: Some(Satisfaction::TresBien),
        clarity: Some(Scale::Five),
        ease: Some(Scale::Four),
        help_tried: [Help::Guichet, Help::Chat, Help::Other].into_iter().collect(),
        help_tried_other: Some("+33".into()),
        help_reached: PerChannel::default(),
        help_quality: PerChannel::default(),
        malfunctions: [Malfunction::Slow, Malfunction::Other].into_iter().collect(),
        malfunctions_other: Some("Lent".into()),
        comment: Some("=1+1\n\"vite\"; bien, merci".into()),
    };
    all.help_reached.set(Channel::Guichet, Some(Reached::Oui));
    all.help_reached.set(Channel::Chat, Some(Reached::Non));
    all.help_quality.set(Channel::Guichet, Some(Quality::Bonne));
    let bare = Avis { bouton: None, language: None, page: None, ..avis(2, least) };
    vec![avis(1, all), bare]
}

fn catalogue() -> Catalogue {
    let bouton = Bouton { label: Some("@ fin".into()), ..bouton("12", "1") };
    Catalogue::new(vec![demarche("1")], vec![bouton], vec![])
}

async fn exported(
    portions: Vec<Result<Vec<Avis>, StoreError>>,
    format: Format,
    output: Shared,
) -> Result<u64, ExportError> {
    let portions = stream::iter(portions).boxed();
    export(portions, &DemarcheId("1".into()), &catalogue(), format, output, |_| {}).await
}

#[tokio::test]
async fn a_table_has_a_column_for_each_answer_and_no_formula() {
    let output = Shared::new(usize::MAX);
    let written = exported(vec![Ok(given())], Format::Csv(Dialect::Standard), output.clone()).await.unwrap();
    assert_eq!(written, 2);
    let ids = given().iter().map(|avis| avis.id.to_string()).collect::<Vec<_>>();
    assert_eq!(
        output.text(),
        format!(
            "id,demarche,day,bouton,bouton_label,channel,lang,origin,path,satisfaction,clarity,ease,help_tried,\
             help_tried_other,help_reached.guichet,help_reached.telephone,help_reached.email,help_reached.chat,\
             help_quality.guichet,help_quality.telephone,help_quality.email,help_quality.chat,malfunctions,\
             malfunctions_other,comment\r\n\
             {},1,2026-11-22,12,'@ fin,online,fr,https://a.fr,/fin,tres_bien,5,4,guichet;chat;other,'+33,oui,,,non,\
             bonne,,,,slow;other,Lent,\"'=1+1\n\"\"vite\"\"; bien, merci\"\r\n\
             {},1,2026-11-22,,,,,,,moyen,,,,,,,,,,,,,,,\r\n",
            ids[0], ids[1]
        )
    );
}

#[tokio::test]
async fn the_twin_for_french_spreadsheets_says_the_same() {
    let output = Shared::new(usize::MAX);
    exported(vec![Ok(given())], Format::Csv(Dialect::FrenchSpreadsheet), output.clone()).await.unwrap();
    let text = output.text();
    assert!(text.starts_with("\u{feff}id;demarche;"), "{text}");
    assert!(text.contains(";\"guichet;chat;other\";'+33;oui;;;non;"), "{text}");
    assert!(text.ends_with(";moyen;;;;;;;;;;;;;;;\r\n"), "{text}");
}

#[tokio::test]
async fn answers_in_json_are_what_the_api_takes() {
    let output = Shared::new(usize::MAX);
    exported(vec![Ok(given())], Format::Jsonl, output.clone()).await.unwrap();
    let text = output.text();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    for (line, avis) in lines.iter().zip(given()) {
        assert_eq!(line["id"], avis.id.to_string());
        let answers: Raw = serde_json::from_value(line["answers"].clone()).unwrap();
        let patch = ChangeDraft(Raw::Map(vec![("answers".into(), answers)])).parse().unwrap();
        assert_eq!(patch, AnswersPatch::between(&Answers::default(), &avis.answers));
    }
    assert_eq!(lines[0]["page"], "https://a.fr/fin");
    assert_eq!((&lines[0]["bouton_label"], &lines[0]["channel"]), (&"@ fin".into(), &"online".into()));
    assert!(lines[1]["bouton"].is_null() && lines[1]["page"].is_null() && lines[1]["lang"].is_null());
}

#[tokio::test]
async fn an_export_of_nothing_has_its_header() {
    let output = Shared::new(usize::MAX);
    assert_eq!(exported(vec![], Format::Csv(Dialect::Standard), output.clone()).await.unwrap(), 0);
    assert!(output.text().starts_with("id,") && output.text().ends_with(",comment\r\n"));
}

#[tokio::test]
async fn what_is_cut_ends_within_a_record() {
    let lost = || Err(StoreError::message("the database is gone"));
    for format in [Format::Csv(Dialect::Standard), Format::Jsonl] {
        let whole = Shared::new(usize::MAX);
        exported(vec![Ok(given())], format, whole.clone()).await.unwrap();
        for before in [vec![], vec![Ok(given())], vec![Ok(given()), Ok(given())]] {
            let output = Shared::new(usize::MAX);
            let count = before.len();
            let portions = before.into_iter().chain([lost()]).collect();
            let Err(error) = exported(portions, format, output.clone()).await else { panic!("no error") };
            assert!(matches!(error, ExportError::Store(_)));
            let text = output.text();
            assert!(!text.ends_with('\n'), "{text}");
            assert!(count > 0 || whole.text().starts_with(&text), "{text}");
        }
        let output = Shared::new(whole.text().len() - 10);
        let Err(error) = exported(vec![Ok(given())], format, output.clone()).await else {
            panic!("no error")
        };
        assert!(matches!(error, ExportError::Output(_)), "{error}");
        assert!(!output.text().ends_with('\n') && whole.text().starts_with(&output.text()));
    }
}
