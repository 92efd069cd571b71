//! What the columns and labels of the export stand for. Headings and labels are those of the French questionnaire,
//! which kept the wording of today's: nothing here says them again.
//!
//! | column | cells | becomes |
//! |---|---|---|
//! | `Date de l'avis` | `2026-09-30 21:59:59`, in UTC | the day in Paris |
//! | `Nom du formulaire` | any | nothing |
//! | `Lien d'intégration` | the label of a bouton | the bouton |
//! | `Identifiant Avis` | hexadecimal digits | the id, with the day and the démarche |
//! | satisfaction | a label | its choice |
//! | clarity | `1` to `5` | its step |
//! | help tried | labels | its ticks |
//! | help reached | `{label of a channel} : {label}` | the channel's answer |
//! | help quality | `{label of a channel} : {label}` | the channel's answer |
//! | comment | any text | the comment |
//! | `Adresse mail` | any | nothing |
//!
//! Where a cell has several values, ` / ` stands between them.

use shared::Language;
use shared::questionnaire::{Channel, Choice, Help, Quality, Question, Reached, Satisfaction, Scale};
use shared::texts;
use std::iter;

/// A column of the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// When the avis was given.
    Date,
    /// The form it was given in.
    Form,
    /// The button it came through.
    Bouton,
    /// Its number.
    Id,
    /// The answer to a question.
    Answer(Question),
    /// An address to write to, which nobody here may know.
    Mail,
}

impl Column {
    /// Every column, in order.
    pub const ALL: [Self; 11] = [
        Self::Date,
        Self::Form,
        Self::Bouton,
        Self::Id,
        Self::Answer(Question::Satisfaction),
        Self::Answer(Question::Clarity),
        Self::Answer(Question::HelpTried),
        Self::Answer(Question::HelpReached),
        Self::Answer(Question::HelpQuality),
        Self::Answer(Question::Comment),
        Self::Mail,
    ];

    /// What stands above it.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Date => "Date de l’avis",
            Self::Form => "Nom du formulaire",
            Self::Bouton => "Lien d’intégration",
            Self::Id => "Identifiant Avis",
            Self::Answer(question) => Language::Fr.texts().question(question),
            Self::Mail => "Adresse mail",
        }
    }

    /// Its code, for reports.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Form => "form",
            Self::Bouton => "bouton",
            Self::Id => "id",
            Self::Answer(question) => question.code(),
            Self::Mail => "mail",
        }
    }
}

/// Choices that the export knows by a label.
pub(super) trait Labelled: Choice {
    /// The label, as the questionnaire has it.
    fn label(self) -> &'static str;

    /// The choice of this label.
    fn of_label(label: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| same(label, choice.label()))
    }
}

impl Labelled for Satisfaction {
    fn label(self) -> &'static str {
        Language::Fr.texts().satisfaction(self)
    }
}

impl Labelled for Scale {
    fn label(self) -> &'static str {
        texts::scale(self)
    }
}

impl Labelled for Help {
    fn label(self) -> &'static str {
        Language::Fr.texts().help(self)
    }
}

impl Labelled for Channel {
    fn label(self) -> &'static str {
        self.help().label()
    }
}

impl Labelled for Reached {
    fn label(self) -> &'static str {
        Language::Fr.texts().reached(self)
    }
}

impl Labelled for Quality {
    fn label(self) -> &'static str {
        Language::Fr.texts().quality(self)
    }
}

/// The one label that is no answer.
pub(super) const NO_OPINION: &str = "Ne se prononce pas";

/// The values of a cell.
pub(super) fn values(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('/').map(str::trim).filter(|value| !value.is_empty())
}

/// Whether two texts are the same but for the shape of their apostrophes and the width of their spaces.
pub(super) fn same(a: &str, b: &str) -> bool {
    a == b || plain(a).eq(plain(b))
}

/// A text with straight apostrophes and one plain space between its words.
pub(super) fn plain(text: &str) -> impl Iterator<Item = char> {
    let words = text.split_whitespace().enumerate();
    words
        .flat_map(|(place, word)| iter::repeat_n(' ', usize::from(place > 0)).chain(word.chars()))
        .map(|character| if character == '’' { '\'' } else { character })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apostrophes_and_spaces_make_no_difference_and_all_else_does() {
        assert!(same("Lien d'intégration", "Lien d’intégration"));
        assert!(same(" Ça s'est  passé ? ", "Ça s’est passé\u{a0}?"));
        assert!(!same("Adresse mail", "Adressemail"));
        assert!(!same("oui", "Oui"));
        assert!(!same("Oui", ""));
    }

    #[test]
    fn labels_lead_to_their_choices() {
        assert_eq!(Help::of_label("Je n'ai pas eu besoin d'aide"), Some(Help::None));
        assert_eq!(Channel::of_label("Par e-mail avec l'administration"), Some(Channel::Email));
        assert_eq!(Channel::of_label("Une personne proche"), None);
        assert_eq!(Quality::of_label("Ni bonne, ni mauvaise"), Some(Quality::Moyenne));
        assert_eq!(Scale::of_label("5"), Some(Scale::Five));
    }

    #[test]
    fn no_label_holds_what_stands_between_values() {
        let all = [Help::ALL.iter().map(|one| one.label()).collect::<Vec<_>>(), vec![NO_OPINION]].concat();
        assert!(all.iter().all(|label| !label.contains(['/', ':'])), "{all:?}");
    }
}
