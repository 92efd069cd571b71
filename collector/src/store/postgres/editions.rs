//! Editions.

crate::store::editions::editions_on!(
    sqlx::Postgres,
    read: "begin isolation level repeatable read read only",
    write: "begin"
);
