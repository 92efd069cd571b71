//! How avis are usually stored: one INSERT a request, each a durable commit of its own. The measure of the
//! collector's batches.
//!
//! Generous to it: one table, one statement, no décomptes, no signed names, no log; keys that begin with the day, so
//! that the index is warm; PostgreSQL through a pool, whose server then makes commits of several connections with one
//! write to the disk.

use std::process::ExitCode;
use std::str::FromStr;

use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use clap::Parser;
use shared::NewAvis;
use shared::questionnaire::Choice;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tests::bare_server;
use uuid::Uuid;

/// Takes avis and stores each with one INSERT.
#[derive(Parser)]
struct Arguments {
    /// sqlite://FILE or postgres://…; its table is made
    #[arg(long)]
    database: String,
    /// Connections to PostgreSQL; `SQLite` has one writer
    #[arg(long, default_value_t = 16)]
    pool: u32,
}

enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

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
            let pool =
                PgPoolOptions::new().max_connections(arguments.pool).connect(&arguments.database).await?;
            sqlx::query(POSTGRES_TABLE).execute(&pool).await?;
            return Ok(Self::Postgres(pool));
        }
        // As safe as the collector's: an answer means that the write-ahead log is on the disk.
        let options = SqliteConnectOptions::from_str(&arguments.database)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::query(SQLITE_TABLE).execute(&pool).await?;
        Ok(Self::Sqlite(pool))
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
            Self::Sqlite(pool) => bind!(&id[..]).execute(pool).await.map(drop),
            Self::Postgres(pool) => bind!(Uuid::from_bytes(id)).execute(pool).await.map(drop),
        }
    }
}
