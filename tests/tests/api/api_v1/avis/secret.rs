//! What an avis' id, receipt and token are made from: the secret that collectors share.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tests::collector::{BOUTON, DEMARCHE, TITLE};
use tests::postgres::{create_database, shared_server};
use tests::{TestCollector, wait};

use crate::helpers::{Accepted, Answer, accepted, delete, least, new_key, patch, post_with_key, stored};

const FIRST: &str = "1:3f1c5b0d9a7e2468ace013579bdf0246813579ace02468bdf13579ace02468bd";
const SECOND: &str = "2:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A file with these keys, in a folder that goes with the value.
struct SecretFile {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl SecretFile {
    fn of(keys: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let file = Self { _folder: folder, path };
        file.write(keys);
        file
    }

    fn write(&self, keys: &[&str]) {
        std::fs::write(&self.path, keys.join("\n") + "\n").unwrap();
    }

    async fn collector(&self) -> TestCollector {
        TestCollector::start_with(&["--secret-file", self.path.to_str().unwrap()]).await
    }
}

#[tokio::test]
async fn collectors_with_the_same_secret_give_the_same_id_and_receipt() {
    let secret = SecretFile::of(&[FIRST]);
    let (one, other) = (secret.collector().await, secret.collector().await);
    let key = new_key();

    let first = Answer::of(post_with_key(&one, &least(), &key)).await.accepted();
    let second = Answer::of(post_with_key(&other, &least(), &key)).await.accepted();

    assert_eq!((&first.id, &first.receipt), (&second.id, &second.receipt));
}

#[tokio::test]
async fn collectors_with_secrets_of_their_own_do_not() {
    let (one, other) = (TestCollector::start().await, TestCollector::start().await);
    let key = new_key();

    let first = Answer::of(post_with_key(&one, &least(), &key)).await.accepted();
    let second = Answer::of(post_with_key(&other, &least(), &key)).await.accepted();

    assert_ne!(first.id, second.id);
    assert_ne!(first.receipt, second.receipt);
    Answer::of(patch(&other, &second.id, &first.edit_token, &json!({"ease": "4"}))).await.wants_status(401);
}

#[tokio::test]
async fn a_secret_that_is_rotated_leaves_tokens_receipts_and_replays_as_they_were() {
    let secret = SecretFile::of(&[FIRST]);
    let mut collector = secret.collector().await;
    let (key, other_key) = (new_key(), new_key());
    let first = Answer::of(post_with_key(&collector, &least(), &key)).await;
    let second = Answer::of(post_with_key(&collector, &least(), &other_key)).await.accepted();

    secret.write(&[FIRST, SECOND]);
    collector.restart().await;

    let avis = first.accepted();
    Answer::of(patch(&collector, &avis.id, &avis.edit_token, &json!({"ease": "4"}))).await.wants_status(200);
    let replay = Answer::of(post_with_key(&collector, &least(), &key)).await;
    replay.wants_status(201);
    assert_eq!((&replay.accepted().id, &replay.accepted().receipt), (&avis.id, &avis.receipt));
    assert_eq!(stored(&collector).await, 2);
    Answer::of(delete(&collector, &second.id, &second.receipt)).await.wants_status(204);
    assert_eq!(stored(&collector).await, 1);
    accepted(&collector, &least()).await;
}

#[tokio::test]
async fn a_key_of_the_file_signs_from_its_day_on() {
    let secret = SecretFile::of(&[FIRST, &format!("{SECOND}:2999-12-31")]);
    let mut collector = secret.collector().await;
    let before = accepted(&collector, &least()).await;
    assert_eq!(signed_with(&before), 1);

    secret.write(&[FIRST, &format!("{SECOND}:2020-01-01")]);
    collector.restart().await;

    assert_eq!(signed_with(&accepted(&collector, &least()).await), 2);
    Answer::of(patch(&collector, &before.id, &before.edit_token, &json!({"ease": "4"})))
        .await
        .wants_status(200);
}

#[tokio::test]
async fn a_key_that_is_added_is_known_everywhere_before_anybody_signs_with_it() {
    let database = create_database(&shared_server()).await;
    let (mut early, late) = (TestCollector::start_on(&database, &[]).await, {
        let mut second = TestCollector::on(&database, &[]);
        second.serve().await;
        second
    });
    let before = accepted(&early, &least()).await;

    let added = early.run(&["secret", "add"]);
    assert!(added.stdout.starts_with("key 2 added; it signs from 20"), "{added:?}");
    let list = early.run(&["secret", "list"]).stdout;
    assert!(list.lines().nth(1).unwrap().ends_with("signs"), "{list}");
    assert!(list.lines().nth(2).unwrap().ends_with("will sign"), "{list}");
    for collector in [&early, &late] {
        wait::until_within(Duration::from_secs(4), "the key to be known", async || {
            let log = collector.logs();
            if log.contains("new keys of the secret are known") { Ok(()) } else { Err(log) }
        })
        .await;
        assert_eq!(signed_with(&accepted(collector, &least()).await), 1);
    }

    // Two days later, for the one of them that starts anew.
    let mut connection = PgConnection::connect(&database).await.unwrap();
    connection
        .execute("update secret set created_day = created_day - 10000 where secret_id = 2")
        .await
        .unwrap();
    early.restart().await;
    let after = accepted(&early, &least()).await;
    assert_eq!(signed_with(&after), 2);
    for avis in [&before, &after] {
        for collector in [&early, &late] {
            let ease = json!({"ease": "4"});
            Answer::of(patch(collector, &avis.id, &avis.edit_token, &ease)).await.wants_status(200);
        }
        Answer::of(delete(&late, &avis.id, &avis.receipt)).await.wants_status(204);
    }
    let list = early.run(&["secret", "list"]).stdout;
    assert!(list.lines().nth(1).unwrap().ends_with("verifies"), "{list}");
}

#[test]
fn a_key_is_added_to_a_secret_that_is_there() {
    let collector = TestCollector::stopped(&[]);
    collector.add_demarche(DEMARCHE, TITLE);

    let output = collector.try_run(&["secret", "add"]);

    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stderr.contains("collector serve"), "{output:?}");
}

/// The number of the key that an edit token was signed with.
fn signed_with(avis: &Accepted) -> u8 {
    URL_SAFE_NO_PAD.decode(&avis.edit_token).unwrap()[0]
}

#[tokio::test]
async fn a_secret_file_that_is_none_stops_the_start_with_exit_code_2() {
    let collector = TestCollector::stopped(&[]);
    collector.add_demarche(DEMARCHE, TITLE);
    collector.run(&["bouton", "add", "--demarche", DEMARCHE, "--id", BOUTON]);
    let short = SecretFile::of(&["1:00"]);
    let empty = SecretFile::of(&[]);
    let twice = SecretFile::of(&[FIRST, &FIRST.replace('3', "4")]);

    let files = [&short, &empty, &twice].map(|file| file.path.to_str().unwrap());
    for path in ["/no/such/file"].into_iter().chain(files) {
        let output = collector.try_run(&["serve", "--listen", "127.0.0.1:0", "--secret-file", path]);
        assert_eq!(output.code, 2, "{path}: {output:?}");
        assert!(output.stderr.contains("secret-file"), "{output:?}");
    }
}
