//! Small sites of the tests' own, each on a port and so an origin of its own: the page of an
//! administration, with our snippet pasted at its end.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use crate::collector::{self, TestCollector};

/// A site of fixed HTML pages. Its thread ends with the test process.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
}

impl Site {
    /// Serves `pages`, pairs of a path and its HTML, on a free port of the loopback address.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[must_use]
    pub fn serve(pages: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let pages: Arc<HashMap<_, _>> = Arc::new(pages.into_iter().collect());
        let address = listen(move |mut stream| {
            let request = Request::read(&mut stream)?;
            let path = request.target.split('?').next().unwrap_or_default();
            let (status, body) = pages.get(path).map_or(("404 Not Found", ""), |page| ("200 OK", page));
            let length = body.len();
            stream.write_all(
                format!(
                    "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\
                     Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                )
                .as_bytes(),
            )
        });
        Self { address }
    }

    /// Answers every request as `answer` says: what comes after the status line, headers first.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[must_use]
    pub fn answering(answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> Self {
        let address = listen(move |mut stream| {
            let request = Request::read(&mut stream)?;
            let answer = answer(&request);
            let (head, body) = answer.split_once("\n\n").unwrap_or((&answer, ""));
            let (head, length) = (head.replace('\n', "\r\n"), body.len());
            let answer = format!(
                "HTTP/1.1 200 OK\r\n{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            stream.write_all(answer.as_bytes())
        });
        Self { address }
    }

    /// Serves `answers`, pairs of a path and what is answered there, headers included, as `curl -i` saves it.
    ///
    /// # Panics
    ///
    /// When there is no free port.
    #[must_use]
    pub fn serve_saved(answers: impl IntoIterator<Item = (String, String)>) -> Self {
        let answers: HashMap<_, _> = answers.into_iter().collect();
        let address = listen(move |mut stream| {
            let request = Request::read(&mut stream)?;
            let saved = answers.get(&request.target).map_or("HTTP/1.1 404 Not Found\n\n", String::as_str);
            let (head, body) = saved.split_once("\n\n").unwrap_or((saved, ""));
            let (head, length) = (head.replace('\n', "\r\n"), body.len());
            let answer = format!("{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes())
        });
        Self { address }
    }

    /// The last page of a service that is not ours, with the snippet that `collector` (an address, since a
    /// test may put something between) gives for the démarche every collector starts with.
    ///
    /// # Panics
    ///
    /// When the page of `cargo xtask run` cannot be read.
    #[must_use]
    pub fn host_page(collector: &str) -> Self {
        Self::serve([("/", Self::host_page_html(collector))])
    }

    /// The HTML of that page.
    ///
    /// # Panics
    ///
    /// As [`Site::host_page`].
    #[must_use]
    pub fn host_page_html(collector: &str) -> String {
        let template = collector::workspace().join("xtask/host-page/index.html");
        std::fs::read_to_string(&template)
            .unwrap_or_else(|error| panic!("{}: {error}", template.display()))
            .replace("{{collector}}", collector)
            .replace("{{demarche}}", collector::DEMARCHE)
            .replace("{{bouton}}", collector::BOUTON)
    }

    /// [`Site::host_page`] of a collector that is reached directly.
    ///
    /// # Panics
    ///
    /// As [`Site::host_page`].
    #[must_use]
    pub fn host_page_of(collector: &TestCollector) -> Self {
        Self::host_page(collector.address())
    }

    /// Its origin.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url("")
    }

    /// The full address of `path`, which starts with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// A request, as far as the tests' own servers care.
#[derive(Debug)]
pub struct Request {
    /// Its method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Header lines without their line ends.
    pub headers: Vec<String>,
    /// Its body, whole.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads one request; what follows it on the connection is left alone.
    pub(crate) fn read(stream: &mut TcpStream) -> std::io::Result<Self> {
        let mut received = Vec::new();
        let head = loop {
            if let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer)?;
            if count == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            received.extend_from_slice(&buffer[..count]);
        };
        let mut body = received.split_off(head + 4);
        let text = String::from_utf8_lossy(&received[..head]).into_owned();
        let mut lines = text.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default().to_owned();
        let headers: Vec<String> = lines.map(str::to_owned).collect();
        let length = headers
            .iter()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse::<usize>().ok())
            .unwrap_or(0);
        let start = body.len().min(length);
        body.resize(length, 0);
        stream.read_exact(&mut body[start..])?;
        Ok(Self { method, target, headers, body })
    }
}

/// Listens on a free port and gives each connection to `serve` on a thread of its own: browsers open
/// connections ahead of need and leave them silent, which must not keep the others waiting.
pub(crate) fn listen(serve: impl Fn(TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("no free port: {error}"));
    let address = listener.local_addr().unwrap_or_else(|error| panic!("no address: {error}"));
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || {
                let _ = stream.set_read_timeout(Some(Duration::from_mins(1)));
                // A browser that went away is no failure: what it was to see is what the test asserts.
                let _ = serve(stream);
            });
        }
    });
    address
}
