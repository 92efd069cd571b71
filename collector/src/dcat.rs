//! The catalogue of the published data (DCAT-AP, in JSON-LD), from which data portals take what there is, under which
//! licence, and where.

use crate::day::Day;
use crate::edition::{self, Edition, EditionFile, Format};
use crate::store::Period;
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
    /// The frozen quarters.
    pub editions: &'a [Edition],
    /// Today, in Paris.
    pub today: Day,
}

/// The catalogue.
#[must_use]
pub fn catalogue(facts: &Facts<'_>) -> Value {
    let address = facts.address;
    let mut datasets = vec![averages(facts), series(facts)];
    datasets.extend(facts.editions.iter().map(|one| edition(facts, one)));
    json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "spdx": "http://spdx.org/rdf/terms#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": format!("{address}/catalogue.jsonld"),
        "@type": "dcat:Catalog",
        "dct:title": words("Je donne mon avis\u{a0}: données ouvertes", "Je donne mon avis: open data"),
        "dct:description": words(
            "Ce que les usagers disent des démarches administratives, calculé à partir de tous les avis.",
            "What users say of administrative formalities, computed from all of their avis.",
        ),
        "dct:language": [authority("language/FRA"), authority("language/ENG")],
        "dct:license": licence(),
        "dct:publisher": {
            "@id": publisher(address)["@id"],
            "@type": "foaf:Agent",
            "foaf:name": facts.publisher.unwrap_or_else(|| address.split("://").last().unwrap_or(address)),
        },
        "foaf:homepage": {"@id": format!("{address}/observatoire")},
        "dcat:themeTaxonomy": authority("data-theme"),
        "dcat:dataset": datasets,
        "dcat:service": {
            "@id": api(address)["@id"],
            "@type": "dcat:DataService",
            "dct:title": words("API des avis et des moyennes", "API of avis and averages"),
            "dct:license": licence(),
            "dct:publisher": publisher(address),
            "dcat:endpointURL": {"@id": format!("{address}/api/v1")},
            "dcat:endpointDescription": {"@id": format!("{address}/api/openapi.json")},
            "foaf:page": {"@id": format!("{address}/api/")},
            "dcat:servesDataset": [node(address, "satisfaction"), node(address, "editions")],
        },
    })
}

/// A part of the catalogue, by its name.
fn node(address: &str, name: &str) -> Value {
    json!({"@id": format!("{address}/catalogue.jsonld#{name}")})
}

fn publisher(address: &str) -> Value {
    node(address, "publisher")
}

fn api(address: &str) -> Value {
    node(address, "api")
}

/// What every dataset says of itself.
fn dataset(facts: &Facts<'_>, id: &Value, kind: &str, title: &Value, description: &Value) -> Value {
    let address = facts.address;
    let keywords =
        ["satisfaction", "démarches administratives", "avis", "usagers"].map(|word| tagged(word, "fr"));
    json!({
        "@id": id["@id"],
        "@type": kind,
        "dct:title": title,
        "dct:description": description,
        "dct:identifier": id["@id"],
        "dct:publisher": publisher(address),
        "dct:license": licence(),
        "dct:spatial": authority("country/FRA"),
        "dct:accessRights": authority("access-right/PUBLIC"),
        "dcat:theme": authority("data-theme/GOVE"),
        "dcat:keyword": keywords,
        "dct:provenance": {"@type": "dct:ProvenanceStatement", "foaf:page": {"@id": format!("{address}/methode")}},
    })
}

/// A file that can be downloaded.
fn distribution(
    address: &str,
    id: &str,
    title: &Value,
    (media_type, file_type): (&str, &str),
    url: &str,
) -> Value {
    let mut distribution = json!({
        "@id": node(address, id)["@id"],
        "@type": "dcat:Distribution",
        "dct:title": title,
        "dct:license": licence(),
        "dct:format": authority(&format!("file-type/{file_type}")),
        "dcat:mediaType": {"@id": format!("http://www.iana.org/assignments/media-types/{media_type}")},
        "dcat:accessURL": {"@id": url},
        "dcat:downloadURL": {"@id": url},
        "dcat:accessService": api(address),
    });
    if file_type == "CSV" {
        distribution["dct:conformsTo"] = json!({"@id": format!("{address}/schemas/satisfaction.json")});
    }
    distribution
}

/// The averages of every démarche, which move every day. What is offered to download are the last twelve closed months:
/// an address that means the same figures for a month.
fn averages(facts: &Facts<'_>) -> Value {
    let address = facts.address;
    let (from, to) = last_twelve_months(facts.today);
    let file = |format: &str, kind| {
        let url = format!("{address}/api/v1/satisfaction?from={from}&to={to}&format={format}");
        let title = words(
            &format!("Les douze derniers mois clos, {format}"),
            &format!("The last twelve closed months, {format}"),
        );
        distribution(address, &format!("satisfaction-{format}"), &title, kind, &url)
    };
    let mut averages = dataset(
        facts,
        &node(address, "satisfaction"),
        "dcat:Dataset",
        &words("Satisfaction des usagers par démarche", "Satisfaction of users by démarche"),
        &words(
            "Pour chaque démarche\u{a0}: satisfaction, facilité, clarté, aide joignable, qualité de l’aide, dysfonctionnements et autonomie, avec le nombre de réponses, leur détail et l’intervalle à 95\u{a0}%. Mis à jour en continu.",
            "For each démarche: satisfaction, ease, clarity, help reached, quality of help, malfunctions and autonomy, with the number of answers, how often each was given, and the 95 % interval. Updated continuously.",
        ),
    );
    averages["dct:accrualPeriodicity"] = authority("frequency/DAILY");
    averages["dcat:landingPage"] = json!({"@id": format!("{address}/observatoire")});
    averages["dcat:distribution"] = json!([file("json", JSON), file("csv", CSV)]);
    if let Some(first) = facts.first_month.and_then(|month| Day::from_number(month * 100 + 1)) {
        averages["dct:temporal"] = temporal(first, None);
    }
    averages
}

const JSON: (&str, &str) = ("application/json", "JSON");
const CSV: (&str, &str) = ("text/csv", "CSV");

/// What editions are together.
fn series(facts: &Facts<'_>) -> Value {
    let mut series = dataset(
        facts,
        &node(facts.address, "editions"),
        "dcat:DatasetSeries",
        &words("Éditions trimestrielles", "Quarterly editions"),
        &words(
            "Les mêmes chiffres, figés à la fin de chaque trimestre. Rien ne change une édition\u{a0}; un erratum se publie à côté.",
            "The same figures, frozen at the end of each quarter. Nothing changes an edition; an erratum is published beside it.",
        ),
    );
    series["dct:accrualPeriodicity"] = authority("frequency/QUARTERLY");
    series
}

/// A frozen quarter, with the digests of its files.
fn edition(facts: &Facts<'_>, edition: &Edition) -> Value {
    let (address, quarter) = (facts.address, edition.quarter);
    let Period { from, to } = edition.quarter.twelve_months();
    let file = |file: &EditionFile| {
        let kind = match file.format {
            Format::Json => JSON,
            Format::Csv => CSV,
            Format::Xlsx => (Format::Xlsx.media_type(), "XLSX"),
        };
        let code = file.format.code();
        let title = words(&format!("Édition {quarter}, {code}"), &format!("Edition {quarter}, {code}"));
        let url = format!("{address}{}", edition::path(quarter, file.format));
        let mut distribution = distribution(address, &format!("{quarter}-{code}"), &title, kind, &url);
        distribution["dcat:byteSize"] =
            json!({"@type": "xsd:nonNegativeInteger", "@value": file.bytes.to_string()});
        distribution["spdx:checksum"] = json!({
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": file.sha256},
        });
        distribution
    };
    let mut dataset = dataset(
        facts,
        &node(address, &quarter.to_string()),
        "dcat:Dataset",
        &words(&format!("Édition {quarter}"), &format!("Edition {quarter}")),
        &words(
            "Les douze mois qui finissent avec le trimestre, et ses trois mois.",
            "The twelve months that end with the quarter, and its three months.",
        ),
    );
    dataset["dcat:inSeries"] = node(address, "editions");
    dataset["dct:issued"] = json!({"@type": "xsd:dateTime", "@value": edition.frozen_at.to_string()});
    dataset["dct:temporal"] = temporal(from, Some(to));
    dataset["dcat:distribution"] = edition.files.iter().map(file).collect();
    dataset
}

fn temporal(from: Day, to: Option<Day>) -> Value {
    let mut period = json!({"@type": "dct:PeriodOfTime", "dcat:startDate": date(from)});
    if let Some(to) = to {
        period["dcat:endDate"] = date(to);
    }
    period
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
            editions: &[],
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
