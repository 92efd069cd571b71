//! What a row says, and how.

use super::Records;
use crate::catalogue::{Bouton, BoutonId, Catalogue, DemarcheId};
use crate::spreadsheet::{Dialect, formula_safe};
use crate::store::Avis;
use shared::Answers;
use shared::json;
use shared::questionnaire::{Channel, Choice, Question, Set};
use std::collections::HashMap;
use std::io;
use std::str::FromStr;

/// How avis are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table.
    Csv(Dialect),
    /// A JSON object a line.
    Jsonl,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        let dialect = Dialect::ALL.into_iter().find(|dialect| dialect.code() == code);
        let known = dialect.map(Self::Csv).or((code == "jsonl").then_some(Self::Jsonl));
        known.ok_or_else(|| "one of: csv, csv-excel-fr, jsonl".to_owned())
    }
}

/// A column of the table. Questions are named by their codes; one that is asked per channel has a column for each,
/// named like its field in the form (`help_reached.guichet`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Id,
    Demarche,
    Day,
    Bouton,
    BoutonLabel,
    Channel,
    Lang,
    Origin,
    Path,
    Answer(Question),
    PerChannel(Question, Channel),
}

impl Column {
    fn all() -> impl Iterator<Item = Self> {
        let of_avis = [
            Self::Id,
            Self::Demarche,
            Self::Day,
            Self::Bouton,
            Self::BoutonLabel,
            Self::Channel,
            Self::Lang,
            Self::Origin,
            Self::Path,
        ];
        let of_question = |question: &Question| match question {
            Question::HelpReached | Question::HelpQuality => {
                Channel::ALL.iter().map(|channel| Self::PerChannel(*question, *channel)).collect()
            }
            question => vec![Self::Answer(*question)],
        };
        of_avis.into_iter().chain(Question::ALL.iter().flat_map(of_question))
    }

    fn name(self) -> String {
        let name = match self {
            Self::Id => "id",
            Self::Demarche => "demarche",
            Self::Day => "day",
            Self::Bouton => "bouton",
            Self::BoutonLabel => "bouton_label",
            Self::Channel => "channel",
            Self::Lang => "lang",
            Self::Origin => "origin",
            Self::Path => "path",
            Self::Answer(question) => question.code(),
            Self::PerChannel(question, channel) => return format!("{}.{}", question.code(), channel.code()),
        };
        name.to_owned()
    }
}

/// Writes avis about a démarche.
pub(super) struct Rows {
    format: Format,
    demarche: DemarcheId,
    boutons: HashMap<BoutonId, Bouton>,
    columns: Vec<Column>,
}

impl Rows {
    pub(super) fn new(format: Format, catalogue: &Catalogue, demarche: &DemarcheId) -> Self {
        let boutons = catalogue.boutons_of(demarche).map(|bouton| (bouton.id.clone(), bouton.clone()));
        Self {
            format,
            demarche: demarche.clone(),
            boutons: boutons.collect(),
            columns: Column::all().collect(),
        }
    }

    /// What comes before all avis.
    pub(super) fn head(&self) -> io::Result<Records> {
        let bytes = match self.format {
            Format::Jsonl => vec![],
            Format::Csv(dialect) => {
                let mut writer = dialect.writer(dialect.mark().as_bytes().to_vec());
                writer.write_record(self.columns.iter().map(|column| column.name()))?;
                writer.into_inner().map_err(csv::IntoInnerError::into_error)?
            }
        };
        Ok(Records { bytes, last: 0 })
    }

    /// Avis, in their order.
    pub(super) fn body(&self, avis: &[Avis]) -> io::Result<Records> {
        match self.format {
            Format::Jsonl => Ok(self.lines(avis)),
            Format::Csv(dialect) => self.table(dialect, avis),
        }
    }

    fn table(&self, dialect: Dialect, avis: &[Avis]) -> io::Result<Records> {
        let mut writer = dialect.writer(Vec::with_capacity(256 * avis.len()));
        let mut last = 0;
        for (place, one) in avis.iter().enumerate() {
            if place + 1 == avis.len() {
                writer.flush()?;
                last = writer.get_ref().len();
            }
            for column in &self.columns {
                self.cell(&mut writer, *column, one)?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        Ok(Records { bytes: writer.into_inner().map_err(csv::IntoInnerError::into_error)?, last })
    }

    fn cell(&self, writer: &mut csv::Writer<Vec<u8>>, column: Column, avis: &Avis) -> csv::Result<()> {
        let bouton = || avis.bouton.as_ref().and_then(|id| self.boutons.get(id));
        let page = avis.page.as_ref();
        let text = match column {
            Column::Id => return writer.write_field(avis.id.to_string()),
            Column::Day => return writer.write_field(avis.day.to_string()),
            Column::Answer(question @ (Question::HelpTried | Question::Malfunctions)) => {
                return writer.write_field(ticks(&avis.answers, question));
            }
            Column::Demarche => &self.demarche.0,
            Column::Bouton => avis.bouton.as_ref().map_or("", |id| &id.0),
            Column::BoutonLabel => bouton().and_then(|bouton| bouton.label.as_deref()).unwrap_or_default(),
            Column::Channel => bouton().map_or("", |bouton| bouton.channel.code()),
            Column::Lang => avis.language.map_or("", shared::Language::code),
            Column::Origin => page.map_or("", |(origin, _)| origin),
            Column::Path => page.map_or("", |(_, path)| path),
            Column::Answer(question) => answer(&avis.answers, question),
            Column::PerChannel(question, channel) => per_channel(&avis.answers, question, channel),
        };
        writer.write_field(&*formula_safe(text))
    }

    fn lines(&self, avis: &[Avis]) -> Records {
        let (mut out, mut last) = (String::with_capacity(384 * avis.len()), 0);
        for one in avis {
            last = out.len();
            self.line(&mut out, one);
        }
        Records { bytes: out.into_bytes(), last }
    }

    /// The answers are as `POST /api/v1/avis` takes them.
    fn line(&self, out: &mut String, avis: &Avis) {
        let bouton = avis.bouton.as_ref().and_then(|id| self.boutons.get(id));
        let page = avis.page.as_ref().map(|(origin, path)| format!("{origin}{path}"));
        out.push('{');
        for (name, value) in [
            ("id", Some(&*avis.id.to_string())),
            ("demarche", Some(&*self.demarche.0)),
            ("day", Some(&*avis.day.to_string())),
            ("bouton", avis.bouton.as_ref().map(|id| &*id.0)),
            ("bouton_label", bouton.and_then(|bouton| bouton.label.as_deref())),
            ("channel", bouton.map(|bouton| bouton.channel.code())),
            ("lang", avis.language.map(shared::Language::code)),
            ("page", page.as_deref()),
        ] {
            json::key(out, name);
            match value {
                Some(value) => json::string(out, value),
                None => out.push_str("null"),
            }
        }
        json::key(out, "answers");
        let answered: Vec<Question> =
            Question::ALL.iter().copied().filter(|question| avis.answers.answered(*question)).collect();
        json::answers(out, &avis.answers, &answered);
        out.push_str("}\n");
    }
}

/// The code of the one choice, or the text; nothing if the question is not answered.
fn answer(answers: &Answers, question: Question) -> &str {
    match question {
        Question::Satisfaction => code(answers.satisfaction),
        Question::Clarity => code(answers.clarity),
        Question::Ease => code(answers.ease),
        question => answers.text(question).unwrap_or_default(),
    }
}

fn per_channel(answers: &Answers, question: Question, channel: Channel) -> &'static str {
    match question {
        Question::HelpReached => code(answers.help_reached.get(channel)),
        _ => code(answers.help_quality.get(channel)),
    }
}

fn code(choice: Option<impl Choice>) -> &'static str {
    choice.map_or("", Choice::code)
}

/// The codes of several choices, a semicolon between them.
fn ticks(answers: &Answers, question: Question) -> String {
    fn codes<C: Choice>(set: Set<C>) -> String {
        set.iter().map(Choice::code).collect::<Vec<_>>().join(";")
    }
    match question {
        Question::HelpTried => codes(answers.help_tried),
        _ => codes(answers.malfunctions),
    }
}
