//! `/v1/…`: what pages of others load.

use collector::assets::Integrity;
use reqwest::Method;
use tests::TestCollector;

use crate::helpers::Answer;

/// The names that the loader fetches: `form-{hash}.js` and `form-{hash}.wasm`.
fn hashed_names(loader: &str) -> Vec<String> {
    loader
        .split(['"', '\'', '`', '/'])
        .filter(|word| word.starts_with("form-") && ["js", "wasm"].contains(&extension(word)))
        .map(str::to_owned)
        .collect()
}

fn extension(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

#[track_caller]
fn wants_loadable_from_anywhere(answer: &Answer, kind: &str) {
    answer.wants_status(200);
    assert!(answer.header("content-type").starts_with(kind), "{:?}", answer.headers);
    assert_eq!(answer.header("access-control-allow-origin"), "*", "{:?}", answer.headers);
    assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin", "{:?}", answer.headers);
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{:?}", answer.headers);
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test]
async fn the_loader_and_what_it_names_load_from_any_page() {
    let collector = TestCollector::start().await;

    let loader = Answer::of(collector.get("/v1/avis.js")).await;
    wants_loadable_from_anywhere(&loader, "text/javascript");
    assert!(loader.header("cache-control").contains("max-age=300"), "{:?}", loader.headers);

    let names = hashed_names(&loader.text);
    assert_eq!(names.len(), 2, "{names:?}");
    for name in names {
        let kind = if extension(&name) == "js" { "text/javascript" } else { "application/wasm" };
        // The wasm is no text, and this test reads none of it.
        let response = collector.get(&format!("/v1/{name}")).send().await.unwrap();
        let answer = Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: String::new(),
        };
        wants_loadable_from_anywhere(&answer, kind);
        let cache = answer.header("cache-control");
        assert!(cache.contains("max-age=31536000") && cache.contains("immutable"), "{name}: {cache}");
    }
}

#[tokio::test]
async fn every_name_with_a_hash_is_for_ever_and_has_a_validator() {
    let collector = TestCollector::start().await;
    let mut names = hashed_names(&Answer::of(collector.get("/v1/avis.js")).await.text);
    names.push(collector.pinned().0);

    for name in names {
        let path = format!("/v1/{name}");
        for coding in ["identity", "br"] {
            let ask = |method| collector.request(method, &path).header("Accept-Encoding", coding);
            let got = ask(Method::GET).send().await.unwrap();
            assert_eq!(got.status(), 200, "{name}");
            let headers = got.headers().clone();
            assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable", "{name}");
            assert_eq!(headers["vary"], "Accept-Encoding", "{name}");
            assert_eq!(headers.get("content-encoding").is_some(), coding == "br", "{name}: {headers:?}");
            let length = got.bytes().await.unwrap().len().to_string();

            let head = ask(Method::HEAD).send().await.unwrap();
            assert_eq!(head.headers()["content-length"], length.as_str(), "{name}");
            assert_eq!(head.headers()["etag"], headers["etag"], "{name}");
            assert!(head.bytes().await.unwrap().is_empty(), "{name}");

            let again = Answer::of(ask(Method::GET).header("If-None-Match", &headers["etag"])).await;
            again.wants_status(304);
            assert_eq!(again.header("etag"), headers["etag"], "{name}");
            let other = Answer::of(ask(Method::HEAD).header("If-None-Match", "\"other\"")).await;
            other.wants_status(200);
        }
        let posted = Answer::of(collector.request(Method::POST, &path)).await;
        posted.wants_status(405);
    }
}

#[tokio::test]
async fn the_loaders_compare_the_wasm_with_its_digest_and_the_pinned_one_imports_nothing() {
    let collector = TestCollector::start().await;
    let loader = Answer::of(collector.get("/v1/avis.js")).await.text;
    let (pinned, integrity) = collector.pinned();
    let whole = Answer::of(collector.get(&format!("/v1/{pinned}"))).await.text;

    let names = hashed_names(&loader);
    let wasm = names.iter().find(|name| extension(name) == "wasm").unwrap();
    let bytes = collector.get(&format!("/v1/{wasm}")).send().await.unwrap().bytes().await.unwrap();
    let fetched = format!("fetch(at(\"{wasm}\"), {{ integrity: \"{}\" }})", Integrity::of(&bytes));
    assert!(loader.contains(&fetched), "{fetched}: {loader}");
    assert!(whole.contains(&fetched), "{fetched}");
    assert_eq!(hashed_names(&whole), [wasm.as_str()], "it names the wasm and nothing else");
    assert!(loader.contains("import(") && !whole.contains("import(") && !whole.contains("import "));
    assert_eq!(Integrity::of(whole.as_bytes()).to_string(), integrity);
}

#[tokio::test]
async fn a_name_that_never_was_one_is_404_to_any_page() {
    let collector = TestCollector::start().await;
    for name in ["avis-00000000000000000000000000000000.js", "avis", "..%2favis.db", "avis.js.br"] {
        let answer = Answer::of(collector.get(&format!("/v1/{name}"))).await;
        answer.wants_page(404);
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{answer:?}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin", "{answer:?}");
    }
}

#[tokio::test]
async fn what_a_browser_can_take_compressed_is_sent_so() {
    let collector = TestCollector::start().await;

    let request = collector.get("/v1/avis.js").header("Accept-Encoding", "gzip, br");
    let answer = request.send().await.unwrap();

    assert_eq!(answer.headers()["content-encoding"], "br");
    assert!(answer.headers()["vary"].to_str().unwrap().to_lowercase().contains("accept-encoding"));
    assert!(answer.bytes().await.unwrap().len() <= 3 * 1024);
}
