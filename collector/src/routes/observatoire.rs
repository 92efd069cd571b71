//! `/observatoire`: the averages as people look at them, each view with its tables, and the badge of each démarche.

use super::reading::{etag_of, has, unchanged, validated, with_etag};
use super::{files, integration};
use crate::application::Collector;
use crate::catalogue::Demarche;
use crate::coding::Coding;
use crate::edition::Format;
use crate::observatoire::{Counted, Listing, PeriodChoice, Row, View, Window, by_month, read};
use crate::pages::{self, BadgeLook, DemarchePage, EditionsPage, ListPage, Page};
use crate::problem::{ParameterError, ParameterErrorCode, Problem};
use crate::satisfaction::csv::Dialect;
use crate::satisfaction::{Document, Figures, Standing};
use crate::store::{Period, Store};
use crate::{language, query};
use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpRequest, HttpResponse, web};
use shared::tally::Cell;
use shared::{Indicator, IndicatorKind, Indicators, Language, Question, Tally};
use std::collections::HashMap;

/// How long a badge is shown without asking again, in seconds: notes of twelve months move slowly.
const BADGE_AGE: u32 = 3_600;

/// `GET /observatoire`: every démarche of a view.
pub(super) async fn list(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let view = looked_at(&request)?;
    let today = collector.clock.today();
    let window = Window::of(view.choice.period(today), today).last_year();
    let catalogue = collector.catalogue.now();
    let counted = read(&*collector.store, &window).await?;
    let page = pages::observatoire(&ListPage {
        language: language::of_two(&request),
        view: &view,
        window: &window,
        today,
        closed: collector.closing.is_closed(window.period, collector.clock.now()).await?,
        demarches: catalogue.demarches(),
        listing: &Listing::of(&view, catalogue.demarches(), &counted),
    });
    Ok(answer(&request, page))
}

/// What a person looks at. Parameters that are not ours are left to whoever added them.
fn looked_at(request: &HttpRequest) -> Result<View, Problem> {
    let (view, mut errors) = View::parse(&query::parameters(request.query_string()));
    errors.retain(|error| error.code != ParameterErrorCode::Unknown);
    if errors.is_empty() { Ok(view) } else { Err(Problem::InvalidQuery(errors)) }
}

/// A page with a validator of its bytes as they are sent.
fn answer(request: &HttpRequest, page: Page) -> HttpResponse {
    let etag = Coding::accepted(request).etag(&etag_of(page.html.as_bytes()));
    if has(request, &etag) {
        return unchanged(etag);
    }
    pages::respond(request, validated(HttpResponse::Ok(), etag), page)
}

/// `GET /observatoire.csv`: the view as a table, in the dialect that `format` asks for.
pub(super) async fn csv(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let (dialect, pairs) = dialect(query::parameters(request.query_string()))?;
    table(&request, &collector, &pairs, "csv", "text/csv; charset=utf-8", |document| {
        document.to_csv(dialect).map_err(|error| internal(&error))
    })
    .await
}

/// The dialect that a query asks for, and the rest of it.
fn dialect(mut pairs: Vec<(String, String)>) -> Result<(Dialect, Vec<(String, String)>), Problem> {
    let refused = |code| Problem::InvalidQuery(vec![ParameterError { name: "format".to_owned(), code }]);
    let asked: Vec<&str> =
        pairs.iter().filter(|(name, _)| name == "format").map(|(_, value)| value.as_str()).collect();
    let dialect = match asked[..] {
        [] | [""] => Dialect::Standard,
        [code] => Dialect::ALL
            .into_iter()
            .find(|dialect| dialect.code() == code)
            .ok_or_else(|| refused(ParameterErrorCode::UnknownChoice))?,
        _ => return Err(refused(ParameterErrorCode::Duplicate)),
    };
    pairs.retain(|(name, _)| name != "format");
    Ok((dialect, pairs))
}

/// `GET /observatoire.xlsx`: the view as a workbook.
pub(super) async fn xlsx(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let pairs = query::parameters(request.query_string());
    table(&request, &collector, &pairs, "xlsx", Format::Xlsx.media_type(), |document| {
        document.to_xlsx().map_err(|error| internal(&error))
    })
    .await
}

/// `GET /observatoire.json`: the view as a satisfaction document, its démarches in the order of the view.
pub(super) async fn json(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let pairs = query::parameters(request.query_string());
    table(&request, &collector, &pairs, "json", "application/json", |document| {
        serde_json::to_vec(document).map_err(|error| internal(&error))
    })
    .await
}

fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(error = %error, "a table could not be written");
    Problem::Internal
}

/// All figures of the démarches of a view, in its order. A program that misspells a parameter is told so, rather than
/// given all that it did not mean.
async fn table(
    request: &HttpRequest,
    collector: &Collector,
    pairs: &[(String, String)],
    extension: &str,
    content_type: &'static str,
    write: impl FnOnce(&Document<'_>) -> Result<Vec<u8>, Problem>,
) -> Result<HttpResponse, Problem> {
    let (view, errors) = View::parse(pairs);
    if !errors.is_empty() {
        return Err(Problem::InvalidQuery(errors));
    }
    let today = collector.clock.today();
    let window = Window::of(view.choice.period(today), today).last_year();
    let period = window.period;
    let catalogue = collector.catalogue.now();
    let freshness = collector.store.freshness(period).await?;
    let counted = read(&*collector.store, &window).await?;
    let listing = Listing::of(&view, catalogue.demarches(), &counted);
    let mut tallies: HashMap<_, Tally> = collector.store.tallies(period).await?.into_iter().collect();
    let mut figures = |row: &Row<'_>| Figures::whole(&tallies.remove(&row.demarche.id).unwrap_or_default());
    let document = Document {
        period,
        standing: Standing::of(collector.closing.is_closed(period, collector.clock.now()).await?, &freshness),
        demarches: listing.rows.iter().map(|row| (row.demarche, figures(row))).collect(),
    };
    let mut response = with_etag(request, content_type, write(&document)?);
    let name = format!("observatoire_{}_{}.{extension}", period.from, period.to);
    let disposition = ContentDisposition {
        disposition: if extension == "json" { DispositionType::Inline } else { DispositionType::Attachment },
        parameters: vec![DispositionParam::Filename(name)],
    };
    if let Ok(value) = header::TryIntoHeaderValue::try_into_value(disposition) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// `GET /observatoire/{demarche}`: one démarche, by its id or an alias.
pub(super) async fn one(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let view = looked_at(&request)?.luggage();
    let today = collector.clock.today();
    let window = Window::of(view.choice.period(today), today);
    let period = window.period;
    let catalogue = collector.catalogue.now();
    let demarche = catalogue.demarche(&name).ok_or(Problem::UnknownDemarche(vec![]))?;
    let by_bouton = collector.store.tallies_by_bouton(&demarche.id, period).await?;
    let counted =
        Counted { months: months(&*collector.store, demarche, &window).await?, ..Counted::default() };
    let row = Row::of(demarche, &counted);
    let mut all = Tally::default();
    for (_, tally) in &by_bouton {
        all += tally;
    }
    let boutons: Vec<_> = by_bouton
        .iter()
        .filter(|(_, tally)| tally[Cell::Answered(Question::Satisfaction)] > 0)
        .map(|(id, tally)| {
            let bouton = id.as_ref().and_then(|id| catalogue.bouton_by_id(&id.0));
            (bouton, Indicator::of(IndicatorKind::Satisfaction, tally))
        })
        .collect();
    let page = pages::observatoire_demarche(&DemarchePage {
        language: language::of_two(&request),
        view: &view,
        window: &window,
        today,
        closed: collector.closing.is_closed(period, collector.clock.now()).await?,
        demarche,
        indicators: &Indicators::of(&all),
        quarantined: all.count(Cell::Quarantined),
        months: &row.months,
        trend: row.trend,
        boutons: &boutons,
        collector: &integration::address(&request, &collector),
    });
    Ok(answer(&request, page))
}

async fn months(store: &dyn Store, demarche: &Demarche, window: &Window) -> Result<Vec<Tally>, Problem> {
    Ok(by_month(store, window).await?.remove(&demarche.id).unwrap_or_default().months)
}

/// `GET /demarches/{demarche}/badge.svg`: the note of the last twelve whole months as an image. In the language that its
/// address asks for, else French: it stands on a page whose language is not that of who looks at it.
pub(super) async fn badge(
    request: HttpRequest,
    name: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let demarche = catalogue.demarche(&name).ok_or(Problem::UnknownDemarche(vec![]))?;
    let period: Period = PeriodChoice::TwelveMonths.period(collector.clock.today());
    let mut all = Tally::default();
    for (_, tally) in collector.store.tallies_by_bouton(&demarche.id, period).await? {
        all += &tally;
    }
    let asked = query::parameter(&request, "lang").and_then(|tag| Language::from_tag(&tag));
    let (svg, policy) = pages::badge(&BadgeLook {
        language: asked.unwrap_or_default(),
        title: &demarche.title,
        period,
        satisfaction: &Indicator::of(IndicatorKind::Satisfaction, &all),
    });
    let etag = etag_of(svg.as_bytes());
    let mut response = if has(&request, &etag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    files::for_any_page(&mut response)
        .insert_header((header::ETAG, etag.clone()))
        .insert_header((header::CACHE_CONTROL, format!("public, max-age={BADGE_AGE}")));
    if has(&request, &etag) {
        return Ok(response.finish());
    }
    Ok(response
        .insert_header((header::CONTENT_TYPE, "image/svg+xml"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(svg))
}

/// `GET /observatoire/editions`: what was published of each quarter.
pub(super) async fn editions(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let page = pages::observatoire_editions(&EditionsPage {
        language: language::of_two(&request),
        view: &looked_at(&request)?.luggage(),
        editions: &collector.store.editions().await?,
    });
    Ok(answer(&request, page))
}
