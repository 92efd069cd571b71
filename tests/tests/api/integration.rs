//! `GET /integration/{demarche}`

use tests::TestCollector;

use crate::helpers::Answer;

/// The text of `html` as a reader sees it in a code sample.
fn unescaped(html: &str) -> String {
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[tokio::test]
async fn gives_one_snippet_of_each_kind_with_the_addresses_of_this_host() {
    let collector = TestCollector::start().await;

    let answer = Answer::of(collector.get("/integration/3059")).await;

    answer.wants_page(200);
    let text = unescaped(&answer.text);
    let address = collector.address();
    assert!(text.contains("<je-donne-mon-avis demarche=\"3059\""), "{text}");
    assert!(text.contains(&format!("src=\"{address}/v1/avis.js\"")), "{text}");
    assert!(text.contains(&format!("href=\"{address}/avis/3059")), "{text}");
    assert!(text.contains(&format!("src=\"{address}/static/bouton-bleu")), "{text}");
    assert!(text.contains("wasm-unsafe-eval"), "the CSP lines: {text}");
    assert!(text.contains("connect-src"), "the CSP lines: {text}");
}

#[tokio::test]
async fn gives_the_snippet_of_hosts_that_pin_and_its_policy() {
    let collector = TestCollector::start().await;
    let (name, integrity) = collector.pinned();
    let address = collector.address();

    let answer = Answer::of(collector.get("/integration/3059")).await;

    let text = unescaped(&answer.text);
    let script = format!(
        "<script type=\"module\" async src=\"{address}/v1/{name}\" integrity=\"{integrity}\" crossorigin></script>"
    );
    assert!(text.contains(&script), "{script}: {text}");
    let policy = format!("script-src '{integrity}' 'wasm-unsafe-eval'; connect-src {address};");
    assert!(text.contains(&policy), "{policy}: {text}");
}

#[tokio::test]
async fn the_snippets_follow_the_host_name_it_is_reached_by() {
    let collector = TestCollector::start().await;

    let request = collector.get("/integration/3059").header("Host", "avis.example.fr");
    let answer = Answer::of(request).await;

    answer.wants_page(200);
    assert!(answer.text.contains("//avis.example.fr/v1/avis.js"), "{}", answer.text);
}

#[tokio::test]
async fn an_unknown_demarche_is_a_404_page() {
    let collector = TestCollector::start().await;

    Answer::of(collector.get("/integration/999")).await.wants_page(404);
}
