//! `/avis/{demarche}`: the form as pages, which work without any script: post, redirect, get.
//!
//! The first step stores the avis; each later one changes it. What travels between steps is one signed parameter
//! (see [`Suite`]); what the person answered is read back from the store.

use super::avis::{Coming, count, judge, now_in_milliseconds, record_avis};
use crate::application::Collector;
use crate::catalogue::{Bouton, Catalogue, Demarche, DemarcheId};
use crate::day::Day;
use crate::identity::{AvisId, FormToken, Step, Suite, edit_until};
use crate::masking::mask;
use crate::metrics::Via;
use crate::pages::{self, FormPage, Framing};
use crate::problem::Problem;
use crate::query::parameter;
use crate::sender::Sender;
use crate::store::{OnReplay, Outcome, Record, Write};
use crate::{body, language};
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use shared::draft::AnswersPatch;
use shared::{Answers, Choice, FieldError, Language, PageAddress, Screen};
use uuid::Uuid;

/// `GET /avis/{demarche}`: the first screen, or where `suite` says.
pub(super) async fn show(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let demarche = catalogue.demarche(&name).ok_or(Problem::UnknownDemarche(vec![]))?;
    if let Some(suite) = parameter(&request, "suite") {
        let framing = framing(&request, &catalogue, demarche);
        let suite = collector.keyring.now().read_suite(&suite).ok_or(Problem::BrokenForm)?;
        language::speak(&request, suite.language);
        return go_on(&request, &collector, demarche, &framing, &suite).await;
    }
    let bouton = asked_bouton(&request, &catalogue, demarche);
    open(&request, &collector, &catalogue, demarche, bouton)
}

/// The bouton that the address names; one of another démarche, or an unknown one, is none.
fn asked_bouton<'a>(
    request: &HttpRequest,
    catalogue: &'a Catalogue,
    demarche: &Demarche,
) -> Option<&'a Bouton> {
    catalogue.own_bouton(&demarche.id, &parameter(request, "bouton")?)
}

/// A new form about a démarche, at its first screen; `bouton` is the one it was opened through, if that is known.
pub(super) fn open(
    request: &HttpRequest,
    collector: &Collector,
    catalogue: &Catalogue,
    demarche: &Demarche,
    bouton: Option<&Bouton>,
) -> Result<HttpResponse, Problem> {
    let framing = framing(request, catalogue, demarche);
    if demarche.closed || bouton.is_some_and(|bouton| bouton.closed) {
        return Err(Problem::Closed);
    }
    if is_reload(request) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, FIRST_SCREEN)).finish());
    }
    let suite = Suite {
        step: Step::Screen(Screen::Satisfaction),
        demarche: demarche.id.0.clone(),
        bouton: bouton.map(|bouton| bouton.id.0.clone()),
        language: language::of(request),
        page: referring_page(request),
        key: Uuid::new_v4(),
        issued: Some(collector.clock.now()),
        stored: None,
    };
    let page =
        screen_page(collector, demarche, &framing, &suite, Screen::Satisfaction, &Answers::default(), &[]);
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ETAG, FIRST_SCREEN));
    Ok(pages::respond_form(request, response, page))
}

/// The validator of every first screen. They differ in the key hidden in them alone, so a weak one says the truth,
/// and being the same for everybody it can follow nobody.
const FIRST_SCREEN: &str = "W/\"avis-1\"";

/// Whether a browser loads again the first screen it has. It is told to keep it, with the key in it: so a person
/// who has answered, goes back, loads the page again and answers once more changes their avis and sends no second
/// one. A visit by a link is no reload: on a kiosk, the next person gets a form and a key of their own.
fn is_reload(request: &HttpRequest) -> bool {
    let has = |name: header::HeaderName, value: &str| {
        request
            .headers()
            .get(name)
            .and_then(|sent| sent.to_str().ok())
            .is_some_and(|sent| sent.contains(value))
    };
    has(header::IF_NONE_MATCH, FIRST_SCREEN) && has(header::CACHE_CONTROL, "max-age=0")
}

/// Where a form is that has begun.
async fn go_on(
    request: &HttpRequest,
    collector: &Collector,
    demarche: &Demarche,
    framing: &Framing,
    suite: &Suite,
) -> Result<HttpResponse, Problem> {
    if suite.demarche != demarche.id.0 {
        return Err(Problem::BrokenForm);
    }
    let Some((avis_id, accepted_at)) = suite.stored else { return Err(Problem::BrokenForm) };
    // Such an address stays in a browser's history: it shows answers only as long as it could change them.
    if collector.clock.now() > edit_until(accepted_at) {
        return Err(Problem::EditExpired);
    }
    let answers = collector.answers(avis_id).await?.ok_or(Problem::UnknownAvis)?;
    let page = match suite.step {
        Step::Screen(screen) => screen_page(collector, demarche, framing, suite, screen, &answers, &[]),
        Step::Thanks => pages::thanks(suite.language, demarche, &receipt(collector, suite), framing),
    };
    Ok(pages::respond_form(request, HttpResponse::Ok(), page))
}

/// `POST /avis/{demarche}`: a step.
pub(super) async fn take(
    request: HttpRequest,
    name: web::Path<String>,
    payload: web::Payload,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let demarche = catalogue.demarche(&name).ok_or(Problem::UnknownDemarche(vec![]))?;
    let framing = framing(&request, &catalogue, demarche);
    let sender = count(&request, &collector)?;
    let body = body::read(&request, payload, "application/x-www-form-urlencoded").await?;
    let fields: Vec<(String, String)> =
        serde_urlencoded::from_bytes(&body).map_err(|_| Problem::BrokenForm)?;
    let field =
        |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let suite = match field("suite") {
        Some(text) => collector.keyring.now().read_suite(text).ok_or(Problem::BrokenForm)?,
        None => without_state(&request, &catalogue, demarche),
    };
    language::speak(&request, suite.language);
    if suite.demarche != demarche.id.0 {
        return Err(Problem::BrokenForm);
    }
    let Step::Screen(screen) = suite.step else { return Err(Problem::BrokenForm) };
    let (patch, errors) = AnswersPatch::from_screen(screen, &fields);
    let mut typed = patch.answers().clone();
    typed.rewrite_texts(mask);
    if let Some(language) = field("langue").and_then(Language::from_tag) {
        // Nothing is stored by it: what was typed goes back as it came, in the other language.
        let suite = Suite { language, ..suite };
        let page = screen_page(&collector, demarche, &framing, &suite, screen, &typed, &[]);
        return Ok(pages::respond_form(&request, HttpResponse::Ok(), page));
    }
    if !errors.is_empty() {
        return Ok(again(&request, &collector, demarche, &framing, &suite, screen, &typed, &errors));
    }
    let step = match field("go") {
        Some("back") => suite.step.previous(),
        Some("finish") => Step::Thanks,
        _ => suite.step.next(),
    };
    let honeypot = fields.iter().any(|(name, text)| name == "website" && !text.is_empty());
    let step_taken = Taken { suite: &suite, patch, honeypot, sender };
    match store(&request, &collector, demarche, &catalogue, step_taken).await? {
        Stored::Avis(avis_id, accepted_at) => {
            let next = Suite { stored: Some((avis_id, accepted_at)), ..suite.at(step) };
            let suite = collector.keyring.now().sign_suite(&next, collector.clock.today());
            let location = format!("{}?suite={suite}{}", path(&demarche.id), framing.query());
            Ok(HttpResponse::SeeOther()
                .insert_header((header::LOCATION, location))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish())
        }
        Stored::Refused(errors) => {
            Ok(again(&request, &collector, demarche, &framing, &suite, screen, &typed, &errors))
        }
    }
}

/// The state of a form that sends none: a first step, of a program that does not care for a second click.
fn without_state(request: &HttpRequest, catalogue: &Catalogue, demarche: &Demarche) -> Suite {
    Suite {
        step: Step::Screen(Screen::Satisfaction),
        demarche: demarche.id.0.clone(),
        bouton: asked_bouton(request, catalogue, demarche).map(|bouton| bouton.id.0.clone()),
        language: language::of(request),
        page: referring_page(request),
        key: Uuid::new_v4(),
        issued: None,
        stored: None,
    }
}

enum Stored {
    Avis(AvisId, Timestamp),
    Refused(Vec<FieldError>),
}

/// A step that somebody has taken.
struct Taken<'a> {
    suite: &'a Suite,
    patch: AnswersPatch,
    honeypot: bool,
    sender: Sender,
}

/// Stores the first step, or changes what it stored.
async fn store(
    request: &HttpRequest,
    collector: &Collector,
    demarche: &Demarche,
    catalogue: &Catalogue,
    Taken { suite, patch, honeypot, sender }: Taken<'_>,
) -> Result<Stored, Problem> {
    let now = now_in_milliseconds(collector);
    if let Some((avis_id, accepted_at)) = suite.stored {
        if now > edit_until(accepted_at) {
            return Err(Problem::EditExpired);
        }
        return match collector.write(Via::Form, Write::Change(avis_id, patch)).await?.outcome {
            Outcome::Changed => Ok(Stored::Avis(avis_id, accepted_at)),
            Outcome::Refused(errors) => Ok(Stored::Refused(errors)),
            Outcome::Missing => Err(Problem::UnknownAvis),
            _ => Err(Problem::Internal),
        };
    }
    let bouton = suite.bouton.as_deref().and_then(|id| catalogue.bouton_by_id(id));
    let answers = match patch.apply(&Answers::default()) {
        Ok(answers) => answers,
        Err(errors) => return Ok(Stored::Refused(errors)),
    };
    let today = Day::of(now);
    let keyring = collector.keyring.now();
    let identity = keyring.identity(today, suite.key);
    let page = suite.page.as_deref().and_then(PageAddress::parse);
    let token = FormToken::of_suite(suite);
    let coming = Coming { demarche, bouton, page: page.as_ref(), key: suite.key, token, honeypot };
    let judgement = judge(request, collector, sender, &coming, now)?;
    let record = Record {
        avis_id: identity.avis_id,
        remember: true,
        former_keys: keyring.other_keys(today, suite.key),
        fingerprint: [0; 16],
        on_replay: OnReplay::Change(patch),
        closed: demarche.closed || bouton.is_some_and(|bouton| bouton.closed),
        accepted_at: now,
        demarche: demarche.id.clone(),
        bouton: bouton.map(|bouton| bouton.id.clone()),
        language: Some(suite.language),
        page,
        answers,
        set_aside: judgement.reasons,
    };
    match record_avis(collector, Via::Form, record, &judgement).await?.outcome {
        Outcome::Recorded => Ok(Stored::Avis(identity.avis_id, now)),
        Outcome::Replayed(avis_id, accepted_at) => Ok(Stored::Avis(avis_id, accepted_at)),
        Outcome::Refused(errors) => Ok(Stored::Refused(errors)),
        Outcome::Closed => Err(Problem::Closed),
        Outcome::Expired => Err(Problem::EditExpired),
        _ => Err(Problem::Internal),
    }
}

/// The same screen, with what was typed and what is wrong with it.
#[expect(clippy::too_many_arguments, reason = "what a page is made from")]
fn again(
    request: &HttpRequest,
    collector: &Collector,
    demarche: &Demarche,
    framing: &Framing,
    suite: &Suite,
    screen: Screen,
    typed: &Answers,
    errors: &[FieldError],
) -> HttpResponse {
    let page = screen_page(collector, demarche, framing, suite, screen, typed, errors);
    pages::respond_form(request, HttpResponse::UnprocessableEntity(), page)
}

fn screen_page(
    collector: &Collector,
    demarche: &Demarche,
    framing: &Framing,
    suite: &Suite,
    screen: Screen,
    answers: &Answers,
    errors: &[FieldError],
) -> pages::Page {
    let told = |error: &FieldError| (error.pointer.clone(), suite.language.field_error(error.code));
    let errors: Vec<(String, String)> = errors.iter().map(told).collect();
    pages::form(&FormPage {
        language: suite.language,
        demarche,
        bouton: suite.bouton.as_deref(),
        screen,
        answers,
        errors: &errors,
        suite: &collector.keyring.now().sign_suite(suite, collector.clock.today()),
        action: &action(&demarche.id, suite.step, framing),
        receipt: suite.stored.map(|_| receipt(collector, suite)).as_deref(),
        framing,
    })
}

/// Where a step is posted to, on whatever host the form was reached. Never the address of the page itself: a post
/// makes the browser drop the page it has of the same address (RFC 9111, 4.4), and the key in it with it.
fn action(demarche: &DemarcheId, step: Step, framing: &Framing) -> String {
    let number = match step {
        Step::Screen(screen) => screen.index() + 1,
        Step::Thanks => Screen::ALL.len() + 1,
    };
    format!("{}?etape={number}{}", path(demarche), framing.query())
}

/// The address of a démarche's form.
fn path(demarche: &DemarcheId) -> String {
    let encoded = serde_urlencoded::to_string([("", &demarche.0)]).unwrap_or_default();
    format!("/avis/{}", encoded.trim_start_matches('=').replace('+', "%20"))
}

/// The receipt of a form's avis, made again from its key.
fn receipt(collector: &Collector, suite: &Suite) -> String {
    let Some((avis_id, _)) = suite.stored else { return String::new() };
    let identity = collector.keyring.now().identity_again(avis_id, suite.key);
    identity.map(|identity| identity.receipt.to_string()).unwrap_or_default()
}

/// How the answer to this request may be framed: by the origins of the démarche's boutons, by anyone if there are none.
/// Left with the request, for the page that says what went wrong with it.
fn framing(request: &HttpRequest, catalogue: &Catalogue, demarche: &Demarche) -> Framing {
    let framing = Framing::of(request, catalogue.origins_of(&demarche.id));
    request.extensions_mut().insert(framing.clone());
    framing
}

/// The page that led here, without query and fragment.
fn referring_page(request: &HttpRequest) -> Option<String> {
    let referer = request.headers().get(header::REFERER)?.to_str().ok()?;
    let page = PageAddress::parse(referer)?;
    Some(format!("{}{}", page.origin(), page.path()))
}
