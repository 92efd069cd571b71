//! A PostgreSQL of a test's own, that it may stop in any way and start again.
//!
//! Tests that only need a database take one on the server that `cargo xtask test` starts for all of them
//! ([`shared_server`], [`create_database`]); those that harm the server start a [`Cluster`].

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::{Signal, geteuid};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;

use crate::collector::Output;
use crate::process::Process;
use crate::{port, wait};

/// Names the server on which tests make a database each.
pub const SERVER: &str = "AVIS_TEST_POSTGRES";

/// Where Debian and Ubuntu keep a directory for each version.
const OF_DEBIAN: &str = "/usr/lib/postgresql";

/// Above what a checkpoint of all that a test wrote takes on a slow disk.
const TIME_TO_STOP: Duration = Duration::from_mins(1);

const HINT: &str = "`cargo xtask test` installs PostgreSQL; `apt install postgresql` does it by hand";

/// A PostgreSQL server in a temporary folder, on a port of the loopback address, without a password.
///
/// It keeps what it promises: `fsync` and `synchronous_commit` are on, whatever is acknowledged is on the
/// disk. Dropping it stops the server and removes its data. When a test fails, what the server logged since it
/// last started is printed with it.
#[derive(Debug)]
pub struct Cluster {
    directory: TempDir,
    programs: PathBuf,
    /// `initdb` and `postgres` refuse to run as root: then this user and group do it.
    owner: Option<(u32, u32)>,
    port: u16,
    server: Option<Process>,
}

/// How a server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// In order: connections are closed, transactions rolled back, all is written.
    Fast,
    /// As a power cut would: at once, and the next start has to recover from the log.
    Immediate,
}

impl Cluster {
    /// A server with nothing in it, ready for connections.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is missing, or does not come up.
    pub async fn start() -> Self {
        Self::start_in(&std::env::temp_dir()).await
    }

    /// The same, its data in a folder of this one: on the disk that is meant, where disks differ. If we are root, it has
    /// to be one that PostgreSQL's own user can reach.
    ///
    /// # Panics
    ///
    /// When PostgreSQL is missing, or does not come up.
    pub async fn start_in(folder: &Path) -> Self {
        let programs = programs();
        let directory = TempDir::with_prefix_in("avis-postgres-", folder)
            .unwrap_or_else(|error| panic!("no temporary folder in {}: {error}", folder.display()));
        let owner = geteuid().is_root().then(|| (id("-u"), id("-g")));
        if let Some((user, group)) = owner {
            chown(directory.path(), Some(user), Some(group))
                .unwrap_or_else(|error| panic!("cannot give {} away: {error}", directory.path().display()));
        }
        let mut cluster = Self { directory, programs, owner, port: 0, server: None };
        cluster.initialise();
        // Between the look for a free port and its use, another test may take it.
        for _ in 0..5 {
            cluster.port = port::free();
            if cluster.came_up().await {
                return cluster;
            }
        }
        panic!("PostgreSQL does not start:\n{}", cluster.log())
    }

    /// The address of a database on this server: `postgres://…`.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.authority())
    }

    /// `host:port`.
    #[must_use]
    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Makes an empty database and returns its address.
    ///
    /// # Panics
    ///
    /// When the server refuses, or is stopped.
    pub async fn create_database(&self) -> String {
        create_database(&self.url("postgres")).await
    }

    /// Stops the server and returns once it has ended. Its data stay.
    ///
    /// # Panics
    ///
    /// When it was not running, or does not end.
    pub async fn stop(&mut self, how: Stop) {
        let Some(mut server) = self.server.take() else { panic!("PostgreSQL is not running") };
        server.signal(how.signal());
        wait::until_within(TIME_TO_STOP, "PostgreSQL to stop", async || {
            server.ended().ok_or_else(|| server.stderr())
        })
        .await;
    }

    /// Starts the server again on the same data and port, and returns once it has recovered and accepts
    /// connections.
    ///
    /// # Panics
    ///
    /// When it is still running, or does not come up.
    pub async fn start_again(&mut self) {
        assert!(self.server.is_none(), "PostgreSQL is still running");
        assert!(self.came_up().await, "PostgreSQL does not start again:\n{}", self.log());
    }

    /// What the server logged since it last started.
    #[must_use]
    pub fn log(&self) -> String {
        crate::process::read(&self.directory.path().join("server.stderr"))
    }

    fn initialise(&self) {
        let mut initdb = self.command("initdb");
        initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]);
        // Of a server that is killed, the kernel keeps what it wrote: only the machine's own end would lose it.
        initdb.args(["--data-checksums", "--no-sync", "--no-instructions"]).arg("--pgdata").arg(self.data());
        let output = Output::of(&mut initdb);
        assert!(output.code == 0, "initdb failed ({}):\n{}{}", output.code, output.stdout, output.stderr);
    }

    /// Starts the server and waits until it accepts connections. False when its port is taken.
    async fn came_up(&mut self) -> bool {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=on",
            "synchronous_commit=on",
            "full_page_writes=on",
            "log_line_prefix=%m [%p] %d ",
        ] {
            command.args(["-c", setting]);
        }
        let mut server = Process::start("server", &mut command, self.directory.path(), HINT);
        let url = self.url("postgres");
        let is_up = wait::until("PostgreSQL to accept connections", async || {
            if let Some(status) = server.ended() {
                let log = server.stderr();
                assert!(log.contains("could not bind"), "PostgreSQL ended ({status}):\n{log}");
                return Ok(false);
            }
            match PgConnection::connect(&url).await {
                Ok(connection) => connection.close().await.map(|()| true),
                Err(error) => Err(error),
            }
        })
        .await;
        self.server = is_up.then_some(server);
        is_up
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// One of PostgreSQL's programs, as the user who may run it.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.directory.path());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Cluster {
    #[expect(clippy::print_stderr, reason = "what a failing test is read with")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- PostgreSQL wrote ---\n{}---", self.log());
        }
        if let Some(server) = self.server.take() {
            // Killed outright, it would leave its processes to notice, and its shared memory to nobody.
            let _ = server.end_with(Stop::Immediate.signal(), TIME_TO_STOP);
        }
    }
}

impl Stop {
    fn signal(self) -> Signal {
        match self {
            Self::Fast => Signal::INT,
            Self::Immediate => Signal::QUIT,
        }
    }
}

/// The server that all tests share.
///
/// # Panics
///
/// When `AVIS_TEST_POSTGRES` does not name it: a test that skips itself proves nothing.
#[must_use]
pub fn shared_server() -> String {
    std::env::var(SERVER).unwrap_or_else(|_| {
        panic!(
            "{SERVER} is not set: it names the PostgreSQL on which tests make a database each \
             (postgres://…). `cargo xtask test` starts one; `cargo run -p tests --bin postgres` starts \
             one and prints its address"
        )
    })
}

/// Makes an empty database on the server of that address, and returns the database's own.
///
/// # Panics
///
/// When the server cannot be reached, or refuses.
pub async fn create_database(server: &str) -> String {
    let name = format!("avis_{:016x}", port::random());
    let made = async {
        let mut connection = PgConnection::connect(server).await?;
        connection.execute(AssertSqlSafe(format!("create database {name}"))).await?;
        connection.close().await
    };
    made.await.unwrap_or_else(|error| panic!("cannot make a database on {server}: {error}"));
    with_database(server, &name)
}

/// The address `url` with another database.
fn with_database(url: &str, database: &str) -> String {
    let (address, query) = url.split_once('?').map_or((url, None), |(address, query)| (address, Some(query)));
    let authority = address.find("://").map_or(0, |scheme| scheme + 3);
    let end = address[authority..].find('/').map_or(address.len(), |slash| authority + slash);
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    format!("{}/{database}{query}", &address[..end])
}

/// The directory of `initdb` and `postgres`: Debian's of the newest version, or else the one in `PATH`.
///
/// # Panics
///
/// When there is none.
#[must_use]
pub fn programs() -> PathBuf {
    let versions = std::fs::read_dir(OF_DEBIAN).into_iter().flatten().flatten().filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        Some((version, entry.path().join("bin")))
    });
    let mut versions: Vec<_> = versions.filter(|(_, directory)| has_programs(directory)).collect();
    versions.sort();
    if let Some((_, directory)) = versions.pop() {
        return directory;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .find(|directory| has_programs(directory))
        .unwrap_or_else(|| panic!("no initdb in PATH nor in {OF_DEBIAN}/*/bin: {HINT}"))
}

fn has_programs(directory: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|program| directory.join(program).is_file())
}

/// What `id` says of the user `postgres`, whom the package makes.
fn id(what: &str) -> u32 {
    let output = Output::of(Command::new("id").args([what, "postgres"]));
    output.stdout.trim().parse().unwrap_or_else(|_| {
        panic!("PostgreSQL does not run as root, and there is no user postgres: {}{HINT}", output.stderr)
    })
}
