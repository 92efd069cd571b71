//! The catalogue of the published data (DCAT-AP, in JSON-LD), from which data portals take what there is, under which
//! licence, and where.

use crate::day::Day;
use serde_json::{Value, json};

/// Licence Ouverte 2.0, by the address that portals know it by.
pub const LICENCE: &str = "https://www.etalab.gouv.fr/licence-ouverte-open-licence";

/// What the catalogue depends on.
pub struct Facts<'a> {
    /// The address of the collector, as the public reaches it, without a final slash.
    pub address: &'a str,
    /// Who publishes the data; named by the address if nobody said so.
    pub publisher: Option<&'a str>,
    /// The first month (202609) with avis.
    pub first_month: Option<i32>,
    /// Today, in Paris.
    pub today: Day,
}

/// The catalogue.
#[must_use]
pub fn catalogue(facts: &Facts<'_>) -> Value {
    let address = facts.address;
    let publisher = json!({
        "@id": format!("{address}/catalogue.jsonld#publisher"),
        "@type": "foaf:Agent",
        "foaf:name": facts.publisher.unwrap_or_else(|| address.split("://").last().unwrap_or(address)),
    });
    let of_publisher = json!({"@id": publisher["@id"]});
    json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": format!("{address}/catalogue.jsonld"),
        "@type": "dcat:Catalog",
        "dct:title": words("Je donne mon avis : données ouvertes", "Je donne mon avis: open data"),
        "dct:description": words(
            "Ce que les usagers disent des démarches administratives, calculé à partir de tous les avis.",
            "What users say of administrative formalities, computed from all of their avis.",
        ),
        "dct:language": [authority("language/FRA"), authority("language/ENG")],
        "dct:license": licence(),
        "dct:publisher": publisher,
        "foaf:homepage": {"@id": format!("{address}/methode")},
        "dcat:themeTaxonomy": authority("data-theme"),
        "dcat:dataset": [averages(facts, &of_publisher)],
        "dcat:service": [{
            "@id": format!("{address}/catalogue.jsonld#api"),
            "@type": "dcat:DataService",
            "dct:title": words("API des avis et des moyennes", "API of avis and averages"),
            "dct:license": licence(),
            "dct:publisher": of_publisher,
            "dcat:endpointURL": {"@id": format!("{address}/api/v1")},
            "dcat:endpointDescription": {"@id": format!("{address}/api/openapi.json")},
            "foaf:page": {"@id": format!("{address}/api/")},
            "dcat:servesDataset": {"@id": averages_id(address)},
        }],
    })
}

fn averages_id(address: &str) -> String {
    format!("{address}/catalogue.jsonld#satisfaction")
}

/// The averages of every démarche, which move every day. What is offered to download are the last twelve closed months:
/// an address that means the same figures for a month.
fn averages(facts: &Facts<'_>, publisher: &Value) -> Value {
    let address = facts.address;
    let (from, to) = last_twelve_months(facts.today);
    let download =
        |format: &str| format!("{address}/api/v1/satisfaction?from={from}&to={to}&format={format}");
    let distribution = |name: &str, format: &str, media: &str, file_type: &str| {
        json!({
            "@id": format!("{address}/catalogue.jsonld#satisfaction-{name}"),
            "@type": "dcat:Distribution",
            "dct:title": words(
                &format!("Douze derniers mois clos, {name}"),
                &format!("Last twelve closed months, {name}"),
            ),
            "dct:license": licence(),
            "dct:format": authority(&format!("file-type/{file_type}")),
            "dcat:mediaType": {"@id": format!("http://www.iana.org/assignments/media-types/{media}")},
            "dcat:accessURL": {"@id": download(format)},
            "dcat:downloadURL": {"@id": download(format)},
            "dcat:accessService": {"@id": format!("{address}/catalogue.jsonld#api")},
        })
    };
    let mut table = distribution("CSV", "csv", "text/csv", "CSV");
    table["dct:conformsTo"] = json!({"@id": format!("{address}/schemas/satisfaction.json")});
    let mut dataset = json!({
        "@id": averages_id(address),
        "@type": "dcat:Dataset",
        "dct:title": words("Satisfaction des usagers par démarche", "Satisfaction of users by démarche"),
        "dct:description": words(
            "Pour chaque démarche\u{a0}: satisfaction, facilité, clarté, aide joignable, qualité de l’aide, dysfonctionnements et autonomie, avec le nombre de réponses, le détail des réponses et l’intervalle à 95\u{a0}%.",
            "For each démarche: satisfaction, ease, clarity, help reached, quality of help, malfunctions and autonomy, with the number of answers, how often each was given, and the 95 % interval.",
        ),
        "dct:identifier": averages_id(address),
        "dct:publisher": publisher,
        "dct:accrualPeriodicity": authority("frequency/DAILY"),
        "dct:spatial": authority("country/FRA"),
        "dct:accessRights": authority("access-right/PUBLIC"),
        "dcat:theme": authority("data-theme/GOVE"),
        "dcat:keyword": [tagged("satisfaction", "fr"), tagged("démarches administratives", "fr"), tagged("avis", "fr"), tagged("usagers", "fr"), tagged("user satisfaction", "en")],
        "dcat:landingPage": {"@id": format!("{address}/api/")},
        "dct:provenance": {
            "@type": "dct:ProvenanceStatement",
            "foaf:page": {"@id": format!("{address}/methode")},
        },
        "dcat:distribution": [
            distribution("JSON", "json", "application/json", "JSON"),
            table,
            distribution("CSV pour tableur français", "csv-excel-fr", "text/csv", "CSV"),
        ],
    });
    if let Some(first) = facts.first_month.and_then(|month| Day::from_number(month * 100 + 1)) {
        dataset["dct:temporal"] = json!({"@type": "dct:PeriodOfTime", "dcat:startDate": date(first)});
    }
    dataset
}

/// The last twelve whole months that are closed: a month is a day after its last.
fn last_twelve_months(today: Day) -> (Day, Day) {
    let to = today.plus(-1).first_of_month().plus(-1);
    let after = to.plus(1).date();
    (Day::from(after.saturating_sub(jiff::Span::new().years(1))), to)
}

fn licence() -> Value {
    json!({
        "@id": LICENCE,
        "@type": "dct:LicenseDocument",
        "dct:title": tagged("Licence Ouverte 2.0", "fr"),
        "dct:identifier": "etalab-2.0",
    })
}

/// A term of the vocabularies of the European Union.
fn authority(term: &str) -> Value {
    json!({"@id": format!("http://publications.europa.eu/resource/authority/{term}")})
}

fn date(day: Day) -> Value {
    json!({"@type": "xsd:date", "@value": day})
}

fn words(fr: &str, en: &str) -> Value {
    json!([tagged(fr, "fr"), tagged(en, "en")])
}

fn tagged(text: &str, language: &str) -> Value {
    json!({"@value": text, "@language": language})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_month_is_offered_once_it_is_closed() {
        let months = |today: &str| {
            let (from, to) = last_twelve_months(day(today));
            format!("{from} {to}")
        };
        assert_eq!(months("2026-10-01"), "2025-09-01 2026-08-31");
        assert_eq!(months("2026-10-02"), "2025-10-01 2026-09-30");
        assert_eq!(months("2028-03-31"), "2027-03-01 2028-02-29");
    }

    #[test]
    fn the_publisher_is_the_address_until_somebody_says_who_it_is() {
        let facts = Facts {
            address: "https://avis.example.fr",
            publisher: None,
            first_month: Some(202_407),
            today: day("2026-11-22"),
        };
        let catalogue = catalogue(&facts);
        assert_eq!(catalogue["dct:publisher"]["foaf:name"], "avis.example.fr");
        let dataset = &catalogue["dcat:dataset"][0];
        assert_eq!(dataset["dct:temporal"]["dcat:startDate"]["@value"], "2024-07-01");
        let empty = super::catalogue(&Facts { publisher: Some("DITP"), first_month: None, ..facts });
        assert_eq!(empty["dct:publisher"]["foaf:name"], "DITP");
        assert!(empty["dcat:dataset"][0].get("dct:temporal").is_none());
    }
}
