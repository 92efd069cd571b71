//! What the law has a public service say of itself: what becomes of answers, and for whom it works.
//!
//! What a person needs in order to decide is in every language; who is responsible, and on what ground, is in French, and
//! in English for all others.

mod texts;

use super::{Page, languages, page_texts, simple};
use crate::retention::Retention;
use maud::{Markup, html};
use shared::Language;
use texts::LegalTexts;

/// What an operator says of who is behind a collector.
#[derive(Debug, Clone, Default)]
pub struct Responsible {
    /// Who decides what answers are collected for: the controller of the GDPR.
    pub publisher: Option<String>,
    /// Where its data protection officer is reached: an e-mail address or a web address.
    pub privacy_contact: Option<String>,
    /// Where somebody is reached who cannot use the form.
    pub accessibility_contact: Option<String>,
    /// For how long things are kept.
    pub retention: Retention,
}

/// The language of the legal words for who reads in this one.
fn spoken(language: Language) -> (Language, &'static LegalTexts) {
    if language == Language::Fr { (Language::Fr, &texts::FR) } else { (Language::En, &texts::EN) }
}

/// What becomes of the answers.
#[must_use]
pub fn privacy(language: Language, responsible: &Responsible) -> Page {
    let texts = page_texts(language);
    let (of_law, legal) = spoken(language);
    let Retention { texts: months, pages } = responsible.retention;
    let inner = html! {
        h1 { (texts.privacy) }
        @for (heading, paragraph) in texts.privacy_sections {
            h2 { (heading) }
            p { (paragraph) }
        }
        p { a href={ "/retrait?lang=" (language.code()) } { (texts.withdraw) } }
        section lang=(of_law.code()) dir=(of_law.direction()) {
            h2 { (legal.controller) }
            p { (responsible.publisher.as_deref().map_or_else(|| legal.controller_unknown.to_owned(), legal.controller_is)) }
            p { (contact(responsible.privacy_contact.as_deref(), legal.officer, legal.officer_unknown)) }
            h2 { (legal.ground) }
            p { (legal.ground_is) }
            h2 { (legal.durations) }
            ul { @for line in (legal.durations_are)(&months.to_string(), &pages.to_string()) { li { (line) } } }
            h2 { (legal.against_fraud) }
            p { (legal.against_fraud_is) }
            h2 { (legal.recipients) }
            p { (legal.recipients_are) }
            h2 { (legal.rights) }
            p { (legal.rights_are) }
            p { a href="https://www.cnil.fr/fr/plaintes" { (legal.complain) } }
        }
        (languages(language, "/confidentialite"))
    };
    simple(language, texts.privacy, &inner)
}

/// How far people can use the service whatever their abilities, as the law has it said.
#[must_use]
pub fn accessibility(language: Language, responsible: &Responsible) -> Page {
    let (language, legal) = spoken(language);
    let who = responsible.publisher.as_deref().unwrap_or(legal.we);
    let list = |lines: &[&str]| html! { ul { @for line in lines { li { (line) } } } };
    let inner = html! {
        h1 { (legal.accessibility) }
        p { ((legal.commitment)(who)) }
        h2 { (legal.state) }
        p { strong { (legal.state_is) } }
        h2 { (legal.tested) }
        p { (legal.tested_is) }
        (list(&legal.tested_are))
        h2 { (legal.untested) }
        (list(&legal.untested_are))
        h2 { (legal.made) }
        p { (legal.made_is) }
        h2 { (legal.feedback) }
        p { (legal.feedback_is) }
        p { (contact(responsible.accessibility_contact.as_deref(), legal.feedback_at, legal.feedback_unknown)) }
        h2 { (legal.recourse) }
        p { (legal.recourse_is) }
        ul {
            li { a href="https://formulaire.defenseurdesdroits.fr/" { (legal.defender_form) } }
            li { a href="https://www.defenseurdesdroits.fr/saisir/delegues" { (legal.defender_people) } }
            li { (legal.defender_post) }
        }
    };
    simple(language, legal.accessibility, &inner)
}

/// The words of the way to the statement of accessibility. The state stands in them, as the law has it.
pub(super) fn foot_words(language: Language) -> &'static str {
    spoken(language).1.foot
}

/// The ways to both pages, at the foot of those that citizens meet.
pub(super) fn foot(language: Language) -> Markup {
    let (of_law, _) = spoken(language);
    let query = format!("?lang={}", language.code());
    html! {
        footer.foot {
            a href={ "/confidentialite" (query) } { (page_texts(language).privacy) }
            " "
            a href={ "/accessibilite" (query) } lang=[(of_law != language).then_some(of_law.code())] { (foot_words(language)) }
        }
    }
}

/// Where somebody is reached; or that it is not said yet.
fn contact(address: Option<&str>, at: &str, unknown: &str) -> Markup {
    let Some(address) = address else { return html! { (unknown) } };
    let href = if address.contains("://") { address.to_owned() } else { format!("mailto:{address}") };
    html! { (at) " " a href=(href) { (address) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_responsible_is_said_or_said_to_be_missing() {
        let nobody = Responsible::default();
        for language in Language::ALL {
            let (_, legal) = spoken(language);
            let page = privacy(language, &nobody).html;
            assert!(page.contains(legal.controller_unknown) && page.contains(legal.officer_unknown));
            assert!(accessibility(language, &nobody).html.contains(legal.feedback_unknown));
        }
        let known = Responsible {
            publisher: Some("Direction <numérique>".into()),
            privacy_contact: Some("dpo@example.gouv.fr".into()),
            accessibility_contact: Some("https://example.gouv.fr/contact?a=1&b=2".into()),
            retention: Retention { texts: "12".parse().unwrap(), ..Retention::default() },
        };
        let page = privacy(Language::Fr, &known).html;
        assert!(page.contains("Direction &lt;numérique&gt;"), "{page}");
        assert!(page.contains(r#"<a href="mailto:dpo@example.gouv.fr">dpo@example.gouv.fr</a>"#), "{page}");
        assert!(page.contains("12\u{a0}mois") && page.contains("24\u{a0}mois"), "{page}");
        let page = accessibility(Language::Fr, &known).html;
        assert!(page.contains(r#"<a href="https://example.gouv.fr/contact?a=1&amp;b=2">"#), "{page}");
        assert!(page.contains("non conforme"), "{page}");
    }
}
