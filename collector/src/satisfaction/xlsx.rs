//! The same figures as a workbook, for people: a sheet to look at, the rows of the table, and what one has to know.

use super::rows::{HEADER, Value, row as row_of};
use super::{Document, Standing, words};
use crate::catalogue::Demarche;
use crate::day::Day;
use crate::dcat::LICENCE;
use crate::store::Period;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, IgnoreError, Workbook, Worksheet, XlsxError,
};
use shared::indicator::{FORMULA, Level};
use shared::{Indicator, IndicatorKind, Indicators, Language};
use std::borrow::Cow;

/// The titles of the columns before those of indicators, with their widths in characters.
const TITLES: [(&str, f64); 8] = [
    ("Identifiant", 12.0),
    ("Démarche", 55.0),
    ("Administration", 25.0),
    ("Ministère", 30.0),
    ("Publics", 20.0),
    ("Essentielle", 11.0),
    ("Du", 11.0),
    ("Au", 11.0),
];

/// Those of an indicator, after its name; the first is in its unit.
const OF_INDICATOR: [(&str, f64); 5] =
    [("", 15.0), ("réponses", 15.0), ("intervalle, de", 15.0), ("intervalle, à", 15.0), ("niveau", 22.0)];

/// The sheet that holds the table.
const TABLE: &str = "Données";

/// The sheet that says what there is to know.
const NOTICE: &str = "À lire";

impl Document<'_> {
    /// The workbook, as bytes: the same for the same document.
    ///
    /// # Errors
    /// It has more rows than a sheet takes, 1,048,576, or a text longer than a cell does, 32,767 characters.
    pub fn to_xlsx(&self) -> Result<Vec<u8>, XlsxError> {
        workbook(&[("Indicateurs", self)])
    }
}

/// A workbook of documents: one sheet each, of this name, then the rows of all.
///
/// # Errors
/// There are more rows than a sheet takes, a text is longer than a cell takes, or a name is none that a sheet may have.
pub fn workbook(sheets: &[(&str, &Document<'_>)]) -> Result<Vec<u8>, XlsxError> {
    let formats = Formats::new();
    let mut workbook = Workbook::new();
    // The time at which it is made would make other bytes each time.
    let mut properties = DocProperties::new().set_title("Je donne mon avis");
    let last = sheets.iter().map(|(_, document)| document.period.to).max();
    properties = properties.set_creation_datetime(&match last.map(date) {
        Some(Ok(date)) => date,
        _ => ExcelDateTime::from_ymd(2000, 1, 1)?,
    });
    workbook.set_properties(&properties);
    for (name, document) in sheets {
        figures(workbook.add_worksheet().set_name(*name)?, document, &formats)?;
    }
    table(workbook.add_worksheet().set_name(TABLE)?, sheets, &formats)?;
    notice(workbook.add_worksheet().set_name(NOTICE)?, sheets, &formats)?;
    workbook.save_to_buffer()
}

/// How cells look.
struct Formats {
    title: Format,
    text: Format,
    date: Format,
    count: Format,
    note: Format,
    percent: Format,
    bound: Format,
    decimal: Format,
    green: Format,
    yellow: Format,
    red: Format,
}

impl Formats {
    fn new() -> Self {
        let number = |code: &str| Format::new().set_num_format(code);
        let filled = |colour: u32| Format::new().set_background_color(Color::RGB(colour));
        Self {
            title: filled(0x00E6_EAF0).set_bold().set_text_wrap().set_align(FormatAlign::Top),
            text: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            date: number("yyyy-mm-dd"),
            count: number("#,##0"),
            note: number("0.0"),
            percent: number("0.0%"),
            bound: number("0.00"),
            decimal: number("0.0000"),
            green: filled(0x00DF_F2E1),
            yellow: filled(0x00FF_F3CD),
            red: filled(0x00F9_DEDC),
        }
    }

    fn level(&self, level: Level) -> &Format {
        match level {
            Level::Green => &self.green,
            Level::Yellow => &self.yellow,
            Level::Red => &self.red,
        }
    }
}

/// A row that is written cell by cell.
struct Line<'a> {
    sheet: &'a mut Worksheet,
    formats: &'a Formats,
    row: u32,
    column: u16,
}

impl<'a> Line<'a> {
    fn new(sheet: &'a mut Worksheet, formats: &'a Formats, row: u32) -> Self {
        Self { sheet, formats, row, column: 0 }
    }

    /// A text, which stays one whatever it begins with.
    fn text(&mut self, text: &str) -> Result<(), XlsxError> {
        // A string of no length is no cell.
        if !text.is_empty() {
            self.sheet.write_string(self.row, self.column, text)?;
        }
        self.skip();
        Ok(())
    }

    fn text_as(&mut self, text: &str, format: &Format) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, self.column, text, format)?;
        self.skip();
        Ok(())
    }

    /// A number, or nothing where there is none.
    fn number(&mut self, number: Option<f64>, format: &Format) -> Result<(), XlsxError> {
        if let Some(number) = number {
            self.sheet.write_number_with_format(self.row, self.column, number, format)?;
        }
        self.skip();
        Ok(())
    }

    fn count(&mut self, count: u64) -> Result<(), XlsxError> {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        self.number(Some(count as f64), &self.formats.count)
    }

    /// A day; one before 1900, which spreadsheets do not know, as a text.
    fn day(&mut self, day: Day) -> Result<(), XlsxError> {
        let Ok(date) = date(day) else { return self.text(&day.to_string()) };
        self.sheet.write_datetime_with_format(self.row, self.column, &date, &self.formats.date)?;
        self.skip();
        Ok(())
    }

    /// What stands in a cell of the table.
    fn value(&mut self, value: Value<'_>) -> Result<(), XlsxError> {
        match value {
            Value::Empty => {
                self.skip();
                Ok(())
            }
            Value::Text(text) => self.text(&text),
            Value::Day(day) => self.day(day),
            Value::Count(count) => self.count(count),
            Value::Decimal(number) => self.number(Some(number.to_f64()), &self.formats.decimal),
            Value::Printed(number) => self.number(Some(published(number, true)), &self.formats.note),
        }
    }

    fn skip(&mut self) {
        self.column += 1;
    }
}

fn date(day: Day) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::parse_from_str(&day.to_string())
}

/// A row a démarche, and unit of a series.
fn figures(sheet: &mut Worksheet, document: &Document<'_>, formats: &Formats) -> Result<(), XlsxError> {
    let mut columns: Vec<(Cow<'_, str>, f64)> =
        TITLES.iter().map(|(title, width)| (Cow::Borrowed(*title), *width)).collect();
    for kind in IndicatorKind::ALL {
        let name = words::indicator(kind, Language::Fr);
        for (title, width) in OF_INDICATOR {
            let title = match title {
                "" if kind.is_mean() => "note sur 10",
                "" => "part",
                title => title,
            };
            columns.push((Cow::Owned(format!("{name}\u{a0}: {title}")), width));
        }
    }
    let mut row = head(sheet, &columns, formats)?;
    for (demarche, figures) in &document.demarches {
        for (period, indicators) in figures.slices(document.period) {
            row += 1;
            line_of(&mut Line::new(sheet, formats, row), demarche, period, &indicators)?;
        }
    }
    finish(sheet, row, columns.len(), 2)
}

fn line_of(
    line: &mut Line<'_>,
    demarche: &Demarche,
    period: Period,
    indicators: &Indicators,
) -> Result<(), XlsxError> {
    let audience: Vec<&str> = demarche.audience.iter().map(|one| one.code()).collect();
    line.text(&demarche.id.0)?;
    line.text(&demarche.title)?;
    line.text(&demarche.administration)?;
    line.text(demarche.ministry.as_deref().unwrap_or_default())?;
    line.text(&audience.join(", "))?;
    line.text(if demarche.essential { "oui" } else { "non" })?;
    line.day(period.from)?;
    line.day(period.to)?;
    for indicator in indicators.iter() {
        cells_of(line, indicator)?;
    }
    Ok(())
}

fn cells_of(line: &mut Line<'_>, indicator: &Indicator) -> Result<(), XlsxError> {
    let formats = line.formats;
    let is_mean = indicator.kind.is_mean();
    let (format, of_bounds) =
        if is_mean { (&formats.note, &formats.bound) } else { (&formats.percent, &formats.percent) };
    let figure = indicator.figure.as_ref();
    let interval = figure.and_then(|figure| figure.interval);
    // As published: what a level is of.
    line.number(figure.map(|figure| published(&figure.printed, is_mean)), format)?;
    line.count(indicator.n)?;
    line.number(interval.map(|(low, _)| low.to_f64()), of_bounds)?;
    line.number(interval.map(|(_, high)| high.to_f64()), of_bounds)?;
    match figure.and_then(|figure| figure.level) {
        Some(level) => line.text_as(words::level(level, Language::Fr), formats.level(level)),
        None => line.text(&words::lack(indicator, Language::Fr).unwrap_or_default()),
    }
}

/// The number that was printed with one decimal: a note, or as a share what is printed in per cent.
fn published(printed: &str, is_mean: bool) -> f64 {
    let tenths: f64 = printed.replace('.', "").parse().unwrap_or(f64::NAN);
    tenths / if is_mean { 10.0 } else { 1_000.0 }
}

/// The rows of the table, of every document.
fn table(
    sheet: &mut Worksheet,
    sheets: &[(&str, &Document<'_>)],
    formats: &Formats,
) -> Result<(), XlsxError> {
    let mut row = head(sheet, &HEADER.map(|name| (Cow::Borrowed(name), 14.0)), formats)?;
    for (_, document) in sheets {
        for (demarche, figures) in &document.demarches {
            for (period, indicators) in figures.slices(document.period) {
                for indicator in indicators.iter() {
                    row += 1;
                    let mut line = Line::new(sheet, formats, row);
                    for value in row_of(demarche, period, indicator) {
                        line.value(value)?;
                    }
                }
            }
        }
    }
    finish(sheet, row, HEADER.len(), 1)
}

/// Writes the titles of columns into the first row, and returns its number.
fn head(sheet: &mut Worksheet, columns: &[(Cow<'_, str>, f64)], formats: &Formats) -> Result<u32, XlsxError> {
    for (column, (title, width)) in (0..).zip(columns) {
        sheet.write_string_with_format(0, column, title.as_ref(), &formats.title)?;
        sheet.set_column_width(column, *width)?;
    }
    Ok(0)
}

/// Keeps the titles and the first columns in sight, on a screen and on paper, and offers to filter.
fn finish(sheet: &mut Worksheet, last_row: u32, columns: usize, kept: u16) -> Result<(), XlsxError> {
    let last_column = u16::try_from(columns).map_err(|_| XlsxError::RowColumnLimitError)? - 1;
    sheet.set_freeze_panes(1, kept)?;
    sheet.autofilter(0, 0, last_row, last_column)?;
    // Ids are texts, also those that look like numbers: nothing to warn of.
    sheet.ignore_error_range(0, 0, last_row, 0, IgnoreError::NumberStoredAsText)?;
    sheet.set_landscape().set_repeat_rows(0, 0)?.set_repeat_columns(0, kept - 1)?;
    Ok(())
}

/// What one has to know to read the figures, on a page that is passed on with them.
fn notice(
    sheet: &mut Worksheet,
    sheets: &[(&str, &Document<'_>)],
    formats: &Formats,
) -> Result<(), XlsxError> {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut say = |what: &str, text: String| lines.push((what.to_owned(), text));
    say(
        "Source",
        "Je donne mon avis\u{a0}: les avis des usagers sur les démarches administratives".to_owned(),
    );
    say("Licence", format!("Licence Ouverte 2.0, {LICENCE}"));
    for (name, document) in sheets {
        let Period { from, to } = document.period;
        let state = if document.standing == Standing::Closed {
            "période close"
        } else {
            "période en cours\u{a0}: les chiffres bougent encore"
        };
        let count = document.demarches.len();
        say(
            name,
            format!(
                "du {from} au {to}, jours inclus, heure de Paris\u{a0}; {state}\u{a0}; {count} démarches"
            ),
        );
    }
    say("Formule", FORMULA.to_owned());
    say("Note", "moyenne des points, de 0 à 10, arrondie au dixième".to_owned());
    say("Part", "pourcentage des réponses, arrondi au dixième".to_owned());
    say(
        "Intervalle",
        "intervalle de confiance à 95\u{a0}%\u{a0}; aucun si toutes les réponses sont les mêmes".to_owned(),
    );
    for kind in IndicatorKind::ALL {
        let name = words::indicator(kind, Language::Fr);
        say(
            &format!("Minimum, {name}"),
            format!("{} réponses\u{a0}: en dessous, aucun chiffre n’est publié", kind.minimum()),
        );
    }
    say(
        "Données",
        format!("la feuille «\u{a0}{TABLE}\u{a0}» tient les lignes du fichier CSV, avec les mêmes colonnes"),
    );
    sheet.set_column_width(0, 30)?.set_column_width(1, 100)?;
    for (row, (what, text)) in (0..).zip(&lines) {
        let mut line = Line::new(sheet, formats, row);
        line.text_as(what, &formats.title)?;
        line.text_as(text, &formats.text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
