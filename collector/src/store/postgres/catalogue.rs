//! Démarches, boutons and keys.

crate::store::catalogue::catalogue_on!(
    sqlx::Postgres,
    read: "begin isolation level repeatable read read only",
    write: "begin",
    after loading keys: "select setval(pg_get_serial_sequence('api_key', 'api_key_id'),
        greatest((select max(api_key_id) from api_key), 1))"
);
