//! Headers in which clients say what they like, what they have, and by which way they came.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use collector::client_address::TrustedProxies;
use collector::coding::Coding;
use collector::routes::reading::has;
use collector::{accept, language};
use std::net::{IpAddr, SocketAddr};

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Each line of the input is a value of all of them.
pub fn headers(bytes: &[u8]) {
    let values: Vec<HeaderValue> =
        bytes.split(|byte| *byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    let from = |peer: [u8; 4]| {
        let mut request = TestRequest::default().peer_addr(SocketAddr::from((peer, 4711)));
        for value in &values {
            let names =
                [header::ACCEPT, header::ACCEPT_ENCODING, header::ACCEPT_LANGUAGE, header::IF_NONE_MATCH];
            for name in names.into_iter().chain([FORWARDED]) {
                request = request.append_header((name, value.clone()));
            }
        }
        request.to_http_request()
    };
    let request = from([10, 0, 0, 1]);
    let _ = (Coding::accepted(&request), language::of(&request), has(&request, "\"ab\""));
    let list = accept::list(&request, &header::ACCEPT);
    for weight in
        [accept::media_weight(&list, "text", "csv"), accept::weight(&list, "br").unwrap_or_default()]
    {
        assert!((0.0..=1.0).contains(&weight), "a weight of {weight}");
    }

    let networks = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().expect("a network"));
    let proxies = TrustedProxies::new(networks.to_vec());
    let client = proxies.client_of(&request);
    assert_eq!(client, client.to_canonical(), "one person by two addresses");
    let stranger = [192, 0, 2, 1];
    assert_eq!(proxies.client_of(&from(stranger)), IpAddr::from(stranger), "a stranger was believed");
}
