use super::*;
use crate::store::samples::{edition, noon, patch, record, smile, text, with_catalogue, write as to_write};
use crate::store::sqlite::SqliteStore;
use crate::store::{Missing, SpoolId, Write};
use calamine::{Reader, Xlsx};
use std::io::Cursor;

async fn store(folder: &tempfile::TempDir) -> SqliteStore {
    let store = SqliteStore::open(&address(folder), Missing::Create).await.unwrap();
    with_catalogue(&store).await;
    store
}

fn address(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", folder.path().join("avis.db").display())
}

fn third() -> Quarter {
    "2026-T3".parse().unwrap()
}

/// The first instant at which it can be frozen.
fn closed() -> Timestamp {
    "2026-10-01T22:00:00Z".parse().unwrap()
}

async fn read(store: &dyn Store, format: Format) -> Vec<u8> {
    store.editions().await.unwrap()[0].read(store, format).await.unwrap()
}

/// The satisfaction of démarche 1, n and counts, over twelve months and over three.
async fn frozen(store: &dyn Store) -> [Value; 2] {
    let document: Value = serde_json::from_slice(&read(store, Format::Json).await).unwrap();
    ["twelve_months", "three_months"]
        .map(|window| document[window]["demarches"][0]["indicators"]["satisfaction"]["counts"].clone())
}

#[tokio::test]
async fn an_edition_holds_both_windows_in_each_format() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    for (key, at) in
        (0..).zip(["2025-09-30", "2025-10-01", "2026-06-30", "2026-07-01", "2026-09-30", "2026-10-01"])
    {
        store.commit(&[to_write(&record(key, noon(at), &smile("moyen")))]).await.unwrap();
    }
    freeze(&store, third(), closed()).await.unwrap();

    assert_eq!(frozen(&store).await, [4, 2].map(|n| json!({"pas_bien": 0, "moyen": n, "tres_bien": 0})));
    let json = String::from_utf8(read(&store, Format::Json).await).unwrap();
    assert!(json.starts_with(
        r#"{"schema":"edition/1","edition":"2026-T3","twelve_months":{"schema":"satisfaction/1","#
    ));
    assert!(json.ends_with(r#","errata":[]}"#));
    let document: Value = serde_json::from_str(&json).unwrap();
    for (window, from) in [("twelve_months", "2025-10-01"), ("three_months", "2026-07-01")] {
        let period = json!({"from": from, "to": "2026-09-30", "timezone": "Europe/Paris", "closed": true});
        assert_eq!(document[window]["period"], period);
        assert_eq!(document[window]["demarches"].as_array().unwrap().len(), 2);
    }

    let table = String::from_utf8(read(&store, Format::Csv).await).unwrap();
    let rows = |from: &str| table.lines().filter(|row| row.contains(from)).count();
    assert_eq!((rows(",2025-10-01,2026-09-30,"), rows(",2026-07-01,2026-09-30,")), (14, 14));
    assert_eq!(table.matches("id,title").count(), 1);

    let workbook = read(&store, Format::Xlsx).await;
    let workbook = Xlsx::new(Cursor::new(workbook)).unwrap();
    assert_eq!(workbook.sheet_names()[..2], ["12 mois", "3 mois"]);

    let edition = &store.editions().await.unwrap()[0];
    assert_eq!((edition.quarter, edition.frozen_at), (third(), closed()));
    assert_eq!(edition.formula, FORMULA);
}

#[tokio::test]
async fn what_happens_to_avis_later_moves_live_figures_and_no_edition() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let avis: Vec<_> = (0..3).map(|key| record(key, noon("2026-08-15"), &smile("moyen"))).collect();
    store.commit(&avis.iter().map(to_write).collect::<Vec<_>>()).await.unwrap();
    freeze(&store, third(), closed()).await.unwrap();
    let editions = store.editions().await.unwrap();
    let live = async || store.tallies_of_periods(&[third().twelve_months(), third().period()]).await.unwrap();
    let before = live().await;

    let change = patch(&[("satisfaction", text("pas_bien"))]);
    for write in [
        Write::Withdraw(vec![avis[0].avis_id]),
        Write::Change(avis[1].avis_id, change),
        to_write(&record(3, noon("2026-09-30"), &smile("tres_bien"))),
    ] {
        let was = live().await;
        store.commit(&[write]).await.unwrap();
        assert_ne!(live().await, was);
    }
    store
        .change_demarche(
            &DemarcheId("1".into()),
            &crate::store::DemarcheChange { title: Some("Un autre titre".to_owned()), ..Default::default() },
        )
        .await
        .unwrap();

    assert_ne!(live().await, before);
    assert_eq!(store.editions().await.unwrap(), editions);
    for file in &editions[0].files {
        let content = editions[0].read(&store, file.format).await.unwrap();
        assert_eq!(FileDigest::of(&content), file.sha256);
    }
    assert_eq!(
        frozen(&store).await,
        [
            json!({"pas_bien": 0, "moyen": 3, "tres_bien": 0}),
            json!({"pas_bien": 0, "moyen": 3, "tres_bien": 0})
        ]
    );
    // Neither does freezing it again.
    let again = freeze(&store, third(), closed()).await.unwrap_err().to_string();
    assert!(again.starts_with("2026-T3 is frozen already, and nothing changes an edition"), "{again}");
    assert_eq!(store.editions().await.unwrap(), editions);
}

#[tokio::test]
async fn the_same_figures_make_the_same_bytes() {
    let mut digests = Vec::new();
    for hours in [0, 5_000] {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder).await;
        store.commit(&[to_write(&record(1, noon("2026-08-15"), &smile("moyen")))]).await.unwrap();
        freeze(&store, third(), closed() + jiff::SignedDuration::from_hours(hours)).await.unwrap();
        digests.push(store.editions().await.unwrap().remove(0).files);
    }
    assert_eq!(digests[0], digests[1]);
}

#[tokio::test]
async fn a_quarter_that_is_not_closed_is_not_frozen_and_says_what_it_waits_for() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let refusal =
        async |now: &str| freeze(&store, third(), now.parse().unwrap()).await.unwrap_err().to_string();

    assert_eq!(
        refusal("2026-10-01T21:59:59.999Z").await,
        "2026-T3 is not closed: its avis can be changed until 2026-10-02 00:00 in Paris; freeze it then"
    );
    let spool = SpoolId::random();
    store.report_spool(spool, closed(), Some("2026-09-29".parse().unwrap())).await.unwrap();
    assert_eq!(
        refusal("2026-10-02T08:00:00Z").await,
        format!(
            "2026-T3 is not closed: the spool {spool} holds avis since 2026-09-29; freeze it once its collector has \
             brought them home"
        )
    );
    store.report_spool(spool, "2026-09-30T20:00:00Z".parse().unwrap(), None).await.unwrap();
    assert_eq!(
        refusal("2026-10-02T08:00:00Z").await,
        format!(
            "2026-T3 is not closed: the spool {spool} has not been heard of since 2026-09-30 22:00 in Paris; start its \
             collector, or give it up with `collector spool forget {spool}`"
        )
    );
    assert_eq!(store.editions().await.unwrap(), []);
    store.report_spool(spool, closed(), None).await.unwrap();
    freeze(&store, third(), closed()).await.unwrap();
}

#[test]
fn errata_are_put_at_the_end_of_what_is_frozen_and_change_no_byte_before() {
    let NewEdition { quarter, frozen_at, formula, .. } = edition("2026-T3", b"");
    let mut edition = Edition { quarter, frozen_at, formula, files: vec![], errata: vec![] };
    let frozen = br#"{"schema":"edition/1","errata":[]}"#.to_vec();
    assert_eq!(edition.with_errata(frozen.clone()), frozen);

    let erratum = |text: &str| Erratum { added_at: noon("2026-11-01"), text: text.to_owned() };
    edition.errata = vec![erratum("Un « mot »"), erratum("\"deux\"")];
    assert_eq!(
        String::from_utf8(edition.with_errata(frozen)).unwrap(),
        r#"{"schema":"edition/1","errata":[{"added_at":"2026-11-01T11:00:00Z","text":"Un « mot »"},{"added_at":"2026-11-01T11:00:00Z","text":"\"deux\""}]}"#
    );
}

#[tokio::test]
async fn a_file_that_is_not_what_was_frozen_is_not_given() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    store.freeze(&edition("2026-T3", b"{}")).await.unwrap();
    let pool = sqlx::SqlitePool::connect(&address(&folder)).await.unwrap();
    for statement in [
        "drop trigger edition_file_is_frozen",
        "update edition_file set content = cast('{ }' as blob) where format = 'json'",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;

    let edition = &store.editions().await.unwrap()[0];
    let error = edition.read(&store, Format::Json).await.unwrap_err();
    assert!(matches!(error, ReadError::Damaged(Damaged { format: Format::Json, .. })), "{error}");
    assert!(edition.read(&store, Format::Csv).await.is_ok());
}
