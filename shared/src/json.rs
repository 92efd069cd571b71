//! Answers as JSON, in the codes of the public API: what [`draft`](crate::draft) reads back. A few lines, since in the
//! browser a JSON library would weigh more than the form itself.

use crate::answers::Answers;
use crate::questionnaire::{Choice, Question};

/// Writes a text as a JSON string.
pub fn string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                out.push_str("\\u00");
                let code = u32::from(control);
                out.extend(
                    [code >> 4, code & 15].into_iter().filter_map(|digit| char::from_digit(digit, 16)),
                );
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Writes `"name":` behind a comma, unless it opens the object.
pub fn key(out: &mut String, name: &str) {
    if !out.ends_with('{') {
        out.push(',');
    }
    string(out, name);
    out.push(':');
}

/// Writes the answers to these questions as an object; `null` takes an answer back.
pub fn answers(out: &mut String, answers: &Answers, questions: &[Question]) {
    out.push('{');
    for &question in questions {
        key(out, question.code());
        if answers.answered(question) {
            answer(out, answers, question);
        } else {
            out.push_str("null");
        }
    }
    out.push('}');
}

fn answer(out: &mut String, answers: &Answers, question: Question) {
    match question {
        Question::Satisfaction => codes(out, answers.satisfaction),
        Question::Clarity => codes(out, answers.clarity),
        Question::Ease => codes(out, answers.ease),
        Question::HelpTried => list(out, answers.help_tried.iter()),
        Question::Malfunctions => list(out, answers.malfunctions.iter()),
        Question::HelpReached => map(out, answers.help_reached.iter()),
        Question::HelpQuality => map(out, answers.help_quality.iter()),
        Question::HelpTriedOther | Question::MalfunctionsOther | Question::Comment => {
            string(out, answers.text(question).unwrap_or_default());
        }
    }
}

fn codes(out: &mut String, choices: impl IntoIterator<Item = impl Choice>) {
    for (index, choice) in choices.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        string(out, choice.code());
    }
}

fn list(out: &mut String, choices: impl Iterator<Item = impl Choice>) {
    out.push('[');
    codes(out, choices);
    out.push(']');
}

fn map(out: &mut String, entries: impl Iterator<Item = (impl Choice, impl Choice)>) {
    out.push('{');
    for (name, value) in entries {
        key(out, name.code());
        string(out, value.code());
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questionnaire::{Channel, Malfunction, Quality, Reached, Scale};

    #[test]
    fn every_kind_of_answer_is_written_as_the_contract_shows_it() {
        let mut given = Answers {
            ease: Some(Scale::Four),
            malfunctions: [Malfunction::Slow, Malfunction::Other].into_iter().collect(),
            malfunctions_other: Some("Le « bouton »\n\"rouge\" \\ \u{1}".into()),
            ..Answers::default()
        };
        given.help_reached.set(Channel::Guichet, Some(Reached::Oui));
        given.help_reached.set(Channel::Telephone, Some(Reached::Non));
        given.help_quality.set(Channel::Guichet, Some(Quality::Bonne));
        let mut out = String::new();
        answers(
            &mut out,
            &given,
            &[
                Question::Ease,
                Question::Clarity,
                Question::Malfunctions,
                Question::MalfunctionsOther,
                Question::HelpReached,
                Question::HelpQuality,
            ],
        );
        assert_eq!(
            out,
            r#"{"ease":"4","clarity":null,"malfunctions":["slow","other"],"malfunctions_other":"Le « bouton »\n\"rouge\" \\ \u0001","help_reached":{"guichet":"oui","telephone":"non"},"help_quality":{"guichet":"bonne"}}"#
        );
    }
}
