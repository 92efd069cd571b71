//! Where a collector listens: to the public, and apart from it to who reads its metrics.

use super::ApplicationError;
use crate::logging::LostLines;
use crate::metrics::{self, Metrics};
use actix_web::dev::ServerHandle;
use actix_web::http::header;
use actix_web::{App, HttpResponse, HttpServer, web};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::time::Duration;
use tokio::net::TcpSocket;

/// Connections that may wait to be accepted. The standard library says 128: the next ones that come at once are not
/// answered at all, and try again a second later, and three.
const BACKLOG: u32 = 4_096;

/// How long a client may leave an answer unread. Headers and bodies have their own times: this is who reads nothing
/// more, and would hold a connection for as long as they like.
#[cfg(target_os = "linux")]
const UNREAD: Duration = Duration::from_secs(30);

/// Listens, and tells where: port 0 becomes a free one.
pub(super) fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ApplicationError> {
    let failed = |error| ApplicationError::Listen(address, error);
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
    let socket = socket.map_err(failed)?;
    // Or a restart would have to wait until the last connection of before is forgotten. Elsewhere it means another thing.
    #[cfg(unix)]
    socket.set_reuseaddr(true).map_err(failed)?;
    socket.bind(address).map_err(failed)?;
    // What a listener has, each connection has that it accepts.
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(
        &socket,
        u32::try_from(UNREAD.as_millis()).unwrap_or(u32::MAX),
    )
    .map_err(|error| failed(error.into()))?;
    let listener = socket.listen(BACKLOG).and_then(tokio::net::TcpListener::into_std).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Serves metrics and nothing else, on a listener of their own that the public need not reach. It goes on while the
/// collector drains, so that one can watch it.
pub(super) fn serve_metrics(
    address: SocketAddr,
    metrics: Arc<Metrics>,
    lost_lines: LostLines,
) -> Result<(ServerHandle, SocketAddr), ApplicationError> {
    let (listener, address) = listen(address)?;
    let show = move || {
        let text = metrics.text(lost_lines.count());
        async move {
            match text {
                Ok(text) => HttpResponse::Ok()
                    .insert_header((header::CONTENT_TYPE, metrics::CONTENT_TYPE))
                    .insert_header((header::CACHE_CONTROL, "no-store"))
                    .body(text),
                Err(_) => HttpResponse::InternalServerError().finish(),
            }
        }
    };
    let server = HttpServer::new(move || App::new().route("/metrics", web::get().to(show.clone())))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .map_err(|error| ApplicationError::Listen(address, error))?
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    Ok((handle, address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_crowd_may_knock_before_anybody_opens() {
        let (listener, address) = listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let knock = || std::net::TcpStream::connect_timeout(&address, Duration::from_secs(30));
        let crowd: Vec<_> = (0..1_000).map(|_| knock().unwrap()).collect();
        drop((crowd, listener));
    }
}
