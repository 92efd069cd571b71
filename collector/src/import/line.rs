//! One line: what it says, what of it is left out, or why none of it is taken.

use super::labels::{Column, Labelled, NO_OPINION, same, values};
use super::report::{Note, Reason};
use crate::day::Day;
use crate::masking::mask;
use crate::store::Period;
use csv::StringRecord;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use shared::Answers;
use shared::answers::PerChannel;
use shared::draft::clean;
use shared::questionnaire::{Channel, Choice, Help, Question, Scale, Set};

/// The longest comment that is imported, in characters. That of the form is shorter: what was written under another
/// rule is kept whole.
pub const COMMENT_MAX: usize = 15_000;

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// The day of the avis.
    pub(super) day: Day,
    /// Its number where it was given.
    pub(super) number: u64,
    /// The label of its bouton, as it stands there.
    pub(super) bouton: &'a str,
    /// Its answers.
    pub(super) answers: Answers,
}

/// The cells of a line, and what was left out of them.
pub(super) struct Reading<'a> {
    record: &'a StringRecord,
    left_out: Vec<Note>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(record: &'a StringRecord) -> Self {
        Self { record, left_out: Vec::new() }
    }

    fn cell(&self, column: Column) -> &'a str {
        let place = Column::ALL.iter().position(|one| *one == column);
        place.and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    /// What the line says, with what is left out of it.
    ///
    /// # Errors
    /// Why none of it is taken: the first reason, in the order of the columns.
    pub(super) fn finish(mut self, now: Timestamp) -> Result<(Line<'a>, Vec<Note>), Note> {
        let day = self.day(now)?;
        let number = number(self.cell(Column::Id)).ok_or(Note::of(Reason::NoId, Column::Id))?;
        let mut answers = Answers {
            satisfaction: self.one(Question::Satisfaction)?,
            clarity: self.clarity()?,
            help_tried: self.help_tried()?,
            help_reached: self.per_channel(Question::HelpReached)?,
            help_quality: self.per_channel(Question::HelpQuality)?,
            comment: self.comment(),
            ..Answers::default()
        };
        if answers.satisfaction.is_none() {
            return Err(Note::about(Reason::Unanswered, Question::Satisfaction));
        }
        self.prune(&mut answers);
        Ok((Line { day, number, bouton: self.cell(Column::Bouton), answers }, self.left_out))
    }

    fn day(&self, now: Timestamp) -> Result<Day, Note> {
        let at = instant(self.cell(Column::Date)).ok_or(Note::of(Reason::NoDate, Column::Date))?;
        let day = Day::of(at);
        if at > now || day < Period::ALL.from {
            return Err(Note::of(Reason::OutOfTime, Column::Date));
        }
        Ok(day)
    }

    fn leave_out(&mut self, reason: Reason, question: Question) {
        self.left_out.push(Note::about(reason, question));
    }

    /// The values of a question's cell that are answers.
    fn answers_to(&mut self, question: Question) -> Vec<&'a str> {
        let all = values(self.cell(Column::Answer(question)));
        let mut answers = Vec::new();
        for value in all {
            if same(value, NO_OPINION) {
                self.leave_out(Reason::NoOpinion, question);
            } else {
                answers.push(value);
            }
        }
        answers
    }

    /// The answer to a question that takes one.
    fn one<C: Labelled>(&mut self, question: Question) -> Result<Option<C>, Note> {
        let mut answer = None;
        for value in self.answers_to(question) {
            let choice = C::of_label(value).ok_or(Note::about(Reason::UnknownChoice, question))?;
            self.answer(&mut answer, choice, question)?;
        }
        Ok(answer)
    }

    /// Gives the one answer, or the same again.
    fn answer<C: Choice>(
        &mut self,
        answer: &mut Option<C>,
        choice: C,
        question: Question,
    ) -> Result<(), Note> {
        match answer.replace(choice) {
            None => {}
            Some(before) if before == choice => self.leave_out(Reason::SameTwice, question),
            Some(_) => return Err(Note::about(Reason::TwoChoices, question)),
        }
        Ok(())
    }

    /// Clarity. Before July 2024 another question was asked in its place, and answered in words.
    fn clarity(&mut self) -> Result<Option<Scale>, Note> {
        let question = Question::Clarity;
        let mut answer = None;
        for value in self.answers_to(question) {
            match Scale::of_label(value) {
                Some(choice) => self.answer(&mut answer, choice, question)?,
                None if value.contains(|character: char| character.is_numeric()) => {
                    return Err(Note::about(Reason::UnknownChoice, question));
                }
                None => self.leave_out(Reason::OtherQuestion, question),
            }
        }
        Ok(answer)
    }

    fn help_tried(&mut self) -> Result<Set<Help>, Note> {
        let question = Question::HelpTried;
        let mut ticks = Set::default();
        for value in self.answers_to(question) {
            let tick = Help::of_label(value).ok_or(Note::about(Reason::UnknownChoice, question))?;
            if ticks.contains(tick) {
                self.leave_out(Reason::SameTwice, question);
            }
            ticks.insert(tick);
        }
        if ticks.contradicts_itself() {
            return Err(Note::about(Reason::ExclusiveChoice, question));
        }
        Ok(ticks)
    }

    fn per_channel<C: Labelled>(&mut self, question: Question) -> Result<PerChannel<C>, Note> {
        let unknown = Note::about(Reason::UnknownChoice, question);
        let mut answers = PerChannel::default();
        for value in values(self.cell(Column::Answer(question))) {
            let (channel, label) = value.rsplit_once(':').ok_or(unknown)?;
            let channel = Channel::of_label(channel).ok_or(unknown)?;
            if same(label, NO_OPINION) {
                self.leave_out(Reason::NoOpinion, question);
                continue;
            }
            let mut answer = answers.get(channel);
            self.answer(&mut answer, C::of_label(label).ok_or(unknown)?, question)?;
            answers.set(channel, answer);
        }
        Ok(answers)
    }

    /// Leaves out the answers whose condition does not hold.
    fn prune(&mut self, answers: &mut Answers) {
        for &channel in Channel::ALL {
            if answers.help_reached.get(channel).is_some() && !answers.asks_reached(channel) {
                self.leave_out(Reason::NotTried, Question::HelpReached);
            }
            if answers.help_quality.get(channel).is_some() && !answers.asks_quality(channel) {
                self.leave_out(Reason::NotReached, Question::HelpQuality);
            }
        }
        answers.prune();
    }

    /// The comment, masked, never split and whole unless it is longer than any that could be written. Masked before it
    /// is cut: of a number that is cut, a part would stay.
    fn comment(&mut self) -> Option<String> {
        let mut comment = mask(&clean(self.cell(Column::Answer(Question::Comment)))).into_owned();
        if let Some((end, _)) = comment.char_indices().nth(COMMENT_MAX) {
            comment.truncate(end);
            self.leave_out(Reason::TooLong, Question::Comment);
        }
        (!comment.is_empty()).then_some(comment)
    }
}

/// The instant that is written as `2026-09-30 21:59:59`, in UTC.
fn instant(cell: &str) -> Option<Timestamp> {
    let cell = cell.trim();
    let has_shape = cell.len() == 19
        && cell.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            10 => byte == b' ',
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        });
    let civil: DateTime = has_shape.then(|| cell.parse().ok())??;
    TimeZone::UTC.to_timestamp(civil).ok()
}

/// The number of an avis, which the export writes in about seven hexadecimal digits.
fn number(cell: &str) -> Option<u64> {
    let digits = cell.trim();
    let is_number = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_number.then(|| u64::from_str_radix(digits, 16).ok())?
}
