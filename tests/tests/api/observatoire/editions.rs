//! `GET /observatoire/editions`

use super::{get, text_of};
use crate::editions::filled;

#[tokio::test]
async fn it_says_that_there_is_none_until_a_quarter_is_frozen() {
    let mut collector = filled();
    collector.serve().await;

    let page = get(&collector, "/observatoire/editions").await;

    page.wants_page(200);
    assert!(page.text.contains("Aucun trimestre n’est encore figé."), "{}", page.text);
}

#[tokio::test]
async fn it_has_each_edition_with_its_files_digests_and_errata() {
    let mut collector = filled();
    collector.run(&["edition", "freeze", "2026-T1"]);
    let shown = collector.run(&["edition", "freeze", "2026-T2"]).stdout;
    collector.run(&["edition", "erratum", "2026-T2", "--text", "Le <titre> de 1001 a changé."]);
    collector.serve().await;

    let page = get(&collector, "/observatoire/editions").await;

    page.wants_page(200);
    assert!(page.text.find("2e trimestre 2026") < page.text.find("1er trimestre 2026"), "the newest first");
    let text = text_of(&page.text);
    for part in ["avril – juin 2026", "juillet 2025 – juin 2026", "formule avis-0-5-10/1"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(page.text.contains("Le &lt;titre&gt; de 1001 a changé."), "{}", page.text);
    for (format, ending) in [("json", ".json"), ("csv", ".csv"), ("xlsx", ".xlsx")] {
        let line = shown.lines().find(|line| line.starts_with(format)).unwrap();
        let (_, sha256) = line.split_once("sha256 ").unwrap();
        assert!(page.text.contains(&format!("{sha256}  satisfaction-2026-T2.{format}\n")), "{line}");
        let path = format!("/api/v1/editions/2026-T2{ending}");
        assert!(page.text.contains(&format!("href=\"{path}\"")), "{path}");
        get(&collector, &path).await.wants_status(200);
    }
    let english = get(&collector, "/observatoire/editions?lang=en").await;
    assert!(english.text.contains("Quarter 2 of 2026") && english.text.contains("lang=\"en\""));
    let again = collector.get("/observatoire/editions").header("If-None-Match", page.header("etag"));
    crate::helpers::Answer::of(again).await.wants_status(304);
}

#[tokio::test]
async fn the_observatory_leads_to_it() {
    let mut collector = filled();
    collector.serve().await;

    for path in ["/observatoire", "/observatoire/1001"] {
        let page = get(&collector, path).await;
        assert!(page.text.contains("href=\"/observatoire/editions\""), "{path}");
    }
}
