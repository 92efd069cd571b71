//! The colours of the form, as its tokens say them for both themes.

use std::collections::BTreeMap;

type Tokens = BTreeMap<&'static str, &'static str>;

/// Every block of tokens, each by name.
fn themes() -> [Tokens; 3] {
    let blocks = super::TEXT.split('}').filter(|block| block.contains("--ink:"));
    let themes: Vec<Tokens> = blocks
        .map(|block| {
            let declarations = block.rsplit('{').next().unwrap().split(';');
            declarations
                .filter_map(|one| one.trim().strip_prefix("--")?.split_once(':'))
                .map(|(name, value)| (name, value.rsplit(',').next().unwrap().trim_matches([' ', ')'])))
                .collect()
        })
        .collect();
    themes.try_into().unwrap()
}

/// Relative luminance, as WCAG 2.2 defines it.
fn luminance(colour: &str) -> f64 {
    let digits = colour.strip_prefix('#').unwrap();
    let width = digits.len() / 3;
    let channel = |place: usize| {
        let digits = &digits[place * width..][..width];
        let value = u8::from_str_radix(&if width == 1 { digits.repeat(2) } else { digits.to_owned() }, 16);
        let part = f64::from(value.unwrap()) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn the_night_is_the_same_whoever_asks_for_it() {
    let [_, chosen, preferred] = themes();
    assert_eq!(chosen, preferred);
}

#[test]
fn every_state_can_be_read() {
    // What is written on what: at rest, under the pointer, chosen, wrong.
    let texts = [
        ("ink", "paper"),
        ("ink", "wash"),
        ("ink", "accent-wash"),
        ("ink", "bad-wash"),
        ("soft", "paper"),
        ("soft", "wash"),
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("bad", "paper"),
        ("bad", "bad-wash"),
        ("paper", "bad"),
    ];
    // Edges, marks, faces and the ring of the focus, beside what is around them.
    let shapes = [
        ("line", "paper"),
        ("line", "wash"),
        ("accent", "paper"),
        ("accent", "wash"),
        ("accent", "accent-wash"),
        ("on-accent", "accent"),
        ("good", "paper"),
        ("mid", "paper"),
        ("bad", "paper"),
        ("good", "accent-wash"),
        ("mid", "accent-wash"),
        ("bad", "accent-wash"),
    ];
    for (theme, tokens) in ["light", "dark"].into_iter().zip(themes()) {
        let wanted = texts.map(|pair| (pair, 4.5)).into_iter().chain(shapes.map(|pair| (pair, 3.0)));
        for ((one, other), least) in wanted {
            let found = contrast(tokens[one], tokens[other]);
            assert!(found >= least, "{one} on {other}, {theme}: {found:.2} is less than {least}");
        }
    }
}

#[test]
fn a_contrast_is_what_wcag_says() {
    assert!((contrast("#fff", "#000000") - 21.0).abs() < 1e-9);
    assert!((contrast("#777", "#ffffff") - 4.478).abs() < 1e-3);
}
