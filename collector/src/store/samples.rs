//! What tests put into a store and look for in it.

use crate::assets::{Integrity, KeptAsset};
use crate::catalogue::{Audience, Bouton, BoutonChannel, BoutonId, Demarche, DemarcheId};
use crate::day::Day;
use crate::edition::{FileDigest, Format, NewEdition};
use crate::identity::{Keyring, SecretKey};
use crate::mending::{Act as Mending, Selection};
use crate::quarantine::{Reason, Reasons};
use crate::retention::{Kept, Portion};
use crate::store::{Audited, CountedIn, OnReplay, Outcome, Period, Record, Store, Write};
use jiff::Timestamp;
use proptest::prelude::*;
use shared::draft::{AnswersPatch, ChangeDraft, Raw};
use shared::tally::Cell;
use shared::{Answers, AvisDraft, Language, Tally};
use uuid::Uuid;

pub(crate) fn keyring() -> Keyring {
    Keyring::new(vec![SecretKey { id: 1, bytes: [7; 32] }]).unwrap()
}

pub(crate) fn noon(day: &str) -> Timestamp {
    format!("{day}T11:00:00Z").parse().unwrap()
}

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(crate) fn demarche(id: &str) -> Demarche {
    Demarche {
        id: DemarcheId(id.into()),
        aliases: vec![],
        title: format!("Démarche {id}"),
        administration: "DGFIP".into(),
        ministry: None,
        audience: vec![Audience::Particuliers],
        essential: false,
        closed: false,
    }
}

pub(crate) fn bouton(id: &str, of: &str) -> Bouton {
    Bouton {
        id: BoutonId(id.into()),
        demarche: DemarcheId(of.into()),
        aliases: vec![],
        label: None,
        channel: BoutonChannel::Online,
        origins: vec![],
        closed: false,
    }
}

pub(crate) async fn with_catalogue(store: &dyn Store) {
    store.add_demarches(&[demarche("1"), demarche("2")]).await.unwrap();
    store.add_boutons(&[bouton("12", "1"), bouton("21", "2")]).await.unwrap();
}

pub(crate) fn text(value: &str) -> Raw {
    Raw::Text(value.into())
}

pub(crate) fn map(members: &[(&str, Raw)]) -> Raw {
    Raw::Map(members.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

pub(crate) fn patch(answers: &[(&str, Raw)]) -> AnswersPatch {
    ChangeDraft(map(&[("answers", map(answers))])).parse().unwrap()
}

pub(crate) fn record(key: u128, at: Timestamp, answers: &[(&str, Raw)]) -> Record {
    let key = Uuid::from_u128(key);
    let avis = AvisDraft(map(&[
        ("demarche", text("1")),
        ("page", text("https://a.fr/fin")),
        ("answers", map(answers)),
    ]))
    .parse()
    .unwrap();
    let today = Day::of(at);
    Record {
        avis_id: keyring().identity(today, key).avis_id,
        remember: true,
        former_keys: vec![],
        fingerprint: [1; 16],
        on_replay: OnReplay::Exact,
        closed: false,
        accepted_at: at,
        demarche: DemarcheId("1".into()),
        bouton: Some(BoutonId("12".into())),
        language: Some(Language::Fr),
        page: avis.page,
        answers: avis.answers,
        set_aside: Reasons::NONE,
    }
}

pub(crate) fn smile(choice: &str) -> Vec<(&'static str, Raw)> {
    vec![("satisfaction", text(choice))]
}

pub(crate) fn write(record: &Record) -> Write {
    Write::Record(Box::new(record.clone()))
}

pub(crate) async fn one(store: &dyn Store, write: Write) -> Outcome {
    store.commit(&[write]).await.unwrap().remove(0)
}

/// Every décompte is what the avis add up to, by day and by month; returns those by day.
pub(crate) async fn assert_recount(store: &dyn Store) -> Vec<Audited> {
    let mut by_day = Vec::new();
    for span in store.spans().await.unwrap() {
        let audit = store.audit(span).await.unwrap();
        for one in &audit {
            assert_eq!(one.stored, one.counted, "{one:?}");
        }
        if matches!(span, CountedIn::Day(_)) {
            by_day.extend(audit);
        }
    }
    by_day
}

/// Decimal places of satisfaction over a period, for démarche 1.
pub(crate) async fn smiles(store: &dyn Store, from: &str, to: &str) -> [i64; 3] {
    let tallies = store.tallies(Period { from: day(from), to: day(to) }).await.unwrap();
    let tally = tallies.into_iter().find(|(id, _)| id.0 == "1").map_or(Tally::default(), |(_, tally)| tally);
    let answers = [
        shared::questionnaire::Satisfaction::PasBien,
        shared::questionnaire::Satisfaction::Moyen,
        shared::questionnaire::Satisfaction::TresBien,
    ];
    answers.map(|choice| tally[Cell::Satisfaction(choice)])
}

/// The first portion of all from before a day.
pub(crate) async fn purge_before(store: &dyn Store, kept: Kept, before: Day, today: Day) -> Portion {
    store.purge_some(kept, Period::ALL.from..before, today).await.unwrap()
}

/// The reasons of these, in any order.
pub(crate) fn aside(reasons: &[Reason]) -> Reasons {
    reasons.iter().copied().collect()
}

pub(crate) async fn mend_all(store: &dyn Store, act: &Mending, selection: &Selection) -> u64 {
    let mut done = 0;
    loop {
        match store.mend(act, selection, noon("2026-12-02")).await.unwrap() {
            0 => return done,
            some => done += some,
        }
    }
}

/// How many avis of démarche 1 are in quarantine.
pub(crate) async fn quarantined(store: &dyn Store) -> i64 {
    let tallies = store.tallies(Period::ALL).await.unwrap();
    tallies.into_iter().find(|(id, _)| id.0 == "1").map_or(0, |(_, tally)| tally[Cell::Quarantined])
}

/// An edition of these bytes, whatever they are.
pub(crate) fn edition(quarter: &str, json: &[u8]) -> NewEdition {
    let table: Vec<u8> = (0..=255).collect();
    let files = [(Format::Json, json.to_vec()), (Format::Csv, table), (Format::Xlsx, vec![0; 300_000])];
    NewEdition {
        quarter: quarter.parse().unwrap(),
        frozen_at: noon("2026-10-05"),
        formula: "avis-0-5-10/1".to_owned(),
        files: files.map(|(format, content)| (format, FileDigest::of(&content), content)).into(),
    }
}

/// A file of these bytes, with its brotli.
pub(crate) fn asset(name: &str, bytes: &[u8]) -> (KeptAsset, Vec<u8>) {
    let asset = KeptAsset {
        name: name.to_owned(),
        media_type: "text/javascript; charset=utf-8".to_owned(),
        integrity: Integrity::of(bytes),
        size: bytes.len() as u64,
        first_served: day("2026-11-22"),
        revoked: false,
    };
    (asset, crate::assets::brotli(bytes, 1))
}

pub(crate) fn any_answers() -> impl Strategy<Value = Answers> {
    use shared::questionnaire::{
        Channel, Choice, Help, Malfunction, Quality, Reached, Satisfaction, Scale, Set,
    };
    let option = |count: usize| prop::option::of(0..count);
    let channels = || prop::collection::vec(option(5), 4);
    (0_usize..3, option(5), option(5), 0_u16..512, channels(), 0_u16..512, prop::option::of("[a-zé ]{1,9}"))
        .prop_map(|(satisfaction, clarity, ease, help, quality, malfunctions, text)| {
            let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
            let mut answers = Answers {
                satisfaction: Some(Satisfaction::ALL[satisfaction]),
                clarity: clarity.map(|index| Scale::ALL[index]),
                ease: ease.map(|index| Scale::ALL[index]),
                help_tried: Set::<Help>::from_bits(help).unwrap(),
                malfunctions: Set::<Malfunction>::from_bits(malfunctions).unwrap(),
                help_tried_other: text.clone(),
                malfunctions_other: text.clone(),
                comment: text,
                ..Answers::default()
            };
            for (channel, quality) in Channel::ALL.iter().zip(quality) {
                answers.help_reached.set(*channel, quality.map(|index| Reached::ALL[index % 2]));
                answers.help_quality.set(*channel, quality.map(|index| Quality::ALL[index]));
            }
            answers.prune();
            answers
        })
}
