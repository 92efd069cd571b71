use super::*;
use crate::draft::FieldErrorCode;

/// Every text of a language, in the order of its file.
fn lines(language: Language) -> Vec<String> {
    let errors = FieldErrorCode::ALL.map(|code| language.field_error(code));
    language.texts().file().split('\n').map(str::to_owned).chain(errors).collect()
}

/// What stands in braces.
fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<&str> =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(place, _)| place).collect();
    places.sort_unstable();
    places
}

#[test]
fn a_tag_finds_its_language_whatever_its_region_or_case() {
    assert_eq!(Language::from_tag("fr-CA"), Some(Language::Fr));
    assert_eq!(Language::from_tag("EN_gb"), Some(Language::En));
    assert_eq!(Language::from_tag("ar-MA"), Some(Language::Ar));
    assert_eq!(Language::from_tag("frx"), None);
    assert_eq!(Language::from_tag(""), None);
}

#[test]
fn each_language_stands_where_all_has_it_and_goes_by_its_own_name() {
    for (index, language) in Language::ALL.into_iter().enumerate() {
        assert_eq!(language as usize, index);
        assert_eq!(Language::from_tag(language.code()), Some(language));
    }
    assert_eq!(
        Language::ALL.map(Language::name),
        ["Français", "English", "Español", "Deutsch", "Português", "العربية"]
    );
    let speaking = Language::ALL.map(|language| format!("[lang^={}]", language.code()));
    assert_eq!(Language::SPEAKING, speaking.join(","));
}

#[test]
fn no_two_choices_of_a_question_read_alike() {
    fn differ<C: Choice>(label: impl Fn(C) -> &'static str) {
        let mut labels: Vec<&str> = C::ALL.iter().map(|choice| label(*choice)).collect();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), C::ALL.len(), "{labels:?}");
    }
    for texts in Language::ALL.map(Language::texts) {
        differ(|one| texts.screen(one));
        differ(|one| texts.question(one));
        differ(|one| texts.satisfaction(one));
        differ(|one| texts.help(one));
        differ(|one| texts.reached(one));
        differ(|one| texts.quality(one));
        differ(|one| texts.malfunction(one));
        assert_ne!(texts.clarity_ends[0], texts.clarity_ends[1]);
        assert_ne!(texts.ease_ends[0], texts.ease_ends[1]);
    }
}

#[test]
fn no_text_is_empty_or_left_in_another_language() {
    // What reads alike in two of them: English and Spanish, Spanish and Portuguese.
    let alike = [
        "No",
        "Mal",
        "Excelente",
        "Continuar",
        "Nada claras",
        "Este campo está repetido.",
        "{count}\u{a0}segundo|{count}\u{a0}segundos",
        "{count}\u{a0}minuto|{count}\u{a0}minutos",
    ];
    for (index, language) in Language::ALL.into_iter().enumerate() {
        let texts = lines(language);
        assert!(texts.iter().all(|text| !text.trim().is_empty() && text.trim() == text), "{language:?}");
        for other in &Language::ALL[..index] {
            for (mine, theirs) in texts.iter().zip(lines(*other)) {
                assert!(*mine != theirs || alike.contains(&mine.as_str()), "{language:?}, {other:?}: {mine}");
            }
        }
    }
}

#[test]
fn a_text_has_the_same_places_for_numbers_in_every_language() {
    let french = lines(Language::Fr);
    for language in Language::ALL {
        for (text, french) in lines(language).iter().zip(&french) {
            let forms: Vec<&str> = text.split('|').collect();
            // The last form is that of most numbers; a language may say none, one and two in words.
            let last = forms.last().copied().unwrap_or_default();
            assert_eq!(places(last), places(french.split('|').next_back().unwrap_or_default()), "{text}");
        }
    }
}

#[test]
fn a_counted_text_has_a_form_for_every_number() {
    for language in Language::ALL {
        let forms = (0..=1_000).map(|count| language.form_of(count)).max().map(|last| last + 1);
        let form = &language.texts().form;
        for text in [form.remaining, form.overrun, form.in_seconds, form.in_minutes] {
            assert_eq!(Some(text.0.split('|').count()), forms, "{}", text.0);
        }
    }
}

#[test]
fn numbers_stand_in_the_form_that_their_language_wants() {
    let left = |language: Language, count| language.count(language.texts().form.remaining, count);
    assert_eq!(left(Language::Fr, 0), "Il reste 0 caractère.");
    assert_eq!(left(Language::Fr, 1), "Il reste 1 caractère.");
    assert_eq!(left(Language::Fr, 2), "Il reste 2 caractères.");
    assert_eq!(left(Language::En, 0), "0 characters left.");
    assert_eq!(left(Language::En, 1), "1 character left.");
    assert_eq!(left(Language::Es, 1), "Queda 1 carácter.");
    assert_eq!(left(Language::Pt, 0), "Restam 0 caracteres.");
    assert_eq!(left(Language::De, 7), "Noch 7 Zeichen übrig.");
    let arabic = [0, 1, 2, 3, 10, 11, 99, 100, 102, 103, 111, 500].map(|count| left(Language::Ar, count));
    assert_eq!(
        arabic,
        [
            "لم يبق أي حرف.",
            "بقي حرف واحد.",
            "بقي حرفان.",
            "بقيت 3 أحرف.",
            "بقيت 10 أحرف.",
            "بقي 11 حرفًا.",
            "بقي 99 حرفًا.",
            "بقي 100 حرف.",
            "بقي 102 حرف.",
            "بقيت 103 أحرف.",
            "بقي 111 حرفًا.",
            "بقي 500 حرف."
        ]
    );
}

#[test]
fn how_long_to_wait_is_said_in_seconds_then_in_minutes() {
    let said = |seconds| Language::Fr.limited(seconds);
    let start =
        "Beaucoup d’avis arrivent de votre réseau. Rien n’est perdu\u{a0}: l’envoi se fera de lui-même dans ";
    assert_eq!(said(None), format!("{start}un moment."));
    assert_eq!(said(Some(0)), format!("{start}1\u{a0}s."));
    assert_eq!(said(Some(90)), format!("{start}90\u{a0}s."));
    assert_eq!(said(Some(91)), format!("{start}2\u{a0}minutes."));
    assert!(Language::De.limited(Some(1)).ends_with("in 1\u{a0}Sekunde von selbst gesendet."));
    assert!(Language::En.limited(None).ends_with("your opinion will be sent automatically in a while."));
    assert!(
        Language::Es
            .limited(Some(30))
            .ends_with("su opinión se enviará automáticamente dentro de 30\u{a0}segundos.")
    );
    assert!(Language::Ar.limited(Some(120)).ends_with("بعد دقيقتين."));
}

#[test]
fn each_language_is_written_with_its_own_signs() {
    for language in Language::ALL {
        for text in lines(language) {
            assert!(!text.contains(['"', '\'', '`']), "{text}");
            assert!(!text.contains("  ") && !text.contains("..."), "{text}");
            match language {
                // A space that does not break before high signs.
                Language::Fr => {
                    for (at, _) in text.match_indices([':', '?', ';', '!']) {
                        assert!(text[..at].ends_with('\u{a0}'), "{text}");
                    }
                }
                Language::Es => {
                    assert_eq!(text.matches('?').count(), text.matches('¿').count(), "{text}");
                    assert_eq!(text.matches('!').count(), text.matches('¡').count(), "{text}");
                }
                Language::Ar => assert!(!text.contains(['?', ',', ';']), "{text}"),
                Language::En | Language::De | Language::Pt => {}
            }
        }
    }
}

#[test]
fn what_is_written_to_a_file_is_read_from_it() {
    for language in Language::ALL {
        let file = language.texts().file();
        let read = Texts::of_file(file.clone().leak()).expect("a file of texts");
        assert_eq!(read.file(), file);
        assert_eq!(read.question(Question::Ease), language.texts().question(Question::Ease));
        assert_eq!(read.form.withdrawn, language.texts().form.withdrawn);
    }
}

#[test]
fn a_file_that_is_cut_short_or_too_long_is_none() {
    let file = Language::Es.texts().file();
    assert!(Texts::of_file(file.rsplit_once('\n').expect("lines").0.to_owned().leak()).is_none());
    assert!(Texts::of_file(format!("{file}\n").leak()).is_none());
    assert!(Texts::of_file("<!doctype html>").is_none());
}
