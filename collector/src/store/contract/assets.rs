//! Of the contract: the widget's files, as they were first served.

use crate::assets::{Integrity, KeptAsset};
use crate::store::Store;
use crate::store::samples::{asset, day, noon};
use serde_json::json;

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
