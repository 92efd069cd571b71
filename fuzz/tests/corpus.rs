//! Every input that ever taught libFuzzer something, tried again: what was mended once stays so.

use fuzz::TARGETS;
use std::fs;
use std::path::Path;

#[test]
fn no_target_panics_at_an_input_of_its_corpus() {
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let inputs: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!inputs.is_empty(), "{name} has no corpus");
        for input in inputs {
            let bytes = fs::read(&input).unwrap();
            let tried = std::panic::catch_unwind(|| target(&bytes));
            assert!(
                tried.is_ok(),
                "{} makes the target {name} panic; what it says is above",
                input.display()
            );
        }
    }
}

#[test]
fn every_folder_of_the_corpus_belongs_to_a_target() {
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(fuzz::target(&name).is_some(), "there is no target {name}");
    }
}
