//! `/v1/…`: what pages of others load.

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
async fn what_a_browser_can_take_compressed_is_sent_so() {
    let collector = TestCollector::start().await;

    let request = collector.get("/v1/avis.js").header("Accept-Encoding", "gzip, br");
    let answer = request.send().await.unwrap();

    assert_eq!(answer.headers()["content-encoding"], "br");
    assert!(answer.headers()["vary"].to_str().unwrap().to_lowercase().contains("accept-encoding"));
    assert!(answer.bytes().await.unwrap().len() <= 3 * 1024);
}
