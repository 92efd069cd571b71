//! How avis are usually stored: one INSERT a request, each a durable commit of its own. The measure of the
//! collector's batches.
//!
//! Generous to it: one table, one statement, one round trip, no décomptes, no signed names, no log. What makes a
//! repeated request harmless is the primary key alone, made of the idempotency key; it begins with the day, so that the
//! end of the index that is written to is warm. SQLite has the settings of the collector's writer. PostgreSQL is reached
//! over several connections, whose commits the server brings to the disk together.

use std::process::ExitCode;
use std::str::FromStr;

use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use clap::Parser;
use shared::NewAvis;
use shared::questionnaire::Choice;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, PgConnection};
use tests::bare_server;
use tokio::sync::{Mutex, Semaphore};
use uuid::Uuid;

/// The collector's: a server that pays more for what it lets go would be no measure of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Takes avis and stores each with one INSERT.
#[derive(Parser)]
struct Arguments {
    /// sqlite://FILE or postgres://…; its table is made
    #[arg(long)]
    database: String,
    /// Connections to PostgreSQL; `SQLite` has one writer
    #[arg(long, default_value_t = 16)]
    connections: usize,
}

/// No pool of sqlx: it asks a connection whether it is well before each use and after, two more round trips an INSERT.
enum Database {
    Sqlite(Mutex<SqliteConnection>),
    /// As many permits as connections: who has one finds a connection that nobody uses.
    Postgres(Semaphore, Vec<Mutex<PgConnection>>),
}

/// As the collector's writer has it: what it keeps in memory (in KiB, below zero), and after how many pages the log is
/// brought home to the file.
const SQLITE_SETTINGS: [(&str, &str); 2] = [("cache_size", "-65536"), ("wal_autocheckpoint", "8192")];

const SQLITE_TABLE: &str = "create table avis (
    avis_id blob primary key, demarche_id text not null, bouton_id text, day integer not null, language text,
    page text, satisfaction integer not null, clarity integer, ease integer, help_tried integer not null,
    help_reached integer not null, help_quality integer not null, malfunctions integer not null,
    help_tried_other text, malfunctions_other text, comment text
) strict, without rowid";

const POSTGRES_TABLE: &str = "create table avis (
    avis_id uuid primary key, demarche_id text not null, bouton_id text, day integer not null, language text,
    page text, satisfaction bigint not null, clarity bigint, ease bigint, help_tried bigint not null,
    help_reached bigint not null, help_quality bigint not null, malfunctions bigint not null,
    help_tried_other text, malfunctions_other text, comment text
)";

const INSERT: &str = "insert into avis (avis_id, demarche_id, bouton_id, day, language, page, satisfaction, clarity,
        ease, help_tried, help_reached, help_quality, malfunctions, help_tried_other, malfunctions_other, comment)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict do nothing";

/// Any day does: what counts is that all ids of a run begin alike.
const DAY: i32 = 20_261_122;
const DAY_PREFIX: [u8; 4] = [0x20, 0x26, 0x11, 0x22];

#[actix_web::main]
#[expect(clippy::print_stderr, reason = "a tool says what went wrong")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("single_insert_server: {error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "a tool prints its address")]
async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let database = Data::new(Database::open(&arguments).await?);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(PayloadConfig::new(bare_server::BODY_MAX))
            .app_data(database.clone())
            .service(web::resource("/api/v1/avis").route(web::post().to(post)))
    })
    .bind("127.0.0.1:0")?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    Ok(server.run().await?)
}

async fn post(request: HttpRequest, body: Bytes, database: Data<Database>) -> HttpResponse {
    match bare_server::parse(&request, &body) {
        Ok((key, avis)) => match database.insert(key, &avis).await {
            Ok(()) => bare_server::created(),
            Err(_) => HttpResponse::ServiceUnavailable().finish(),
        },
        Err(status) => HttpResponse::new(status),
    }
}

impl Database {
    async fn open(arguments: &Arguments) -> Result<Self, sqlx::Error> {
        if arguments.database.starts_with("postgres") {
            let mut connections = Vec::new();
            for _ in 0..arguments.connections {
                connections.push(PgConnection::connect(&arguments.database).await?);
            }
            if let Some(connection) = connections.first_mut() {
                sqlx::query(POSTGRES_TABLE).execute(connection).await?;
            }
            let permits = Semaphore::new(connections.len());
            return Ok(Self::Postgres(permits, connections.into_iter().map(Mutex::new).collect()));
        }
        // As safe as the collector's: an answer means that the write-ahead log is on the disk.
        let mut options = SqliteConnectOptions::from_str(&arguments.database)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        for (name, value) in SQLITE_SETTINGS {
            options = options.pragma(name, value);
        }
        let mut connection = SqliteConnection::connect_with(&options).await?;
        sqlx::query(SQLITE_TABLE).execute(&mut connection).await?;
        Ok(Self::Sqlite(Mutex::new(connection)))
    }

    async fn insert(&self, key: Uuid, avis: &NewAvis) -> Result<(), sqlx::Error> {
        let mut id = *key.as_bytes();
        id[..4].copy_from_slice(&DAY_PREFIX);
        let answers = &avis.answers;
        let number = |index: usize| i64::try_from(index + 1).unwrap_or_default();
        let page = avis.page.as_ref().map(|page| format!("{}{}", page.origin(), page.path()));
        let reached: i64 = answers
            .help_reached
            .iter()
            .map(|(channel, choice)| number(choice.index()) << (2 * channel.index()))
            .sum();
        let quality: i64 = answers
            .help_quality
            .iter()
            .map(|(channel, choice)| number(choice.index()) << (3 * channel.index()))
            .sum();
        macro_rules! bind {
            ($id:expr) => {
                sqlx::query(INSERT)
                    .bind($id)
                    .bind(&avis.demarche)
                    .bind(&avis.bouton)
                    .bind(DAY)
                    .bind(avis.language.map(shared::Language::code))
                    .bind(page)
                    .bind(answers.satisfaction.map(|choice| number(choice.index())))
                    .bind(answers.clarity.map(|choice| number(choice.index())))
                    .bind(answers.ease.map(|choice| number(choice.index())))
                    .bind(i64::from(answers.help_tried.bits()))
                    .bind(reached)
                    .bind(quality)
                    .bind(i64::from(answers.malfunctions.bits()))
                    .bind(answers.help_tried_other.as_deref())
                    .bind(answers.malfunctions_other.as_deref())
                    .bind(answers.comment.as_deref())
            };
        }
        match self {
            Self::Sqlite(connection) => bind!(&id[..]).execute(&mut *connection.lock().await).await.map(drop),
            Self::Postgres(permits, connections) => {
                let _permit = permits.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
                let mut free = connections.iter().find_map(|connection| connection.try_lock().ok());
                let connection = free.as_mut().ok_or(sqlx::Error::PoolTimedOut)?;
                bind!(Uuid::from_bytes(id)).execute(&mut **connection).await.map(drop)
            }
        }
    }
}
