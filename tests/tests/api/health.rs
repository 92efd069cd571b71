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
