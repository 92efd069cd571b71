//! Files that are served for good.

crate::store::assets::assets_on!(sqlx::Postgres);
