//! `collector asset …`, and the files of other versions at `/v1/…`.

use collector::assets::{Integrity, KeptAsset, brotli};
use collector::store::{self, Missing};
use reqwest::Method;
use shared::Language;
use tests::collector::Output;
use tests::postgres::{create_database, shared_server};
use tests::{TestCollector, wait};

use crate::helpers::Answer;

/// A loader of a former version, as a collector of that version kept it when it started.
pub(crate) async fn keep_former(collector: &TestCollector, name: &str, script: &str) -> KeptAsset {
    let asset = KeptAsset {
        name: name.to_owned(),
        media_type: "text/javascript; charset=utf-8".to_owned(),
        integrity: Integrity::of(script.as_bytes()),
        size: script.len().try_into().unwrap(),
        first_served: "2026-01-31".parse().unwrap(),
        revoked: false,
    };
    let kept = [(asset.clone(), brotli(script.as_bytes(), 11))];
    let store = store::open(collector.database(), Missing::Refuse).await.unwrap();
    assert_eq!(store.keep_assets(&kept).await.unwrap(), 1);
    store.close().await;
    asset
}

pub(crate) async fn becomes(collector: &TestCollector, name: &str, status: u16) -> Answer {
    wait::until(&format!("{status} for {name}"), async || {
        let answer = Answer::of(collector.get(&format!("/v1/{name}"))).await;
        if answer.status == status { Ok(answer) } else { Err(format!("{answer:?}")) }
    })
    .await
}

/// The columns of `asset list`, without its header.
fn list(collector: &TestCollector) -> Vec<Vec<String>> {
    let listed = collector.run(&["asset", "list"]).stdout;
    let mut lines = listed.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    assert_eq!(lines.next().unwrap(), ["name", "bytes", "first served", "state", "version", "integrity"]);
    lines.collect()
}

const FORMER: &str = "avis-11111111111111111111111111111111.js";
const SCRIPT: &str = "/* A former loader. */ console.log('avis');\n";

/// A former version's file is served like those of this one, before and after a restart.
async fn a_former_version_goes_on(mut collector: TestCollector) {
    let former = keep_former(&collector, FORMER, SCRIPT).await;

    for restarted in [false, true] {
        if restarted {
            collector.restart().await;
        }
        let answer = becomes(&collector, FORMER, 200).await;
        assert_eq!(answer.text, SCRIPT);
        for (name, value) in [
            ("content-type", "text/javascript; charset=utf-8"),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("access-control-allow-origin", "*"),
            ("cross-origin-resource-policy", "cross-origin"),
            ("x-content-type-options", "nosniff"),
            ("vary", "Accept-Encoding"),
        ] {
            assert_eq!(answer.header(name), value, "{answer:?}");
        }
        let path = format!("/v1/{FORMER}");
        let coded = collector.get(&path).header("Accept-Encoding", "br").send().await.unwrap();
        assert_eq!(coded.headers()["content-encoding"], "br");
        assert_ne!(coded.headers()["etag"], answer.header("etag"));
        let head = Answer::of(collector.request(Method::HEAD, &path)).await;
        assert_eq!((head.status, head.header("etag")), (200, answer.header("etag")));
        let again = collector.get(&path).header("If-None-Match", answer.header("etag"));
        Answer::of(again).await.wants_status(304);

        let (pinned, integrity) = collector.pinned();
        let own = becomes(&collector, &pinned, 200).await;
        assert_eq!(Integrity::of(own.text.as_bytes()).to_string(), integrity);
    }
    let listed = list(&collector);
    // The pinned loader, the frame, the glue and the wasm, and the texts that the wasm does not hold.
    assert_eq!(listed.len(), 1 + 4 + (Language::ALL.len() - 1), "{listed:?}");
    let size = SCRIPT.len().to_string();
    assert_eq!(listed[0], [FORMER, &size, "2026-01-31", "served", "former", &former.integrity.to_string()]);
    let today = collector::clock::Clock::system().today().to_string();
    for own in &listed[1..] {
        assert_eq!(own[2..5], [today.as_str(), "served", "current"], "{own:?}");
    }
}

#[tokio::test]
async fn a_loader_that_was_pinned_works_after_an_upgrade() {
    a_former_version_goes_on(TestCollector::start().await).await;
}

#[tokio::test]
async fn a_loader_that_was_pinned_works_after_an_upgrade_on_postgresql() {
    let database = create_database(&shared_server()).await;
    a_former_version_goes_on(TestCollector::start_on(&database, &[]).await).await;
}

#[tokio::test]
async fn a_revoked_asset_is_gone_at_every_collector_until_it_is_restored() {
    let database = create_database(&shared_server()).await;
    let first = TestCollector::start_on(&database, &[]).await;
    let mut second = TestCollector::on(&database, &[]);
    second.serve().await;
    let former = keep_former(&first, FORMER, SCRIPT).await;
    let (pinned, integrity) = first.pinned();
    let snippet = async |collector: &TestCollector| {
        Answer::of(collector.get("/integration/3059")).await.text.contains(&integrity)
    };
    assert!(snippet(&first).await);

    let both = [(&first, FORMER), (&second, FORMER), (&first, &pinned), (&second, &pinned)];
    for (collector, name) in both {
        becomes(collector, name, 200).await;
    }
    let revoked = first.run(&["asset", "revoke", &former.integrity.digits()[..8]]);
    assert_eq!(revoked.stdout, format!("{FORMER}: 1 asset revoked\n"));
    first.run(&["asset", "revoke", &integrity]);
    let again = first.run(&["asset", "revoke", &pinned]);
    assert_eq!(again.stdout, format!("{pinned}: was revoked already\n"));

    // A collector may have heard of one before the other.
    for (collector, name) in both {
        becomes(collector, name, 410).await;
    }
    for (collector, name) in both {
        let gone = becomes(collector, name, 410).await;
        gone.wants_page(410);
        assert_eq!(gone.header("access-control-allow-origin"), "*", "{gone:?}");
        assert_eq!(gone.header("cross-origin-resource-policy"), "cross-origin", "{gone:?}");
        assert_eq!(gone.header("cache-control"), "no-store", "{gone:?}");
        let head = collector.request(Method::HEAD, &format!("/v1/{name}"));
        Answer::of(head).await.wants_status(410);
        Answer::of(collector.get("/v1/avis.js")).await.wants_status(200);
        assert!(!snippet(collector).await, "nobody is told to pin it");
    }
    let states = list(&first).into_iter().filter(|line| line[3] == "revoked").count();
    assert_eq!(states, 2);

    first.run(&["asset", "restore", &integrity]);
    first.run(&["asset", "restore", FORMER]);
    for (collector, name) in both {
        becomes(collector, name, 200).await;
        assert!(snippet(collector).await);
    }
}

#[tokio::test]
async fn what_shares_its_bytes_is_revoked_with_it_and_stays_so_after_a_restart() {
    let mut collector = TestCollector::start().await;
    let other = "avis-22222222222222222222222222222222.js";
    keep_former(&collector, FORMER, SCRIPT).await;
    keep_former(&collector, other, SCRIPT).await;

    let revoked = collector.run(&["asset", "revoke", other]);

    assert_eq!(revoked.stdout, format!("{FORMER}, {other}: 2 assets revoked\n"));
    collector.restart().await;
    for name in [FORMER, other] {
        becomes(&collector, name, 410).await;
    }
}

#[tokio::test]
async fn an_asset_that_is_not_its_digest_is_not_served_and_the_log_says_so() {
    let collector = TestCollector::start().await;
    let right = keep_former(&collector, FORMER, SCRIPT).await;
    let other = "avis-33333333333333333333333333333333.js";
    let wrong = KeptAsset { name: other.to_owned(), integrity: Integrity::of(b"other"), ..right };
    let store = store::open(collector.database(), Missing::Refuse).await.unwrap();
    store.keep_assets(&[(wrong, brotli(SCRIPT.as_bytes(), 11))]).await.unwrap();
    store.close().await;

    becomes(&collector, other, 500).await;

    becomes(&collector, FORMER, 200).await;
    let damaged = || collector.logs().matches("is not what its digest says").count();
    Answer::of(collector.get(&format!("/v1/{other}"))).await.wants_status(500);
    let verified = collector.try_run(&["verify"]);
    assert_eq!(verified.code, 1, "{verified:?}");
    let line = format!("asset {other} is not what its digest says\n");
    assert!(verified.stdout.ends_with(&line), "{verified:?}");
    assert!(verified.stderr.contains("1 assets are damaged"), "{verified:?}");
    wait::until("the log to say so", async || if damaged() > 0 { Ok(()) } else { Err(collector.logs()) })
        .await;
    assert_eq!(damaged(), 1, "once, not for every request");
}

#[test]
fn a_hash_that_no_asset_has_is_one_line() {
    let collector = TestCollector::stopped(&[]);
    collector.register();

    let refused: Output = collector.try_run(&["asset", "revoke", "0011223344"]);

    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{refused:?}");
    assert_eq!(
        refused.stderr,
        "collector: no asset has the hash 0011223344; `collector asset list` lists those that there are\n"
    );
}
