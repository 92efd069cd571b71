//! Every word that a person reads in the form, in each language.
//!
//! A language is one [`Texts`] with every field filled in, and every function of it matches every choice: a text
//! that one language lacks does not compile.

mod en;
mod form;
mod fr;

pub use form::FormTexts;

use crate::draft::FieldErrorCode;
use crate::questionnaire::{
    Choice, Help, Malfunction, Quality, Question, Reached, Satisfaction, Scale, Screen,
};

/// A language of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// French, the default.
    #[default]
    Fr,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// Its code, as `lang` has it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language of a tag such as `fr` or `en-GB`, if it is one of ours.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// The direction in which it is written: `ltr` or `rtl`.
    #[must_use]
    pub fn direction(self) -> &'static str {
        match self {
            Self::Fr | Self::En => "ltr",
        }
    }

    /// Its texts.
    #[must_use]
    pub fn texts(self) -> &'static Texts {
        match self {
            Self::Fr => &fr::TEXTS,
            Self::En => &en::TEXTS,
        }
    }
}

/// The texts of one language.
#[derive(Debug)]
pub struct Texts {
    /// The name of the form, and the label of the button where a page gives none.
    pub title: &'static str,
    /// What each screen is about, as its heading.
    pub screen: fn(Screen) -> &'static str,
    /// The questions.
    pub question: fn(Question) -> &'static str,
    /// Labels of [`Satisfaction`].
    pub satisfaction: fn(Satisfaction) -> &'static str,
    /// What the ends of the clarity scale mean: worst, best.
    pub clarity_ends: (&'static str, &'static str),
    /// What the ends of the ease scale mean: worst, best.
    pub ease_ends: (&'static str, &'static str),
    /// Labels of [`Help`].
    pub help: fn(Help) -> &'static str,
    /// Labels of [`Reached`].
    pub reached: fn(Reached) -> &'static str,
    /// Labels of [`Quality`].
    pub quality: fn(Quality) -> &'static str,
    /// Labels of [`Malfunction`].
    pub malfunction: fn(Malfunction) -> &'static str,
    /// What is wrong with a field, and what to do.
    pub field_error: fn(FieldErrorCode) -> String,
    /// Everything around the questions.
    pub form: FormTexts,
}

/// The label of a step of a scale: its number, for the ends alone have words.
#[must_use]
pub fn scale(choice: Scale) -> &'static str {
    choice.code()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_finds_its_language_whatever_its_region_or_case() {
        assert_eq!(Language::from_tag("fr-CA"), Some(Language::Fr));
        assert_eq!(Language::from_tag("EN_gb"), Some(Language::En));
        assert_eq!(Language::from_tag("frx"), None);
        assert_eq!(Language::from_tag(""), None);
    }

    #[test]
    fn no_two_choices_of_a_question_read_alike() {
        for texts in Language::ALL.map(Language::texts) {
            let mut labels: Vec<&str> = Malfunction::ALL.iter().map(|c| (texts.malfunction)(*c)).collect();
            labels.sort_unstable();
            labels.dedup();
            assert_eq!(labels.len(), Malfunction::ALL.len());
        }
    }
}
