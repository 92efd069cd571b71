//! `collector doctor`, on the pages of `tests/pages`: those of `broken` and those of `right`, each with what is to be
//! found in it.

use std::path::{Path, PathBuf};

use tests::TestCollector;
use tests::collector::{Output, workspace};
use tests::site::Site;
use tests::wait;

use crate::assets::{becomes, keep_former};
use crate::helpers::Answer;

/// A page of the folder, with the collector's address in it.
struct HostPage {
    name: String,
    /// What is served, headers included.
    answer: String,
    /// The codes that have to be found, in their order.
    codes: Vec<String>,
    /// The address under which it has to be looked at, where that is none of this machine.
    served_at: Option<String>,
}

/// What a comment of the page says behind these words.
fn noted(text: &str, words: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<!-- {words}: "))?;
    rest.split_once(" -->").map(|(value, _)| value.to_owned())
}

fn pages(folder: &str, collector: &TestCollector) -> Vec<HostPage> {
    let folder = workspace().join("tests/pages").join(folder);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| page(file, collector)).collect()
}

fn page(file: &Path, collector: &TestCollector) -> HostPage {
    let (pinned, integrity) = collector.pinned();
    let text = std::fs::read_to_string(file)
        .unwrap()
        .replace("{{collector}}", collector.address())
        .replace("{{pinned}}", &format!("/v1/{pinned}"))
        .replace("{{integrity}}", &integrity)
        .replace("{{revoked}}", &format!("/v1/{REVOKED}"));
    let found = noted(&text, "found").unwrap_or_else(|| panic!("{} says nothing", file.display()));
    let codes = found.split(", ").filter(|code| *code != "nothing").map(str::to_owned).collect();
    let served_at = noted(&text, "served at");
    let answer = if file.extension().is_some_and(|extension| extension == "http") {
        text
    } else {
        format!("HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\n\n{text}")
    };
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    HostPage { name, answer, codes, served_at }
}

/// A collector with what the pages name.
async fn collector() -> TestCollector {
    let collector = TestCollector::start().await;
    collector.run(&["bouton", "set", "--id", "12", "--add-alias", "fin-de-parcours"]);
    let bouton = |arguments: &[&str]| collector.run(&[&["bouton", "add", "--demarche"], arguments].concat());
    bouton(&["3059", "--id", "13"]);
    collector.run(&["bouton", "close", "13"]);
    collector.run(&["demarche", "set", "--id", "3059", "--add-alias", "xwiki:3839"]);
    collector.add_demarche_with("4079", "Titre de séjour", &["--alias", "form:2246"]);
    bouton(&["4079", "--id", "4509"]);
    collector.add_demarche("5000", "Une démarche close");
    collector.run(&["demarche", "close", "5000"]);
    collector.add_demarche("6000", "Une démarche d’un seul site");
    bouton(&["6000", "--id", "60", "--origin", "https://www.service.example.fr"]);
    keep_former(&collector, REVOKED, "// Revoked").await;
    collector.run(&["asset", "revoke", REVOKED]);
    collector
}

/// A loader that was revoked.
const REVOKED: &str = "avis-44444444444444444444444444444444.js";

/// What `collector doctor` says of a page.
fn doctor(collector: &TestCollector, arguments: &[&str]) -> Output {
    Output::of(collector.command(&[&["doctor"], arguments].concat()).env("NO_PROXY", "127.0.0.1"))
}

/// The same without a database: it asks the collectors that the page names.
fn asking_doctor(arguments: &[&str]) -> Output {
    let mut command = std::process::Command::new(tests::collector::binary());
    Output::of(command.arg("doctor").args(arguments).env_remove("AVIS_DATABASE").env("NO_PROXY", "127.0.0.1"))
}

/// The codes of its lines, each of which says more than that.
#[track_caller]
fn codes(output: &Output) -> Vec<String> {
    let lines = output.stdout.lines().filter(|line| !line.starts_with("nothing is wrong"));
    lines
        .map(|line| {
            let [kind, code, words] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{output:?}") };
            assert!(["wrong", "note"].contains(&kind) && words.len() > 40, "{line}");
            code.to_owned()
        })
        .collect()
}

/// Looks at every page of a folder, and gives for each what was not as it says.
fn unlike(folder: &str, collector: &TestCollector, code: i32) -> (usize, Vec<String>) {
    let pages = pages(folder, collector);
    let site = Site::serve_saved(pages.iter().map(|page| (format!("/{}", page.name), page.answer.clone())));
    let unlike = pages.iter().filter_map(|page| {
        let output = match &page.served_at {
            None => doctor(collector, &[&site.url(&format!("/{}", page.name))]),
            Some(address) => {
                let file = collector.directory().join(&page.name);
                std::fs::write(&file, &page.answer).unwrap();
                doctor(collector, &[file.to_str().unwrap(), "--served-at", address])
            }
        };
        let is_right = codes(&output) == page.codes && output.code == code;
        (!is_right).then(|| format!("{} wants {:?}: {output:?}", page.name, page.codes))
    });
    let unlike = unlike.collect();
    (pages.len(), unlike)
}

#[tokio::test]
async fn each_broken_page_is_named_rightly() {
    let collector = collector().await;

    let (pages, unlike) = unlike("broken", &collector, 1);

    assert!(pages >= 12, "pages are missing: {pages}");
    assert!(unlike.is_empty(), "{unlike:#?}");
}

#[tokio::test]
async fn of_a_right_page_nothing_is_wrong() {
    let collector = collector().await;

    let (pages, unlike) = unlike("right", &collector, 0);

    assert!(pages >= 3, "pages are missing: {pages}");
    assert!(unlike.is_empty(), "{unlike:#?}");
}

#[tokio::test]
async fn without_a_database_the_collector_that_the_page_names_is_asked() {
    let collector = collector().await;
    let element = |demarche: &str, bouton: &str| {
        let address = collector.address();
        format!(
            "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<html lang=fr><je-donne-mon-avis demarche={demarche} bouton={bouton} \
             mode=frame><a href='{address}/avis/{demarche}?bouton={bouton}'>a</a></je-donne-mon-avis>\
             <script type=module src='{address}/v1/avis.js'></script>"
        )
    };
    let site = Site::serve_saved([
        ("/open".to_owned(), element("3059", "12")),
        ("/closed-bouton".to_owned(), element("3059", "13")),
        ("/closed".to_owned(), element("5000", "1")),
        ("/unknown".to_owned(), element("99999", "1")),
        ("/foreign".to_owned(), element("6000", "60")),
        ("/away".to_owned(), element("3059", "12").replace(collector.address(), "http://127.0.0.1:1")),
    ]);
    let asked = |path: &str| {
        let output = asking_doctor(&[&site.url(path)]);
        (output.code, codes(&output))
    };

    // It was started before these were registered; what was registered last comes with the rest.
    wait::until("what the pages name is known", async || {
        let form = Answer::of(collector.get("/avis/6000")).await;
        let known = form.header("content-security-policy").contains("https://www.service.example.fr");
        if known { Ok(()) } else { Err(format!("{form:?}")) }
    })
    .await;

    assert_eq!(asked("/open"), (0, vec!["bouton-unchecked".to_owned()]));
    assert_eq!(asked("/closed-bouton"), (1, vec!["closed-bouton".to_owned()]));
    assert_eq!(asked("/closed"), (1, vec!["closed-demarche".to_owned()]));
    assert_eq!(asked("/unknown"), (1, vec!["unknown-demarche".to_owned()]));
    assert_eq!(asked("/foreign"), (1, vec!["origin-undeclared".to_owned(), "bouton-unchecked".to_owned()]));
    assert_eq!(asked("/away"), (0, vec!["unchecked".to_owned()]));
}

#[tokio::test]
async fn without_a_database_the_collector_is_asked_for_the_pinned_script() {
    let collector = collector().await;
    becomes(&collector, REVOKED, 410).await;
    let (name, integrity) = collector.pinned();
    let wrong = integrity.replace("sha384-", "sha384-A");
    let page = |script: &str, integrity: &str| {
        let address = collector.address();
        format!(
            "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<html lang=fr><je-donne-mon-avis demarche=3059>\
             <a href='{address}/avis/3059'>a</a></je-donne-mon-avis><script type=module src='{address}/v1/{script}' \
             integrity='{integrity}' crossorigin></script>"
        )
    };
    let site = Site::serve_saved([
        ("/right".to_owned(), page(&name, &integrity)),
        ("/wrong".to_owned(), page(&name, &wrong)),
        ("/revoked".to_owned(), page(REVOKED, &integrity)),
        ("/unknown".to_owned(), page("avis-0.js", &integrity)),
    ]);
    let asked = |path: &str| {
        let output = asking_doctor(&[&site.url(path)]);
        (output.code, codes(&output).join(", "))
    };

    assert_eq!(asked("/right"), (0, String::new()));
    assert_eq!(asked("/wrong"), (1, "pinned-integrity".to_owned()));
    assert_eq!(asked("/revoked"), (1, "pinned-revoked".to_owned()));
    assert_eq!(asked("/unknown"), (1, "pinned-unknown".to_owned()));
}

#[tokio::test]
async fn redirects_are_followed_and_told_and_end() {
    let collector = collector().await;
    let right = pages("right", &collector).into_iter().find(|page| page.name == "snippet.html").unwrap();
    let to = |path: &str| format!("HTTP/1.1 302 Found\nLocation: {path}\n\n");
    let site = Site::serve_saved([
        ("/fin".to_owned(), to("merci")),
        ("/merci".to_owned(), to("/snippet")),
        ("/snippet".to_owned(), right.answer),
        ("/loop".to_owned(), to("/loop")),
        ("/file".to_owned(), to("file:///etc/passwd")),
    ]);

    let followed = doctor(&collector, &[&site.url("/fin")]);
    assert_eq!((followed.code, codes(&followed)), (0, vec!["redirected".to_owned()]));
    assert!(followed.stdout.contains(&site.url("/snippet")), "{followed:?}");

    for (path, word) in [("/loop", "without an end"), ("/file", "no page of the web")] {
        let output = doctor(&collector, &[&site.url(path)]);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{output:?}");
        assert!(output.stderr.contains(word), "{output:?}");
    }
}

#[tokio::test]
async fn in_a_browser_it_sees_what_scripts_of_the_page_make() {
    // In a container there is no user for Chromium to confine.
    const BROWSER: &str = "chromium --no-sandbox";
    let collector = collector().await;
    let right = pages("right", &collector).into_iter().find(|page| page.name == "snippet.html").unwrap();
    let (_, html) = right.answer.split_once("\n\n").unwrap();
    let drawn = serde_json::to_string(html).unwrap().replace("</", "<\\/");
    let answer = format!(
        "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\n\n<html lang=fr><body><script>setTimeout(() => {{ \
         document.body.append(document.createRange().createContextualFragment({drawn})) }}, 200)</script>"
    );
    let site = Site::serve_saved([("/drawn".to_owned(), answer)]);
    let page = site.url("/drawn");

    let bare = doctor(&collector, &[&page]);
    assert_eq!((bare.code, codes(&bare)), (1, vec!["no-button".to_owned()]));
    let drawn = doctor(&collector, &[&page, "--browser", BROWSER]);
    assert_eq!((drawn.code, codes(&drawn)), (0, vec![]), "{drawn:?}");

    let saved = workspace().join("tests/pages/right/snippet.html");
    let with_headers = collector.directory().join("saved.http");
    std::fs::write(&with_headers, &right.answer).unwrap();
    let endless = collector.directory().join("endless.sh");
    std::fs::write(&endless, "exec yes '<p>without end'").unwrap();
    for (arguments, word) in [
        (&[&page, "--browser", "no-such-browser"][..], "cannot start no-such-browser"),
        (&[&page, "--browser", "false"], "shows nothing"),
        (&[&page, "--browser", &format!("sh {}", endless.display())], "it is longer than 4 MiB"),
        (&[saved.to_str().unwrap(), "--browser", BROWSER], "--browser opens the address"),
        (
            &[with_headers.to_str().unwrap(), "--served-at", &page, "--browser", BROWSER],
            "--browser opens the address",
        ),
    ] {
        let output = doctor(&collector, arguments);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{output:?}");
        assert!(output.stderr.contains(word), "{output:?}");
    }
}

#[test]
fn a_page_that_cannot_be_read_is_one_line_and_exit_code_2() {
    let collector = TestCollector::stopped(&[]);
    let long = collector.directory().join("long.html");
    std::fs::write(&long, vec![b' '; (4 << 20) + 1]).unwrap();
    let long = long.to_str().unwrap();

    for (page, word) in [
        ("no-such-page.html", "cannot read no-such-page.html"),
        ("http://127.0.0.1:1/", "cannot read http://127.0.0.1:1/"),
        ("ftp://www.example.fr/", "https:"),
        (long, "4 MiB"),
    ] {
        let output = asking_doctor(&[page]);
        assert_eq!((output.code, output.stdout.as_str()), (2, ""), "{output:?}");
        assert_eq!(output.stderr.trim_end().lines().count(), 1, "{output:?}");
        assert!(output.stderr.contains(word), "{output:?}");
    }
    let both = asking_doctor(&["http://127.0.0.1:1/", "--served-at", "https://www.example.fr/"]);
    assert_eq!(both.code, 2, "{both:?}");
    let page = workspace().join("tests/pages/right/snippet.html");
    let missing = doctor(&collector, &[page.to_str().unwrap()]);
    assert_eq!(missing.code, 2, "a database that is not there: {missing:?}");
}
