//! Whose request it is, where proxies stand in between.

use actix_web::HttpRequest;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The networks whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    networks: Arc<[IpNet]>,
    warned: Arc<AtomicBool>,
}

impl TrustedProxies {
    /// Believes these networks, and nobody else.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self { networks: networks.into(), warned: Arc::default() }
    }

    /// The address of the client behind a request.
    #[must_use]
    pub fn client_of(&self, request: &HttpRequest) -> IpAddr {
        let peer =
            request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
        let mut forwarded = request.headers().get_all("x-forwarded-for").peekable();
        if forwarded.peek().is_none() {
            return peer;
        }
        if !self.trusts(peer) {
            // Once: a client that forges the header must not fill the disk.
            if !self.warned.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    "X-Forwarded-For comes from a peer that is no --trusted-proxy: it is not believed"
                );
            }
            return peer;
        }
        let hops: Vec<&str> =
            forwarded.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
        self.walk(peer, &hops)
    }

    /// Walks from the right through what trusted proxies wrote: the first address that is not one of them is the
    /// client. Anything further left is what the client itself claims.
    fn walk(&self, peer: IpAddr, hops: &[&str]) -> IpAddr {
        let mut client = peer;
        for hop in hops.iter().rev() {
            match parse_hop(hop.trim()) {
                Some(address) => client = address,
                None => break,
            }
            if !self.trusts(client) {
                break;
            }
        }
        client
    }

    /// Whether what a request says of its way here is to be believed.
    #[must_use]
    pub fn trusts_peer_of(&self, request: &HttpRequest) -> bool {
        request.peer_addr().is_some_and(|peer| self.trusts(peer.ip().to_canonical()))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }
}

/// An address, with or without a port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        let client =
            |forwarded: &str| proxies.walk(peer, &forwarded.split(',').collect::<Vec<_>>()).to_string();
        assert_eq!(client("192.0.2.7"), "192.0.2.7");
        assert_eq!(client("198.51.100.9, 192.0.2.7, 10.0.0.2"), "192.0.2.7");
        assert_eq!(client("forged, 10.0.0.2"), "10.0.0.2");
        assert_eq!(client("[2001:db8::1]:4711, 10.0.0.2"), "2001:db8::1");
        assert_eq!(client("192.0.2.7:4711"), "192.0.2.7");
        assert_eq!(client("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
