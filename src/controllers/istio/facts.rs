//! What policies and routes look at.

use std::net::IpAddr;

use super::answer::Doubt;
use super::path::NormalPath;
use super::request::{HttpRequest, Request};
use super::workload::{Workload, WorkloadKind};

/// What the tests look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) request: &'a Request,
    pub(super) workload: &'a Workload,
    pub(super) http: Option<(&'a HttpRequest, &'a NormalPath)>,
    pub(super) remote_address: Option<IpAddr>,
}

/// The values that a header has when the policies and routes see it; one of them has to match.
///
/// # Errors
/// A header that the proxy itself sets or removes.
pub(super) fn header_values(name: &str, facts: &Facts<'_>) -> Result<Vec<String>, Doubt> {
    let Some((http, path)) = facts.http else { return Ok(Vec::new()) };
    Ok(match name {
        ":authority" | "host" => vec![http.host.clone()],
        ":method" => vec![http.method.clone()],
        ":path" => vec![path.with_query().to_owned()],
        _ if is_set_by_proxy(name, facts.workload) => return Err(Doubt::Header(name.to_owned())),
        _ => {
            let values = http.header_values(name);
            // HTTP/2 takes cookies for pieces of one; HTTP/1.1 does not.
            if name == "cookie" && values.len() > 1 {
                return Err(Doubt::Header(name.to_owned()));
            }
            values
        }
    })
}

/// Headers that the connection manager sets, appends to or removes before any policy
/// (`mutateRequestHeaders`, `source/common/http/conn_manager_utility.cc`).
fn is_set_by_proxy(name: &str, workload: &Workload) -> bool {
    const SET: [&str; 13] = [
        ":scheme",
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
        "x-client-trace-id",
        "x-forwarded-client-cert",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-request-id",
    ];
    SET.contains(&name)
        || name.starts_with("x-envoy-")
        || (name == "x-forwarded-for" && matches!(workload.kind, WorkloadKind::Gateway { .. }))
}
