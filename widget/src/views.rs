//! The screens, written once: in the browser Leptos builds them into the DOM and keeps them up to date, on the server
//! they are written as HTML.
//!
//! Builder syntax throughout, over one type of view (`element`). `view!` would build static subtrees through
//! `innerHTML`, which a page under `require-trusted-types-for 'script'` refuses.
//!
//! All questions of a screen are always there. What a condition does not ask is hidden: by the state of the form
//! in the browser, by the style sheet where there is no script. So the markup is one, and text typed behind a
//! tick survives the tick.

mod element;
mod faces;
mod questions;

#[cfg(feature = "csr")]
pub(crate) use questions::anchor;
#[cfg(test)]
pub(crate) use questions::picks;

pub(crate) use element::{View, el};

use crate::form::{Event, Field, Form, Place, Status};
#[cfg(feature = "csr")]
pub(crate) use element::Listener;
use element::{El, follow, text};
use reactive_graph::computed::ArcMemo;
use reactive_graph::graph::untrack;
use reactive_graph::owner::on_cleanup;
use reactive_graph::signal::ArcTrigger;
use reactive_graph::traits::{Get, Track};
use shared::Language;
use shared::questionnaire::{Choice, Screen};
use shared::texts::Texts;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;

/// What surrounds the form and does not change while it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// The level of the form's heading, 1 to 6.
    pub(crate) heading: u8,
    /// The name of the démarche, where it is known.
    pub(crate) demarche: Option<String>,
    /// The page that says what becomes of the answers, to which its language is added.
    pub(crate) privacy: String,
    /// Whether the form can be closed, being in a dialog.
    pub(crate) closable: bool,
    /// How the form works without script: on the hosted page only.
    pub(crate) hosted: Option<Hosted>,
}

/// What the form needs when it is posted by the browser itself.
#[derive(Debug, Clone)]
pub(crate) struct Hosted {
    /// Where it is posted to.
    pub(crate) action: String,
    /// Its state between the steps, opaque.
    pub(crate) suite: String,
    /// Whether there is a step to go back to.
    pub(crate) previous: bool,
    /// The receipt, once there is one.
    pub(crate) receipt: Option<String>,
}

impl Frame {
    /// How the form works without script. In the browser it never does: said when it is compiled, so that what is shown
    /// there alone weighs nothing.
    fn hosted(&self) -> Option<&Hosted> {
        if cfg!(feature = "csr") { None } else { self.hosted.as_ref() }
    }
}

/// What every view has at hand.
pub(crate) struct Around {
    /// The state.
    pub(crate) form: Rc<RefCell<Form>>,
    /// Set off when it has changed. No signal of the form itself: its machinery would weigh as much as the form.
    pub(crate) changed: ArcTrigger,
    /// Where events go.
    pub(crate) events: Box<dyn Fn(Event)>,
    /// What does not change.
    pub(crate) frame: Frame,
}

thread_local! {
    /// What is at hand for the forms of this thread, each by the number of its hand.
    static AT_HAND: RefCell<Vec<(u32, Rc<Around>)>> = const { RefCell::new(Vec::new()) };

    /// How many hands there were.
    static HANDS: Cell<u32> = const { Cell::new(0) };
}

/// The hand itself: it copies into every closure. A number of our own: what `reactive_graph` stores for one thread asks
/// which one it is on, and the answer to that would bring 2 kB of brotli into the browser.
#[derive(Clone, Copy)]
pub(crate) struct Ui(u32);

impl Ui {
    /// For the current owner, and as long as it lives.
    pub(crate) fn new(around: Around) -> Self {
        let hand = HANDS.get();
        HANDS.set(hand.wrapping_add(1));
        AT_HAND.with_borrow_mut(|all| all.push((hand, Rc::new(around))));
        on_cleanup(move || {
            // What goes is dropped once the list is free again.
            let gone = AT_HAND.with_borrow_mut(|all| {
                let place = all.iter().position(|(other, _)| *other == hand);
                place.map(|place| all.swap_remove(place))
            });
            drop(gone);
        });
        Self(hand)
    }

    fn find(self) -> Option<Rc<Around>> {
        AT_HAND.with_borrow(|all| {
            all.iter().find(|(hand, _)| *hand == self.0).map(|(_, around)| Rc::clone(around))
        })
    }

    #[inline(never)]
    fn around(self) -> Rc<Around> {
        match self.find() {
            Some(around) => around,
            None => unreachable!("views go with their form"),
        }
    }

    fn send(self, event: Event) {
        // A last click may come from a view whose form is gone.
        if let Some(around) = self.find() {
            (around.events)(event);
        }
    }

    fn texts(self) -> &'static Texts {
        self.around().form.borrow().texts()
    }

    fn language(self) -> Language {
        self.around().form.borrow().language()
    }

    /// Reads the state; a view that does is built again when it changes.
    fn read<T>(self, what: impl FnOnce(&Form) -> T) -> Option<T> {
        let mut what = Some(what);
        let mut answer = None;
        self.visit(&mut |form| answer = what.take().map(|what| what(form)));
        answer
    }

    /// One place for the machinery behind a signal, which would otherwise be compiled into every view.
    #[inline(never)]
    fn visit(self, what: &mut dyn FnMut(&Form)) {
        let around = self.around();
        around.changed.track();
        what(&around.form.borrow());
    }

    fn is(self, what: impl FnOnce(&Form) -> bool) -> bool {
        self.read(what).unwrap_or_default()
    }

    fn is_hosted(self) -> bool {
        self.around().frame.hosted().is_some()
    }
}

/// The whole form: whatever its state calls for.
pub(crate) fn whole(ui: Ui) -> View {
    let place = ArcMemo::new(move |_| ui.read(|form| (form.place(), form.language())));
    let close = move || {
        el("button")
            .set("type", "button")
            .class("close")
            .set("aria-label", ui.texts().form.close)
            .on("click", move |_| ui.send(Event::Closed))
            .child(faces::cross())
    };
    el("div")
        .class("card")
        .child(follow(move || match place.get() {
            Some((place, language)) => el("div")
                .child(ui.around().frame.closable.then(close))
                .child(match place {
                    Place::Questions(screen) => questions(ui, screen),
                    Place::Thanks => thanks(ui),
                    Place::Withdrawal => withdrawal(ui),
                    Place::Withdrawn => withdrawn(ui),
                })
                .child(languages(ui, language))
                .done(),
            None => text(""),
        }))
        .child((!ui.is_hosted()).then(|| status(ui)))
        .done()
}

/// The choice of a language, each by its own name. After all else: who reads the form needs it no more, and Return
/// presses the first button of a form. On the hosted page it sends the form as it is, to get it back in that language.
fn languages(ui: Ui, current: Language) -> El {
    let choice = |&language: &Language| {
        let choice = el("button")
            .set("id", &language_id(language))
            .set("lang", language.code())
            .set("dir", language.direction())
            .text(language.name());
        let choice = if language == current { choice.set("aria-current", "true") } else { choice };
        let choice = if ui.is_hosted() {
            choice
                .set("type", "submit")
                .set("form", "form")
                .set("name", "langue")
                .set("value", language.code())
        } else {
            choice.set("type", "button").on("click", move |_| ui.send(Event::Speak(language)))
        };
        choice.done()
    };
    el("div")
        .class("languages")
        .set("role", "group")
        .set("aria-label", ui.texts().form.language)
        .child(Language::ALL.iter().map(choice).collect::<Vec<_>>())
}

/// The id of the choice of a language.
pub(crate) fn language_id(language: Language) -> String {
    String::from("lang-") + language.code()
}

/// One screen of the questionnaire.
fn questions(ui: Ui, screen: Screen) -> View {
    let texts = ui.texts();
    let title = if screen == Screen::Satisfaction { texts.title } else { texts.screen(screen) };
    let optional = screen == Screen::Clarity;
    let form = match ui.around().frame.hosted() {
        Some(hosted) => {
            let form = el("form").set("id", "form").set("method", "post").set("action", &hosted.action);
            form.child(unseen(&hosted.suite))
        }
        None => el("form").on("submit", move |submit| {
            submit.prevent_default();
            ui.send(pressed(submit));
        }),
    };
    el("div")
        .class("screen")
        .child(
            el("div").class("head").child(demarche(ui)).child(heading(ui, title)).child(steps(texts, screen)),
        )
        .child(
            form.class("form")
                .flag("novalidate", true)
                .child(summary(ui))
                .child(optional.then(|| el("p").class("soft").text(texts.form.optional)))
                .child(questions::of(ui, screen))
                .child(actions(ui, screen)),
        )
        .child(receipt(ui, screen))
        .child(notice(ui, screen))
        .done()
}

/// Which button sent the form. Return in a text counts as the first: on to the next screen.
fn pressed(submit: web_sys::Event) -> Event {
    let button = submit.unchecked_into::<web_sys::SubmitEvent>().submitter();
    match button.and_then(|button| button.get_attribute("value")).as_deref() {
        Some("back") => Event::Back,
        Some("finish") => Event::Finish,
        _ => Event::Next,
    }
}

fn demarche(ui: Ui) -> Option<El> {
    let around = ui.around();
    // An administration's own words, whatever the direction around them.
    let name = |name: &str| el("p").class("service").child(el("bdi").text(name));
    around.frame.demarche.as_deref().map(name)
}

/// The heading the focus moves to on each new screen.
fn heading(ui: Ui, title: &str) -> El {
    let level = match ui.around().frame.heading {
        1 => "h1",
        3 => "h3",
        4 => "h4",
        5 => "h5",
        6 => "h6",
        _ => "h2",
    };
    el(level).set("id", "title").set("tabindex", "-1").text(title)
}

fn steps(texts: &Texts, screen: Screen) -> El {
    let bar = |step: &Screen| el("span").class(if *step <= screen { "on" } else { "off" }).done();
    let bars: Vec<_> = Screen::ALL.iter().map(bar).collect();
    el("div")
        .class("steps")
        .child(el("p").text(&texts.step(screen.index() + 1, Screen::ALL.len())))
        .child(el("div").set("aria-hidden", "true").child(bars))
}

/// The errors, named in words, each with the way to its field. In the browser the focus goes to the field itself.
fn summary(ui: Ui) -> Option<El> {
    let told =
        |form: &Form| form.errors().iter().map(|error| (error.field, form.told(error))).collect::<Vec<_>>();
    let errors = if ui.is_hosted() { ui.read(told)? } else { Vec::new() };
    (!errors.is_empty()).then(|| {
        let line = |(field, words): (Field, String)| {
            let href = format!("#{}", questions::anchor(field));
            el("li").child(el("a").set("href", &href).text(&words)).done()
        };
        let lines: Vec<_> = errors.into_iter().map(line).collect();
        el("div")
            .class("errors")
            .set("role", "alert")
            .set("tabindex", "-1")
            .flag("autofocus", true)
            .child(el("strong").text(ui.texts().form.errors_title))
            .child(el("ul").child(lines))
    })
}

/// The error of a field, where the field is. The element stays when it is empty: what describes a field must be
/// there before it has something to say.
fn error(ui: Ui, field: Field) -> El {
    el("p")
        .class("error")
        .set("id", &questions::id(field, "error"))
        .child(follow(move || text(&ui.read(|form| form.error(field)).flatten().unwrap_or_default())))
}

fn actions(ui: Ui, screen: Screen) -> El {
    let form = &ui.texts().form;
    let go = move |class: &str, value: &str, label: &str| {
        el("button")
            .set("type", "submit")
            .set("name", "go")
            .set("value", value)
            .class(class)
            .follow("aria-disabled", move || ui.is(Form::is_waiting).then_some("true"))
            .text(label)
    };
    let back = match ui.around().frame.hosted() {
        Some(hosted) => hosted.previous,
        None => screen.previous().is_some(),
    };
    let main = match screen {
        Screen::Satisfaction => go("go", "next", form.send),
        Screen::Comment => go("go", "finish", form.finish),
        _ => go("go", "next", form.next),
    };
    let early = !matches!(screen, Screen::Satisfaction | Screen::Comment);
    // The main button is first in the document, so that Return presses it.
    el("div")
        .class("actions")
        .child(main)
        .child(back.then(|| go("back", "back", form.back)))
        .child(early.then(|| go("early", "finish", form.finish_now)))
}

/// What only programs see: the state between two steps, and the trap for those that fill in everything.
fn unseen(suite: &str) -> Vec<View> {
    let trap = el("input")
        .set("type", "text")
        .set("name", "website")
        .set("tabindex", "-1")
        .set("autocomplete", "off");
    vec![
        el("input").set("type", "hidden").set("name", "suite").set("value", suite).done(),
        el("div")
            .class("trap")
            .set("aria-hidden", "true")
            .child(el("label").text("Website (à laisser vide, leave it empty) ").child(trap))
            .done(),
    ]
}

fn receipt(ui: Ui, screen: Screen) -> Option<View> {
    let line = move |receipt: &str| {
        let label = text(ui.texts().form.receipt);
        el("p").class("note receipt").child(label).text(" ").child(code("b", receipt)).done()
    };
    if screen == Screen::Satisfaction {
        return None;
    }
    if let Some(hosted) = ui.around().frame.hosted() {
        return hosted.receipt.as_deref().map(line);
    }
    // The avis is stored before any screen but the first is shown; after a reload, the form has to ask for it again.
    Some(follow(move || {
        ui.read(|form| form.receipt().map(str::to_owned))
            .flatten()
            .map_or_else(|| text(""), |known| line(&known))
    }))
}

/// What is written from left to right in every language.
fn code(tag: &'static str, code: &str) -> El {
    el(tag).set("dir", "ltr").text(code)
}

fn notice(ui: Ui, screen: Screen) -> Option<El> {
    let form = &ui.texts().form;
    (screen == Screen::Satisfaction).then(|| {
        let around = ui.around();
        // A new tab: following the link must not cost what was typed.
        let language = ui.language();
        let link = el("a")
            .set("href", &format!("{}?lang={}", around.frame.privacy, language.code()))
            .set("target", "_blank")
            .set("rel", "noopener noreferrer");
        el("p").class("note").text(form.anonymous).text(" ").child(link.text(form.privacy))
    })
}

/// What is going on, in words. The paragraph is there before its text, so that the text is announced; and it can
/// hold the focus, which the button that vanishes with the trouble hands over to it.
fn status(ui: Ui) -> El {
    let status = move || ui.read(Form::status).unwrap_or(Status::Quiet);
    let class = move || match status() {
        Status::Quiet | Status::Delivered => "status",
        Status::Sending | Status::Slow => "status busy",
        Status::Trouble(_) | Status::WithdrawalWaits | Status::WithdrawalFailed | Status::Speechless => {
            "status trouble"
        }
    };
    // It stays while the screens change, so it asks for the language each time.
    let words = move || match status() {
        Status::Quiet => text(""),
        Status::Sending => text(ui.texts().form.sending),
        Status::Slow => text(ui.texts().form.slow),
        Status::Trouble(trouble) => text(&trouble.text(ui.language())),
        Status::WithdrawalWaits => text(ui.texts().form.withdrawal_waits),
        Status::WithdrawalFailed => text(ui.texts().form.withdrawal_failed),
        Status::Speechless => text(ui.texts().form.speechless),
        Status::Delivered => text(ui.texts().form.delivered),
    };
    let retry = move || match status() {
        Status::Trouble(trouble) if !trouble.can_be_retried() => text(""),
        Status::Trouble(_) | Status::WithdrawalWaits => {
            push_button(ui, "retry", ui.texts().form.retry, || Event::Retry).done()
        }
        _ => text(""),
    };
    el("div")
        .follow("class", move || Some(class()))
        .child(el("p").set("id", "status").set("role", "status").set("tabindex", "-1").child(follow(words)))
        .child(follow(retry))
}

/// A button that does something at once, whatever the form around it.
fn push_button(ui: Ui, class: &str, label: &str, event: fn() -> Event) -> El {
    el("button").set("type", "button").class(class).on("click", move |_| ui.send(event())).text(label)
}

fn thanks(ui: Ui) -> View {
    let form = &ui.texts().form;
    let receipt = untrack(|| ui.read(|form| form.receipt().map(str::to_owned))).flatten().unwrap_or_default();
    let actions = el("div").class("actions").child(closing(ui));
    thanked(ui, &receipt, actions.child(push_button(ui, "back", form.withdraw, || Event::Withdraw)))
}

/// The thank-you screen, with what can be done from it.
pub(crate) fn thanked(ui: Ui, receipt: &str, actions: El) -> View {
    let form = &ui.texts().form;
    el("div")
        .class("screen end")
        .child(faces::mark())
        .child(demarche(ui))
        .child(heading(ui, form.thanks_title))
        .child(el("p").text(form.thanks))
        .child(
            el("div").class("ticket").child(el("p").text(form.receipt_label)).child(code("strong", receipt)),
        )
        .child(el("p").class("note").text(form.receipt_help))
        .child(actions)
        .done()
}

fn withdrawal(ui: Ui) -> View {
    let form = &ui.texts().form;
    let actions = el("div")
        .class("actions")
        // A withdrawal that got no answer can only be asked for again.
        .follow("hidden", move || ui.is(Form::may_be_withdrawn).then_some(""))
        .child(push_button(ui, "go grave", form.withdraw_confirm, || Event::ConfirmWithdrawal))
        .child(push_button(ui, "back", form.withdraw_keep, || Event::Keep));
    end(ui, form.withdraw_title, form.withdraw_text, actions)
}

fn withdrawn(ui: Ui) -> View {
    let form = &ui.texts().form;
    end(ui, form.withdrawn_title, form.withdrawn, el("div").class("actions").child(closing(ui)))
}

fn end(ui: Ui, title: &str, words: &str, actions: El) -> View {
    el("div").class("screen end").child(heading(ui, title)).child(el("p").text(words)).child(actions).done()
}

fn closing(ui: Ui) -> Option<El> {
    let closable = ui.around().frame.closable;
    closable.then(|| push_button(ui, "go", ui.texts().form.close, || Event::Closed))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::form::Setup;
    use reactive_graph::owner::Owner;

    #[test]
    fn what_is_at_hand_goes_with_its_owner_and_with_nobody_else() {
        let around = || {
            let setup = Setup {
                demarche: String::new(),
                bouton: None,
                language: Language::Fr,
                page: None,
                key: String::new(),
            };
            let frame =
                Frame { heading: 1, demarche: None, privacy: String::new(), closable: false, hosted: None };
            let form = Rc::new(RefCell::new(Form::new(setup)));
            Around { form, changed: ArcTrigger::new(), events: Box::new(|_| {}), frame }
        };
        let (first, second) = (Owner::new(), Owner::new());
        let hands = [&first, &second].map(|owner| owner.with(|| Ui::new(around())));
        first.cleanup();
        assert_eq!(hands.map(|hand| hand.find().is_some()), [false, true]);
        hands[0].send(Event::Next);
        second.cleanup();
        assert!(AT_HAND.with_borrow(Vec::is_empty));
    }
}
