//! Editions.

crate::store::editions::editions_on!(sqlx::Sqlite, read: "begin", write: "begin immediate");
