//! What every store must do, whatever its database: the tests of [`Store`], run on each implementation.

use super::{
    Audited, Avis, BoutonChange, CatalogueError, CountedIn, DemarcheChange, EssentialChange, KEY_MEMORY,
    MissingAvis, OnReplay, Outcome, PORTION, Period, Record, Refusal, Remembered, SpoolEntry, SpoolId,
    SpoolState, Store, Write,
};
use crate::assets::{Integrity, KeptAsset};
use crate::catalogue::{ApiKey, Audience, Bouton, BoutonChannel, BoutonId, Demarche, DemarcheId, Scope};
use crate::day::Day;
use crate::edition::{Edition, EditionFile, Erratum, FileDigest, Format, NewEdition};
use crate::identity::{AvisId, Keyring, SecretKey};
use crate::mending::{Act as Mending, Counting, Entry, FromBouton, Selection};
use crate::quarantine::{Reason, Reasons};
use crate::quarter::Quarter;
use crate::retention::{Kept, Portion, Purge};
use futures_util::TryStreamExt;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::json;
use shared::draft::{AnswersPatch, ChangeDraft, Raw};
use shared::questionnaire::{Choice, Satisfaction};
use shared::tally::Cell;
use shared::{Answers, AvisDraft, Language, PageAddress, Question, Tally};
use std::collections::HashSet;
use uuid::Uuid;

/// Makes a test of each point of the contract; `$store` gives a new, empty store and what keeps it alive.
macro_rules! run_on {
    ($store:expr) => {
        $crate::store::contract::run_on!($store;
            an_avis_is_stored_with_all_its_answers,
            a_replay_gets_the_same_answer_and_counts_once,
            a_key_used_for_another_request_is_refused,
            a_closed_bouton_takes_no_new_avis_and_answers_replays,
            a_key_is_remembered_across_midnight_and_forgotten_after_72_hours,
            a_key_is_remembered_across_the_day_that_lacks_an_hour,
            a_key_is_remembered_when_the_secret_was_rotated_meanwhile,
            a_form_that_is_sent_again_changes_its_avis,
            a_write_that_comes_twice_takes_back_nothing_that_was_changed_since,
            a_change_moves_the_decompte_on_the_day_of_the_avis,
            a_change_that_contradicts_the_avis_is_refused_and_fails_no_neighbour,
            a_withdrawn_avis_is_gone_and_no_replay_brings_it_back,
            decomptes_are_read_by_months_and_days,
            the_decomptes_of_a_demarche_are_read_by_bouton,
            the_decomptes_of_a_demarche_are_read_by_day,
            satisfaction_is_read_by_month,
            the_version_of_a_period_grows_when_its_averages_move_and_only_then,
            how_fresh_a_period_is_tells_its_last_avis,
            decomptes_written_anew_are_the_same,
            what_is_blanked_counts_as_before,
            the_oldest_is_blanked_first_some_at_a_time,
            pages_are_blanked_beside_texts,
            avis_without_a_page_are_gone_through_once_a_month_at_a_time,
            the_avis_of_a_day_are_read_in_order,
            the_avis_about_a_demarche_are_read_day_by_day_some_at_a_time,
            stored_avis_are_told_from_others,
            satisfaction_is_counted_by_demarche_and_page,
            an_avis_without_a_key_is_stored_once,
            remembered_keys_can_be_carried_over,
            writes_of_one_batch_see_those_before_them,
            a_large_batch_is_stored_whole,
            pages_keep_their_addresses,
            a_store_that_was_prepared_is_ready,
            the_last_avis_of_a_bouton_is_known,
            avis_are_counted_by_bouton_and_day,
            demarches_are_registered_all_or_none,
            names_come_in_the_order_of_their_bytes,
            a_demarche_changes_only_where_it_is_told_to,
            the_list_of_essential_demarches_is_replaced_as_a_whole,
            boutons_are_registered_with_aliases_and_origins,
            keys_are_made_and_revoked,
            keys_of_another_store_keep_their_numbers,
            the_last_use_of_a_key_is_noted_apart_from_the_catalogue,
            the_first_secret_stays,
            entries_of_a_spool_are_written_exactly_once,
            entries_that_prove_wrong_are_told_with_their_reasons,
            spools_are_known_until_they_are_forgotten,
            periods_read_together_are_of_one_moment,
            an_avis_counts_in_the_quarter_of_its_paris_day,
            an_avis_in_quarantine_is_stored_and_not_counted,
            the_quarantine_is_released_confirmed_and_filled_again,
            avis_are_selected_by_what_they_have_in_common,
            an_act_is_done_some_at_a_time_and_to_nothing_else,
            avis_are_given_to_another_demarche,
            the_journal_keeps_what_was_done,
            an_edition_is_kept_as_it_was_frozen_and_once,
            of_two_that_freeze_a_quarter_at_once_one_does,
            errata_are_kept_in_their_order,
            an_asset_is_kept_as_it_was_first_served,
            an_asset_is_revoked_by_its_digest_and_restored,
            of_collectors_that_start_at_once_one_keeps_an_asset,
            any_sequence_of_writes_leaves_decomptes_equal_to_a_recount,
        );
    };
    ($store:expr; $($name:ident,)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                let (store, _kept) = $store;
                $crate::store::contract::$name(&store).await;
            }
        )+
    };
}
pub(crate) use run_on;

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

pub(crate) async fn an_avis_is_stored_with_all_its_answers(store: &dyn Store) {
    with_catalogue(store).await;
    let record = record(
        1,
        noon("2026-11-22"),
        &[
            ("satisfaction", text("tres_bien")),
            ("ease", text("4")),
            ("clarity", text("5")),
            ("malfunctions", Raw::List(vec![text("slow"), text("other")])),
            ("malfunctions_other", text("Le bouton ne répondait pas")),
            ("help_tried", Raw::List(vec![text("guichet"), text("telephone"), text("other")])),
            ("help_tried_other", text("Ma voisine")),
            ("help_reached", map(&[("guichet", text("oui")), ("telephone", text("non"))])),
            ("help_quality", map(&[("guichet", text("bonne"))])),
            ("comment", text("Très simple,\nmerci 🙂")),
        ],
    );
    assert_eq!(one(store, write(&record)).await, Outcome::Recorded);
    let avis = store.avis(record.avis_id).await.unwrap().expect("stored");
    assert_eq!(avis.answers, *record.answers);
    assert_eq!((avis.demarche.0.as_str(), avis.bouton), ("1", record.bouton));
    assert_eq!((avis.day, avis.language), (day("2026-11-22"), Some(Language::Fr)));
    assert_eq!(avis.page, Some(("https://a.fr".to_owned(), "/fin".to_owned())));
    assert_eq!(store.avis(AvisId::from_bytes([0; 16])).await.unwrap(), None);
    assert_recount(store).await;
}

pub(crate) async fn a_replay_gets_the_same_answer_and_counts_once(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    let later = record(1, noon("2026-11-22") + SignedDuration::from_mins(5), &smile("moyen"));
    let same_batch = store.commit(&[write(&first), write(&later)]).await.unwrap();
    assert_eq!(same_batch, [Outcome::Recorded, Outcome::Replayed(first.avis_id, first.accepted_at)]);
    assert_eq!(one(store, write(&later)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 1, 0]);
    assert_recount(store).await;
}

pub(crate) async fn a_key_used_for_another_request_is_refused(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    let other = Record { fingerprint: [2; 16], ..record(1, noon("2026-11-22"), &smile("pas_bien")) };
    one(store, write(&first)).await;
    assert_eq!(one(store, write(&other)).await, Outcome::KeyReused);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 1, 0]);
}

pub(crate) async fn a_closed_bouton_takes_no_new_avis_and_answers_replays(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let replay = Record { closed: true, ..first.clone() };
    assert_eq!(one(store, write(&replay)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    let new = Record { closed: true, ..record(2, noon("2026-11-22"), &smile("moyen")) };
    assert_eq!(one(store, write(&new)).await, Outcome::Closed);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 1, 0]);
}

pub(crate) async fn a_key_is_remembered_across_midnight_and_forgotten_after_72_hours(store: &dyn Store) {
    with_catalogue(store).await;
    // Long past, whatever the clock of the server says.
    let at = noon("2023-11-22");
    let first = record(1, at, &smile("moyen"));
    one(store, write(&first)).await;
    let after = |time: SignedDuration| record(1, at + time, &smile("moyen"));
    assert_eq!(
        one(store, write(&after(SignedDuration::from_hours(71)))).await,
        Outcome::Replayed(first.avis_id, at)
    );
    assert_eq!(store.forget_keys(at + SignedDuration::from_secs(1) - KEY_MEMORY).await.unwrap(), 0);
    // A minute past its memory, the key is as good as new, whether its row is there still or not.
    let past = after(KEY_MEMORY + SignedDuration::from_mins(1));
    let other = record(2, at, &smile("moyen"));
    one(store, write(&other)).await;
    assert_eq!(one(store, write(&past)).await, Outcome::Recorded);
    assert_eq!(store.forget_keys(at + SignedDuration::from_secs(1)).await.unwrap(), 1);
    assert_eq!(store.forget_keys(at + SignedDuration::from_secs(1)).await.unwrap(), 0);
    assert_eq!(one(store, write(&past)).await, Outcome::Replayed(past.avis_id, past.accepted_at));
}

pub(crate) async fn a_key_is_remembered_across_the_day_that_lacks_an_hour(store: &dyn Store) {
    with_catalogue(store).await;
    // 71 h 59 min before Monday 00:30, on the Thursday: four calendar days back.
    let now: Timestamp = "2026-03-29T22:30:00Z".parse().unwrap();
    let first = record(1, now - SignedDuration::from_mins(72 * 60 - 1), &smile("moyen"));
    assert_eq!(first.day(), day("2026-03-26"));
    one(store, write(&first)).await;
    let again = record(1, now, &smile("moyen"));
    assert_eq!(again.day(), day("2026-03-30"));
    assert_eq!(one(store, write(&again)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
}

pub(crate) async fn a_key_is_remembered_when_the_secret_was_rotated_meanwhile(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let secret = |id| SecretKey { id, bytes: [id; 32] };
    let rotated = Keyring::new(vec![SecretKey { id: 1, bytes: [7; 32] }, secret(2)]).unwrap();
    let key = Uuid::from_u128(1);
    let again = Record {
        avis_id: rotated.identity(day("2026-11-23"), key).avis_id,
        former_keys: rotated.other_keys(day("2026-11-23"), key),
        ..record(1, noon("2026-11-23"), &smile("moyen"))
    };
    assert_ne!(again.avis_id.key(), first.avis_id.key());
    assert_eq!(one(store, write(&again)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    let form = Record { on_replay: OnReplay::Change(patch(&smile("pas_bien"))), ..again };
    assert_eq!(one(store, write(&form)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-23").await, [1, 0, 0]);
}

pub(crate) async fn a_form_that_is_sent_again_changes_its_avis(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let again = Record {
        on_replay: OnReplay::Change(patch(&smile("pas_bien"))),
        fingerprint: [2; 16],
        ..first.clone()
    };
    assert_eq!(one(store, write(&again)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [1, 0, 0]);
    assert_recount(store).await;
    // Past its day, the avis can be changed this way no more than in any other.
    let late = Record { accepted_at: first.accepted_at + SignedDuration::from_hours(25), ..again };
    assert_eq!(one(store, write(&late)).await, Outcome::Expired);
}

pub(crate) async fn a_write_that_comes_twice_takes_back_nothing_that_was_changed_since(store: &dyn Store) {
    with_catalogue(store).await;
    let form = Record {
        on_replay: OnReplay::Change(patch(&smile("moyen"))),
        ..record(1, noon("2026-11-22"), &smile("moyen"))
    };
    one(store, write(&form)).await;
    assert_eq!(one(store, Write::Change(form.avis_id, patch(&smile("tres_bien")))).await, Outcome::Changed);
    // Its first answer was lost, and it comes from a spool.
    assert_eq!(one(store, write(&form)).await, Outcome::Replayed(form.avis_id, form.accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 0, 1]);
    // Sent again by the person, it is another request.
    let again = Record { accepted_at: form.accepted_at + SignedDuration::from_secs(1), ..form.clone() };
    one(store, write(&again)).await;
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 1, 0]);
}

pub(crate) async fn a_change_moves_the_decompte_on_the_day_of_the_avis(store: &dyn Store) {
    with_catalogue(store).await;
    let mut answers = smile("moyen");
    answers.push(("comment", text("Bof")));
    let first = record(1, noon("2026-11-22"), &answers);
    one(store, write(&first)).await;
    let change = patch(&[("satisfaction", text("tres_bien")), ("comment", Raw::Null), ("ease", text("5"))]);
    assert_eq!(one(store, Write::Change(first.avis_id, change)).await, Outcome::Changed);
    let changed = store.avis(first.avis_id).await.unwrap().unwrap();
    assert_eq!((changed.answers.comment, changed.day), (None, day("2026-11-22")));
    assert_eq!(smiles(store, "2026-11-01", "2026-11-30").await, [0, 0, 1]);
    let missing = Write::Change(AvisId::from_bytes([9; 16]), patch(&smile("moyen")));
    assert_eq!(one(store, missing).await, Outcome::Missing);
    assert_recount(store).await;
}

pub(crate) async fn a_change_that_contradicts_the_avis_is_refused_and_fails_no_neighbour(store: &dyn Store) {
    with_catalogue(store).await;
    let (first, second) =
        (record(1, noon("2026-11-22"), &smile("moyen")), record(2, noon("2026-11-22"), &smile("moyen")));
    let change = patch(&[("help_quality", map(&[("chat", text("bonne"))]))]);
    let outcomes =
        store.commit(&[write(&first), Write::Change(first.avis_id, change), write(&second)]).await.unwrap();
    assert_eq!((&outcomes[0], &outcomes[2]), (&Outcome::Recorded, &Outcome::Recorded));
    assert!(
        matches!(&outcomes[1], Outcome::Refused(errors) if errors[0].pointer == "/answers/help_quality/chat")
    );
    assert_recount(store).await;
}

pub(crate) async fn a_withdrawn_avis_is_gone_and_no_replay_brings_it_back(store: &dyn Store) {
    with_catalogue(store).await;
    let mut answers = smile("moyen");
    answers.push(("comment", text("À retirer")));
    let first = record(1, noon("2026-11-22"), &answers);
    one(store, write(&first)).await;
    let withdraw = Write::Withdraw(vec![AvisId::from_bytes([9; 16]), first.avis_id]);
    assert_eq!(one(store, withdraw.clone()).await, Outcome::Withdrawn);
    assert_eq!(one(store, withdraw).await, Outcome::Missing);
    assert_eq!(store.avis(first.avis_id).await.unwrap(), None);
    assert_eq!(one(store, write(&first)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    let again = Record { on_replay: OnReplay::Change(patch(&smile("pas_bien"))), ..first.clone() };
    assert_eq!(one(store, write(&again)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 0, 0]);
    assert!(assert_recount(store).await.is_empty());
}

pub(crate) async fn decomptes_are_read_by_months_and_days(store: &dyn Store) {
    with_catalogue(store).await;
    let days = ["2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01", "2026-05-15"];
    for (key, day) in (1..).zip(days) {
        one(store, write(&record(key, noon(day), &smile("tres_bien")))).await;
    }
    for (from, to, expected) in [
        ("2026-01-31", "2026-05-15", 5),
        ("2026-02-01", "2026-02-28", 2),
        ("2026-01-31", "2026-03-01", 4),
        ("2026-02-02", "2026-05-14", 2),
        ("2026-02-02", "2026-02-27", 0),
        ("2020-01-01", "2030-12-31", 5),
        ("2026-05-15", "2026-05-15", 1),
    ] {
        assert_eq!(smiles(store, from, to).await, [0, 0, expected], "{from} to {to}");
    }
}

pub(crate) async fn the_decomptes_of_a_demarche_are_read_by_bouton(store: &dyn Store) {
    with_catalogue(store).await;
    store.add_boutons(&[bouton("13", "1")]).await.unwrap();
    let through = |key, at: &str, bouton: Option<&str>| Record {
        bouton: bouton.map(|id| BoutonId(id.into())),
        ..record(key, noon(at), &smile("moyen"))
    };
    let days = ["2026-10-31", "2026-11-01", "2026-11-02", "2026-11-22"];
    for (key, at) in (0..).zip(days) {
        for (place, bouton) in [Some("12"), Some("13"), None].into_iter().enumerate() {
            one(store, write(&through(key * 3 + place as u128, at, bouton))).await;
        }
    }
    let gone = through(12, "2026-11-22", Some("13"));
    one(store, write(&gone)).await;
    one(store, Write::Withdraw(vec![gone.avis_id])).await;
    let elsewhere = Record { demarche: DemarcheId("2".into()), ..through(13, "2026-11-22", Some("21")) };
    one(store, write(&elsewhere)).await;

    let answered = Cell::Answered(shared::Question::Satisfaction);
    for (from, to, expected) in
        [("2026-10-01", "2026-11-30", 4), ("2026-11-02", "2026-11-22", 2), ("2026-10-31", "2026-10-31", 1)]
    {
        let period = Period { from: day(from), to: day(to) };
        let mut read = store.tallies_by_bouton(&DemarcheId("1".into()), period).await.unwrap();
        read.retain(|(_, tally)| !tally.is_zero());
        read.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let counts: Vec<_> =
            read.iter().map(|(id, tally)| (id.as_ref().map(|id| id.0.as_str()), tally[answered])).collect();
        assert_eq!(counts, [(None, expected), (Some("12"), expected), (Some("13"), expected)], "{from} {to}");
        // Together they are the décompte of the démarche.
        let mut sum = Tally::default();
        for (_, tally) in &read {
            sum += tally;
        }
        let all = store.tallies(period).await.unwrap();
        assert!(all.contains(&(DemarcheId("1".into()), sum)), "{from} {to}");
    }
}

pub(crate) async fn the_decomptes_of_a_demarche_are_read_by_day(store: &dyn Store) {
    use shared::questionnaire::Satisfaction::{Moyen, PasBien, TresBien};
    with_catalogue(store).await;
    let given = [
        ("2026-09-30", "1", "moyen"),
        ("2026-10-01", "1", "moyen"),
        ("2026-10-03", "1", "pas_bien"),
        ("2026-10-03", "2", "pas_bien"),
        ("2026-10-31", "1", "tres_bien"),
        ("2026-11-01", "1", "moyen"),
    ];
    for (key, (at, demarche, smiled)) in (1..).zip(given) {
        let of = Record {
            demarche: DemarcheId(demarche.into()),
            bouton: None,
            ..record(key, noon(at), &smile(smiled))
        };
        one(store, write(&of)).await;
    }
    one(store, write(&record(9, noon("2026-10-03"), &smile("tres_bien")))).await;
    let gone = record(10, noon("2026-10-02"), &smile("moyen"));
    one(store, write(&gone)).await;
    one(store, Write::Withdraw(vec![gone.avis_id])).await;

    let period = Period { from: day("2026-10-01"), to: day("2026-10-31") };
    let read = store.tallies_by_day(&DemarcheId("1".into()), period).await.unwrap();

    let of = |choice| Tally::of(&Answers { satisfaction: Some(choice), ..Answers::default() });
    let mut third = of(PasBien);
    third += &of(TresBien);
    let expected =
        [(day("2026-10-01"), of(Moyen)), (day("2026-10-03"), third), (day("2026-10-31"), of(TresBien))];
    assert_eq!(read, expected);
    assert_eq!(store.tallies_by_day(&DemarcheId("9".into()), Period::ALL).await.unwrap(), []);
}

pub(crate) async fn satisfaction_is_read_by_month(store: &dyn Store) {
    with_catalogue(store).await;
    let given = [("2026-08-31", "pas_bien"), ("2026-09-30", "moyen"), ("2026-11-01", "tres_bien")];
    for (key, (at, choice)) in (1..).zip(given) {
        let answers = [("satisfaction", text(choice)), ("ease", text("5"))];
        one(store, write(&record(key, noon(at), &answers))).await;
    }
    let at = noon("2026-09-02");
    let elsewhere =
        Record { demarche: DemarcheId("2".into()), bouton: None, ..record(9, at, &smile("moyen")) };
    one(store, write(&elsewhere)).await;

    let mut read = store.satisfaction_by_month(202_609, 202_611).await.unwrap();
    read.sort_unstable_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
    let of = |choice| Tally::of(&Answers { satisfaction: Some(choice), ..Answers::default() });
    let demarche = |id: &str| DemarcheId(id.into());
    let expected = [
        (demarche("1"), 202_609, of(Satisfaction::Moyen)),
        (demarche("1"), 202_611, of(Satisfaction::TresBien)),
        (demarche("2"), 202_609, of(Satisfaction::Moyen)),
    ];
    assert_eq!(read, expected);
}

pub(crate) async fn how_fresh_a_period_is_tells_its_last_avis(store: &dyn Store) {
    with_catalogue(store).await;
    let november = Period { from: day("2026-11-01"), to: day("2026-11-30") };
    let nothing = store.freshness(november).await.unwrap();
    assert_eq!((nothing.version, nothing.moved_at, nothing.last_avis_at), (0, None, None));
    let (late, early) = (noon("2026-11-22"), noon("2026-11-21"));
    let last = record(1, late, &smile("moyen"));
    one(store, write(&last)).await;
    let first = store.freshness(november).await.unwrap();
    assert_eq!(first.last_avis_at, Some(late));
    assert!(first.moved_at.is_some());
    // One that arrives late, as from a spool, and a change: neither is a newer avis.
    one(store, write(&record(2, early, &smile("moyen")))).await;
    one(store, write(&record(3, late - SignedDuration::from_hours(1), &smile("moyen")))).await;
    one(store, Write::Change(last.avis_id, patch(&smile("pas_bien")))).await;
    let after = store.freshness(november).await.unwrap();
    assert_eq!(after.last_avis_at, Some(late));
    assert!(after.moved_at >= first.moved_at && after.version > first.version);
    store.rebuild(CountedIn::Month(202_611), MissingAvis::Keep).await.unwrap();
    assert_eq!(store.freshness(november).await.unwrap().last_avis_at, Some(late));
    let until_then = Period { to: day("2026-11-21"), ..november };
    assert_eq!(store.freshness(until_then).await.unwrap().last_avis_at, Some(early));
}

pub(crate) async fn the_version_of_a_period_grows_when_its_averages_move_and_only_then(store: &dyn Store) {
    with_catalogue(store).await;
    let version =
        async |from: &str, to: &str| store.version(Period { from: day(from), to: day(to) }).await.unwrap();
    let month = async || version("2026-11-01", "2026-11-30").await;
    let before = month().await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let stored = month().await;
    assert!(stored > before);
    // A replay, a change to the same, an avis of another month: nothing of this period moves.
    one(store, write(&first)).await;
    one(store, Write::Change(first.avis_id, patch(&smile("moyen")))).await;
    one(store, write(&record(2, noon("2026-12-01"), &smile("moyen")))).await;
    assert_eq!(month().await, stored);
    one(store, Write::Change(first.avis_id, patch(&smile("pas_bien")))).await;
    let changed = month().await;
    assert!(changed > stored);
    one(store, Write::Withdraw(vec![first.avis_id])).await;
    assert!(month().await > changed);
    assert_eq!(version("2026-11-01", "2026-11-21").await, 0);
}

pub(crate) async fn decomptes_written_anew_are_the_same(store: &dyn Store) {
    with_catalogue(store).await;
    for (key, day) in (1..).zip(["2026-10-31", "2026-11-01", "2026-11-01", "2026-11-22"]) {
        let record = record(key, noon(day), &smile("moyen"));
        let bouton = record.bouton.clone().filter(|_| key % 2 == 0);
        one(store, write(&Record { bouton, ..record })).await;
    }
    let spans = store.spans().await.unwrap();
    let day_span = |text: &str| CountedIn::Day(day(text));
    let expected = [
        day_span("2026-10-31"),
        day_span("2026-11-01"),
        day_span("2026-11-22"),
        CountedIn::Month(202_610),
        CountedIn::Month(202_611),
    ];
    assert_eq!(spans, expected);
    let before = assert_recount(store).await;
    assert_eq!(before.len(), 4);
    // A period that is read as its months less other days moves with these too.
    let from_the_fifth = Period { from: day("2026-11-05"), to: day("2026-12-31") };
    for span in spans {
        let version = store.version(from_the_fifth).await.unwrap();
        assert_eq!(store.rebuild(span, MissingAvis::Keep).await.unwrap(), 0);
        let has_moved = store.version(from_the_fifth).await.unwrap() > version;
        assert_eq!(has_moved, span.month() == 202_611, "{span:?}");
    }
    assert_eq!(assert_recount(store).await, before);
    assert_eq!(smiles(store, "2026-10-01", "2026-11-30").await, [0, 4, 0]);
}

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

/// The first portion of all from before a day.
pub(crate) async fn purge_before(store: &dyn Store, kept: Kept, before: Day, today: Day) -> Portion {
    store.purge_some(kept, Period::ALL.from..before, today).await.unwrap()
}

/// Purges one avis of two, of one month.
pub(crate) async fn purged_once(store: &dyn Store) {
    with_catalogue(store).await;
    let of = |key, on| write(&record(key, noon(on), &worded("Trop long.")));
    store.commit(&[of(1, "2024-11-20"), of(2, "2024-11-22")]).await.unwrap();
    let (before, today) = (day("2024-11-21"), day("2026-11-21"));
    assert_eq!(purge_before(store, Kept::Texts, before, today).await, Portion::Last(1));
}

/// Loses avis, one that counts and one that is set aside, and looks what becomes of the décomptes.
pub(crate) async fn avis_are_lost(store: &dyn Store, lose: impl AsyncFn(AvisId)) {
    with_catalogue(store).await;
    for (key, on) in [(1, "2026-10-30"), (2, "2026-10-30"), (3, "2026-10-31")] {
        one(store, write(&record(key, noon(on), &smile("moyen")))).await;
    }
    let counted = record(1, noon("2026-10-30"), &smile("moyen")).avis_id;
    let held =
        Record { set_aside: aside(&[Reason::Honeypot]), ..record(4, noon("2026-10-30"), &smile("moyen")) };
    one(store, write(&held)).await;
    lose(held.avis_id).await;
    let (damaged, sound, month) =
        (CountedIn::Day(day("2026-10-30")), CountedIn::Day(day("2026-10-31")), CountedIn::Month(202_610));
    let version = store.version(Period::ALL).await.unwrap();
    assert_eq!(store.rebuild(damaged, MissingAvis::Keep).await.unwrap(), 1);
    assert_eq!(store.version(Period::ALL).await.unwrap(), version, "nothing is written");
    assert_eq!(quarantined(store).await, 1);
    lose(counted).await;
    assert_eq!(store.rebuild(damaged, MissingAvis::Keep).await.unwrap(), 2);
    assert_eq!(store.audit(damaged).await.unwrap()[0].missing(), 2);
    for span in [sound, month] {
        assert_eq!(store.rebuild(span, MissingAvis::Keep).await.unwrap(), 0);
    }
    assert_eq!(smiles(store, "2026-10-01", "2026-10-31").await, [0, 3, 0]);
    assert_eq!(store.rebuild(damaged, MissingAvis::Forget).await.unwrap(), 2);
    assert_eq!(
        store.rebuild(month, MissingAvis::Keep).await.unwrap(),
        2,
        "it counts what its days do not any more"
    );
    assert_eq!(store.rebuild(month, MissingAvis::Forget).await.unwrap(), 2);
    assert_recount(store).await;
    assert_eq!(quarantined(store).await, 0);
    assert_eq!(smiles(store, "2026-10-01", "2026-10-31").await, [0, 2, 0]);
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

pub(crate) async fn the_avis_of_a_day_are_read_in_order(store: &dyn Store) {
    with_catalogue(store).await;
    let records: Vec<Record> = (1..=5).map(|key| record(key, noon("2026-11-22"), &smile("moyen"))).collect();
    for record in &records {
        one(store, write(record)).await;
    }
    one(store, write(&record(6, noon("2026-11-23"), &smile("moyen")))).await;
    let mut expected: Vec<AvisId> = records.iter().map(|record| record.avis_id).collect();
    expected.sort();
    let read = store.avis_of(day("2026-11-22")).await.unwrap();
    assert_eq!(read.iter().map(|avis| avis.id).collect::<Vec<_>>(), expected);
    assert_eq!(read[0], store.avis(expected[0]).await.unwrap().unwrap());
}

pub(crate) async fn the_avis_about_a_demarche_are_read_day_by_day_some_at_a_time(store: &dyn Store) {
    with_catalogue(store).await;
    let days =
        ["2026-08-31", "2026-11-22", "2026-11-22", "2026-11-22", "2026-11-22", "2026-11-30", "2026-12-01"];
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for (key, on) in (1..).zip(days) {
        let answers = any_answers().new_tree(&mut runner).expect("answers").current();
        let patch = AnswersPatch::between(&Answers::default(), &answers);
        let answers = patch.apply(&Answers::default()).expect("pruned answers are valid");
        let record = Record { answers, ..record(key, noon(on), &smile("moyen")) };
        let elsewhere = Record {
            demarche: DemarcheId("2".into()),
            bouton: None,
            ..self::record(key + 100, noon(on), &smile("moyen"))
        };
        store.commit(&[write(&elsewhere), write(&record)]).await.unwrap();
    }
    let read = async |from: &str, to: &str| {
        let period = Period { from: day(from), to: day(to) };
        let id = DemarcheId("1".into());
        let selection = Selection::counted(&id, period);
        let portions: Vec<Vec<Avis>> = store.selected(&selection).try_collect().await.unwrap();
        assert!(portions.iter().all(|some| (1..=PORTION as usize).contains(&some.len())));
        let avis = portions.concat();
        assert!(avis.is_sorted_by_key(|one| one.day));
        for one in &avis {
            assert_eq!(store.avis(one.id).await.unwrap().as_ref(), Some(one));
        }
        assert!(avis.iter().all(|one| one.demarche == id));
        let ids: HashSet<AvisId> = avis.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), avis.len());
        avis.len()
    };
    assert_eq!(read("1900-01-01", "2999-12-31").await, 7);
    assert_eq!(read("2026-09-01", "2026-11-30").await, 5);
    assert_eq!(read("2026-11-22", "2026-11-22").await, 4);
    assert_eq!(read("2026-12-02", "2999-12-31").await, 0);
    assert_eq!(read("2026-12-01", "2026-11-01").await, 0);
}

pub(crate) async fn stored_avis_are_told_from_others(store: &dyn Store) {
    with_catalogue(store).await;
    let here = [1, 2].map(|key| record(key, noon("2026-11-22"), &smile("moyen")));
    let unkeyed = Record { remember: false, ..record(3, noon("2023-01-31"), &smile("moyen")) };
    let gone = record(4, noon("2026-11-22"), &smile("moyen"));
    let writes = [write(&here[0]), write(&here[1]), write(&unkeyed), write(&gone)];
    store.commit(&writes).await.unwrap();
    one(store, Write::Withdraw(vec![gone.avis_id])).await;
    let never = record(5, noon("2026-11-22"), &smile("moyen"));
    let ids = [&here[0], &unkeyed, &gone, &never].map(|record| record.avis_id);
    assert_eq!(store.stored(&ids).await.unwrap(), HashSet::from([here[0].avis_id, unkeyed.avis_id]));
    assert!(store.stored(&[]).await.unwrap().is_empty());
}

pub(crate) async fn satisfaction_is_counted_by_demarche_and_page(store: &dyn Store) {
    with_catalogue(store).await;
    let from = |key, on: &str, smiley: &str, page: Option<&str>| {
        let page = page.map(|page| PageAddress::parse(page).unwrap());
        write(&Record { page, ..record(key, noon(on), &smile(smiley)) })
    };
    let (fin, debut) = (Some("https://a.fr/fin"), Some("https://a.fr/debut"));
    let elsewhere = Record {
        demarche: DemarcheId("2".into()),
        bouton: None,
        ..record(8, noon("2026-09-15"), &smile("moyen"))
    };
    let writes = [
        from(1, "2026-08-31", "moyen", fin),
        from(2, "2026-09-01", "moyen", fin),
        from(3, "2026-09-01", "pas_bien", fin),
        from(4, "2026-09-30", "moyen", fin),
        from(5, "2026-09-30", "tres_bien", debut),
        from(6, "2026-09-30", "tres_bien", None),
        from(7, "2026-10-01", "tres_bien", None),
        write(&elsewhere),
    ];
    store.commit(&writes).await.unwrap();
    let september = Period { from: day("2026-09-01"), to: day("2026-09-30") };
    let rated = store.rated_by_page(september).await.unwrap();
    let mut rated: Vec<_> = rated
        .into_iter()
        .map(|one| {
            let page = one.page.map(|(origin, path)| format!("{origin}{path}"));
            (one.demarche.0, page.unwrap_or_default(), one.satisfaction.code(), one.avis)
        })
        .collect();
    rated.sort_unstable();
    let row = |demarche: &str, page: &str, smiley, avis| (demarche.to_owned(), page.to_owned(), smiley, avis);
    assert_eq!(
        rated,
        [
            row("1", "", "tres_bien", 1),
            row("1", "https://a.fr/debut", "tres_bien", 1),
            row("1", "https://a.fr/fin", "moyen", 2),
            row("1", "https://a.fr/fin", "pas_bien", 1),
            row("2", "https://a.fr/fin", "moyen", 1),
        ]
    );
}

pub(crate) async fn an_avis_without_a_key_is_stored_once(store: &dyn Store) {
    with_catalogue(store).await;
    let imported = Record { remember: false, ..record(1, noon("2024-02-29"), &smile("moyen")) };
    let outcomes = store.commit(&[write(&imported), write(&imported)]).await.unwrap();
    let there = Outcome::Replayed(imported.avis_id, imported.accepted_at);
    assert_eq!(outcomes, [Outcome::Recorded, there.clone()]);
    assert_eq!(one(store, write(&imported)).await, there);
    assert_eq!(smiles(store, "2024-02-29", "2024-02-29").await, [0, 1, 0]);
    assert_eq!(store.keys().await.unwrap(), []);
    assert_recount(store).await;
}

pub(crate) async fn remembered_keys_can_be_carried_over(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let known = store.keys().await.unwrap();
    let Record { avis_id, fingerprint, accepted_at, .. } = first;
    let one_key = Remembered { avis_id, fingerprint, accepted_at };
    assert_eq!(known, [one_key]);
    let other = record(2, noon("2026-11-22"), &smile("moyen"));
    let carried = Remembered { avis_id: other.avis_id, ..one_key };
    let changed = Remembered { fingerprint: [9; 16], ..one_key };
    one(store, write(&Record { remember: false, ..other.clone() })).await;
    store.remember_keys(&[changed, carried]).await.unwrap();
    // What is remembered already stays; what was carried over answers a replay.
    assert_eq!(one(store, write(&first)).await, Outcome::Replayed(avis_id, accepted_at));
    assert_eq!(one(store, write(&other)).await, Outcome::Replayed(other.avis_id, accepted_at));
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 2, 0]);
}

pub(crate) async fn writes_of_one_batch_see_those_before_them(store: &dyn Store) {
    with_catalogue(store).await;
    let (first, second) =
        (record(1, noon("2026-11-22"), &smile("moyen")), record(2, noon("2026-11-22"), &smile("moyen")));
    let mut commented = smile("pas_bien");
    commented.push(("comment", text("Bof")));
    let form = Record {
        on_replay: OnReplay::Change(patch(&smile("tres_bien"))),
        accepted_at: first.accepted_at + SignedDuration::from_secs(1),
        ..first.clone()
    };
    let outcomes = store
        .commit(&[
            Write::Change(first.avis_id, patch(&smile("pas_bien"))),
            write(&first),
            Write::Change(first.avis_id, patch(&commented)),
            write(&second),
            write(&form),
            Write::Withdraw(vec![second.avis_id]),
            Write::Withdraw(vec![second.avis_id]),
            write(&second),
        ])
        .await
        .unwrap();
    let replayed = |record: &Record| Outcome::Replayed(record.avis_id, record.accepted_at);
    let expected = [
        Outcome::Missing,
        Outcome::Recorded,
        Outcome::Changed,
        Outcome::Recorded,
        replayed(&first),
        Outcome::Withdrawn,
        Outcome::Missing,
        replayed(&second),
    ];
    assert_eq!(outcomes, expected);
    let avis = store.avis(first.avis_id).await.unwrap().unwrap();
    assert_eq!(avis.answers.comment.as_deref(), Some("Bof"));
    assert_eq!(store.avis(second.avis_id).await.unwrap(), None);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 0, 1]);
    assert_recount(store).await;
}

pub(crate) async fn a_large_batch_is_stored_whole(store: &dyn Store) {
    with_catalogue(store).await;
    let mut answers = smile("moyen");
    answers.push(("comment", text("Une phrase.")));
    let records: Vec<Record> = (1..=1_333)
        .map(|key| record(key, noon("2026-11-22"), if key % 3 == 0 { &answers } else { &answers[..1] }))
        .collect();
    let writes: Vec<Write> = records.iter().map(write).collect();
    let outcomes = store.commit(&writes).await.unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Recorded));
    assert!(
        store.commit(&writes).await.unwrap().iter().all(|outcome| matches!(outcome, Outcome::Replayed(..)))
    );
    let read = store.avis_of(day("2026-11-22")).await.unwrap();
    assert_eq!(read.len(), 1_333);
    assert_eq!(read.iter().filter(|avis| avis.answers.comment.is_some()).count(), 444);
    assert_recount(store).await;
}

pub(crate) async fn pages_keep_their_addresses(store: &dyn Store) {
    with_catalogue(store).await;
    let from = |key: u128, page: Option<&str>| {
        let page = page.map(|page| PageAddress::parse(page).expect("an address"));
        Record { page, ..record(key, noon("2026-11-22"), &smile("moyen")) }
    };
    let (first, other, none) =
        (from(1, Some("https://a.fr/fin")), from(2, Some("https://b.fr/fin")), from(3, None));
    store.commit(&[write(&first), write(&other), write(&none)]).await.unwrap();
    // One that is known by now, one that is half known, one that is new.
    let (again, path, new) = (
        from(4, Some("https://b.fr/fin")),
        from(5, Some("https://b.fr/autre")),
        from(6, Some("https://c.fr/")),
    );
    store.commit(&[write(&new), write(&again), write(&path)]).await.unwrap();
    for record in [first, other, none, again, path, new] {
        let stored = store.avis(record.avis_id).await.unwrap().expect("stored").page;
        let sent = record.page.map(|page| (page.origin().to_owned(), page.path().to_owned()));
        assert_eq!(stored, sent);
    }
}

pub(crate) async fn a_store_that_was_prepared_is_ready(store: &dyn Store) {
    with_catalogue(store).await;
    store.ready().await.unwrap();
    for _ in 0..2 {
        store.prepare_ahead(day("2026-12-31")).await.unwrap();
    }
    store.ready().await.unwrap();
    for (key, day) in (1..).zip(["2026-12-31", "2027-01-01", "2027-02-28", "2027-03-01", "2025-01-01"]) {
        let record = record(key, noon(day), &smile("moyen"));
        assert_eq!(one(store, write(&record)).await, Outcome::Recorded);
    }
    assert_recount(store).await;
}

pub(crate) async fn the_last_avis_of_a_bouton_is_known(store: &dyn Store) {
    with_catalogue(store).await;
    assert_eq!(store.last_avis().await.unwrap(), []);
    one(store, write(&record(1, noon("2026-11-20"), &smile("moyen")))).await;
    let last = record(2, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&last)).await;
    assert_eq!(store.last_avis().await.unwrap(), [(BoutonId("12".into()), day("2026-11-22"))]);
    one(store, Write::Withdraw(vec![last.avis_id])).await;
    assert_eq!(store.last_avis().await.unwrap(), [(BoutonId("12".into()), day("2026-11-20"))]);
}

pub(crate) async fn avis_are_counted_by_bouton_and_day(store: &dyn Store) {
    with_catalogue(store).await;
    let period = Period { from: day("2026-11-20"), to: day("2026-11-22") };
    assert_eq!(store.avis_by_bouton(period).await.unwrap(), []);
    let days = ["2026-11-19", "2026-11-20", "2026-11-22", "2026-11-22", "2026-11-23"];
    let records: Vec<Record> =
        (1..).zip(days).map(|(key, on)| record(key, noon(on), &smile("moyen"))).collect();
    let without = Record { bouton: None, ..record(9, noon("2026-11-22"), &smile("moyen")) };
    store.commit(&records.iter().chain([&without]).map(write).collect::<Vec<_>>()).await.unwrap();
    let mut counted = store.avis_by_bouton(period).await.unwrap();
    counted.sort();
    let bouton = || BoutonId("12".into());
    assert_eq!(counted, [(bouton(), day("2026-11-20"), 1), (bouton(), day("2026-11-22"), 2)]);
    one(store, Write::Withdraw(vec![records[1].avis_id])).await;
    assert_eq!(store.avis_by_bouton(period).await.unwrap(), [(bouton(), day("2026-11-22"), 2)]);
}

pub(crate) async fn demarches_are_registered_all_or_none(store: &dyn Store) {
    let before = store.catalogue_version().await.unwrap();
    let full = Demarche {
        aliases: vec!["xwiki:823".into(), "form:12".into()],
        ministry: Some("Économie".into()),
        audience: vec![Audience::Entreprises, Audience::Associations],
        essential: true,
        ..demarche("3059")
    };
    store.add_demarches(std::slice::from_ref(&full)).await.unwrap();
    assert_ne!(store.catalogue_version().await.unwrap(), before);
    let catalogue = store.catalogue().await.unwrap();
    assert_eq!(
        catalogue.demarche("form:12"),
        Some(&Demarche { aliases: vec!["form:12".into(), "xwiki:823".into()], ..full })
    );
    let again = store.add_demarches(&[demarche("1"), demarche("3059")]).await;
    assert!(matches!(again, Err(CatalogueError::Exists(what)) if what == "démarche 3059"));
    let aliased = store.add_demarches(&[Demarche { aliases: vec!["form:12".into()], ..demarche("1") }]).await;
    assert!(matches!(aliased, Err(CatalogueError::Exists(what)) if what == "alias form:12"));
    // Ids and aliases are names of one kind: none may stand for two démarches.
    let alias_of_id =
        store.add_demarches(&[Demarche { aliases: vec!["3059".into()], ..demarche("1") }]).await;
    assert!(matches!(alias_of_id, Err(CatalogueError::Exists(what)) if what == "démarche 3059"));
    let id_of_alias = store.add_demarches(&[demarche("form:12")]).await;
    assert!(matches!(id_of_alias, Err(CatalogueError::Exists(what)) if what == "alias form:12"));
    assert_eq!(store.catalogue().await.unwrap().demarches().len(), 1);
}

pub(crate) async fn names_come_in_the_order_of_their_bytes(store: &dyn Store) {
    let names = ["A-b", "Z", "_", "a b", "ab", "é"].map(str::to_owned).to_vec();
    let (mut backwards, mut origins) = (names.clone(), names.clone());
    backwards.reverse();
    origins.reverse();
    store.add_demarches(&[Demarche { aliases: backwards.clone(), ..demarche("1") }]).await.unwrap();
    store.add_boutons(&[Bouton { aliases: backwards, origins, ..bouton("12", "1") }]).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    assert_eq!(catalogue.demarche("1").unwrap().aliases, names);
    let bouton = catalogue.bouton_by_id("12").unwrap();
    assert_eq!((&bouton.aliases, &bouton.origins), (&names, &names));
}

pub(crate) async fn a_demarche_changes_only_where_it_is_told_to(store: &dyn Store) {
    with_catalogue(store).await;
    let id = DemarcheId("1".into());
    let change = DemarcheChange {
        title: Some("Autre".into()),
        add_aliases: vec!["a".into()],
        essential: Some(true),
        ..DemarcheChange::default()
    };
    store.change_demarche(&id, &change).await.unwrap();
    let closing = DemarcheChange { closed: Some(true), ..DemarcheChange::default() };
    store.change_demarche(&id, &closing).await.unwrap();
    let expected = Demarche {
        title: "Autre".into(),
        aliases: vec!["a".into()],
        essential: true,
        closed: true,
        ..demarche("1")
    };
    assert_eq!(store.catalogue().await.unwrap().demarche("a"), Some(&expected));
    let moved = DemarcheChange {
        remove_aliases: vec!["a".into()],
        add_aliases: vec!["b".into()],
        ..DemarcheChange::default()
    };
    store.change_demarche(&id, &moved).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    assert_eq!((catalogue.demarche("a"), catalogue.demarche("b").map(|one| &one.id)), (None, Some(&id)));
    for not_its_own in [&id, &DemarcheId("2".into())] {
        let again = store.change_demarche(not_its_own, &moved).await;
        assert!(matches!(again, Err(CatalogueError::Unknown(name)) if name.starts_with("alias a of")));
    }
    assert!(store.catalogue().await.unwrap().demarche("b").is_some(), "nothing was changed");
    let unknown = store.change_demarche(&DemarcheId("9".into()), &change).await;
    assert!(matches!(unknown, Err(CatalogueError::Unknown(_))));
}

pub(crate) async fn the_list_of_essential_demarches_is_replaced_as_a_whole(store: &dyn Store) {
    let demarches = ["1", "2", "10"].map(|id| Demarche { essential: id == "2", ..demarche(id) });
    store.add_demarches(&demarches).await.unwrap();
    let ids = |ids: &[&str]| ids.iter().map(|id| DemarcheId((*id).to_owned())).collect::<Vec<_>>();
    let essential = async || {
        let catalogue = store.catalogue().await.unwrap();
        catalogue.demarches().iter().filter(|one| one.essential).map(|one| one.id.clone()).collect::<Vec<_>>()
    };
    let change = |new: &[&str], already: &[&str], down: &[&str]| EssentialChange {
        new: ids(new),
        already: ids(already),
        down: ids(down),
    };

    let done = store.set_essential(&ids(&["10", "1", "2", "1"])).await.unwrap();
    assert_eq!(done, change(&["1", "10"], &["2"], &[]));
    assert_eq!(essential().await, ids(&["1", "2", "10"]));
    let version = store.catalogue_version().await.unwrap();
    assert_eq!(
        store.set_essential(&ids(&["1", "2", "10"])).await.unwrap(),
        change(&[], &["1", "2", "10"], &[])
    );
    assert_eq!(store.catalogue_version().await.unwrap(), version, "nothing changed");

    let unknown = store.set_essential(&ids(&["1", "9"])).await;
    assert!(matches!(unknown, Err(CatalogueError::Unknown(what)) if what == "démarche 9"));
    assert_eq!(essential().await, ids(&["1", "2", "10"]));
    assert_eq!(store.catalogue_version().await.unwrap(), version, "nothing changed");

    assert_eq!(store.set_essential(&ids(&["2"])).await.unwrap(), change(&[], &["2"], &["1", "10"]));
    assert_eq!(essential().await, ids(&["2"]));
    assert_ne!(store.catalogue_version().await.unwrap(), version);
    assert_eq!(store.set_essential(&[]).await.unwrap(), change(&[], &[], &["2"]));
}

pub(crate) async fn boutons_are_registered_with_aliases_and_origins(store: &dyn Store) {
    with_catalogue(store).await;
    let full = Bouton {
        aliases: vec!["button".into()],
        origins: vec!["https://a.fr".into(), "https://b.fr".into()],
        label: Some("fin de parcours".into()),
        channel: BoutonChannel::Borne,
        ..bouton("13", "1")
    };
    // The same alias in another démarche is another bouton.
    let other = Bouton { aliases: vec!["button".into()], ..bouton("22", "2") };
    store.add_boutons(&[full.clone(), other]).await.unwrap();
    assert_eq!(store.catalogue().await.unwrap().bouton_by_id("13"), Some(&full));
    let change = BoutonChange {
        closed: Some(true),
        origins: Some(vec!["https://c.fr".into()]),
        ..BoutonChange::default()
    };
    store.change_bouton(&full.id, &change).await.unwrap();
    let expected = Bouton { closed: true, origins: vec!["https://c.fr".into()], ..full };
    assert_eq!(store.catalogue().await.unwrap().bouton_by_id("13"), Some(&expected));
    let renamed = BoutonChange {
        remove_aliases: vec!["button".into()],
        add_aliases: vec!["fin".into()],
        ..BoutonChange::default()
    };
    store.change_bouton(&expected.id, &renamed).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    assert_eq!(catalogue.bouton_by_id("13").unwrap().aliases, ["fin"]);
    assert_eq!(catalogue.bouton_by_id("22").unwrap().aliases, ["button"], "of another démarche");
    let again = store.change_bouton(&expected.id, &renamed).await;
    assert!(matches!(again, Err(CatalogueError::Unknown(what)) if what == "alias button of 13"));
    let orphan = store.add_boutons(&[bouton("14", "9")]).await;
    assert!(matches!(orphan, Err(CatalogueError::Unknown(what)) if what == "démarche 9"));
    let again = store.add_boutons(&[bouton("12", "1")]).await;
    assert!(matches!(again, Err(CatalogueError::Exists(what)) if what == "bouton 12"));
    let unknown = store.change_bouton(&BoutonId("99".into()), &change).await;
    assert!(matches!(unknown, Err(CatalogueError::Unknown(_))));
}

pub(crate) async fn keys_are_made_and_revoked(store: &dyn Store) {
    with_catalogue(store).await;
    let today = day("2026-11-22");
    let id = DemarcheId("1".into());
    let first = store.add_key([1; 32], Scope::Submit, Some(&id), today, Some(today)).await.unwrap();
    let second = store.add_key([2; 32], Scope::Admin, None, today, None).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    let expected = ApiKey {
        id: first,
        digest: [1; 32],
        scope: Scope::Submit,
        demarche: Some(id),
        created: today,
        expires: Some(today),
        revoked: false,
    };
    assert_eq!(catalogue.key(&[1; 32]), Some(&expected));
    assert_eq!(catalogue.key(&[2; 32]).map(|key| (key.scope, key.expires)), Some((Scope::Admin, None)));
    store.revoke_key(first).await.unwrap();
    let catalogue = store.catalogue().await.unwrap();
    assert!(catalogue.key(&[1; 32]).is_none());
    assert_eq!(catalogue.key(&[2; 32]).map(|key| key.id), Some(second));
    assert!(matches!(store.revoke_key(99).await, Err(CatalogueError::Unknown(_))));
    let orphan = store.add_key([3; 32], Scope::Submit, Some(&DemarcheId("9".into())), today, None).await;
    assert!(matches!(orphan, Err(CatalogueError::Unknown(_))));
}

pub(crate) async fn keys_of_another_store_keep_their_numbers(store: &dyn Store) {
    with_catalogue(store).await;
    let key = |id: i64, revoked| ApiKey {
        id,
        digest: [u8::try_from(id).unwrap(); 32],
        scope: Scope::Read,
        demarche: (id == 7).then(|| DemarcheId("1".into())),
        created: day("2026-01-31"),
        expires: (id == 7).then(|| day("2027-01-31")),
        revoked,
    };
    let before = store.catalogue_version().await.unwrap();
    let keys = [key(3, true), key(7, false)];
    store.load_keys(&keys).await.unwrap();
    assert_ne!(store.catalogue_version().await.unwrap(), before);
    assert_eq!(store.catalogue().await.unwrap().keys(), keys);
    let again = store.load_keys(&[key(8, false), key(7, false)]).await;
    assert!(matches!(again, Err(CatalogueError::Exists(what)) if what == "key 7"));
    let orphan = ApiKey { demarche: Some(DemarcheId("9".into())), ..key(8, false) };
    assert!(matches!(store.load_keys(&[orphan]).await, Err(CatalogueError::Unknown(_))));
    // The next one made here takes none of their numbers.
    let next = store.add_key([9; 32], Scope::Submit, None, day("2026-11-22"), None).await.unwrap();
    assert!(next > 7);
    assert_eq!(store.catalogue().await.unwrap().keys().len(), 3);
}

pub(crate) async fn the_last_use_of_a_key_is_noted_apart_from_the_catalogue(store: &dyn Store) {
    let today = day("2026-11-22");
    let first = store.add_key([1; 32], Scope::Submit, None, today, None).await.unwrap();
    let second = store.add_key([2; 32], Scope::Read, None, today, None).await.unwrap();
    let third = store.add_key([3; 32], Scope::Admin, None, today, None).await.unwrap();
    assert_eq!(store.key_uses().await.unwrap(), []);
    let version = store.catalogue_version().await.unwrap();
    store.note_key_uses(&[(third, today), (first, today), (99, today)]).await.unwrap();
    assert_eq!(store.key_uses().await.unwrap(), [(first, today), (third, today)]);
    // A collector that was cut off from the database tells of earlier days when it is back.
    store
        .note_key_uses(&[(first, today.plus(-1)), (second, today.plus(-1)), (third, today.plus(1))])
        .await
        .unwrap();
    let uses = [(first, today), (second, today.plus(-1)), (third, today.plus(1))];
    assert_eq!(store.key_uses().await.unwrap(), uses);
    assert_eq!(store.catalogue_version().await.unwrap(), version);
}

pub(crate) async fn the_first_secret_stays(store: &dyn Store) {
    assert!(store.secret().await.unwrap().is_empty());
    let (first, second) = (SecretKey { id: 1, bytes: [1; 32] }, SecretKey { id: 1, bytes: [2; 32] });
    store.add_secret_key(&first, day("2026-11-22")).await.unwrap();
    store.add_secret_key(&second, day("2026-11-22")).await.unwrap();
    assert_eq!(store.secret().await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(store.dated_secret().await.unwrap(), [(first, day("2026-11-22"))]);
}

fn entries(writes: Vec<Write>) -> Vec<SpoolEntry> {
    (1..).zip(writes).map(|(seq, write)| SpoolEntry { seq, write: Ok(write) }).collect()
}

pub(crate) async fn entries_of_a_spool_are_written_exactly_once(store: &dyn Store) {
    with_catalogue(store).await;
    let (first, second) =
        (record(1, noon("2026-11-22"), &smile("moyen")), record(2, noon("2026-11-22"), &smile("moyen")));
    let unkeyed = Record { remember: false, ..record(3, noon("2026-11-22"), &smile("moyen")) };
    let entries = entries(vec![
        write(&first),
        write(&second),
        write(&unkeyed),
        Write::Change(first.avis_id, patch(&smile("tres_bien"))),
        Write::Withdraw(vec![second.avis_id]),
        Write::Withdraw(vec![AvisId::from_bytes([9; 16])]),
    ]);
    let (spool, other) = (SpoolId::random(), SpoolId::random());
    assert_eq!(store.drain(spool, &entries[..2]).await.unwrap(), []);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 2, 0]);
    // The collector ended before it had taken them away, and begins with them again; and again.
    assert_eq!(store.drain(spool, &entries).await.unwrap(), []);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 1, 1]);
    let later = Write::Change(first.avis_id, patch(&smile("pas_bien")));
    one(store, later).await;
    assert_eq!(store.drain(spool, &entries).await.unwrap(), []);
    assert_eq!(store.drain(spool, &entries[3..4]).await.unwrap(), []);
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [1, 1, 0], "the change came back");
    // Another spool numbers its own.
    let third = record(4, noon("2026-11-23"), &smile("moyen"));
    let elsewhere = [SpoolEntry { seq: 1, write: Ok(write(&third)) }];
    assert_eq!(store.drain(other, &elsewhere).await.unwrap(), []);
    assert!(store.avis(third.avis_id).await.unwrap().is_some());
    assert_eq!(store.drain(other, &[]).await.unwrap(), []);
    assert_recount(store).await;
}

pub(crate) async fn entries_that_prove_wrong_are_told_with_their_reasons(store: &dyn Store) {
    with_catalogue(store).await;
    let first = record(1, noon("2026-11-22"), &smile("moyen"));
    one(store, write(&first)).await;
    let reused = Record { fingerprint: [2; 16], ..first.clone() };
    let late = Record {
        on_replay: OnReplay::Change(patch(&smile("pas_bien"))),
        accepted_at: first.accepted_at + SignedDuration::from_hours(25),
        ..first.clone()
    };
    let closed = Record { closed: true, ..record(2, noon("2026-11-22"), &smile("moyen")) };
    let good = record(3, noon("2026-11-22"), &smile("moyen"));
    let contradiction = patch(&[("help_quality", map(&[("chat", text("bonne"))]))]);
    let mut all = entries(vec![
        write(&reused),
        write(&late),
        write(&closed),
        Write::Change(AvisId::from_bytes([9; 16]), patch(&smile("moyen"))),
        Write::Change(first.avis_id, contradiction),
        write(&good),
    ]);
    all.insert(5, SpoolEntry { seq: 6, write: Err("the entry is unreadable".into()) });
    all[6].seq = 8;
    let reasons = [
        (1, "key_reused"),
        (2, "expired"),
        (3, "closed"),
        (4, "missing"),
        (5, "refused: /answers/help_quality/chat condition_not_met"),
        (6, "the entry is unreadable"),
    ];
    let expected = reasons.map(|(seq, reason)| Refusal { seq, reason: reason.into() });
    let spool = SpoolId::random();
    assert_eq!(store.drain(spool, &all).await.unwrap(), expected);
    // Told again to a collector that ended before it could keep them apart, of the entries that it names.
    assert_eq!(store.drain(spool, &all).await.unwrap(), expected);
    assert_eq!(store.drain(spool, &all[1..3]).await.unwrap(), expected[1..3]);
    assert!(store.avis(good.avis_id).await.unwrap().is_some());
    assert_eq!(smiles(store, "2026-11-22", "2026-11-22").await, [0, 2, 0]);
    assert_recount(store).await;
    let known = store.spools().await.unwrap();
    assert_eq!(known, [SpoolState { id: spool, seen_at: None, holds_since: None, refused: 6 }]);
}

pub(crate) async fn spools_are_known_until_they_are_forgotten(store: &dyn Store) {
    assert_eq!(store.spools().await.unwrap(), []);
    let (one, two) = (SpoolId::random(), SpoolId::random());
    let at = noon("2026-11-22");
    store.report_spool(one, at, Some(day("2026-11-20"))).await.unwrap();
    store.report_spool(two, at, None).await.unwrap();
    store.report_spool(one, at + SignedDuration::from_secs(30), None).await.unwrap();
    let mut expected = vec![
        SpoolState {
            id: one,
            seen_at: Some(at + SignedDuration::from_secs(30)),
            holds_since: None,
            refused: 0,
        },
        SpoolState { id: two, seen_at: Some(at), holds_since: None, refused: 0 },
    ];
    expected.sort_by_key(|spool| spool.id.to_string());
    assert_eq!(store.spools().await.unwrap(), expected);
    assert!(store.forget_spool(one).await.unwrap());
    assert!(!store.forget_spool(one).await.unwrap());
    store.report_spool(two, at, Some(day("2026-11-21"))).await.unwrap();
    let left = SpoolState { id: two, seen_at: Some(at), holds_since: Some(day("2026-11-21")), refused: 0 };
    assert_eq!(store.spools().await.unwrap(), [left]);
}

/// A step of the property below, on one of a few avis.
#[derive(Debug, Clone)]
enum Act {
    Post { key: u128, hours: i64, answers: Answers, set_aside: Reasons },
    Form { key: u128, hours: i64, answers: Answers },
    Patch { key: u128, posted: i64, answers: Answers },
    Delete { key: u128, posted: i64 },
}

pub(crate) async fn periods_read_together_are_of_one_moment(store: &dyn Store) {
    with_catalogue(store).await;
    let quarter = "2026-T3".parse::<Quarter>().unwrap();
    let periods = [quarter.twelve_months(), quarter.period()];
    let avis: Vec<Record> = (0..60).map(|key| record(key, noon("2026-08-15"), &smile("moyen"))).collect();
    let come_and_go = async {
        for one_of_them in &avis {
            assert_eq!(one(store, write(one_of_them)).await, Outcome::Recorded);
        }
        for one_of_them in &avis {
            assert_eq!(one(store, Write::Withdraw(vec![one_of_them.avis_id])).await, Outcome::Withdrawn);
        }
    };
    let mut seen = 0;
    let look = async {
        loop {
            let read = store.tallies_of_periods(&periods).await.unwrap();
            // All of them are in both.
            assert_eq!(read[0], read[1]);
            seen += 1;
        }
    };
    tokio::select! {
        biased;
        () = come_and_go => {}
        () = look => {}
    }
    assert!(seen > 1, "it was not looked at meanwhile");
    assert_eq!(store.tallies_of_periods(&[]).await.unwrap(), Vec::<Vec<_>>::new());
}

/// The last millisecond of a quarter and the first of the next, in summer time and in winter time.
pub(crate) async fn an_avis_counts_in_the_quarter_of_its_paris_day(store: &dyn Store) {
    with_catalogue(store).await;
    let instants = [
        ("2025-12-31T22:59:59.999Z", "2025-12-31T23:00:00Z", ["2025-T4", "2026-T1"]),
        ("2026-03-31T21:59:59.999Z", "2026-03-31T22:00:00Z", ["2026-T1", "2026-T2"]),
        ("2026-06-30T21:59:59.999Z", "2026-06-30T22:00:00Z", ["2026-T2", "2026-T3"]),
        ("2026-09-30T21:59:59.999Z", "2026-09-30T22:00:00Z", ["2026-T3", "2026-T4"]),
    ];
    for (key, (last, first, quarters)) in (0..).zip(instants) {
        let periods = quarters.map(|quarter| quarter.parse::<Quarter>().unwrap().period());
        let count = async || {
            let read = store.tallies_of_periods(&periods).await.unwrap();
            let answered = Cell::Answered(shared::Question::Satisfaction);
            let of = |tallies: &Vec<(DemarcheId, Tally)>| -> i64 {
                tallies.iter().map(|(_, tally)| tally[answered]).sum()
            };
            [of(&read[0]), of(&read[1])]
        };
        let before = count().await;
        one(store, write(&record(2 * key, last.parse().unwrap(), &smile("moyen")))).await;
        assert_eq!(count().await, [before[0] + 1, before[1]], "{last}");
        one(store, write(&record(2 * key + 1, first.parse().unwrap(), &smile("moyen")))).await;
        assert_eq!(count().await, [before[0] + 1, before[1] + 1], "{first}");
    }
}

/// The reasons of these, in any order.
pub(crate) fn aside(reasons: &[Reason]) -> Reasons {
    reasons.iter().copied().collect()
}

/// Avis that are set aside, of a few démarches, boutons, pages, days and reasons.
async fn with_quarantine(store: &dyn Store) -> Vec<Record> {
    with_catalogue(store).await;
    let base = |key, on: &str, reasons: &[Reason]| Record {
        set_aside: aside(reasons),
        ..record(key, noon(on), &smile("pas_bien"))
    };
    let other_page = PageAddress::parse("https://b.fr/fin");
    let records = vec![
        base(1, "2026-11-22", &[Reason::Honeypot]),
        base(2, "2026-11-22", &[Reason::Honeypot, Reason::NetworkShare]),
        Record { page: other_page, ..base(3, "2026-11-22", &[Reason::ForeignOrigin]) },
        Record { bouton: None, page: None, ..base(4, "2026-11-23", &[Reason::NetworkShare]) },
        Record {
            demarche: DemarcheId("2".into()),
            bouton: Some(BoutonId("21".into())),
            ..base(5, "2026-12-01", &[Reason::NetworkShare])
        },
        base(6, "2026-11-22", &[]),
        Record { bouton: None, ..base(7, "2026-11-22", &[]) },
    ];
    let writes: Vec<Write> = records.iter().map(write).collect();
    store.commit(&writes).await.unwrap();
    records
}

/// The keys of the avis that a selection means, by the records that made them.
async fn found(store: &dyn Store, records: &[Record], selection: &Selection) -> Vec<usize> {
    let avis: Vec<Avis> = store.selected(selection).try_concat().await.unwrap();
    let place =
        |avis: &Avis| records.iter().position(|one| one.avis_id == avis.id).expect("one of the records");
    let mut found: Vec<usize> = avis.iter().map(|one| place(one) + 1).collect();
    found.sort_unstable();
    found
}

async fn mend_all(store: &dyn Store, act: &Mending, selection: &Selection) -> u64 {
    let mut done = 0;
    loop {
        match store.mend(act, selection, noon("2026-12-02")).await.unwrap() {
            0 => return done,
            some => done += some,
        }
    }
}

/// How many avis of démarche 1 are in quarantine.
async fn quarantined(store: &dyn Store) -> i64 {
    let tallies = store.tallies(Period::ALL).await.unwrap();
    tallies.into_iter().find(|(id, _)| id.0 == "1").map_or(0, |(_, tally)| tally[Cell::Quarantined])
}

pub(crate) async fn an_avis_in_quarantine_is_stored_and_not_counted(store: &dyn Store) {
    with_catalogue(store).await;
    let reasons = aside(&[Reason::TokenCopied, Reason::NetworkShare]);
    let first = Record { set_aside: reasons, ..record(1, noon("2026-11-22"), &smile("moyen")) };
    assert_eq!(one(store, write(&first)).await, Outcome::Recorded);
    assert_eq!(one(store, write(&first)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    let stored = store.avis(first.avis_id).await.unwrap().expect("stored");
    assert_eq!((stored.set_aside, &stored.answers), (reasons, &*first.answers));

    let (day, id) = (day("2026-11-22"), DemarcheId("1".into()));
    let period = Period { from: day, to: day };
    let aside = Tally::of_quarantined();
    assert_eq!(store.tallies(period).await.unwrap(), [(id.clone(), aside.clone())]);
    assert_eq!(store.tallies_by_day(&id, period).await.unwrap(), [(day, aside.clone())]);
    let by_bouton = store.tallies_by_bouton(&id, period).await.unwrap();
    assert_eq!(by_bouton, [(Some(BoutonId("12".into())), aside.clone())]);
    let by_month = store.satisfaction_by_month(202_611, 202_611).await.unwrap();
    assert_eq!(by_month, [(id, 202_611, aside)]);
    assert_eq!(store.rated_by_page(period).await.unwrap(), []);
    assert_eq!(store.last_avis().await.unwrap(), []);
    assert_eq!(store.avis_by_bouton(period).await.unwrap(), []);
    assert_recount(store).await;

    // Changed, it stays where it is; withdrawn, it is nowhere.
    let version = store.version(period).await.unwrap();
    let change = Write::Change(first.avis_id, patch(&smile("pas_bien")));
    assert_eq!(one(store, change).await, Outcome::Changed);
    let changed = store.avis(first.avis_id).await.unwrap().expect("stored");
    assert_eq!((changed.set_aside, changed.answers.satisfaction), (reasons, Some(Satisfaction::PasBien)));
    assert_eq!((smiles(store, "2026-11-22", "2026-11-22").await, quarantined(store).await), ([0; 3], 1));
    assert_eq!(store.version(period).await.unwrap(), version, "no figure has moved");
    assert_recount(store).await;
    assert_eq!(one(store, Write::Withdraw(vec![first.avis_id])).await, Outcome::Withdrawn);
    assert_eq!(quarantined(store).await, 0);
    assert!(store.version(period).await.unwrap() > version);
    assert_recount(store).await;
}

pub(crate) async fn the_quarantine_is_released_confirmed_and_filled_again(store: &dyn Store) {
    let records = with_quarantine(store).await;
    let day = Period { from: day("2026-11-22"), to: day("2026-11-22") };
    let state = async || (smiles(store, "2026-11-22", "2026-11-22").await[0], quarantined(store).await);
    let id = DemarcheId("1".into());
    let honeypot = Selection {
        demarche: Some(id.clone()),
        reason: Some(Reason::Honeypot),
        ..Selection::of(Period::ALL, Counting::Held)
    };
    assert_eq!(state().await, (2, 4));

    let before = store.version(day).await.unwrap();
    assert_eq!(mend_all(store, &Mending::Confirm, &honeypot).await, 2);
    assert_eq!(store.version(day).await.unwrap(), before, "no figure has moved");
    let confirmed = store.avis(records[1].avis_id).await.unwrap().unwrap().set_aside;
    assert_eq!(confirmed, aside(&[Reason::Honeypot, Reason::NetworkShare]).confirmed());
    assert_eq!(state().await, (2, 4));
    assert_recount(store).await;

    assert_eq!(mend_all(store, &Mending::Release, &honeypot).await, 0, "what is confirmed is not held");
    let confirmed = Selection { kept: Counting::Confirmed, ..honeypot };
    assert_eq!(mend_all(store, &Mending::Release, &confirmed).await, 2);
    assert!(store.version(day).await.unwrap() > before);
    assert_eq!(state().await, (4, 2));
    assert_eq!(store.avis(records[1].avis_id).await.unwrap().unwrap().set_aside, Reasons::NONE);
    assert_recount(store).await;

    // A release that was a mistake. What counted from the start stays.
    let again = Selection {
        avis: vec![records[0].avis_id, records[2].avis_id],
        ..Selection::counted(&id, Period::ALL)
    };
    assert_eq!(mend_all(store, &Mending::Hold(Reason::Honeypot), &again).await, 1);
    assert_eq!(state().await, (3, 3));
    // Changed after all that, it is still there and nowhere else.
    one(store, Write::Change(records[0].avis_id, patch(&smile("moyen")))).await;
    assert_eq!(state().await, (3, 3));
    assert_recount(store).await;
}

pub(crate) async fn avis_are_selected_by_what_they_have_in_common(store: &dyn Store) {
    let records = with_quarantine(store).await;
    let confirmed =
        Selection { avis: vec![records[1].avis_id], ..Selection::of(Period::ALL, Counting::Held) };
    mend_all(store, &Mending::Confirm, &confirmed).await;
    let all = |kept| Selection::of(Period::ALL, kept);
    let aside = || all(Counting::Quarantined);
    let of = |bouton: &str| Some(FromBouton::Of(BoutonId(bouton.into())));
    let period = |from: &str, to: &str| Period { from: day(from), to: day(to) };
    for (selection, expected) in [
        (all(Counting::Anyhow), vec![1, 2, 3, 4, 5, 6, 7]),
        (all(Counting::Counted), vec![6, 7]),
        (aside(), vec![1, 2, 3, 4, 5]),
        (all(Counting::Held), vec![1, 3, 4, 5]),
        (all(Counting::Confirmed), vec![2]),
        (Selection { demarche: Some(DemarcheId("2".into())), ..aside() }, vec![5]),
        (Selection { bouton: of("12"), ..aside() }, vec![1, 2, 3]),
        (Selection { bouton: of("12"), ..all(Counting::Anyhow) }, vec![1, 2, 3, 6]),
        (Selection { bouton: Some(FromBouton::None), ..all(Counting::Anyhow) }, vec![4, 7]),
        (Selection { reason: Some(Reason::NetworkShare), ..aside() }, vec![2, 4, 5]),
        (Selection { reason: Some(Reason::NetworkShare), ..all(Counting::Held) }, vec![4, 5]),
        (Selection { reason: Some(Reason::TokenCopied), ..aside() }, vec![]),
        (Selection { page_origin: Some("https://b.fr".into()), ..aside() }, vec![3]),
        (Selection { page_origin: Some("https://c.fr".into()), ..aside() }, vec![]),
        (Selection { period: period("2026-11-23", "2026-12-31"), ..aside() }, vec![4, 5]),
        (
            Selection { period: period("2026-11-01", "2026-11-22"), ..all(Counting::Anyhow) },
            vec![1, 2, 3, 6, 7],
        ),
        (Selection { period: period("2026-12-31", "2026-11-01"), ..all(Counting::Anyhow) }, vec![]),
        (
            Selection { avis: vec![records[0].avis_id, records[4].avis_id, records[5].avis_id], ..aside() },
            vec![1, 5],
        ),
    ] {
        assert_eq!(found(store, &records, &selection).await, expected, "{selection:?}");
        let avis: Vec<Avis> = store.selected(&selection).try_concat().await.unwrap();
        for one in avis {
            assert_eq!(store.avis(one.id).await.unwrap(), Some(one));
        }
    }
}

pub(crate) async fn an_act_is_done_some_at_a_time_and_to_nothing_else(store: &dyn Store) {
    with_catalogue(store).await;
    let many = 2 * PORTION + 1;
    let records: Vec<Record> = (1..=many)
        .map(|key| Record {
            set_aside: aside(&[Reason::NetworkShare]),
            ..record(key.into(), noon("2026-11-22"), &smile("moyen"))
        })
        .collect();
    store.commit(&records.iter().map(write).collect::<Vec<_>>()).await.unwrap();
    let held = Selection::of(Period::ALL, Counting::Held);
    let mut portions = vec![];
    loop {
        let some = store.mend(&Mending::Release, &held, noon("2026-12-02")).await.unwrap();
        assert_recount(store).await;
        if some == 0 {
            break;
        }
        portions.push(some);
    }
    let portion = u64::from(PORTION);
    assert_eq!(portions, [portion, portion, 1]);
    assert_eq!(
        (smiles(store, "2026-11-22", "2026-11-22").await, quarantined(store).await),
        ([0, many.into(), 0], 0)
    );
    assert_eq!(store.journal().await.unwrap().len(), 3, "an entry for each, none for what was nothing");
}

pub(crate) async fn avis_are_given_to_another_demarche(store: &dyn Store) {
    let records = with_quarantine(store).await;
    let count = async |id: &str| {
        let tallies = store.tallies(Period::ALL).await.unwrap();
        let tally =
            tallies.into_iter().find(|(one, _)| one.0 == id).map_or_else(Tally::default, |(_, tally)| tally);
        (tally[Cell::Satisfaction(Satisfaction::PasBien)], tally[Cell::Quarantined])
    };
    assert_eq!((count("1").await, count("2").await), ((2, 4), (0, 1)));
    let through = Selection {
        demarche: Some(DemarcheId("1".into())),
        bouton: Some(FromBouton::Of(BoutonId("12".into()))),
        page_origin: Some("https://a.fr".into()),
        ..Selection::of(Period { from: day("2026-11-01"), to: day("2026-11-30") }, Counting::Anyhow)
    };
    let act = Mending::Reattribute(DemarcheId("2".into()), None);
    assert_eq!(mend_all(store, &act, &through).await, 3);
    assert_eq!((count("1").await, count("2").await), ((1, 2), (1, 3)));
    let moved = store.avis(records[1].avis_id).await.unwrap().unwrap();
    assert_eq!((moved.demarche.0.as_str(), &moved.bouton, moved.day), ("2", &None, day("2026-11-22")));
    assert_eq!(moved.set_aside, aside(&[Reason::Honeypot, Reason::NetworkShare]));
    assert_recount(store).await;

    // It can be changed and withdrawn still, and nothing of it is left where it was.
    one(store, Write::Change(records[5].avis_id, patch(&smile("moyen")))).await;
    assert_eq!(count("2").await, (0, 3));
    one(store, Write::Withdraw(vec![records[0].avis_id])).await;
    assert_eq!(count("2").await, (0, 2));
    assert_recount(store).await;

    // And back.
    let back = Selection {
        demarche: Some(DemarcheId("2".into())),
        bouton: Some(FromBouton::None),
        ..Selection::of(Period::ALL, Counting::Anyhow)
    };
    let act = Mending::Reattribute(DemarcheId("1".into()), Some(BoutonId("12".into())));
    assert_eq!(mend_all(store, &act, &back).await, 2);
    assert_eq!((count("1").await, count("2").await), ((1, 3), (0, 1)));
    assert_recount(store).await;
}

pub(crate) async fn the_journal_keeps_what_was_done(store: &dyn Store) {
    let records = with_quarantine(store).await;
    assert_eq!(store.journal().await.unwrap(), []);
    let shares = Selection {
        reason: Some(Reason::NetworkShare),
        bouton: Some(FromBouton::None),
        ..Selection::of(Period { from: day("2026-11-01"), to: day("2026-11-30") }, Counting::Held)
    };
    mend_all(store, &Mending::Release, &shares).await;
    let named = Selection {
        avis: vec![records[1].avis_id],
        page_origin: Some("https://a.fr".into()),
        ..Selection::of(Period::ALL, Counting::Quarantined)
    };
    mend_all(store, &Mending::Reattribute(DemarcheId("2".into()), Some(BoutonId("21".into()))), &named).await;
    let entries = store.journal().await.unwrap();
    let told: Vec<_> = entries.iter().map(|one| (one.at, one.act.as_str(), one.detail.clone())).collect();
    let expected = [
        (
            noon("2026-12-02"),
            "release",
            json!({
                "filter": {"state": "held", "from": "2026-11-01", "to": "2026-11-30", "bouton": null,
                           "reason": "network_share"},
                "demarches": [{"demarche": "1", "avis": 1, "reasons": {"network_share": 1}}],
            }),
        ),
        (
            noon("2026-12-02"),
            "reattribute",
            json!({
                "filter": {"state": "quarantined", "page_origin": "https://a.fr", "avis": 1},
                "demarches": [{"demarche": "1", "avis": 1, "reasons": {"honeypot": 1, "network_share": 1}}],
                "to": {"demarche": "2", "bouton": "21"},
            }),
        ),
    ];
    assert_eq!(told, expected);
    assert!(entries.is_sorted_by_key(|one| one.id));

    // Entries of another store keep their numbers, none is written over, and new ones come behind them.
    let last = entries[1].id;
    let carried = |id| Entry { id, at: noon("2026-12-01"), act: "confirm".into(), detail: json!({}) };
    store.load_journal(&[carried(last + 1), carried(last + 5)]).await.unwrap();
    assert!(store.load_journal(&[carried(last + 9), carried(last)]).await.is_err());
    mend_all(store, &Mending::Hold(Reason::Honeypot), &Selection::of(Period::ALL, Counting::Counted)).await;
    let ids: Vec<i64> = store.journal().await.unwrap().iter().map(|one| one.id).collect();
    assert_eq!(ids, [entries[0].id, last, last + 1, last + 5, last + 6]);
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

pub(crate) async fn an_asset_is_kept_as_it_was_first_served(store: &dyn Store) {
    assert_eq!(store.catalogue().await.unwrap().assets(), []);
    let before = store.catalogue_version().await.unwrap();
    let (one, mut two) = (asset("avis-1.js", b"one"), asset("form-2.wasm", &vec![0; 300_000]));
    two.0.first_served = day("2026-11-20");
    assert_eq!(store.keep_assets(&[one.clone(), two.clone()]).await.unwrap(), 2);
    let kept = store.catalogue_version().await.unwrap();
    assert_ne!(kept, before, "collectors renew their copies");

    let again = KeptAsset { first_served: day("2026-11-23"), ..asset("avis-1.js", b"another").0 };
    assert_eq!(store.keep_assets(&[(again, vec![1]), two.clone()]).await.unwrap(), 0);

    assert_eq!(store.catalogue_version().await.unwrap(), kept, "nothing changed");
    let catalogue = store.catalogue().await.unwrap();
    assert_eq!(catalogue.assets(), [two.0.clone(), one.0.clone()]);
    assert_eq!(catalogue.asset("avis-1.js"), Some(&one.0));
    for (asset, brotli) in [one, two] {
        assert_eq!(store.asset_content(&asset.name).await.unwrap(), Some(brotli));
    }
    assert_eq!(store.asset_content("avis-2.js").await.unwrap(), None);
}

pub(crate) async fn an_asset_is_revoked_by_its_digest_and_restored(store: &dyn Store) {
    let all = [asset("form-1.js", b"one"), asset("form-01.js", b"one"), asset("form-2.js", b"two")];
    store.keep_assets(&all).await.unwrap();
    let revoked = async || {
        let catalogue = store.catalogue().await.unwrap();
        let revoked = catalogue.assets().iter().filter(|asset| asset.revoked);
        revoked.map(|asset| asset.name.clone()).collect::<Vec<_>>()
    };
    let (one, none) = (Integrity::of(b"one"), Integrity::of(b"none"));
    let at = Some(noon("2026-11-23"));
    let before = store.catalogue_version().await.unwrap();
    assert_eq!(store.revoke_asset(none, true, at).await.unwrap(), 0);
    assert_eq!(store.revoke_asset(one, false, at).await.unwrap(), 0);
    assert_eq!(store.catalogue_version().await.unwrap(), before);

    assert_eq!(store.revoke_asset(one, true, at).await.unwrap(), 2);
    assert_ne!(store.catalogue_version().await.unwrap(), before);
    assert_eq!(revoked().await, ["form-01.js", "form-1.js"]);
    assert_eq!(store.revoke_asset(one, true, at).await.unwrap(), 0);
    // A later version that serves the same bytes under another name brings nothing back.
    store.keep_assets(&[asset("form-001.js", b"one"), asset("form-3.js", b"three")]).await.unwrap();
    assert_eq!(revoked().await, ["form-001.js", "form-01.js", "form-1.js"]);
    assert!(store.catalogue().await.unwrap().is_revoked(one));
    assert!(store.asset_content("form-1.js").await.unwrap().is_some(), "it is kept all the same");

    assert_eq!(store.revoke_asset(one, false, at).await.unwrap(), 3);
    assert_eq!(revoked().await, [""; 0]);
    let journal = store.journal().await.unwrap();
    let told: Vec<_> =
        journal.iter().map(|entry| (entry.at, entry.act.as_str(), &entry.detail["assets"])).collect();
    let (two, three) = (json!(2), json!(3));
    let at = noon("2026-11-23");
    assert_eq!(told, [(at, "asset revoke", &two), (at, "asset restore", &three)]);
    assert_eq!(journal[0].detail["integrity"], one.to_string());
    // Where the journal is brought over, nothing is added to it.
    assert_eq!(store.revoke_asset(one, true, None).await.unwrap(), 3);
    assert_eq!(store.journal().await.unwrap(), journal);
}

pub(crate) async fn of_collectors_that_start_at_once_one_keeps_an_asset(store: &dyn Store) {
    let all = [asset("form-1.js", b"one"), asset("form-2.js", b"two")];
    let reversed = [all[1].clone(), all[0].clone()];
    let (first, second) = tokio::join!(store.keep_assets(&all), store.keep_assets(&reversed));
    assert_eq!(first.unwrap() + second.unwrap(), 2);
    assert_eq!(store.catalogue().await.unwrap().assets().len(), 2);
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

/// The reasons for an avis to be set aside; none for every other one.
fn any_reasons() -> impl Strategy<Value = Reasons> {
    prop_oneof![
        Just(Reasons::NONE),
        (1_u16..1 << Reason::ALL.len()).prop_map(|bits| Reasons::from_bits(bits).expect("known reasons")),
    ]
}

/// Something that an operator does to any of the avis below.
fn any_mending() -> impl Strategy<Value = (Mending, Selection)> {
    let hours = || 0_i64..120;
    let start = noon("2026-11-28");
    let between = move |from: i64, to: i64| {
        let day = |hours| Day::of(start + SignedDuration::from_hours(hours));
        Period { from: day(from.min(to)), to: day(from.max(to)) }
    };
    let either = |one: &str, other: &str, is_one| DemarcheId(if is_one { one } else { other }.into());
    (0..4, any::<bool>(), any::<bool>(), hours(), hours()).prop_map(move |(act, way, bouton, from, to)| {
        let of = |kept| Selection::of(between(from, to), kept);
        let (here, there) = (either("1", "2", way), either("2", "1", way));
        match act {
            0 => (Mending::Release, of(if way { Counting::Held } else { Counting::Quarantined })),
            1 => (Mending::Confirm, of(Counting::Held)),
            2 => (Mending::Hold(Reason::NetworkShare), of(Counting::Counted)),
            _ => {
                let to = bouton.then(|| BoutonId(if way { "21" } else { "12" }.into()));
                (Mending::Reattribute(there, to), Selection { demarche: Some(here), ..of(Counting::Anyhow) })
            }
        }
    })
}

fn any_act() -> impl Strategy<Value = Act> {
    // A few keys over five days around a month's end: replays, reuses and midnights are common.
    let (key, hours) = (|| 1_u128..5, || 0_i64..120);
    prop_oneof![
        3 => (key(), hours(), any_answers(), any_reasons())
            .prop_map(|(key, hours, answers, set_aside)| Act::Post { key, hours, answers, set_aside }),
        2 => (key(), hours(), any_answers()).prop_map(|(key, hours, answers)| Act::Form { key, hours, answers }),
        3 => (key(), hours(), any_answers()).prop_map(|(key, posted, answers)| Act::Patch { key, posted, answers }),
        2 => (key(), hours()).prop_map(|(key, posted)| Act::Delete { key, posted }),
    ]
}

pub(crate) async fn any_sequence_of_writes_leaves_decomptes_equal_to_a_recount(store: &dyn Store) {
    with_catalogue(store).await;
    let start = noon("2026-11-28");
    let at = |hours: i64| start + SignedDuration::from_hours(hours);
    let write_of = |act: &Act| match act {
        Act::Post { key, hours, answers, .. } | Act::Form { key, hours, answers } => {
            let patch = AnswersPatch::between(&Answers::default(), answers);
            let answers = patch.apply(&Answers::default()).expect("pruned answers are valid");
            // Half of the avis come without bouton.
            let bouton = (key % 2 == 0).then(|| BoutonId("12".into()));
            let on_replay =
                if matches!(act, Act::Form { .. }) { OnReplay::Change(patch) } else { OnReplay::Exact };
            let set_aside = if let Act::Post { set_aside, .. } = act { *set_aside } else { Reasons::NONE };
            let record = record(*key, at(*hours), &smile("moyen"));
            Write::Record(Box::new(Record { on_replay, bouton, answers, set_aside, ..record }))
        }
        Act::Patch { key, posted, answers } => Write::Change(
            keyring().identity(Day::of(at(*posted)), Uuid::from_u128(*key)).avis_id,
            AnswersPatch::between(&Answers::default(), answers),
        ),
        Act::Delete { key, posted } => {
            Write::Withdraw(vec![keyring().identity(Day::of(at(*posted)), Uuid::from_u128(*key)).avis_id])
        }
    };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let batches = prop::collection::vec(
        (prop::collection::vec(any_act(), 1..8), prop::option::of(any_mending())),
        1..6,
    );
    // Each case goes on where the one before it ended, so that later ones meet a richer store.
    for _ in 0..150 {
        let batches = batches.new_tree(&mut runner).expect("a case").current();
        for (batch, mending) in &batches {
            let writes: Vec<Write> = batch.iter().map(write_of).collect();
            assert_eq!(store.commit(&writes).await.unwrap().len(), writes.len());
            if let Some((act, selection)) = mending {
                mend_all(store, act, selection).await;
            }
        }
        let stored = assert_recount(store).await;
        let mut all = Tally::default();
        for one in &stored {
            all += &one.stored;
        }
        let read = store.tallies(Period { from: day("2026-01-01"), to: day("2027-12-31") }).await.unwrap();
        let mut by_month = Tally::default();
        for (_, tally) in &read {
            by_month += tally;
        }
        assert_eq!(by_month, all, "{batches:?}");
    }
}
