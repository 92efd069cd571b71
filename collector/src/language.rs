//! The language in which to answer a person.

use crate::accept::quality;
use crate::query;
use actix_web::HttpRequest;
use actix_web::http::header;
use shared::Language;

/// The language that the address asks for (in its path, or by `lang`), else the best that the browser accepts, else
/// French.
#[must_use]
pub fn of(request: &HttpRequest) -> Language {
    let asked = [request.match_info().get("language").map(str::to_owned), query::parameter(request, "lang")];
    asked.into_iter().flatten().find_map(|tag| Language::from_tag(&tag)).unwrap_or_else(|| {
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        accepted.and_then(best).unwrap_or_default()
    })
}

/// The French or the English of two texts, for what is told in these two alone.
pub fn choose<T>(language: Language, fr: T, en: T) -> T {
    match language {
        Language::Fr => fr,
        Language::En => en,
    }
}

/// The language of ours with the highest quality in an `Accept-Language`; the first of equals.
fn best(accepted: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in accepted.split(',') {
        let (tag, quality) = match range.split_once(';') {
            Some((tag, parameter)) => {
                let weight = parameter.trim().strip_prefix("q=").and_then(quality);
                (tag, weight.unwrap_or(1.0))
            }
            None => (range, 1.0),
        };
        if let Some(language) = Language::from_tag(tag)
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

    #[test]
    fn the_preferred_language_that_we_have_is_chosen() {
        assert_eq!(best("en-GB,en;q=0.9,fr;q=0.8"), Some(Language::En));
        assert_eq!(best("de,fr;q=0.5,en;q=0.7"), Some(Language::En));
        assert_eq!(best("fr-CH, fr;q=0.9, en;q=0.8"), Some(Language::Fr));
        assert_eq!(best("en;q=0, fr;q=0.1"), Some(Language::Fr));
        assert_eq!(best("zh"), None);
    }
}
