//! The journal.

crate::store::journal::journal_on!(sqlx::Sqlite, write: "begin immediate");
