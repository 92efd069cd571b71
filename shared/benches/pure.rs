//! What the pure parts cost, the same in the browser and in the collector: reading an avis, counting it, making
//! figures of counts.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot read its own avis has nothing to measure")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use shared::{AvisDraft, Indicators, PageAddress, Tally};
use std::hint::black_box;

/// An avis in which everything is answered.
const WHOLE: &str = r#"{"demarche": "3059", "bouton": "12", "lang": "fr", "page": "https://www.impots.gouv.fr/fin",
    "answers": {
        "satisfaction": "tres_bien", "ease": "4", "clarity": "5",
        "malfunctions": ["slow", "other"], "malfunctions_other": "Le bouton ne répondait pas",
        "help_tried": ["guichet", "telephone"],
        "help_reached": {"guichet": "oui", "telephone": "non"}, "help_quality": {"guichet": "bonne"},
        "comment": "Très simple. J'ai pourtant dû recommencer une fois, car la page ne se chargeait pas."}}"#;

/// The first answer alone, as the form sends it.
const FIRST: &str = r#"{"demarche": "3059", "bouton": "12", "lang": "fr", "page": "https://www.impots.gouv.fr/fin",
    "answers": {"satisfaction": "tres_bien"}}"#;

const PAGE: &str = "https://www.impots.gouv.fr/dossiers/1234567/etape/fin?session=abc#haut";

fn draft(json: &str) -> AvisDraft {
    serde_json::from_str(json).unwrap()
}

fn pure(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pure");
    for (what, json) in [("whole", WHOLE), ("first", FIRST)] {
        group.bench_function(format!("an avis from JSON, {what}"), |bencher| {
            bencher.iter(|| draft(black_box(json)));
        });
        group.bench_function(format!("an avis validated, {what}"), |bencher| {
            bencher.iter_batched(|| draft(json), AvisDraft::parse, BatchSize::SmallInput);
        });
    }
    let avis = draft(WHOLE).parse().unwrap();
    group.bench_function("the tally of an avis", |bencher| {
        bencher.iter(|| Tally::of(black_box(&avis.answers)));
    });
    let mut tally = Tally::default();
    for _ in 0..1000 {
        tally += &Tally::of(&avis.answers);
    }
    group.bench_function("the indicators of a tally", |bencher| {
        bencher.iter(|| Indicators::of(black_box(&tally)));
    });
    group.bench_function("a page's address", |bencher| bencher.iter(|| PageAddress::parse(black_box(PAGE))));
    group.finish();
}

criterion_group!(benches, pure);
criterion_main!(benches);
