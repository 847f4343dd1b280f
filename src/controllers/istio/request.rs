//! The request that the policies judge.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::identity::Identity;
use super::workload::{Workload, WorkloadKind};

/// A request, or a TCP connection, as it arrives at a workload's proxy.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Who the peer proved to be.
    pub peer: Peer,
    /// The address of the connection's other end, where it is known.
    pub source_address: Option<IpAddr>,
    /// The workload's own address, where it is known.
    pub destination_address: Option<IpAddr>,
    /// The port of the workload, not of a Service in front of it.
    pub destination_port: u16,
    /// The server name of the TLS handshake, where it is known; a plaintext peer sends none.
    pub sni: Option<String>,
    /// The HTTP request; `None` where the proxy takes the port for plain TCP.
    pub http: Option<HttpRequest>,
}

/// The HTTP part of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpRequest {
    /// The `Host` header or `:authority`, with its port if sent.
    pub host: String,
    /// The method.
    pub method: String,
    /// The request target: path and query as sent, not normalized.
    pub path: String,
    /// Every header that the client sends, by name in any case; a name may come again.
    pub headers: Vec<(String, String)>,
    /// The verified token.
    pub jwt: Jwt,
}

/// Who the peer proved to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// A connection without TLS, or with TLS that requests no client certificate.
    Plaintext,
    /// Istio's mutual TLS, with this identity.
    Mutual(Identity),
}

/// The token that a RequestAuthentication of the workload has verified.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Jwt {
    /// Not known.
    #[default]
    Unknown,
    /// No RequestAuthentication is for the workload, or the request has no token.
    Absent,
    /// The token's claims.
    Claims(Map<String, Value>),
}

impl Peer {
    /// The identity, where there is one.
    #[must_use]
    pub(crate) fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Plaintext => None,
            Self::Mutual(identity) => Some(identity),
        }
    }
}

impl Request {
    /// The client's address as Envoy takes it: at a sidecar the last address of `x-forwarded-for`,
    /// at a gateway the connection's or, with trusted proxies, that many from the end; always the
    /// connection's where that is not an address (`mutateRequestHeaders`,
    /// `source/common/http/conn_manager_utility.cc`).
    pub(super) fn remote_address(&self, workload: &Workload) -> Option<IpAddr> {
        let from_the_end = match workload.kind {
            WorkloadKind::Sidecar => Some(0),
            WorkloadKind::Gateway { trusted_proxies } => trusted_proxies.checked_sub(1),
        };
        let forwarded = self.http.as_ref().zip(from_the_end).and_then(|(http, from_the_end)| {
            let addresses = http.header("x-forwarded-for")?;
            let address = addresses.rsplit(',').nth(from_the_end)?;
            address.trim_matches([' ', '\t']).parse().ok()
        });
        forwarded.or(self.source_address)
    }
}

impl HttpRequest {
    /// The value of a header that Envoy knows, trimmed; several are joined with a comma.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let mut values = self.sent(name);
        let mut joined = values.next()?.to_owned();
        for value in values {
            joined.push(',');
            joined.push_str(value);
        }
        Some(joined)
    }

    /// The values of a header, each by itself unless Envoy knows the header. Earlier releases joined
    /// them all: then `ada` and `eve` together were neither.
    pub(super) fn header_values(&self, name: &str) -> Vec<String> {
        if JOINED.contains(&name) {
            self.header(name).into_iter().collect()
        } else {
            self.sent(name).map(str::to_owned).collect()
        }
    }

    fn sent(&self, name: &str) -> impl Iterator<Item = &str> {
        let own = self.headers.iter().filter(move |(header, _)| header.eq_ignore_ascii_case(name));
        own.map(|(_, value)| value.trim_matches([' ', '\t']))
    }
}

/// Headers that Envoy keeps in one place each, so that the values of several are one text
/// (`INLINE_REQ_STRING_HEADERS` of `envoy/http/header_map.h`, and what extensions add; each checked in
/// Envoy 1.40).
#[rustfmt::skip]
const JOINED: [&str; 25] = [
    "accept", "accept-encoding", "access-control-request-headers", "access-control-request-method",
    "access-control-request-private-network", "authorization", "cache-control", "cdn-loop",
    "content-encoding", "content-type", "expect", "grpc-accept-encoding", "grpc-timeout", "if-match",
    "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "origin", "pragma",
    "proxy-status", "referer", "user-agent", "via", "x-forwarded-for",
];
