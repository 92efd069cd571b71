//! What programs and pages made for Je donne mon avis ask: `input`, bodies of `/api/open-api`, old addresses.

use super::{CATALOGUE, TODAY, check_parameters};
use collector::jdma::addresses::OldAddress;
use collector::jdma::observatoire::{Question, named};
use collector::jdma::statistiques::Request;
use serde_json::Value;

/// A question that is understood is about a period and a démarche; one that is not is refused with the reasons.
pub fn jdma(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Question::parse(Some(text), TODAY) {
        Err(errors) => check_parameters(&errors),
        Ok(question) => {
            assert!(question.period.from <= question.period.to, "{question:?}");
            assert_eq!(named(Some(text)).0.as_ref(), Some(&question.demarche));
        }
    }
    if let Ok(body) = serde_json::from_str::<Value>(text) {
        match Request::parse(&body) {
            Err(errors) => check_parameters(&errors),
            Ok(request) => {
                assert!(request.period.from <= request.period.to, "{request:?}");
                assert!(!request.fields.is_empty() || body["field_codes"].is_array(), "{request:?}");
            }
        }
    }
    let (path, query) = text.split_once('?').unwrap_or((text, ""));
    if let Some(address) = OldAddress::parse(path, query) {
        let found = address.find(&CATALOGUE);
        assert!(
            found.is_none_or(|(demarche, bouton)| {
                bouton.is_none_or(|bouton| bouton.demarche == demarche.id)
            })
        );
        let _ = (address.names_bouton(), address.wants());
    }
}
