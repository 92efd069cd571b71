//! Démarches, boutons and keys.

crate::store::catalogue::catalogue_on!(
    sqlx::Postgres,
    read: "begin isolation level repeatable read read only",
    write: "begin"
);
