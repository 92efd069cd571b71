use super::*;
use crate::catalogue::DemarcheId;
use crate::satisfaction::tests::{demarche, example, period};
use crate::satisfaction::{Figures, Interval, Standing};
use calamine::{Data, Range, Reader, Xlsx};
use shared::Tally;
use std::io::Cursor;

fn open(bytes: &[u8]) -> Xlsx<Cursor<&[u8]>> {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn cell<'a>(sheet: &'a Range<Data>, row: u32, title: &str) -> &'a Data {
    let column = sheet.headers().unwrap().iter().position(|one| one == title).expect(title);
    sheet.get_value((row, u32::try_from(column).unwrap())).unwrap()
}

fn text(text: &str) -> Data {
    Data::String(text.to_owned())
}

#[test]
fn the_sheet_for_people_has_a_row_a_demarche_and_says_why_there_is_no_figure() {
    let (demarche, few) = (demarche(), Demarche { id: DemarcheId("4000".to_owned()), ..demarche() });
    let mut tally = Tally::default();
    tally[shared::tally::Cell::Satisfaction(shared::questionnaire::Satisfaction::Moyen)] = 99;
    let document = Document {
        period: period("2025-10-01", "2026-09-30"),
        standing: Standing::Closed,
        demarches: vec![(&demarche, Figures::whole(&example())), (&few, Figures::whole(&tally))],
    };
    let bytes = document.to_xlsx().unwrap();
    let mut workbook = open(&bytes);
    assert_eq!(workbook.sheet_names(), ["Indicateurs", TABLE, NOTICE]);
    let sheet = workbook.worksheet_range("Indicateurs").unwrap();

    assert_eq!(sheet.height(), 3);
    assert_eq!(cell(&sheet, 1, "Démarche"), &text("Déclaration des revenus"));
    assert_eq!(cell(&sheet, 1, "Satisfaction\u{a0}: note sur 10"), &Data::Float(7.9));
    assert_eq!(cell(&sheet, 1, "Satisfaction\u{a0}: réponses"), &Data::Float(289_153.0));
    assert_eq!(cell(&sheet, 1, "Satisfaction\u{a0}: intervalle, de"), &Data::Float(7.9279));
    assert_eq!(cell(&sheet, 1, "Satisfaction\u{a0}: niveau"), &text("À améliorer"));
    assert_eq!(cell(&sheet, 1, "Aide joignable\u{a0}: part"), &Data::Float(0.716));
    assert_eq!(cell(&sheet, 1, "Aide joignable\u{a0}: intervalle, à"), &Data::Float(0.7209));
    assert_eq!(cell(&sheet, 2, "Satisfaction\u{a0}: note sur 10"), &Data::Empty);
    assert_eq!(cell(&sheet, 2, "Satisfaction\u{a0}: réponses"), &Data::Float(99.0));
    assert_eq!(cell(&sheet, 2, "Satisfaction\u{a0}: niveau"), &text("moins de 100 réponses"));
    assert_eq!(cell(&sheet, 2, "Facilité\u{a0}: niveau"), &text("aucune réponse"));
    let Data::DateTime(from) = cell(&sheet, 1, "Du") else { panic!("no date") };
    assert_eq!(from.to_ymd_hms_milli().0, 2025);
}

#[test]
fn the_second_sheet_holds_the_rows_of_the_table() {
    let demarche = demarche();
    let document = Document {
        period: period("2025-10-01", "2026-09-30"),
        standing: Standing::Closed,
        demarches: vec![(&demarche, Figures::whole(&example()))],
    };
    let bytes = document.to_xlsx().unwrap();
    let sheet = open(&bytes).worksheet_range(TABLE).unwrap();

    assert_eq!(sheet.headers().unwrap(), HEADER);
    assert_eq!(sheet.height(), 8);
    assert_eq!(cell(&sheet, 1, "mean"), &Data::Float(7.94));
    assert_eq!(cell(&sheet, 1, "note"), &Data::Float(7.9));
    assert_eq!(cell(&sheet, 1, "counts"), &text("pas_bien=29488;moyen=60153;tres_bien=199512"));
    assert_eq!(cell(&sheet, 5, "percent"), &Data::Float(71.6));
    assert_eq!(cell(&sheet, 2, "status"), &text("none"));
}

#[test]
fn a_series_has_a_row_a_unit_and_days_before_1900_are_texts() {
    let demarche = demarche();
    let whole = period("1899-11-30", "1900-03-01");
    let series = Interval::Month.cut(whole, 10).into_iter();
    let figures = Figures::Series(series.map(|one| (one, Some(Box::new(example())))).collect());
    let document = Document {
        period: whole,
        standing: Standing::Open { last_avis_at: None },
        demarches: vec![(&demarche, figures)],
    };
    let bytes = document.to_xlsx().unwrap();
    let sheet = open(&bytes).worksheet_range("Indicateurs").unwrap();

    assert_eq!(sheet.height(), 6);
    assert!(matches!(cell(&sheet, 4, "Du"), Data::DateTime(_)));
    assert_eq!(cell(&sheet, 1, "Du"), &text("1899-11-30"));
}

#[test]
fn a_text_that_looks_like_a_formula_stays_a_text() {
    let demarche = Demarche { title: "=HYPERLINK(\"https://a.fr\")".to_owned(), ..demarche() };
    let document = Document {
        period: period("2026-07-01", "2026-09-30"),
        standing: Standing::Closed,
        demarches: vec![(&demarche, Figures::whole(&example()))],
    };
    let bytes = document.to_xlsx().unwrap();
    let mut workbook = open(&bytes);

    for (name, title) in [("Indicateurs", "Démarche"), (TABLE, "title")] {
        let sheet = workbook.worksheet_range(name).unwrap();
        assert_eq!(cell(&sheet, 1, title), &text("=HYPERLINK(\"https://a.fr\")"));
        assert!(
            workbook.worksheet_formula(name).unwrap().used_cells().all(|(_, _, formula)| formula.is_empty())
        );
    }
}

#[test]
fn the_same_documents_make_the_same_bytes() {
    let demarche = demarche();
    let of = |from: &str| Document {
        period: period(from, "2026-09-30"),
        standing: Standing::Closed,
        demarches: vec![(&demarche, Figures::whole(&example()))],
    };
    let (year, quarter) = (of("2025-10-01"), of("2026-07-01"));
    let sheets = [("12 mois", &year), ("3 mois", &quarter)];
    let bytes = workbook(&sheets).unwrap();

    assert!(bytes == workbook(&sheets).unwrap());
    assert!(bytes != workbook(&sheets[..1]).unwrap());
    let mut opened = open(&bytes);
    assert_eq!(opened.sheet_names(), ["12 mois", "3 mois", TABLE, NOTICE]);
    assert_eq!(opened.worksheet_range(TABLE).unwrap().height(), 15);
    let notice = opened.worksheet_range(NOTICE).unwrap();
    let said = |what: &str| notice.rows().find(|row| row[0] == text(what)).unwrap()[1].to_string();
    assert!(said("3 mois").starts_with("du 2026-07-01 au 2026-09-30"), "{}", said("3 mois"));
    assert!(said("Minimum, Qualité de l’aide").starts_with("50 réponses"));
}
