//! Programs of Debian packages that are unpacked beside the build and not installed: to check a configuration takes the
//! program alone, and an installation would start a server on the machine of whoever runs the tests.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use crate::{
    exec::{self, find_program},
    project::Project,
};

/// Where programs lie in a package.
const FOLDERS: [&str; 2] = ["usr/bin", "usr/sbin"];

fn folders(project: &Project) -> impl Iterator<Item = PathBuf> {
    let root = project.tools_directory().join("debian");
    FOLDERS.into_iter().map(move |folder| root.join(folder))
}

/// Whether a program is there, unpacked or installed; Debian keeps servers out of the `PATH` of users.
pub(super) fn is_present(project: &Project, program: &str) -> bool {
    find_program(program).is_some()
        || Path::new("/usr/sbin").join(program).is_file()
        || folders(project).any(|folder| folder.join(program).is_file())
}

/// `PATH`, with what was unpacked behind what is installed.
pub(crate) fn path(project: &Project) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let all = env::split_paths(&path).chain(["/usr/sbin".into()]).chain(folders(project));
    env::join_paths(all).context("a folder in PATH has a colon in its name")
}

/// Fetches packages, without running anything of them.
pub(super) fn download(project: &Project, packages: &[&str]) -> Command {
    let mut download = Command::new("apt-get");
    download.arg("download").args(packages).current_dir(project.tools_directory());
    download
}

/// Unpacks what was fetched.
pub(super) fn unpack(project: &Project) -> Result<()> {
    let tools = project.tools_directory();
    for entry in fs::read_dir(&tools)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "deb") {
            exec::run(Command::new("dpkg-deb").arg("--extract").arg(&file).arg(tools.join("debian")))?;
            fs::remove_file(file)?;
        }
    }
    Ok(())
}
