//! Texts as lines: how a language gets into a file of its own, and out of it.

use super::{Counted, Texts, fr};

/// The lines of a file that are not read yet.
pub(super) type Lines = std::str::Split<'static, char>;

/// A text, or texts in an order.
pub(super) trait Said {
    /// How many lines they take.
    const LINES: usize;

    /// Adds its lines.
    fn write(&self, lines: &mut Vec<&'static str>);

    /// Takes its lines; what has none stays.
    fn read(&mut self, lines: &mut Lines);
}

impl Said for &'static str {
    const LINES: usize = 1;

    fn write(&self, lines: &mut Vec<&'static str>) {
        lines.push(self);
    }

    // Once in the wasm, for a hundred texts.
    #[inline(never)]
    fn read(&mut self, lines: &mut Lines) {
        if let Some(line) = lines.next() {
            *self = line;
        }
    }
}

impl<const N: usize> Said for [&'static str; N] {
    const LINES: usize = N;

    fn write(&self, lines: &mut Vec<&'static str>) {
        lines.extend(self);
    }

    fn read(&mut self, lines: &mut Lines) {
        read_all(self, lines);
    }
}

#[inline(never)]
fn read_all(texts: &mut [&'static str], lines: &mut Lines) {
    for text in texts {
        text.read(lines);
    }
}

impl Said for Counted {
    const LINES: usize = 1;

    fn write(&self, lines: &mut Vec<&'static str>) {
        self.0.write(lines);
    }

    fn read(&mut self, lines: &mut Lines) {
        self.0.read(lines);
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
            const LINES: usize = 0 $(+ <$kind as $crate::texts::lines::Said>::LINES)+;

            fn write(&self, lines: &mut Vec<&'static str>) {
                $(self.$field.write(lines);)+
            }

            fn read(&mut self, lines: &mut $crate::texts::lines::Lines) {
                $(self.$field.read(lines);)+
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
    pub fn of_file(file: &'static str) -> Option<Self> {
        let mut lines = file.split('\n');
        let mut texts = fr::TEXTS;
        (lines.clone().count() == Self::LINES).then(|| {
            texts.read(&mut lines);
            texts
        })
    }
}
