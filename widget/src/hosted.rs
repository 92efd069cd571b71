//! The screens as HTML, for the page that the collector hosts: they work without any script, and the element
//! upgrades the first of them in place.

use crate::form::{Fault, Field, FieldError, Form, Setup};
use crate::views::{self, Around, Frame, Hosted, Ui, View, el};
use reactive_graph::graph::untrack;
use reactive_graph::owner::Owner;
use reactive_graph::signal::ArcTrigger;
use shared::questionnaire::Screen;
use shared::{Answers, Language};
use std::cell::RefCell;
use std::rc::Rc;

/// One screen of the hosted form.
#[derive(Debug, Clone)]
pub struct HostedScreen<'a> {
    /// The language of the form.
    pub language: Language,
    /// The title of the démarche.
    pub demarche: &'a str,
    /// Which screen.
    pub screen: Screen,
    /// What is filled in already.
    pub answers: &'a Answers,
    /// What is wrong: JSON pointers (`/answers/comment`), and what to say of each.
    pub errors: &'a [(String, String)],
    /// The state between the steps, opaque.
    pub suite: &'a str,
    /// Where the form is posted to.
    pub action: &'a str,
    /// The receipt, once the avis is stored.
    pub receipt: Option<&'a str>,
    /// Whether the form offers the way back.
    pub previous: bool,
    /// The address of the page that says what becomes of the answers, to which its language is added.
    pub privacy: &'a str,
}

/// The HTML of a screen: heading, progress, errors, and the `<form method="post">`. It goes into the element, or
/// into a `<main>`; the page around it holds the style sheet ([`CSS`](crate::CSS)).
#[must_use]
pub fn render_screen(page: &HostedScreen<'_>) -> String {
    let errors = page
        .errors
        .iter()
        .filter_map(|(pointer, text)| {
            Some(FieldError { field: Field::from_pointer(pointer)?, fault: Fault::Told(text.clone()) })
        })
        .collect();
    let form = Form::at(setup(page.language), page.screen, page.answers.clone(), errors);
    let frame = frame(
        page.demarche,
        page.privacy,
        Hosted {
            action: page.action.to_owned(),
            suite: page.suite.to_owned(),
            previous: page.previous,
            receipt: page.receipt.map(str::to_owned),
        },
    );
    render(page.language, form, frame, views::whole)
}

/// The thank-you screen.
#[derive(Debug, Clone)]
pub struct HostedThanks<'a> {
    /// The language of the form.
    pub language: Language,
    /// The title of the démarche.
    pub demarche: &'a str,
    /// The receipt.
    pub receipt: &'a str,
    /// The address of the page on which the avis can be withdrawn with its receipt.
    pub withdraw: &'a str,
}

/// The HTML of the thank-you screen.
#[must_use]
pub fn render_thanks(page: &HostedThanks<'_>) -> String {
    let form = Form::at(setup(page.language), Screen::Comment, Answers::default(), Vec::new());
    let frame = frame(
        page.demarche,
        "",
        Hosted { action: String::new(), suite: String::new(), previous: false, receipt: None },
    );
    let receipt = page.receipt.to_owned();
    let withdraw = page.withdraw.to_owned();
    render(page.language, form, frame, move |ui| {
        let words = page.language.texts().form.withdraw;
        // In a tab of its own: the receipt that it asks for stays in sight, also in the frame of another page, where it
        // may not be shown itself.
        let withdraw = el("a")
            .set("href", &withdraw)
            .set("target", "_blank")
            .set("rel", "noopener noreferrer")
            .class("back")
            .text(words);
        el("div")
            .class("card")
            .child(views::thanked(ui, &receipt, el("div").class("actions").child(withdraw)))
            .done()
    })
}

fn setup(language: Language) -> Setup {
    Setup { demarche: String::new(), bouton: None, language, page: None, key: String::new() }
}

fn frame(demarche: &str, privacy: &str, hosted: Hosted) -> Frame {
    Frame {
        heading: 1,
        demarche: Some(demarche.to_owned()),
        privacy: privacy.to_owned(),
        closable: false,
        hosted: Some(hosted),
    }
}

fn render(language: Language, form: Form, frame: Frame, view: impl FnOnce(Ui) -> View) -> String {
    // Everything reactive belongs to this owner and goes with it at the end of the function.
    let owner = Owner::new();
    let mut html = String::with_capacity(16 * 1024);
    owner.with(|| {
        let form = Rc::new(RefCell::new(form));
        let ui = Ui::new(Around { form, changed: ArcTrigger::new(), events: Box::new(|_| {}), frame });
        let whole = el("div").class("avis").set("lang", language.code()).set("dir", language.direction());
        // Nothing will ever change: nothing is worth following.
        untrack(|| whole.child(view(ui)).done().write(&mut html));
    });
    owner.cleanup();
    html
}

#[cfg(test)]
mod tests;
