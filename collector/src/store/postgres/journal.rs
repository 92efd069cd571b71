//! The journal.

crate::store::journal::journal_on!(
    sqlx::Postgres,
    write: "begin",
    after loading: "select setval(pg_get_serial_sequence('journal', 'journal_id'),
        greatest((select max(journal_id) from journal), 1))"
);
