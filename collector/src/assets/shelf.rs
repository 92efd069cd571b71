//! Files of former versions, read from the store when they are first asked for.

use super::{Coded, Integrity, KeptAsset};
use crate::store::{Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;

/// What files of former versions may take in memory, both codings together: those of some thirty versions. Beyond, they
/// are read anew.
const ROOM: usize = 8 << 20;

/// Kept files, each read once and compared with its digest.
pub struct Shelf {
    store: Arc<dyn Store>,
    held: RwLock<Held>,
    /// The one who reads from the store. Of a crowd that asks for the same file, the others find it read.
    reading: Mutex<()>,
}

/// A file that is not what its digest says.
#[derive(Clone, Copy)]
struct Damaged;

/// By digest: names that share one share its bytes.
#[derive(Default)]
struct Held {
    files: HashMap<Integrity, Result<Coded, Damaged>>,
    bytes: usize,
}

impl Shelf {
    /// An empty one.
    #[must_use]
    pub fn of(store: Arc<dyn Store>) -> Self {
        Self { store, held: RwLock::default(), reading: Mutex::default() }
    }

    /// A file that the catalogue knows; none if what the store has of it is not what its digest says.
    ///
    /// # Errors
    /// It was not read before, and the store is away.
    pub async fn file(&self, asset: &KeptAsset) -> Result<Option<Coded>, StoreError> {
        if let Some(known) = self.held(asset.integrity) {
            return Ok(known.ok());
        }
        let _turn = self.reading.lock().await;
        if let Some(known) = self.held(asset.integrity) {
            return Ok(known.ok());
        }
        let content = self.store.asset_content(&asset.name).await?.unwrap_or_default();
        let file = asset
            .decoded(&content)
            .map(|identity| Coded { identity: identity.into(), brotli: content.into() });
        if file.is_none() {
            tracing::error!(
                name = asset.name,
                "an asset in the store is not what its digest says, and is not served; restore a backup from before"
            );
        }
        self.hold(asset.integrity, file.clone());
        Ok(file)
    }

    fn held(&self, integrity: Integrity) -> Option<Result<Coded, Damaged>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.files.get(&integrity).cloned()
    }

    fn hold(&self, integrity: Integrity, file: Option<Coded>) {
        let bytes = file.as_ref().map_or(0, |file| file.identity.len() + file.brotli.len());
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.bytes + bytes > ROOM {
            *held = Held::default();
        }
        held.bytes += bytes;
        held.files.insert(integrity, file.ok_or(Damaged));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples::asset;
    use crate::store::unsteady::{Mood, Unsteady};

    async fn shelf(assets: &[(KeptAsset, Vec<u8>)]) -> (Shelf, Arc<Unsteady>) {
        let store = Arc::new(Unsteady::new().await);
        store.keep_assets(assets).await.unwrap();
        (Shelf::of(store.clone()), store)
    }

    #[tokio::test]
    async fn a_file_is_read_once_and_found_while_the_store_is_away() {
        let kept = asset("form-1.js", b"avis avis avis");
        let (shelf, store) = shelf(std::slice::from_ref(&kept)).await;
        let file = shelf.file(&kept.0).await.unwrap().unwrap();
        assert_eq!((&file.identity[..], &file.brotli[..]), (&b"avis avis avis"[..], &kept.1[..]));
        store.is(Mood::Away);
        let namesake = KeptAsset { name: "form-2.js".into(), ..kept.0.clone() };
        assert!(shelf.file(&namesake).await.unwrap().is_some(), "the digest is the same");
        assert!(shelf.file(&asset("form-3.js", b"another").0).await.is_err());
    }

    #[tokio::test]
    async fn a_file_that_is_not_what_its_digest_says_is_not_given() {
        let (right, brotli) = asset("form-1.js", b"right");
        let other = KeptAsset { integrity: Integrity::of(b"other"), ..right.clone() };
        let cut = (KeptAsset { name: "form-2.js".into(), ..right.clone() }, brotli[..3].to_vec());
        let long = (
            KeptAsset { name: "form-3.js".into(), size: 4, integrity: Integrity::of(b"righ"), ..right },
            brotli.clone(),
        );
        for kept in [(other, brotli), cut, long] {
            let (shelf, _) = shelf(std::slice::from_ref(&kept)).await;
            assert!(shelf.file(&kept.0).await.unwrap().is_none(), "{kept:?}");
        }
    }

    #[tokio::test]
    async fn what_is_held_is_bounded() {
        let large = |first: u8| {
            let mut bytes = vec![0; ROOM / 2];
            bytes[0] = first;
            asset(&format!("form-{first}.js"), &bytes)
        };
        let assets = [large(1), large(2), large(3)];
        let (shelf, _) = shelf(&assets).await;
        for (kept, _) in &assets {
            assert!(shelf.file(kept).await.unwrap().is_some());
            assert!(shelf.held.read().unwrap().bytes <= ROOM);
        }
    }
}
