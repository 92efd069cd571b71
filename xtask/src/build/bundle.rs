//! From the compiled wasm and the loader's source to the files that browsers get.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use shared::Language;
use shared::texts::FormTexts;
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    build::weights::Weight,
    digest::{integrity, sha256, sha384},
    project::Project,
};

const LOADER: &str = "avis.js";
const LOADER_BUDGET: usize = 3_000;
const PINNED_BUDGET: usize = 10_000;
const FORM_BUDGET: usize = 60_000;
const FRAME_BUDGET: usize = 2_000;

/// The texts of one language.
const TEXTS_BUDGET: usize = 2_000;

/// What the loader's source says instead of what only a build knows.
const GLUE_PLACEHOLDER: &str = "__GLUE__";
const WASM_PLACEHOLDER: &str = "__WASM__";
const FRAME_PLACEHOLDER: &str = "__FRAME__";
const INTEGRITY_PLACEHOLDER: &str = "__INTEGRITY__";

/// What the last line of the glue exports, as members of an object.
const GLUE_EXPORTS: &str = "default: __wbg_init, Widget";

/// The same of the frame.
const FRAME_EXPORTS: &str = "frame";

/// What the sources say instead of words of their own, which are among the texts.
const LOADING_PLACEHOLDER: &str = "__LOADING__";
const CLOSE_PLACEHOLDER: &str = "__CLOSE__";

/// File name → content.
type Files = BTreeMap<String, Vec<u8>>;

/// Makes the bundle again, unless it was already made from the same inputs.
pub(crate) fn refresh(project: &Project) -> Result<()> {
    let wasm_path = project.compiled_wasm();
    let wasm = fs::read(&wasm_path).with_context(|| format!("cannot read {}", wasm_path.display()))?;
    let script =
        |path: PathBuf| fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()));
    let (loader, frame) = (script(project.loader_source())?, script(project.frame_source())?);

    let bundle = project.widget_bundle();
    let stamp = stamp(&wasm, &[&loader, &frame]);
    let is_fresh = fs::read_to_string(project.widget_stamp()).is_ok_and(|made_from| made_from == stamp)
        && bundle.join(LOADER).is_file();
    if is_fresh {
        println!("{} is up to date", project.relative(&bundle).display());
        return Ok(());
    }

    println!("making {}", project.relative(&bundle).display());
    let files = with_brotli_twins(assemble(&wasm_path, &loader, &frame)?)?;
    replace_directory(&bundle, &files)?;
    fs::write(project.widget_stamp(), stamp)?;
    Ok(())
}

/// The bundle's weights, read from the brotli files themselves.
pub(crate) fn weigh(project: &Project) -> Result<Vec<Weight>> {
    let bundle = project.widget_bundle();
    let (mut loader, mut pinned, mut form, mut frame) = (0, 0, 0, 0);
    let weight = |what: &str, bytes, budget| Weight { what: what.to_owned(), bytes, budget };
    let mut texts = Vec::new();
    for path in files_in(&bundle)? {
        let size = usize::try_from(fs::metadata(&path)?.len())?;
        match path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".br")) {
            Some(LOADER) => loader += size,
            Some(name) if name.starts_with("avis-") => pinned += size,
            Some(name) if name.starts_with("frame-") => frame += size,
            Some(name) => match code_in(name) {
                Some(code) => texts.push(weight(&format!("texts in {code}"), size, TEXTS_BUDGET)),
                None => form += size,
            },
            None => {}
        }
    }
    texts.sort_by(|one, other| one.what.cmp(&other.what));
    let code = [
        weight("loader", loader, LOADER_BUDGET),
        weight("pinned loader", pinned, PINNED_BUDGET),
        weight("wasm + glue", form, FORM_BUDGET),
        weight("frame, instead of them", frame, FRAME_BUDGET),
    ];
    Ok(code.into_iter().chain(texts).collect())
}

/// The texts of each language that the wasm does not hold, as a file: its name and its content.
fn texts() -> impl Iterator<Item = (String, Vec<u8>)> {
    Language::ALL.into_iter().filter(|language| *language != Language::default()).map(|language| {
        let file = language.texts().file().into_bytes();
        (content_name(&format!("texts-{}", language.code()), &file, "txt"), file)
    })
}

/// The language of a file of texts.
fn code_in(name: &str) -> Option<&str> {
    Some(name.strip_prefix("texts-")?.split_once('-')?.0)
}

/// What the wasm is to know of them, to fetch them by: each by its code, the hash in its name and its integrity, with a
/// blank after each of these.
pub(crate) fn known_texts() -> String {
    let known = |(name, file): (String, Vec<u8>)| {
        let parts = name.trim_end_matches(".txt").split('-').skip(1).map(str::to_owned);
        let parts: Vec<String> = parts.chain([integrity(&file)]).collect();
        parts.join(" ") + " "
    };
    texts().map(known).collect()
}

/// A word in each language, as the members of an object.
fn members(word: impl Fn(&FormTexts) -> &'static str) -> String {
    let member = |language: Language| format!("{}:\"{}\"", language.code(), word(&language.texts().form));
    Language::ALL.map(member).join(",")
}

/// Everything the bundle depends on, the text of this very recipe included.
fn stamp(wasm: &[u8], scripts: &[&str]) -> String {
    let recipe = include_str!("bundle.rs");
    let texts = known_texts() + &members(|form| form.loading) + &members(|form| form.close);
    [wasm, scripts.concat().as_bytes(), recipe.as_bytes(), texts.as_bytes()].map(sha256).join("-")
}

fn assemble(wasm_path: &Path, loader: &str, frame: &str) -> Result<Files> {
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

    let (loader, glue) = (tidy(loader)?, tidy(output.js())?);
    let wasm = output.wasm_mut().emit_wasm();
    let wasm_name = content_name("form", &wasm, "wasm");
    let loader = fill(&loader, WASM_PLACEHOLDER, &wasm_name)?;
    let loader = fill(&loader, INTEGRITY_PLACEHOLDER, &integrity(&wasm))?;
    let loader = fill(&loader, LOADING_PLACEHOLDER, &members(|form| form.loading))?;
    let frame = fill(&tidy(frame)?, CLOSE_PLACEHOLDER, &members(|form| form.close))?;
    let modules = [(GLUE_PLACEHOLDER, &*glue, GLUE_EXPORTS), (FRAME_PLACEHOLDER, &*frame, FRAME_EXPORTS)];
    let pinned = pinned(&loader, &modules)?;
    let glue_name = content_name("form", &glue, "js");
    let frame_name = content_name("frame", &frame, "js");
    let loader = fill(&fill(&loader, GLUE_PLACEHOLDER, &glue_name)?, FRAME_PLACEHOLDER, &frame_name)?;
    let mut files: Files = texts().collect();
    files.extend([
        (content_name("avis", &pinned, "js"), pinned.into_bytes()),
        (glue_name, glue.into_bytes()),
        (wasm_name, wasm),
        (frame_name, frame.into_bytes()),
        (LOADER.to_owned(), loader.into_bytes()),
    ]);
    Ok(files)
}

fn fill(loader: &str, placeholder: &str, name: &str) -> Result<String> {
    if !loader.contains(placeholder) {
        bail!("a source never says {placeholder}, so what that stands for would be missing");
    }
    Ok(loader.replace(placeholder, name))
}

/// The loader as one module with those that it imports: each by its placeholder, with its source and with what of it is
/// used, as members of an object. A module waits in a function of its own: its names stay apart from the others', and it
/// costs nothing before somebody shows an intent.
fn pinned(loader: &str, modules: &[(&str, &str, &str)]) -> Result<String> {
    let mut whole = loader.to_owned();
    for (nth, (placeholder, source, exports)) in modules.iter().enumerate() {
        whole = fill(&whole, &format!(r#"await import(at("{placeholder}"))"#), &format!("module{nth}()"))?;
        let lines = source.lines().filter(|line| !line.starts_with("export {"));
        let lines = lines.map(|line| line.strip_prefix("export ").unwrap_or(line));
        let body: Vec<&str> = lines.collect();
        write!(whole, "function module{nth}() {{\n{}\nreturn {{ {exports} }};\n}}\n", body.join("\n"))?;
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    for word in ["import", "export"] {
        let mut places = whole.match_indices(word).map(|(at, _)| (&whole[..at], &whole[at + word.len()..]));
        if places.any(|(before, after)| {
            !before.ends_with(is_word) && !after.starts_with(is_word) && !after.starts_with(".meta")
        }) {
            bail!("the pinned loader must be whole, and it says `{word}`");
        }
    }
    Ok(whole)
}

/// JavaScript without the comments that have lines of their own, blank lines and indentation. It takes no more away, so
/// that what runs can be read beside its source.
fn tidy(source: &str) -> Result<String> {
    let mut kept = String::with_capacity(source.len());
    let mut in_comment = false;
    for line in source.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        if in_comment {
            match line.split_once("*/") {
                None => {}
                Some((_, "")) => in_comment = false,
                Some((_, code)) => bail!("code behind a comment, on one line: {code}"),
            }
        } else if !line.is_empty() && !line.starts_with("//") {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    Ok(kept)
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

/// A name that holds the first 32 hexadecimal digits of the content's SHA-384: 128 bits, so that no two contents ever
/// share an address.
fn content_name(stem: &str, content: impl AsRef<[u8]>, extension: &str) -> String {
    format!("{stem}-{}.{extension}", &sha384(content)[..32])
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

    const LOADER: &str = "const glue = await import(at(\"__GLUE__\"));\nconst here = import.meta.url;\n";
    const GLUE: &str = "export class Widget {\n}\nlet wasm;\nexport { initSync, __wbg_init as default };\n";

    #[test]
    fn the_pinned_loader_is_one_module_with_the_others_inside() {
        let whole = pinned(LOADER, &[("__GLUE__", GLUE, GLUE_EXPORTS)]).unwrap();
        assert_eq!(
            whole,
            "const glue = module0();\nconst here = import.meta.url;\nfunction module0() {\nclass \
             Widget {\n}\nlet wasm;\nreturn { default: __wbg_init, Widget };\n}\n"
        );
    }

    #[test]
    fn a_pinned_loader_that_would_import_is_refused() {
        let glue = ("__GLUE__", GLUE, GLUE_EXPORTS);
        assert!(pinned(&format!("import \"./more.js\";\n{LOADER}"), &[glue]).is_err());
        assert!(pinned(&format!("{LOADER}const more = import(there);\n"), &[glue]).is_err());
        assert!(pinned(&format!("{LOADER}const imports = exported;\n"), &[glue]).is_ok());
        assert!(pinned(LOADER, &[]).is_err(), "the glue is imported still");
        assert!(pinned(LOADER, &[glue, ("__MORE__", "", "")]).is_err(), "nothing imports it");
    }

    #[test]
    fn comments_and_indentation_are_taken_out_and_nothing_else() {
        let source = "/* One\n   thing. */\nlet a = 1; // b\n\n  // another\n  /** c */\n  f(`/* d */`);\n";
        assert_eq!(tidy(source).unwrap(), "let a = 1; // b\nf(`/* d */`);\n");
        assert!(tidy("/* a */ let b;").is_err());
    }

    #[test]
    fn a_name_holds_the_digest_of_its_content() {
        assert_eq!(content_name("form", "abc", "js"), "form-cb00753f45a35e8bb5a03d699ac65007.js");
    }

    #[test]
    fn the_wasm_knows_the_files_of_texts_by_what_is_in_them() {
        let known = known_texts();
        for (name, file) in texts() {
            let code = code_in(&name).unwrap();
            let line = format!("{code} {} {} ", &sha384(&file)[..32], integrity(&file));
            assert!(known.contains(&line), "{line} in {known}");
            assert_eq!(name, content_name(&format!("texts-{code}"), &file, "txt"));
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
