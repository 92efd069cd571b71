use super::*;
use proptest::prelude::*;

const PAGE: &str = "https://www.impots.example.fr/fin";
const LOADER: &str = "https://avis.example.fr/v1/avis.js";

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn policy(text: &str) -> Policy {
    Policy::parse(text, Delivery::Header)
}

/// Whether a source allows this address to a page.
fn allows(source: &str, address: &str, page: &str) -> bool {
    policy(&format!("connect-src {source}")).forbids("connect-src", &url(address), Some(&url(page))).is_none()
}

fn runs(text: &str, nonce: Option<&str>, integrity: Option<&str>) -> bool {
    let script = Script { url: &url(LOADER), nonce, integrity };
    policy(text).forbids_script(script, Some(&url(PAGE))).is_none()
}

#[test]
fn directives_are_read_in_any_case_and_the_first_of_a_name_counts() {
    let policy = policy(" ; Script-SRC 'self'  https://a.example ;script-src *;; DEFAULT-src 'none'");
    assert_eq!(policy.directive("script-src").unwrap().to_string(), "script-src 'self' https://a.example");
    assert_eq!(policy.directive("default-src").unwrap().values, ["'none'"]);
    assert_eq!(policy.directives.len(), 2);
}

#[test]
fn a_header_may_hold_several_policies_and_empty_ones_are_none() {
    let policies = Policy::parse_all("default-src 'self', , script-src *;,;", Delivery::Header);
    assert_eq!(policies.len(), 2);
}

#[test]
fn a_meta_cannot_sandbox() {
    let text = "sandbox; frame-ancestors 'none'; img-src *";
    assert!(Policy::parse(text, Delivery::Meta).sandboxes_scripts().is_none());
    assert!(policy(text).sandboxes_scripts().is_some());
    assert!(policy("sandbox allow-forms Allow-Scripts").sandboxes_scripts().is_none());
}

#[test]
fn what_is_absent_falls_back_in_the_order_of_the_text() {
    let deciding =
        |text: &str, name: &str| policy(text).deciding(name).map(|directive| directive.name.clone());
    let all = "default-src 'none'; child-src *; script-src *; script-src-elem *; connect-src *; frame-src *";
    assert_eq!(deciding(all, "script-src").unwrap(), "script-src-elem");
    assert_eq!(deciding("default-src *; script-src *", "script-src").unwrap(), "script-src");
    assert_eq!(deciding("default-src *", "script-src").unwrap(), "default-src");
    assert_eq!(deciding(all, "frame-src").unwrap(), "frame-src");
    assert_eq!(deciding("default-src *; child-src *", "frame-src").unwrap(), "child-src");
    assert_eq!(deciding("default-src *; child-src *", "connect-src").unwrap(), "default-src");
    assert_eq!(deciding("script-src 'none'; style-src 'none'", "connect-src"), None);
}

#[test]
fn web_assembly_asks_script_src_and_no_directive_of_elements() {
    let forbidden = |text: &str| policy(text).forbids_web_assembly().is_some();
    assert!(!forbidden("style-src 'none'; connect-src 'none'"));
    assert!(forbidden("script-src *"));
    assert!(forbidden("default-src 'self'"));
    assert!(!forbidden("script-src 'self' 'wasm-unsafe-eval'"));
    assert!(!forbidden("script-src 'self' 'Unsafe-Eval'"));
    assert!(!forbidden("default-src 'wasm-unsafe-eval'"));
    assert!(forbidden("default-src 'wasm-unsafe-eval'; script-src 'self'"));
    assert!(!forbidden("script-src-elem 'self'"));
    assert!(forbidden("script-src 'self'; script-src-elem 'wasm-unsafe-eval'"));
}

#[test]
fn a_nonce_is_compared_to_the_letter() {
    assert!(runs("script-src 'nonce-aB3='", Some("aB3="), None));
    assert!(runs("script-src 'NONCE-aB3='", Some("aB3="), None));
    assert!(!runs("script-src 'nonce-aB3='", Some("ab3="), None));
    assert!(!runs("script-src 'nonce-aB3='", None, None));
    assert!(!runs("script-src 'nonce-'", Some(""), None));
    assert!(runs("script-src 'nonce-aB3=' https://avis.example.fr", None, None), "its address does it too");
}

#[test]
fn every_hash_of_a_tag_must_be_allowed() {
    let policy = "script-src 'sha384-a+/b' 'sha256-c'";
    assert!(runs(policy, None, Some("sha384-a+/b")));
    assert!(runs(policy, None, Some("sha384-a-_b?x  sha256-c")));
    assert!(!runs(policy, None, Some("sha384-a+/b sha384-other")));
    assert!(!runs(policy, None, Some("sha384-A+/b")));
    assert!(!runs(policy, None, Some("md5-a")));
    assert!(!runs(policy, None, Some("")));
    assert!(!runs("script-src 'none'", None, Some("sha384-a")));
}

#[test]
fn strict_dynamic_believes_no_address() {
    assert!(!runs("script-src 'strict-dynamic' https://avis.example.fr *", None, None));
    assert!(!runs("script-src 'strict-dynamic' 'nonce-a' https:", None, None));
    assert!(runs("script-src 'strict-dynamic' 'nonce-a' https:", Some("a"), None));
    assert!(runs("script-src 'strict-dynamic' 'sha256-c'", None, Some("sha256-c")));
    assert!(runs("default-src 'nonce-a' 'strict-dynamic'", Some("a"), None));
}

#[test]
fn none_counts_only_alone_and_an_empty_list_is_none() {
    assert!(!allows("'none'", LOADER, PAGE));
    assert!(!allows("", LOADER, PAGE));
    assert!(allows("'none' https://avis.example.fr", LOADER, PAGE));
}

#[test]
fn self_is_the_origin_of_the_page_or_the_safer_one_of_its_host() {
    assert!(allows("'self'", "https://www.impots.example.fr/x", PAGE));
    assert!(allows("'SELF'", "https://www.impots.example.fr/x", PAGE));
    assert!(allows("'self'", "https://a.example/x", "http://a.example/"));
    assert!(!allows("'self'", "http://a.example/x", "https://a.example/"));
    assert!(!allows("'self'", "https://a.example:8443/x", "https://a.example/"));
    assert!(!allows("'self'", LOADER, PAGE));
}

#[test]
fn a_star_is_any_address_of_the_web_and_no_data() {
    assert!(allows("*", LOADER, PAGE));
    assert!(allows("*", "http://a.example/", PAGE));
    assert!(!allows("*", "data:text/plain,a", PAGE));
}

#[test]
fn a_scheme_allows_itself_and_what_is_safer() {
    assert!(allows("https:", LOADER, PAGE));
    assert!(allows("HTTP:", LOADER, PAGE));
    assert!(!allows("https:", "http://avis.example.fr/", PAGE));
    assert!(!allows("data:", LOADER, PAGE));
    assert!(allows("data:", "data:image/png,a", PAGE));
}

#[test]
fn a_host_is_compared_whole_or_by_what_follows_its_star() {
    assert!(allows("avis.example.fr", LOADER, PAGE));
    assert!(allows("AVIS.example.FR", LOADER, PAGE));
    assert!(allows("*.example.fr", LOADER, PAGE));
    assert!(allows("https://*.fr", LOADER, PAGE));
    assert!(!allows("*.example.fr", "https://example.fr/", PAGE));
    assert!(!allows("*.xample.fr", LOADER, PAGE));
    assert!(!allows("*example.fr", LOADER, PAGE));
    assert!(!allows("example.fr", LOADER, PAGE));
    assert!(!allows("avis.example.fr.evil.example", LOADER, PAGE));
    assert!(allows("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/avis.js", "http://127.0.0.1:9/"));
    assert!(allows("http://[::1]:8080", "http://[::1]:8080/v1/avis.js", "http://127.0.0.1:9/"));
}

#[test]
fn a_host_without_a_scheme_takes_that_of_the_page() {
    assert!(!allows("avis.example.fr", "http://avis.example.fr/", PAGE));
    assert!(allows("avis.example.fr", LOADER, "http://www.example.fr/"));
    assert!(allows("http://avis.example.fr", LOADER, PAGE), "what is safer falls under it");
}

#[test]
fn a_port_is_the_one_named_else_that_of_the_scheme() {
    let at = |port: &str| format!("https://avis.example.fr{port}/v1/avis.js");
    assert!(allows("avis.example.fr", &at(":443"), PAGE));
    assert!(allows("avis.example.fr:443", &at(""), PAGE));
    assert!(allows("avis.example.fr:8443", &at(":8443"), PAGE));
    assert!(!allows("avis.example.fr", &at(":8443"), PAGE));
    assert!(!allows("avis.example.fr:8443", &at(""), PAGE));
    assert!(allows("avis.example.fr:*", &at(":8443"), PAGE));
    assert!(allows("https://*:*", &at(":8443"), PAGE));
    assert!(!allows("avis.example.fr:port", &at(""), PAGE));
}

#[test]
fn a_path_is_one_file_or_all_below_its_slash() {
    let under = |path: &str| allows(&format!("avis.example.fr{path}"), LOADER, PAGE);
    assert!(under("") && under("/") && under("/v1/") && under("/v1/avis.js") && under("/v1/avis%2ejs"));
    assert!(
        !under("/v1") && !under("/v1/avis") && !under("/v2/") && !under("/v1/avis.js/") && !under("/V1/")
    );
    assert!(!allows("avis.example.fr/v1/", "https://avis.example.fr/v1", PAGE));
}

#[test]
fn what_makes_no_sense_allows_nothing() {
    for source in
        ["://avis.example.fr", "1https://avis.example.fr", "avis.example.fr:", "'selfish'", "self", ":443"]
    {
        assert!(!allows(source, LOADER, PAGE), "{source}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC*", address in "https?://[a-z]{1,9}(\\.[a-z]{2,3})?(:[0-9]{1,4})?(/[a-z.]{0,5}){0,3}") {
        let url = url(&address);
        for policy in Policy::parse_all(&text, Delivery::Header) {
            let script = Script { url: &url, nonce: Some("a"), integrity: Some(&text) };
            let _ = (policy.forbids_script(script, None), policy.forbids("frame-src", &url, Some(&url)));
        }
    }

    #[test]
    fn an_origin_allows_all_of_itself_and_nothing_beside_it(
        host in "[a-z]{1,9}\\.example", port in proptest::option::of(1025_u16..), path in "(/[a-z0-9]{1,5}){0,3}",
    ) {
        let origin = format!("https://{host}{}", port.map(|port| format!(":{port}")).unwrap_or_default());
        let below = format!("{origin}{path}");
        prop_assert!(allows(&origin, &below, PAGE));
        let elsewhere = format!("https://x{host}{path}");
        prop_assert!(!allows(&origin, &elsewhere, PAGE));
        let less_safe = format!("http://{host}{path}");
        prop_assert!(!allows(&origin, &less_safe, PAGE));
    }

    #[test]
    fn a_further_source_never_forbids_what_was_allowed(
        sources in proptest::collection::vec(
            proptest::sample::select(vec!["'self'", "https:", "*.example.fr", "avis.example.fr/v1/", "'nonce-a'", "'none'", "data:"]), 0..5),
        further in proptest::sample::select(vec!["'self'", "*", "https://a.example", "'nonce-b'", "'sha256-c'", "'none'"]),
    ) {
        let before = sources.join(" ");
        if allows(&before, LOADER, PAGE) {
            let after = format!("{before} {further}");
            prop_assert!(allows(&after, LOADER, PAGE));
        }
        if runs(&format!("script-src {before}"), Some("a"), None) {
            let after = format!("script-src {before} {further}");
            prop_assert!(runs(&after, Some("a"), None));
        }
    }
}
