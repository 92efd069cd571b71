//! The pages that the collector serves to people: the form, what goes wrong, what can be read.
//!
//! Each is whole in one response, with its style inside, and carries the policy that allows just that.

mod api;
mod button;
mod framing;
mod home;
mod integration;
mod legal;
mod method;
mod observatoire;
mod reading;
mod texts;

pub use api::api;
pub use button::{Image, button_image};
pub use framing::Framing;
pub use home::home;
pub use integration::{IntegrationPage, integration};
pub use legal::{Responsible, accessibility, privacy};
pub use method::method;
pub use observatoire::{
    BadgeLook, DemarchePage, EditionsPage, ListPage, badge, demarche as observatoire_demarche,
    editions as observatoire_editions, list as observatoire,
};

use crate::catalogue::Demarche;
use crate::coding::Coding;
use crate::problem::Problem;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use shared::questionnaire::Screen;
use shared::{Answers, Language};
use std::sync::LazyLock;
use texts::{OfficeTexts, PageTexts};
use widget::hosted::{HostedScreen, HostedThanks, render_screen, render_thanks};

/// The style of what stands around the form.
pub const STYLE: &str = include_str!("../assets/pages.css");

/// The style of a page and of the form in it.
static WITH_FORM: LazyLock<Style> = LazyLock::new(|| Style::of(&[STYLE, widget::CSS]));

/// A style as it stands in a page.
struct Style {
    text: String,
    /// What allows this style and no other.
    source: String,
}

impl Style {
    fn of(parts: &[&str]) -> Self {
        let text = parts.concat();
        let source = format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())));
        Self { text, source }
    }
}

/// A page with what its policy depends on.
pub struct Page {
    /// The document.
    pub html: String,
    /// The style in it.
    style: &'static Style,
    /// Whether the widget runs in it.
    scripts: bool,
    /// How it may be framed; none means by nobody.
    framed_by: Option<Framing>,
}

/// The policy of a page, as a header.
#[must_use]
pub fn policy_header(page: &Page) -> HeaderValue {
    let inline = page.framed_by.as_ref().and_then(Framing::script_source);
    let scripts = match (page.scripts, inline) {
        (true, None) => "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; ".to_owned(),
        (true, Some(inline)) => {
            format!("script-src 'self' 'wasm-unsafe-eval' {inline}; connect-src 'self'; ")
        }
        (false, Some(inline)) => format!("script-src {inline}; "),
        (false, None) => String::new(),
    };
    let nobody = || "; frame-ancestors 'none'".to_owned();
    let framing = page.framed_by.as_ref().map_or_else(nobody, Framing::directive);
    let style = &page.style.source;
    let policy = format!(
        "default-src 'none'; {scripts}style-src {style}; img-src 'self' data:; form-action 'self'; base-uri 'none'{framing}"
    );
    // Origins are checked when boutons are registered; one that breaks the header all the same closes the page.
    HeaderValue::from_str(&policy)
        .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}

/// A page as a response.
#[must_use]
pub fn respond(request: &HttpRequest, mut response: HttpResponseBuilder, page: Page) -> HttpResponse {
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, policy_header(&page)))
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .append_header((header::VARY, "Accept-Language, Accept-Encoding"));
    if page.framed_by.is_some() {
        // A host that is isolated (`require-corp`) frames nothing without both; all that these pages load is ours.
        response
            .insert_header((header::CROSS_ORIGIN_EMBEDDER_POLICY, "require-corp"))
            .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"));
    }
    let coding = Coding::accepted(request);
    let Some(name) = coding.name() else { return response.body(page.html) };
    match coding.code(page.html.into_bytes()) {
        Ok(coded) => response.insert_header((header::CONTENT_ENCODING, name)).body(coded),
        // Never: it is written to memory.
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// A step of the form as a response: kept by nobody but the browser, which asks before it shows it again. With
/// `no-store`, its back button would make a new form.
#[must_use]
pub fn respond_form(request: &HttpRequest, mut response: HttpResponseBuilder, page: Page) -> HttpResponse {
    response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    respond(request, response, page)
}

/// A screen of the form.
pub struct FormPage<'a> {
    /// Its language.
    pub language: Language,
    /// What is rated.
    pub demarche: &'a Demarche,
    /// Through which bouton.
    pub bouton: Option<&'a str>,
    /// Which screen.
    pub screen: Screen,
    /// What is filled in.
    pub answers: &'a Answers,
    /// What is wrong: pointers and words.
    pub errors: &'a [(String, String)],
    /// The state between steps.
    pub suite: &'a str,
    /// Where it is posted to.
    pub action: &'a str,
    /// The receipt, once there is one.
    pub receipt: Option<&'a str>,
    /// How it may be framed.
    pub framing: &'a Framing,
}

/// A screen of the form. The first is inside the element, which upgrades it where it can: the avis that a page
/// without scripts has begun goes on without.
#[must_use]
pub fn form(page: &FormPage<'_>) -> Page {
    let language = page.language;
    let texts = language.texts();
    let screen = PreEscaped(render_screen(&HostedScreen {
        language,
        demarche: &page.demarche.title,
        screen: page.screen,
        answers: page.answers,
        errors: page.errors,
        suite: page.suite,
        action: page.action,
        receipt: page.receipt,
        previous: page.screen.previous().is_some(),
        privacy: "/confidentialite",
    }));
    let upgraded = page.screen == Screen::Satisfaction && page.receipt.is_none() && page.errors.is_empty();
    let title = format!("{} – {}", texts.question(first_question(page.screen)), page.demarche.title);
    let title =
        if page.errors.is_empty() { title } else { format!("{} – {title}", page_texts(language).error) };
    let framing = page.framing;
    let body = html! {
        main class=[framing.class()] {
            @if upgraded {
                je-donne-mon-avis demarche=(page.demarche.id.0) bouton=[page.bouton] mode="inline" lang=(language.code()) heading-level="1" {
                    (screen)
                }
            } @else {
                (screen)
            }
        }
        @if upgraded {
            script type="module" src="/v1/avis.js" {}
        }
        (framing.script())
    };
    Page {
        scripts: upgraded,
        framed_by: Some(framing.clone()),
        ..document(language, &title, &WITH_FORM, &body)
    }
}

fn first_question(screen: Screen) -> shared::Question {
    screen.questions().next().unwrap_or(shared::Question::Satisfaction)
}

/// The thank-you page.
#[must_use]
pub fn thanks(language: Language, demarche: &Demarche, receipt: &str, framing: &Framing) -> Page {
    let withdraw = format!("/retrait?lang={}", language.code());
    let inner =
        render_thanks(&HostedThanks { language, demarche: &demarche.title, receipt, withdraw: &withdraw });
    let title = format!("{} – {}", language.texts().title, demarche.title);
    let body = html! {
        main class=[framing.class()] { (PreEscaped(inner)) }
        (framing.script())
    };
    Page { framed_by: Some(framing.clone()), ..document(language, &title, &WITH_FORM, &body) }
}

/// What went wrong, and what to do next. Where a form could be framed, so can the page that explains why there is none.
#[must_use]
pub fn problem(problem: &Problem, language: Language, framing: Option<&Framing>) -> Page {
    let title = problem.title(language);
    let inner = html! {
        h1 { (title) }
        @if let Problem::InvalidQuery(errors) = problem && !errors.is_empty() {
            p { (page_texts(language).wrong_parameters) }
            ul { @for error in errors { li { code { (error.name) } " – " (error.detail(language)) } } }
        } @else {
            p { (problem.detail(language)) }
        }
        p.aside { (page_texts(language).status) " " (problem.status().as_u16()) " · " code dir="ltr" { (problem.slug()) } }
    };
    let body = html! {
        main class=[framing.and_then(Framing::class)] { div.sheet { (inner) } }
        @if let Some(framing) = framing { (framing.script()) }
    };
    Page { framed_by: framing.cloned(), ..document(language, title, &WITH_FORM, &body) }
}

/// How far a withdrawal is.
pub enum Withdrawal {
    /// The receipt is asked for.
    Asked,
    /// What was typed is no receipt.
    Misspelt(String),
    /// No stored avis has this receipt.
    Unknown(String),
    /// It will be withdrawn once the database is back.
    Noted,
    /// The avis is withdrawn.
    Done,
}

/// The page on which an avis is withdrawn with its receipt.
#[must_use]
pub fn withdrawal(language: Language, state: &Withdrawal) -> Page {
    let texts = page_texts(language);
    let end = match state {
        Withdrawal::Done => Some((texts.withdrawn, texts.withdrawn_detail)),
        Withdrawal::Noted => Some((texts.withdrawal_noted, texts.withdrawal_noted_detail)),
        _ => None,
    };
    if let Some((title, detail)) = end {
        let inner = html! { h1 { (title) } p { (detail) } };
        return simple(language, title, &inner);
    }
    let (error, typed) = match state {
        Withdrawal::Misspelt(typed) => (Some(texts.receipt_misspelt), typed.as_str()),
        Withdrawal::Unknown(typed) => (Some(texts.receipt_unknown), typed.as_str()),
        Withdrawal::Asked | Withdrawal::Noted | Withdrawal::Done => (None, ""),
    };
    let inner = html! {
        h1 { (texts.withdraw) }
        p { (texts.withdraw_detail) }
        form method="post" action={ "/retrait?lang=" (language.code()) } {
            label for="receipt" { (texts.receipt) }
            p #receipt-hint .aside { (texts.receipt_hint) }
            @if let Some(error) = error {
                p #receipt-error .error { (error) }
            }
            input #receipt name="receipt" type="text" dir="ltr" required autocomplete="off" autocapitalize="characters" spellcheck="false"
                value=(typed) autofocus[error.is_some()] aria-invalid=[error.map(|_| "true")]
                aria-describedby=(if error.is_some() { "receipt-error receipt-hint" } else { "receipt-hint" });
            button type="submit" { (texts.withdraw) }
        }
        (languages(language, "/retrait"))
    };
    let title = if error.is_some() {
        format!("{} – {}", texts.error, texts.withdraw)
    } else {
        texts.withdraw.to_owned()
    };
    simple(language, &title, &inner)
}

/// The same page in each language.
fn languages(current: Language, path: &str) -> Markup {
    html! {
        nav.languages aria-label=(current.texts().form.language) {
            @for language in Language::ALL {
                a href={ (path) "?lang=" (language.code()) } lang=(language.code()) dir=(language.direction()) hreflang=(language.code())
                    aria-current=[(language == current).then_some("true")] { (language.name()) }
            }
        }
    }
}

fn page_texts(language: Language) -> &'static PageTexts {
    texts::of(language)
}

fn office_texts(language: Language) -> &'static OfficeTexts {
    texts::of_two(language)
}

/// A page of text, framed by nobody.
fn simple(language: Language, title: &str, inner: &Markup) -> Page {
    document(language, title, &WITH_FORM, &html! { main { div.sheet { (inner) } } })
}

/// A document without scripts, framed by nobody, with the ways to what the law has us say at its foot.
fn document(language: Language, title: &str, style: &'static Style, body: &Markup) -> Page {
    document_with(language, title, style, &html! {}, &html! { (body) (legal::foot(language)) })
}

/// The same, with what else its head holds.
fn document_with(
    language: Language,
    title: &str,
    style: &'static Style,
    head: &Markup,
    body: &Markup,
) -> Page {
    let html = html! {
        (DOCTYPE)
        html lang=(language.code()) dir=(language.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href="data:,";
                (head)
                style { (PreEscaped(&style.text)) }
            }
            body { (body) }
        }
    };
    Page { html: html.into_string(), style, scripts: false, framed_by: None }
}
