use super::*;
use crate::identity::SecretKey;
use crate::satisfaction::{Document, Figures, Standing};
use crate::store::sqlite::SqliteStore;
use crate::store::{Missing, Period};
use shared::Tally;
use shared::tally::Cell;
use std::collections::HashMap;

const PLAN: Plan = Plan { demarches: 40, avis: 4_000, seed: 1, until: Day::constant(2026, 11, 21) };

fn keyring(byte: u8) -> Keyring {
    Keyring::new(vec![SecretKey { id: 1, bytes: [byte; 32] }]).unwrap()
}

/// The averages of a database that was filled under this secret, as published.
async fn averages(plan: Plan, secret: u8) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", folder.path().join("avis.db").display());
    let store = SqliteStore::open(&address, Missing::Create).await.unwrap();
    fill(&store, Arc::new(Demo::new(&plan)), keyring(secret), |_| {}).await.unwrap();
    let period = Period { from: Day::constant(2025, 11, 1), to: plan.until };
    let mut tallies: HashMap<DemarcheId, Tally> = store.tallies(period).await.unwrap().into_iter().collect();
    let catalogue = store.catalogue().await.unwrap();
    let figures = |one: &Demarche| Figures::whole(&tallies.remove(&one.id).unwrap_or_default());
    let mut figures = figures;
    let demarches = catalogue.demarches().iter().map(|one| (one, figures(one))).collect();
    serde_json::to_vec(&Document { period, standing: Standing::Closed, demarches }).unwrap()
}

#[tokio::test]
async fn the_same_seed_makes_the_same_averages_under_any_secret_and_another_seed_others() {
    let first = averages(PLAN, 1).await;
    assert_eq!(averages(PLAN, 2).await, first);
    assert_ne!(averages(Plan { seed: 2, ..PLAN }, 1).await, first);
}

#[tokio::test]
async fn a_database_that_holds_anything_of_the_kind_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", folder.path().join("avis.db").display());
    let store = SqliteStore::open(&address, Missing::Create).await.unwrap();
    let demo = Arc::new(Demo::new(&Plan { avis: 100, ..PLAN }));
    store.add_demarches(&demo.demarches()[3..4]).await.unwrap();
    let refused = fill(&store, demo.clone(), keyring(1), |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("démarche form:4 is there"), "{refused}");
    assert_eq!(store.catalogue().await.unwrap().demarches().len(), 1);

    let other = format!("sqlite://{}", folder.path().join("other.db").display());
    let store = SqliteStore::open(&other, Missing::Create).await.unwrap();
    fill(&store, demo.clone(), keyring(1), |_| {}).await.unwrap();
    let refused = fill(&store, demo, keyring(1), |_| {}).await.unwrap_err();
    assert!(refused.to_string().contains("holds avis already"), "{refused}");
}

#[test]
fn answers_are_given_as_often_as_people_give_them() {
    let demo = Demo::new(&Plan { demarches: 250, avis: 60_000, ..PLAN });
    let keyring = keyring(1);
    let mut all = Tally::default();
    let mut moods: HashMap<String, Tally> = HashMap::new();
    for day in 0..demo.days.len() {
        let due = demo.due(day, &keyring);
        assert!(due.is_sorted());
        for one in due {
            let Write::Record(record) = demo.write(day, one).unwrap() else { panic!("a new avis") };
            assert_eq!((record.avis_id.day(), record.day()), (Some(demo.days[day]), demo.days[day]));
            let tally = Tally::of(&record.answers);
            all += &tally;
            *moods.entry(record.demarche.0).or_default() += &tally;
        }
    }
    let n = all.count(Cell::Answered(Question::Satisfaction));
    assert_eq!(n, 60_000);
    let per_mille = |cell: Cell| 1_000 * all.count(cell) / n;
    let near = |cell: Cell, usual: u64, tolerance: u64| {
        let found = per_mille(cell);
        assert!(found.abs_diff(usual) <= tolerance, "{}: {found} and not {usual}", cell.name());
    };
    near(Cell::Satisfaction(Satisfaction::PasBien), 109, 12);
    near(Cell::Satisfaction(Satisfaction::Moyen), 154, 10);
    near(Cell::Satisfaction(Satisfaction::TresBien), 737, 20);
    near(Cell::Answered(Question::Clarity), 900, 5);
    near(Cell::Answered(Question::HelpTried), 870, 5);
    near(Cell::Answered(Question::HelpReached), 150, 10);
    near(Cell::Answered(Question::HelpQuality), 110, 8);
    near(Cell::Answered(Question::Comment), 375, 60);
    // Démarches differ: the best and the worst of the large ones lie far apart.
    let bad: Vec<u64> = moods
        .values()
        .filter(|tally| tally.count(Cell::Answered(Question::Satisfaction)) > 200)
        .map(|tally| {
            1_000 * tally.count(Cell::Satisfaction(Satisfaction::PasBien))
                / tally.count(Cell::Answered(Question::Satisfaction))
        })
        .collect();
    assert!(bad.iter().min() < Some(&80) && bad.iter().max() > Some(&180), "{bad:?}");
}
