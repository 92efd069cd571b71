//! The page of somebody else: one static page on an origin of its own.

use std::{fs, io::Cursor, sync::Arc, thread};

use anyhow::{Result, anyhow};
use tiny_http::{Header, Method, Request, Response, Server};

/// The page, read when it is asked for, so that an edit shows on reload.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/host-page/index.html");

/// The little server of the host page. It listens from `bind` on, since its origin has to be known before
/// there is anything to serve.
pub(crate) struct HostPage {
    server: Arc<Server>,
    origin: String,
}

impl HostPage {
    /// Takes `port`, or another that is free.
    pub(crate) fn bind(port: u16) -> Result<Self> {
        let server = Server::http(("127.0.0.1", port))
            .or_else(|_| Server::http(("127.0.0.1", 0)))
            .map_err(|error| anyhow!("cannot serve the host page: {error}"))?;
        let origin = format!("http://{}", server.server_addr());
        Ok(Self { server: Arc::new(server), origin })
    }

    /// `http://127.0.0.1:8081`
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Answers requests from now on, in a thread that ends with the process.
    pub(crate) fn serve(&self, collector: &str, demarche: &'static str, bouton: &'static str) {
        let server = Arc::clone(&self.server);
        let collector = collector.to_owned();
        thread::spawn(move || {
            for request in server.incoming_requests() {
                let response = answer(&request, &collector, demarche, bouton);
                // A browser that went away wants no answer.
                let _ = request.respond(response);
            }
        });
    }
}

fn answer(request: &Request, collector: &str, demarche: &str, bouton: &str) -> Response<Cursor<Vec<u8>>> {
    let path = request.url().split('?').next().unwrap_or_default();
    match (request.method(), path) {
        (Method::Get | Method::Head, "/") => match fs::read_to_string(PAGE) {
            Ok(page) => html(200, fill(&page, collector, demarche, bouton)),
            Err(error) => html(500, format!("{PAGE}: {error}")),
        },
        (Method::Get | Method::Head, _) => html(404, "<!doctype html><title>404</title>".to_owned()),
        _ => html(405, "<!doctype html><title>405</title>".to_owned()),
    }
}

fn html(status: u16, body: String) -> Response<Cursor<Vec<u8>>> {
    let mut response = Response::from_string(body).with_status_code(status);
    for (name, value) in [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-cache")] {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    response
}

/// The page with the snippet of one démarche and one collector. The browser tests fill the same places.
fn fill(page: &str, collector: &str, demarche: &str, bouton: &str) -> String {
    page.replace("{{collector}}", collector).replace("{{demarche}}", demarche).replace("{{bouton}}", bouton)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_the_page_is_filled() {
        let page = fs::read_to_string(PAGE).unwrap();
        let filled = fill(&page, "http://127.0.0.1:8080", "3059", "12");
        assert!(filled.contains(r#"<a href="http://127.0.0.1:8080/avis/3059?bouton=12">"#));
        assert!(filled.contains(r#"src="http://127.0.0.1:8080/v1/avis.js""#));
        assert!(!filled.contains("{{"));
    }
}
