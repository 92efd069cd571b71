//! Of the contract: what is blanked when its time is over.

use crate::mending::Selection;
use crate::retention::{Kept, Portion, Purge};
use crate::store::samples::{
    assert_recount, day, noon, one, patch, purge_before, record, smile, smiles, text, with_catalogue, write,
};
use crate::store::{Audited, Avis, MissingAvis, Outcome, PORTION, Period, Record, Store, Write};
use futures_util::TryStreamExt;
use shared::Question;
use shared::draft::Raw;
use shared::tally::Cell;

/// Answers with a text to every open question.
fn worded(words: &str) -> Vec<(&'static str, Raw)> {
    vec![
        ("satisfaction", text("moyen")),
        ("help_tried", Raw::List(vec![text("other")])),
        ("help_tried_other", text(words)),
        ("malfunctions", Raw::List(vec![text("other")])),
        ("malfunctions_other", text(words)),
        ("comment", text(words)),
    ]
}

/// Purges one avis of two, of one month.
pub(crate) async fn purged_once(store: &dyn Store) {
    with_catalogue(store).await;
    let of = |key, on| write(&record(key, noon(on), &worded("Trop long.")));
    store.commit(&[of(1, "2024-11-20"), of(2, "2024-11-22")]).await.unwrap();
    let (before, today) = (day("2024-11-21"), day("2026-11-21"));
    assert_eq!(purge_before(store, Kept::Texts, before, today).await, Portion::Last(1));
}

pub(crate) async fn what_is_blanked_counts_as_before(store: &dyn Store) {
    with_catalogue(store).await;
    let old = record(1, noon("2024-11-21"), &worded("Trop long."));
    let new = record(2, noon("2024-11-22"), &worded("Trop long."));
    store.commit(&[write(&old), write(&new)]).await.unwrap();
    let (before, today) = (day("2024-11-22"), day("2026-11-22"));
    let (counts, version) = (assert_recount(store).await, store.version(Period::ALL).await.unwrap());
    let avis = store.avis(old.avis_id).await.unwrap().expect("stored");
    assert_eq!(store.overdue(Kept::Texts, before).await.unwrap(), 1);
    assert_eq!(purge_before(store, Kept::Texts, before, today).await, Portion::Last(1));
    assert_eq!(purge_before(store, Kept::Texts, before, today).await, Portion::Last(0));
    assert_eq!(store.overdue(Kept::Texts, before).await.unwrap(), 0);

    let mut blank = avis.clone();
    for text in [
        &mut blank.answers.help_tried_other,
        &mut blank.answers.malfunctions_other,
        &mut blank.answers.comment,
    ] {
        *text = Some(String::new());
    }
    assert_eq!(store.avis(old.avis_id).await.unwrap().as_ref(), Some(&blank));
    assert_eq!(store.avis_of(day("2024-11-21")).await.unwrap(), [blank.clone()]);
    let about = Selection::counted(&old.demarche, Period::ALL);
    let about: Vec<Vec<Avis>> = store.selected(&about).try_collect().await.unwrap();
    assert_eq!(about.concat()[0], blank);
    assert_eq!(store.avis(new.avis_id).await.unwrap().expect("stored").answers, *new.answers);
    assert_eq!(assert_recount(store).await, counts);
    assert_eq!(store.version(Period::ALL).await.unwrap(), version, "its averages are as good as before");

    // Written anew, changed, withdrawn: each moves what it should and nothing else.
    for span in store.spans().await.unwrap() {
        store.rebuild(span, MissingAvis::Keep).await.unwrap();
    }
    assert_eq!(assert_recount(store).await, counts);
    let change = patch(&[("satisfaction", text("pas_bien"))]);
    assert_eq!(one(store, Write::Change(old.avis_id, change)).await, Outcome::Changed);
    let answered = |audits: &[Audited]| audits[0].stored[Cell::Answered(Question::Comment)];
    assert_eq!(answered(&assert_recount(store).await), 1);
    assert_eq!(smiles(store, "2024-11-21", "2024-11-21").await, [1, 0, 0]);
    let again = patch(&[("comment", text("Encore."))]);
    assert_eq!(one(store, Write::Change(old.avis_id, again)).await, Outcome::Changed);
    assert_eq!(answered(&assert_recount(store).await), 1);
    let comment = async || store.avis(old.avis_id).await.unwrap().expect("stored").answers;
    assert_eq!(comment().await.comment.as_deref(), Some("Encore."));
    assert_eq!(comment().await.help_tried_other.as_deref(), Some(""));
    assert_eq!(
        one(store, Write::Change(old.avis_id, patch(&[("comment", Raw::Null)]))).await,
        Outcome::Changed
    );
    assert_eq!(answered(&assert_recount(store).await), 0);
    assert_eq!(one(store, Write::Withdraw(vec![old.avis_id])).await, Outcome::Withdrawn);
    assert_eq!(assert_recount(store).await, &counts[1..]);
}

pub(crate) async fn the_oldest_is_blanked_first_some_at_a_time(store: &dyn Store) {
    with_catalogue(store).await;
    let days = ["2024-10-30", "2024-10-31", "2024-11-01", "2024-11-01", "2024-11-01"];
    for (key, on) in (1..).zip(days) {
        one(store, write(&record(key, noon(on), &worded("Trop long.")))).await;
        one(store, write(&record(key + 10, noon(on), &smile("moyen")))).await;
    }
    let (before, today) = (day("2024-11-02"), day("2026-11-02"));
    let first = purge_before(store, Kept::Texts, before, today).await;
    assert_eq!(first, Portion::Some(PORTION.into(), day("2024-11-01")));
    assert_eq!(store.overdue(Kept::Texts, day("2024-11-01")).await.unwrap(), 0, "the oldest first");
    assert_eq!(store.overdue(Kept::Texts, before).await.unwrap(), 2);
    assert_eq!(purge_before(store, Kept::Texts, before, today).await, Portion::Last(2));
    let said = |before, avis| Purge { on: today, kept: Kept::Texts, before: day(before), avis };
    let record_of_purges = [said("2024-11-01", 3), said("2024-11-02", 2)];
    assert_eq!(store.purges().await.unwrap(), record_of_purges);
    store.add_purges(&[said("2024-11-03", 0)]).await.unwrap();
    assert_eq!(store.purges().await.unwrap()[2..], [said("2024-11-03", 0)]);

    // What comes late, as from an import, is found all the same: also in a month that was given back.
    let late = record(7, noon("2024-10-30"), &worded("Trop long."));
    one(store, write(&late)).await;
    assert_eq!(purge_before(store, Kept::Texts, before, today).await, Portion::Last(1));
    assert_recount(store).await;
}

pub(crate) async fn pages_are_blanked_beside_texts(store: &dyn Store) {
    with_catalogue(store).await;
    let days = ["2024-10-30", "2024-10-31", "2024-11-01", "2024-11-01", "2024-11-03"];
    let records: Vec<Record> =
        (1..).zip(days).map(|(key, on)| record(key, noon(on), &worded("Trop long."))).collect();
    store.commit(&records.iter().map(write).collect::<Vec<_>>()).await.unwrap();
    let (before, today) = (day("2024-11-02"), day("2026-11-02"));
    assert_eq!(store.overdue(Kept::Pages, before).await.unwrap(), 4);
    let first = purge_before(store, Kept::Pages, before, today).await;
    assert_eq!(first, Portion::Some(2, day("2024-11-01")), "those of a month at a time");
    let rest = async || store.purge_some(Kept::Pages, day("2024-11-01")..before, today).await.unwrap();
    assert_eq!(rest().await, Portion::Last(2));
    assert_eq!(rest().await, Portion::Last(0));
    let pages: Vec<bool> = store
        .selected(&Selection::counted(&records[0].demarche, Period::ALL))
        .try_concat()
        .await
        .unwrap()
        .iter()
        .map(|avis| avis.page.is_some())
        .collect();
    assert_eq!(pages, [false, false, false, false, true]);
    assert_eq!(store.overdue(Kept::Texts, day("2025-01-01")).await.unwrap(), 5, "texts have their own time");
    let rated = store.rated_by_page(Period::ALL).await.unwrap();
    assert_eq!(rated.iter().map(|one| one.avis).sum::<u64>(), 5);
    assert_eq!(rated.iter().filter(|one| one.page.is_none()).map(|one| one.avis).sum::<u64>(), 4);
    // A page that was blanked is one that may come again.
    let again = record(6, noon("2026-11-02"), &smile("moyen"));
    one(store, write(&again)).await;
    assert_eq!(
        store.avis(again.avis_id).await.unwrap().expect("stored").page,
        Some(("https://a.fr".to_owned(), "/fin".to_owned()))
    );
    // Of days without a page, it is said once a week that they were looked through.
    let said = async || store.purges().await.unwrap().len();
    let rest_before = async |end| store.purge_some(Kept::Pages, day("2024-11-01")..end, today).await.unwrap();
    assert_eq!(rest_before(day("2024-11-04")).await, Portion::Last(1));
    assert_eq!(rest_before(day("2024-11-10")).await, Portion::Last(0));
    assert_eq!(said().await, 3);
    assert_eq!(rest_before(day("2024-11-11")).await, Portion::Last(0));
    assert_eq!(said().await, 4);
}

pub(crate) async fn avis_without_a_page_are_gone_through_once_a_month_at_a_time(store: &dyn Store) {
    with_catalogue(store).await;
    let days = ["2019-02-27", "2019-02-28", "2019-03-01", "2024-10-30", "2024-11-01"];
    let bare =
        (1..).zip(days).map(|(key, on)| Record { page: None, ..record(key, noon(on), &smile("moyen")) });
    let paged = (11..15).map(|key| record(key, noon("2024-10-30"), &smile("moyen")));
    let records: Vec<Record> = bare.chain(paged).collect();
    store.commit(&records.iter().map(write).collect::<Vec<_>>()).await.unwrap();
    let (before, today) = (day("2024-11-02"), day("2026-11-02"));
    let mut from = day("1900-01-01");
    let mut portions = Vec::new();
    while let Portion::Some(avis, emptied) = store.purge_some(Kept::Pages, from..before, today).await.unwrap()
    {
        portions.push((avis, emptied.to_string()));
        from = emptied;
    }
    let expected = [(0, "2019-03-01"), (0, "2019-04-01"), (3, "2024-10-30"), (1, "2024-11-01")];
    assert_eq!(portions, expected.map(|(avis, emptied)| (avis, emptied.to_owned())));
    assert_eq!(store.overdue(Kept::Pages, before).await.unwrap(), 0);
    let said: Vec<(u64, String)> =
        store.purges().await.unwrap().iter().map(|purge| (purge.avis, purge.before.to_string())).collect();
    assert_eq!(said, portions, "also that nothing was found: who is cut short goes on from there");
}
