//! A form as a browser without scripts sees it: the fields it would send, and where to.

use reqwest::Method;
use tests::TestCollector;

use crate::helpers::Answer;

/// The one form of a page that is posted, filled in as the page fills it in.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    action: String,
    fields: Vec<(String, String)>,
    names: Vec<String>,
}

impl Form {
    #[track_caller]
    pub(crate) fn of(page: &Answer) -> Self {
        let html = &page.text;
        let start = html
            .match_indices("<form")
            .map(|(at, _)| at)
            .find(|&at| attribute(tag(&html[at..]), "method").is_some_and(|method| method == "post"))
            .unwrap_or_else(|| panic!("no form: {page:?}"));
        let end = html[start..].find("</form>").unwrap() + start;
        let form = &html[start..end];
        let mut parsed = Self {
            action: attribute(tag(form), "action").unwrap_or_default(),
            fields: Vec::new(),
            names: Vec::new(),
        };
        for (at, _) in form.match_indices("<input").chain(form.match_indices("<textarea")) {
            parsed.read(&form[at..]);
        }
        parsed
    }

    fn read(&mut self, from: &str) {
        let tag = tag(from);
        let Some(name) = attribute(tag, "name") else { return };
        let kind = attribute(tag, "type").unwrap_or_default();
        let value = if tag.starts_with("<textarea") {
            let text = &from[tag.len()..from.find("</textarea>").unwrap()];
            // One line break in front is the markup's.
            Some(unescaped(text.strip_prefix('\n').unwrap_or(text)))
        } else if matches!(kind.as_str(), "radio" | "checkbox") {
            has(tag, "checked").then(|| attribute(tag, "value").unwrap_or_default())
        } else {
            Some(attribute(tag, "value").unwrap_or_default())
        };
        if kind != "hidden" && name != "website" && !self.names.contains(&name) {
            self.names.push(name.clone());
        }
        self.fields.extend(value.map(|value| (name, value)));
    }

    /// Where it is sent to.
    pub(crate) fn action(&self) -> &str {
        &self.action
    }

    /// The names of the fields that a person sees.
    pub(crate) fn visible(&self) -> &[String] {
        &self.names
    }

    /// What the page has filled in for a field; several ticks are several values.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The same with this answer, and this alone, to a question.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.and(name, value)
    }

    /// The same with one more tick.
    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends it by the main button.
    pub(crate) async fn send(&self, collector: &TestCollector) -> Answer {
        self.clone().with("go", "next").post(collector).await
    }

    /// Sends it by another button.
    pub(crate) async fn press(&self, collector: &TestCollector, button: &str) -> Answer {
        self.clone().with("go", button).post(collector).await
    }

    /// Asks for it in another language.
    pub(crate) async fn speak(&self, collector: &TestCollector, language: &str) -> Answer {
        self.clone().with("langue", language).post(collector).await
    }

    async fn post(&self, collector: &TestCollector) -> Answer {
        Answer::of(collector.request(Method::POST, &self.action).form(&self.fields)).await
    }

    /// Sends it by the main button, and opens the page it leads to.
    pub(crate) async fn step(&self, collector: &TestCollector) -> Answer {
        follow(collector, &self.send(collector).await).await
    }
}

/// Opens the page that a step leads to.
#[track_caller]
pub(crate) fn follow(collector: &TestCollector, answer: &Answer) -> impl Future<Output = Answer> + use<> {
    answer.wants_status(303);
    let request = collector.get(answer.location());
    async {
        let page = Answer::of(request).await;
        page.wants_page(200);
        page
    }
}

/// The start tag that `html` starts with.
fn tag(html: &str) -> &str {
    let mut quoted = false;
    let end = html
        .find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        })
        .unwrap();
    &html[..=end]
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    Some(unescaped(&tag[start..start + tag[start..].find('"')?]))
}

/// Whether a tag has an attribute, with a value or without.
fn has(tag: &str, name: &str) -> bool {
    tag.split([' ', '>', '=', '/']).any(|word| word == name)
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}
