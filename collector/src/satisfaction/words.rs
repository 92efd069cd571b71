//! What people call indicators and what is published of them.

use crate::language::choose;
use shared::indicator::{Level, Status};
use shared::{Indicator, IndicatorKind, Language};

/// The name of an indicator, as a heading has it.
#[must_use]
pub fn indicator(kind: IndicatorKind, language: Language) -> &'static str {
    let (fr, en) = match kind {
        IndicatorKind::Satisfaction => ("Satisfaction", "Satisfaction"),
        IndicatorKind::Ease => ("Facilité", "Ease"),
        IndicatorKind::Clarity => ("Clarté", "Clarity"),
        IndicatorKind::Malfunctions => ("Dysfonctionnements", "Malfunctions"),
        IndicatorKind::HelpReachable => ("Aide joignable", "Help reached"),
        IndicatorKind::HelpQuality => ("Qualité de l’aide", "Quality of help"),
        IndicatorKind::Autonomy => ("Autonomie", "Autonomy"),
    };
    choose(language, fr, en)
}

/// How good a figure is: its level in words, for who does not see its colour.
#[must_use]
pub fn level(level: Level, language: Language) -> &'static str {
    let (fr, en) = match level {
        Level::Green => ("Très bien", "Very good"),
        Level::Yellow => ("À améliorer", "To improve"),
        Level::Red => ("Critique", "Critical"),
    };
    choose(language, fr, en)
}

/// Why an indicator has no figure; none if it has one.
#[must_use]
pub fn lack(indicator: &Indicator, language: Language) -> Option<String> {
    let minimum = indicator.kind.minimum();
    match indicator.status {
        Status::Published => None,
        Status::Insufficient => Some(choose(
            language,
            format!("moins de {minimum} réponses"),
            format!("fewer than {minimum} answers"),
        )),
        Status::None => Some(choose(language, "aucune réponse", "no answer").to_owned()),
    }
}
