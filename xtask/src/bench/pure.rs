//! The pure parts, measured by Criterion in their own packages.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::{
    bench::{Bench, figures::Report},
    exec,
};

/// Package, bench, and what else cargo has to be told.
const BENCHES: [(&str, &str, &[&str]); 2] =
    [("shared", "pure", &["--features=serde,nfc"]), ("collector", "identity", &[])];

/// The median of each function.
pub(super) fn measure(bench: &Bench<'_>, report: &mut Report) -> Result<()> {
    for (package, name, features) in BENCHES {
        let directory = bench.project.target().join("criterion").join(name);
        // It may know functions that are no more.
        let _ = fs::remove_dir_all(&directory);
        let mut command = exec::cargo(bench.project);
        command.args(["bench", &format!("--package={package}"), &format!("--bench={name}")]).args(features);
        exec::read(command.args(["--", "--quiet", "--noplot"]))?;
        let mut functions: Vec<_> = fs::read_dir(&directory)?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect();
        functions.sort();
        for function in functions {
            if let Some(nanoseconds) = median_of(&function)? {
                let what = function.file_name().unwrap_or_default().to_string_lossy();
                report.tell(format!("{package}: {what}"), shown(nanoseconds));
            }
        }
    }
    Ok(())
}

/// What Criterion estimated last.
fn median_of(function: &Path) -> Result<Option<f64>> {
    let file = function.join("new/estimates.json");
    if !file.is_file() {
        return Ok(None);
    }
    let estimates: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
    estimates["median"]["point_estimate"]
        .as_f64()
        .map(Some)
        .with_context(|| format!("no median in {}", file.display()))
}

fn shown(nanoseconds: f64) -> String {
    if nanoseconds < 1000.0 {
        format!("{nanoseconds:.0} ns")
    } else {
        format!("{:.2} µs", nanoseconds / 1e3)
    }
}
