//! What is set aside as it comes: answered like any other, stored, and not counted.

use serde_json::{Value, json};
use tests::{TestCollector, wait};

use crate::avis::Form;
use crate::helpers::{Answer, accepted, least, post, stored};

/// A bouton that declares where it stands.
async fn with_an_origin(flags: &[&str]) -> TestCollector {
    let collector = TestCollector::start_with(flags).await;
    let origin = "https://www.impots.gouv.fr";
    collector.run(&["bouton", "add", "--demarche", "3059", "--id", "77", "--origin", origin]);
    wait::until("the bouton to be known", async || {
        match Answer::of(collector.get("/integration/3059?bouton=77")).await {
            page if page.text.contains("bouton=77") => Ok(()),
            page => Err(page.text),
        }
    })
    .await;
    collector
}

fn with(member: &str, value: Value) -> Value {
    let mut avis = least();
    avis[member] = value;
    avis
}

async fn token(collector: &TestCollector) -> Value {
    Answer::of(collector.get("/api/v1/token?demarche=3059")).await.json()["token"].clone()
}

#[tokio::test]
async fn a_filled_honeypot_is_not_counted_by_either_way() {
    for flags in [vec![], vec!["--limits", "off"]] {
        let collector = TestCollector::start_with(&flags).await;

        accepted(&collector, &with("website", json!("https://spam.example.org"))).await;
        let page = Form::of(&Answer::of(collector.get("/avis/3059?bouton=12")).await);
        let filled = page.clone().with("satisfaction", "moyen").with("website", "https://spam.example.org");
        filled.send(&collector).await.wants_status(303);
        assert_eq!(stored(&collector).await, 0);

        accepted(&collector, &with("website", json!(""))).await;
        page.with("satisfaction", "moyen").send(&collector).await.wants_status(303);
        // That page has changed the avis that it had sent, which stays aside.
        assert_eq!(stored(&collector).await, 1);
    }
}

#[tokio::test]
async fn a_token_counts_for_one_avis_and_a_missing_one_for_nothing() {
    let collector = TestCollector::start().await;
    let mine = with("token", token(&collector).await);

    for _ in 0..3 {
        accepted(&collector, &mine).await;
    }
    assert_eq!(stored(&collector).await, 1);

    for _ in 0..300 {
        accepted(&collector, &least()).await;
    }
    assert_eq!(stored(&collector).await, 301, "they came from this machine, which is no crowd");
}

#[tokio::test]
async fn an_avis_from_a_page_that_its_bouton_does_not_declare_is_not_counted() {
    let collector = with_an_origin(&["--limits", "off"]).await;
    let from = |page: Value| {
        let mut avis = with("bouton", json!("77"));
        avis["page"] = page;
        avis
    };

    accepted(&collector, &from(json!("https://www.example.org/copied"))).await;
    assert_eq!(stored(&collector).await, 0);
    for page in [json!("https://www.impots.gouv.fr/fin"), json!(collector.url("/avis/3059")), json!(null)] {
        accepted(&collector, &from(page)).await;
    }
    assert_eq!(stored(&collector).await, 3);
}

#[tokio::test]
async fn an_address_counts_for_its_share_of_a_day_unless_it_holds_a_key() {
    let collector = TestCollector::start_with(&["--trusted-proxy", "127.0.0.0/8"]).await;
    let key = collector.run(&["key", "create", "--scope", "submit"]).stdout.trim().to_owned();
    let kiosk = || post(&collector, &least()).header("X-Forwarded-For", "203.0.113.7");

    for _ in 0..250 {
        Answer::of(kiosk()).await.wants_status(201);
    }
    assert_eq!(stored(&collector).await, 200);

    wait::until("the key to be known", async || match Answer::of(kiosk().bearer_auth(&key)).await {
        answer if answer.status == 201 => Ok(()),
        answer => Err(format!("{answer:?}")),
    })
    .await;
    for _ in 0..9 {
        Answer::of(kiosk().bearer_auth(&key)).await.wants_status(201);
    }
    assert_eq!(stored(&collector).await, 210);
}
