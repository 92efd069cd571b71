//! `/retrait`: withdrawing an avis with the receipt alone.

use tests::TestCollector;

use crate::avis::Form;
use crate::helpers::{Answer, accepted, least, stored};

#[tokio::test]
async fn the_page_asks_for_the_receipt_alone() {
    let collector = TestCollector::start().await;

    let page = Answer::of(collector.get("/retrait")).await;

    page.wants_page(200);
    let form = Form::of(&page);
    assert_eq!(form.visible(), ["receipt"], "{}", page.text);
}

#[tokio::test]
async fn the_receipt_withdraws_the_avis_however_it_is_typed() {
    let collector = TestCollector::start().await;

    for typed in [
        |receipt: &str| receipt.to_owned(),
        |receipt: &str| receipt.to_lowercase(),
        |receipt: &str| format!("  {} ", receipt.replace('-', " ")),
        |receipt: &str| receipt.replace('-', ""),
        // Crockford reads these alike, so that a receipt can be read aloud.
        |receipt: &str| receipt.replace('0', "O").replace('1', "l"),
    ] {
        let avis = accepted(&collector, &least()).await;
        let page = Answer::of(collector.get("/retrait")).await;
        let form = Form::of(&page).with("receipt", &typed(&avis.receipt));

        let answer = form.send(&collector).await;
        let answer = match answer.status {
            303 => Answer::of(collector.get(answer.location())).await,
            _ => answer,
        };

        answer.wants_page(200);
        assert_eq!(stored(&collector).await, 0, "{}", typed(&avis.receipt));
    }
}

#[tokio::test]
async fn a_receipt_that_is_none_is_refused_and_says_so() {
    let collector = TestCollector::start().await;
    accepted(&collector, &least()).await;

    for receipt in ["", "nonsense", "0000-0000-0000-0000"] {
        let page = Answer::of(collector.get("/retrait")).await;
        let answer = Form::of(&page).with("receipt", receipt).send(&collector).await;
        assert!((400..500).contains(&answer.status), "{receipt}: {answer:?}");
        assert!(answer.header("content-type").starts_with("text/html"), "{answer:?}");
    }

    assert_eq!(stored(&collector).await, 1);
}
