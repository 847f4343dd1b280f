//! `listen-ports`: which listeners an Ingress has.
//!
//! Source: `computeIngressListenPorts` in `pkg/ingress/model_build_listener.go`, v3.5.

use std::collections::{BTreeMap, BTreeSet};

use super::annotations::Annotations;
use super::error::BuildError;
use super::model::Protocol;
use crate::go::json::{self, GoSlice};

/// The listeners of one Ingress.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ListenPorts {
    /// The protocol of each port.
    pub protocols: BTreeMap<i32, Protocol>,
    /// The ports that one JSON object gives both protocols: Go reads its keys in random order,
    /// and the last one read wins. Shown here with HTTPS.
    pub random: BTreeSet<i32>,
    /// The ports that two objects give both protocols: the last one wins.
    pub replaced: BTreeSet<i32>,
}

/// Reads the annotation; without it, HTTPS on 443 with a certificate and HTTP on 80 without.
///
/// # Errors
/// Not a JSON list of objects of numbers, an empty list, another protocol, a port out of range.
pub(crate) fn listen_ports(
    annotations: Annotations<'_>,
    has_certificate: bool,
) -> Result<ListenPorts, BuildError> {
    let Some(raw) = annotations.text("listen-ports") else {
        let (port, protocol) =
            if has_certificate { (443, Protocol::Https) } else { (80, Protocol::Http) };
        return Ok(ListenPorts {
            protocols: BTreeMap::from([(port, protocol)]),
            ..ListenPorts::default()
        });
    };
    let mut entries: GoSlice<BTreeMap<String, i32>> = GoSlice::default();
    json::unmarshal(raw, &mut entries).map_err(|error| {
        BuildError::new("failed to parse listen-ports configuration: `")
            .quoting(raw)
            .saying(format!("`: {error}"))
            .of_annotation("listen-ports")
    })?;
    if entries.is_empty() {
        let error = BuildError::new("empty listen-ports configuration: `");
        return Err(error.quoting(raw).saying("`").of_annotation("listen-ports"));
    }
    let mut ports = ListenPorts::default();
    for entry in entries.iter() {
        let mut of_entry: BTreeMap<i32, Protocol> = BTreeMap::new();
        for (name, &port) in entry {
            if !(1..=65535).contains(&port) {
                let words = format!("listen port must be within [1, 65535]: {port}");
                return Err(BuildError::new(words).of_annotation("listen-ports"));
            }
            let protocol = match name.as_str() {
                "HTTP" => Protocol::Http,
                "HTTPS" => Protocol::Https,
                other => {
                    let error = BuildError::new("listen protocol must be within [HTTP, HTTPS]: ");
                    return Err(error
                        .choosing(other, &["HTTP", "HTTPS"])
                        .of_annotation("listen-ports"));
                }
            };
            if of_entry.insert(port, protocol).is_some() {
                ports.random.insert(port);
            } else {
                ports.random.remove(&port);
            }
            let before = ports.protocols.insert(port, protocol);
            if before.is_some_and(|before| before != protocol) && !ports.random.contains(&port) {
                ports.replaced.insert(port);
            }
        }
    }
    Ok(ports)
}
