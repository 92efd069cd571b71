//! What an avis' id, receipt and token are made from: the secret that collectors share.

use std::path::PathBuf;

use serde_json::json;
use tests::TestCollector;
use tests::collector::{BOUTON, DEMARCHE, TITLE};

use crate::helpers::{Answer, accepted, delete, least, new_key, patch, post_with_key, stored};

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
async fn a_secret_file_that_is_none_stops_the_start_with_exit_code_2() {
    let collector = TestCollector::stopped(&[]);
    collector.add_demarche(DEMARCHE, TITLE);
    collector.run(&["bouton", "add", "--demarche", DEMARCHE, "--id", BOUTON]);
    let short = SecretFile::of(&["1:00"]);
    let empty = SecretFile::of(&[]);

    for path in ["/no/such/file", short.path.to_str().unwrap(), empty.path.to_str().unwrap()] {
        let output = collector.try_run(&["serve", "--listen", "127.0.0.1:0", "--secret-file", path]);
        assert_eq!(output.code, 2, "{path}: {output:?}");
        assert!(output.stderr.contains("secret-file"), "{output:?}");
    }
}
