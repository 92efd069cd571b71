//! `cargo xtask sbom`: what the collector's binary is made of, for whoever has to find out whether an advisory concerns
//! it. In CycloneDX, which the tools of others read.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{
    exec,
    project::Project,
    tools::{self, Installing},
};

/// The version of CycloneDX; the latest that the tool writes.
const SPECIFICATION: &str = "1.5";

pub(crate) fn sbom(project: &Project, installing: Installing) -> Result<()> {
    tools::prepare(project, tools::to_sbom(), installing)?;
    let text = written(project)?;
    let listed = listed(&serde_json::from_str(&text)?)?;
    let missing: Vec<String> = compiled(project)?.difference(&listed).cloned().collect();
    if !missing.is_empty() {
        bail!("the binary is made of what the list does not name: {}", missing.join(", "));
    }
    let file = project.release_binary("collector.cdx.json");
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&file, text)?;
    println!("{}: CycloneDX {SPECIFICATION}, {} crates", project.relative(&file).display(), listed.len());
    Ok(())
}

/// What the tool writes of the collector, without the folders of this machine. It writes beside each manifest, of the
/// other members too.
fn written(project: &Project) -> Result<String> {
    let name = format!("sbom-{}", std::process::id());
    let mut command = exec::cargo(project);
    command
        .args(["cyclonedx", "--quiet", "--format=json"])
        .arg(format!("--spec-version={SPECIFICATION}"))
        .arg(format!("--override-filename={name}"))
        .args(["--manifest-path", "collector/Cargo.toml"]);
    // The same commit has the same list.
    if let Ok(date) =
        exec::read(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(project.root()))
    {
        command.env("SOURCE_DATE_EPOCH", date.trim());
    }
    let ran = exec::run(&mut command);
    let text = fs::read_to_string(project.root().join("collector").join(format!("{name}.json")));
    for file in beside_manifests(project.root(), &format!("{name}.json"))? {
        fs::remove_file(file)?;
    }
    ran?;
    let text = text.context("cargo cyclonedx has written nothing about the collector")?;
    Ok(text.replace(&format!("file://{}", project.root().display()), "file://"))
}

fn beside_manifests(root: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(root)? {
        let file = entry?.path().join(name);
        if file.is_file() {
            files.push(file);
        }
    }
    Ok(files)
}

/// Each crate of the list, as `name version`.
fn listed(document: &Value) -> Result<BTreeSet<String>> {
    let text = |value: &Value, member: &str| value[member].as_str().map(str::to_owned);
    if document["bomFormat"] != "CycloneDX" || document["specVersion"] != SPECIFICATION {
        bail!("it is no list of CycloneDX {SPECIFICATION}");
    }
    let whole = &document["metadata"]["component"];
    let components = document["components"].as_array().context("it lists no components")?;
    components
        .iter()
        .chain([whole])
        .map(|one| Some(format!("{} {}", text(one, "name")?, text(one, "version")?)))
        .collect::<Option<_>>()
        .context("a component without name and version")
}

/// Each crate that cargo compiles for the collector, as `name version`.
fn compiled(project: &Project) -> Result<BTreeSet<String>> {
    let tree = exec::read(exec::cargo(project).args([
        "tree",
        "--package=collector",
        "--edges=normal,build",
        "--prefix=none",
        "--format={p}",
        "--locked",
    ]))?;
    Ok(names(&tree))
}

fn names(tree: &str) -> BTreeSet<String> {
    let name = |line: &str| {
        let (name, rest) = line.split_once(" v")?;
        Some(format!("{name} {}", rest.split(' ').next()?))
    };
    tree.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn crates_are_named_alike_by_cargo_and_in_the_list() {
        let tree = "collector v0.1.0 (/somewhere/collector)\nserde v1.0.228\nserde_derive v1.0.228 (proc-macro)\n\nserde v1.0.228 (*)\n";
        let component = |name: &str, version: &str| json!({"name": name, "version": version});
        let list = json!({
            "bomFormat": "CycloneDX",
            "specVersion": SPECIFICATION,
            "metadata": {"component": component("collector", "0.1.0")},
            "components": [component("serde", "1.0.228"), component("serde_derive", "1.0.228")],
        });
        assert_eq!(names(tree), listed(&list).unwrap());
        assert_eq!(names(tree).len(), 3);
        assert!(listed(&json!({"components": []})).is_err());
    }
}
