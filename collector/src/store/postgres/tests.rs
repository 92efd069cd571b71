use super::*;
use crate::store::contract;
use sqlx::{AssertSqlSafe, ConnectOptions};

/// A database of its own on the server that tests may use, gone with the test.
struct Database {
    server: PgConnectOptions,
    name: String,
}

impl Database {
    async fn new() -> Self {
        let server = std::env::var("AVIS_TEST_POSTGRES")
            .expect("AVIS_TEST_POSTGRES names no server; `cargo xtask test` starts one");
        let server = PgConnectOptions::from_str(&server).expect("AVIS_TEST_POSTGRES is an address");
        let name = format!("avis_test_{}", Uuid::new_v4().simple());
        let database = Self { server, name };
        database.on_server("create database").await;
        database
    }

    async fn on_server(&self, statement: &str) {
        let mut connection = PgConnection::connect_with(&self.server).await.expect("the server answers");
        let statement = AssertSqlSafe(format!(
            "{statement} {} {}",
            self.name,
            if statement.starts_with("drop") { "with (force)" } else { "" }
        ));
        sqlx::query(statement).execute(&mut connection).await.unwrap();
    }

    fn address(&self) -> String {
        self.server.clone().database(&self.name).to_url_lossy().to_string()
    }

    async fn store(&self) -> PostgresStore {
        PostgresStore::open(&self.address(), Missing::Create).await.expect("a new database")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Dropping waits, and a test's own runtime has no thread to spare for that.
        std::thread::scope(|scope| {
            let drop = || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(self.on_server("drop database if exists"));
            };
            let _ = scope.spawn(drop).join();
        });
    }
}

contract::run_on!({
    let database = Database::new().await;
    (database.store().await, database)
});
