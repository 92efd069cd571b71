//! What an administration copies: the snippets, the policy, and a button that works.

use super::{Page, WITH_FORM, document, office_texts};
use crate::catalogue::{Bouton, Demarche};
use crate::embedding::{self, Pinned, Snippet};
use maud::{Markup, PreEscaped, html};
use shared::Language;

/// The integration page of a démarche.
pub struct IntegrationPage<'a> {
    /// Its language.
    pub language: Language,
    /// The démarche.
    pub demarche: &'a Demarche,
    /// The bouton to paste, if there is one.
    pub bouton: Option<&'a Bouton>,
    /// All open boutons of the démarche.
    pub boutons: &'a [&'a Bouton],
    /// The address of the collector, as the public reaches it, without a final slash.
    pub collector: &'a str,
    /// The loader to pin, if there is one.
    pub pinned: Option<&'a Pinned>,
}

/// Renders it.
#[must_use]
pub fn integration(page: &IntegrationPage<'_>) -> Page {
    let texts = &office_texts(page.language).integration;
    let label = page.language.texts().title;
    let IntegrationPage { demarche, bouton, collector, .. } = page;
    let bouton_id = bouton.map(|bouton| bouton.id.0.as_str());
    let path = match bouton_id {
        Some(id) => format!("/avis/{}?bouton={}", encoded(&demarche.id.0), encoded(id)),
        None => format!("/avis/{}", encoded(&demarche.id.0)),
    };
    let address = format!("{collector}{path}");
    let link = html! { a href=(address) { (label) } };
    let with_script = |script: Markup| {
        html! {
            je-donne-mon-avis demarche=(demarche.id.0) bouton=[bouton_id] { "\n  " (link) "\n" }
            "\n"
            (script)
        }
    };
    let element = with_script(PreEscaped(Snippet::Async.html(collector)));
    let pinned =
        page.pinned.map(|pinned| (with_script(PreEscaped(pinned.html(collector))), pinned.policy(collector)));
    let after_load = PreEscaped(Snippet::AfterLoad.html(collector));
    let image = html! {
        a href=(address) target="_blank" rel="noopener" title={ (label) " – " (demarche.title) } {
            img src={ (collector) "/static/bouton-bleu.svg" } alt=(label);
        }
    };
    let policy = embedding::policy(collector);
    let snippet = |id: &str, heading: &str, detail: &str, code: &Markup| {
        html! {
            section {
                h2 id=(id) { (heading) }
                p { (detail) }
                pre tabindex="0" role="region" aria-labelledby=(id) { code { (code.clone().into_string()) } }
            }
        }
    };
    let title = format!("{} – {}", texts.title, demarche.title);
    let body = html! {
        main {
            div.sheet {
                p.aside { (demarche.title) " · " (demarche.administration) }
                h1 { (texts.title) }
                p { (texts.lead) }
                @if page.boutons.is_empty() {
                    p.notice { (texts.no_bouton) }
                } @else {
                    nav aria-label=(texts.bouton) {
                        ul.choices {
                            @for other in page.boutons {
                                li {
                                    a href={ "?bouton=" (encoded(&other.id.0)) "&lang=" (page.language.code()) }
                                        aria-current=[(Some(other.id.0.as_str()) == bouton_id).then_some("true")] {
                                        (other.label.as_deref().unwrap_or(&other.id.0))
                                    }
                                }
                            }
                        }
                    }
                }
                section aria-labelledby="preview" {
                    h2 #preview { (texts.preview) }
                    p { (texts.preview_detail) }
                    je-donne-mon-avis demarche=(demarche.id.0) bouton=[bouton_id] lang=(page.language.code()) {
                        a href=(path) { (label) }
                    }
                }
                (snippet("element", texts.element, texts.element_detail, &element))
                section {
                    h2 #after-load { (texts.after_load) }
                    p { (texts.after_load_detail) }
                    pre tabindex="0" role="region" aria-labelledby="after-load" {
                        code { (after_load.into_string()) }
                    }
                    p { (texts.after_load_policy) " " code { (embedding::after_load_source(collector)) } }
                }
                (snippet("link", texts.link, texts.link_detail, &link))
                (snippet("image", texts.image, texts.image_detail, &image))
                section {
                    h2 #policy { (texts.policy) }
                    p { (texts.policy_detail) }
                    pre tabindex="0" role="region" aria-labelledby="policy" { code { (policy) } }
                }
                @if let Some((element, policy)) = &pinned {
                    (snippet("pinned", texts.pinned, texts.pinned_detail, element))
                    section {
                        h3 #pinned-policy { (texts.pinned_policy) }
                        p { (texts.pinned_policy_detail) }
                        pre tabindex="0" role="region" aria-labelledby="pinned-policy" { code { (policy) } }
                    }
                }
            }
        }
        script type="module" src="/v1/avis.js" {}
    };
    Page { scripts: true, ..document(page.language, &title, &WITH_FORM, &body) }
}

/// An id as a part of an address.
pub(super) fn encoded(id: &str) -> String {
    let pair = serde_urlencoded::to_string([("", id)]).unwrap_or_default();
    pair.trim_start_matches('=').replace('+', "%20")
}
