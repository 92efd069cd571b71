//! Of the contract: quarters that are frozen.

use crate::edition::{Edition, EditionFile, Erratum, Format, NewEdition};
use crate::store::Store;
use crate::store::samples::{edition, noon};

pub(crate) async fn an_edition_is_kept_as_it_was_frozen_and_once(store: &dyn Store) {
    assert_eq!(store.editions().await.unwrap(), []);
    let (second, third) = (edition("2026-T2", b"{\"errata\":[]}"), edition("2026-T3", b"{}"));
    assert!(store.freeze(&second).await.unwrap());
    assert!(store.freeze(&third).await.unwrap());
    assert!(!store.freeze(&edition("2026-T2", b"another")).await.unwrap());

    let frozen = |one: &NewEdition| Edition {
        quarter: one.quarter,
        frozen_at: one.frozen_at,
        formula: one.formula.clone(),
        files: one
            .files
            .iter()
            .map(|(format, sha256, content)| EditionFile {
                format: *format,
                sha256: *sha256,
                bytes: u64::try_from(content.len()).unwrap(),
            })
            .collect(),
        errata: vec![],
    };
    let editions = store.editions().await.unwrap();
    assert_eq!(editions, [frozen(&third), frozen(&second)]);
    for (format, _, content) in &second.files {
        assert_eq!(editions[1].read(store, *format).await.unwrap(), *content);
    }
    let none = "2025-T1".parse().unwrap();
    assert_eq!(store.edition_file(none, Format::Json).await.unwrap(), None);
}

pub(crate) async fn of_two_that_freeze_a_quarter_at_once_one_does(store: &dyn Store) {
    for quarter in ["2025-T1", "2025-T2", "2025-T3"] {
        let (one, other) = (edition(quarter, b"one"), edition(quarter, b"other"));
        let (first, second) = tokio::join!(store.freeze(&one), store.freeze(&other));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert!(first != second, "{first} {second}");
        let kept = store.edition_file(one.quarter, Format::Json).await.unwrap().unwrap();
        assert_eq!(kept, if first { b"one".to_vec() } else { b"other".to_vec() });
    }
}

pub(crate) async fn errata_are_kept_in_their_order(store: &dyn Store) {
    store.freeze(&edition("2026-T2", b"{}")).await.unwrap();
    store.freeze(&edition("2026-T3", b"{}")).await.unwrap();
    let erratum = |at: &str, text: &str| Erratum { added_at: noon(at), text: text.to_owned() };
    let later = erratum("2026-11-22", "Le n de la démarche 3059 compte deux fois le guichet.");
    let earlier = erratum("2026-11-01", "L’administration de 4079 a changé\u{a0}: « DGFIP ».");
    let third = "2026-T3".parse().unwrap();
    assert!(store.add_erratum(third, &later).await.unwrap());
    assert!(store.add_erratum(third, &earlier).await.unwrap());
    assert!(!store.add_erratum("2026-T1".parse().unwrap(), &later).await.unwrap());
    let editions = store.editions().await.unwrap();
    assert_eq!(editions[0].errata, [later, earlier]);
    assert_eq!(editions[1].errata, []);
}
