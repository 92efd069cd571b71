//! `POST /avis/{demarche}` with what is wrong: the page says so, keeps what was typed, and stores nothing of it.

use reqwest::Method;
use tests::TestCollector;

use super::Form;
use crate::helpers::{Answer, stored};

async fn first_page(collector: &TestCollector) -> Form {
    Form::of(&Answer::of(collector.get("/avis/3059?bouton=12")).await)
}

async fn comment_page(collector: &TestCollector) -> Form {
    let mut page = first_page(collector).await.with("satisfaction", "moyen").step(collector).await;
    for _ in 0..3 {
        page = Form::of(&page).step(collector).await;
    }
    Form::of(&page)
}

#[tokio::test]
async fn no_smiley_shows_the_question_again_with_its_error() {
    let collector = TestCollector::start().await;

    let page = first_page(&collector).await.send(&collector).await;

    page.wants_page(422);
    assert_eq!(Form::of(&page).visible(), ["satisfaction"]);
    assert!(page.text.contains("role=\"alert\""), "{}", page.text);
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn a_comment_too_long_is_told_and_kept_to_the_last_character() {
    let collector = TestCollector::start().await;
    let typed = "« Très » & </textarea><script>alert(1)</script>\r\n".repeat(130);

    let page = comment_page(&collector).await.with("comment", &typed).press(&collector, "finish").await;

    page.wants_page(422);
    assert!(!page.text.contains("<script>alert"), "what was typed is text");
    let kept = Form::of(&page).values("comment").concat();
    assert_eq!(kept.replace("\r\n", "\n").trim(), typed.replace("\r\n", "\n").trim());
    assert!(page.text.contains("5000") || page.text.contains("5\u{202f}000"), "the limit is told");
}

#[tokio::test]
async fn five_thousand_characters_pass_with_the_line_breaks_browsers_send() {
    let collector = TestCollector::start().await;
    let typed = "شش\r\n".repeat(1666) + "ab";

    let sent = comment_page(&collector).await.with("comment", &typed).press(&collector, "finish").await;

    sent.wants_status(303);
}

#[tokio::test]
async fn an_unknown_choice_is_refused_and_nothing_stored() {
    let collector = TestCollector::start().await;

    let page = first_page(&collector).await.with("satisfaction", "formidable").send(&collector).await;

    page.wants_page(422);
    assert!(!page.text.contains("formidable"), "{}", page.text);
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn a_state_that_was_forged_is_refused_and_nothing_stored() {
    let collector = TestCollector::start().await;
    let form = first_page(&collector).await.with("satisfaction", "moyen");
    let mut suite = form.values("suite").concat();
    let middle = suite.len() / 2;
    let other = if suite[middle..].starts_with('A') { "B" } else { "A" };
    suite.replace_range(middle..=middle, other);

    for forged in [suite.as_str(), "nonsense", ""] {
        let answer = form.clone().with("suite", forged).send(&collector).await;
        assert!((400..500).contains(&answer.status), "{forged}: {answer:?}");
        assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
    }
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn what_is_no_form_has_an_error_page() {
    let collector = TestCollector::start().await;
    let post = |kind: &str, body: String| {
        collector.request(Method::POST, "/avis/3059").header("Content-Type", kind).body(body)
    };

    Answer::of(post("application/json", "{}".to_owned())).await.wants_page(415);
    let huge = format!("comment={}", "x".repeat(80 * 1024));
    Answer::of(post("application/x-www-form-urlencoded", huge)).await.wants_page(413);
    let unknown = collector.request(Method::POST, "/avis/999").form(&[("satisfaction", "moyen")]);
    Answer::of(unknown).await.wants_page(404);
    assert_eq!(stored(&collector).await, 0);
}

#[tokio::test]
async fn a_filled_honeypot_is_answered_like_any_other() {
    let collector = TestCollector::start().await;

    let answer = first_page(&collector)
        .await
        .with("satisfaction", "moyen")
        .with("website", "https://spam")
        .send(&collector)
        .await;

    answer.wants_status(303);
}
