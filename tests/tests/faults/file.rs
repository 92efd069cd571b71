//! The file is of another version, or damaged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tests::TestCollector;
use tests::collector::Output;
use tests::wait;

use crate::crowd::Crowd;
use crate::{FLAGS, assert_exact, tell};

/// The files of a database: what is around it as well, such as a log that was not there before.
#[derive(PartialEq, Eq)]
pub(crate) struct Folder(BTreeMap<PathBuf, Vec<u8>>);

impl Folder {
    pub(crate) fn of(path: &Path) -> Self {
        let files = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.file_name().unwrap().to_string_lossy().contains(".db"));
        Self(files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect())
    }
}

impl std::fmt::Debug for Folder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_map().entries(self.0.iter().map(|(path, bytes)| (path, bytes.len()))).finish()
    }
}

fn start(collector: &TestCollector) -> Output {
    collector.try_run(&["serve", "--listen", "127.0.0.1:0"])
}

fn assert_refuses(output: &Output, reason: &str) {
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.stdout.is_empty() && output.stderr.lines().count() == 1, "{output:?}");
    assert!(output.stderr.contains(reason), "{output:?}");
}

/// A collector that has taken avis and was stopped.
async fn with_avis(seed: u64, avis: u64) -> (TestCollector, Crowd) {
    let mut collector = TestCollector::start_with(FLAGS).await;
    let busy = Crowd::of(8, seed).set_off(&[collector.authority()]);
    busy.advance(avis).await;
    let crowd = busy.stop();
    collector.stop();
    (collector, crowd)
}

#[tokio::test]
async fn it_works_on_the_database_of_a_newer_version_unless_that_took_something_away() {
    let (mut collector, crowd) = with_avis(7, 200).await;
    let mut newer = SqliteConnection::connect(collector.database()).await.unwrap();
    newer
        .execute(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (9999, 'of a newer version', true, x'00', 1);
             create table of_a_newer_version (something text)",
        )
        .await
        .unwrap();
    collector.serve().await;
    let busy = crowd.set_off(&[collector.authority()]);
    busy.advance(200).await;
    let crowd = busy.stop();
    assert_exact(&crowd, &collector).await;
    collector.stop();

    newer.execute("update compatibility set oldest = 9999").await.unwrap();
    newer.close().await.unwrap();
    let before = Folder::of(collector.directory());
    let refused = start(&collector);
    assert_refuses(&refused, "newer version");
    assert!(refused.stderr.contains("9999"), "{refused:?}");
    assert_eq!(Folder::of(collector.directory()), before);
    tell(&format!("newer version that only adds: goes on; one that takes away: {}", refused.stderr.trim()));
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let collector = TestCollector::stopped(&[]);
    let mut noise = vec![0; 100_000];
    ChaCha8Rng::seed_from_u64(8).fill_bytes(&mut noise);
    std::fs::write(collector.directory().join("avis.db"), noise).unwrap();
    let before = Folder::of(collector.directory());
    let refused = start(&collector);
    assert_refuses(&refused, "not a database");
    assert_eq!(Folder::of(collector.directory()), before);
    tell(&format!("no database: {}", refused.stderr.trim()));
}

#[tokio::test]
async fn a_collector_whose_file_is_moved_away_takes_no_avis_and_says_what_to_do() {
    let (mut collector, crowd) = with_avis(11, 200).await;
    collector.serve().await;
    let (file, elsewhere) = (collector.directory().join("avis.db"), collector.directory().join("elsewhere"));
    std::fs::rename(&file, &elsewhere).unwrap();
    for _ in 0..2 {
        let ready = collector.get("/health/ready").send().await.unwrap();
        assert_eq!(ready.status(), 503);
        assert!(ready.headers().contains_key("retry-after"));
        assert_eq!(ready.headers()["content-type"], "application/problem+json");
    }
    let busy = crowd.set_off(&[collector.authority()]);
    wait::until(
        "the crowd to be refused",
        async || {
            if busy.refused() > 20 { Ok(()) } else { Err(busy.refused()) }
        },
    )
    .await;
    assert_eq!(busy.acknowledged(), 0);
    let told = collector.logs().matches("put it back, or restart the collector").count();
    assert_eq!(told, 1, "{}", collector.logs());

    std::fs::rename(&elsewhere, &file).unwrap();
    busy.advance(200).await;
    let crowd = busy.stop().settle(&[collector.authority()]);
    assert_exact(&crowd, &collector).await;
    tell("database file moved away: 503, said once; moved back: goes on, every acknowledged avis is there");
}

/// What happens to a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// Its second half is gone.
    Truncated,
    /// This page is overwritten with noise.
    Page(usize),
    /// All pages but the first are.
    AllButTheFirst,
}

impl Damage {
    fn wreak(self, file: &Path, page_size: usize) {
        let mut bytes = std::fs::read(file).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(9);
        match self {
            Self::Truncated => bytes.truncate(bytes.len() / 2 / page_size * page_size),
            Self::Page(page) => random.fill_bytes(&mut bytes[(page - 1) * page_size..page * page_size]),
            Self::AllButTheFirst => random.fill_bytes(&mut bytes[page_size..]),
        }
        std::fs::write(file, bytes).unwrap();
    }
}

/// The first page of a table.
async fn root_page(database: &str, table: &str) -> usize {
    let mut connection = SqliteConnection::connect(database).await.unwrap();
    let page: i64 = sqlx::query_scalar("select rootpage from sqlite_schema where name = ?")
        .bind(table)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    usize::try_from(page).unwrap()
}

#[tokio::test]
async fn a_damaged_database_is_told_and_left_alone() {
    let (collector, _) = with_avis(9, 2_000).await;
    let file = collector.directory().join("avis.db");
    let whole = std::fs::read(&file).unwrap();
    let page_size = usize::from(u16::from_be_bytes([whole[16], whole[17]]));
    let secret = root_page(collector.database(), "secret").await;
    let demarche = root_page(collector.database(), "demarche").await;
    let avis = root_page(collector.database(), "avis").await;
    for (damage, shows_at_start) in [
        (Damage::Truncated, true),
        (Damage::AllButTheFirst, true),
        (Damage::Page(secret), true),
        (Damage::Page(demarche), true),
        // No start reads every avis.
        (Damage::Page(avis), false),
    ] {
        std::fs::write(&file, &whole).unwrap();
        damage.wreak(&file, page_size);
        let before = Folder::of(collector.directory());
        if shows_at_start {
            assert_refuses(&start(&collector), "malformed");
        } else {
            let verified = collector.try_run(&["verify"]);
            assert_eq!(verified.code, 1, "{verified:?}");
            assert!(verified.stderr.contains("malformed"), "{verified:?}");
        }
        assert_eq!(Folder::of(collector.directory()), before, "{damage:?}");
    }
    tell("damaged database: 5 kinds, each told, 4 of them at the start with exit 2; not a byte changed");
}
