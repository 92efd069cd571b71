use super::*;
use crate::quarantine::Reason;
use crate::store::samples::{any_answers, noon, patch, record, smile, text, write};
use crate::store::{OnReplay, Record};
use jiff::SignedDuration;
use proptest::prelude::*;
use shared::Answers;
use shared::draft::AnswersPatch;
use shared::questionnaire::{Help, Malfunction};
use std::os::unix::fs::PermissionsExt;

const ROOM: u64 = 1 << 20;

async fn spool() -> (Spool, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(&folder.path().join("spool"), ROOM).await.unwrap();
    (spool, folder)
}

async fn one(spool: &Spool, write: Write) -> Outcome {
    match spool.append(&[write]).await.unwrap().remove(0) {
        Appended::Kept(outcome) => outcome,
        Appended::Full => panic!("full"),
    }
}

fn some(day: &str, key: u128) -> Record {
    record(key, noon(day), &smile("moyen"))
}

#[tokio::test]
async fn it_belongs_to_one_collector_and_to_its_owner_alone() {
    let (spool, folder) = spool().await;
    let path = folder.path().join("spool");
    let second = Spool::open(&path, ROOM).await.err().expect("taken");
    assert!(matches!(second, SpoolError::Taken(_)), "{second}");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&path.join(FILE))), (0o700, 0o600));
    let id = spool.id();
    spool.close().await;
    drop(spool);
    assert_eq!(Spool::open(&path, ROOM).await.unwrap().id(), id);
}

#[tokio::test]
async fn one_of_a_newer_version_that_only_added_is_gone_on_with() {
    let (spool, folder) = spool().await;
    let newer = "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (9999, 'later', true, '', 0)";
    sqlx::query(newer).execute(&spool.writer).await.unwrap();
    spool.close().await;
    drop(spool);
    Spool::open(&folder.path().join("spool"), ROOM).await.unwrap();
}

#[tokio::test]
async fn entries_are_kept_in_their_order_and_found_again() {
    let (spool, folder) = spool().await;
    let set_aside = [Reason::Honeypot, Reason::NetworkShare].into_iter().collect();
    let aside = Record { set_aside, ..some("2026-11-22", 3) };
    let writes = [write(&some("2026-11-22", 1)), write(&some("2026-11-21", 2)), write(&aside)];
    spool.append(&writes).await.unwrap();
    spool.close().await;
    drop(spool);
    let spool = Spool::open(&folder.path().join("spool"), ROOM).await.unwrap();
    assert_eq!(spool.depth(), 3);
    assert_eq!(spool.holds_since().await.unwrap(), Some("2026-11-21".parse().unwrap()));
    let entries = spool.oldest(10).await.unwrap();
    let texts = |writes: &mut dyn Iterator<Item = &Write>| writes.map(coded::write).collect::<Vec<_>>();
    assert_eq!(
        texts(&mut entries.iter().map(|entry| entry.write.as_ref().unwrap())),
        texts(&mut writes.iter())
    );
    let refusal = Refusal { seq: entries[1].seq, reason: "closed".into() };
    spool.settle(&entries[..2], &[refusal], noon("2026-11-23")).await.unwrap();
    assert_eq!((spool.depth(), spool.oldest(10).await.unwrap()[0].seq), (1, entries[2].seq));
    spool.settle(&entries[2..], &[], noon("2026-11-23")).await.unwrap();
    assert_eq!((spool.depth(), spool.bytes()), (0, 0));
    let (id, kept) = kept_apart(&folder.path().join("spool")).await.unwrap();
    assert_eq!(id, spool.id());
    assert_eq!((kept.len(), kept[0].reason.as_str(), kept[0].at), (1, "closed", noon("2026-11-23")));
    assert_eq!(kept[0].avis_id(), Some(some("2026-11-21", 2).avis_id.to_string().as_str()));
    // Numbers are never given twice, or the database would take a new entry for one that it has.
    spool.append(&writes[..1]).await.unwrap();
    assert!(spool.oldest(1).await.unwrap()[0].seq > entries[2].seq);
}

#[tokio::test]
async fn it_holds_the_day_that_a_form_sent_again_after_midnight_may_change() {
    let (spool, _folder) = spool().await;
    let holds = async || spool.holds_since().await.unwrap().map(|day| day.to_string());
    one(&spool, write(&some("2026-11-22", 1))).await;
    assert_eq!(holds().await.as_deref(), Some("2026-11-22"));
    let form = Record { on_replay: OnReplay::Change(patch(&smile("pas_bien"))), ..some("2026-11-22", 2) };
    one(&spool, write(&form)).await;
    assert_eq!(holds().await.as_deref(), Some("2026-11-21"));
}

#[tokio::test]
async fn what_it_holds_answers_for_the_database() {
    let (spool, _folder) = spool().await;
    let first = some("2026-11-22", 1);
    let again = Record { accepted_at: first.accepted_at + SignedDuration::from_hours(20), ..first.clone() };
    let other = Record { fingerprint: [9; 16], ..first.clone() };
    assert_eq!(one(&spool, write(&first)).await, Outcome::Recorded);
    assert_eq!(one(&spool, write(&again)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(one(&spool, write(&other)).await, Outcome::KeyReused);
    let form = Record { on_replay: OnReplay::Change(patch(&smile("pas_bien"))), ..again };
    assert_eq!(one(&spool, write(&form)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    let contradiction = patch(&[("help_tried_other", text("Ma voisine"))]);
    assert!(matches!(one(&spool, Write::Change(first.avis_id, contradiction)).await, Outcome::Refused(_)));
    let ease = patch(&[("ease", text("5"))]);
    assert_eq!(one(&spool, Write::Change(first.avis_id, ease.clone())).await, Outcome::Changed);
    let Some(Fold::Whole(answers)) = spool.avis(first.avis_id).await.unwrap() else { panic!("it is here") };
    let expected = ease.apply(&patch(&smile("pas_bien")).apply(&Answers::default()).unwrap()).unwrap();
    assert_eq!(answers, *expected);
    // The avis, the form sent again, the change.
    assert_eq!(spool.depth(), 3);
    let closed = Record { closed: true, ..some("2026-11-22", 2) };
    assert_eq!(one(&spool, write(&closed)).await, Outcome::Closed);
    let withdraw = Write::Withdraw(vec![AvisId::from_bytes([7; 16]), first.avis_id]);
    assert_eq!(one(&spool, withdraw.clone()).await, Outcome::Withdrawn);
    assert_eq!(one(&spool, withdraw).await, Outcome::Missing);
    assert_eq!(one(&spool, Write::Change(first.avis_id, ease)).await, Outcome::Missing);
    assert_eq!(spool.avis(first.avis_id).await.unwrap(), Some(Fold::Withdrawn));
    assert_eq!(one(&spool, write(&first)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(spool.depth(), 4);
}

#[tokio::test]
async fn changes_of_an_avis_that_the_database_has_are_taken_as_they_are() {
    let (spool, _folder) = spool().await;
    let stored = some("2026-11-22", 1);
    let change = patch(&[("ease", text("5"))]);
    assert_eq!(spool.avis(stored.avis_id).await.unwrap(), None);
    assert_eq!(one(&spool, Write::Change(stored.avis_id, change.clone())).await, Outcome::Changed);
    let fold = spool.avis(stored.avis_id).await.unwrap().unwrap();
    assert!(fold.needs_store());
    assert_eq!(
        fold.over(Some((*stored.answers).clone())),
        Some((*change.apply(&stored.answers).unwrap()).clone())
    );
    assert_eq!(fold.over(None), None);
    // Once the form's avis is drained, what is left of it is a change, not another avis.
    let form = Record { on_replay: OnReplay::Change(change), ..some("2026-11-22", 2) };
    one(&spool, write(&form)).await;
    let again = Record { on_replay: OnReplay::Change(patch(&smile("pas_bien"))), ..form.clone() };
    one(&spool, write(&again)).await;
    let entries = spool.oldest(2).await.unwrap();
    spool.settle(&entries, &[], noon("2026-11-22")).await.unwrap();
    assert!(matches!(spool.avis(form.avis_id).await.unwrap(), Some(Fold::Changes(_))));
}

/// What is new to the spool may be a replay to the database, whose avis has other answers by now.
#[tokio::test]
async fn a_change_back_to_the_first_answers_is_kept_too() {
    let (spool, _folder) = spool().await;
    let first = some("2026-11-22", 1);
    one(&spool, write(&first)).await;
    let same = Write::Change(first.avis_id, patch(&smile("moyen")));
    assert_eq!(one(&spool, same).await, Outcome::Changed);
    let form = OnReplay::Change(patch(&smile("moyen")));
    let again = Record {
        on_replay: form,
        accepted_at: first.accepted_at + SignedDuration::from_secs(1),
        ..first.clone()
    };
    assert_eq!(one(&spool, write(&again)).await, Outcome::Replayed(first.avis_id, first.accepted_at));
    assert_eq!(spool.depth(), 3);
}

#[tokio::test]
async fn a_full_spool_takes_no_more_and_has_room_again_once_it_is_drained() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path(), 2_000).await.unwrap();
    let writes: Vec<Write> = (1..=9).map(|key| write(&some("2026-11-22", key))).collect();
    let results = spool.append(&writes).await.unwrap();
    let kept = results.iter().filter(|one| **one != Appended::Full).count();
    assert!((1..9).contains(&kept), "{results:?}");
    assert_eq!(spool.depth(), count(kept));
    spool.ready().await.unwrap_err();
    let entries = spool.oldest(9).await.unwrap();
    spool.settle(&entries, &[], noon("2026-11-22")).await.unwrap();
    spool.ready().await.unwrap();
    assert_eq!(spool.append(&writes[8..]).await.unwrap(), [Appended::Kept(Outcome::Recorded)]);
}

#[tokio::test]
async fn what_the_database_has_is_gone_although_the_disk_does_not_let_it_go() {
    let (spool, folder) = spool().await;
    let writes = [write(&some("2026-11-22", 1)), write(&some("2026-11-22", 2))];
    spool.append(&writes).await.unwrap();
    let entries = spool.oldest(2).await.unwrap();
    sqlx::query("pragma query_only = on").execute(&spool.writer).await.unwrap();
    let refusal = Refusal { seq: entries[0].seq, reason: "closed".into() };
    spool.settle(&entries, &[refusal], noon("2026-11-23")).await.unwrap();
    assert_eq!((spool.depth(), spool.bytes(), spool.holds_since().await.unwrap()), (0, 0, None));
    assert!(spool.oldest(2).await.unwrap().is_empty());
    spool.ready().await.unwrap_err();
    spool.append(&writes).await.unwrap_err();

    sqlx::query("pragma query_only = off").execute(&spool.writer).await.unwrap();
    spool.ready().await.unwrap();
    assert_eq!(spool.append(&writes).await.unwrap(), [(); 2].map(|()| Appended::Kept(Outcome::Recorded)));
    assert_eq!(spool.depth(), 2);
    let (_, kept) = kept_apart(&folder.path().join("spool")).await.unwrap();
    assert_eq!(kept.iter().map(|one| one.seq).collect::<Vec<_>>(), [entries[0].seq]);
    let left: i64 =
        sqlx::query_scalar("select count(*) from spooled").fetch_one(&spool.readers).await.unwrap();
    assert_eq!(left, 2);
}

#[test]
fn an_entry_of_a_later_version_or_of_none_is_told_and_not_guessed() {
    let text = coded::write(&write(&some("2026-11-22", 1)));
    assert!(coded::read(&text.replace("\"format\":1", "\"format\":2")).unwrap_err().contains("format 2"));
    for wrong in ["", "{}", &text.replace("moyen", "moyennement"), &text.replace("fingerprint", "print")] {
        assert_eq!(coded::read(wrong).unwrap_err(), "the entry is unreadable");
    }
    // What a later minor version adds to an entry of this format does not keep it from being read.
    assert!(coded::read(&text.replacen('{', "{\"added\":true,", 1)).is_ok());
}

/// Answers that a person can send: «Aucun» stands alone.
fn consistent(mut answers: Answers) -> Answers {
    if answers.help_tried.contradicts_itself() {
        answers.help_tried.remove(Help::None);
    }
    if answers.malfunctions.contradicts_itself() {
        answers.malfunctions.remove(Malfunction::None);
    }
    answers
}

proptest! {
    #[test]
    fn a_write_is_read_back_as_it_was(
        (from, to) in (any_answers().prop_map(consistent), any_answers().prop_map(consistent)),
        form in any::<bool>(),
        closed in any::<bool>(),
        keyed in any::<bool>(),
        key in any::<u128>(),
    ) {
        let change = AnswersPatch::between(&from, &to);
        let made = some("2026-11-22", key);
        let record = Record {
            answers: AnswersPatch::between(&Answers::default(), &from).apply(&Answers::default()).unwrap(),
            on_replay: if form { OnReplay::Change(change.clone()) } else { OnReplay::Exact },
            remember: keyed,
            former_keys: if closed { vec![made.avis_id.key()] } else { vec![] },
            closed,
            ..made
        };
        let Write::Record(read) = coded::read(&coded::write(&write(&record))).unwrap() else { panic!("a record") };
        prop_assert_eq!(&read.answers, &record.answers);
        let rest = |record: &Record| (
            record.avis_id, (record.remember, record.former_keys.clone()), record.fingerprint, record.closed, record.accepted_at,
            record.demarche.clone(), record.bouton.clone(), record.language, record.page.clone(),
        );
        prop_assert_eq!(rest(&read), rest(&record));
        prop_assert_eq!(matches!(&read.on_replay, OnReplay::Change(_)), form);
        let Write::Change(avis_id, read) = coded::read(&coded::write(&Write::Change(record.avis_id, change))).unwrap()
        else { panic!("a change") };
        prop_assert_eq!(avis_id, record.avis_id);
        prop_assert_eq!(read.apply(&from).unwrap(), AnswersPatch::between(&from, &to).apply(&from).unwrap());
        let gone = Write::Withdraw(vec![record.avis_id, avis_id]);
        let Write::Withdraw(ids) = coded::read(&coded::write(&gone)).unwrap() else { panic!("a withdrawal") };
        prop_assert_eq!(ids, vec![record.avis_id, avis_id]);
    }
}
