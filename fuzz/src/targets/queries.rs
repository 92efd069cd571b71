//! The queries of the averages and of the observatoire.

use super::{check_parameters, request};
use collector::observatoire::View;
use collector::problem::Problem;
use collector::query::parameters;
use collector::routes::satisfaction::{ALL_PARAMETERS, ONE_PARAMETERS, Query};

/// Each is understood, or refused with all that is wrong; a view has one address, which leads back to it.
pub fn queries(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    if let Some(request) = request(&format!("/?{query}")) {
        let request = request.to_http_request();
        for known in [&ALL_PARAMETERS[..], &ONE_PARAMETERS[..]] {
            match Query::parse(&request, known) {
                Ok(_) => {}
                Err(Problem::InvalidQuery(errors)) => check_parameters(&errors),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    let (view, errors) = View::parse(&parameters(query));
    if !errors.is_empty() {
        return check_parameters(&errors);
    }
    let address = view.at("/observatoire");
    let written = address.split_once('?').map_or("", |(_, query)| query);
    let (again, errors) = View::parse(&parameters(written));
    assert_eq!((again, errors), (view, vec![]), "{address}");
}
