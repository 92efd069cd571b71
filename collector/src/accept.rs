//! What an answer should be like, as who asks likes it: lists with weights (RFC 9110, 12.4).

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;

/// A list that a request may spread over several lines.
#[must_use]
pub fn list(request: &HttpRequest, name: &HeaderName) -> String {
    let lines: Vec<&str> = request.headers().get_all(name).filter_map(|line| line.to_str().ok()).collect();
    lines.join(",")
}

/// How much a list likes a name, from 0 to 1; none if it does not name it. A weight that is none counts as 0.
#[must_use]
pub fn weight(list: &str, wanted: &str) -> Option<f32> {
    list.split(',').find_map(|one| {
        let mut parts = one.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let quality = parts.find_map(|parameter| parameter.strip_prefix("q="));
        is_named.then(|| quality.map_or(1.0, |text| self::quality(text).unwrap_or(0.0)))
    })
}

/// The number of a weight. What reads numbers would also take `inf`, `nan` and `-1` for some.
pub(crate) fn quality(text: &str) -> Option<f32> {
    text.parse().ok().filter(|quality| (0.0..=1.0).contains(quality))
}

/// How much an `Accept` likes a media type, by the range that says most of it: not at all, 0, if none does.
#[must_use]
pub fn media_weight(accept: &str, kind: &str, subtype: &str) -> f32 {
    let ranges = [format!("{kind}/{subtype}"), format!("{kind}/*"), "*/*".to_owned()];
    ranges.iter().find_map(|range| weight(accept, range)).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "read, not computed")]
    fn the_range_that_says_most_tells_how_much_a_type_is_liked() {
        let likes =
            |accept: &str| [media_weight(accept, "text", "csv"), media_weight(accept, "application", "json")];
        assert_eq!(likes("text/csv"), [1.0, 0.0]);
        assert_eq!(likes("TEXT/CSV"), [1.0, 0.0]);
        assert_eq!(likes("text/*, application/json;q=0.5"), [1.0, 0.5]);
        assert_eq!(likes("text/csv;q=0.9, application/json;q=0.1"), [0.9, 0.1]);
        assert_eq!(likes("text/html, */*;q=0.8"), [0.8, 0.8]);
        assert_eq!(likes("*/*, text/csv;q=0"), [0.0, 1.0]);
        assert_eq!(likes(""), [0.0, 0.0]);
        assert_eq!(likes("text/csv;header=present;q=0.5"), [0.5, 0.0]);
        assert_eq!(likes("text/csv;q=inf, application/json;q=nan"), [0.0, 0.0]);
        assert_eq!(likes("text/csv;q=-1, application/json;q=2"), [0.0, 0.0]);
    }
}
