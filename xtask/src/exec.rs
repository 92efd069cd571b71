//! Running other programs, and saying so.

use std::{
    env,
    ffi::OsStr,
    iter,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::project::Project;

/// The cargo that started us, at the root of the project.
pub(crate) fn cargo(project: &Project) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(project.root());
    // `cargo run` describes xtask to us in its environment. Handed down, some build scripts would take that
    // for a change and compile again what `cargo build` at the prompt has just compiled.
    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Shows the command as one would type it, then runs it with our own output.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs the command in silence and returns what it wrote on its standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}):\n{}", shown(command), output.status, reason.trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` did not answer in UTF-8", shown(command)))
}

/// The command as one would type it, without the directories of its program.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    let quoted = |word: &OsStr| {
        let word = word.to_string_lossy();
        let is_plain = !word.is_empty() && !word.contains(char::is_whitespace);
        if is_plain { word.into_owned() } else { format!("{word:?}") }
    };
    let words: Vec<String> = iter::once(program).chain(command.get_args()).map(quoted).collect();
    words.join(" ")
}

/// Where a program is: in `PATH`, or among those that `cargo install` put aside.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    env::split_paths(&path)
        .chain(cargo_home.map(|home| home.join("bin")))
        .map(|directory| directory.join(name))
        .find(|program| program.is_file())
}

/// Prints an error and its causes.
#[expect(clippy::print_stderr, reason = "errors go to standard error")]
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("/usr/bin/collector");
        command.args(["demarche", "add", "--title", "Déclaration des revenus"]);
        assert_eq!(shown(&command), r#"collector demarche add --title "Déclaration des revenus""#);
    }
}
