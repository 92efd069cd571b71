//! The element, its page and its dialog, as far as the form has to do with them.

use super::shelf::{Shelf, is_of_this_visit, now};
use super::{languages, network};
use crate::CSS;
use crate::form::{Effect, Event, Form, News, SLOW_AFTER, Setup, Target};
use crate::views::{Listener, anchor, language_id};
use js_sys::{Array, Math, Reflect};
use reactive_graph::signal::ArcTrigger;
use reactive_graph::traits::Notify;
use shared::Language;
use shared::draft::PAGE_MAX;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};
use tachys::dom::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{
    CssStyleSheet, CustomEvent, CustomEventInit, EventTarget, HtmlDialogElement, HtmlElement, ShadowRoot,
};

/// How often a form looks whether its person has gone, in milliseconds.
const LOOK_EVERY: u32 = 60_000;

thread_local! {
    /// One style sheet for all forms of a page.
    static SHEET: OnceCell<Option<CssStyleSheet>> = const { OnceCell::new() };
}

/// Where a form lives.
pub(super) struct Host {
    pub(super) element: HtmlElement,
    root: ShadowRoot,
    base: String,
    wrapper: HtmlElement,
    dialog: Option<HtmlDialogElement>,
    shelf: Shelf,
    /// The form that is shown; after it those that nobody is before any more, whose avis are still on their way. None
    /// once the element is gone: what is on its way goes on.
    forms: RefCell<Vec<Rc<RefCell<Form>>>>,
    /// Set off when the form that is shown has changed.
    changed: ArcTrigger,
    listeners: RefCell<Vec<Listener>>,
    /// The language that was chosen last, while its texts are fetched.
    wish: Cell<Option<Language>>,
}

impl Host {
    /// Puts an empty wrapper into the shadow root, with a dialog in it unless the form is inline.
    pub(super) fn new(
        element: HtmlElement,
        root: &ShadowRoot,
        base: &str,
        setup: Setup,
        inline: bool,
    ) -> Result<Rc<Self>, JsValue> {
        let language = setup.language;
        adopt_style(root)?;
        let document = document();
        let wrapper: HtmlElement = document.create_element("div")?.unchecked_into();
        let theme = element.get_attribute("theme").filter(|theme| theme == "light" || theme == "dark");
        wrapper.set_class_name(&format!("avis {}", theme.unwrap_or_default()));
        speak(&wrapper, language);
        let dialog = if inline {
            None
        } else {
            let dialog: HtmlDialogElement = document.create_element("dialog")?.unchecked_into();
            dialog.set_attribute("aria-labelledby", "title")?;
            wrapper.append_child(&dialog)?;
            Some(dialog)
        };
        root.append_child(&wrapper)?;
        Ok(Rc::new(Self {
            element,
            root: root.clone(),
            base: base.to_owned(),
            wrapper,
            dialog,
            shelf: Shelf::new(base, setup),
            forms: RefCell::default(),
            changed: ArcTrigger::new(),
            listeners: RefCell::default(),
            wish: Cell::default(),
        }))
    }

    /// Where the form is built.
    pub(super) fn place(&self) -> &HtmlElement {
        self.dialog.as_deref().unwrap_or(&self.wrapper)
    }

    /// The form to show: what waits here of the person who is before it, or a new one.
    pub(super) fn waiting_form(&self) -> Form {
        let mut shown = None;
        for form in self.shelf.forms() {
            if shown.is_none() && is_of_this_visit(&form) {
                shown = Some(form);
            } else {
                self.set_aside(form);
            }
        }
        shown.unwrap_or_else(|| self.shelf.new_form())
    }

    /// Takes in a form that nobody is before any more, whose avis is still to be sent.
    fn set_aside(&self, form: Form) {
        self.forms.borrow_mut().push(Rc::new(RefCell::new(form.finished())));
    }

    /// Shows this form: where it is, and what is set off when it has changed.
    pub(super) fn show(&self, form: Form) -> (Rc<RefCell<Form>>, ArcTrigger) {
        let form = Rc::new(RefCell::new(form));
        self.forms.borrow_mut().insert(0, Rc::clone(&form));
        (form, self.changed.clone())
    }

    /// Follows what happens around the form, and goes on where it was left.
    pub(super) fn listen(self: &Rc<Self>) {
        let listen = |target: &EventTarget, name, event: fn() -> Event| {
            let host = Rc::downgrade(self);
            let happen = Box::new(move |_| {
                if let Some(host) = host.upgrade() {
                    host.update(event());
                }
            });
            let listener = Listener::new(target, name, happen);
            self.listeners.borrow_mut().push(listener);
        };
        if let Some(dialog) = &self.dialog {
            listen(dialog, "close", || Event::Closed);
        }
        // They save a pause; none of them is relied upon.
        for name in ["online", "pageshow", "visibilitychange"] {
            listen(&window(), name, || Event::Awake);
        }
        look_again(Rc::downgrade(self));
        self.update(Event::Awake);
    }

    /// An event from a view.
    pub(super) fn on_event(self: &Rc<Self>, event: Event) {
        match &self.dialog {
            // The dialog tells the form when it is closed, whoever closes it: this button, or Esc.
            Some(dialog) if event == Event::Closed => dialog.close(),
            _ => match event {
                Event::Speak(language) if !language.is_known() => {
                    let host = Rc::clone(self);
                    self.wish.set(Some(language));
                    wasm_bindgen_futures::spawn_local(async move {
                        let learnt = languages::learn(&host.base, language).await;
                        // Another may have been chosen since.
                        if host.wish.get() == Some(language) {
                            host.update(if learnt { Event::Speak(language) } else { Event::Speechless });
                        }
                    });
                }
                _ => {
                    if let Event::Speak(_) = event {
                        self.wish.set(None);
                    }
                    self.update(event);
                }
            },
        }
    }

    /// Lets an event happen to the form that is shown, and does what follows from it.
    #[inline(never)]
    pub(super) fn update(self: &Rc<Self>, event: Event) {
        let Some(shown) = self.shown() else { return };
        if matches!(event, Event::Awake | Event::Retry) {
            self.make_room(&shown);
            let forms = self.forms.borrow().clone();
            forms.iter().skip(1).for_each(|form| self.happen(form, Event::Awake));
        }
        // On a shared device, a receipt is not for who comes next.
        let is_over = event == Event::Closed && shown.borrow().is_over();
        self.happen(&shown, event);
        if is_over {
            self.begin_anew(&shown);
        }
    }

    fn shown(&self) -> Option<Rc<RefCell<Form>>> {
        self.forms.borrow().first().cloned()
    }

    /// Puts a new form in the place of one that its person has left.
    fn make_room(self: &Rc<Self>, shown: &Rc<RefCell<Form>>) {
        if !shown.borrow().is_left(now()) {
            return;
        }
        let left = self.begin_anew(shown);
        if left.is_settled() && !left.is_ahead() {
            self.shelf.keep(&left, false);
        } else if let Some(left) = self.shelf.again(&left) {
            self.set_aside(left);
        } else if !left.is_settled() {
            // A withdrawal on its way.
            self.forms.borrow_mut().push(Rc::new(RefCell::new(left)));
        }
        if let Some(dialog) = &self.dialog {
            dialog.close();
        }
    }

    /// Shows a new form. Returns the one that was shown.
    fn begin_anew(self: &Rc<Self>, shown: &Rc<RefCell<Form>>) -> Form {
        let new = self.shelf.new_form().after(&shown.borrow());
        speak(&self.wrapper, new.language());
        let earlier = shown.replace(new);
        self.changed.notify();
        // In a dialog, when that is opened.
        if self.dialog.is_none() {
            self.happen(shown, Event::Opened);
        }
        earlier
    }

    /// Lets an event happen to a form, keeps what may have to be sent again, and does what follows.
    #[inline(never)]
    fn happen(self: &Rc<Self>, form: &Rc<RefCell<Form>>, event: Event) {
        let effects = form.borrow_mut().update(event, now());
        let shown = self.shown().filter(|shown| !Rc::ptr_eq(shown, form));
        let is_shown = shown.is_none();
        self.shelf.keep(&form.borrow(), is_shown);
        if is_shown {
            self.changed.notify();
        }
        for effect in effects {
            match effect {
                Effect::Focus(target) if is_shown => self.focus(target),
                Effect::Speak(language) if is_shown => speak(&self.wrapper, language),
                Effect::Focus(_) | Effect::Speak(_) => {}
                Effect::Tell(news) => self.tell(news),
                Effect::Pause(number, seconds) => {
                    let jitter = 1.0 + Math::random() / 2.0;
                    self.happen_later(form, f64::from(seconds) * 1000.0 * jitter, Event::Again(number));
                }
                Effect::Send(request) => {
                    let number = request.number;
                    self.happen_later(form, SLOW_AFTER.into(), Event::Slow(number));
                    let (host, form) = (Rc::clone(self), Rc::clone(form));
                    wasm_bindgen_futures::spawn_local(async move {
                        let reply = network::send(&host.base, request).await;
                        host.happen(&form, Event::Answered(number, reply));
                    });
                }
            }
        }
        if let Some(shown) = shown {
            let status = form.borrow().status();
            self.happen(&shown, Event::Aside(status));
        }
    }

    fn happen_later(self: &Rc<Self>, form: &Rc<RefCell<Form>>, milliseconds: f64, event: Event) {
        let (host, form) = (Rc::clone(self), Rc::clone(form));
        later(milliseconds, move || host.happen(&form, event));
    }

    /// Opens the dialog and says so.
    pub(super) fn open(self: &Rc<Self>) {
        if let Some(dialog) = self.dialog.as_ref().filter(|dialog| !dialog.open()) {
            if dialog.show_modal().is_err() {
                return;
            }
            self.update(Event::Opened);
        }
        self.focus(Target::Heading);
    }

    /// Gives the focus to the control that stands where the focused one of the plain HTML form stood.
    pub(super) fn settle_focus(self: &Rc<Self>) {
        let focused = document().active_element().filter(|it| self.element.contains(Some(it)));
        if let Some(control) = focused.and_then(|it| self.root.get_element_by_id(&it.id())) {
            let _ = control.unchecked_into::<HtmlElement>().focus();
        }
    }

    /// Takes the wrapper out and stops listening.
    pub(super) fn take_down(&self) {
        self.forms.borrow_mut().clear();
        self.listeners.borrow_mut().clear();
        self.wrapper.remove();
    }

    /// Moves the focus once the views have followed the state, which they do in a microtask.
    fn focus(self: &Rc<Self>, target: Target) {
        let host = Rc::clone(self);
        later(0.0, move || {
            let id = match target {
                Target::Heading => String::from("title"),
                Target::Status => String::from("status"),
                Target::Field(field) => anchor(field),
                Target::Language(language) => language_id(language),
            };
            if let Some(element) = host.root.get_element_by_id(&id) {
                let _ = element.unchecked_into::<HtmlElement>().focus();
            }
            if let Some(dialog) = host.dialog.as_ref().filter(|_| target == Target::Heading) {
                dialog.set_scroll_top(0);
            }
        });
    }

    fn tell(&self, news: News) {
        let init = CustomEventInit::new();
        init.set_bubbles(true);
        init.set_composed(true);
        if let Ok(event) = CustomEvent::new_with_event_init_dict(news.event_type(), &init) {
            let _ = self.element.dispatch_event(&event);
        }
    }
}

/// Says in which language all within is, and in which direction.
fn speak(wrapper: &HtmlElement, language: Language) {
    wrapper.set_lang(language.code());
    wrapper.set_dir(language.direction());
}

/// Origin and path of the page, where it has an address that means something; never its query or fragment. On the
/// collector's own page, those of the page that led to it.
pub(super) fn page_address(base: &str) -> Option<String> {
    let location = window().location();
    let origin = location.origin().ok()?;
    let mut address =
        if origin == base { document().referrer() } else { origin + &location.pathname().ok()? };
    if let Some(query) = address.bytes().position(|byte| byte == b'?') {
        address.truncate(query);
    }
    let is_own = address.starts_with(base) && address.as_bytes().get(base.len()) == Some(&b'/');
    (address.starts_with("http") && !is_own && address.len() <= PAGE_MAX).then_some(address)
}

/// A random UUID. `crypto.randomUUID` exists on secure pages alone, `getRandomValues` on all.
pub(super) fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut uuid = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            uuid.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            uuid.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
    }
    uuid
}

/// Does something after this many milliseconds.
#[expect(clippy::cast_possible_truncation, reason = "what is too long for a timer becomes the longest")]
pub(super) fn later(milliseconds: f64, then: impl FnOnce() + 'static) {
    let then = Closure::once_into_js(then);
    let delay = milliseconds as i32;
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(then.unchecked_ref(), delay);
}

/// Looks now and then whether somebody is still before the form, for as long as there is one.
fn look_again(host: Weak<Host>) {
    later(LOOK_EVERY.into(), move || {
        if let Some(host) = host.upgrade() {
            host.update(Event::Awake);
            look_again(Rc::downgrade(&host));
        }
    });
}

/// Adds the style sheet to those the loader gave the shadow root. Adopted sheets are no inline style to a strict
/// page; and the property takes a new list where old browsers forbid to change the one it holds.
fn adopt_style(root: &ShadowRoot) -> Result<(), JsValue> {
    let sheet = SHEET.with(|sheet| {
        let made = || {
            let sheet = CssStyleSheet::new().ok()?;
            sheet.replace_sync(CSS).ok()?;
            Some(sheet)
        };
        sheet.get_or_init(made).clone()
    });
    let name = JsValue::from_str("adoptedStyleSheets");
    let adopted = Array::from(&Reflect::get(root, &name)?);
    if let Some(sheet) = sheet.filter(|sheet| !adopted.includes(sheet, 0)) {
        adopted.push(&sheet);
        Reflect::set(root, &name, &adopted)?;
    }
    Ok(())
}
