//! The drawings: three faces that differ in brows, eyes and mouth, so that none needs its colour, and a cross.
//! Decorative all of them; the words are beside them.

use super::element::{El, View, el};
use shared::questionnaire::Satisfaction;

/// A face of 44 units.
pub(super) fn face(satisfaction: Satisfaction) -> View {
    let (class, eyes, mouth, mouth_class) = match satisfaction {
        // Brows raised in worry, mouth turned down.
        Satisfaction::PasBien => (
            "face bad",
            "M12.5 17l4.5-2.5M31.5 17l-4.5-2.5M16 21v1.5M28 21v1.5",
            "M14.5 32c1.8-3.2 4.5-4.8 7.5-4.8s5.700 1.6 7.5 4.8",
            "",
        ),
        // Round eyes, straight mouth.
        Satisfaction::Moyen => ("face mid", "M16 18v1.5M28 18v1.5", "M15 29h14", ""),
        // Eyes closed in a smile, mouth wide open.
        Satisfaction::TresBien => (
            "face good",
            "M13 19c.7-1.6 1.700-2.4 3-2.4s2.300.8 3 2.4M25 19c.7-1.6 1.700-2.4 3-2.4s2.300.8 3 2.4",
            "M13.5 25h17c-.6 5-4 8-8.5 8s-7.900-3-8.5-8z",
            "open",
        ),
    };
    drawing(44)
        .class(class)
        .child(el("circle").set("cx", "22").set("cy", "22").set("r", "19.5"))
        .child(el("path").set("d", eyes))
        .child(el("path").class(mouth_class).set("d", mouth))
        .done()
}

/// The mark of the thank-you screen. No face: whoever had a bad time is not smiled at.
pub(super) fn mark() -> View {
    drawing(44)
        .class("mark")
        .child(el("circle").set("cx", "22").set("cy", "22").set("r", "21"))
        .child(el("path").set("d", "M13 23l6 6 12-13"))
        .done()
}

/// The cross of the close button.
pub(super) fn cross() -> View {
    drawing(24).child(el("path").set("d", "M6 6l12 12M18 6L6 18")).done()
}

fn drawing(units: u8) -> El {
    el("svg")
        .set("viewBox", &format!("0 0 {units} {units}"))
        .set("aria-hidden", "true")
        .set("focusable", "false")
}
