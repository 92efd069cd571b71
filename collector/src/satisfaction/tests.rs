use super::parts::{Format, Parts};
use super::*;
use crate::catalogue::{Audience, DemarcheId};
use serde_json::{Value, json};
use shared::questionnaire::{Channel, Reached, Satisfaction};
use shared::tally::Cell;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(super) fn period(from: &str, to: &str) -> Period {
    Period { from: day(from), to: day(to) }
}

fn cuts(interval: Interval, from: &str, to: &str) -> Vec<String> {
    interval.cut(period(from, to), 100).iter().map(|cut| format!("{} {}", cut.from, cut.to)).collect()
}

pub(super) fn demarche() -> Demarche {
    Demarche {
        id: DemarcheId("3059".into()),
        aliases: vec!["xwiki:823".into()],
        title: "Déclaration des revenus".into(),
        administration: "DGFIP".into(),
        ministry: None,
        audience: vec![Audience::Particuliers],
        essential: true,
        closed: false,
    }
}

/// The counts of the example in the contract.
pub(super) fn example() -> Tally {
    let mut tally = Tally::default();
    tally[Cell::Satisfaction(Satisfaction::PasBien)] = 29_488;
    tally[Cell::Satisfaction(Satisfaction::Moyen)] = 60_153;
    tally[Cell::Satisfaction(Satisfaction::TresBien)] = 199_512;
    tally[Cell::HelpReached(Channel::Telephone, Reached::Oui)] = 25_144;
    tally[Cell::HelpReached(Channel::Telephone, Reached::Non)] = 9_964;
    tally[Cell::Quarantined] = 12;
    tally
}

#[test]
fn the_example_of_the_contract_comes_out_to_the_letter() {
    let demarche = demarche();
    let document = Document {
        period: period("2025-10-01", "2026-09-30"),
        standing: Standing::Closed,
        demarches: vec![(&demarche, Figures::whole(&example()))],
    };
    let document: Value = serde_json::to_value(&document).unwrap();
    assert_eq!(document["schema"], "satisfaction/1");
    assert_eq!(document["formula"], "avis-0-5-10/1");
    assert_eq!(
        document["period"],
        json!({"from": "2025-10-01", "to": "2026-09-30", "timezone": "Europe/Paris", "closed": true})
    );
    assert_eq!(
        document["minimum"],
        json!({"satisfaction": 100, "ease": 100, "clarity": 100, "malfunctions": 100, "help_reachable": 100,
            "help_quality": 50, "autonomy": 100})
    );
    assert_eq!(document["demarches"][0]["quarantined"], 12);
    let indicators = &document["demarches"][0]["indicators"];
    assert_eq!(
        indicators["satisfaction"].to_string(),
        r#"{"status":"published","n":289153,"counts":{"pas_bien":29488,"moyen":60153,"tres_bien":199512},"mean":7.94,"note":"7.9","interval":[7.9279,7.9522],"level":"yellow"}"#
    );
    assert_eq!(
        indicators["help_reachable"].to_string(),
        r#"{"status":"published","n":35108,"counts":{"oui":25144,"non":9964},"share":0.7162,"percent":"71.6","interval":[0.7115,0.7209],"level":"yellow"}"#
    );
    assert_eq!(
        indicators["ease"],
        json!({"status": "none", "n": 0, "counts": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0}, "mean": null, "note": null,
            "interval": null, "level": null})
    );
}

#[test]
fn a_series_is_calendar_units_cut_at_the_bounds() {
    assert_eq!(cuts(Interval::Day, "2026-02-27", "2026-03-01").len(), 3);
    assert_eq!(
        cuts(Interval::Week, "2026-11-18", "2026-12-01"),
        ["2026-11-18 2026-11-22", "2026-11-23 2026-11-29", "2026-11-30 2026-12-01"]
    );
    assert_eq!(
        cuts(Interval::Month, "2026-01-31", "2026-03-01"),
        ["2026-01-31 2026-01-31", "2026-02-01 2026-02-28", "2026-03-01 2026-03-01"]
    );
    assert_eq!(
        cuts(Interval::Quarter, "2026-02-10", "2026-07-01"),
        ["2026-02-10 2026-03-31", "2026-04-01 2026-06-30", "2026-07-01 2026-07-01"]
    );
    assert_eq!(
        cuts(Interval::Year, "2025-12-31", "2026-01-01"),
        ["2025-12-31 2025-12-31", "2026-01-01 2026-01-01"]
    );
}

#[test]
fn the_table_has_a_row_an_indicator_and_the_twin_opens_in_french_spreadsheets() {
    let demarche = demarche();
    let document = Document {
        period: period("2025-10-01", "2026-09-30"),
        standing: Standing::Closed,
        demarches: vec![(&demarche, Figures::whole(&example()))],
    };
    let table = String::from_utf8(document.to_csv(csv::Dialect::Standard).unwrap()).unwrap();
    let lines: Vec<&str> = table.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "id,title,administration,ministry,from,to,indicator,status,n,mean,share,note,percent,interval_low,interval_high,level,counts"
    );
    assert_eq!(
        lines[1],
        "3059,Déclaration des revenus,DGFIP,,2025-10-01,2026-09-30,satisfaction,published,289153,7.94,,7.9,,7.9279,7.9522,yellow,pas_bien=29488;moyen=60153;tres_bien=199512"
    );
    assert_eq!(lines.len(), 9);
    let twin = String::from_utf8(document.to_csv(csv::Dialect::FrenchSpreadsheet).unwrap()).unwrap();
    assert!(twin.starts_with("\u{feff}id;title;"));
    assert!(
        twin.contains(";7,94;;7,9;;7,9279;7,9522;yellow;\"pas_bien=29488;moyen=60153;tres_bien=199512\"")
    );
}

#[test]
fn an_open_period_tells_its_last_avis_and_a_closed_one_holds_no_clock() {
    let open = |last_avis_at| Document {
        period: period("2026-11-01", "2026-11-30"),
        standing: Standing::Open { last_avis_at },
        demarches: vec![],
    };
    let told = |document: &Document<'_>| serde_json::to_value(document).unwrap()["last_avis_at"].clone();
    assert_eq!(told(&open("2026-11-22T10:00:00.5Z".parse().ok())), "2026-11-22T10:00:00.5Z");
    assert_eq!(told(&open(None)), Value::Null);
    let closed = Document { standing: Standing::Closed, ..open(None) };
    assert!(serde_json::to_value(&closed).unwrap().get("last_avis_at").is_none());
}

#[test]
fn avis_in_quarantine_of_all_units_are_told_together() {
    let aside = |avis| {
        let mut tally = Tally::default();
        tally[Cell::Quarantined] = avis;
        Some(Box::new(tally))
    };
    let days = Interval::Day.cut(period("2026-01-01", "2026-01-03"), 10);
    let series = Figures::Series(days.into_iter().zip([aside(5), None, aside(7)]).collect());
    assert_eq!(series.quarantined(), 12);
}

#[test]
fn the_parts_of_a_document_are_the_document() {
    let (one, other) = (demarche(), Demarche { id: DemarcheId("4000".into()), ..demarche() });
    let period = period("2026-01-01", "2026-02-28");
    let months = || {
        let cuts = Interval::Month.cut(period, 10).into_iter();
        Figures::Series(cuts.zip([Some(Box::new(example())), None]).collect())
    };
    let standing = Standing::Open { last_avis_at: None };
    let demarches = vec![(&one, Figures::whole(&example())), (&other, months())];
    let document = Document { period, standing, demarches };
    let dialects = [csv::Dialect::Standard, csv::Dialect::FrenchSpreadsheet].map(Format::Csv);
    for format in [Format::Json].into_iter().chain(dialects) {
        let whole = match format {
            Format::Json => serde_json::to_vec(&document).unwrap(),
            Format::Csv(dialect) => document.to_csv(dialect).unwrap(),
        };
        let parts = Parts { format, period, standing };
        let mut put_together = parts.head().unwrap();
        for (index, (demarche, figures)) in document.demarches.iter().enumerate() {
            put_together.extend(parts.part(index == 0, demarche, figures).unwrap());
        }
        put_together.extend(parts.tail());
        assert_eq!(String::from_utf8(put_together), String::from_utf8(whole), "{format:?}");
    }
}
