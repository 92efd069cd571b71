use super::*;
use proptest::prelude::*;

const COLLECTOR: &str = "https://avis.example.fr";
const PAGE: &str = "https://www.service.example.fr/fin";

const LINK: &str = "<a href='https://avis.example.fr/avis/3059?bouton=12'>Je donne mon avis</a>";
const LOADER: &str = "<script type=module src='https://avis.example.fr/v1/avis.js'></script>";

fn element(attributes: &str) -> String {
    format!("<je-donne-mon-avis demarche=3059 bouton=12 {attributes}>{LINK}</je-donne-mon-avis>")
}

fn visit(html: &str, policies: &[&str]) -> Visit {
    let headers = policies.iter().map(|text| ("Content-Security-Policy".to_owned(), (*text).to_owned()));
    Visit {
        url: Some(Url::parse(PAGE).unwrap()),
        status: Some(200),
        headers: headers.collect(),
        html: format!("<!doctype html><html lang=fr>{html}"),
        ..Visit::default()
    }
}

fn found_in(visit: &Visit, facts: &Facts) -> Vec<&'static str> {
    let found = examine(visit, &visit.page(), facts);
    for finding in &found {
        let words = finding.to_string();
        assert!(words.len() > 40 && !words.contains('\n'), "{words}");
    }
    found.iter().map(Finding::code).collect()
}

fn found(html: &str, policies: &[&str]) -> Vec<&'static str> {
    found_in(&visit(html, policies), &Facts::default())
}

/// What is found in a page with the snippet, of which this is registered.
fn found_of(html: &str, standing: &Standing) -> Vec<&'static str> {
    let visit = visit(html, &[]);
    let mut facts = Facts::default();
    for (target, _) in visit.page().targets() {
        facts.note(target, standing.clone());
    }
    found_in(&visit, &facts)
}

fn registered(bouton: BoutonStanding, origins: &[&str]) -> Standing {
    let origins = origins.iter().map(ToString::to_string).collect();
    Standing::Registered(Registered { demarche: "3059".into(), closed: false, bouton: Some(bouton), origins })
}

fn open(origins: &[&str]) -> Standing {
    registered(BoutonStanding::Open { id: "12".into(), origins: vec![] }, origins)
}

#[test]
fn the_snippet_is_right_under_no_policy_and_under_the_one_of_the_integration_page() {
    let snippet = element("") + LOADER;
    assert_eq!(found(&snippet, &[]), [""; 0]);
    let policy = format!("default-src 'none'; {}", embedding::policy(COLLECTOR));
    assert_eq!(found(&snippet, &[&policy]), [""; 0]);
    assert_eq!(found(&(element("mode=frame") + LOADER), &[&policy]), [""; 0]);
}

#[test]
fn each_need_that_a_policy_does_not_meet_is_named() {
    let without = |missing: Need| {
        let needs = Need::ALL.into_iter().filter(|need| *need != missing);
        let directives = needs.fold(String::new(), |text, need| {
            let (directive, source) = (need.directive(), need.source(COLLECTOR));
            match text.split_once(directive) {
                Some((before, after)) => format!("{before}{directive} {source}{after}"),
                None => format!("{text}{directive} {source}; "),
            }
        });
        format!("default-src 'none'; {directives}")
    };
    let image = format!("<a href='{COLLECTOR}/avis/3059'><img src='{COLLECTOR}/static/bouton-bleu.svg'></a>");
    let page = element("") + &element("mode=frame").replace("3059", "7") + LOADER + &image;
    let codes = |need| found(&page, &[&without(need)]);
    assert_eq!(codes(Need::Script), ["csp-script"]);
    assert_eq!(codes(Need::WebAssembly), ["csp-webassembly"]);
    assert_eq!(codes(Need::Connection), ["csp-connection"]);
    assert_eq!(codes(Need::Frame), ["csp-frame"]);
    assert_eq!(codes(Need::Image), ["csp-image"]);
}

#[test]
fn what_takes_over_without_web_assembly_is_told_rightly() {
    let snippet = element("") + LOADER;
    let told = |policy: &str| {
        let visit = visit(&snippet, &[policy]);
        examine(&visit, &visit.page(), &Facts::default())
    };
    let framed = told("script-src https:");
    assert!(matches!(framed[..], [Finding::CspWebAssembly { framed: true, .. }]), "{framed:?}");
    let linked = told("script-src https:; frame-src 'self'");
    assert!(matches!(linked[..], [Finding::CspWebAssembly { framed: false, .. }]), "{linked:?}");
    assert!(!framed[0].is_wrong() && !linked[0].is_wrong());
    assert_eq!(found(&(element("mode=frame") + LOADER), &["script-src https:"]), [""; 0]);
}

#[test]
fn every_policy_has_to_allow_it_and_one_in_the_page_holds_for_what_follows() {
    let snippet = element("") + LOADER;
    let allowing = "script-src https: 'wasm-unsafe-eval'";
    assert_eq!(found(&snippet, &[allowing, "script-src 'self' 'unsafe-eval'"]), ["csp-script"]);
    let meta = "<meta http-equiv=Content-Security-Policy content=\"script-src 'self' 'wasm-unsafe-eval'\">";
    assert_eq!(found(&format!("<head>{meta}</head>{snippet}"), &[]), ["csp-script"]);
    // The import comes later, whatever the place of the loader.
    assert_eq!(found(&format!("<head>{LOADER}{meta}</head>{}", element("")), &[]), ["csp-import"]);
}

#[test]
fn a_nonce_covers_what_the_loader_imports_and_a_hash_does_not() {
    let with =
        |attributes: &str| element("") + &LOADER.replace("type=module", &format!("type=module {attributes}"));
    let policy = "script-src 'nonce-a' 'strict-dynamic' 'wasm-unsafe-eval'";
    assert_eq!(found(&with("nonce=a"), &[policy]), [""; 0]);
    assert_eq!(found(&with("nonce=b"), &[policy]), ["csp-script"]);
    let hashed = "script-src 'sha384-a' 'wasm-unsafe-eval'";
    assert_eq!(found(&with("integrity=sha384-a"), &[hashed]), ["integrity-on-stable", "csp-import"]);
    let pinned = with("crossorigin integrity=sha384-a").replace("/v1/avis.js", "/v1/avis-0f3c.js");
    assert_eq!(found(&pinned, &[hashed]), [""; 0]);
}

#[test]
fn a_pinned_loader_is_compared_with_what_its_collector_has() {
    let (right, wrong) = (Integrity::of(b"right"), Integrity::of(b"wrong"));
    let told = |attributes: &str, standing: Option<LoaderStanding>| {
        let pinned = LOADER.replace("/v1/avis.js'", &format!("/v1/avis-0f3c.js' {attributes}"));
        let visit = visit(&(element("") + &pinned), &[]);
        let mut facts = Facts::default();
        for url in visit.page().pinned() {
            if let Some(standing) = standing {
                facts.note_loader(url.clone(), standing);
            }
        }
        found_in(&visit, &facts)
    };
    let served = Some(LoaderStanding::Served(right));
    let whole = format!("crossorigin integrity='{right}'");
    assert_eq!(told(&whole, served), [""; 0]);
    assert_eq!(told(&whole, Some(LoaderStanding::Unknown)), ["pinned-unknown"]);
    assert_eq!(told(&whole, Some(LoaderStanding::Revoked)), ["pinned-revoked"]);
    assert_eq!(told(&format!("crossorigin integrity='{wrong}'"), served), ["pinned-integrity"]);
    assert_eq!(told(&format!("crossorigin integrity='{wrong}'"), None), [""; 0], "nobody was asked");
    // Any hash of the strongest algorithm will do, and one of a stronger algorithm cannot be judged.
    assert_eq!(told(&format!("crossorigin integrity='{wrong} {right}?a sha256-x'"), served), [""; 0]);
    assert_eq!(told(&format!("crossorigin integrity='sha512-x {wrong}'"), served), [""; 0]);
    assert_eq!(told("crossorigin integrity=md5-x", served), ["pinned-without-integrity"]);
    assert_eq!(told("crossorigin=anonymous", None), ["pinned-without-integrity"]);
    assert_eq!(told(&format!("integrity='{right}'"), served), ["pinned-crossorigin"]);
    assert_eq!(
        told(&format!("crossorigin=use-credentials integrity='{right}'"), served),
        ["pinned-crossorigin"]
    );
}

#[test]
fn a_pinned_loader_is_right_under_the_policy_it_comes_with() {
    let pinned = embedding::Pinned::new("avis-0f3c.js", Integrity::of(b"abc"));
    let attributes = format!("{}' crossorigin integrity='{}'", pinned.path, pinned.integrity);
    let snippet = element("") + &LOADER.replace("/v1/avis.js'", &attributes);
    let policy = format!("default-src 'none'; {}", pinned.policy(COLLECTOR));
    assert_eq!(found(&snippet, &[&policy]), [""; 0]);
}

#[test]
fn a_path_in_a_source_is_heeded() {
    let snippet = element("") + LOADER;
    let file = "script-src https://avis.example.fr/v1/avis.js 'wasm-unsafe-eval'";
    assert_eq!(found(&snippet, &[file]), ["csp-import"]);
    assert_eq!(found(&snippet, &[&file.replace("avis.js", "")]), [""; 0]);
    let api = "connect-src https://avis.example.fr/api/";
    assert_eq!(found(&snippet, &[api]), ["csp-connection"]);
}

#[test]
fn a_sandbox_without_scripts_is_named_once() {
    assert_eq!(found(&(element("") + LOADER), &["sandbox; script-src 'none'"]), ["csp-sandbox"]);
}

#[test]
fn what_a_report_only_policy_would_forbid_is_no_finding() {
    let mut visit = visit(&(element("") + LOADER), &[]);
    visit.headers.push(("content-security-policy-report-only".into(), "default-src 'none'".into()));
    assert_eq!(found_in(&visit, &Facts::default()), ["report-only"]);
}

#[test]
fn http_in_a_page_over_https_is_named_unless_the_page_upgrades_it() {
    let script = LOADER.replace("https:", "http:");
    let snippet = element("") + &script;
    assert_eq!(found(&snippet, &[]), ["script-of-another-host", "mixed-content"]);
    let upgrade = "upgrade-insecure-requests; script-src https: 'wasm-unsafe-eval'";
    assert_eq!(found(&snippet, &[upgrade]), ["script-of-another-host"]);
    let local = (element("") + LOADER).replace(COLLECTOR, "http://localhost:8080");
    assert_eq!(found(&local, &[]), [""; 0]);
}

#[test]
fn elements_are_compared_with_their_links() {
    let with =
        |link: &str| format!("<je-donne-mon-avis demarche=3059 bouton=12>{link}</je-donne-mon-avis>{LOADER}");
    assert_eq!(found(&with(""), &[]), ["element-without-link"]);
    assert_eq!(found(&with("<a href='https://avis.example.fr/'>a</a>"), &[]), ["link-elsewhere"]);
    assert_eq!(found(&with("<a href='https://avis.example.fr/avis/3059'>a</a>"), &[]), ["link-differs"]);
    assert_eq!(
        found(&with("<a href='https://avis.example.fr/avis/4079?bouton=12'>a</a>"), &[]),
        ["link-differs"]
    );
    let elsewhere = "<a href='https://other.example/avis/3059?bouton=12'>a</a>";
    assert_eq!(found(&with(elsewhere), &[]), ["script-of-another-host"]);
    assert_eq!(
        found(&format!("<je-donne-mon-avis>{LINK}</je-donne-mon-avis>{LOADER}"), &[]),
        ["element-without-demarche"]
    );
}

#[test]
fn names_of_one_demarche_are_one_where_that_is_known() {
    let alias = element("").replace("demarche=3059", "demarche=xwiki:823");
    assert_eq!(found_of(&(alias.clone() + LOADER), &open(&[])), [""; 0]);
    assert_eq!(found(&(alias.clone() + LOADER), &[]), ["link-differs"]);
    assert_eq!(found_of(&(alias + &element("") + LOADER), &open(&[])), ["element-twice"]);
}

#[test]
fn attributes_take_what_the_element_knows() {
    let right = "mode=inline theme=dark lang=en-GB heading-level=3";
    assert_eq!(found(&(element(right) + LOADER), &[]), [""; 0]);
    let wrong = "mode=popup theme=blue lang=tlh heading-level=7";
    assert_eq!(found(&(element(wrong) + LOADER), &[]), ["attribute-value"; 4]);
}

#[test]
fn the_language_may_stand_anywhere_around() {
    let without = |html: String| {
        let mut visit = visit("", &[]);
        visit.html = html;
        found_in(&visit, &Facts::default())
    };
    assert_eq!(without(element("") + LOADER), ["lang-missing"]);
    assert_eq!(without(element("lang=fr") + LOADER), [""; 0]);
    assert_eq!(without(format!("<div lang=fr>{}</div>{LOADER}", element(""))), [""; 0]);
}

#[test]
fn what_is_registered_is_told_once() {
    let twice = element("") + LOADER + LINK;
    assert_eq!(found_of(&twice, &Standing::UnknownDemarche), ["unknown-demarche"]);
    assert_eq!(found_of(&twice, &registered(BoutonStanding::Unknown, &[])), ["unknown-bouton"]);
    assert_eq!(found_of(&twice, &registered(BoutonStanding::Closed, &[])), ["closed-bouton"]);
    assert_eq!(
        found_of(&twice, &registered(BoutonStanding::OfAnother("7".into()), &[])),
        ["bouton-of-another"]
    );
    assert_eq!(found_of(&twice, &registered(BoutonStanding::Untold, &[])), ["bouton-unchecked"]);
    assert_eq!(found_of(&twice, &Standing::Untold("it is away".into())), ["unchecked"]);
}

#[test]
fn an_origin_that_another_bouton_declares_is_wrong_for_a_frame_alone() {
    let wrong = |html: &str, origins: &[&str]| {
        let visit = visit(html, &[]);
        let mut facts = Facts::default();
        visit.page().targets().into_iter().for_each(|(target, _)| facts.note(target, open(origins)));
        let found = examine(&visit, &visit.page(), &facts);
        found.iter().map(|finding| (finding.code(), finding.is_wrong())).collect::<Vec<_>>()
    };
    let (plain, framed) = (element("") + LOADER, element("mode=frame") + LOADER);
    let other = ["https://www.other.example.fr"];
    assert_eq!(wrong(&plain, &other), [("origin-undeclared", false)]);
    assert_eq!(wrong(&framed, &other), [("origin-undeclared", true)]);
    assert!(wrong(&framed, &["https://www.service.example.fr"]).is_empty());
    assert!(wrong(&framed, &[]).is_empty());
    let frame = "<iframe src='https://avis.example.fr/avis/3059?bouton=12'></iframe>";
    assert_eq!(wrong(frame, &other), [("origin-undeclared", true)]);
}

#[test]
fn avis_from_an_origin_that_the_bouton_does_not_declare_are_set_aside() {
    let standing = |origins: &[&str]| {
        let origins: Vec<String> = origins.iter().map(|origin| (*origin).to_owned()).collect();
        let all = ["https://www.service.example.fr", "https://www.other.example.fr"];
        registered(BoutonStanding::Open { id: "12".into(), origins }, &all)
    };
    let plain = element("") + LOADER;
    assert_eq!(found_of(&plain, &standing(&["https://www.other.example.fr"])), ["origin-set-aside"]);
    assert!(found_of(&plain, &standing(&["https://www.service.example.fr"])).is_empty());
    assert!(found_of(&plain, &standing(&[])).is_empty());
}

#[test]
fn the_modal_script_of_the_service_before_needs_its_script_and_its_frame() {
    let html = "<script src='https://jedonnemonavis.numerique.gouv.fr/static/jdma-modal-widget.js' \
                data-jdma-form-url='https://jedonnemonavis.numerique.gouv.fr/Demarches/4079?button=4509'></script>";
    assert_eq!(found(html, &[]), ["old-address-unchecked"]);
    assert_eq!(found(html, &["script-src https:; frame-src 'self'"]), ["csp-frame", "old-address-unchecked"]);
    assert_eq!(found(html, &["script-src 'self'"]), ["csp-script", "old-address-unchecked"]);
}

#[test]
fn of_a_page_that_nobody_gets_to_see_nothing_else_is_told() {
    let mut visit = visit("", &[]);
    visit.status = Some(403);
    assert_eq!(found_in(&visit, &Facts::default()), ["page-status"]);
    visit.status = Some(200);
    visit.headers.push(("Content-Type".into(), "application/json".into()));
    assert_eq!(found_in(&visit, &Facts::default()), ["not-html"]);
}

proptest! {
    #[test]
    fn a_snippet_is_right_at_any_collector_under_the_policy_it_comes_with(
        host in "[a-z]{1,8}(\\.[a-z]{2,8}){1,2}", port in proptest::option::of(1025_u16..), frame in any::<bool>(),
    ) {
        let collector = format!("https://{host}{}", port.map(|port| format!(":{port}")).unwrap_or_default());
        let attribute = if frame { "mode=frame" } else { "" };
        let snippet = (element(attribute) + LOADER).replace(COLLECTOR, &collector);
        let policy = format!("default-src 'none'; {}", embedding::policy(&collector));
        prop_assert_eq!(found(&snippet, &[&policy]), [""; 0]);
    }

    #[test]
    fn any_html_under_any_policy_is_examined(html in "[<>a-z\"'=/ -]{0,80}", policy in "\\PC{0,60}") {
        let visit = visit(&(element(&html) + LOADER + &html), &[&policy]);
        let found = examine(&visit, &visit.page(), &Facts::default());
        prop_assert!(found.iter().all(|finding| !finding.to_string().contains('\n')));
    }
}
