//! `mutual-authentication`: client certificates.
//!
//! Source: `computeIngressMutualAuthentication` in `pkg/ingress/model_build_listener.go`, v3.5.

use std::collections::BTreeMap;

use super::annotations::Annotations;
use super::error::BuildError;
use crate::go::json::go_struct;
use crate::go::json::{self, GoSlice};

go_struct! {
    /// One entry of the annotation.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub(crate) struct MutualAuth as "ingress", "MutualAuthenticationConfig" {
        port: i32 = "port",
        mode: String = "mode",
        trust_store: Option<String> = "trustStore",
        ignore_expiry: Option<bool> = "ignoreClientCertificateExpiry",
        advertise_ca_names: Option<String> = "advertiseTrustStoreCaNames",
    }
}

impl MutualAuth {
    /// The trust store, by name or ARN.
    pub(crate) fn trust_store(&self) -> Option<&str> {
        self.trust_store.as_deref()
    }
}

/// The entries, by port.
///
/// # Errors
/// The controller's reason.
pub(crate) fn read(annotations: Annotations<'_>) -> Result<BTreeMap<i32, MutualAuth>, BuildError> {
    let Some(raw) = annotations.text("mutual-authentication") else { return Ok(BTreeMap::new()) };
    let mut entries: GoSlice<MutualAuth> = GoSlice::default();
    json::unmarshal(raw, &mut entries).map_err(|error| {
        let words = "failed to parse mutualAuthentication configuration from ingress annotation: `";
        of_annotation(BuildError::new(words).quoting(raw).saying(format!("`: {error}")))
    })?;
    if entries.is_empty() {
        let words = "empty mutualAuthentication configuration from ingress annotation: `";
        return Err(of_annotation(BuildError::new(words).quoting(raw).saying("`")));
    }
    let mut by_port = BTreeMap::new();
    for entry in entries.iter() {
        entry.validate().map_err(of_annotation)?;
        let mut entry = entry.clone();
        if entry.mode == "verify" {
            entry.ignore_expiry.get_or_insert(false);
        }
        by_port.insert(entry.port, entry);
    }
    Ok(by_port)
}

fn of_annotation(error: BuildError) -> BuildError {
    error.of_annotation("mutual-authentication")
}

impl MutualAuth {
    fn validate(&self) -> Result<(), BuildError> {
        let Self { port, mode, .. } = self;
        let store = self.trust_store.as_deref().unwrap_or_default();
        if !(1..=65535).contains(port) {
            return Err(BuildError::new(format!("listen port must be within [1, 65535]: {port}")));
        }
        if mode.is_empty() {
            return Err(BuildError::new(format!(
                "mutualAuthentication mode cannot be empty for port {port}"
            )));
        }
        if !matches!(mode.as_str(), "off" | "passthrough" | "verify") {
            let words =
                "mutualAuthentication mode value must be among [off, passthrough, verify] for";
            return Err(BuildError::new(format!("{words} port {port} : ")).quoting(mode));
        }
        let verify = mode == "verify";
        if verify && store.is_empty() {
            return Err(BuildError::new(format!(
                "trustStore is required when mutualAuthentication mode is verify for port {port}"
            )));
        }
        if !verify && !store.is_empty() {
            return Err(BuildError::new(format!(
                "Mutual Authentication mode {mode} does not support trustStore for port {port}"
            )));
        }
        if !verify && self.ignore_expiry.is_some() {
            return Err(BuildError::new(format!(
                "Mutual Authentication mode {mode} does not support ignoring client certificate \
                 expiry for port {port}"
            )));
        }
        match self.advertise_ca_names.as_deref() {
            Some(_) if !verify => Err(BuildError::new(format!(
                "Mutual Authentication mode {mode} does not support advertiseTrustStoreCaNames \
                 for port {port}"
            ))),
            Some("on" | "off") | None => Ok(()),
            Some(other) => {
                let words =
                    "advertiseTrustStoreCaNames only supports the values \"on\" and \"off\" got";
                let error = BuildError::new(format!("{words} value ")).quoting(other);
                Err(error.saying(format!(" for port {port}")))
            }
        }
    }
}
