//! `/Demarches/…` and `/static/…`: the buttons already out there open the same form.

use reqwest::Method;
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

    for query in ["&nd_source=button&key=6af8", "&view-mode=formulaire-avis", "key=6af8", "nd_source="] {
        Answer::of(collector.get(&format!("/Demarches/124?{query}"))).await.wants_page(404);
    }
}

#[tokio::test]
async fn values_may_be_percent_encoded_and_names_repeated() {
    opens("/Demarches/3839?nd_source=button%2Ddeclaration&key=%C3%A9&nd_source=x", "1", Some("51")).await;
    opens("/Demarches/4079?button=&button=%34509&button=4510", "4079", Some("4509")).await;
}

#[tokio::test]
async fn a_slash_at_the_end_changes_nothing() {
    opens("/Demarches/4079/?button=4509", "4079", Some("4509")).await;
    opens("/Demarches/en/4079/?button=4509", "4079", Some("4509")).await;
    opens("/Demarches/avis/2246/?button=4684", "3", Some("4684")).await;
    opens("/avis/4079/?bouton=4509", "4079", Some("4509")).await;
}

#[tokio::test]
async fn head_is_answered_like_get_and_other_methods_are_not() {
    let collector = start().await;

    for path in ["/Demarches/4079?button=4509", "/Demarches/fr/4079", "/Demarches/avis/2246/"] {
        let head = Answer::of(collector.request(Method::HEAD, path)).await;
        head.wants_page(200);
        assert_eq!(head.text, "");
        let post = Answer::of(collector.request(Method::POST, path)).await;
        post.wants_page(405);
        assert_eq!(post.header("allow"), "GET, HEAD");
    }
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
    let unknown = Answer::of(collector.get("/Demarches/en/9").header("Accept-Language", "fr")).await;
    unknown.wants_page(404);
    assert!(unknown.text.contains("<html lang=\"en\""), "{unknown:?}");
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
        ["/Demarches/99999?button=1", "/Demarches/avis/99999?button=1", "/Demarches/de/4079", "/Demarches/"]
    {
        let page = Answer::of(collector.get(path)).await;
        page.wants_page(404);
        assert!(page.text.contains("<h1>"), "{page:?}");
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

/// Every address of an image that pages out there load, with its size.
fn images() -> Vec<(String, (u32, u32))> {
    let mut images = Vec::new();
    for colour in ["bleu", "blanc"] {
        for shade in ["", "-clair", "-sombre"] {
            images.push((format!("/static/bouton-{colour}{shade}.svg"), (200, 85)));
        }
        images.push((format!("/static/bouton-{colour}.png"), (200, 85)));
        images.push((format!("/monavis-static/bouton-{colour}.svg"), (200, 85)));
        images.push((format!("/monavis-static/bouton-{colour}.png"), (200, 85)));
    }
    for (kind, size) in
        [("jdma", (200, 85)), ("remark", (166, 44)), ("feedback", (158, 44)), ("problem", (203, 44))]
    {
        for skin in ["solid-light", "solid-dark", "outline-light", "outline-dark", "ghost-light"] {
            images.push((format!("/static/buttons/button-{kind}-{skin}.svg"), size));
        }
    }
    images
}

#[tokio::test]
async fn the_images_of_the_old_buttons_are_there_in_their_sizes() {
    let collector = start().await;

    for (path, (width, height)) in images() {
        let response = collector.get(&path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(header("cross-origin-resource-policy"), "cross-origin", "{path}");
        assert!(header("cache-control").contains("max-age=86400"), "{path}");
        let kind = header("content-type");
        let bytes = response.bytes().await.unwrap();
        if path.rsplit('.').next() == Some("png") {
            assert_eq!(kind, "image/png", "{path}");
            let length = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
            assert_eq!((length(16), length(20)), (width, height), "{path}");
        } else {
            assert_eq!(kind, "image/svg+xml", "{path}");
            let svg = String::from_utf8(bytes.to_vec()).unwrap();
            assert!(svg.contains(&format!("width=\"{width}\" height=\"{height}\"")), "{path}: {svg}");
            assert!(svg.contains("<title>"), "{path}: {svg}");
            assert!(!svg.contains("<text"), "{path} needs a font: {svg}");
        }
    }
    for path in ["/static/bouton-rouge.svg", "/static/buttons/button-jdma-ghost-dark.svg", "/static/buttons/"]
    {
        Answer::of(collector.get(path)).await.wants_status(404);
    }
}

#[tokio::test]
async fn images_and_the_modal_script_are_compressed_for_who_takes_it() {
    let collector = start().await;

    for path in ["/static/bouton-bleu.svg", "/static/jdma-modal-widget.js"] {
        let plain = Answer::of(collector.get(path)).await;
        assert_eq!(plain.header("content-encoding"), "");
        let coded = collector.get(path).header("Accept-Encoding", "gzip, br").send().await.unwrap();
        assert_eq!(coded.headers()["content-encoding"], "br", "{path}");
        assert!(coded.headers()["vary"].to_str().unwrap().contains("Accept-Encoding"), "{path}");
        assert!(coded.bytes().await.unwrap().len() * 2 < plain.text.len(), "{path}");
    }
}

#[tokio::test]
async fn the_modal_script_is_at_both_addresses_for_any_page() {
    let collector = start().await;

    let mut texts = Vec::new();
    for path in ["/static/jdma-modal-widget.js", "/Demarches/assets/jdma-modal-widget.js"] {
        let script = Answer::of(collector.get(path)).await;
        script.wants_status(200);
        assert!(script.header("content-type").starts_with("text/javascript"), "{script:?}");
        assert_eq!(script.header("access-control-allow-origin"), "*");
        assert_eq!(script.header("cross-origin-resource-policy"), "cross-origin");
        assert!(script.header("cache-control").contains("max-age=300"), "{script:?}");
        texts.push(script.text);
    }
    assert_eq!(texts[0], texts[1]);
}
