//! Démarches, boutons and keys.

crate::store::catalogue::catalogue_on!(sqlx::Sqlite, read: "begin", write: "begin immediate");
