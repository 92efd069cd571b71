//! `/Demarches/…` and `/static/…`: the buttons already out there open the same form.

use tests::TestCollector;

use crate::avis::Form;
use crate::helpers::Answer;

/// Démarches whose numbers were reused, as the real ones' were: `xwiki:123` is another than 123.
async fn start() -> TestCollector {
    let mut collector = TestCollector::stopped(&[]);
    let add = |id: &str, title: &str, further: &[&str]| collector.add_demarche_with(id, title, further);
    add("4079", "Titre de séjour", &[]);
    add("123", "Cent vingt-trois", &[]);
    add("124", "Cent vingt-quatre", &[]);
    add("1", "Carte grise", &["--alias", "xwiki:3839"]);
    add("2", "Passeport", &["--alias", "xwiki:123"]);
    add("3", "Permis", &["--alias", "form:2246"]);
    let bouton = |arguments: &[&str]| {
        let mut all = vec!["bouton", "add", "--demarche"];
        all.extend(arguments);
        collector.run(&all);
    };
    bouton(&["4079", "--id", "4509"]);
    bouton(&["4079", "--id", "4510"]);
    bouton(&["1", "--id", "50", "--alias", "button"]);
    bouton(&["1", "--id", "51", "--alias", "button-declaration"]);
    bouton(&["3", "--id", "4684"]);
    collector.run(&["bouton", "close", "4510"]);
    collector.serve().await;
    collector
}

/// The attributes of the element on a page: démarche and bouton.
fn element(page: &Answer) -> (String, Option<String>) {
    let tag = page.text.split("<je-donne-mon-avis").nth(1).unwrap_or_else(|| panic!("no element: {page:?}"));
    let tag = &tag[..tag.find('>').unwrap()];
    let attribute = |name: &str| {
        let value = tag.split(&format!(" {name}=\"")).nth(1)?;
        Some(value[..value.find('"')?].to_owned())
    };
    (attribute("demarche").unwrap(), attribute("bouton").filter(|bouton| !bouton.is_empty()))
}

async fn opens(path: &str, demarche: &str, bouton: Option<&str>) {
    let collector = start().await;
    let page = Answer::of(collector.get(path)).await;
    page.wants_page(200);
    assert_eq!(element(&page), (demarche.to_owned(), bouton.map(str::to_owned)), "{path}");

    // And the form it shows is one that can be sent.
    let sent = Form::of(&page).with("satisfaction", "moyen").send(&collector).await;
    sent.wants_status(303);
    Answer::of(collector.get(sent.location())).await.wants_page(200);
    assert_eq!(collector.smileys(demarche).await, [0, 1, 0], "{path}");
    if let Some(bouton) = bouton {
        let list = collector.run(&["bouton", "list"]).stdout;
        let line = list
            .lines()
            .find(|line| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == bouton))
            .unwrap_or_else(|| panic!("{list}"));
        assert!(
            line.split_whitespace().any(|word| word.matches('-').count() == 2),
            "no avis of {bouton}: {list}"
        );
    }
}

#[tokio::test]
async fn a_number_with_a_bouton_is_an_id_whatever_else_the_query_holds() {
    opens("/Demarches/4079?button=4509", "4079", Some("4509")).await;
    opens("/Demarches/4079?button=4509&utm_source=a&key=b&x", "4079", Some("4509")).await;
}

#[tokio::test]
async fn an_old_button_is_an_alias_and_nothing_else() {
    opens("/Demarches/3839?&view-mode=formulaire-avis&nd_source=button&key=6af8", "1", Some("50")).await;
    opens(
        "/Demarches/3839?&view-mode=formulaire-avis&nd_mode=en-ligne-enti%C3%A8rement\
         &nd_source=button-declaration&key=6af8",
        "1",
        Some("51"),
    )
    .await;
}

#[tokio::test]
async fn an_old_button_of_a_source_that_is_no_alias_is_the_alias_button_or_none() {
    opens("/Demarches/3839?&view-mode=formulaire-avis&nd_source=site&key=abc", "1", Some("50")).await;
    opens("/Demarches/123?nd_source=site&key=abc", "2", None).await;
}

#[tokio::test]
async fn an_old_button_never_opens_the_demarche_that_has_its_number_now() {
    let collector = start().await;

    Answer::of(collector.get("/Demarches/124?&nd_source=button&key=6af8")).await.wants_page(404);
}

#[tokio::test]
async fn a_bare_number_is_an_alias_first_and_then_an_id() {
    opens("/Demarches/123", "2", None).await;
    opens("/Demarches/124", "124", None).await;
}

#[tokio::test]
async fn a_language_in_front_is_the_language_of_the_form() {
    opens("/Demarches/fr/4079?button=4509", "4079", Some("4509")).await;
    opens("/Demarches/en/4079?button=4509", "4079", Some("4509")).await;
    let collector = start().await;
    for (language, shown) in [("fr", "fr"), ("en", "en")] {
        let request = collector.get(&format!("/Demarches/{language}/4079?button=4509"));
        let page = Answer::of(request.header("Accept-Language", "de")).await;
        assert!(page.text.contains(&format!("<html lang=\"{shown}\"")), "{language}");
    }
    for language in ["es", "ar", "pt"] {
        Answer::of(collector.get(&format!("/Demarches/{language}/4079?button=4509"))).await.wants_page(200);
    }
}

#[tokio::test]
async fn a_form_number_is_an_alias() {
    opens("/Demarches/avis/2246?button=4684", "3", Some("4684")).await;
}

#[tokio::test]
async fn a_closed_bouton_is_410_and_an_unknown_one_opens_the_form_without_bouton() {
    let collector = start().await;
    Answer::of(collector.get("/Demarches/4079?button=4510")).await.wants_page(410);
    drop(collector);

    opens("/Demarches/4079?button=99999", "4079", None).await;
}

#[tokio::test]
async fn a_bouton_of_another_demarche_opens_the_form_without_bouton() {
    opens("/Demarches/4079?button=4684", "4079", None).await;
}

#[tokio::test]
async fn an_unknown_demarche_is_a_404_page() {
    let collector = start().await;

    for path in
        ["/Demarches/99999?button=1", "/Demarches/avis/99999?button=1", "/Demarches/xx/4079", "/Demarches/"]
    {
        Answer::of(collector.get(path)).await.wants_page(404);
    }
}

#[tokio::test]
async fn the_old_addresses_answer_on_any_host_and_redirect_to_none() {
    let mut collector = TestCollector::stopped(&["--public-url", "https://avis.example.fr"]);
    collector.add_demarche("4079", "Titre de séjour");
    collector.serve().await;

    let request = collector.get("/Demarches/4079").header("Host", "jedonnemonavis.example.org");
    let page = Answer::of(request).await;

    page.wants_page(200);
    assert!(!Form::of(&page).visible().is_empty());
}

#[tokio::test]
async fn the_images_of_the_old_buttons_are_there() {
    let collector = start().await;

    let mut paths = Vec::new();
    for colour in ["bleu", "blanc"] {
        for shade in ["", "-clair", "-sombre"] {
            paths.push(format!("/static/bouton-{colour}{shade}.svg"));
        }
        paths.push(format!("/static/bouton-{colour}.png"));
        paths.push(format!("/monavis-static/bouton-{colour}.svg"));
        paths.push(format!("/monavis-static/bouton-{colour}.png"));
    }
    for path in paths {
        let response = collector.get(&path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        let bytes = response.bytes().await.unwrap();
        if path.rsplit('.').next() == Some("png") {
            assert_eq!(kind, "image/png", "{path}");
            assert!(bytes.starts_with(b"\x89PNG"), "{path}");
        } else {
            assert_eq!(kind, "image/svg+xml", "{path}");
            assert!(String::from_utf8_lossy(&bytes).contains("<svg"), "{path}");
        }
    }
}

#[tokio::test]
async fn the_blue_and_white_buttons_are_200_by_85() {
    let collector = start().await;

    for path in ["/static/bouton-bleu.svg", "/static/bouton-blanc-sombre.svg"] {
        let image = Answer::of(collector.get(path)).await;
        assert!(image.text.contains("width=\"200\"") && image.text.contains("height=\"85\""), "{path}");
    }
}
