//! What is measured on a page: contrasts as computed, sizes of targets, text that is cut or leaves its box.

use super::Browser;
use serde_json::{Value, json};

/// The body of a function that hands over what is wrong, in words.
const RULERS: &str = include_str!("rulers.js");

impl Browser {
    /// Wants everything on `screen`, the name of what is being looked at, to be readable, reachable and whole: text
    /// of 4.5 to 1 (3 where it is large), edges of fields of 3 to 1, targets of 44 pixels, nothing cut off, nothing
    /// that scrolls sideways.
    ///
    /// # Panics
    ///
    /// When something is not, with all of it.
    pub async fn wants_no_misfit(&self, screen: &str) {
        let found = self.js_async(RULERS, vec![]).await;
        assert_eq!(found, json!([]), "{screen} in {:?}", self.engine());
    }

    /// The role and the name that an assistive technology is told of an element.
    ///
    /// # Panics
    ///
    /// When the driver does not tell.
    pub async fn told(&self, element: &fantoccini::elements::Element) -> (String, String) {
        let id = element.element_id();
        let told = async |what: &str| match self.get(&format!("element/{}/{what}", id.as_ref())).await {
            Value::String(told) => told,
            other => panic!("{what} in {:?}: {other}", self.engine()),
        };
        (told("computedrole").await, told("computedlabel").await)
    }
}
