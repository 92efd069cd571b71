//! What the benchmark does with databases: makes one on a PostgreSQL server, and weighs one table by table.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::str::FromStr;

use clap::{Parser, Subcommand};
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Makes and weighs databases.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes an empty database of this name on the `PostgreSQL` server of this address, and prints its own address
    Create {
        /// Any database of the server: postgres://…
        server: String,
        /// Letters and underscores
        name: String,
    },
    /// Prints one line of JSON: the avis in it, the bytes of the whole, those of each table with its indexes
    Weigh {
        /// sqlite://FILE or postgres://…
        database: String,
    },
}

/// Each index with its table. Reads the whole file: no page is counted twice or left out.
const SQLITE_BYTES: &str = "select coalesce(tbl_name, dbstat.name), sum(pgsize)
    from dbstat left join sqlite_schema on sqlite_schema.name = dbstat.name
    where dbstat.aggregate = true group by 1";

/// Partitions with the table they are part of.
const POSTGRES_BYTES: &str = "select coalesce(parent.relname, part.relname)::text,
        sum(pg_total_relation_size(part.oid))::bigint
    from pg_class part
    left join pg_inherits on inhrelid = part.oid left join pg_class parent on parent.oid = inhparent
    join pg_namespace on pg_namespace.oid = part.relnamespace
    where part.relkind = 'r' and nspname = 'public' group by 1";

const COUNT: &str = "select count(*) from avis";

#[tokio::main]
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a tool prints its figures, or what went wrong"
)]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Create { server, name } => create(&server, &name).await,
        Command::Weigh { database } => weigh(&database).await.map(|weight| weight.to_string()),
    };
    match done {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("database: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn create(server: &str, name: &str) -> Result<String, sqlx::Error> {
    let mut connection = PgConnection::connect(server).await?;
    let safe = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if !safe {
        return Err(sqlx::Error::Configuration("the name of a database is letters and underscores".into()));
    }
    let statement = format!("create database {name}");
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await?;
    let options = PgConnectOptions::from_str(server)?;
    Ok(format!("postgres://{}@{}:{}/{name}", options.get_username(), options.get_host(), options.get_port()))
}

async fn weigh(database: &str) -> Result<Value, sqlx::Error> {
    let (avis, tables): (i64, Vec<(String, i64)>) = if database.starts_with("postgres") {
        let mut connection = PgConnection::connect(database).await?;
        let avis = sqlx::query_scalar(COUNT).fetch_one(&mut connection).await?;
        (avis, sqlx::query_as(POSTGRES_BYTES).fetch_all(&mut connection).await?)
    } else {
        let mut connection =
            SqliteConnection::connect_with(&SqliteConnectOptions::from_str(database)?).await?;
        // What is in the log alone has no page of its own yet.
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut connection).await?;
        let avis = sqlx::query_scalar(COUNT).fetch_one(&mut connection).await?;
        (avis, sqlx::query_as(SQLITE_BYTES).fetch_all(&mut connection).await?)
    };
    let tables: BTreeMap<String, i64> = tables.into_iter().collect();
    Ok(json!({"avis": avis, "bytes": tables.values().sum::<i64>(), "tables": tables}))
}
