//! The questions, as fieldsets of native radio buttons and ticks, and as text areas.

use super::element::{El, View, el, follow, text};
use super::{Ui, error, faces};
use crate::form::{Event, Field, Form, Pick, Room};
use reactive_graph::graph::untrack;
use shared::questionnaire::{
    Channel, Choice, Help, Malfunction, Quality, Question, Reached, Satisfaction, Scale, Screen,
};
use shared::texts;
use wasm_bindgen::JsCast;

/// The id of the first control of a field, where the way to an error leads.
pub(crate) fn anchor(field: Field) -> String {
    let first = match field.question {
        Question::Satisfaction => Satisfaction::ALL[0].code(),
        Question::Clarity | Question::Ease => Scale::ALL[0].code(),
        Question::HelpTried => Help::ALL[0].code(),
        Question::HelpReached => Reached::ALL[0].code(),
        Question::HelpQuality => Quality::ALL[0].code(),
        Question::Malfunctions => Malfunction::ALL[0].code(),
        Question::HelpTriedOther | Question::MalfunctionsOther | Question::Comment => return field.name(),
    };
    id(field, first)
}

/// The id of something that belongs to a field.
pub(super) fn id(field: Field, code: &str) -> String {
    let mut id = field.name();
    id.push('-');
    id.push_str(code);
    id
}

/// The questions of a screen.
pub(super) fn of(ui: Ui, screen: Screen) -> Vec<View> {
    match screen {
        Screen::Satisfaction => vec![satisfaction(ui)],
        Screen::Clarity => {
            let texts = ui.texts();
            vec![scale(ui, Pick::Clarity, texts.clarity_ends), scale(ui, Pick::Ease, texts.ease_ends)]
        }
        Screen::Help => vec![help(ui)],
        Screen::Malfunctions => vec![malfunctions(ui)],
        Screen::Comment => vec![open(ui, Question::Comment)],
    }
}

fn satisfaction(ui: Ui) -> View {
    let choices = Satisfaction::ALL
        .iter()
        .map(|&choice| {
            let label = ui.texts().satisfaction(choice);
            option(ui, Pick::Satisfaction(choice), label, Some(faces::face(choice)), None)
        })
        .collect();
    group(ui, Field::of(Question::Satisfaction), None, "faces", choices, None)
}

fn scale(ui: Ui, pick: fn(Scale) -> Pick, [worst, best]: [&'static str; 2]) -> View {
    let choices = Scale::ALL
        .iter()
        .map(|&choice| {
            // The ends alone have words: a screen reader hears them with their number, the eye sees them below.
            let meaning = match choice {
                Scale::One => Some(worst),
                Scale::Five => Some(best),
                _ => None,
            };
            let meaning = meaning.map(|words| el("span").class("unseen").text(" ").text(words).done());
            option(ui, pick(choice), texts::scale(choice), None, meaning)
        })
        .collect();
    let ends = el("div")
        .class("ends")
        .set("aria-hidden", "true")
        .child(el("span").text(worst))
        .child(el("span").text(best))
        .done();
    group(ui, pick(Scale::One).field(), None, "scale", choices, Some(ends))
}

fn help(ui: Ui) -> View {
    let texts = ui.texts();
    let choices = Help::ALL
        .iter()
        .map(|&choice| {
            let follow_up = match choice {
                Help::Other => Some(open(ui, Question::HelpTriedOther)),
                _ => Channel::ALL
                    .iter()
                    .find(|channel| channel.help() == choice)
                    .map(|&channel| about(ui, channel)),
            };
            tick(ui, Pick::HelpTried(choice), texts.help(choice), follow_up)
        })
        .collect();
    group(ui, Field::of(Question::HelpTried), Some(ui.texts().form.several), "ticks", choices, None)
}

/// What is asked about a channel that was tried, right below its tick.
fn about(ui: Ui, channel: Channel) -> View {
    let texts = ui.texts();
    let reached = Reached::ALL
        .iter()
        .map(|&choice| option(ui, Pick::HelpReached(channel, choice), texts.reached(choice), None, None))
        .collect();
    let quality = Quality::ALL
        .iter()
        .map(|&choice| option(ui, Pick::HelpQuality(channel, choice), texts.quality(choice), None, None))
        .collect();
    let quality_field = Field::about(Question::HelpQuality, channel);
    let quality = group(ui, quality_field, None, "list", quality, None);
    el("div")
        .child(group(ui, Field::about(Question::HelpReached, channel), None, "pair", reached, None))
        .child(where_asked(ui, quality_field, quality))
        .done()
}

fn malfunctions(ui: Ui) -> View {
    let texts = ui.texts();
    let choices = Malfunction::ALL
        .iter()
        .map(|&choice| {
            let follow_up = (choice == Malfunction::Other).then(|| open(ui, Question::MalfunctionsOther));
            tick(ui, Pick::Malfunctions(choice), texts.malfunction(choice), follow_up)
        })
        .collect();
    group(ui, Field::of(Question::Malfunctions), Some(ui.texts().form.several), "ticks", choices, None)
}

/// A closed question with its choices.
fn group(
    ui: Ui,
    field: Field,
    hint: Option<&'static str>,
    class: &'static str,
    choices: Vec<View>,
    below: Option<View>,
) -> View {
    let texts = ui.texts();
    let required = field.question == Question::Satisfaction;
    // Which channel the question is about is plain to the eye, being below its tick.
    let channel =
        field.channel.map(|channel| el("span").class("unseen").text(texts.help(channel.help())).text(" – "));
    let legend = el("legend")
        .child(channel)
        .text(texts.question(field.question))
        .child(required.then(|| el("span").class("soft").text(" ").text(texts.form.required)))
        .child(hint.map(|hint| el("span").class("soft hint").text(hint)));
    el("fieldset")
        .set("aria-describedby", &id(field, "error"))
        .child(legend)
        .child(error(ui, field))
        .child(el("div").class(class).child(choices))
        .child(below)
        .done()
}

fn tick(ui: Ui, pick: Pick, words: &'static str, follow_up: Option<View>) -> View {
    let field = match pick {
        Pick::HelpTried(Help::Other) => Some(Field::of(Question::HelpTriedOther)),
        Pick::Malfunctions(Malfunction::Other) => Some(Field::of(Question::MalfunctionsOther)),
        Pick::HelpTried(help) => Channel::ALL
            .iter()
            .find(|channel| channel.help() == help)
            .map(|&channel| Field::about(Question::HelpReached, channel)),
        _ => None,
    };
    let below = follow_up.zip(field).map(|(view, field)| where_asked(ui, field, view));
    choice(ui, pick, words, None, None, below)
}

fn option(ui: Ui, pick: Pick, words: &'static str, before: Option<View>, after: Option<View>) -> View {
    choice(ui, pick, words, before, after, None)
}

/// A native control, its label on top of it, and what it opens.
fn choice(
    ui: Ui,
    pick: Pick,
    words: &'static str,
    before: Option<View>,
    after: Option<View>,
    below: Option<View>,
) -> View {
    let field = pick.field();
    let id = id(field, pick.code());
    let is_picked = move |form: &Form| pick.is_in(form.answers());
    let control = el("input")
        .set("type", if pick.is_tick() { "checkbox" } else { "radio" })
        .set("id", &id)
        .set("name", &field.name())
        .set("value", pick.code())
        .follow("aria-invalid", move || invalid(ui, field))
        // The attribute is what the server writes; the property is what the browser obeys afterwards.
        .flag("checked", untrack(|| ui.is(is_picked)))
        .follow_property("checked", move || ui.is(is_picked))
        .on("change", move |_| ui.send(Event::Picked(pick)));
    el("div")
        .class("opt")
        .child(control)
        .child(el("label").set("for", &id).child(before).child(el("span").text(words).child(after)))
        .child(below)
        .done()
}

fn invalid(ui: Ui, field: Field) -> Option<&'static str> {
    ui.is(|form| form.error(field).is_some()).then_some("true")
}

/// A view that is there for as long as its field is asked. In the browser the state hides it; on the server
/// nothing does, and the style sheet tries.
fn where_asked(ui: Ui, field: Field, view: View) -> View {
    let hosted = ui.is_hosted();
    let is_hidden = move || !hosted && !ui.is(|form| field.is_asked(form.answers()));
    el("div").class("if").follow("hidden", move || is_hidden().then_some("")).child(view).done()
}

/// An open question.
fn open(ui: Ui, question: Question) -> View {
    let texts = ui.texts();
    let field = Field::of(question);
    let name = field.name();
    let is_comment = question == Question::Comment;
    let count = id(field, "count");
    let notice = if is_comment { "notice " } else { "" };
    let typed = untrack(|| ui.read(|form| form.answers().text(question).map(str::to_owned)))
        .flatten()
        .unwrap_or_default();
    let area = el("textarea")
        .set("id", &name)
        .set("name", &name)
        .set("rows", if is_comment { "6" } else { "2" })
        .set("dir", "auto")
        .set("aria-describedby", &format!("{notice}{name}-error {count}"))
        .follow("aria-invalid", move || invalid(ui, field))
        .on("input", move |input| ui.send(Event::Wrote(question, value_of(&input))))
        .text(&typed);
    let room = move || match ui.read(|form| form.room(question)).unwrap_or(Room::Plenty) {
        Room::Plenty => text(""),
        Room::Left(left) => {
            el("span").class("soft").text(&ui.language().count(texts.form.remaining, left)).done()
        }
        Room::Over(over) => {
            el("span").class("over").text(&ui.language().count(texts.form.overrun, over)).done()
        }
    };
    el("div")
        .class("text")
        .child(el("label").set("for", &name).class("ask").text(texts.question(question)))
        .child(is_comment.then(|| el("p").class("soft").set("id", "notice").text(texts.form.comment_notice)))
        .child(error(ui, field))
        .child(area)
        .child((!ui.is_hosted()).then(|| care(ui, question)))
        .child(el("p").class("count").set("id", &count).child(follow(room)))
        .done()
}

/// A word of care while something personal is being typed. The paragraph is there before its text, so that the text is
/// announced; and once, since it stays the same.
fn care(ui: Ui, question: Question) -> El {
    let words = move || {
        let personal = ui.is(|form| form.looks_personal(question));
        text(if personal { ui.texts().form.personal } else { "" })
    };
    el("p").class("soft care").set("role", "status").child(follow(words))
}

/// What was typed, in NFC: so an accented letter is one character on both sides, whatever keyboard wrote it.
fn value_of(input: &web_sys::Event) -> String {
    let area = input.target().map(JsCast::unchecked_into::<web_sys::HtmlTextAreaElement>);
    area.map_or_else(String::new, |area| js_sys::JsString::from(area.value()).normalize("NFC").into())
}

/// Which answers a screen shows, for those who fill in its fields from elsewhere.
#[cfg(test)]
pub(crate) fn picks(screen: Screen) -> Vec<Pick> {
    let per_channel =
        |pick: &dyn Fn(Channel) -> Vec<Pick>| Channel::ALL.iter().flat_map(|c| pick(*c)).collect::<Vec<_>>();
    match screen {
        Screen::Satisfaction => Satisfaction::ALL.iter().map(|c| Pick::Satisfaction(*c)).collect(),
        Screen::Clarity => Scale::ALL.iter().flat_map(|c| [Pick::Clarity(*c), Pick::Ease(*c)]).collect(),
        Screen::Help => {
            let mut picks: Vec<_> = Help::ALL.iter().map(|c| Pick::HelpTried(*c)).collect();
            picks.extend(per_channel(&|channel| {
                Reached::ALL.iter().map(|c| Pick::HelpReached(channel, *c)).collect()
            }));
            picks.extend(per_channel(&|channel| {
                Quality::ALL.iter().map(|c| Pick::HelpQuality(channel, *c)).collect()
            }));
            picks
        }
        Screen::Malfunctions => Malfunction::ALL.iter().map(|c| Pick::Malfunctions(*c)).collect(),
        Screen::Comment => Vec::new(),
    }
}
