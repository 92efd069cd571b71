//! The languages of the form, and what differs between them besides their words.

use super::{Counted, Texts, fill, fr};

/// A language of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// French, the default.
    #[default]
    Fr,
    /// English.
    En,
    /// Spanish, of Spain.
    Es,
    /// German.
    De,
    /// Portuguese, of Portugal.
    Pt,
    /// Arabic, the standard one, with the digits of the Maghreb: 0 to 9.
    Ar,
}

impl Language {
    /// Every language, in the order in which the form offers them.
    pub const ALL: [Self; 6] = [Self::Fr, Self::En, Self::Es, Self::De, Self::Pt, Self::Ar];

    /// What an element of HTML says that is in one of them, as a selector.
    pub const SPEAKING: &str = "[lang^=fr],[lang^=en],[lang^=es],[lang^=de],[lang^=pt],[lang^=ar]";

    /// Its code, as `lang` has it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
            Self::Es => "es",
            Self::De => "de",
            Self::Pt => "pt",
            Self::Ar => "ar",
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fr => "Français",
            Self::En => "English",
            Self::Es => "Español",
            Self::De => "Deutsch",
            Self::Pt => "Português",
            Self::Ar => "العربية",
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
            Self::Ar => "rtl",
            _ => "ltr",
        }
    }

    /// Which form of a counted text says this number: the categories of Unicode (CLDR, cardinals of integers), from
    /// the first: «one, other», in Arabic «zero, one, two, few, many, other».
    #[must_use]
    pub fn form_of(self, count: usize) -> usize {
        match (self, count) {
            (Self::Ar, 0..=2) => count,
            (Self::Ar, _) => match count % 100 {
                3..=10 => 3,
                11.. => 4,
                _ => 5,
            },
            (Self::Fr, 0) | (_, 1) => 0,
            _ => 1,
        }
    }

    /// A text with this number in it.
    #[must_use]
    pub fn count(self, text: Counted, count: usize) -> String {
        let form = text.0.split('|').nth(self.form_of(count)).unwrap_or(text.0);
        fill(form, &[("count", &count.to_string())])
    }

    /// Too many come from the network of who reads it; with the seconds to wait, if they are known.
    #[must_use]
    pub fn limited(self, seconds: Option<u32>) -> String {
        fill(self.texts().form.limited, &[("when", &self.when(seconds))])
    }

    /// When to try again, in words that a sentence of this language goes on with.
    #[must_use]
    pub fn when(self, seconds: Option<u32>) -> String {
        let form = &self.texts().form;
        let count = |text, count: u32| self.count(text, usize::try_from(count).unwrap_or(usize::MAX));
        match seconds {
            None => form.in_a_while.to_owned(),
            Some(seconds @ 0..=90) => count(form.in_seconds, seconds.max(1)),
            Some(seconds) => count(form.in_minutes, seconds.div_ceil(60)),
        }
    }
}

#[cfg(feature = "texts")]
impl Language {
    /// Its texts.
    #[must_use]
    pub fn texts(self) -> &'static Texts {
        use super::{ar, de, en, es, pt};
        match self {
            Self::Fr => &fr::TEXTS,
            Self::En => &en::TEXTS,
            Self::Es => &es::TEXTS,
            Self::De => &de::TEXTS,
            Self::Pt => &pt::TEXTS,
            Self::Ar => &ar::TEXTS,
        }
    }

    /// Whether its texts are here.
    #[must_use]
    pub fn is_known(self) -> bool {
        true
    }

    /// What is wrong with a field, and what to do.
    #[must_use]
    pub fn field_error(self, code: crate::FieldErrorCode) -> String {
        use super::{ar, de, en, es, pt};
        if let crate::FieldErrorCode::TooLong { max, length } = code {
            return self.texts().too_long(length, max);
        }
        let text = match self {
            Self::Fr => fr::field_error,
            Self::En => en::field_error,
            Self::Es => es::field_error,
            Self::De => de::field_error,
            Self::Pt => pt::field_error,
            Self::Ar => ar::field_error,
        };
        text(code).to_owned()
    }
}

#[cfg(not(feature = "texts"))]
mod learnt {
    use super::{Language, Texts, fr};
    use std::cell::Cell;

    thread_local! {
        static LEARNT: Cell<[Option<&'static Texts>; Language::ALL.len()]> = const { Cell::new([None; Language::ALL.len()]) };
    }

    impl Language {
        fn learnt(self) -> Option<&'static Texts> {
            LEARNT.get().into_iter().nth(self as usize).flatten()
        }

        /// Its texts, if they were learnt; those of French otherwise.
        #[must_use]
        pub fn texts(self) -> &'static Texts {
            self.learnt().unwrap_or(&fr::TEXTS)
        }

        /// Whether its texts are here.
        #[must_use]
        pub fn is_known(self) -> bool {
            self == Self::Fr || self.learnt().is_some()
        }

        /// Learns its texts from a [file](Texts::file) of them; false if it is none. They are kept until the program
        /// ends: who changes the language back and forth reads each once.
        #[must_use]
        pub fn learn(self, file: String) -> bool {
            let Some(texts) = Texts::of_file(file.leak()) else { return false };
            let mut learnt = LEARNT.get();
            if let Some(place) = learnt.get_mut(self as usize) {
                *place = Some(Box::leak(Box::new(texts)));
            }
            LEARNT.set(learnt);
            true
        }
    }
}
