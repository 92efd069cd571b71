//! The element, its page and its dialog, as far as the form has to do with them.

use super::{languages, network};
use crate::CSS;
use crate::form::{Effect, Event, Form, News, SLOW_AFTER, Target};
use crate::views::{anchor, language_id};
use js_sys::{Array, Reflect};
use reactive_graph::signal::ArcRwSignal;
use reactive_graph::traits::Update;
use shared::Language;
use shared::draft::PAGE_MAX;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use tachys::dom::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{CssStyleSheet, CustomEvent, CustomEventInit, HtmlDialogElement, HtmlElement, ShadowRoot};

thread_local! {
    /// One style sheet for all forms of a page.
    static SHEET: OnceCell<Option<CssStyleSheet>> = const { OnceCell::new() };
}

/// Where a form lives.
pub(super) struct Host {
    element: HtmlElement,
    root: ShadowRoot,
    base: String,
    wrapper: HtmlElement,
    dialog: Option<HtmlDialogElement>,
    form: RefCell<Option<ArcRwSignal<Form>>>,
    on_close: OnceCell<Closure<dyn FnMut()>>,
}

impl Host {
    /// Puts an empty wrapper into the shadow root, with a dialog in it unless the form is inline.
    pub(super) fn new(
        element: HtmlElement,
        root: &ShadowRoot,
        base: &str,
        language: Language,
        inline: bool,
    ) -> Result<Rc<Self>, JsValue> {
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
            form: RefCell::new(None),
            on_close: OnceCell::new(),
        }))
    }

    /// Where the form is built.
    pub(super) fn place(&self) -> &HtmlElement {
        self.dialog.as_deref().unwrap_or(&self.wrapper)
    }

    /// Starts to serve this form.
    pub(super) fn listen(self: &Rc<Self>, form: ArcRwSignal<Form>) {
        self.form.replace(Some(form));
        if let Some(dialog) = &self.dialog {
            let host = Rc::downgrade(self);
            let on_close = Closure::new(move || {
                if let Some(host) = host.upgrade() {
                    host.update(Event::Closed);
                }
            });
            dialog.set_onclose(Some(on_close.as_ref().unchecked_ref()));
            // Kept as long as the dialog may call it.
            let _ = self.on_close.set(on_close);
        }
    }

    /// An event from a view.
    pub(super) fn on_event(self: &Rc<Self>, event: Event) {
        match &self.dialog {
            // The dialog tells the form when it is closed, whoever closes it: this button, or Esc.
            Some(dialog) if event == Event::Closed => dialog.close(),
            _ => match event {
                Event::Speak(language) if !language.is_known() => {
                    let host = Rc::clone(self);
                    wasm_bindgen_futures::spawn_local(async move {
                        let learnt = languages::learn(&host.base, language).await;
                        host.update(if learnt { Event::Speak(language) } else { Event::Speechless });
                    });
                }
                _ => self.update(event),
            },
        }
    }

    /// Lets an event happen, and does what follows from it.
    pub(super) fn update(self: &Rc<Self>, event: Event) {
        let Some(form) = self.form.borrow().clone() else { return };
        for effect in form.try_update(|form| form.update(event)).unwrap_or_default() {
            match effect {
                Effect::Focus(target) => self.focus(target),
                Effect::Speak(language) => speak(&self.wrapper, language),
                Effect::Tell(news) => self.tell(news),
                Effect::Send(request) => {
                    let host = Rc::clone(self);
                    let number = request.number;
                    later(SLOW_AFTER, move || host.update(Event::Slow(number)));
                    let host = Rc::clone(self);
                    wasm_bindgen_futures::spawn_local(async move {
                        let reply = network::send(&host.base, request).await;
                        host.update(Event::Answered(number, reply));
                    });
                }
            }
        }
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
        self.form.replace(None);
        if let Some(dialog) = &self.dialog {
            dialog.set_onclose(None);
        }
        self.wrapper.remove();
    }

    /// Moves the focus once the views have followed the state, which they do in a microtask.
    fn focus(self: &Rc<Self>, target: Target) {
        let host = Rc::clone(self);
        later(0, move || {
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
pub(super) fn later(milliseconds: u32, then: impl FnOnce() + 'static) {
    let then = Closure::once_into_js(then);
    let delay = i32::try_from(milliseconds).unwrap_or(i32::MAX);
    let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(then.unchecked_ref(), delay);
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
