//! The programs of others that `tests/validators/run.py` holds the collector against. They are Python's, so they go into
//! an environment of their own, each in a version and with a digest that `requirements.txt` fixes.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result};

use crate::{digest::sha256, project::Project};

/// Where they are: another list makes another environment.
fn environment(project: &Project) -> PathBuf {
    let list = fs::read_to_string(requirements(project)).unwrap_or_default();
    project.tools_directory().join(format!("validators-{}", &sha256(&list)[..12]))
}

fn folder(project: &Project) -> PathBuf {
    project.root().join("tests/validators")
}

fn requirements(project: &Project) -> PathBuf {
    folder(project).join("requirements.txt")
}

/// Left behind once everything is installed: an environment that was interrupted is none.
fn mark(project: &Project) -> PathBuf {
    environment(project).join("complete")
}

pub(super) fn is_present(project: &Project) -> bool {
    mark(project).is_file()
}

/// Whether Python can make environments: Debian keeps that in a package of its own.
pub(super) fn has_venv() -> bool {
    let mut python = Command::new("python3");
    python.args(["-c", "import ensurepip, venv"]).stdout(Stdio::null()).stderr(Stdio::null());
    python.status().is_ok_and(|status| status.success())
}

/// Makes the environment and fills it.
pub(super) fn install(project: &Project) -> [Command; 2] {
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(environment(project));
    let mut fill = Command::new(environment(project).join("bin/pip"));
    fill.args(["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement"]);
    fill.arg(requirements(project));
    [make, fill]
}

pub(super) fn complete(project: &Project) -> Result<()> {
    fs::write(mark(project), "").context("cannot keep the validators")
}

/// The command that holds this collector against them.
pub(crate) fn command(project: &Project) -> Command {
    let mut run = Command::new(environment(project).join("bin/python"));
    run.arg("-B").arg(folder(project).join("run.py")).arg(project.collector_binary());
    run
}
