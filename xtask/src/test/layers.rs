//! Who may depend on whom, as design.md says under "Layout". The compiler forbids circles, not
//! wrong directions.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{exec, project::Project};

/// Each member of the workspace, and the members it may depend on.
const MEMBERS: [(&str, &[&str]); 6] = [
    ("shared", &[]),
    ("widget", &["shared"]),
    ("collector", &["shared", "widget"]),
    ("tests", &["collector", "shared"]),
    ("fuzz", &["collector", "shared", "widget"]),
    ("xtask", &["shared"]),
];

/// Parts of the collector that must not know of a crate: changing the store or the server stays possible.
const STRANGERS: [(&str, &str); 2] = [("collector/src/routes", "sqlx"), ("collector/src/store", "actix")];

pub(super) fn check(project: &Project) -> Result<()> {
    let metadata =
        exec::read(exec::cargo(project).args(["metadata", "--format-version=1", "--no-deps", "--locked"]))?;
    let mut faults = wrong_directions(&serde_json::from_str(&metadata)?)?;
    for (module, stranger) in STRANGERS {
        faults.extend(mentions(project, module, stranger)?);
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    println!("members and modules depend on what they may");
    Ok(())
}

/// The dependencies between members that [`MEMBERS`] does not allow.
fn wrong_directions(metadata: &Value) -> Result<Vec<String>> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().context("a package without name")?;
        let Some((_, allowed)) = MEMBERS.iter().find(|(member, _)| *member == name) else {
            faults.push(format!("{name} is a new member: say in {} what it may depend on", file!()));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let dependency = dependency["name"].as_str().context("a dependency without name")?;
            let is_member = MEMBERS.iter().any(|(member, _)| *member == dependency);
            if is_member && !allowed.contains(&dependency) {
                faults.push(format!("{name} must not depend on {dependency}"));
            }
        }
    }
    Ok(faults)
}

/// The lines of code in `{module}.rs` and `{module}/` that name `stranger`.
fn mentions(project: &Project, module: &str, stranger: &str) -> Result<Vec<String>> {
    let files = files_of_module(&project.root().join(module))?;
    if files.is_empty() {
        bail!("there is no module {module} any more: say in {} where it went", file!());
    }
    let mut faults = Vec::new();
    for file in files {
        for (index, line) in fs::read_to_string(&file)?.lines().enumerate() {
            if names(line, stranger) {
                let place = project.relative(&file).display();
                faults.push(format!("{place}:{} names {stranger}: {}", index + 1, line.trim()));
            }
        }
    }
    Ok(faults)
}

/// Whether a line of code, comments aside, names a crate or one whose name begins the same (`actix_web`).
fn names(line: &str, stranger: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.split(|character: char| !character.is_alphanumeric() && character != '_')
        .any(|word| word == stranger || word.strip_prefix(stranger).is_some_and(|rest| rest.starts_with('_')))
}

fn files_of_module(module: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let own = module.with_extension("rs");
    if own.is_file() {
        files.push(own);
    }
    if module.is_dir() {
        collect(module, &mut files)?;
    }
    Ok(files)
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dependency_against_the_direction_is_named() {
        let metadata = json!({"packages": [
            {"name": "shared", "dependencies": [{"name": "widget"}, {"name": "serde"}]},
            {"name": "widget", "dependencies": [{"name": "shared"}]},
        ]});
        assert_eq!(wrong_directions(&metadata).unwrap(), ["shared must not depend on widget"]);
    }

    #[test]
    fn a_member_nobody_thought_of_is_a_fault() {
        let metadata = json!({"packages": [{"name": "extra", "dependencies": []}]});
        assert_eq!(wrong_directions(&metadata).unwrap().len(), 1);
    }

    #[test]
    fn a_crate_is_found_in_code_and_not_in_comments() {
        assert!(names("use sqlx::Row;", "sqlx"));
        assert!(names("    actix_web::web::Json(body)", "actix"));
        assert!(!names("// sqlx stays below the trait", "sqlx"));
        assert!(!names("let sqlxish = 1;", "sqlx"));
    }
}
