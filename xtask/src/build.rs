//! `cargo xtask build`: the widget, then the collector with the widget inside, then the scales.

mod bundle;
mod screens;
mod weights;

use anyhow::Result;

use crate::{
    build::weights::Weight,
    exec,
    project::Project,
    tools::{self, Installing},
};

/// Builds everything and fails when something that people download is over its budget.
pub(crate) fn build(project: &Project, installing: Installing) -> Result<()> {
    let mut weights = build_collector_with_widget(project, installing)?;
    let screens = screens::weigh(project)?;
    println!("\nThe hosted form, brotli:");
    weights::print(&screens);

    weights.extend(screens);
    weights::check(&weights)
}

/// Builds everything and prints the weights of the widget, without judging them.
pub(crate) fn build_collector_with_widget(project: &Project, installing: Installing) -> Result<Vec<Weight>> {
    tools::prepare(project, tools::to_build(), installing)?;
    compile_widget(project)?;
    bundle::refresh(project)?;
    let weights = bundle::weigh(project)?;
    println!("\nThe widget, brotli:");
    weights::print(&weights);
    println!();
    exec::run(exec::cargo(project).args(["build", "--release", "--package", "collector"]))?;
    Ok(weights)
}

fn compile_widget(project: &Project) -> Result<()> {
    // `cargo rustc --crate-type` and not a `crate-type` in widget's manifest: with an rlib beside it, the
    // cdylib would miss link-time optimisation, about a quarter of its bytes.
    exec::run(
        exec::cargo(project)
            .args([
                "rustc",
                "--package=widget",
                "--lib",
                "--crate-type=cdylib",
                "--target=wasm32-unknown-unknown",
                "--profile=wasm-release",
                "--no-default-features",
                "--features=csr",
            ])
            .env("AVIS_TEXTS", bundle::known_texts()),
    )
}
