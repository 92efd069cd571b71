//! `GET /api/open-api/health`

use tests::TestCollector;

use crate::helpers::Answer;

#[tokio::test]
async fn anybody_may_ask_whether_all_is_well() {
    let collector = TestCollector::start().await;

    let answer = Answer::of(collector.get("/api/open-api/health")).await;

    answer.wants_status(200);
    assert_eq!(answer.text, r#"{"status":"ok","database":"ok","elk":"ok"}"#);
}
