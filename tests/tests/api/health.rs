//! `/health/…`

use tests::TestCollector;

use crate::helpers::Answer;

#[tokio::test]
async fn it_is_alive_and_ready() {
    let collector = TestCollector::start().await;

    for path in ["/health/live", "/health/ready"] {
        Answer::of(collector.get(path)).await.wants_status(200);
    }
}

#[tokio::test]
async fn what_goes_wrong_is_said_to_programs() {
    let collector = TestCollector::start().await;

    let answer = collector.get("/health/nothing").send().await.unwrap();

    assert_eq!(answer.status(), 404);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}
