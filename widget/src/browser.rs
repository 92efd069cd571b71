//! The form in a browser: mounts it into the shadow root that the loader attached, and carries out what the state
//! machine asks for.
//!
//! The loader calls [`WidgetHandle::new`] once for each element and keeps the handle; dropping it (`free()` in
//! JavaScript) takes the form down with everything reactive in it.

mod host;
mod languages;
mod network;
mod shelf;

use crate::form::{Event, Setup};
use crate::views::{self, Around, Frame, Ui, View};
use any_spawner::Executor;
use host::Host;
use reactive_graph::owner::Owner;
use shared::Language;
use std::rc::Rc;
use tachys::view::{Mountable, Render};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, ShadowRoot};

/// Half the size of the allocator that would come with the standard library, and as fast: 2 kB of brotli.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A form in an element.
#[wasm_bindgen(js_name = Widget)]
pub struct WidgetHandle {
    host: Rc<Host>,
    owner: Owner,
    built: <View as Render>::State,
}

#[wasm_bindgen(js_class = Widget)]
impl WidgetHandle {
    /// Fetches what the form of `element` needs to speak its language, then calls `then`: in any case, and within
    /// seconds. A form whose language did not come speaks French.
    pub fn prepare(element: &HtmlElement, base: String, then: js_sys::Function) {
        let language = language(element);
        wasm_bindgen_futures::spawn_local(async move {
            languages::learn(&base, language).await;
            let _ = then.call0(&JsValue::NULL);
        });
    }

    /// Builds the form of `element` inside its shadow root, inline or in a dialog that is not open yet. `base` is
    /// the origin of the collector.
    ///
    /// # Errors
    /// What the DOM refuses, for instance an element that is in no document.
    #[wasm_bindgen(constructor)]
    pub fn new(element: HtmlElement, root: &ShadowRoot, base: &str) -> Result<WidgetHandle, JsValue> {
        let attribute = |name: &str| element.get_attribute(name).filter(|value| !value.is_empty());
        let language = Some(language(&element)).filter(|language| language.is_known()).unwrap_or_default();
        let inline = attribute("mode").as_deref() == Some("inline");
        let setup = Setup {
            demarche: attribute("demarche").unwrap_or_default(),
            bouton: attribute("bouton"),
            language,
            page: host::page_address(base),
            key: host::uuid(),
        };
        let frame = Frame {
            heading: heading_level(&element),
            demarche: find(&element, ".service").and_then(|name| name.text_content()),
            privacy: format!("{base}/confidentialite"),
            closable: !inline,
            hosted: None,
        };
        // Says no when another element of the page has done it before.
        let _ = Executor::init_wasm_bindgen();
        let host = Host::new(element, root, base, setup, inline)?;
        let mut form = host.waiting_form();
        let checked =
            find(&host.element, "[name=satisfaction]:checked").and_then(|input| input.get_attribute("value"));
        if let Some(choice) = checked.as_deref().and_then(shared::Choice::from_code) {
            form.take_over(choice, shelf::now());
        }

        let owner = Owner::new();
        let built = owner.with(|| {
            let (form, changed) = host.show(form);
            let events = Box::new({
                let host = Rc::clone(&host);
                move |event| host.on_event(event)
            });
            let ui = Ui::new(Around { form, changed, events, frame });
            let mut built = views::whole(ui).build();
            built.mount(host.place(), None);
            built
        });
        host.listen();
        host.settle_focus();
        if inline {
            host.update(Event::Opened);
        }
        Ok(Self { host, owner, built })
    }

    /// Opens the dialog; for an inline form, moves the focus to it.
    pub fn open(&self) {
        self.host.open();
    }
}

impl Drop for WidgetHandle {
    fn drop(&mut self) {
        self.host.take_down();
        self.built.unmount();
        self.owner.cleanup();
    }
}

fn find(element: &Element, selector: &str) -> Option<Element> {
    element.query_selector(selector).ok().flatten()
}

/// The element's own language, else that of what it stands in, else French. One that the form does not speak is
/// passed over.
fn language(element: &Element) -> Language {
    let speaking = element.closest(Language::SPEAKING).ok().flatten();
    speaking
        .and_then(|it| it.get_attribute("lang"))
        .and_then(|tag| Language::from_tag(&tag))
        .unwrap_or_default()
}

/// The level the page asks for; else that of the form it replaces; else 2, below the page's own title.
fn heading_level(element: &Element) -> u8 {
    let asked = element.get_attribute("heading-level").and_then(|level| level.parse().ok());
    asked.filter(|level| (1..=6).contains(level)).unwrap_or(if find(element, "h1").is_some() { 1 } else { 2 })
}
