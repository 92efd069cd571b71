use super::*;
use crate::catalogue::DemarcheId;
use crate::spool::kept_apart;
use crate::store::samples::{
    assert_recount, noon, patch, record, smile, smiles, text, with_catalogue, write,
};
use crate::store::unsteady::{Mood, POISON, Unsteady};
use crate::store::{OnReplay, Record};
use futures_util::future::join_all;
use jiff::SignedDuration;
use shared::draft::Raw;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

const PACE: Pace = Pace {
    busy: Duration::from_millis(500),
    patience: Duration::from_millis(300),
    retry: Duration::from_millis(20),
};

/// A queue over a store that can be told to be away, with a spool.
struct Bench {
    store: Arc<Unsteady>,
    ingest: Ingest,
    writer: JoinHandle<()>,
    folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let store = Arc::new(Unsteady::new().await);
        with_catalogue(&*store).await;
        Self::on(store, tempfile::tempdir().unwrap()).await
    }

    async fn on(store: Arc<Unsteady>, folder: tempfile::TempDir) -> Self {
        let spool = Arc::new(Spool::open(folder.path(), 64 << 20).await.unwrap());
        let (ingest, writer) =
            Ingest::start_at(PACE, store.clone(), Some(spool), Capacity::default(), clock(), Arc::default());
        Self { store, ingest, writer, folder }
    }

    fn spool(&self) -> &Spool {
        self.ingest.spool().unwrap()
    }

    async fn write(&self, write: Write) -> (Outcome, bool) {
        let written = self.ingest.write(write).await.unwrap();
        (written.outcome, written.spooled)
    }

    async fn drained(&self) {
        tokio::time::timeout(Duration::from_secs(20), async {
            while self.spool().depth() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("the spool is drained");
    }

    /// Ends as a process does that is killed: the spool stays as it is.
    async fn killed(self) -> (Arc<Unsteady>, tempfile::TempDir) {
        let Self { store, ingest, writer, folder } = self;
        store.is(Mood::Away);
        drop(ingest);
        writer.await.unwrap();
        (store, folder)
    }
}

fn clock() -> Clock {
    Clock::custom(|| noon("2026-11-22"))
}

/// A queue without a spool.
async fn without_spool(capacity: Capacity) -> (Arc<Unsteady>, Ingest) {
    let store = Arc::new(Unsteady::new().await);
    with_catalogue(&*store).await;
    let (ingest, _) = Ingest::start_at(PACE, store.clone(), None, capacity, clock(), Arc::default());
    (store, ingest)
}

fn some(key: u128) -> Record {
    record(key, noon("2026-11-22"), &smile("moyen"))
}

fn poisoned(key: u128) -> Record {
    Record { demarche: DemarcheId(POISON.into()), bouton: None, ..some(key) }
}

async fn avis_of_the_day(store: &Unsteady) -> usize {
    store.avis_of("2026-11-22".parse().unwrap()).await.unwrap().len()
}

#[tokio::test]
async fn closed_it_writes_what_waits_and_ends_although_somebody_holds_an_entrance() {
    let Bench { store, ingest, writer, folder: _folder } = Bench::new().await;
    let held = ingest.clone();
    let waiting: Vec<_> = (1..=50)
        .map(|key| {
            let ingest = ingest.clone();
            tokio::spawn(async move { ingest.write(write(&some(key))).await })
        })
        .collect();
    tokio::task::yield_now().await;
    ingest.close();
    tokio::time::timeout(Duration::from_secs(5), writer).await.unwrap().unwrap();
    for answer in waiting {
        answer.await.unwrap().unwrap();
    }
    assert_eq!(avis_of_the_day(&store).await, 50);
    assert_eq!(held.write(write(&some(99))).await, Err(IngestError::Stopped));
}

#[tokio::test]
async fn one_bad_write_fails_none_of_its_neighbours() {
    let (store, ingest) = without_spool(Capacity::default()).await;
    // The first commit is on its way while the others queue: they are one batch.
    let writes = (1..=40).map(|key| if key == 17 { poisoned(key) } else { some(key) });
    let results = join_all(writes.map(|record| ingest.write(write(&record)))).await;
    for (key, result) in (1..).zip(&results) {
        let expected = if key == 17 {
            Err(IngestError::Refused)
        } else {
            Ok(Written { outcome: Outcome::Recorded, spooled: false })
        };
        assert_eq!(*result, expected, "{key}");
    }
    assert_eq!(avis_of_the_day(&store).await, 39);
    // In halves, not one by one.
    assert!(store.commits.load(Ordering::Relaxed) <= 14, "{:?}", store.commits);
}

#[tokio::test]
async fn a_full_queue_says_so_at_once_in_number_and_in_bytes() {
    for capacity in [Capacity { writes: 3, bytes: i64::MAX / 2 }, Capacity { writes: 99, bytes: 4_000 }] {
        let (store, ingest) = without_spool(capacity).await;
        store.is(Mood::Hangs);
        let queue = &ingest;
        let mut waiting: Vec<_> =
            (1..=3).map(|key| Box::pin(async move { queue.write(write(&some(key))).await })).collect();
        for one in &mut waiting {
            assert!(tokio::time::timeout(Duration::from_millis(5), one).await.is_err());
        }
        assert_eq!(ingest.write(write(&some(4))).await, Err(IngestError::Full));
        assert_eq!(ingest.metrics.queue_depth.get(), 3);
        assert_eq!(ingest.has_room(), capacity.writes > 3);
    }
}

#[tokio::test]
async fn a_batch_waits_for_another_process_that_writes_and_not_for_ever() {
    let (store, ingest) = without_spool(Capacity::default()).await;
    store.is(Mood::Busy(3));
    assert_eq!(ingest.write(write(&some(1))).await.unwrap().outcome, Outcome::Recorded);
    store.is(Mood::Busy(usize::MAX));
    // As SQLite does, the store itself waits a while each time; here it does not, and is asked often.
    assert_eq!(ingest.write(write(&some(2))).await, Err(IngestError::Away));
}

#[tokio::test]
async fn once_it_is_closed_nothing_is_waited_for_for_long() {
    for mood in [Mood::Busy(usize::MAX), Mood::Hangs] {
        let store = Arc::new(Unsteady::new().await);
        with_catalogue(&*store).await;
        let pace = Pace { busy: Duration::from_mins(1), ..PACE };
        let (ingest, writer) =
            Ingest::start_at(pace, store.clone(), None, Capacity::default(), clock(), Arc::default());
        store.is(mood);
        let waiting = ingest.clone();
        let waiting = tokio::spawn(async move { waiting.write(write(&some(1))).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        ingest.close();
        tokio::time::timeout(Duration::from_secs(3), writer).await.expect("the task ends").unwrap();
        assert_eq!(waiting.await.unwrap(), Err(IngestError::Away));
    }
}

#[tokio::test]
async fn a_store_that_is_away_fails_the_batch_and_no_later_one() {
    let (store, ingest) = without_spool(Capacity::default()).await;
    store.is(Mood::Away);
    assert_eq!(ingest.write(write(&some(1))).await, Err(IngestError::Away));
    store.is(Mood::There);
    assert_eq!(ingest.write(write(&some(1))).await.unwrap().outcome, Outcome::Recorded);
}

#[tokio::test]
async fn nothing_is_accepted_once_the_writing_task_has_died() {
    let (store, ingest) = without_spool(Capacity::default()).await;
    store.is(Mood::Panics);
    assert_eq!(ingest.write(write(&some(1))).await, Err(IngestError::Stopped));
    store.is(Mood::There);
    assert_eq!(ingest.write(write(&some(2))).await, Err(IngestError::Stopped));
    assert!(!ingest.has_room());
}

#[tokio::test]
async fn personal_data_are_masked_before_a_write_is_on_any_disk() {
    let bench = Bench::new().await;
    bench.store.is(Mood::Away);
    let mut answers = smile("moyen");
    answers.extend([
        ("malfunctions", Raw::List(vec![text("other")])),
        ("malfunctions_other", text("au 0612345678")),
    ]);
    let sent_by_form = Record {
        on_replay: OnReplay::Change(patch(&[("comment", text("lea@example.fr"))])),
        ..record(1, noon("2026-11-22"), &answers)
    };
    let avis_id = sent_by_form.avis_id;

    bench.write(write(&sent_by_form)).await;
    bench.write(Write::Change(avis_id, patch(&[("comment", text("jean@example.fr"))]))).await;

    for file in std::fs::read_dir(bench.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for private in ["0612345678", "lea@", "jean@"] {
            assert!(!bytes.windows(private.len()).any(|part| part == private.as_bytes()), "{private}");
        }
    }
    bench.store.is(Mood::There);
    bench.drained().await;
    let stored = bench.store.avis(avis_id).await.unwrap().unwrap().answers;
    assert_eq!(stored.malfunctions_other.as_deref(), Some("au [tél.]"));
    assert_eq!(stored.comment.as_deref(), Some("[mail]"));
}

#[tokio::test]
async fn what_comes_while_the_store_is_away_is_spooled_and_counted_when_it_is_back() {
    let bench = Bench::new().await;
    let first = some(1);
    assert_eq!(bench.write(write(&first)).await, (Outcome::Recorded, false));
    bench.store.is(Mood::Away);
    let second = some(2);
    assert_eq!(bench.write(write(&second)).await, (Outcome::Recorded, true));
    let replayed = Outcome::Replayed(second.avis_id, second.accepted_at);
    assert_eq!(bench.write(write(&second)).await, (replayed.clone(), true));
    let other = Record { fingerprint: [9; 16], ..second.clone() };
    assert_eq!(bench.write(write(&other)).await, (Outcome::KeyReused, true));
    let better = patch(&smile("tres_bien"));
    for avis_id in [first.avis_id, second.avis_id] {
        assert_eq!(bench.write(Write::Change(avis_id, better.clone())).await, (Outcome::Changed, true));
    }
    assert_eq!(bench.write(Write::Withdraw(vec![first.avis_id])).await, (Outcome::Withdrawn, true));
    bench.store.is(Mood::There);
    bench.drained().await;
    assert_eq!(smiles(&*bench.store, "2026-11-22", "2026-11-22").await, [0, 0, 1]);
    assert_eq!(bench.write(write(&second)).await, (replayed, false));
    assert_recount(&*bench.store).await;
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_counts_once() {
    for mood in [Mood::LosesAnswers, Mood::Hangs] {
        let bench = Bench::new().await;
        bench.store.is(mood);
        assert_eq!(bench.write(write(&some(1))).await, (Outcome::Recorded, true));
        // Steps of draining lose their answers too, and are made again.
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(bench.spool().depth(), 1);
        bench.store.is(Mood::There);
        bench.drained().await;
        assert_eq!(smiles(&*bench.store, "2026-11-22", "2026-11-22").await, [0, 1, 0]);
        assert_recount(&*bench.store).await;
    }
}

#[tokio::test]
async fn a_spool_that_cannot_be_read_holds_no_stop_up() {
    let bench = Bench::new().await;
    bench.store.is(Mood::Away);
    bench.write(write(&some(1))).await;
    let (store, folder) = bench.killed().await;
    store.is(Mood::There);
    let spool = Arc::new(Spool::open(folder.path(), 64 << 20).await.unwrap());
    spool.close().await;
    let (ingest, writer) =
        Ingest::start_at(PACE, store, Some(spool), Capacity::default(), clock(), Arc::default());
    ingest.close();
    tokio::time::timeout(Duration::from_secs(1), writer).await.expect("the task ends").unwrap();
}

#[tokio::test]
async fn a_spool_of_before_goes_first() {
    let bench = Bench::new().await;
    bench.store.is(Mood::Away);
    let first = some(1);
    bench.write(write(&first)).await;
    let (store, folder) = bench.killed().await;
    store.is(Mood::There);
    let bench = Bench::on(store, folder).await;
    let change = Write::Change(first.avis_id, patch(&smile("pas_bien")));
    assert_eq!(bench.write(change).await, (Outcome::Changed, false), "it waits for the last step");
    assert_eq!(smiles(&*bench.store, "2026-11-22", "2026-11-22").await, [1, 0, 0]);
}

#[tokio::test]
async fn what_was_written_before_a_crash_is_not_written_again_after_it() {
    let bench = Bench::new().await;
    bench.store.is(Mood::Away);
    let (first, second) = (some(1), some(2));
    let reused = Record { fingerprint: [9; 16], ..some(3) };
    bench.store.store.commit(&[write(&some(3))]).await.unwrap();
    for record in [&first, &second, &reused] {
        bench.write(write(record)).await;
    }
    bench.write(Write::Change(first.avis_id, patch(&smile("pas_bien")))).await;
    // The database has it all, and the collector ends before it takes anything away.
    let entries = bench.spool().oldest(9).await.unwrap();
    let refusals = bench.store.store.drain(bench.spool().id(), &entries).await.unwrap();
    assert_eq!(refusals.len(), 1);
    let (store, folder) = bench.killed().await;
    // Elsewhere, the person changes their mind meanwhile.
    let last = Write::Change(first.avis_id, patch(&smile("tres_bien")));
    store.store.commit(&[last]).await.unwrap();
    store.is(Mood::There);
    let bench = Bench::on(store, folder).await;
    bench.drained().await;
    assert_eq!(smiles(&*bench.store, "2026-11-22", "2026-11-22").await, [0, 2, 1]);
    assert_recount(&*bench.store).await;
    let (_, kept) = kept_apart(bench.folder.path()).await.unwrap();
    assert_eq!(kept.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["key_reused"]);
}

#[tokio::test]
async fn an_entry_that_cannot_be_stored_is_kept_apart_alone_and_those_around_it_count() {
    let bench = Bench::new().await;
    bench.store.is(Mood::Away);
    for key in 1..=20 {
        bench.write(write(&if key == 7 { poisoned(key) } else { some(key) })).await;
    }
    bench.store.is(Mood::There);
    bench.drained().await;
    assert_eq!(avis_of_the_day(&bench.store).await, 19);
    let (_, kept) = kept_apart(bench.folder.path()).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert!(kept[0].reason.contains("it cannot store that"), "{kept:?}");
    assert_eq!(kept[0].avis_id(), Some(some(7).avis_id.to_string().as_str()));
}

#[tokio::test]
async fn a_full_spool_refuses_and_what_it_took_is_counted() {
    let store = Arc::new(Unsteady::new().await);
    with_catalogue(&*store).await;
    let folder: PathBuf = tempfile::tempdir().unwrap().keep();
    let spool = Arc::new(Spool::open(&folder, 3_000).await.unwrap());
    let (ingest, _) = Ingest::start_at(
        PACE,
        store.clone(),
        Some(spool.clone()),
        Capacity::default(),
        clock(),
        Arc::default(),
    );
    store.is(Mood::Away);
    let mut taken = 0;
    for key in 1..=20 {
        match ingest.write(write(&some(key))).await {
            Ok(written) => {
                assert!(written.spooled);
                taken += 1;
            }
            Err(error) => assert_eq!(error, IngestError::Away),
        }
    }
    assert!((1..20).contains(&taken));
    store.is(Mood::There);
    while spool.depth() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(avis_of_the_day(&store).await, taken);
    std::fs::remove_dir_all(folder).unwrap();
}

/// Each client posts, then changes its avis again and again, waiting for each answer: whatever the store does
/// meanwhile, the last change is what counts, and the spool runs dry though they never pause.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_overtakes_another_on_its_way_through_the_spool_and_back() {
    let bench = Arc::new(Bench::new().await);
    let choices = ["pas_bien", "moyen", "tres_bien"];
    let is_over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let clients = (1..=32_u128).map(|key| {
        let (bench, is_over) = (bench.clone(), is_over.clone());
        tokio::spawn(async move {
            let record = some(key);
            bench.write(write(&record)).await;
            let mut round = 0;
            while !is_over.load(Ordering::Relaxed) {
                round += 1;
                let answers = smile(choices[round % 3]);
                let change = if round % 2 == 0 {
                    Write::Change(record.avis_id, patch(&answers))
                } else {
                    let later = i64::try_from(round).unwrap();
                    let accepted_at = record.accepted_at + SignedDuration::from_millis(later);
                    let on_replay = OnReplay::Change(patch(&answers));
                    let answers = patch(&answers).apply(&shared::Answers::default()).unwrap();
                    write(&Record { on_replay, accepted_at, answers, ..record.clone() })
                };
                let (outcome, _) = bench.write(change).await;
                // Without the database, a form that is sent again is as good as new.
                let expected =
                    matches!(outcome, Outcome::Changed | Outcome::Replayed(..) | Outcome::Recorded);
                assert!(expected, "{outcome:?}");
                let read = bench.spool().avis(record.avis_id).await.unwrap();
                let stored = bench.store.store.avis(record.avis_id).await.unwrap().map(|avis| avis.answers);
                let now = read.map_or(stored.clone(), |fold| fold.over(stored)).expect("it is somewhere");
                assert_eq!(
                    now,
                    *patch(&answers).apply(&shared::Answers::default()).unwrap(),
                    "round {round}"
                );
            }
            (record.avis_id, round)
        })
    });
    let clients: Vec<_> = clients.collect();
    for mood in [Mood::Away, Mood::LosesAnswers, Mood::Away, Mood::Hangs, Mood::LosesAnswers] {
        tokio::time::sleep(Duration::from_millis(80)).await;
        bench.store.is(mood);
        tokio::time::sleep(Duration::from_millis(120)).await;
        bench.store.is(Mood::There);
        bench.drained().await;
    }
    is_over.store(true, Ordering::Relaxed);
    let clients: Vec<_> = join_all(clients).await.into_iter().map(Result::unwrap).collect();
    bench.drained().await;
    for (avis_id, round) in clients {
        let stored = bench.store.avis(avis_id).await.unwrap().expect("stored");
        let last = patch(&smile(choices[round % 3])).apply(&shared::Answers::default()).unwrap();
        assert_eq!(stored.answers, *last);
    }
    assert_eq!(avis_of_the_day(&bench.store).await, 32);
    assert_recount(&*bench.store).await;
    assert!(kept_apart(bench.folder.path()).await.unwrap().1.is_empty());
}
