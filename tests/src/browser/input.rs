//! The hands of a person: mouse and keyboard.

use fantoccini::actions::{
    InputSource, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction,
};
use fantoccini::key::Key;

use super::{Browser, Place};
use crate::wait;

impl Browser {
    /// Clicks with the mouse on the first element that matches `css`, once it can be seen.
    ///
    /// # Panics
    ///
    /// When it never can, or something else lies over it.
    pub async fn click(&self, place: Place, css: &str) {
        wait::until(&format!("a click on {css} in {:?}", self.engine), async || {
            let element = self.look(place, css).await?;
            if place != Place::Page {
                // WebKit leaves what shows an edge in a scrolled dialog where it is, and then cannot click it.
                let argument = serde_json::to_value(&element).map_err(|error| error.to_string())?;
                self.js("arguments[0].scrollIntoView({block: 'center'})", vec![argument]).await;
            }
            element.click().await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// Clicks twice in a row on the first element that matches `css`, once it can be seen.
    ///
    /// # Panics
    ///
    /// When it never can, or lies outside the window.
    pub async fn double_click(&self, place: Place, css: &str) {
        let element = self.find(place, css).await;
        // Unlike a click, actions do not scroll; a picture of the element does, with scripts off too.
        self.done(css, element.screenshot()).await;
        let mut mouse = MouseActions::new("mouse".to_owned()).then(PointerAction::MoveToElement {
            element,
            duration: None,
            x: 0.0,
            y: 0.0,
        });
        for _ in 0..2 {
            mouse = mouse
                .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
                .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        }
        self.done("click twice", self.client.perform_actions(mouse)).await;
    }

    /// Clicks on the first element that matches `css`, and types `text`.
    ///
    /// # Panics
    ///
    /// When it never can be seen, or takes no text.
    pub async fn write(&self, place: Place, css: &str, text: &str) {
        let element = self.find(place, css).await;
        self.done(css, element.send_keys(text)).await;
    }

    /// Presses and releases a key, wherever the focus is.
    ///
    /// # Panics
    ///
    /// When the browser cannot.
    pub async fn press(&self, key: Key) {
        self.keys(&[key.into()]).await;
    }

    /// Presses and releases a key while Shift is held.
    ///
    /// # Panics
    ///
    /// When the browser cannot.
    pub async fn press_with_shift(&self, key: Key) {
        let value = char::from(key);
        let shift = char::from(Key::Shift);
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: shift })
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value })
            .then(KeyAction::Up { value: shift });
        self.done("press keys", self.client.perform_actions(keys)).await;
    }

    /// Types `text` on the keyboard, wherever the focus is.
    ///
    /// # Panics
    ///
    /// When the browser cannot.
    pub async fn type_text(&self, text: &str) {
        self.keys(&text.chars().collect::<Vec<_>>()).await;
    }

    async fn keys(&self, keys: &[char]) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for &value in keys {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.done("press keys", self.client.perform_actions(actions)).await;
    }
}
