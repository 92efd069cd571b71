//! What the screens are made of: elements, texts, and views that follow the state.
//!
//! Leptos gives every element a type made of its attributes and children, and compiles each: these screens came to
//! 96 kB of brotli that way. [`View`] is one type for all of them. In the browser it is a Leptos view like any
//! other, built by its renderer and kept up to date by its effects; on the server it writes HTML. There is no way
//! from a text to markup, in either: no `innerHTML`, no unescaped string.

/// An element, a text, or whatever the state calls for.
pub(crate) enum View {
    /// An element.
    Element(El),
    /// A text, possibly empty.
    Text(String),
    /// What this returns, again each time the state it read has changed.
    Follow(Box<dyn Fn() -> View>),
}

/// An element in the making. Boxed, because it is handed from call to call while it is made: each would copy it.
pub(crate) struct El(Box<Parts>);

struct Parts {
    tag: &'static str,
    attributes: Vec<(&'static str, Value)>,
    children: Vec<View>,
}

enum Value {
    Fixed(String),
    Follow(Box<dyn Fn() -> Option<&'static str>>),
    #[cfg_attr(not(feature = "csr"), expect(dead_code, reason = "HTML has no properties"))]
    Property(Box<dyn Fn() -> bool>),
    #[cfg_attr(not(feature = "csr"), expect(dead_code, reason = "nothing happens on the server"))]
    Listener(Box<dyn Fn(web_sys::Event)>),
}

/// An element of HTML, or one of the few of SVG that are drawn here.
pub(crate) fn el(tag: &'static str) -> El {
    El(Box::new(Parts { tag, attributes: Vec::new(), children: Vec::new() }))
}

/// A text, as a view.
pub(crate) fn text(text: &str) -> View {
    View::Text(text.to_owned())
}

/// A view that follows the state.
pub(crate) fn follow(view: impl Fn() -> View + 'static) -> View {
    View::Follow(Box::new(view))
}

impl El {
    /// With this attribute.
    pub(crate) fn set(mut self, name: &'static str, value: &str) -> Self {
        self.0.attributes.push((name, Value::Fixed(value.to_owned())));
        self
    }

    /// With this class.
    pub(crate) fn class(self, class: &str) -> Self {
        self.set("class", class)
    }

    /// With this attribute, without a value, if it applies.
    pub(crate) fn flag(self, name: &'static str, applies: bool) -> Self {
        if applies { self.set(name, "") } else { self }
    }

    /// With an attribute that follows the state, and is absent while it has no value.
    pub(crate) fn follow(
        mut self,
        name: &'static str,
        value: impl Fn() -> Option<&'static str> + 'static,
    ) -> Self {
        self.0.attributes.push((name, Value::Follow(Box::new(value))));
        self
    }

    /// With a property that follows the state. HTML has no properties: the server writes none.
    pub(crate) fn follow_property(mut self, name: &'static str, value: impl Fn() -> bool + 'static) -> Self {
        self.0.attributes.push((name, Value::Property(Box::new(value))));
        self
    }

    /// With an event listener.
    pub(crate) fn on(mut self, event: &'static str, listener: impl Fn(web_sys::Event) + 'static) -> Self {
        self.0.attributes.push((event, Value::Listener(Box::new(listener))));
        self
    }

    /// With this text in it.
    pub(crate) fn text(mut self, words: &str) -> Self {
        self.0.children.push(text(words));
        self
    }

    /// With this element, view or views in it; or nothing, for an option.
    pub(crate) fn child(mut self, child: impl Child) -> Self {
        child.join(&mut self.0.children);
        self
    }

    /// The element, as a view.
    pub(crate) fn done(self) -> View {
        View::Element(self)
    }
}

/// What can go into an element.
pub(crate) trait Child {
    /// Joins the children of an element.
    fn join(self, children: &mut Vec<View>);
}

impl Child for View {
    fn join(self, children: &mut Vec<View>) {
        children.push(self);
    }
}

impl Child for El {
    fn join(self, children: &mut Vec<View>) {
        children.push(self.done());
    }
}

impl Child for Vec<View> {
    fn join(self, children: &mut Vec<View>) {
        children.extend(self);
    }
}

impl<C: Child> Child for Option<C> {
    fn join(self, children: &mut Vec<View>) {
        if let Some(child) = self {
            child.join(children);
        }
    }
}

#[cfg(feature = "csr")]
pub(crate) use browser::Listener;

#[cfg(feature = "csr")]
mod browser {
    use super::{El, Parts, Value, View};
    use reactive_graph::effect::RenderEffect;
    use tachys::renderer::Rndr;
    use tachys::renderer::types::{Element, Node, Text};
    use tachys::view::{Mountable, Render};
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::EventTarget;

    const SVG: &str = "http://www.w3.org/2000/svg";

    /// A view in the DOM.
    pub(crate) enum Built {
        /// An element, with all that keeps it alive.
        Element(Element, #[expect(dead_code, reason = "held for its effects and listeners")] Vec<Built>),
        /// A text node with its text.
        Text(Text, String),
        /// What was last returned.
        Follow(RenderEffect<Built>),
        /// A listener; dropping it takes it off.
        Listener(#[expect(dead_code, reason = "held for its drop")] Listener),
        /// The effect that sets an attribute leaves nothing.
        Nothing,
    }

    /// Hears an event until it is dropped. That of `tachys` asks which thread it is on.
    pub(crate) struct Listener {
        target: EventTarget,
        name: &'static str,
        hears: Closure<dyn Fn(web_sys::Event)>,
    }

    impl Listener {
        pub(crate) fn new(
            target: &EventTarget,
            name: &'static str,
            happen: Box<dyn Fn(web_sys::Event)>,
        ) -> Self {
            let hears = Closure::wrap(happen);
            // Nothing that can hear an event refuses to.
            let _ = target.add_event_listener_with_callback(name, hears.as_ref().unchecked_ref());
            Self { target: target.clone(), name, hears }
        }
    }

    impl Drop for Listener {
        fn drop(&mut self) {
            let hears = self.hears.as_ref().unchecked_ref();
            let _ = self.target.remove_event_listener_with_callback(self.name, hears);
        }
    }

    impl Render for View {
        type State = Built;

        fn build(self) -> Built {
            match self {
                Self::Element(element) => element.build(),
                Self::Text(text) => Built::Text(Rndr::create_text_node(&text), text),
                Self::Follow(view) => Built::Follow(RenderEffect::new(move |built| match built {
                    None => view().build(),
                    Some(mut built) => {
                        view().rebuild(&mut built);
                        built
                    }
                })),
            }
        }

        fn rebuild(self, built: &mut Built) {
            if let (Self::Text(new), Built::Text(node, old)) = (&self, &mut *built) {
                // A status that says the same again is not announced again.
                if new != old {
                    Rndr::set_text(node, new);
                    old.clone_from(new);
                }
                return;
            }
            let mut new = self.build();
            built.insert_before_this(&mut new);
            built.unmount();
            *built = new;
        }
    }

    impl El {
        fn build(self) -> Built {
            let Parts { tag, attributes, children } = *self.0;
            let namespace = matches!(tag, "svg" | "circle" | "path").then_some(SVG);
            let element = Rndr::create_element(tag, namespace);
            let mut held = Vec::new();
            for (name, value) in attributes {
                let target = element.clone();
                held.push(match value {
                    Value::Fixed(value) => {
                        Rndr::set_attribute(&element, name, &value);
                        continue;
                    }
                    Value::Follow(value) => Built::Follow(RenderEffect::new(move |_| {
                        match value() {
                            Some(value) => Rndr::set_attribute(&target, name, value),
                            None => Rndr::remove_attribute(&target, name),
                        }
                        Built::Nothing
                    })),
                    Value::Property(value) => Built::Follow(RenderEffect::new(move |_| {
                        Rndr::set_property(&target, name, &value().into());
                        Built::Nothing
                    })),
                    Value::Listener(listener) => Built::Listener(Listener::new(&element, name, listener)),
                });
            }
            for child in children {
                let mut child = child.build();
                child.mount(&element, None);
                held.push(child);
            }
            Built::Element(element, held)
        }
    }

    impl Mountable for Built {
        fn unmount(&mut self) {
            match self {
                Self::Element(element, _) => element.unmount(),
                Self::Text(text, _) => text.unmount(),
                Self::Follow(view) => view.unmount(),
                Self::Listener(_) | Self::Nothing => {}
            }
        }

        fn mount(&mut self, parent: &Element, before: Option<&Node>) {
            match self {
                Self::Element(element, _) => element.mount(parent, before),
                Self::Text(text, _) => text.mount(parent, before),
                Self::Follow(view) => view.mount(parent, before),
                Self::Listener(_) | Self::Nothing => {}
            }
        }

        fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
            match self {
                Self::Element(element, _) => element.insert_before_this(child),
                Self::Text(text, _) => text.insert_before_this(child),
                Self::Follow(view) => view.insert_before_this(child),
                Self::Listener(_) | Self::Nothing => false,
            }
        }

        fn elements(&self) -> Vec<Element> {
            match self {
                Self::Element(element, _) => vec![element.clone()],
                Self::Follow(view) => view.elements(),
                _ => Vec::new(),
            }
        }
    }
}

#[cfg(feature = "ssr")]
mod server {
    use super::{El, Parts, Value, View};

    impl View {
        /// Writes the view as HTML.
        pub(crate) fn write(self, html: &mut String) {
            match self {
                Self::Element(element) => element.write(html),
                Self::Text(text) => escape(html, &text),
                Self::Follow(view) => view().write(html),
            }
        }
    }

    impl El {
        fn write(self, html: &mut String) {
            let Parts { tag, attributes, children } = *self.0;
            html.push('<');
            html.push_str(tag);
            for (name, value) in attributes {
                let value = match value {
                    Value::Fixed(value) => value,
                    Value::Follow(value) => match value() {
                        Some(value) => value.to_owned(),
                        None => continue,
                    },
                    Value::Property(_) | Value::Listener(_) => continue,
                };
                html.push(' ');
                html.push_str(name);
                if !value.is_empty() {
                    html.push_str("=\"");
                    escape(html, &value);
                    html.push('"');
                }
            }
            html.push('>');
            if tag == "input" {
                return;
            }
            if tag == "textarea" {
                // HTML drops one line break here, which might be one that was typed.
                html.push('\n');
            }
            for child in children {
                child.write(html);
            }
            html.push_str("</");
            html.push_str(tag);
            html.push('>');
        }
    }

    /// Escapes for both places a text can stand in: between tags, and in a quoted attribute.
    fn escape(html: &mut String, text: &str) {
        for character in text.chars() {
            match character {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                other => html.push(other),
            }
        }
    }
}
