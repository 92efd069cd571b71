//! axe-core, the accessibility checker that the browser tests run in each page. It is a JavaScript file
//! (MPL-2.0), so it comes from npm's registry, is checked against its known digest and never enters the
//! repository.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result, ensure};

use crate::{digest::sha256, exec, project::Project};

const VERSION: &str = "4.14.1";
const SHA256: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";

/// Where the script is once it is installed.
pub(crate) fn script(project: &Project) -> PathBuf {
    project.tools_directory().join(format!("axe-core-{VERSION}.min.js"))
}

pub(super) fn is_present(project: &Project) -> bool {
    script(project).is_file()
}

/// Fetches the package, without running anything of it.
pub(super) fn download(project: &Project) -> Command {
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--pack-destination"]).arg(project.tools_directory());
    npm.arg(format!("axe-core@{VERSION}"));
    npm
}

/// Takes the script out of the package and puts it in its place, if it is the one we know.
pub(super) fn unpack(project: &Project) -> Result<()> {
    let tools = project.tools_directory();
    let package = tools.join(format!("axe-core-{VERSION}.tgz"));
    let script_text = exec::read(
        Command::new("tar")
            .args(["--extract", "--gzip", "--to-stdout", "package/axe.min.js", "--file"])
            .arg(&package),
    )?;
    let digest = sha256(&script_text);
    ensure!(
        digest == SHA256,
        "{} is not the axe-core we know: its script hashes to {digest}",
        package.display()
    );
    fs::write(script(project), script_text).context("cannot keep axe-core")?;
    fs::remove_file(package)?;
    Ok(())
}
