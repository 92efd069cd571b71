//! The fields of the form and the choices they offer, named as they travel: in JSON pointers and in HTML.

use shared::Answers;
use shared::questionnaire::{
    Channel, Choice, Help, Malfunction, Quality, Question, Reached, Satisfaction, Scale, Screen,
};

/// A question as the form asks it: once, or once for each channel of help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The question.
    pub question: Question,
    /// The channel it is asked about, for `help_reached` and `help_quality`.
    pub channel: Option<Channel>,
}

impl Field {
    /// The field of a question that is asked once.
    #[must_use]
    pub const fn of(question: Question) -> Self {
        Self { question, channel: None }
    }

    /// The field of a question about one channel.
    #[must_use]
    pub const fn about(question: Question, channel: Channel) -> Self {
        Self { question, channel: Some(channel) }
    }

    /// Its name in the HTML form: the question's code, with the channel behind a dot (`help_reached.guichet`).
    #[must_use]
    pub fn name(self) -> String {
        let mut name = String::from(self.question.code());
        if let Some(channel) = self.channel {
            name.push('.');
            name.push_str(channel.code());
        }
        name
    }

    /// The field a JSON pointer of the API leads to (`/answers/help_reached/guichet`). An index into a list
    /// (`/answers/malfunctions/0`) leads to the list, a whole object of channels to the question of where help was
    /// looked for, since it has no place of its own on the screen.
    #[must_use]
    pub fn from_pointer(pointer: &str) -> Option<Self> {
        let mut parts = pointer.strip_prefix("/answers/")?.split('/');
        let question = Question::from_code(parts.next()?)?;
        match question {
            Question::HelpReached | Question::HelpQuality => {
                let channel = parts.next().and_then(Channel::from_code);
                Some(channel.map_or(Self::of(Question::HelpTried), |channel| Self::about(question, channel)))
            }
            _ => Some(Self::of(question)),
        }
    }

    /// Whether the answers so far lead to this field being asked. A question about channels, with no channel
    /// named, is asked if it is asked about any.
    #[must_use]
    pub fn is_asked(self, answers: &Answers) -> bool {
        let for_channels = |asks: fn(&Answers, Channel) -> bool| match self.channel {
            Some(channel) => asks(answers, channel),
            None => Channel::ALL.iter().any(|&channel| asks(answers, channel)),
        };
        match self.question {
            Question::HelpTriedOther => answers.asks_help_other(),
            Question::MalfunctionsOther => answers.asks_malfunctions_other(),
            Question::HelpReached => for_channels(Answers::asks_reached),
            Question::HelpQuality => for_channels(Answers::asks_quality),
            _ => true,
        }
    }

    /// The screen that shows it.
    #[must_use]
    pub fn screen(self) -> Screen {
        self.question.screen()
    }
}

/// One answer a person can point at: a radio button or a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// How it went.
    Satisfaction(Satisfaction),
    /// How clear it was.
    Clarity(Scale),
    /// How easy it was.
    Ease(Scale),
    /// A way in which help was looked for.
    HelpTried(Help),
    /// Whether a channel was reached.
    HelpReached(Channel, Reached),
    /// How good the help of a channel was.
    HelpQuality(Channel, Quality),
    /// Something that malfunctioned.
    Malfunctions(Malfunction),
}

impl Pick {
    /// The field it belongs to.
    #[must_use]
    pub fn field(self) -> Field {
        match self {
            Self::Satisfaction(_) => Field::of(Question::Satisfaction),
            Self::Clarity(_) => Field::of(Question::Clarity),
            Self::Ease(_) => Field::of(Question::Ease),
            Self::HelpTried(_) => Field::of(Question::HelpTried),
            Self::HelpReached(channel, _) => Field::about(Question::HelpReached, channel),
            Self::HelpQuality(channel, _) => Field::about(Question::HelpQuality, channel),
            Self::Malfunctions(_) => Field::of(Question::Malfunctions),
        }
    }

    /// The code that travels.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Satisfaction(choice) => choice.code(),
            Self::Clarity(choice) | Self::Ease(choice) => choice.code(),
            Self::HelpTried(choice) => choice.code(),
            Self::HelpReached(_, choice) => choice.code(),
            Self::HelpQuality(_, choice) => choice.code(),
            Self::Malfunctions(choice) => choice.code(),
        }
    }

    /// Whether several of its field can be picked at once.
    #[must_use]
    pub fn is_tick(self) -> bool {
        matches!(self, Self::HelpTried(_) | Self::Malfunctions(_))
    }

    /// Whether the answers hold it.
    #[must_use]
    pub fn is_in(self, answers: &Answers) -> bool {
        match self {
            Self::Satisfaction(choice) => answers.satisfaction == Some(choice),
            Self::Clarity(choice) => answers.clarity == Some(choice),
            Self::Ease(choice) => answers.ease == Some(choice),
            Self::HelpTried(choice) => answers.help_tried.contains(choice),
            Self::HelpReached(channel, choice) => answers.help_reached.get(channel) == Some(choice),
            Self::HelpQuality(channel, choice) => answers.help_quality.get(channel) == Some(choice),
            Self::Malfunctions(choice) => answers.malfunctions.contains(choice),
        }
    }

    /// Makes the choice: a radio button is set, a tick is turned.
    pub fn apply(self, answers: &mut Answers) {
        match self {
            Self::Satisfaction(choice) => answers.satisfaction = Some(choice),
            Self::Clarity(choice) => answers.clarity = Some(choice),
            Self::Ease(choice) => answers.ease = Some(choice),
            Self::HelpTried(choice) => answers.help_tried.toggle(choice),
            Self::HelpReached(channel, choice) => answers.help_reached.set(channel, Some(choice)),
            Self::HelpQuality(channel, choice) => answers.help_quality.set(channel, Some(choice)),
            Self::Malfunctions(choice) => answers.malfunctions.toggle(choice),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_as_the_contract_names_it() {
        assert_eq!(Field::of(Question::MalfunctionsOther).name(), "malfunctions_other");
        assert_eq!(Field::about(Question::HelpReached, Channel::Guichet).name(), "help_reached.guichet");
    }

    #[test]
    fn a_pointer_of_the_api_leads_to_its_field() {
        let field = |pointer| Field::from_pointer(pointer);
        assert_eq!(field("/answers/comment"), Some(Field::of(Question::Comment)));
        assert_eq!(field("/answers/malfunctions/3"), Some(Field::of(Question::Malfunctions)));
        assert_eq!(
            field("/answers/help_quality/email"),
            Some(Field::about(Question::HelpQuality, Channel::Email))
        );
        assert_eq!(field("/answers/help_quality"), Some(Field::of(Question::HelpTried)));
        assert_eq!(field("/answers/help_quality/other"), Some(Field::of(Question::HelpTried)));
        assert_eq!(field("/answers/colour"), None);
        assert_eq!(field("/demarche"), None);
    }

    #[test]
    fn a_follow_up_is_asked_where_its_condition_holds() {
        let quality = Field::about(Question::HelpQuality, Channel::Chat);
        let mut answers = Answers::default();
        assert!(!quality.is_asked(&answers));
        Pick::HelpTried(Help::Chat).apply(&mut answers);
        assert!(!quality.is_asked(&answers));
        Pick::HelpReached(Channel::Chat, Reached::Oui).apply(&mut answers);
        assert!(quality.is_asked(&answers));
        assert!(!Field::about(Question::HelpQuality, Channel::Email).is_asked(&answers));
        assert!(Field::of(Question::HelpQuality).is_asked(&answers));
    }
}
