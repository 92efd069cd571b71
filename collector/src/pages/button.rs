//! The images of the button, at the addresses where pages out there load them from. Drawn by us: a face and the
//! words, on blue or on white.

/// An image with its type.
pub struct Image {
    /// What `Content-Type` says of it.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

macro_rules! svg {
    ($name:literal) => {
        Image { content_type: "image/svg+xml", bytes: include_bytes!(concat!("../../assets/", $name)) }
    };
}

macro_rules! png {
    ($name:literal) => {
        Image { content_type: "image/png", bytes: include_bytes!(concat!("../../assets/", $name)) }
    };
}

static BLUE: Image = svg!("bouton-bleu.svg");
static WHITE: Image = svg!("bouton-blanc.svg");
static BLUE_PNG: Image = png!("bouton-bleu.png");
static WHITE_PNG: Image = png!("bouton-blanc.png");

/// The image of this file name. `-clair` and `-sombre` name the page it stands on, on which each of ours reads.
#[must_use]
pub fn button_image(name: &str) -> Option<&'static Image> {
    match name {
        "bouton-bleu.svg" | "bouton-bleu-clair.svg" | "bouton-bleu-sombre.svg" => Some(&BLUE),
        "bouton-blanc.svg" | "bouton-blanc-clair.svg" | "bouton-blanc-sombre.svg" => Some(&WHITE),
        "bouton-bleu.png" => Some(&BLUE_PNG),
        "bouton-blanc.png" => Some(&WHITE_PNG),
        _ => None,
    }
}
