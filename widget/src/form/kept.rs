//! What waits on the device: an avis that is not stored in full yet, as one text.
//!
//! There is one from the first answer on, until all is stored, withdrawn or refused for good. It holds neither the
//! receipt nor the edit token: whoever repeats the first request under its key is given both again.
//!
//! No JSON, which would have to be read: the parts stand one after the other, choices as digits in the order of the
//! questionnaire. A text is read by the form that wrote it or by one of the same version of the questionnaire, which is
//! part of its name.

use super::{First, Form, Place, Setup};
use shared::questionnaire::{Channel, Choice, Help, Malfunction, Question, Screen};
use shared::{Answers, Set};

/// Between two parts: a character that no keyboard writes.
const SEPARATOR: char = '\u{1f}';

/// Stands for no choice.
const NONE: char = '-';

impl Form {
    /// The form as a text, while something of it may have to be sent again.
    #[must_use]
    pub fn kept(&self) -> Option<String> {
        let first = self.first.as_ref()?;
        let Place::Questions(screen) = self.place else { return None };
        if self.trouble.is_some_and(|(_, trouble)| !trouble.can_be_retried()) {
            return None;
        }
        let mut out = first.at.to_string();
        part(&mut out, &self.touched.to_string());
        part(&mut out, "");
        let mut digit = |number| {
            out.push(number_to_digit(number));
            number
        };
        for number in [screen.index(), first.told.into(), self.is_finished().into()] {
            digit(Some(number));
        }
        each_choice(&mut self.answers.clone(), &mut digit);
        part(&mut out, &first.body);
        for &question in Question::ALL {
            if question.max_length().is_some() {
                part(&mut out, self.answers.text(question).unwrap_or_default());
            }
        }
        Some(out)
    }

    /// The form that was [`kept`](Self::kept), about what `setup` says and under its key; none if the text is none of
    /// ours.
    #[must_use]
    pub fn restored(setup: Setup, kept: &str) -> Option<Self> {
        let mut parts = kept.split(SEPARATOR);
        let mut part = || parts.next().unwrap_or_default();
        let [at, touched] = [part(), part()].map(|seconds| seconds.parse().unwrap_or_default());
        let mut digits = part().chars().map(digit_to_number);
        let mut digit = || digits.next().flatten();
        let [screen, told, is_finished] = [digit(), digit(), digit()];
        let screen = Screen::ALL.get(screen.unwrap_or_default()).copied().unwrap_or(Screen::Satisfaction);
        let mut answers = Answers::default();
        each_choice(&mut answers, &mut |_| digit());
        let body = part().to_owned();
        for &question in Question::ALL {
            if let Some(text) = answers.text_mut(question) {
                *text = Some(part().to_owned()).filter(|text| !text.is_empty());
            }
        }
        let is_ours = !body.is_empty();
        let mut form = Self::at(setup, screen, answers, Vec::new());
        form.touched = touched;
        form.first =
            Some(First { body, answers: Answers::default(), at, told: told == Some(1), restored: true });
        if is_finished == Some(1) {
            form = form.finished();
        }
        is_ours.then_some(form)
    }
}

fn part(out: &mut String, text: &str) {
    out.push(SEPARATOR);
    out.extend(text.chars().filter(|character| *character != SEPARATOR));
}

fn number_to_digit(number: Option<usize>) -> char {
    number.and_then(|number| char::from_digit(u32::try_from(number).ok()?, 10)).unwrap_or(NONE)
}

fn digit_to_number(digit: char) -> Option<usize> {
    digit.to_digit(10).map(|number| number as usize)
}

/// Hands each choice to `visit` as its place among its like, and puts the one that comes back in its place. A tick is 0.
fn each_choice(answers: &mut Answers, visit: &mut dyn FnMut(Option<usize>) -> Option<usize>) {
    fn choice<C: Choice>(
        given: Option<C>,
        visit: &mut dyn FnMut(Option<usize>) -> Option<usize>,
    ) -> Option<C> {
        visit(given.map(C::index)).and_then(|index| C::ALL.get(index).copied())
    }
    fn ticks<C: Choice>(ticked: &mut Set<C>, visit: &mut dyn FnMut(Option<usize>) -> Option<usize>) {
        for &tick in C::ALL {
            if visit(ticked.contains(tick).then_some(0)).is_some() {
                ticked.insert(tick);
            }
        }
    }
    answers.satisfaction = choice(answers.satisfaction, visit);
    answers.clarity = choice(answers.clarity, visit);
    answers.ease = choice(answers.ease, visit);
    for &channel in Channel::ALL {
        answers.help_reached.set(channel, choice(answers.help_reached.get(channel), visit));
        answers.help_quality.set(channel, choice(answers.help_quality.get(channel), visit));
    }
    ticks::<Help>(&mut answers.help_tried, visit);
    ticks::<Malfunction>(&mut answers.malfunctions, visit);
}
