//! `/api/v1/satisfaction`: the averages.

use super::reading::{document, etag_of, has, unchanged};
use crate::application::Collector;
use crate::catalogue::{Audience, Catalogue, Demarche, Snapshot};
use crate::day::Day;
use crate::problem::{ParameterError, ParameterErrorCode, Problem};
use crate::query;
use crate::satisfaction::csv::Dialect;
use crate::satisfaction::validators::Question;
use crate::satisfaction::{Document, Figures, Interval};
use crate::store::{Period, Store};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use shared::Tally;
use std::collections::{HashMap, HashSet};

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

const ALL_PARAMETERS: [&str; 9] =
    ["from", "to", "demarche", "ministry", "audience", "essential", "interval", "format", "lang"];
const ONE_PARAMETERS: [&str; 5] = ["from", "to", "interval", "format", "lang"];

/// The most units of a series: each is a read of its own.
const UNITS_MAX: usize = 1_000;

/// The most units of all démarches together, some 25 MB of JSON: a year of weeks for 250 démarches, three years of days
/// for twenty.
const CELLS_MAX: usize = 20_000;

/// What was asked for.
struct Query {
    period: Period,
    demarches: Vec<String>,
    ministry: Option<String>,
    audience: Option<Audience>,
    essential: Option<bool>,
    interval: Option<Interval>,
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv(Dialect),
}

impl Query {
    /// Reads the parameters, finding all errors at once.
    fn parse(request: &HttpRequest, known: &[&'static str]) -> Result<Self, Problem> {
        let pairs = query::parameters(request.query_string());
        let mut errors = Vec::new();
        let mut error = |name: &str, code| errors.push(ParameterError { name: name.to_owned(), code });
        let mut single: HashMap<&'static str, &str> = HashMap::new();
        let mut demarches = Vec::new();
        for (name, value) in &pairs {
            match known.iter().find(|known| *known == name) {
                None => error(name, ParameterErrorCode::Unknown),
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
            Some("csv") => Some(Format::Csv(Dialect::Standard)),
            Some("csv-excel-fr") => Some(Format::Csv(Dialect::FrenchSpreadsheet)),
            Some(_) => None,
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
        let missing: Vec<String> =
            self.demarches.iter().filter(|name| catalogue.demarche(name).is_none()).cloned().collect();
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

/// `Accept: text/csv` asks for the table where no parameter says otherwise.
fn accepted_format(request: &HttpRequest) -> Format {
    let accept =
        request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let wants = |media: &str| {
        accept.split(',').any(|range| range.split(';').next().unwrap_or_default().trim() == media)
    };
    if wants("text/csv") && !wants("application/json") {
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
    if query.interval.is_some() && periods.len() * demarches.len() > CELLS_MAX {
        let error = ParameterError { name: "interval".to_owned(), code: ParameterErrorCode::TooManyUnits };
        return Err(Problem::InvalidQuery(vec![error]));
    }
    let closed = collector.closing.is_closed(query.period, collector.clock.now()).await?;
    let question = query.question(&catalogue, closed);
    // Before the décomptes: see `remember`.
    let version = collector.store.version(query.period).await?;
    if let Some(etag) = collector.validators.find(question, version)
        && has(request, &etag)
    {
        return Ok(unchanged(etag));
    }
    // Long series wait for one another: they must not take what short answers need.
    let _turn = match query.interval {
        Some(_) => Some(collector.series.acquire().await.map_err(|_| Problem::Unavailable)?),
        None => None,
    };
    let mut tallies: HashMap<String, Vec<(Period, Tally)>> = HashMap::new();
    for period in periods.iter().copied() {
        let mut read = tallies_of(&*collector.store, period).await?;
        for demarche in &demarches {
            let tally = read.remove(&demarche.id.0).unwrap_or_default();
            tallies.entry(demarche.id.0.clone()).or_default().push((period, tally));
        }
    }
    let figures = |demarche: &Demarche| {
        let tallies = tallies.remove(&demarche.id.0).unwrap_or_default();
        match (query.interval, tallies.first()) {
            (None, Some((_, tally))) => Figures::whole(tally),
            _ => Figures::Series(
                tallies.iter().map(|(period, tally)| (*period, shared::Indicators::of(tally))).collect(),
            ),
        }
    };
    let mut figures = figures;
    let averages = Document {
        period: query.period,
        closed,
        demarches: demarches.into_iter().map(|demarche| (demarche, figures(demarche))).collect(),
    };
    let (content_type, body) = match query.format {
        Format::Json => ("application/json", serde_json::to_vec(&averages).map_err(|_| Problem::Internal)?),
        Format::Csv(dialect) => {
            ("text/csv; charset=utf-8", averages.to_csv(dialect).map_err(|_| Problem::Internal)?)
        }
    };
    let etag = etag_of(&body);
    collector.validators.remember(question, version, etag.clone());
    Ok(document(request, content_type, etag, body))
}

async fn tallies_of(store: &dyn Store, period: Period) -> Result<HashMap<String, Tally>, Problem> {
    Ok(store.tallies(period).await?.into_iter().map(|(id, tally)| (id.0, tally)).collect())
}
