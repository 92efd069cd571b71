//! `cargo xtask run`: the whole thing at home, on two origins. A collector on one, and on the other the last
//! page of an invented service with the snippet at its end.

mod host_page;

use std::{
    fs, io,
    net::TcpListener,
    path::Path,
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

use anyhow::{Result, bail};
use jiff::{ToSpan as _, Zoned};

use crate::{
    build,
    collector::{self, Collector},
    exec,
    project::Project,
    run::host_page::HostPage,
    tools::Installing,
};

const COLLECTOR_PORT: u16 = 8080;
const HOST_PAGE_PORT: u16 = 8081;

/// What the demo rates, and the placement of its button.
const DEMARCHE: &str = "3059";
const BOUTON: &str = "12";

/// Builds, serves, says where, and stops both on Ctrl-C. Avis are kept between two runs.
pub(crate) fn run(project: &Project, installing: Installing) -> Result<()> {
    build::build_collector_with_widget(project, installing)?;

    let (interrupt, interrupted) = mpsc::channel();
    ctrlc::set_handler(move || {
        // The receiver is gone once we are stopping already.
        let _ = interrupt.send(());
    })?;

    let host_page = HostPage::bind(HOST_PAGE_PORT)?;
    let database = project.demo_directory().join("avis.db");
    fs::create_dir_all(project.demo_directory())?;
    println!("\nThe database is {}", project.relative(&database).display());
    let mut serve = collector::command(project, &["serve"], &database);
    serve.arg("--listen").arg(format!("127.0.0.1:{}", free_port(COLLECTOR_PORT)?));
    println!("$ {}", exec::shown(&serve));
    let mut collector = Collector::start(serve)?;
    register_demo(project, &database, host_page.origin())?;
    host_page.serve(collector.address(), DEMARCHE, BOUTON);

    println!("\nOpen:");
    println!("  the host page      {}/", host_page.origin());
    println!("  the hosted form    {}/avis/{DEMARCHE}", collector.address());
    println!("  the integration    {}/integration/{DEMARCHE}", collector.address());
    println!("  the observatory    {}/observatoire", collector.address());
    println!("  the averages       {}", averages(collector.address()));
    println!("                     (a mean is published from 100 avis on; \"counts\" show each at once)");
    println!("\nCtrl-C stops both.");

    loop {
        match interrupted.recv_timeout(Duration::from_millis(500)) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = collector.ended()? {
                    bail!("the collector stopped by itself ({status})");
                }
            }
        }
    }
    println!("\nstopping");
    let status = collector.stop()?;
    if !status.success() {
        bail!("the collector ended badly ({status})");
    }
    println!("stopped; the avis are kept in {}", project.relative(&database).display());
    Ok(())
}

/// `wanted`, or another that is free when it is taken.
fn free_port(wanted: u16) -> io::Result<u16> {
    let listener =
        TcpListener::bind(("127.0.0.1", wanted)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)))?;
    Ok(listener.local_addr()?.port())
}

/// Adds the demo's démarche and bouton where the database does not have them yet.
fn register_demo(project: &Project, database: &Path, origin: &str) -> Result<()> {
    let demarches = exec::read(&mut collector::command(project, &["demarche", "list"], database))?;
    if listed(&demarches, DEMARCHE).is_none() {
        let mut add = collector::command(project, &["demarche", "add"], database);
        add.args(["--id", DEMARCHE, "--title", "Déclaration des revenus"]);
        add.args(["--administration", "DGFIP", "--audience", "particuliers"]);
        exec::run(&mut add)?;
    }
    let boutons = exec::read(&mut collector::command(project, &["bouton", "list"], database))?;
    match listed(&boutons, BOUTON) {
        None => {
            let mut add = collector::command(project, &["bouton", "add"], database);
            add.args(["--demarche", DEMARCHE, "--id", BOUTON, "--label", "fin de parcours"]);
            exec::run(add.args(["--origin", origin]))?;
        }
        // The host page had another port the last time: what comes from this one would be set aside.
        Some(line) if !line.split_whitespace().any(|word| word == origin) => {
            let mut set = collector::command(project, &["bouton", "set"], database);
            exec::run(set.args(["--id", BOUTON, "--origin", origin]))?;
        }
        Some(_) => {}
    }
    Ok(())
}

/// The line of a list of the collector's that begins with that id.
fn listed<'a>(list: &'a str, id: &str) -> Option<&'a str> {
    list.lines().find(|line| line.split_whitespace().next() == Some(id))
}

/// The averages of the twelve months that end today.
fn averages(collector: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "an address to click on, not a fact that is kept")]
    let today = Zoned::now().date();
    let first = today.saturating_sub(1.year()).saturating_add(1.day());
    format!("{collector}/api/v1/satisfaction?from={first}&to={today}")
}
