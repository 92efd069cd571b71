//! Every word that a person reads in the form, in each language.
//!
//! A language is one [`Texts`] with every field filled in, and every table of it matches every choice: a text
//! that one language lacks does not compile.
//!
//! The collector has them all. A browser needs one, so the form there has French, for want of anything better, and
//! reads the one that is spoken from a file of it: the texts line by line, in the order of their fields
//! ([`Texts::file`], `Language::learn`).

#[macro_use]
mod lines;

#[cfg(feature = "texts")]
mod ar;
#[cfg(feature = "texts")]
mod de;
#[cfg(feature = "texts")]
mod en;
#[cfg(feature = "texts")]
mod es;
mod form;
mod fr;
mod language;
#[cfg(feature = "texts")]
mod pt;

pub use form::FormTexts;
pub use language::Language;

use crate::questionnaire::{
    Choice, Help, Malfunction, Quality, Question, Reached, Satisfaction, Scale, Screen,
};

/// The labels of a closed list, from what matches each of its choices, in their order.
macro_rules! each {
    (|$choice:ident: $kind:ty| $label:expr) => {{
        const fn label($choice: $kind) -> &'static str {
            $label
        }
        let mut labels = [""; <$kind as crate::questionnaire::Choice>::ALL.len()];
        let mut at = 0;
        while at < labels.len() {
            labels[at] = label(<$kind as crate::questionnaire::Choice>::ALL[at]);
            at += 1;
        }
        labels
    }};
}
use each;

/// A text with a number in it, `{count}`: a form of it for each of the ways in which its language counts, in the order
/// of [`Language::form_of`], with `|` between them.
#[derive(Debug, Clone, Copy)]
pub struct Counted(&'static str);

texts! {
/// The texts of one language.
#[derive(Debug, Clone, Copy)]
pub struct Texts {
    /// The name of the form, and the label of the button where a page gives none.
    pub title: &'static str,
    /// What each screen is about, as its heading.
    screen: [&'static str; Screen::ALL.len()],
    /// The questions.
    question: [&'static str; Question::ALL.len()],
    /// Labels of [`Satisfaction`].
    satisfaction: [&'static str; Satisfaction::ALL.len()],
    /// What the ends of the clarity scale mean: worst, best.
    pub clarity_ends: [&'static str; 2],
    /// What the ends of the ease scale mean: worst, best.
    pub ease_ends: [&'static str; 2],
    /// Labels of [`Help`].
    help: [&'static str; Help::ALL.len()],
    /// Labels of [`Reached`].
    reached: [&'static str; Reached::ALL.len()],
    /// Labels of [`Quality`].
    quality: [&'static str; Quality::ALL.len()],
    /// Labels of [`Malfunction`].
    malfunction: [&'static str; Malfunction::ALL.len()],
    /// Everything around the questions.
    pub form: FormTexts,
}
}

impl Texts {
    /// What a screen is about, as its heading.
    #[must_use]
    pub fn screen(&self, screen: Screen) -> &'static str {
        self.screen[screen.index()]
    }

    /// A question.
    #[must_use]
    pub fn question(&self, question: Question) -> &'static str {
        self.question[question.index()]
    }

    /// The label of how it went.
    #[must_use]
    pub fn satisfaction(&self, choice: Satisfaction) -> &'static str {
        self.satisfaction[choice.index()]
    }

    /// The label of a way in which help was looked for.
    #[must_use]
    pub fn help(&self, choice: Help) -> &'static str {
        self.help[choice.index()]
    }

    /// The label of whether the administration was reached.
    #[must_use]
    pub fn reached(&self, choice: Reached) -> &'static str {
        self.reached[choice.index()]
    }

    /// The label of the quality of help.
    #[must_use]
    pub fn quality(&self, choice: Quality) -> &'static str {
        self.quality[choice.index()]
    }

    /// The label of a malfunction.
    #[must_use]
    pub fn malfunction(&self, choice: Malfunction) -> &'static str {
        self.malfunction[choice.index()]
    }

    /// Which step this is, of how many.
    #[must_use]
    pub fn step(&self, step: usize, steps: usize) -> String {
        fill(self.form.step, &[("step", &step.to_string()), ("steps", &steps.to_string())])
    }

    /// What to say of a text that is too long; both in characters.
    #[must_use]
    pub fn too_long(&self, length: usize, max: usize) -> String {
        fill(self.form.too_long, &[("length", &length.to_string()), ("max", &max.to_string())])
    }
}

/// A text with words in its places, which are named in braces. Without searching for texts in texts, which weighs as much
/// in the wasm as a language.
fn fill(text: &str, words: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    for (index, part) in text.split('{').enumerate() {
        let (place, rest) = if index == 0 { ("", part) } else { part.split_once('}').unwrap_or_default() };
        let words = words.iter().find(|(name, _)| *name == place);
        filled.push_str(words.map_or("", |(_, words)| words));
        filled.push_str(rest);
    }
    filled
}

/// The label of a step of a scale: its number, for the ends alone have words.
#[must_use]
pub fn scale(choice: Scale) -> &'static str {
    choice.code()
}

#[cfg(all(test, feature = "texts"))]
mod tests;
