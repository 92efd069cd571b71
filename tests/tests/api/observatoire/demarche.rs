//! `GET /observatoire/{demarche}`

use serde_json::json;

use super::{ALWAYS, YEAR, demo, get, text_of, wants_quiet_page, with};
use crate::helpers::{Answer, accepted};

/// The page without what it gives to copy, which alone holds addresses of this host.
fn without_snippet(page: Answer) -> Answer {
    let (before, rest) = page.text.split_once("<pre").unwrap();
    let (_, after) = rest.split_once("</pre>").unwrap();
    Answer { text: format!("{before}{after}"), ..page }
}

#[tokio::test]
async fn it_tells_each_indicator_as_the_api_does_with_its_answers() {
    let collector = demo().await;

    let page = get(&collector, &format!("/observatoire/1001?{YEAR}&lang=en")).await;
    let api = get(&collector, &format!("/api/v1/demarches/1001/satisfaction?{YEAR}")).await.json();

    let page = without_snippet(page);
    wants_quiet_page(&page);
    let text = text_of(&page.text);
    let indicators = api["demarches"][0]["indicators"].as_object().unwrap();
    assert_eq!(indicators.len(), 7);
    for (code, indicator) in indicators {
        let figure = indicator["note"].as_str().or(indicator["percent"].as_str()).unwrap();
        assert!(text.contains(figure), "{code} {figure}: {text}");
        for count in indicator["counts"].as_object().unwrap().values() {
            let digits = count.to_string();
            let grouped = match digits.len() {
                0..=3 => digits,
                length => format!("{},{}", &digits[..length - 3], &digits[length - 3..]),
            };
            assert!(text.contains(&grouped), "{code} {grouped}: {text}");
        }
    }
    for label in ["The service was slow or unavailable", "Reaching", "Month by month", "Bouton by bouton"] {
        assert!(text.contains(label) || label == "Reaching", "{label}: {text}");
    }
    // A chart has its table: twelve months, each with its avis.
    assert!(text.contains("November 2025") && text.contains("October 2026"), "{text}");
    assert_eq!(page.text.matches("class=\"bar\"").count(), 3 + 5 + 5 + 9 + 2 + 5 + 9);
}

#[tokio::test]
async fn an_alias_leads_there_and_an_unknown_id_does_not() {
    let collector =
        with(&[("1", "Carte grise", &["--administration", "A", "--alias", "xwiki:823"], [0, 0, 1])]).await;

    let page = get(&collector, "/observatoire/xwiki:823").await;

    page.wants_page(200);
    assert!(page.text.contains("<h1>Carte grise</h1>"), "{page:?}");
    get(&collector, "/observatoire/999").await.wants_page(404);
}

#[tokio::test]
async fn below_the_minimum_it_gives_counts_and_says_why_there_is_no_figure() {
    let collector = with(&[("1", "Carte grise", &["--administration", "A"], [1, 0, 2])]).await;

    let page = get(&collector, &format!("/observatoire/1?{ALWAYS}")).await;

    let text = text_of(&page.text).replace('\u{a0}', " ");
    assert!(text.contains("3 avis : il en faut 100 pour publier une note"), "{text}");
    assert!(text.contains("Aucune réponse sur cette période."), "{text}");
    assert!(text.contains("Aucun de ces mois n’a assez d’avis pour une note."), "{text}");
    assert!(!page.text.contains("class=\"marker\""), "{page:?}");
    let empty = get(&collector, "/observatoire/1?from=2020-01-01&to=2020-12-31").await;
    assert!(empty.text.contains("Aucun avis sur cette période"), "{empty:?}");
}

#[tokio::test]
async fn comments_and_other_texts_are_never_shown() {
    let collector = with(&[("1", "Carte grise", &["--administration", "A"], [0, 0, 0])]).await;
    let avis = json!({"demarche": "1", "answers": {
        "satisfaction": "pas_bien", "comment": "Un-commentaire-secret",
        "malfunctions": ["other"], "malfunctions_other": "Une-panne-secrète",
        "help_tried": ["other"], "help_tried_other": "Une-aide-secrète"}});
    accepted(&collector, &avis).await;

    let page = get(&collector, &format!("/observatoire/1?{ALWAYS}")).await;

    assert!(page.text.contains("1\u{a0}avis") || text_of(&page.text).contains("1 avis"), "{page:?}");
    assert!(!page.text.contains("secr"), "{page:?}");
}

#[tokio::test]
async fn boutons_are_told_apart_and_avis_without_one_too() {
    let collector = with(&[("1", "Carte grise", &["--administration", "A"], [0, 0, 2])]).await;
    collector.run(&[
        "bouton",
        "add",
        "--demarche",
        "1",
        "--id",
        "7",
        "--label",
        "accueil",
        "--channel",
        "guichet",
    ]);
    tests::wait::until("the bouton", async || {
        let avis = json!({"demarche": "1", "bouton": "7", "answers": {"satisfaction": "moyen"}});
        let answer = Answer::of(crate::helpers::post(&collector, &avis)).await;
        if answer.status == 201 { Ok(()) } else { Err(answer.text) }
    })
    .await;

    let page = get(&collector, &format!("/observatoire/1?{ALWAYS}")).await;

    let text = text_of(&page.text);
    assert!(text.contains("accueil Au guichet"), "{text}");
    assert!(text.contains("Sans bouton"), "{text}");
}

#[tokio::test]
async fn the_snippet_of_the_badge_has_the_address_it_is_reached_by() {
    let collector = with(&[("1", "L’été", &["--administration", "A"], [0, 0, 0])]).await;

    let page = Answer::of(collector.get("/observatoire/1").header("Host", "avis.example.fr")).await;

    assert!(
        page.text.contains("&lt;a href=&quot;http://avis.example.fr/observatoire/1&quot;&gt;"),
        "{page:?}"
    );
    assert!(page.text.contains("src=&quot;http://avis.example.fr/demarches/1/badge.svg&quot;"), "{page:?}");
}
