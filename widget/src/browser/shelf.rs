//! Where a form waits while its avis is not stored in full: in the page's `sessionStorage`, gone with the tab at the
//! latest. Where a page has none, as in a sandboxed frame, the form in memory is all there is.

use crate::form::{Form, Setup};
use js_sys::{Date, Object, Reflect};
use shared::questionnaire::VERSION;
use tachys::dom::window;
use wasm_bindgen::prelude::*;
use web_sys::Storage;

/// The forms of one collector, démarche and bouton that wait in this tab.
pub(super) struct Shelf {
    storage: Option<Storage>,
    /// What the names of their texts begin with; the key of each follows.
    prefix: String,
    setup: Setup,
}

impl Shelf {
    pub(super) fn new(base: &str, setup: Setup) -> Self {
        let bouton = setup.bouton.as_deref().unwrap_or_default();
        let prefix = [VERSION, base, &setup.demarche, bouton, ""].join(" ");
        Self { storage: window().session_storage().ok().flatten(), prefix, setup }
    }

    /// The forms that wait.
    pub(super) fn forms(&self) -> Vec<Form> {
        let Some(storage) = &self.storage else { return Vec::new() };
        let form = |name: JsValue| {
            let name = name.as_string()?;
            let key = name.strip_prefix(&self.prefix)?;
            Form::restored(self.setup(key.to_owned()), &storage.get_item(&name).ok()??)
        };
        Object::keys(storage).iter().filter_map(form).collect()
    }

    /// An empty form with a key of its own.
    pub(super) fn new_form(&self) -> Form {
        Form::new(self.setup(super::host::uuid()))
    }

    /// The form as it would be after a reload; none if nothing of it would have to be sent again.
    pub(super) fn again(&self, form: &Form) -> Option<Form> {
        Form::restored(self.setup(form.key().to_owned()), &form.kept()?)
    }

    #[inline(never)]
    fn setup(&self, key: String) -> Setup {
        Setup { key, ..self.setup.clone() }
    }

    /// Keeps what may have to be sent again, or nothing any more. Of a form that is not shown, nothing is kept either
    /// once nothing is left to be done.
    pub(super) fn keep(&self, form: &Form, is_shown: bool) {
        let Some(storage) = &self.storage else { return };
        let name = self.prefix.clone() + form.key();
        // A full or forbidden storage leaves the form in memory, as where there is none.
        let _ = match form.kept().filter(|_| is_shown || !form.is_settled()) {
            Some(kept) => storage.set_item(&name, &kept),
            None => storage.remove_item(&name),
        };
    }
}

/// Whether the person who gave these answers is before the page. They are if they came back to it or loaded it again;
/// who follows a link to it may be the next one at a shared device.
pub(super) fn is_of_this_visit(form: &Form) -> bool {
    let performance = get(&window(), "performance");
    let visit = get(&get(&performance, "navigation"), "type").as_f64().unwrap_or_default();
    let loaded_at = get(&performance, "timeOrigin").as_f64().unwrap_or_default();
    let is_here = visit > 0.0 || f64::from(form.touched() + 1) * 1000.0 > loaded_at;
    is_here && !form.is_finished() && !form.is_left(now())
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

/// Seconds since 1970.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "fits until the year 2106")]
pub(super) fn now() -> u32 {
    (Date::now() / 1000.0) as u32
}
