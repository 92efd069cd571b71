//! The answers of one person, in the making ([`Answers`]) and found consistent ([`ValidAnswers`]).

use crate::questionnaire::{
    Channel, Choice, Help, Malfunction, Quality, Question, Reached, Satisfaction, Scale, Set,
};
use std::borrow::Cow;
use std::ops::Deref;

/// The length of a text in characters: Unicode scalar values, a line break (CRLF or LF) being one.
///
/// The text is expected in NFC, so that an accented letter is one character whatever keyboard wrote it.
#[must_use]
pub fn text_length(text: &str) -> usize {
    // Not `matches`: searching a text would bring 3 kB of brotli into the browser.
    text.chars().count() - text.as_bytes().windows(2).filter(|pair| *pair == b"\r\n").count()
}

/// An answer for each of the administration's channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PerChannel<T>([Option<T>; 4]);

impl<T> Default for PerChannel<T> {
    fn default() -> Self {
        Self([None, None, None, None])
    }
}

impl<T: Copy> PerChannel<T> {
    /// The answer for this channel, if given.
    #[must_use]
    pub fn get(&self, channel: Channel) -> Option<T> {
        self.0[channel.index()]
    }

    /// Gives, changes or takes back the answer for this channel.
    pub fn set(&mut self, channel: Channel, answer: Option<T>) {
        self.0[channel.index()] = answer;
    }

    /// Whether no channel has an answer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// The channels that have an answer, with it.
    pub fn iter(&self) -> impl Iterator<Item = (Channel, T)> + '_ {
        Channel::ALL.iter().filter_map(|channel| self.get(*channel).map(|answer| (*channel, answer)))
    }
}

/// Answers in the making: what a form holds while it is being filled in. An empty set, an empty map and `None`
/// all mean that the question has not been answered. An empty text is one that was given and is kept no longer: no draft
/// makes one, and it counts for as much as before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// How it went.
    pub satisfaction: Option<Satisfaction>,
    /// How clear the information was.
    pub clarity: Option<Scale>,
    /// How easy it was.
    pub ease: Option<Scale>,
    /// Where help was looked for.
    pub help_tried: Set<Help>,
    /// Where else, if [`Help::Other`] is ticked.
    pub help_tried_other: Option<String>,
    /// Whether each ticked channel was reached.
    pub help_reached: PerChannel<Reached>,
    /// How good the help of each reached channel was.
    pub help_quality: PerChannel<Quality>,
    /// What malfunctioned.
    pub malfunctions: Set<Malfunction>,
    /// What else, if [`Malfunction::Other`] is ticked.
    pub malfunctions_other: Option<String>,
    /// Anything else.
    pub comment: Option<String>,
}

impl Answers {
    /// Whether this channel's `help_reached` is asked: it was tried.
    #[must_use]
    pub fn asks_reached(&self, channel: Channel) -> bool {
        self.help_tried.contains(channel.help())
    }

    /// Whether this channel's `help_quality` is asked: it was tried and reached.
    #[must_use]
    pub fn asks_quality(&self, channel: Channel) -> bool {
        self.asks_reached(channel) && self.help_reached.get(channel) == Some(Reached::Oui)
    }

    /// Whether the text behind «Autres, précisez» of `help_tried` is asked.
    #[must_use]
    pub fn asks_help_other(&self) -> bool {
        self.help_tried.contains(Help::Other)
    }

    /// Whether the text behind «Autre, précisez» of `malfunctions` is asked.
    #[must_use]
    pub fn asks_malfunctions_other(&self) -> bool {
        self.malfunctions.contains(Malfunction::Other)
    }

    /// Drops the answers whose condition does not hold.
    pub fn prune(&mut self) {
        for &channel in Channel::ALL {
            if !self.asks_reached(channel) {
                self.help_reached.set(channel, None);
            }
            if !self.asks_quality(channel) {
                self.help_quality.set(channel, None);
            }
        }
        if !self.asks_help_other() {
            self.help_tried_other = None;
        }
        if !self.asks_malfunctions_other() {
            self.malfunctions_other = None;
        }
    }

    /// Whether the question has an answer.
    #[must_use]
    pub fn answered(&self, question: Question) -> bool {
        match question {
            Question::Satisfaction => self.satisfaction.is_some(),
            Question::Clarity => self.clarity.is_some(),
            Question::Ease => self.ease.is_some(),
            Question::HelpTried => !self.help_tried.is_empty(),
            Question::HelpTriedOther => self.help_tried_other.is_some(),
            Question::HelpReached => !self.help_reached.is_empty(),
            Question::HelpQuality => !self.help_quality.is_empty(),
            Question::Malfunctions => !self.malfunctions.is_empty(),
            Question::MalfunctionsOther => self.malfunctions_other.is_some(),
            Question::Comment => self.comment.is_some(),
        }
    }

    /// The text given to an open question; none for a closed one.
    #[must_use]
    pub fn text(&self, question: Question) -> Option<&str> {
        match question {
            Question::HelpTriedOther => self.help_tried_other.as_deref(),
            Question::MalfunctionsOther => self.malfunctions_other.as_deref(),
            Question::Comment => self.comment.as_deref(),
            _ => None,
        }
    }

    /// The place of the text given to an open question; none for a closed one.
    pub fn text_mut(&mut self, question: Question) -> Option<&mut Option<String>> {
        match question {
            Question::HelpTriedOther => Some(&mut self.help_tried_other),
            Question::MalfunctionsOther => Some(&mut self.malfunctions_other),
            Question::Comment => Some(&mut self.comment),
            _ => None,
        }
    }

    /// Puts another text in the place of one where `rewrite` makes it anew. To keep what is valid so, it makes none that
    /// is empty or longer.
    pub fn rewrite_texts(&mut self, rewrite: impl Fn(&str) -> Cow<'_, str>) {
        let texts = [&mut self.help_tried_other, &mut self.malfunctions_other, &mut self.comment];
        for text in texts.into_iter().flatten() {
            if let Cow::Owned(rewritten) = rewrite(text) {
                debug_assert!((1..=text_length(text)).contains(&text_length(&rewritten)));
                *text = rewritten;
            }
        }
    }

    /// The questions whose answer differs from an earlier state: what a `PATCH` has to carry.
    #[must_use]
    pub fn differences(&self, earlier: &Self) -> Vec<Question> {
        Question::ALL.iter().copied().filter(|question| !self.agrees_on(*question, earlier)).collect()
    }

    /// Takes over the answer to one question from other answers.
    pub fn copy_from(&mut self, question: Question, other: &Self) {
        match question {
            Question::Satisfaction => self.satisfaction = other.satisfaction,
            Question::Clarity => self.clarity = other.clarity,
            Question::Ease => self.ease = other.ease,
            Question::HelpTried => self.help_tried = other.help_tried,
            Question::HelpTriedOther => self.help_tried_other.clone_from(&other.help_tried_other),
            Question::HelpReached => self.help_reached = other.help_reached,
            Question::HelpQuality => self.help_quality = other.help_quality,
            Question::Malfunctions => self.malfunctions = other.malfunctions,
            Question::MalfunctionsOther => self.malfunctions_other.clone_from(&other.malfunctions_other),
            Question::Comment => self.comment.clone_from(&other.comment),
        }
    }

    fn agrees_on(&self, question: Question, other: &Self) -> bool {
        match question {
            Question::Satisfaction => self.satisfaction == other.satisfaction,
            Question::Clarity => self.clarity == other.clarity,
            Question::Ease => self.ease == other.ease,
            Question::HelpTried => self.help_tried == other.help_tried,
            Question::HelpTriedOther => self.help_tried_other == other.help_tried_other,
            Question::HelpReached => self.help_reached == other.help_reached,
            Question::HelpQuality => self.help_quality == other.help_quality,
            Question::Malfunctions => self.malfunctions == other.malfunctions,
            Question::MalfunctionsOther => self.malfunctions_other == other.malfunctions_other,
            Question::Comment => self.comment == other.comment,
        }
    }
}

/// Answers that satisfy the questionnaire: satisfaction is there, every condition holds, no text is too long.
/// Only [`draft`](crate::draft) makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidAnswers {
    satisfaction: Satisfaction,
    answers: Answers,
}

impl ValidAnswers {
    pub(crate) fn new(satisfaction: Satisfaction, answers: Answers) -> Self {
        Self { satisfaction, answers }
    }

    /// How it went: the one answer that is always there.
    #[must_use]
    pub fn satisfaction(&self) -> Satisfaction {
        self.satisfaction
    }

    /// See [`Answers::rewrite_texts`].
    pub fn rewrite_texts(&mut self, rewrite: impl Fn(&str) -> Cow<'_, str>) {
        self.answers.rewrite_texts(rewrite);
    }
}

impl Deref for ValidAnswers {
    type Target = Answers;

    fn deref(&self) -> &Answers {
        &self.answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_is_one_character_however_it_is_sent() {
        assert_eq!(text_length("a\r\nb"), 3);
        assert_eq!(text_length("a\nb"), 3);
        assert_eq!(text_length("سلام"), 4);
    }

    #[test]
    fn pruning_follows_the_chain_of_conditions() {
        let mut answers = Answers { help_tried_other: Some("voisin".into()), ..Answers::default() };
        answers.help_tried.insert(Help::Guichet);
        answers.help_reached.set(Channel::Guichet, Some(Reached::Oui));
        answers.help_quality.set(Channel::Guichet, Some(Quality::Bonne));
        let mut kept = answers.clone();
        kept.prune();
        assert_eq!(kept.help_quality.get(Channel::Guichet), Some(Quality::Bonne));
        assert_eq!(kept.help_tried_other, None);
        answers.help_tried.remove(Help::Guichet);
        answers.prune();
        assert_eq!(answers, Answers::default());
    }

    #[test]
    fn differences_name_what_changed() {
        let before = Answers { satisfaction: Some(Satisfaction::Moyen), ..Answers::default() };
        let after = Answers { comment: Some("Bien".into()), ..before.clone() };
        assert_eq!(after.differences(&before), [Question::Comment]);
        assert_eq!(before.differences(&before), []);
    }
}
