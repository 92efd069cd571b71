//! Texts as lines: how a language gets into a file of its own, and out of it.

use super::{Counted, Texts};

/// The lines of a file that are not read yet.
pub(super) type Lines = std::str::Split<'static, char>;

/// A text, or texts in an order.
pub(super) trait Said: Sized {
    /// Adds its lines.
    fn write(&self, lines: &mut Vec<&'static str>);

    /// How many they are.
    const LINES: usize;

    /// Takes its lines; those that are missing are empty.
    fn read(lines: &mut Lines) -> Self;
}

impl Said for &'static str {
    fn write(&self, lines: &mut Vec<&'static str>) {
        lines.push(self);
    }

    const LINES: usize = 1;

    // Once in the wasm, for a hundred texts.
    #[inline(never)]
    fn read(lines: &mut Lines) -> Self {
        lines.next().unwrap_or_default()
    }
}

impl<const N: usize> Said for [&'static str; N] {
    fn write(&self, lines: &mut Vec<&'static str>) {
        lines.extend(self);
    }

    const LINES: usize = N;

    fn read(lines: &mut Lines) -> Self {
        let mut texts = [""; N];
        for text in &mut texts {
            *text = Said::read(lines);
        }
        texts
    }
}

impl Said for Counted {
    fn write(&self, lines: &mut Vec<&'static str>) {
        lines.push(self.0);
    }

    const LINES: usize = 1;

    fn read(lines: &mut Lines) -> Self {
        Self(Said::read(lines))
    }
}

/// A struct of texts, which are written and read in the order of its fields.
macro_rules! texts {
    (
        $(#[$doc:meta])*
        pub struct $name:ident { $($(#[$field_doc:meta])* $visible:vis $field:ident: $kind:ty,)+ }
    ) => {
        $(#[$doc])*
        pub struct $name { $($(#[$field_doc])* $visible $field: $kind,)+ }

        impl $crate::texts::lines::Said for $name {
            fn write(&self, lines: &mut Vec<&'static str>) {
                $(self.$field.write(lines);)+
            }

            const LINES: usize = 0 $(+ <$kind as $crate::texts::lines::Said>::LINES)+;

            fn read(lines: &mut $crate::texts::lines::Lines) -> Self {
                Self { $($field: $crate::texts::lines::Said::read(lines),)+ }
            }
        }
    };
}

impl Texts {
    /// All of them, a line each.
    #[must_use]
    pub fn file(&self) -> String {
        let mut lines = Vec::new();
        self.write(&mut lines);
        lines.join("\n")
    }

    /// Reads them back; none if that is not what [`file`](Self::file) wrote.
    #[must_use]
    pub fn read(file: &'static str) -> Option<Self> {
        let mut lines = file.split('\n');
        (lines.clone().count() == Self::LINES).then(|| Said::read(&mut lines))
    }
}
