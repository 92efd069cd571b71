//! `/api/v1/satisfaction`: the averages.

mod sending;

use super::reading::{coded_document, document, has, unchanged};
use crate::accept;
use crate::application::Collector;
use crate::catalogue::{Audience, Catalogue, Demarche, DemarcheId, Snapshot};
use crate::coding::Coding;
use crate::day::Day;
use crate::problem::{ParameterError, ParameterErrorCode, Problem};
use crate::query;
use crate::satisfaction::csv::Dialect;
use crate::satisfaction::parts::{Format, Parts};
use crate::satisfaction::validators::Question;
use crate::satisfaction::{CELLS_MAX, Figures, Interval, Standing, UNITS_MAX};
use crate::store::{Period, Store};
use actix_web::http::header::{self, LastModified, TryIntoHeaderPair};
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use sending::{Drafted, Made, draft};
use shared::Tally;
use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

/// `GET /api/v1/satisfaction`: all démarches, or those asked for.
pub(super) async fn all(
    request: HttpRequest,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let query = Query::parse(&request, &ALL_PARAMETERS)?;
    answer(&request, &collector, &query).await
}

/// `GET /api/v1/demarches/{id}/satisfaction`: one démarche.
pub(super) async fn one(
    request: HttpRequest,
    id: web::Path<String>,
    collector: web::Data<Collector>,
) -> Result<HttpResponse, Problem> {
    let query = Query::parse(&request, &ONE_PARAMETERS)?;
    answer(&request, &collector, &Query { demarches: vec![id.into_inner()], ..query }).await
}

/// The parameters of all démarches together.
pub const ALL_PARAMETERS: [&str; 9] =
    ["from", "to", "demarche", "ministry", "audience", "essential", "interval", "format", "lang"];
/// Those of one démarche.
pub const ONE_PARAMETERS: [&str; 5] = ["from", "to", "interval", "format", "lang"];

/// Up to here a series is made as quickly as any other answer, and waits for none: 250 démarches by month, over a year.
const CELLS_AT_ONCE: usize = 3_000;

/// What was asked for.
pub struct Query {
    period: Period,
    demarches: Vec<String>,
    ministry: Option<String>,
    audience: Option<Audience>,
    essential: Option<bool>,
    interval: Option<Interval>,
    format: Format,
}

impl Query {
    /// Reads the parameters.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn parse(request: &HttpRequest, known: &[&'static str]) -> Result<Self, Problem> {
        let pairs = query::parameters(request.query_string());
        let mut errors = Vec::new();
        let mut error = |name: &str, code| errors.push(ParameterError { name: name.to_owned(), code });
        let mut single: HashMap<&'static str, &str> = HashMap::new();
        let mut demarches = Vec::new();
        for (name, value) in &pairs {
            match known.iter().find(|known| *known == name) {
                None => error(name, ParameterErrorCode::Unknown),
                Some(&"demarche") if value.is_empty() => error(name, ParameterErrorCode::Required),
                Some(&"demarche") => demarches.push(value.clone()),
                Some(name) => {
                    if single.insert(name, value).is_some() {
                        error(name, ParameterErrorCode::Duplicate);
                    }
                }
            }
        }
        let mut day = |name: &'static str| match single.get(name) {
            None => {
                error(name, ParameterErrorCode::Required);
                None
            }
            Some(text) => text.parse::<Day>().map_err(|_| error(name, ParameterErrorCode::NotADay)).ok(),
        };
        let (from, to) = (day("from"), day("to"));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            error("to", ParameterErrorCode::EndsBeforeItBegins);
        }
        let mut choice = |name: &'static str, known: bool| {
            if !known {
                error(name, ParameterErrorCode::UnknownChoice);
            }
        };
        let audience = single.get("audience").map(|code| code.parse::<Audience>());
        choice("audience", !matches!(audience, Some(Err(_))));
        let interval = single.get("interval").map(|code| Interval::from_code(code));
        choice("interval", interval != Some(None));
        let essential = single.get("essential").map(|text| text.parse::<bool>());
        choice("essential", !matches!(essential, Some(Err(_))));
        let format = match single.get("format").copied() {
            None => Some(accepted_format(request)),
            Some("json") => Some(Format::Json),
            Some(code) => Dialect::ALL.into_iter().find(|dialect| dialect.code() == code).map(Format::Csv),
        };
        choice("format", format.is_some());
        let interval = interval.flatten();
        if let (Some(from), Some(to), Some(interval)) = (from, to, interval)
            && interval.cut(Period { from, to }, UNITS_MAX + 1).len() > UNITS_MAX
        {
            error("interval", ParameterErrorCode::TooManyUnits);
        }
        match (from, to, format) {
            (Some(from), Some(to), Some(format)) if errors.is_empty() => Ok(Self {
                period: Period { from, to },
                demarches,
                ministry: single.get("ministry").map(|&name| name.to_owned()),
                audience: audience.and_then(Result::ok),
                essential: essential.and_then(Result::ok),
                interval,
                format,
            }),
            _ => Err(Problem::InvalidQuery(errors)),
        }
    }

    fn keeps(&self, demarche: &Demarche) -> bool {
        self.ministry.as_ref().is_none_or(|name| demarche.ministry.as_ref() == Some(name))
            && self.audience.is_none_or(|audience| demarche.audience.contains(&audience))
            && self.essential.is_none_or(|essential| demarche.essential == essential)
    }

    /// The démarches asked for, in the order of publication; all ids that do not exist, if one does not.
    fn select<'a>(&self, catalogue: &'a Catalogue) -> Result<Vec<&'a Demarche>, Problem> {
        let mut missing: Vec<String> = Vec::new();
        for name in &self.demarches {
            if catalogue.demarche(name).is_none() && !missing.contains(name) {
                missing.push(name.clone());
            }
        }
        if !missing.is_empty() {
            return Err(Problem::UnknownDemarche(missing));
        }
        let asked: HashSet<&str> = self
            .demarches
            .iter()
            .filter_map(|name| catalogue.demarche(name))
            .map(|one| one.id.0.as_str())
            .collect();
        let named = |demarche: &&Demarche| asked.is_empty() || asked.contains(demarche.id.0.as_str());
        Ok(catalogue.demarches().iter().filter(named).filter(|demarche| self.keeps(demarche)).collect())
    }

    /// What tells its document from any other but for the décomptes in it: the same for two ways to ask the same.
    fn question(&self, catalogue: &Snapshot, closed: bool) -> Question {
        let Self { period, demarches, ministry, audience, essential, interval, format } = self;
        let mut ids: Vec<&str> = demarches
            .iter()
            .filter_map(|name| catalogue.demarche(name))
            .map(|one| one.id.0.as_str())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let asked = (period, ids, ministry, audience, essential, interval, format);
        Question::of(&(asked, catalogue.renewals(), closed))
    }
}

/// `Accept: text/csv` asks for the table where no parameter says otherwise, if it likes it better than JSON.
fn accepted_format(request: &HttpRequest) -> Format {
    let accept = accept::list(request, &header::ACCEPT);
    if accept::media_weight(&accept, "text", "csv") > accept::media_weight(&accept, "application", "json") {
        Format::Csv(Dialect::Standard)
    } else {
        Format::Json
    }
}

async fn answer(
    request: &HttpRequest,
    collector: &Collector,
    query: &Query,
) -> Result<HttpResponse, Problem> {
    let catalogue = collector.catalogue.now();
    let demarches = query.select(&catalogue)?;
    let periods =
        query.interval.map_or_else(|| vec![query.period], |interval| interval.cut(query.period, UNITS_MAX));
    let cells = periods.len() * demarches.len();
    if query.interval.is_some() && cells > CELLS_MAX {
        let error = ParameterError { name: "interval".to_owned(), code: ParameterErrorCode::TooManyUnits };
        return Err(Problem::InvalidQuery(vec![error]));
    }
    let closed = collector.closing.is_closed(query.period, collector.clock.now()).await?;
    let question = query.question(&catalogue, closed);
    // Before the décomptes: see `remember`.
    let freshness = collector.store.freshness(query.period).await?;
    let moved_at = freshness.moved_at.map(last_modified);
    let coding = Coding::accepted(request);
    if let Some(etag) = collector.validators.find(question, freshness.version)
        && has(request, &coding.etag(&etag))
    {
        return Ok(dated(unchanged(coding.etag(&etag)), moved_at));
    }
    // Long series wait for one another, until they are sent: they must not take what short answers need.
    let turn = if cells > CELLS_AT_ONCE {
        Some(collector.series.clone().acquire_owned().await.map_err(|_| Problem::Unavailable)?)
    } else {
        None
    };
    let standing = Standing::of(closed, &freshness);
    let parts = Parts { format: query.format, period: query.period, standing };
    let figures = figures(&*collector.store, query.interval, &periods, &demarches).await?;
    let demarches = demarches.into_iter().cloned().zip(figures).collect();
    let made = Made { parts, demarches };
    let (made, drafted) = match query.interval {
        None => draft(made),
        // It may take a second, in which this thread has others to answer.
        Some(_) => web::block(move || draft(made)).await.map_err(|_| Problem::Internal)?,
    };
    let Drafted { etag, length, bytes } = drafted.map_err(|_| Problem::Internal)?;
    collector.validators.remember(question, freshness.version, etag.clone());
    if has(request, &coding.etag(&etag)) {
        return Ok(dated(unchanged(coding.etag(&etag)), moved_at));
    }
    let content_type = query.format.media_type();
    let answer = match bytes {
        Some(bytes) => document(request, content_type, &etag, bytes),
        None => made.send(turn, coding, length, coded_document(coding, content_type, &etag)),
    };
    Ok(dated(answer, moved_at))
}

/// The figures of each démarche.
async fn figures(
    store: &dyn Store,
    interval: Option<Interval>,
    periods: &[Period],
    demarches: &[&Demarche],
) -> Result<Vec<Figures>, Problem> {
    let mut series: Vec<Vec<(Period, Option<Box<Tally>>)>> = vec![Vec::new(); demarches.len()];
    for period in periods.iter().copied() {
        let mut tallies = tallies_of(store, period, demarches).await?;
        for (demarche, series) in demarches.iter().zip(&mut series) {
            let tally = tallies.remove(&demarche.id).filter(|tally| !tally.is_zero());
            series.push((period, tally.map(Box::new)));
        }
    }
    let one = |mut series: Vec<(Period, Option<Box<Tally>>)>| match (interval, series.pop()) {
        (None, Some((_, tally))) => Figures::whole(&tally.unwrap_or_default()),
        (_, last) => Figures::Series(series.into_iter().chain(last).collect()),
    };
    Ok(series.into_iter().map(one).collect())
}

/// The décomptes of these démarches: of one, its rows alone are read.
async fn tallies_of(
    store: &dyn Store,
    period: Period,
    demarches: &[&Demarche],
) -> Result<HashMap<DemarcheId, Tally>, Problem> {
    let [demarche] = demarches else {
        return Ok(store.tallies(period).await?.into_iter().collect());
    };
    let mut sum = Tally::default();
    for (_, tally) in store.tallies_by_bouton(&demarche.id, period).await? {
        sum += &tally;
    }
    Ok(HashMap::from([(demarche.id.clone(), sum)]))
}

/// An instant as HTTP writes it.
fn last_modified(at: Timestamp) -> LastModified {
    LastModified(SystemTime::from(at).into())
}

/// The same answer, telling when its figures moved last.
fn dated(mut answer: HttpResponse, moved_at: Option<LastModified>) -> HttpResponse {
    if let Some((name, value)) = moved_at.and_then(|at| at.try_into_pair().ok()) {
        answer.headers_mut().insert(name, value);
    }
    answer
}
