//! The programs that the commands need and that cargo does not bring: which are missing, and how to get
//! them.

mod axe;
mod unpacked;
mod validators;

use std::{env, fs, path::Path, process::Command};

use anyhow::{Result, bail};

use self::{
    Presence::{Program, When},
    Source::{Apt, Cargo, RustupComponent, RustupTarget, Unpacked},
};
pub(crate) use crate::tools::{axe::script as axe_script, unpacked::path, validators::command as validators};
use crate::{
    exec::{self, find_program},
    project::Project,
};

/// Whether we may install what is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Installing {
    Allowed,
    Refused,
}

/// Something that must be there.
pub(crate) struct Tool {
    name: &'static str,
    purpose: &'static str,
    presence: Presence,
    source: Source,
}

/// How to see whether a tool is there.
enum Presence {
    /// A program of the tool's own name is found.
    Program,
    /// Anything else.
    When(fn(&Project) -> bool),
}

/// Where a tool comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A package of Debian or Ubuntu.
    Apt(&'static str),
    /// The same, unpacked only: it would start a server.
    Unpacked(&'static str),
    RustupComponent(&'static str),
    RustupTarget(&'static str),
    /// A program on crates.io. The version is fixed: a new release is an edit here, not a surprise.
    Cargo {
        package: &'static str,
        version: &'static str,
    },
    Axe,
    /// Packages of Python, in an environment of their own.
    Validators,
}

impl Tool {
    const fn new(name: &'static str, purpose: &'static str, presence: Presence, source: Source) -> Self {
        Self { name, purpose, presence, source }
    }

    fn is_present(&self, project: &Project) -> bool {
        match self.presence {
            Presence::Program => find_program(self.name).is_some(),
            Presence::When(is_present) => is_present(project),
        }
    }
}

/// What `build` and `run` need.
pub(crate) fn to_build() -> Vec<Tool> {
    let target = "wasm32-unknown-unknown";
    vec![Tool::new(target, "compiles the widget", When(|_| has_wasm_target()), RustupTarget(target))]
}

/// What `bench` needs beyond cargo.
pub(crate) fn to_bench() -> Vec<Tool> {
    vec![postgresql()]
}

/// What `fuzz` needs beyond cargo.
pub(crate) fn to_fuzz() -> Vec<Tool> {
    vec![Tool::new("c++", "compiles libFuzzer", Program, Apt("g++"))]
}

/// What `sbom` needs beyond cargo.
pub(crate) fn to_sbom() -> Vec<Tool> {
    let source = Cargo { package: "cargo-cyclonedx", version: "0.5.9" };
    vec![Tool::new("cargo-cyclonedx", "lists what a binary is made of", Program, source)]
}

fn postgresql() -> Tool {
    Tool::new("PostgreSQL", "the database of many machines", When(|_| has_postgresql()), Apt("postgresql"))
}

/// What `test --faults` needs: the above, the database to harm, a witness, and what stands before a collector.
pub(crate) fn to_test_faults() -> Vec<Tool> {
    let mut tools = to_build();
    tools.extend([
        postgresql(),
        Tool::new("strace", "sees whether what is acknowledged is on the disk", Program, Apt("strace")),
        Tool::new(
            "nginx",
            "stands before collectors, with the site in deploy",
            When(|project| unpacked::is_present(project, "nginx")),
            Unpacked("nginx"),
        ),
    ]);
    tools
}

/// What `test` needs: all of the above, the checks and three browsers.
pub(crate) fn to_test() -> Vec<Tool> {
    let mut tools = to_test_faults();
    tools.extend(to_sbom());
    tools.extend([
        Tool::new("rustfmt", "checks the format", When(|_| runs("fmt")), RustupComponent("rustfmt")),
        Tool::new("clippy", "checks the code", When(|_| runs("clippy")), RustupComponent("clippy")),
        Tool::new(
            "cargo-deny",
            "checks the licences and sources of dependencies",
            Program,
            Cargo { package: "cargo-deny", version: "0.20.2" },
        ),
        Tool::new("chromium", "browser tests", Program, Apt("chromium")),
        Tool::new("chromedriver", "drives Chromium", Program, Apt("chromium-driver")),
        Tool::new("firefox-esr", "browser tests", Program, Apt("firefox-esr")),
        Tool::new(
            "geckodriver",
            "drives Firefox",
            Program,
            Cargo { package: "geckodriver", version: "0.37.1" },
        ),
        Tool::new("WebKitWebDriver", "drives WebKit", Program, Apt("webkit2gtk-driver")),
        Tool::new("MiniBrowser", "browser tests", When(|_| has_minibrowser()), Apt("webkit2gtk-driver")),
        Tool::new("Xvfb", "a screen for WebKit", Program, Apt("xvfb")),
        Tool::new(
            "fonts",
            "letters for the browsers to draw",
            When(|_| has_fonts()),
            Apt("fonts-dejavu-core"),
        ),
        Tool::new("curl", "asks collectors, as docs/operations.md says", Program, Apt("curl")),
        Tool::new("systemd-analyze", "checks the unit in deploy", Program, Apt("systemd")),
        Tool::new("openssl", "makes a certificate for nginx", Program, Apt("openssl")),
        Tool::new(
            "promtool",
            "checks the alert rules in deploy",
            When(|project| unpacked::is_present(project, "promtool")),
            Unpacked("prometheus"),
        ),
        Tool::new("npm", "fetches axe-core", When(has_npm_or_needs_none), Apt("npm")),
        Tool::new("axe-core", "checks accessibility in the browsers", When(axe::is_present), Source::Axe),
        Tool::new("python3", "runs an importer as the observatory would write it", Program, Apt("python3")),
        Tool::new(
            "python3-venv",
            "makes room for programs in Python",
            When(|_| validators::has_venv()),
            Apt("python3-venv"),
        ),
        Tool::new(
            "schemathesis, frictionless, rdflib",
            "read what is published as others do",
            When(validators::is_present),
            Source::Validators,
        ),
    ]);
    tools
}

/// Installs what is missing, after saying what; or, when that is refused, says how to and fails.
pub(crate) fn prepare(project: &Project, tools: Vec<Tool>, installing: Installing) -> Result<()> {
    let missing: Vec<Tool> = tools.into_iter().filter(|tool| !tool.is_present(project)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let commands = commands(project, &missing);

    println!("Missing:");
    for tool in &missing {
        println!("  {}: {}", tool.name, tool.purpose);
    }
    println!("{}:", if installing == Installing::Allowed { "To be installed by" } else { "To install" });
    for command in &commands {
        println!("  {}", exec::shown(command));
    }
    if installing == Installing::Refused {
        bail!("{} missing, and --no-install was given", missing.len());
    }

    fs::create_dir_all(project.tools_directory())?;
    for mut command in commands {
        exec::run(&mut command)?;
    }
    if missing.iter().any(|tool| tool.source == Source::Axe) {
        axe::unpack(project)?;
    }
    if missing.iter().any(|tool| tool.source == Source::Validators) {
        validators::complete(project)?;
    }
    unpacked::unpack(project)?;
    let still_missing: Vec<&str> =
        missing.iter().filter(|tool| !tool.is_present(project)).map(|tool| tool.name).collect();
    if !still_missing.is_empty() {
        bail!("still missing after the installation: {}", still_missing.join(", "));
    }
    Ok(())
}

/// The commands that install all of `missing`, one for each kind of source where it can take several.
fn commands(project: &Project, missing: &[Tool]) -> Vec<Command> {
    let mut packages = Vec::new();
    let mut to_unpack = Vec::new();
    let mut components = Vec::new();
    let mut targets = Vec::new();
    let mut others = Vec::new();
    for tool in missing {
        match tool.source {
            Apt(package) => packages.push(package),
            Unpacked(package) => to_unpack.push(package),
            RustupComponent(component) => components.push(component),
            RustupTarget(target) => targets.push(target),
            Cargo { package, version } => {
                let mut install = exec::cargo(project);
                install.args(["install", package, "--version", version, "--locked"]);
                others.push(install);
            }
            Source::Axe => others.push(axe::download(project)),
            Source::Validators => others.extend(validators::install(project)),
        }
    }

    let mut commands = Vec::new();
    packages.dedup();
    if !(packages.is_empty() && to_unpack.is_empty()) {
        let mut update = as_root("apt-get");
        update.arg("update");
        commands.push(update);
    }
    if !packages.is_empty() {
        let mut install = as_root("apt-get");
        install.args(["install", "--yes", "--no-install-recommends"]).args(packages);
        commands.push(install);
    }
    if !to_unpack.is_empty() {
        commands.push(unpacked::download(project, &to_unpack));
    }
    if !components.is_empty() {
        let mut add = Command::new("rustup");
        add.args(["component", "add"]).args(components).current_dir(project.root());
        commands.push(add);
    }
    if !targets.is_empty() {
        let mut add = Command::new("rustup");
        add.args(["target", "add"]).args(targets).current_dir(project.root());
        commands.push(add);
    }
    commands.extend(others);
    commands
}

/// `program` as root: as it is when we are, through sudo otherwise. It asks no question of its own.
fn as_root(program: &str) -> Command {
    let mut command = Command::new(if rustix::process::geteuid().is_root() { "env" } else { "sudo" });
    command.args(["DEBIAN_FRONTEND=noninteractive", program]);
    command
}

fn has_wasm_target() -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print=target-libdir", "--target=wasm32-unknown-unknown"]);
    exec::read(&mut rustc).is_ok_and(|directory| Path::new(directory.trim()).is_dir())
}

/// Whether cargo can run that command of its own: rustup leaves the names of its components in `PATH` even
/// when they are not installed.
fn runs(cargo_command: &str) -> bool {
    exec::read(Command::new("cargo").args([cargo_command, "--version"])).is_ok()
}

/// The programs of a server; Debian keeps them out of `PATH`, a directory for each version.
fn has_postgresql() -> bool {
    exists("/usr/lib/postgresql", "", "bin/initdb") || find_program("initdb").is_some()
}

fn has_npm_or_needs_none(project: &Project) -> bool {
    find_program("npm").is_some() || axe::is_present(project)
}

/// The browser that WebKitWebDriver drives; Debian keeps it out of `PATH`.
fn has_minibrowser() -> bool {
    let of_this_architecture = format!("/usr/lib/{}-linux-gnu", env::consts::ARCH);
    ["/usr/lib", &of_this_architecture]
        .iter()
        .any(|directory| exists(directory, "webkit2gtk-4", "MiniBrowser"))
}

fn has_fonts() -> bool {
    exists("/usr/share/fonts", "", "")
}

/// Whether there is something at `{directory}/{prefix}*/{rest}`.
fn exists(directory: &str, prefix: &str, rest: &str) -> bool {
    fs::read_dir(directory).is_ok_and(|entries| {
        entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .any(|entry| entry.path().join(rest).exists())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(source: Source) -> Tool {
        Tool::new("tool", "", When(|_| false), source)
    }

    #[test]
    fn packages_are_installed_together_after_an_update() {
        let project = Project::find();
        let commands = commands(&project, &[missing(Apt("chromium")), missing(Apt("xvfb"))]);
        let shown: Vec<String> = commands.iter().map(exec::shown).collect();
        assert_eq!(shown.len(), 2);
        assert!(shown[0].ends_with("apt-get update"));
        assert!(shown[1].ends_with("apt-get install --yes --no-install-recommends chromium xvfb"));
    }

    #[test]
    fn a_package_that_would_start_a_server_is_fetched_and_not_installed() {
        let project = Project::find();
        let commands = commands(&project, &[missing(Unpacked("nginx")), missing(Unpacked("prometheus"))]);
        let shown: Vec<String> = commands.iter().map(exec::shown).collect();
        assert_eq!(shown.len(), 2);
        assert!(shown[0].ends_with("apt-get update"));
        assert_eq!(shown[1], "apt-get download nginx prometheus");
    }

    #[test]
    fn a_program_of_cargo_is_installed_in_one_fixed_version() {
        let project = Project::find();
        let source = Cargo { package: "geckodriver", version: "0.37.1" };
        let shown = exec::shown(&commands(&project, &[missing(source)])[0]);
        assert_eq!(shown, "cargo install geckodriver --version 0.37.1 --locked");
    }

    #[test]
    fn packages_of_python_come_into_an_environment_of_their_own_with_their_digests() {
        let project = Project::find();
        let commands = commands(&project, &[missing(Source::Validators)]);
        let shown: Vec<String> = commands.iter().map(exec::shown).collect();
        assert_eq!(shown.len(), 2);
        assert!(shown[0].starts_with("python3 -m venv --clear "), "{shown:?}");
        assert!(shown[1].contains("--require-hashes") && shown[1].ends_with("requirements.txt"), "{shown:?}");
    }

    #[test]
    fn what_is_missing_fails_when_installing_is_refused() {
        let project = Project::find();
        let tools = vec![missing(RustupComponent("clippy"))];
        assert!(prepare(&project, tools, Installing::Refused).is_err());
    }
}
