//! Embeds the widget that `cargo xtask build` left in `target/widget`.
//!
//! The wasm is never built from here: a cargo inside a cargo would wait for ever on the build directory's
//! lock. A collector compiled before the widget embeds nothing and still works: its forms are plain HTML.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let widget = widget_directory();
    // Cargo takes a watched path that does not exist for one that always changes, and would compile the
    // collector again each time.
    fs::create_dir_all(&widget)?;
    println!("cargo::rerun-if-changed={}", widget.display());
    // `sqlx::migrate!` embeds what it finds there, and cargo would not notice a new file.
    println!("cargo::rerun-if-changed=../migrations");
    println!("cargo::rerun-if-env-changed=AVIS_WIDGET_DIR");
    println!("cargo::rerun-if-env-changed=CARGO_TARGET_DIR");

    let names = asset_names(&widget)?;
    if names.is_empty() {
        println!(
            "cargo::warning=no widget in {}: the hosted form stays plain HTML until `cargo xtask build` is run",
            widget.display()
        );
    }

    let mut source = String::from("static EMBEDDED: &[Asset] = &[\n");
    for name in &names {
        source.push_str(&asset_literal(&widget, name)?);
    }
    source.push_str("];\n");
    fs::write(Path::new(&variable("OUT_DIR")?).join("embedded.rs"), source)
}

/// Where `cargo xtask build` puts the widget, unless `AVIS_WIDGET_DIR` says otherwise.
fn widget_directory() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match env::var_os("AVIS_WIDGET_DIR") {
        Some(directory) => PathBuf::from(directory),
        None => workspace.join(env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into())).join("widget"),
    }
}

/// The files to serve, in a stable order; their `.br` twins are found from their names.
fn asset_names(widget: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(widget)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_none_or(|extension| extension != "br") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn asset_literal(widget: &Path, name: &str) -> io::Result<String> {
    let content_type = match name.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "wasm")) => "application/wasm",
        Some((_, "txt")) => "text/plain; charset=utf-8",
        _ => return Err(io::Error::other(format!("no content type is known for the widget's {name}"))),
    };
    let identity = absolute(&widget.join(name))?;
    let brotli = absolute(&widget.join(format!("{name}.br")))?;
    // The loader's address is the one thing host pages know, so its content changes; every other name
    // holds the hash of its content.
    let immutable = name != "avis.js";
    Ok(format!(
        "    Asset {{ name: {name:?}, content_type: {content_type:?}, identity: include_bytes!({identity:?}), \
         brotli: include_bytes!({brotli:?}), immutable: {immutable} }},\n"
    ))
}

/// The path as text, since it goes into a source file.
fn absolute(path: &Path) -> io::Result<String> {
    let path = path.canonicalize()?;
    let text = path.to_str().ok_or_else(|| io::Error::other(format!("{} is not UTF-8", path.display())))?;
    Ok(text.to_owned())
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}
