//! The languages that the wasm does not hold: the texts of each are a file of its own beside it, of which a page
//! fetches those that somebody reads.

use super::network::{respond, set};
use js_sys::Object;
use shared::Language;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// What the build made, for each language: its code, the hash in the name of its file, and the integrity of that file,
/// with a blank after each. In the wasm, whose own integrity the loader checks, so that no word of the form is another
/// than the one that was built with it.
const FILES: &str = match option_env!("AVIS_TEXTS") {
    Some(files) => files,
    None => "",
};

/// How long the texts may take before the form goes on without them, in milliseconds.
const LOST_AFTER: u32 = 4_000;

/// Learns a language, unless it is known; whether it is then.
pub(super) async fn learn(base: &str, language: Language) -> bool {
    if language.is_known() {
        return true;
    }
    match fetch(base, language.code()).await {
        Some(file) => language.learn(file),
        None => false,
    }
}

async fn fetch(base: &str, code: &str) -> Option<String> {
    let mut words = FILES.split(' ');
    words.find(|word| *word == code)?;
    let (hash, integrity) = (words.next()?, words.next()?);
    let init = Object::new();
    set(&init, "integrity", integrity).ok()?;
    let url = format!("{base}/v1/texts-{code}-{hash}.txt");
    let response = respond(url, init, LOST_AFTER).await.ok().filter(Response::ok)?;
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}
