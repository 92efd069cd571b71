//! Files that are served for good.

use crate::store::assets::{ASSETS, AssetRow};

crate::store::assets::assets_on!(sqlx::Sqlite);

/// Every one, for who looks a backup through: the catalogue of an older version may lack what this one reads.
pub(super) async fn all(reader: &mut Connection) -> Result<Vec<KeptAsset>, StoreError> {
    let rows: Vec<AssetRow> =
        sqlx::query_as(ASSETS).fetch_all(reader).await.map_err(failed("cannot read assets"))?;
    rows.into_iter().map(KeptAsset::try_from).collect()
}
