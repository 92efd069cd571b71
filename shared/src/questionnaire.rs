//! The questionnaire `avis/1`: its screens, questions, choices and points, defined here and nowhere else.
//!
//! The form, the validation, the scores, the columns of the database, the exports and the documentation of the
//! API are all derived from these types. Adding a choice is a line here, its label in each language (which does
//! not compile without), and the migration that adds its column.

mod set;

pub use set::Set;

/// The version of the questionnaire, as published beside the figures made from it.
pub const VERSION: &str = "avis/1";

/// The longest comment, in characters (see [`text_length`](crate::answers::text_length)).
pub const COMMENT_MAX: usize = 5_000;

/// The longest text behind a «Autre, précisez», in characters.
pub const OTHER_MAX: usize = 250;

/// One of the answers that a closed question offers.
pub trait Choice: Copy + Eq + std::fmt::Debug + 'static {
    /// Every choice, in the order in which the form shows them.
    const ALL: &'static [Self];

    /// The stable code that travels and is stored; labels never do.
    fn code(self) -> &'static str;

    /// Its place in [`ALL`](Self::ALL).
    fn index(self) -> usize;

    /// The choice behind a code, if there is one.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.code() == code)
    }
}

/// A choice that earns points.
pub trait Scored: Choice {
    /// Points in units of 2.5, from 0 (0 points) to 4 (10 points), so that sums stay integers.
    fn quarters(self) -> u64;
}

/// A choice of a list in which several can be ticked.
pub trait Ticked: Choice {
    /// The tick that excludes all others («Aucun»).
    const NONE: Self;
    /// The tick that opens a text («Autre, précisez»).
    const OTHER: Self;
}

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl Choice for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            fn index(self) -> usize {
                self as usize
            }
        }
    };
}

choices! {
    /// How it went, in general: the one required answer.
    Satisfaction {
        /// It went badly.
        PasBien = "pas_bien",
        /// Neither well nor badly.
        Moyen = "moyen",
        /// It went very well.
        TresBien = "tres_bien",
    }
}

choices! {
    /// A scale from 1 (worst) to 5 (best), whose ends alone have words.
    Scale {
        /// The worst.
        One = "1",
        /// Below the middle.
        Two = "2",
        /// The middle.
        Three = "3",
        /// Above the middle.
        Four = "4",
        /// The best.
        Five = "5",
    }
}

choices! {
    /// A way in which help was looked for.
    Help {
        /// At the administration's counter.
        Guichet = "guichet",
        /// The administration, by telephone.
        Telephone = "telephone",
        /// The administration, by e-mail.
        Email = "email",
        /// The administration, by chat.
        Chat = "chat",
        /// Somebody close.
        Relative = "relative",
        /// An association.
        Association = "association",
        /// Web sites.
        Websites = "websites",
        /// Something else, told in a text.
        Other = "other",
        /// No help was needed; excludes the others.
        None = "none",
    }
}

choices! {
    /// A way to the administration itself: the first four of [`Help`], which can be reached or not.
    Channel {
        /// At the counter.
        Guichet = "guichet",
        /// By telephone.
        Telephone = "telephone",
        /// By e-mail.
        Email = "email",
        /// By chat.
        Chat = "chat",
    }
}

choices! {
    /// Whether the administration was reached.
    Reached {
        /// It was.
        Oui = "oui",
        /// It was not.
        Non = "non",
    }
}

choices! {
    /// How good the help was.
    Quality {
        /// Very bad.
        TresMauvaise = "tres_mauvaise",
        /// Bad.
        Mauvaise = "mauvaise",
        /// Neither good nor bad.
        Moyenne = "moyenne",
        /// Good.
        Bonne = "bonne",
        /// Excellent.
        Excellente = "excellente",
    }
}

choices! {
    /// What went wrong on the way.
    Malfunction {
        /// A page or a button did not work.
        Broken = "broken",
        /// The service was slow or unavailable.
        Slow = "slow",
        /// Signing in failed.
        SignIn = "sign_in",
        /// A document could not be attached.
        Document = "document",
        /// Something was asked that the administration already knows.
        KnownData = "known_data",
        /// The display did not suit the device.
        Device = "device",
        /// Assistive tools could not use the service.
        Accessibility = "accessibility",
        /// Something else, told in a text.
        Other = "other",
        /// Nothing; excludes the others.
        None = "none",
    }
}

choices! {
    /// A screen of the form. The first alone is required.
    Screen {
        /// How it went.
        Satisfaction = "satisfaction",
        /// Clarity and ease.
        Clarity = "clarity",
        /// Help that was looked for.
        Help = "help",
        /// Malfunctions.
        Malfunctions = "malfunctions",
        /// Anything else, in words.
        Comment = "comment",
    }
}

choices! {
    /// A question. Its code is the name of its field everywhere: in JSON, in the HTML form, in exports.
    Question {
        /// De façon générale, comment ça s’est passé ?
        Satisfaction = "satisfaction",
        /// Were information and instructions clear?
        Clarity = "clarity",
        /// Was it easy to do?
        Ease = "ease",
        /// Was help looked for, and where?
        HelpTried = "help_tried",
        /// Where else?
        HelpTriedOther = "help_tried_other",
        /// Was the administration reached, per channel tried?
        HelpReached = "help_reached",
        /// How good was the help, per channel reached?
        HelpQuality = "help_quality",
        /// What malfunctioned?
        Malfunctions = "malfunctions",
        /// What else malfunctioned?
        MalfunctionsOther = "malfunctions_other",
        /// Anything else to say?
        Comment = "comment",
    }
}

impl Scored for Satisfaction {
    fn quarters(self) -> u64 {
        self.index() as u64 * 2
    }
}

impl Scored for Scale {
    fn quarters(self) -> u64 {
        self.index() as u64
    }
}

impl Scored for Quality {
    fn quarters(self) -> u64 {
        self.index() as u64
    }
}

impl Ticked for Help {
    const NONE: Self = Self::None;
    const OTHER: Self = Self::Other;
}

impl Ticked for Malfunction {
    const NONE: Self = Self::None;
    const OTHER: Self = Self::Other;
}

impl Channel {
    /// The tick of `help_tried` that opens the questions about this channel.
    #[must_use]
    pub fn help(self) -> Help {
        match self {
            Self::Guichet => Help::Guichet,
            Self::Telephone => Help::Telephone,
            Self::Email => Help::Email,
            Self::Chat => Help::Chat,
        }
    }
}

impl Screen {
    /// The screen after this one, if any.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::ALL.get(self.index() + 1).copied()
    }

    /// The screen before this one, if any.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        self.index().checked_sub(1).map(|index| Self::ALL[index])
    }

    /// Its questions, in order.
    pub fn questions(self) -> impl Iterator<Item = Question> {
        Question::ALL.iter().copied().filter(move |question| question.screen() == self)
    }
}

impl Question {
    /// The screen that asks it.
    #[must_use]
    pub fn screen(self) -> Screen {
        match self {
            Self::Satisfaction => Screen::Satisfaction,
            Self::Clarity | Self::Ease => Screen::Clarity,
            Self::HelpTried | Self::HelpTriedOther | Self::HelpReached | Self::HelpQuality => Screen::Help,
            Self::Malfunctions | Self::MalfunctionsOther => Screen::Malfunctions,
            Self::Comment => Screen::Comment,
        }
    }

    /// The longest text it takes, in characters; none for a closed question.
    #[must_use]
    pub fn max_length(self) -> Option<usize> {
        match self {
            Self::Comment => Some(COMMENT_MAX),
            Self::HelpTriedOther | Self::MalfunctionsOther => Some(OTHER_MAX),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_codes<C: Choice>() {
        for (index, choice) in C::ALL.iter().enumerate() {
            assert_eq!(choice.index(), index);
            assert_eq!(C::from_code(choice.code()), Some(*choice));
        }
        assert_eq!(C::from_code("nowhere"), None);
    }

    #[test]
    fn every_code_leads_back_to_its_choice() {
        check_codes::<Satisfaction>();
        check_codes::<Scale>();
        check_codes::<Help>();
        check_codes::<Channel>();
        check_codes::<Reached>();
        check_codes::<Quality>();
        check_codes::<Malfunction>();
        check_codes::<Screen>();
        check_codes::<Question>();
    }

    #[test]
    fn points_are_those_of_the_questionnaire() {
        let points = |quarters: u64| f64::from(u32::try_from(quarters).unwrap()) * 2.5;
        let all = |values: &[u64]| values.iter().map(|value| points(*value)).collect::<Vec<_>>();
        assert_eq!(
            all(&Satisfaction::ALL.iter().map(|c| c.quarters()).collect::<Vec<_>>()),
            [0.0, 5.0, 10.0]
        );
        assert_eq!(
            all(&Scale::ALL.iter().map(|c| c.quarters()).collect::<Vec<_>>()),
            [0.0, 2.5, 5.0, 7.5, 10.0]
        );
        assert_eq!(
            all(&Quality::ALL.iter().map(|c| c.quarters()).collect::<Vec<_>>()),
            [0.0, 2.5, 5.0, 7.5, 10.0]
        );
    }

    #[test]
    fn a_channel_has_the_code_of_its_tick() {
        for channel in Channel::ALL {
            assert_eq!(channel.code(), channel.help().code());
        }
    }

    #[test]
    fn screens_follow_one_another_and_ask_every_question_once() {
        assert_eq!(Screen::Satisfaction.previous(), None);
        assert_eq!(Screen::Satisfaction.next(), Some(Screen::Clarity));
        assert_eq!(Screen::Comment.next(), None);
        let asked: usize = Screen::ALL.iter().map(|screen| screen.questions().count()).sum();
        assert_eq!(asked, Question::ALL.len());
    }
}
