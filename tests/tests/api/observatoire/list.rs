//! `GET /observatoire`

use reqwest::Method;
use serde_json::Value;
use tests::TestCollector;

use super::{ALWAYS, YEAR, demo, get, rows, titles, wants_quiet_page, with};
use crate::helpers::{Answer, accepted, least};

/// Four démarches: good, fair, with too few avis, with none.
async fn four() -> TestCollector {
    with(&[
        (
            "1",
            "Carte grise",
            &[
                "--administration",
                "Agence des titres",
                "--ministry",
                "Intérieur",
                "--audience",
                "particuliers",
            ],
            [5, 5, 90],
        ),
        (
            "2",
            "Éoliennes en mer",
            &["--administration", "Cerema", "--ministry", "Écologie", "--audience", "entreprises"],
            [30, 40, 40],
        ),
        ("3", "Ajout d’un œuvre", &["--administration", "Cerema", "--alias", "xwiki:823"], [0, 0, 3]),
        ("4", "Zones humides", &["--administration", "ONF", "--ministry", "Écologie"], [0, 0, 0]),
    ])
    .await
}

async fn shown(collector: &TestCollector, query: &str) -> Vec<String> {
    let page = get(collector, &format!("/observatoire?{ALWAYS}&{query}")).await;
    wants_quiet_page(&page);
    titles(&page)
}

#[tokio::test]
async fn every_demarche_is_there_with_its_note_its_avis_and_its_level_or_why_it_has_none() {
    let collector = four().await;

    let page = get(&collector, &format!("/observatoire?{ALWAYS}")).await;

    wants_quiet_page(&page);
    let rows = rows(&page);
    assert_eq!(rows.len(), 4, "{rows:?}");
    for (row, parts) in rows.iter().zip([
        vec!["Carte grise", "Agence des titres · Intérieur · Particuliers", "9,3 /10", "Très bien", "100"],
        vec!["Éoliennes en mer", "5,5 /10", "À améliorer", "110"],
        vec!["Ajout d’un œuvre", "3 avis : il en faut 100 pour publier une note"],
        vec!["Zones humides", "Aucun avis sur cette période", "0 avis"],
    ]) {
        let row = row.replace('\u{a0}', " ");
        for part in parts {
            assert!(row.contains(part), "no {part}: {row}");
        }
    }
    assert!(page.text.contains("aria-label=\"Intervalle à 95\u{a0}%\u{a0}: de 8,78 à 9,72\""), "{page:?}");
}

#[tokio::test]
async fn notes_are_those_of_the_api_over_the_same_period() {
    let collector = demo().await;

    let page = get(&collector, &format!("/observatoire?{YEAR}&lang=en")).await;
    let figures = get(&collector, &format!("/api/v1/satisfaction?{YEAR}")).await.json();

    let rows = rows(&page);
    let demarches = figures["demarches"].as_array().unwrap();
    assert_eq!(rows.len(), demarches.len());
    let mut published = 0;
    for demarche in demarches {
        let (title, satisfaction) = (&demarche["title"], &demarche["indicators"]["satisfaction"]);
        let row = rows.iter().find(|row| row.contains(title.as_str().unwrap())).unwrap();
        if let Value::String(note) = &satisfaction["note"] {
            assert!(row.contains(&format!(" {note} /10 ")), "{note}: {row}");
            published += 1;
        } else {
            assert!(row.contains("–"), "{row}");
        }
    }
    assert!(published > 10, "{published}");
}

#[tokio::test]
async fn a_period_of_other_days_than_whole_months_has_the_notes_of_the_api_too() {
    let collector = demo().await;
    let period = "from=2026-02-03&to=2026-10-17";

    let page = get(&collector, &format!("/observatoire?{period}&lang=en")).await;
    let figures = get(&collector, &format!("/api/v1/satisfaction?{period}")).await.json();

    let rows = rows(&page);
    for demarche in figures["demarches"].as_array().unwrap() {
        if let Value::String(note) = &demarche["indicators"]["satisfaction"]["note"] {
            let title = demarche["title"].as_str().unwrap();
            let row = rows.iter().find(|row| row.contains(title)).unwrap();
            assert!(row.contains(&format!(" {note} /10 ")), "{note}: {row}");
        }
    }
}

#[tokio::test]
async fn filters_choose_by_ministry_administration_audience_level_and_essential() {
    let collector = four().await;

    assert_eq!(shown(&collector, "ministry=%C3%89cologie").await, ["Éoliennes en mer", "Zones humides"]);
    assert_eq!(shown(&collector, "administration=Cerema").await, ["Éoliennes en mer", "Ajout d’un œuvre"]);
    assert_eq!(shown(&collector, "audience=entreprises").await, ["Éoliennes en mer"]);
    assert_eq!(shown(&collector, "level=green").await, ["Carte grise"]);
    assert_eq!(shown(&collector, "level=none").await, ["Ajout d’un œuvre", "Zones humides"]);
    assert_eq!(shown(&collector, "level=none&ministry=%C3%89cologie").await, ["Zones humides"]);
    assert_eq!(shown(&collector, "essential=true").await, Vec::<String>::new());
    assert_eq!(shown(&collector, "essential=false").await.len(), 4);
}

#[tokio::test]
async fn text_is_found_without_accents_or_capitals_in_titles_offices_and_names() {
    let collector = four().await;

    assert_eq!(shown(&collector, "q=EOLIENNE").await, ["Éoliennes en mer"]);
    assert_eq!(shown(&collector, "q=%C5%92uvre+cerema").await, ["Ajout d’un œuvre"]);
    assert_eq!(shown(&collector, "q=oeuvre").await, ["Ajout d’un œuvre"]);
    assert_eq!(shown(&collector, "q=xwiki%3A823").await, ["Ajout d’un œuvre"]);
    assert_eq!(shown(&collector, "q=ecologie+zones").await, ["Zones humides"]);
    assert_eq!(shown(&collector, "q=nulle+part").await, Vec::<String>::new());
}

#[tokio::test]
async fn fields_that_nobody_filled_in_and_parameters_of_others_do_not_matter() {
    let collector = four().await;
    let query = "q=&ministry=&administration=&audience=&level=&essential=&sort=&period=&utm_source=lettre";

    assert_eq!(shown(&collector, query).await.len(), 4);
}

#[tokio::test]
async fn a_value_that_is_none_of_the_choices_is_a_page_that_names_it() {
    let collector = TestCollector::start().await;

    for (query, name) in [
        ("audience=tous", "audience"),
        ("level=orange", "level"),
        ("sort=best", "sort"),
        ("period=2026-T5", "period"),
        ("essential=oui", "essential"),
        ("from=2026-01-01", "to"),
        ("from=2026-02-30&to=2026-03-01", "from"),
        ("from=2026-03-02&to=2026-03-01", "to"),
        ("q=a&q=b", "q"),
    ] {
        let page = get(&collector, &format!("/observatoire?{query}")).await;
        page.wants_page(400);
        assert!(page.text.contains(&format!("<code>{name}</code>")), "{query}: {page:?}");
    }
}

#[tokio::test]
async fn the_order_is_that_of_the_address_and_who_has_no_note_comes_last() {
    let collector = four().await;
    let [grise, mer, ajout, zones] = ["Carte grise", "Éoliennes en mer", "Ajout d’un œuvre", "Zones humides"];

    assert_eq!(shown(&collector, "").await, [grise, mer, ajout, zones]);
    assert_eq!(shown(&collector, "sort=note").await, [mer, grise, ajout, zones]);
    assert_eq!(shown(&collector, "sort=-n").await, [mer, grise, ajout, zones]);
    assert_eq!(shown(&collector, "sort=n").await, [zones, ajout, grise, mer]);
    assert_eq!(shown(&collector, "sort=title").await, [ajout, grise, mer, zones]);
    assert_eq!(shown(&collector, "sort=-title").await, [zones, mer, grise, ajout]);
    assert_eq!(shown(&collector, "sort=administration").await, [grise, ajout, mer, zones]);
    assert_eq!(shown(&collector, "sort=ministry").await, [mer, zones, grise, ajout]);
}

#[tokio::test]
async fn what_administrations_and_visitors_write_is_text() {
    let hostile = "<script>alert(1)</script> & \"deux\"";
    let collector = with(&[("a.b:c", hostile, &["--administration", hostile], [0, 0, 0])]).await;

    let page = get(&collector, "/observatoire?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    wants_quiet_page(&page);
    assert!(page.text.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""), "{page:?}");
    let page = get(&collector, "/observatoire").await;

    wants_quiet_page(&page);
    assert_eq!(titles(&page), [hostile]);
    // The id is one part of the path.
    assert!(page.text.contains("href=\"/observatoire/a.b%3Ac\""), "{page:?}");
    let page = get(&collector, "/observatoire/a.b%3Ac?lang=en").await;
    page.wants_page(200);
    assert!(!page.text.contains("<script"), "{page:?}");
}

#[tokio::test]
async fn links_keep_what_is_chosen() {
    let collector = four().await;

    let page = get(&collector, "/observatoire?period=2026-T3&ministry=%C3%89cologie&lang=en").await;

    wants_quiet_page(&page);
    for link in [
        "href=\"/observatoire?period=2026-T3&amp;ministry=%C3%89cologie&amp;sort=title&amp;lang=en\"",
        "href=\"/observatoire?period=2026-T3&amp;ministry=%C3%89cologie&amp;level=red&amp;lang=en\"",
        "href=\"/observatoire/4?period=2026-T3&amp;lang=en\"",
        "href=\"/observatoire?period=2026-T3&amp;lang=en\"",
        "href=\"/observatoire.csv?period=2026-T3&amp;ministry=%C3%89cologie&amp;lang=en\"",
        "href=\"/api/v1/satisfaction?from=2026-07-01&amp;to=2026-09-30&amp;ministry=%C3%89cologie\"",
        "<input type=\"hidden\" name=\"period\" value=\"2026-T3\">",
    ] {
        assert!(page.text.contains(link), "no {link}: {}", page.text);
    }
    assert!(page.text.contains("July – September 2026"), "{page:?}");
}

#[tokio::test]
async fn who_has_the_page_is_told_so_until_it_changes() {
    let collector = TestCollector::start().await;
    let path = format!("/observatoire?{ALWAYS}");
    let first = get(&collector, &path).await;
    let etag = first.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
    let known = |method: Method| collector.request(method, &path).header("If-None-Match", &etag);

    Answer::of(known(Method::GET)).await.wants_status(304);
    Answer::of(known(Method::HEAD)).await.wants_status(304);
    let head = Answer::of(collector.request(Method::HEAD, &path)).await;
    head.wants_status(200);
    assert_eq!((head.header("etag"), head.text.as_str()), (etag.as_str(), ""));
    // Coded otherwise, it is other bytes.
    let coded = Answer::of(known(Method::GET).header("Accept-Encoding", "br")).await;
    coded.wants_status(200);
    assert_eq!(coded.header("content-encoding"), "br");
    assert_ne!(coded.header("etag"), etag);
    accepted(&collector, &least()).await;

    Answer::of(known(Method::GET)).await.wants_status(200);
}

#[tokio::test]
async fn it_speaks_the_language_of_the_address_or_of_the_browser() {
    let collector = TestCollector::start().await;

    let french = get(&collector, "/observatoire").await;
    let by_address = get(&collector, "/observatoire?lang=en").await;
    let by_browser = Answer::of(collector.get("/observatoire").header("Accept-Language", "en-GB")).await;

    assert!(french.text.contains("<html lang=\"fr\"") && french.text.contains("Ce que les usagers disent"));
    for english in [by_address, by_browser] {
        assert!(english.text.contains("<html lang=\"en\""), "{english:?}");
        assert!(english.text.contains("What people say about"), "{english:?}");
    }
}

#[tokio::test]
async fn without_any_demarche_the_page_says_so() {
    let mut collector = TestCollector::stopped(&[]);
    collector.serve().await;

    let page = get(&collector, "/observatoire").await;

    wants_quiet_page(&page);
    assert!(page.text.contains("Aucune démarche n’est encore suivie ici"), "{page:?}");
}
