//! The form's steps as browsers without JavaScript send them.

use super::check_errors;
use shared::draft::AnswersPatch;
use shared::{Choice, Language, Screen};
use widget::hosted::{HostedScreen, render_screen};

/// Every screen reads its fields, and shows them again without a word of them becoming HTML.
pub fn form(body: &[u8]) {
    let Ok(fields) = serde_urlencoded::from_bytes::<Vec<(String, String)>>(body) else { return };
    for screen in Screen::ALL {
        let (patch, errors) = AnswersPatch::from_screen(*screen, &fields);
        if !errors.is_empty() {
            check_errors(&errors);
        }
        let typed = patch.answers();
        let mut harmless = typed.clone();
        harmless.rewrite_texts(|_| "x".into());
        if *typed == harmless {
            continue;
        }
        let shown = |answers| {
            render_screen(&HostedScreen {
                language: Language::default(),
                demarche: "Déclaration des revenus",
                screen: *screen,
                answers,
                errors: &[],
                suite: "",
                action: "/avis/3059",
                receipt: None,
                previous: true,
                privacy: "/confidentialite",
            })
        };
        let tags = |html: &str| html.matches('<').count();
        assert_eq!(tags(&shown(typed)), tags(&shown(&harmless)), "a text became HTML");
    }
}
