//! From the compiled wasm and the loader's source to the files that browsers get.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use shared::Language;
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    build::weights::Weight,
    digest::{integrity, sha256},
    project::Project,
};

const LOADER: &str = "avis.js";
const LOADER_BUDGET: usize = 3_000;
const FORM_BUDGET: usize = 60_000;

/// The texts of one language.
const TEXTS_BUDGET: usize = 2_000;

/// What the loader's source says instead of the names that only a build knows.
const GLUE_PLACEHOLDER: &str = "__GLUE__";
const WASM_PLACEHOLDER: &str = "__WASM__";

/// What it says instead of its own words, which are among the texts.
const LOADING_PLACEHOLDER: &str = "__LOADING__";

/// File name → content.
type Files = BTreeMap<String, Vec<u8>>;

/// Makes the bundle again, unless it was already made from the same inputs.
pub(crate) fn refresh(project: &Project) -> Result<()> {
    let wasm_path = project.compiled_wasm();
    let loader_path = project.loader_source();
    let wasm = fs::read(&wasm_path).with_context(|| format!("cannot read {}", wasm_path.display()))?;
    let loader =
        fs::read_to_string(&loader_path).with_context(|| format!("cannot read {}", loader_path.display()))?;

    let bundle = project.widget_bundle();
    let stamp = stamp(&wasm, &loader);
    let is_fresh = fs::read_to_string(project.widget_stamp()).is_ok_and(|made_from| made_from == stamp)
        && bundle.join(LOADER).is_file();
    if is_fresh {
        println!("{} is up to date", project.relative(&bundle).display());
        return Ok(());
    }

    println!("making {}", project.relative(&bundle).display());
    let files = with_brotli_twins(assemble(&wasm_path, &loader)?)?;
    replace_directory(&bundle, &files)?;
    fs::write(project.widget_stamp(), stamp)?;
    Ok(())
}

/// The bundle's weights, read from the brotli files themselves.
pub(crate) fn weigh(project: &Project) -> Result<Vec<Weight>> {
    let bundle = project.widget_bundle();
    let mut loader = 0;
    let mut form = 0;
    let mut weights = Vec::new();
    for path in files_in(&bundle)? {
        let size = usize::try_from(fs::metadata(&path)?.len())?;
        if path.ends_with("avis.js.br") {
            loader += size;
        } else if let Some(code) = path.file_name().and_then(|name| name.to_str()).and_then(code_in) {
            if path.extension().is_some_and(|extension| extension == "br") {
                let what = format!("texts in {code}");
                weights.push(Weight { what, bytes: size, budget: TEXTS_BUDGET });
            }
        } else if path.extension().is_some_and(|extension| extension == "br") {
            form += size;
        }
    }
    weights.sort_by(|one, other| one.what.cmp(&other.what));
    let mut all = vec![
        Weight { what: "loader".to_owned(), bytes: loader, budget: LOADER_BUDGET },
        Weight { what: "wasm + glue".to_owned(), bytes: form, budget: FORM_BUDGET },
    ];
    all.append(&mut weights);
    Ok(all)
}

/// The texts of each language that the wasm does not hold, as a file: its name and its content.
fn texts() -> impl Iterator<Item = (String, Vec<u8>)> {
    Language::ALL.into_iter().filter(|language| *language != Language::default()).map(|language| {
        let file = language.texts().file().into_bytes();
        (format!("texts-{}-{}.txt", language.code(), content_hash(&file)), file)
    })
}

/// The language of a file of texts.
fn code_in(name: &str) -> Option<&str> {
    Some(name.strip_prefix("texts-")?.split_once('-')?.0)
}

/// What the wasm is to know of them, to fetch them by: each by its code, its hash and its integrity, with a blank after each of these.
pub(crate) fn known_texts() -> String {
    let known = |(name, file): (String, Vec<u8>)| {
        let parts = name.trim_end_matches(".txt").split('-').skip(1).map(str::to_owned);
        let parts: Vec<String> = parts.chain([integrity(&file)]).collect();
        parts.join(" ") + " "
    };
    texts().map(known).collect()
}

/// What is said in each language while the form is fetched, as the members of an object.
fn loading() -> String {
    let member = |language: Language| format!("{}:\"{}\"", language.code(), language.texts().form.loading);
    Language::ALL.map(member).join(",")
}

/// Everything the bundle depends on, the text of this very recipe included.
fn stamp(wasm: &[u8], loader: &str) -> String {
    let recipe = include_str!("bundle.rs");
    let texts = known_texts() + &loading();
    [wasm, loader.as_bytes(), recipe.as_bytes(), texts.as_bytes()].map(content_hash).join("-")
}

fn assemble(wasm_path: &Path, loader: &str) -> Result<Files> {
    let mut output = Bindgen::new()
        .input_path(wasm_path)
        .out_name("form")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .context("wasm-bindgen refused the widget")?;
    let has_snippets = output.snippets().values().any(|snippets| !snippets.is_empty());
    if has_snippets || !output.local_modules().is_empty() {
        bail!(
            "the glue imports modules of its own, and a page's CSP may allow one file: keep inline JavaScript out of the widget and its dependencies"
        );
    }

    let glue = output.js().as_bytes().to_vec();
    let wasm = output.wasm_mut().emit_wasm();
    let glue_name = format!("form-{}.js", content_hash(&glue));
    let wasm_name = format!("form-{}.wasm", content_hash(&wasm));
    let loader = fill(&fill(loader, GLUE_PLACEHOLDER, &glue_name)?, WASM_PLACEHOLDER, &wasm_name)?;
    let loader = fill(&loader, LOADING_PLACEHOLDER, &loading())?;
    let mut files: Files = texts().collect();
    files.extend([(glue_name, glue), (wasm_name, wasm), (LOADER.to_owned(), loader.into_bytes())]);
    Ok(files)
}

fn fill(loader: &str, placeholder: &str, name: &str) -> Result<String> {
    if !loader.contains(placeholder) {
        bail!("the loader's source never says {placeholder}, so it would load nothing");
    }
    Ok(loader.replace(placeholder, name))
}

fn with_brotli_twins(mut files: Files) -> Result<Files> {
    let mut twins = Files::new();
    for (name, content) in &files {
        twins.insert(format!("{name}.br"), brotli(content)?);
    }
    files.append(&mut twins);
    Ok(files)
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let best = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut coded = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut coded, &best)?;
    Ok(coded)
}

/// The first 16 hexadecimal digits of the SHA-256: 64 bits, enough to tell builds of one project apart.
fn content_hash(content: impl AsRef<[u8]>) -> String {
    sha256(content)[..16].to_owned()
}

/// Leaves exactly `files` in the directory. What is already right is not touched: the collector is compiled
/// again when anything there is newer than it.
fn replace_directory(directory: &Path, files: &Files) -> Result<()> {
    fs::create_dir_all(directory)?;
    for path in files_in(directory)? {
        if path.file_name().and_then(|name| name.to_str()).is_none_or(|name| !files.contains_key(name)) {
            fs::remove_file(path)?;
        }
    }
    for (name, content) in files {
        let path = directory.join(name);
        if fs::read(&path).ok().as_ref() != Some(content) {
            fs::write(path, content)?;
        }
    }
    Ok(())
}

fn files_in(directory: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_what_it_loads_are_put_in_the_loader() {
        let filled = fill(r#"import("./__GLUE__")"#, GLUE_PLACEHOLDER, "form-0.js").unwrap();
        assert_eq!(filled, r#"import("./form-0.js")"#);
    }

    #[test]
    fn a_loader_without_its_placeholder_is_refused() {
        assert!(fill("export {}", WASM_PLACEHOLDER, "form-0.wasm").is_err());
    }

    #[test]
    fn the_wasm_knows_the_files_of_texts_by_what_is_in_them() {
        let known = known_texts();
        for (name, file) in texts() {
            let code = code_in(&name).unwrap();
            let line = format!("{code} {} {} ", content_hash(&file), integrity(&file));
            assert!(known.contains(&line), "{line} in {known}");
            assert_eq!(name, format!("texts-{code}-{}.txt", content_hash(&file)));
        }
        assert_eq!(known.matches(' ').count(), 3 * (Language::ALL.len() - 1));
    }

    #[test]
    fn a_brotli_twin_decodes_to_its_file() {
        let content = b"avis ".repeat(1000);
        let mut decoded = Vec::new();
        brotli::BrotliDecompress(&mut &brotli(&content).unwrap()[..], &mut decoded).unwrap();
        assert_eq!(decoded, content);
    }

    #[test]
    fn files_of_an_earlier_build_leave_and_unchanged_ones_are_not_touched() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("form-old.js"), "old").unwrap();
        fs::write(directory.path().join("avis.js"), "same").unwrap();
        let before = fs::metadata(directory.path().join("avis.js")).unwrap().modified().unwrap();

        let files = Files::from([
            ("avis.js".to_owned(), b"same".to_vec()),
            ("form-new.js".to_owned(), b"new".to_vec()),
        ]);
        replace_directory(directory.path(), &files).unwrap();

        let mut names: Vec<_> =
            fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["avis.js", "form-new.js"]);
        let after = fs::metadata(directory.path().join("avis.js")).unwrap().modified().unwrap();
        assert_eq!(before, after);
    }
}
