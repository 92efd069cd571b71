use super::*;
use crate::ingest::IngestError;
use crate::store::samples::{noon, record, smile, with_catalogue, write};
use crate::store::unsteady::{Mood, Unsteady};

#[actix_web::test]
async fn a_database_that_is_away_shows_while_nobody_writes() {
    let store = Arc::new(Unsteady::new().await);
    let metrics = Arc::new(Metrics::new());
    let _catalogue = LiveCatalogue::start(store.clone(), metrics.clone()).await.unwrap();
    let shows = async |line: &str| {
        while !metrics.text(0).unwrap().lines().any(|found| found == line) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    for (mood, line) in [(Mood::Away, "avis_database_up 0"), (Mood::There, "avis_database_up 1")] {
        store.is(mood);
        tokio::time::timeout(Duration::from_secs(5), shows(line)).await.expect(line);
    }
}

async fn listening(store: Arc<Unsteady>) -> Application {
    with_catalogue(&*store).await;
    let settings = Settings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        metrics_listen: None,
        public_url: None,
        publisher: None,
        proxies: TrustedProxies::new(vec![]),
        limits: Limits::off(),
        vigilance: Vigilance::without_counts(),
        secret: None,
        capacity: Capacity::default(),
        spool: None,
        privacy_contact: None,
        accessibility_contact: None,
        retention: Retention::default(),
        clock: Clock::system(),
        lost_lines: LostLines::default(),
    };
    Application::build(settings, store).await.unwrap()
}

#[actix_web::test]
async fn it_ends_where_nothing_can_be_written_any_more() {
    let store = Arc::new(Unsteady::new().await);
    let application = listening(store.clone()).await;
    let ingest = application.ingest.clone();
    let running = tokio::task::spawn_local(application.run_until_stopped());
    store.is(Mood::Panics);
    let avis = write(&record(1, noon("2026-11-22"), &smile("moyen")));
    assert_eq!(ingest.write(avis).await, Err(IngestError::Stopped));
    let ended = tokio::time::timeout(Duration::from_secs(10), running).await.expect("it ends").unwrap();
    assert!(matches!(ended, Err(ApplicationError::Writing)));
}

#[actix_web::test]
async fn it_says_so_where_the_last_writes_cannot_be_made() {
    let store = Arc::new(Unsteady::new().await);
    let application = listening(store.clone()).await;
    let (ingest, server) = (application.ingest.clone(), application.server.handle());
    let running = tokio::task::spawn_local(application.run_until_stopped());
    store.is(Mood::Busy(usize::MAX));
    let avis = write(&record(1, noon("2026-11-22"), &smile("moyen")));
    let waiting = tokio::spawn(async move { ingest.write(avis).await });
    server.stop(true).await;
    store.is(Mood::Panics);
    let ended = tokio::time::timeout(Duration::from_secs(10), running).await.expect("it ends").unwrap();
    assert!(matches!(ended, Err(ApplicationError::Writing)));
    assert_eq!(waiting.await.unwrap(), Err(IngestError::Stopped));
}
