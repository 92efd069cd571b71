//! `/api/v1/` and an address that is none.

use tests::TestCollector;

use crate::helpers::Answer;

#[tokio::test]
async fn an_address_that_is_none_is_a_problem_below_api_and_a_page_elsewhere() {
    let collector = TestCollector::start().await;

    for path in ["/api/v1/nothing", "/api/v2/avis", "/api/v1/demarches/3059/nothing"] {
        Answer::of(collector.get(path)).await.wants_problem(404, "not-found");
    }
    for path in ["/nothing", "/avis", "/static/nothing.svg", "/v1/nothing.js", "/avis/%ff"] {
        Answer::of(collector.get(path)).await.wants_page(404);
    }
}
