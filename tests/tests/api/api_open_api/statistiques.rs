//! `POST /api/open-api/statistiques`

use serde_json::{Value, json};
use tests::TestCollector;

use crate::api_open_api::{key, post, start, wants_error};
use crate::helpers::{Answer, accepted};
use crate::keys::known;

async fn ask(collector: &TestCollector, key: &str, further: &Value) -> Answer {
    let mut body = json!({"start_date": "2020-01-01", "end_date": "2099-12-31"});
    for (member, value) in further.as_object().unwrap() {
        body[member] = value.clone();
    }
    Answer::of(post(collector, "/api/open-api/statistiques", key, &body)).await
}

/// One avis of 3059, with something of everything, and one of 4079.
async fn start_with_avis() -> (TestCollector, String) {
    let (collector, key) = start().await;
    let full = json!({"demarche": "3059", "answers": {
        "satisfaction": "moyen", "clarity": "5", "help_tried": ["telephone", "other"],
        "help_tried_other": "Un voisin", "help_reached": {"telephone": "oui"}, "help_quality": {"telephone": "mauvaise"},
    }});
    accepted(&collector, &full).await;
    accepted(&collector, &json!({"demarche": "4079", "answers": {"satisfaction": "pas_bien"}})).await;
    (collector, key)
}

/// Ids of démarches and forms in an answer.
fn products(answer: &Answer) -> Vec<(String, Vec<String>)> {
    answer.wants_status(200);
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
    let body = answer.json();
    let list = body["data"].as_array().unwrap().iter();
    list.map(|product| {
        let forms = product["forms"].as_array().unwrap().iter().map(|form| text(&form["form_id"])).collect();
        (text(&product["product_id"]), forms)
    })
    .collect()
}

#[tokio::test]
async fn every_answer_is_counted_with_its_label_and_intention() {
    let (collector, key) = start_with_avis().await;

    let answer = ask(&collector, &key, &json!({"product_ids": [3059]})).await;

    answer.wants_status(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let quality = |bad: u64| {
        json!({"category": "contact_satisfaction",
            "label": "Comment évaluez-vous la qualité de l’aide que vous avez obtenue de la part de l’administration\u{a0}?",
            "number_hits": [
                {"intention": "very_bad", "label": "Très mauvaise", "count": 0},
                {"intention": "bad", "label": "Mauvaise", "count": bad},
                {"intention": "medium", "label": "Ni bonne, ni mauvaise", "count": 0},
                {"intention": "good", "label": "Bonne", "count": 0},
                {"intention": "very_good", "label": "Excellente", "count": 0}]})
    };
    let reached = |oui: u64| {
        json!({"category": "contact_reached",
            "label": "Quand vous avez cherché de l’aide, avez-vous réussi à joindre l’administration\u{a0}?",
            "number_hits": [
                {"intention": "good", "label": "Oui", "count": oui},
                {"intention": "bad", "label": "Non", "count": 0}]})
    };
    let expected = json!({"data": [{"product_id": "3059", "product_name": "Déclaration des revenus", "forms": [
        {"form_id": "12", "form_name": "Déclaration des revenus", "intervals": [
            {"date": "all_time", "length_interval": "none", "data": [
                {"category": "satisfaction", "label": "De façon générale, comment ça s’est passé\u{a0}?",
                    "number_hits": [
                        {"intention": "bad", "label": "Pas bien", "count": 0},
                        {"intention": "medium", "label": "Moyen", "count": 1},
                        {"intention": "good", "label": "Très bien", "count": 0}]},
                {"category": "comprehension",
                    "label": "Qu’avez-vous pensé des informations et des instructions fournies\u{a0}?",
                    "number_hits": [
                        {"intention": "very_bad", "label": "1", "count": 0},
                        {"intention": "bad", "label": "2", "count": 0},
                        {"intention": "medium", "label": "3", "count": 0},
                        {"intention": "good", "label": "4", "count": 0},
                        {"intention": "very_good", "label": "5", "count": 1}]},
                {"category": "contact_tried",
                    "label": "Durant votre parcours, avez-vous tenté d’obtenir de l’aide par l’un des moyens suivants\u{a0}?",
                    "number_hits": [
                        {"intention": "neutral", "label": "Au guichet avec l’administration", "count": 0,
                            "children": [reached(0), quality(0)]},
                        {"intention": "neutral", "label": "Par téléphone avec l’administration", "count": 1,
                            "children": [reached(1), quality(1)]},
                        {"intention": "neutral", "label": "Par e-mail avec l’administration", "count": 0,
                            "children": [reached(0), quality(0)]},
                        {"intention": "neutral", "label": "Par chat avec l’administration", "count": 0,
                            "children": [reached(0), quality(0)]},
                        {"intention": "neutral", "label": "Une personne proche", "count": 0},
                        {"intention": "neutral", "label": "Une association", "count": 0},
                        {"intention": "neutral", "label": "Des sites internet", "count": 0},
                        {"intention": "neutral", "label": "Autres, précisez", "count": 1},
                        {"intention": "good", "label": "Je n’ai pas eu besoin d’aide", "count": 0}]},
                reached(1),
                quality(1)]}]}]}]});
    // As text: the order of members is that of the contract too.
    assert_eq!(answer.text, expected.to_string());
}

#[tokio::test]
async fn filters_name_demarches_by_their_numbers_and_those_of_their_forms() {
    let (collector, key) = start_with_avis().await;
    let asked = async |filters: Value| products(&ask(&collector, &key, &filters).await);
    let product = |id: &str, forms: &[&str]| {
        (id.to_owned(), forms.iter().map(|form| (*form).to_owned()).collect::<Vec<_>>())
    };

    let all = [product("3059", &["12"]), product("4079", &["20"]), product("cni", &[""])];
    assert_eq!(asked(json!({})).await, all);
    assert_eq!(asked(json!({"product_ids": [], "form_ids": [], "field_codes": []})).await, all);
    assert_eq!(asked(json!({"product_ids": [4079]})).await, all[1..2]);
    assert_eq!(asked(json!({"form_ids": [21]})).await, [product("4079", &["21"])]);
    assert_eq!(asked(json!({"form_ids": [21, 20, 21]})).await, [product("4079", &["20", "21"])]);
    assert_eq!(
        asked(json!({"product_ids": ["cni"], "form_ids": [12]})).await,
        [all[0].clone(), all[2].clone()]
    );
}

#[tokio::test]
async fn only_the_questions_asked_for_are_told() {
    let (collector, key) = start_with_avis().await;

    let asked = json!({"product_ids": [3059], "field_codes": ["contact_satisfaction", "satisfaction", "difficulties"]});
    let body = ask(&collector, &key, &asked).await.json();

    let data = &body["data"][0]["forms"][0]["intervals"][0]["data"];
    let categories: Vec<_> =
        data.as_array().unwrap().iter().map(|one| one["category"].as_str().unwrap()).collect();
    assert_eq!(categories, ["satisfaction", "contact_satisfaction"]);
}

#[tokio::test]
async fn intervals_are_calendar_units_that_have_avis() {
    let (collector, key) = start_with_avis().await;
    let today = collector::clock::Clock::system().today();
    let first_of = [
        ("day", today),
        ("week", collector::satisfaction::Interval::Week.first_day(today)),
        ("month", today.first_of_month()),
    ];

    for (unit, first) in first_of {
        let asked = json!({"interval": unit, "field_codes": ["satisfaction"]});
        let body = ask(&collector, &key, &asked).await.json();

        let intervals = |product: usize| &body["data"][product]["forms"][0]["intervals"];
        let of_first = intervals(0).as_array().unwrap();
        assert_eq!(of_first.len(), 1, "{body}");
        assert_eq!(of_first[0]["date"], format!("{first}T00:00:00.000Z"));
        assert_eq!(of_first[0]["length_interval"], unit);
        assert_eq!(of_first[0]["data"][0]["number_hits"][1]["count"], 1);
        assert_eq!(*intervals(2), json!([]), "a démarche without avis has no unit of time");
    }
    let before = json!({"start_date": "2020-01-01", "end_date": "2020-01-31", "interval": "year"});
    let body = ask(&collector, &key, &before).await.json();
    assert_eq!(body["data"][0]["forms"][0]["intervals"], json!([]));
}

#[tokio::test]
async fn what_the_key_does_not_reach_is_named_and_nothing_is_told() {
    let (collector, key_of_all) = start_with_avis().await;
    let of_one = key(&collector, &["--scope", "read", "--demarche", "3059"]);
    known(&collector, &of_one).await;

    let unknown = json!({"product_ids": [3059, 9], "form_ids": [99]});
    let problem =
        wants_error(&ask(&collector, &key_of_all, &unknown).await, 404, "out-of-reach", "NOT_FOUND");
    assert_eq!(problem["missing"], json!(["9", "form:99"]));
    let foreign = ask(&collector, &of_one, &json!({"product_ids": [3059, 4079]})).await;
    let problem = wants_error(&foreign, 404, "out-of-reach", "NOT_FOUND");
    assert_eq!(problem["missing"], json!(["4079"]));
    let own = ask(&collector, &of_one, &json!({})).await;
    assert_eq!(products(&own), [("3059".to_owned(), vec!["12".to_owned()])]);
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let (collector, key) = start_with_avis().await;
    let path = "/api/open-api/statistiques";

    let body =
        json!({"start_date": 1, "product_ids": "3059", "field_codes": ["clarity"], "interval": "decade"});
    let answer = Answer::of(post(&collector, path, &key, &body)).await;

    let problem = wants_error(&answer, 400, "invalid-body", "BAD_REQUEST");
    let issues: Vec<_> = problem["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| {
            assert!(issue["message"].as_str().is_some_and(|message| !message.is_empty()), "{issue}");
            (issue["path"][0].as_str().unwrap(), issue["code"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        issues,
        [
            ("start_date", "wrong_type"),
            ("end_date", "required"),
            ("product_ids", "wrong_type"),
            ("field_codes", "unknown_choice"),
            ("interval", "unknown_choice"),
        ]
    );
    let pointers: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, ["/start_date", "/end_date", "/product_ids", "/field_codes", "/interval"]);
    let nobody = Answer::of(post(&collector, path, "nonsense", &body)).await;
    wants_error(&nobody, 401, "unauthorized", "UNAUTHORIZED");
}
