//! The page on which a form was opened, without what could tell who was there.

/// The origin and path of a web page. Query, fragment and user information never get this far, and path segments
/// that could number a person or a file are replaced by `*`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageAddress {
    origin: String,
    path: String,
}

/// The longest path that is kept, in bytes: enough to find the page, whatever a site puts behind.
const PATH_MAX: usize = 256;

impl PageAddress {
    /// Reads an absolute `http` or `https` address; none where it is not one, carries user information, or has control
    /// characters in what would be kept: browsers write none, and PostgreSQL takes no NUL.
    #[must_use]
    pub fn parse(address: &str) -> Option<Self> {
        let (scheme, rest) = address.trim().split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => "80",
            "https" => "443",
            _ => return None,
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let (host, port) = split_port(authority)?;
        let host = host.to_ascii_lowercase();
        let port = port.and_then(|port| port.parse::<u16>().ok()).map(|port| port.to_string());
        let origin = match port {
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        let path = &tail[..tail.find(['?', '#']).unwrap_or(tail.len())];
        (!path.contains(char::is_control)).then(|| Self { origin, path: anonymous_path(path) })
    }

    /// A page that was read before and is kept, as it is kept: what is read today by other rules is the same page.
    #[must_use]
    pub fn kept(origin: String, path: String) -> Self {
        Self { origin, path }
    }

    /// The origin, as browsers write it: `https://www.impots.gouv.fr`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The path, from its first `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Host and port of an authority, if both are of the characters they may hold.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let port_at = match authority.rfind(']') {
        Some(bracket) => authority[bracket..].find(':').map(|colon| bracket + colon),
        None => authority.find(':'),
    };
    let (host, port) = match port_at {
        Some(at) => (&authority[..at], Some(&authority[at + 1..])),
        None => (authority, None),
    };
    let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_ok = match inner {
        Some(ip) => ip.contains(':') && ip.bytes().all(|b| b.is_ascii_hexdigit() || b == b':' || b == b'.'),
        None => {
            !host.is_empty()
                && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
        }
    };
    let port = port.filter(|port| !port.is_empty());
    let port_ok = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number > 0));
    (host_ok && port_ok && host.len() <= 255).then_some((host, port))
}

fn anonymous_path(path: &str) -> String {
    let path = path.trim_end();
    let mut kept = String::new();
    for segment in path.split(['/', '\\']).filter(|segment| !segment.trim().is_empty()) {
        let segment = if identifies(segment) { "*" } else { segment };
        if kept.len() + 1 + segment.len() > PATH_MAX {
            break;
        }
        kept.push('/');
        kept.push_str(segment);
    }
    // No address ends with a blank, and what is kept is to be one.
    kept.truncate(kept.trim_end().len());
    if kept.is_empty() || (path.ends_with('/') && kept.len() < PATH_MAX) {
        kept.push('/');
    }
    kept
}

/// Whether a path segment may stand for one person or file: five digits in a row, a UUID, an `@`, written plainly
/// or percent-encoded. Digits that are in a row only where one of them belongs to an escape count as well: nobody who
/// reads the path as it is kept can tell.
fn identifies(segment: &str) -> bool {
    let decoded = percent_decoded(segment);
    let digits_in_a_row = |bytes: &[u8]| bytes.split(|byte| !byte.is_ascii_digit()).any(|run| run.len() >= 5);
    digits_in_a_row(&decoded)
        || digits_in_a_row(segment.as_bytes())
        || decoded.contains(&b'@')
        || decoded.windows(36).any(is_uuid)
}

fn is_uuid(text: &[u8]) -> bool {
    text.iter().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

fn percent_decoded(segment: &str) -> Vec<u8> {
    let bytes = segment.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        let code = (*first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = code {
            decoded.push(byte);
            rest = &tail[2..];
        } else {
            decoded.push(*first);
            rest = tail;
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kept(address: &str) -> Option<(String, String)> {
        PageAddress::parse(address).map(|page| (page.origin, page.path))
    }

    #[test]
    fn origin_and_path_are_kept_and_nothing_else() {
        let pair = |origin: &str, path: &str| Some((origin.to_owned(), path.to_owned()));
        assert_eq!(kept("https://www.impots.gouv.fr/fin"), pair("https://www.impots.gouv.fr", "/fin"));
        assert_eq!(kept("HTTPS://WWW.Impots.gouv.fr:443"), pair("https://www.impots.gouv.fr", "/"));
        assert_eq!(kept("http://localhost:8081/a/b/?nir=1#x"), pair("http://localhost:8081", "/a/b/"));
        assert_eq!(kept("https://a.fr:0443/"), pair("https://a.fr", "/"));
        assert_eq!(kept("https://a.fr?mail=x@y.fr"), pair("https://a.fr", "/"));
        assert_eq!(kept("https://[2001:db8::1]:8443/"), pair("https://[2001:db8::1]:8443", "/"));
    }

    #[test]
    fn segments_that_may_number_a_person_become_a_star() {
        let path = |address: &str| kept(address).unwrap().1;
        assert_eq!(path("https://a.fr/dossier/12345/fin"), "/dossier/*/fin");
        assert_eq!(path("https://a.fr/dossier/1234/fin"), "/dossier/1234/fin");
        assert_eq!(path("https://a.fr/d-8e03978e-40d5-43e8-bc93-6894a57f9324x/fin"), "/*/fin");
        assert_eq!(path("https://a.fr/u/jean@example.fr"), "/u/*");
        assert_eq!(path("https://a.fr/u/jean%40example.fr"), "/u/*");
        assert_eq!(path("https://a.fr/%31%32%33%34%35"), "/*");
        assert_eq!(path("https://a.fr/%33978e"), "/*");
    }

    #[test]
    fn blanks_before_what_is_dropped_are_dropped_too() {
        assert_eq!(kept("https://a.fr/a ?x").unwrap().1, "/a");
        assert_eq!(kept("https://a.fr/a/ #x").unwrap().1, "/a/");
        assert_eq!(kept("https://a.fr/ /?x").unwrap().1, "/");
        let cut = format!("https://a.fr/a /{}", "b".repeat(PATH_MAX));
        assert_eq!(kept(&cut).unwrap().1, "/a");
    }

    #[test]
    fn a_control_character_is_in_no_page() {
        for address in
            ["https://a.fr/a\u{0}", "https://a.fr/\u{1f}/b", "https://a.fr/a\u{85}b", "https://a\u{0}.fr/"]
        {
            assert!(kept(address).is_none(), "{address:?}");
        }
        assert_eq!(kept("https://a.fr/?a\u{0}").unwrap().1, "/");
    }

    proptest! {
        #[test]
        fn a_page_that_is_kept_is_read_as_it_is(
            path in r"[ /a]{0,12}|([ /\\*a@%1-9\u{a0}\u{2028}]|12345|\PC|\PC{40}){0,24}",
            rest in r"([?#]\PC{0,4})?",
        ) {
            let page = PageAddress::parse(&format!("https://a.fr/{path}{rest}")).unwrap();
            prop_assert_eq!(PageAddress::parse(&format!("{}{}", page.origin(), page.path())), Some(page));
        }
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for address in
            ["", "fin", "/fin", "ftp://a.fr/", "https://", "https://jean:secret@a.fr/", "javascript://a"]
        {
            assert!(kept(address).is_none(), "{address}");
        }
        assert!(kept("https://a.fr:99999/").is_none());
        assert!(kept("https://a b.fr/").is_none());
        // Browsers write such a host in ASCII.
        assert!(kept("https://é.fr/").is_none());
    }
}
