//! Reading the query of an address.

use actix_web::HttpRequest;

/// Its parameters, in the order in which they stand there, decoded; what is no UTF-8 of them by its
/// replacement character.
#[must_use]
pub fn parameters(query: &str) -> Vec<(String, String)> {
    // Into pairs of texts it always succeeds.
    serde_urlencoded::from_str(query).unwrap_or_default()
}

/// The value of a parameter: of the first of this name, if there are several.
#[must_use]
pub fn parameter(request: &HttpRequest, wanted: &str) -> Option<String> {
    parameters(request.query_string()).into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_first_of_a_name_counts_decoded() {
        let request = TestRequest::with_uri("/?&a=1&b=%C3%A9+x&a=2").to_http_request();
        assert_eq!(parameter(&request, "a").as_deref(), Some("1"));
        assert_eq!(parameter(&request, "b").as_deref(), Some("é x"));
        assert_eq!(parameter(&request, "c"), None);
        assert_eq!(parameters("").len(), 0);
    }
}
