//! Small disks that a test may fill and close, and files that it may close alone.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tests::collector::Output;

/// Set for a test that has mounts of its own.
const MARK: &str = "AVIS_TEST_HAS_MOUNTS";

/// A disk in memory. It goes with the test that mounted it.
pub(crate) struct Disk {
    directory: TempDir,
}

/// Runs the test of this name again as a process with mounts of its own, which end with it, be the user root or not.
/// True in that process, which is to do the work; false outside, where the work has then been done.
///
/// # Panics
///
/// When the test fails there, with what it printed.
pub(crate) fn has_own_mounts(test: &str) -> bool {
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let mut unshare = Command::new("unshare");
    unshare.arg("--mount");
    if !rustix::process::geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare.arg(std::env::current_exe().unwrap()).args([test, "--exact"]).env(MARK, "1");
    let output = Output::of(&mut unshare);
    assert!(
        output.code == 0 && output.stdout.contains("1 passed"),
        "{test} with mounts of its own ({}):\n{}{}",
        output.code,
        output.stdout,
        output.stderr
    );
    crate::tell(output.stderr.trim());
    false
}

impl Disk {
    /// An empty disk of so many MiB.
    pub(crate) fn of(mib: usize) -> Self {
        let disk = Self { directory: TempDir::with_prefix("avis-disk-").unwrap() };
        disk.mount(&["-t", "tmpfs", "-o", &format!("size={mib}m"), "avis"]);
        disk
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The address of a SQLite database on it.
    pub(crate) fn database(&self) -> String {
        format!("sqlite://{}/avis.db", self.path().display())
    }

    /// Nothing on it can be written any more.
    pub(crate) fn close(&self) {
        self.mount(&["-o", "remount,ro"]);
    }

    /// It can be written again.
    pub(crate) fn reopen(&self) {
        self.mount(&["-o", "remount,rw"]);
    }

    /// Takes what room is left. Removing the file gives it back.
    pub(crate) fn fill(&self) -> std::path::PathBuf {
        let ballast = self.path().join("ballast");
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&ballast).unwrap();
        // Piece by piece, the last ones small: what another writer frees meanwhile is taken too.
        for size in [1 << 20, 4_096] {
            while std::io::Write::write_all(&mut file, &vec![7; size]).is_ok() {}
        }
        ballast
    }

    fn mount(&self, arguments: &[&str]) {
        mount(arguments, self.path());
    }
}

fn mount(arguments: &[&str], on: &Path) {
    let output = Output::of(Command::new("mount").args(arguments).arg(on));
    assert!(output.code == 0, "mount {arguments:?}: {output:?}");
}

impl Drop for Disk {
    fn drop(&mut self) {
        // With the test's process it would go anyway, but not the folder below it.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// A file that is mounted on itself and cannot be written, not by root either.
pub(crate) struct ReadOnly(PathBuf);

impl ReadOnly {
    pub(crate) fn mounted(file: &Path) -> Self {
        mount(&["--bind", file.to_str().unwrap()], file);
        let read_only = Self(file.to_owned());
        mount(&["-o", "remount,bind,ro"], file);
        read_only
    }

    /// It can be written again.
    pub(crate) fn reopen(&self) {
        mount(&["-o", "remount,bind,rw"], &self.0);
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Files that nobody may write, not through what was opened before either.
pub(crate) struct Immutable(Vec<PathBuf>);

impl Immutable {
    /// None where that cannot be: it takes root, and a file system that has it.
    pub(crate) fn make(files: &[PathBuf]) -> Option<Self> {
        let made = Self(files.to_vec());
        let output = Output::of(Command::new("chattr").arg("+i").args(files));
        let holds = files.iter().all(|file| std::fs::OpenOptions::new().append(true).open(file).is_err());
        (output.code == 0 && holds).then_some(made)
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        let _ = Command::new("chattr").arg("-i").args(&self.0).stderr(std::process::Stdio::null()).status();
    }
}
