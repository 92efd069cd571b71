//! The images of the button, at the addresses where pages out there load them from, in the sizes they are laid out
//! for. Drawn by us: a few shapes, and the words as outlines, so that they read the same where there is no font.
//!
//! The outlines in `assets/outlines` are the words set in Figtree SemiBold (SIL Open Font License, under which what is
//! drawn with a font is free), 400 units an em, from a baseline at 0.

use crate::assets::Coded;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

/// An image with its type.
pub enum Image {
    /// An SVG, as it is and in brotli; drawn and coded when it is first asked for.
    Svg(LazyLock<Coded, Box<dyn FnOnce() -> Coded + Send>>),
    /// A PNG, which is compressed already.
    Png(&'static [u8]),
}

/// The image of this file name.
#[must_use]
pub fn button_image(name: &str) -> Option<&'static Image> {
    // The names of the first generation. `-clair` and `-sombre` tell which page it stands on; without either it may
    // be any, and ours for light pages reads on dark ones too.
    let name = match name {
        "bouton-bleu.svg" | "bouton-bleu-clair.svg" => "button-jdma-solid-light.svg",
        "bouton-blanc.svg" | "bouton-blanc-clair.svg" => "button-jdma-outline-light.svg",
        "bouton-bleu-sombre.svg" => "button-jdma-solid-dark.svg",
        "bouton-blanc-sombre.svg" => "button-jdma-outline-dark.svg",
        other => other,
    };
    IMAGES.get(name)
}

static IMAGES: LazyLock<HashMap<String, Image>> = LazyLock::new(|| {
    let drawn = BUTTONS.iter().flat_map(|button| {
        SKINS.iter().map(|skin| {
            let name = format!("button-{}-{}.svg", button.slug, skin.slug);
            let coded = || Coded::of(button.drawn(skin).into_bytes());
            (name, Image::Svg(LazyLock::new(Box::new(coded))))
        })
    });
    // Pictures of two of them: `cargo run -p tests --bin screenshots`.
    let pictures = [
        ("bouton-bleu.png".to_owned(), Image::Png(include_bytes!("../../assets/bouton-bleu.png"))),
        ("bouton-blanc.png".to_owned(), Image::Png(include_bytes!("../../assets/bouton-blanc.png"))),
    ];
    drawn.chain(pictures).collect()
});

/// The colours of a button, each as `#rrggbb`.
struct Skin {
    slug: &'static str,
    paper: &'static str,
    border: &'static str,
    ink: &'static str,
}

static SKINS: [Skin; 5] = [
    // The border is there for dark pages.
    Skin { slug: "solid-light", paper: "#23509a", border: "#ffffff", ink: "#ffffff" },
    Skin { slug: "solid-dark", paper: "#92b9f7", border: "#92b9f7", ink: "#101a2e" },
    Skin { slug: "outline-light", paper: "#ffffff", border: "#23509a", ink: "#23509a" },
    Skin { slug: "outline-dark", paper: "#181d29", border: "#92b9f7", ink: "#92b9f7" },
    Skin { slug: "ghost-light", paper: "#ffffff", border: "#c9d1df", ink: "#23509a" },
];

/// What a button shows; lengths in pixels.
struct Button {
    slug: &'static str,
    title: &'static str,
    width: u16,
    height: u16,
    radius: u16,
    icon: Icon,
    lines: &'static [Line],
}

/// A drawing made of strokes.
struct Icon {
    x: f32,
    y: f32,
    stroke: f32,
    shapes: &'static str,
}

/// A line of words, from this point on its baseline.
struct Line {
    x: f32,
    y: f32,
    size: f32,
    outline: &'static str,
}

/// How many units of an outline are an em.
const UNITS: f32 = 400.0;

macro_rules! outline {
    ($name:literal) => {
        include_str!(concat!("../../assets/outlines/", $name, ".d"))
    };
}

macro_rules! speech_bubble {
    () => {
        "M4.5 5h15a2 2 0 0 1 2 2v8.5a2 2 0 0 1-2 2H12l-4.5 4v-4h-3a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z"
    };
}

static BUTTONS: [Button; 4] = [
    Button {
        slug: "jdma",
        title: "Je donne mon avis",
        width: 200,
        height: 85,
        radius: 20,
        icon: Icon {
            x: 22.0,
            y: 20.5,
            stroke: 3.0,
            shapes: r#"<circle cx="22" cy="22" r="19.5"/><path d="M16 17v2M28 17v2M13.5 26c1.5 4.5 4.7 7 8.5 7s7-2.5 8.5-7"/>"#,
        },
        lines: &[
            Line { x: 80.0, y: 39.0, size: 25.0, outline: outline!("je-donne") },
            Line { x: 80.0, y: 66.0, size: 25.0, outline: outline!("mon-avis") },
        ],
    },
    Button::one_line(
        "remark",
        "Une remarque ?",
        166,
        concat!(r#"<path d=""#, speech_bubble!(), r#"M7.5 9.5h9M7.5 13h5.5"/>"#),
        &[Line::beside_the_icon(outline!("une-remarque"))],
    ),
    Button::one_line(
        "feedback",
        "Faire un retour",
        158,
        concat!(r#"<path d=""#, speech_bubble!(), r#"M8.5 10c1 2.6 6 2.6 7 0"/>"#),
        &[Line::beside_the_icon(outline!("faire-un-retour"))],
    ),
    Button::one_line(
        "problem",
        "Signaler un problème",
        203,
        r#"<path d="M12 3.5 22 20.5H2zM12 10v4.4M12 17.4v.1"/>"#,
        &[Line::beside_the_icon(outline!("signaler-un-probleme"))],
    ),
];

impl Line {
    const fn beside_the_icon(outline: &'static str) -> Self {
        Self { x: 43.0, y: 27.3, size: 15.0, outline }
    }
}

impl Button {
    /// A pill with a drawing of 24 units and one line.
    const fn one_line(
        slug: &'static str,
        title: &'static str,
        width: u16,
        shapes: &'static str,
        lines: &'static [Line],
    ) -> Self {
        let icon = Icon { x: 14.0, y: 10.2, stroke: 1.9, shapes };
        Self { slug, title, width, height: 44, radius: 21, icon, lines }
    }

    /// Its SVG.
    fn drawn(&self, skin: &Skin) -> String {
        let Self { title, width, height, radius, icon, .. } = self;
        let Skin { paper, border, ink, .. } = skin;
        let mut lines = String::new();
        for Line { x, y, size, outline } in self.lines {
            let (scale, outline) = (size / UNITS, outline.trim_end());
            // Writing to a string does not fail.
            let _ = write!(
                lines,
                r#"<path transform="matrix({scale} 0 0 {scale} {x} {y})" fill="{ink}" d="{outline}"/>"#
            );
        }
        let (inner_width, inner_height) = (width - 2, height - 2);
        let Icon { x, y, stroke, shapes } = icon;
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"><title>{title}</title><rect x="1" y="1" width="{inner_width}" height="{inner_height}" rx="{radius}" fill="{paper}" stroke="{border}" stroke-width="2"/><g transform="translate({x} {y})" fill="none" stroke="{ink}" stroke-width="{stroke}" stroke-linecap="round" stroke-linejoin="round">{shapes}</g>{lines}</svg>"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::Language;

    /// WCAG's relative luminance of a `#rrggbb`.
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_button_exists_in_every_skin_with_a_title() {
        for button in &BUTTONS {
            for skin in &SKINS {
                let name = format!("button-{}-{}.svg", button.slug, skin.slug);
                let Some(Image::Svg(image)) = button_image(&name) else { panic!("no {name}") };
                let svg = String::from_utf8(image.identity.to_vec()).unwrap();
                let size = format!("width=\"{}\" height=\"{}\"", button.width, button.height);
                assert!(svg.contains(&size), "{name}: {svg}");
                assert!(svg.contains(&format!("<title>{}</title>", button.title)), "{name}");
                assert!(!svg.contains("<text"), "{name} needs a font");
            }
        }
        assert_eq!(BUTTONS[0].title, Language::Fr.texts().title);
    }

    #[test]
    fn the_first_generation_loads_the_same_drawings() {
        for name in ["bouton-bleu", "bouton-blanc"] {
            for shade in ["", "-clair", "-sombre"] {
                assert!(button_image(&format!("{name}{shade}.svg")).is_some());
            }
            // The size of a PNG stands in its header.
            let Some(Image::Png(picture)) = button_image(&format!("{name}.png")) else { panic!("{name}") };
            let length = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
            assert_eq!((length(16), length(20)), (200, 85));
        }
        assert!(button_image("bouton-rouge.svg").is_none());
    }

    #[test]
    fn words_read_on_what_is_behind_them() {
        for skin in &SKINS {
            assert!(contrast(skin.ink, skin.paper) >= 4.5, "{}", skin.slug);
        }
    }
}
