//! The harness itself, on a page of its own: what the other tests take for granted.

use fantoccini::key::Key;
use tests::browser::Place::{Form, Page};
use tests::browser::{Browser, Engine, Options, Violation};
use tests::site::Site;

/// A page that says whether scripts ran, in a shadow root too, and what the browser prefers.
const PAGE: &str = r##"<!doctype html><html lang="fr"><head><title>Essai</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>Essai</h1>
<p id="script">sans script</p><noscript><p id="noscript">noscript</p></noscript>
<form><label for="name">Nom</label> <input id="name"> <button>Suite</button></form>
<je-donne-mon-avis></je-donne-mon-avis>
<script>
  document.querySelector("#script").textContent = "avec script";
  const root = document.querySelector("je-donne-mon-avis").attachShadow({mode: "open"});
  const button = document.createElement("button");
  button.textContent = "Ombre";
  button.addEventListener("click", () => { button.textContent = "Cliqué"; });
  const image = document.createElement("img");
  image.src = "data:,";
  root.append(button, image);
</script></main></body></html>"##;

fn site() -> Site {
    Site::serve([("/", PAGE.to_owned())])
}

in_every_engine! {
    async fn sees_and_clicks_inside_the_open_shadow_root(engine: Engine) {
        let site = site();
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        assert_eq!(browser.text(Page, "#script").await, "avec script");
        browser.click(Form, "button").await;
        assert_eq!(browser.text(Form, "button").await, "Cliqué");
    }

    async fn types_with_real_keys(engine: Engine) {
        let site = site();
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        browser.press(Key::Tab).await;
        browser.type_text("Éloïse").await;
        let typed = browser.js("return document.activeElement.value", vec![]).await;
        assert_eq!(typed, "Éloïse");
    }

    async fn runs_no_script_when_told_so(engine: Engine) {
        let site = site();
        let browser = Browser::open(engine, Options::default().without_javascript()).await;
        browser.goto(&site.url("/")).await;
        assert_eq!(browser.text(Page, "#script").await, "sans script");
        assert_eq!(browser.text(Page, "#noscript").await, "noscript");
        browser.write(Page, "#name", "Éloïse").await;
        browser.click(Page, "button").await;
    }

    async fn asks_for_dark_french_and_a_phone(engine: Engine) {
        let site = site();
        let browser = Browser::open(engine, Options::default().dark().phone()).await;
        browser.goto(&site.url("/")).await;
        let seen = browser
            .js(
                "return [matchMedia('(prefers-color-scheme: dark)').matches,
                         innerWidth <= 500, navigator.language]",
                vec![],
            )
            .await;
        assert_eq!((&seen[0], &seen[1]), (&true.into(), &true.into()), "{seen}");
        // WebKitGTK speaks the language of the C library, whose locales a machine may lack.
        if engine != Engine::WebKit {
            assert_eq!(seen[2], "fr");
        }
    }

    async fn finds_with_axe_what_is_wrong_in_the_shadow_root(engine: Engine) {
        let site = site();
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        let violations = browser.axe().await;
        let rules: Vec<_> = violations.iter().map(Violation::rule).collect();
        assert_eq!(rules, ["image-alt"], "{violations:?}");
    }

    async fn takes_a_picture(engine: Engine) {
        let site = site();
        let browser = Browser::open(engine, Options::default()).await;
        browser.goto(&site.url("/")).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.png");
        browser.screenshot(&path).await;
        assert!(std::fs::read(path).unwrap().starts_with(b"\x89PNG"));
    }
}
