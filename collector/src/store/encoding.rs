//! How answers become the numbers of a row, alike for every database. The comments of `migrations/` say the same.

use super::StoreError;
use serde::{Deserialize, Serialize};
use shared::answers::PerChannel;
use shared::questionnaire::{Channel, Choice, Help, Malfunction, Question, Satisfaction, Scale, Set};
use shared::tally::Cell;
use shared::{Answers, Tally};

/// The coded answers of one avis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow, Serialize, Deserialize)]
pub(crate) struct CodedAnswers {
    pub(super) satisfaction: i64,
    pub(super) clarity: Option<i64>,
    pub(super) ease: Option<i64>,
    pub(super) help_tried: i64,
    pub(super) help_reached: i64,
    pub(super) help_quality: i64,
    pub(super) malfunctions: i64,
    pub(super) texts: i64,
}

/// The open questions, in the order of their bits.
const TEXTS: [Question; 3] = [Question::HelpTriedOther, Question::MalfunctionsOther, Question::Comment];

const REACHED_BITS: u32 = 2;
const QUALITY_BITS: u32 = 3;

/// The columns of coded answers, in the order of the fields, with the bits that each takes.
const COLUMNS: [(&str, usize); 8] = [
    ("satisfaction", bits(Satisfaction::ALL.len())),
    ("clarity", bits(Scale::ALL.len())),
    ("ease", bits(Scale::ALL.len())),
    ("help_tried", Help::ALL.len()),
    ("help_reached", Channel::ALL.len() * REACHED_BITS as usize),
    ("help_quality", Channel::ALL.len() * QUALITY_BITS as usize),
    ("malfunctions", Malfunction::ALL.len()),
    ("texts", TEXTS.len()),
];

/// The bits that a number up to this one takes.
const fn bits(largest: usize) -> usize {
    (usize::BITS - largest.leading_zeros()) as usize
}

/// All coded answers in one number, as SQL: where rows are read by the million, each value of a row costs more than to
/// take eight of them apart.
pub(super) fn packed() -> String {
    let mut shift = 0;
    let parts = COLUMNS.map(|(column, bits)| {
        let part = format!("(ifnull({column}, 0) << {shift})");
        shift += bits;
        part
    });
    parts.join(" | ")
}

impl CodedAnswers {
    /// Those that [`packed`] makes a number of.
    pub(super) fn of_packed(mut packed: i64) -> Self {
        let [satisfaction, clarity, ease, help_tried, help_reached, help_quality, malfunctions, texts] =
            COLUMNS.map(|(_, bits)| {
                let part = packed & ((1 << bits) - 1);
                packed >>= bits;
                part
            });
        let given = |number| (number > 0).then_some(number);
        let (clarity, ease) = (given(clarity), given(ease));
        Self { satisfaction, clarity, ease, help_tried, help_reached, help_quality, malfunctions, texts }
    }

    pub(crate) fn of(answers: &Answers) -> Self {
        Self {
            satisfaction: answers.satisfaction.map_or(0, number),
            clarity: answers.clarity.map(number),
            ease: answers.ease.map(number),
            help_tried: answers.help_tried.bits().into(),
            help_reached: pack(&answers.help_reached, REACHED_BITS),
            help_quality: pack(&answers.help_quality, QUALITY_BITS),
            malfunctions: answers.malfunctions.bits().into(),
            texts: (0..).zip(TEXTS).map(|(bit, question)| i64::from(answers.answered(question)) << bit).sum(),
        }
    }

    /// The answers with what is kept of their texts, in the order of their bits. A text that was given and is kept no
    /// longer is empty, so that the avis goes on counting for it wherever it goes.
    pub(super) fn answers_with(&self, texts: [Option<String>; 3]) -> Result<Answers, StoreError> {
        let mut answers = self.answers()?;
        let places = [&mut answers.help_tried_other, &mut answers.malfunctions_other, &mut answers.comment];
        for ((bit, place), text) in (0..).zip(places).zip(texts) {
            let given = self.texts >> bit & 1 == 1;
            *place = text.or_else(|| given.then(String::new));
        }
        Ok(answers)
    }

    /// What the avis counts for, whether or not its texts are kept still.
    pub(super) fn tally(&self) -> Result<Tally, StoreError> {
        let mut tally = Tally::of(&self.answers()?);
        for (bit, question) in (0..).zip(TEXTS) {
            tally[Cell::Answered(question)] = self.texts >> bit & 1;
        }
        Ok(tally)
    }

    /// The answers without their texts; an impossible number is a damaged row, and said so.
    pub(crate) fn answers(&self) -> Result<Answers, StoreError> {
        Ok(Answers {
            satisfaction: Some(choice(self.satisfaction)?),
            clarity: self.clarity.map(choice).transpose()?,
            ease: self.ease.map(choice).transpose()?,
            help_tried: ticks(self.help_tried)?,
            help_reached: unpack(self.help_reached, REACHED_BITS)?,
            help_quality: unpack(self.help_quality, QUALITY_BITS)?,
            malfunctions: ticks(self.malfunctions)?,
            ..Answers::default()
        })
    }
}

/// The texts to keep, in the order of their bits.
pub(super) fn kept_texts(answers: &Answers) -> [Option<&str>; 3] {
    TEXTS.map(|question| answers.text(question).filter(|text| !text.is_empty()))
}

/// Whether a text is to be kept: then there is a row of texts.
pub(super) fn has_texts(answers: &Answers) -> bool {
    kept_texts(answers).iter().any(Option::is_some)
}

/// The number of a choice, from 1.
fn number<C: Choice>(choice: C) -> i64 {
    i64::try_from(choice.index() + 1).unwrap_or(i64::MAX)
}

/// The choice of a number.
pub(super) fn choice<C: Choice>(number: i64) -> Result<C, StoreError> {
    usize::try_from(number - 1).ok().and_then(|index| C::ALL.get(index).copied()).ok_or_else(|| {
        StoreError::message(format!("the database holds choice {number}, which no question has"))
    })
}

fn ticks<C: Choice>(bits: i64) -> Result<Set<C>, StoreError> {
    u16::try_from(bits)
        .ok()
        .and_then(Set::from_bits)
        .ok_or_else(|| StoreError::message(format!("the database holds ticks {bits}, which no question has")))
}

fn pack<C: Choice>(answers: &PerChannel<C>, bits: u32) -> i64 {
    answers.iter().fold(0, |packed, (channel, answer)| packed | number(answer) << shift(channel, bits))
}

fn unpack<C: Choice>(packed: i64, bits: u32) -> Result<PerChannel<C>, StoreError> {
    let mut answers = PerChannel::default();
    for &channel in Channel::ALL {
        match packed >> shift(channel, bits) & ((1 << bits) - 1) {
            0 => {}
            number => answers.set(channel, Some(choice(number)?)),
        }
    }
    Ok(answers)
}

fn shift(channel: Channel, bits: u32) -> u32 {
    u32::try_from(channel.index()).unwrap_or(0) * bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::questionnaire::{Help, Malfunction, Quality, Reached, Satisfaction, Scale};

    #[test]
    fn coded_answers_lead_back_to_the_answers() {
        let mut answers = Answers {
            satisfaction: Some(Satisfaction::PasBien),
            clarity: Some(Scale::Five),
            help_tried: [Help::Guichet, Help::Chat, Help::Other].into_iter().collect(),
            malfunctions: [Malfunction::None].into_iter().collect(),
            ..Answers::default()
        };
        answers.help_reached.set(Channel::Guichet, Some(Reached::Non));
        answers.help_reached.set(Channel::Chat, Some(Reached::Oui));
        answers.help_quality.set(Channel::Chat, Some(Quality::Excellente));
        let coded = CodedAnswers::of(&answers);
        assert_eq!(coded.answers().unwrap(), answers);
        assert_eq!((coded.satisfaction, coded.help_reached, coded.help_quality), (1, 2 | 1 << 6, 5 << 9));
    }

    #[test]
    fn a_number_that_no_question_has_is_said_to_be_wrong() {
        let coded =
            CodedAnswers::of(&Answers { satisfaction: Some(Satisfaction::Moyen), ..Answers::default() });
        assert!(CodedAnswers { satisfaction: 4, ..coded }.answers().is_err());
        assert!(CodedAnswers { help_quality: 7, ..coded }.answers().is_err());
        assert!(CodedAnswers { malfunctions: 1 << 9, ..coded }.answers().is_err());
    }

    #[test]
    fn a_text_counts_when_its_words_are_gone() {
        let answers = Answers {
            satisfaction: Some(Satisfaction::Moyen),
            comment: Some("Bien".into()),
            ..Answers::default()
        };
        let coded = CodedAnswers::of(&answers);
        assert_eq!(coded.texts, 4);
        assert_eq!(coded.answers().unwrap().comment, None);
        assert_eq!(coded.tally().unwrap(), Tally::of(&answers));
        let blanked = coded.answers_with([None, None, None]).unwrap();
        assert_eq!(blanked, Answers { comment: Some(String::new()), ..answers.clone() });
        assert_eq!(CodedAnswers::of(&blanked), coded);
        assert_eq!((has_texts(&answers), has_texts(&blanked)), (true, false));
    }
}
