//! The language in which to answer a person.

use crate::accept::quality;
use crate::query;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};
use shared::Language;

/// The language of the form that the request is a step of ([`speak`]), else the one that the address asks for (in its
/// path, or by `lang`), else the best that the browser accepts, else French.
#[must_use]
pub fn of(request: &HttpRequest) -> Language {
    let spoken = request.extensions().get::<Language>().copied();
    spoken.unwrap_or_else(|| among(&Language::ALL, request))
}

/// Remembers the language of the form that the request is a step of, for the page that says what went wrong with it.
pub fn speak(request: &HttpRequest, language: Language) {
    request.extensions_mut().insert(language);
}

/// The same for what is told to administrations, programs and readers of figures: in French and English alone.
#[must_use]
pub fn of_two(request: &HttpRequest) -> Language {
    among(&[Language::Fr, Language::En], request)
}

fn among(ours: &[Language], request: &HttpRequest) -> Language {
    let asked = [request.match_info().get("language").map(str::to_owned), query::parameter(request, "lang")];
    let asked = asked.into_iter().flatten().find_map(|tag| known(ours, &tag));
    asked.unwrap_or_else(|| {
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        accepted.and_then(|accepted| best(ours, accepted)).unwrap_or_default()
    })
}

/// The French or the English of two texts, for what is told in these two alone: English to who reads neither.
pub fn choose<T>(language: Language, fr: T, en: T) -> T {
    match language {
        Language::Fr => fr,
        _ => en,
    }
}

fn known(ours: &[Language], tag: &str) -> Option<Language> {
    Language::from_tag(tag).filter(|language| ours.contains(language))
}

/// The language of ours with the highest quality in an `Accept-Language`; the first of equals.
fn best(ours: &[Language], accepted: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in accepted.split(',') {
        let (tag, quality) = match range.split_once(';') {
            Some((tag, parameter)) => {
                let weight = parameter.trim().strip_prefix("q=").and_then(quality);
                (tag, weight.unwrap_or(1.0))
            }
            None => (range, 1.0),
        };
        if let Some(language) = known(ours, tag)
            && quality > best.map_or(0.0, |(quality, _)| quality)
        {
            best = Some((quality, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_preferred_language_that_we_have_is_chosen() {
        let best = |accepted| best(&Language::ALL, accepted);
        assert_eq!(best("en-GB,en;q=0.9,fr;q=0.8"), Some(Language::En));
        assert_eq!(best("it,fr;q=0.5,en;q=0.7"), Some(Language::En));
        assert_eq!(best("fr-CH, fr;q=0.9, en;q=0.8"), Some(Language::Fr));
        assert_eq!(best("en;q=0, fr;q=0.1"), Some(Language::Fr));
        assert_eq!(best("ar-MA,ar;q=0.9,fr;q=0.8"), Some(Language::Ar));
        assert_eq!(best("de-AT"), Some(Language::De));
        assert_eq!(best("zh"), None);
    }

    #[test]
    fn what_is_told_in_two_languages_passes_over_the_others() {
        let asked = |address: &str, accepted: &'static str| {
            let request = TestRequest::with_uri(address).insert_header((header::ACCEPT_LANGUAGE, accepted));
            let request = request.to_http_request();
            (of(&request), of_two(&request))
        };
        assert_eq!(asked("/?lang=es", "fr"), (Language::Es, Language::Fr));
        assert_eq!(asked("/", "de,en;q=0.8,fr;q=0.5"), (Language::De, Language::En));
        assert_eq!(asked("/?lang=en", "ar"), (Language::En, Language::En));
        assert_eq!(asked("/", "pt"), (Language::Pt, Language::Fr));
    }
}
