//! nginx in front of a collector, with the site of `deploy`.

use std::ffi::OsStr;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::collector::{TestCollector, workspace};
use crate::process::Process;

/// A running nginx. Dropping it ends it.
#[derive(Debug)]
pub struct Nginx {
    address: SocketAddr,
    _process: Process,
    _folder: TempDir,
}

impl Nginx {
    /// The site in front of this collector, without TLS. It listens a moment later.
    ///
    /// # Panics
    ///
    /// When nginx is missing, or does not start.
    #[must_use]
    pub fn before(collector: &TestCollector) -> Self {
        let folder = TempDir::new().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.unwrap_or_else(|error| panic!("no free port: {error}"));
        let other = folder.path().join("other");
        let file = configuration(
            folder.path(),
            &[
                ("127.0.0.1:8080", collector.authority()),
                ("listen [", "# listen ["),
                ("listen 80", &format!("listen unix:{}", other.display())),
                ("listen 443 ssl http2", &format!("listen {address}")),
                ("    ssl_certificate", "    # ssl_certificate"),
            ],
        );
        demand(&["nginx"], &std::env::var_os("PATH").unwrap_or_default());
        // One process, so that none is left behind.
        let mut nginx = Command::new("nginx");
        nginx.arg("-p").arg(folder.path()).arg("-e").arg(folder.path().join("start.log"));
        nginx.args(["-g", "daemon off; master_process off;", "-c"]).arg(file);
        let process = Process::start("nginx", &mut nginx, folder.path(), "");
        Self { address, _process: process, _folder: folder }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The site of `deploy`, with what differs between machines replaced, in a configuration of its own.
///
/// # Panics
///
/// When there is no such site, or no place for it.
#[must_use]
pub fn configuration(folder: &Path, own: &[(&str, &str)]) -> PathBuf {
    let at = |name: &str| folder.join(name).display().to_string();
    let deployed = workspace().join("deploy/nginx.conf");
    let deployed =
        std::fs::read_to_string(&deployed).unwrap_or_else(|error| panic!("{}: {error}", deployed.display()));
    let log = [("/var/log/nginx/avis-error.log", at("error.log"))];
    let own = own.iter().map(|(of, with)| (*of, (*with).to_owned())).chain(log);
    let site = own.fold(deployed, |site, (of, with)| site.replace(of, &with));
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = paths.map(|what| format!("{what}_temp_path {};\n", at(what))).concat();
    let whole =
        format!("pid {};\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{site}\n}}\n", at("nginx.pid"));
    let file = folder.join("nginx.conf");
    std::fs::write(&file, whole).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    file
}

/// A check that leaves itself out proves nothing.
///
/// # Panics
///
/// When a program is missing in this `PATH`.
#[track_caller]
pub fn demand(programs: &[&str], path: &OsStr) {
    for program in programs {
        let found = std::env::split_paths(path).any(|folder| folder.join(program).is_file());
        assert!(found, "{program} is missing: `cargo xtask test` brings it");
    }
}
