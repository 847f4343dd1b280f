//! PeerAuthentication: which peers may connect to a workload at all.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use crate::controllers::istio::annotations::{DRY_RUN, check_annotations};
use crate::controllers::istio::rejection::{Errors, Rejection};
use crate::controllers::istio::selector::WorkloadSelector;
use crate::values::k8s::{ObjectMeta, empty_if_null};

/// A PeerAuthentication of `security.istio.io` v1 and v1beta1, as written: not yet validated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PeerAuthentication {
    /// `metadata`.
    pub metadata: ObjectMeta,
    /// `spec`.
    #[serde(deserialize_with = "empty_if_null")]
    pub(crate) spec: PeerSpec,
}

/// `spec` of a PeerAuthentication.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PeerSpec {
    /// The workloads that it is for; all of its namespace where absent.
    pub selector: Option<WorkloadSelector>,
    /// The mode.
    pub mtls: Option<MutualTls>,
    /// The modes of single ports of the workload.
    #[serde(deserialize_with = "port_modes")]
    pub port_level_mtls: Option<BTreeMap<u32, MutualTls>>,
}

/// `spec.mtls`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct MutualTls {
    /// The mode.
    #[serde(deserialize_with = "empty_if_null")]
    pub mode: MutualTlsMode,
}

/// `spec.mtls.mode`: whether peers must, may or must not use mutual TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum MutualTlsMode {
    /// The mode of the next wider scope; `PERMISSIVE` where none has one.
    #[default]
    Unset,
    /// Plaintext only.
    Disable,
    /// Mutual TLS and plaintext.
    Permissive,
    /// Mutual TLS only.
    Strict,
}

impl PeerAuthentication {
    /// Its namespace; `default` where the manifest names none.
    #[must_use]
    pub(crate) fn namespace(&self) -> &str {
        self.metadata.namespace.as_deref().unwrap_or("default")
    }

    /// istiod's warnings for an object that it takes.
    ///
    /// # Errors
    /// What istiod answers to one that it refuses (`ValidatePeerAuthentication`,
    /// `pkg/config/validation`); it is not in force.
    pub fn validate(&self) -> Result<Vec<String>, Rejection> {
        if self.metadata.annotations.contains_key(DRY_RUN) {
            return Err(Rejection::single(format!(
                "{}/{} has unsupported annotation {DRY_RUN}, please remove the annotation",
                self.namespace(),
                self.metadata.name
            )));
        }
        check_annotations(&self.metadata)?;
        let mut errors = Errors::default();
        if let Some(ports) = &self.spec.port_level_mtls {
            if self.is_for_all_workloads() && !ports.is_empty() {
                errors.push(
                    "mesh/namespace peer authentication cannot have port level mTLS".to_owned(),
                );
            }
            if ports.is_empty() {
                errors
                    .push("port level mTLS, if defined, must have at least one element".to_owned());
            }
            let wrong = ports.keys().filter(|port| !(1..=65535).contains(*port));
            errors.extend(wrong.map(|_| "port must be in range 1..65535".to_owned()));
        }
        errors.extend(self.spec.selector.iter().flat_map(|selector| selector.errors()));
        match Rejection::of(String::new(), errors) {
            Some(rejection) => Err(rejection),
            None => Ok(self.spec.selector.iter().filter_map(|one| one.warning()).collect()),
        }
    }

    fn is_for_all_workloads(&self) -> bool {
        self.spec.selector.as_ref().is_none_or(|selector| selector.match_labels.is_empty())
    }
}

/// The modes in force for a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::controllers::istio) struct Modes {
    mode: MutualTlsMode,
    of_port: BTreeMap<u32, MutualTlsMode>,
}

impl Modes {
    /// The modes that valid objects, oldest first, give a workload: the narrowest scope that sets
    /// one wins, and in a scope the oldest object (`ComposePeerAuthentication`,
    /// `pilot/pkg/security/authn/policy_applier.go`).
    pub(in crate::controllers::istio) fn of_workload<'a>(
        objects: impl IntoIterator<Item = &'a PeerAuthentication>,
        root_namespace: &str,
        namespace: &str,
        labels: &BTreeMap<String, String>,
    ) -> Self {
        let (mut mesh, mut own, mut workload) = (None, None, None);
        for object in objects {
            let in_root = object.namespace() == root_namespace;
            if !in_root && object.namespace() != namespace {
                continue;
            }
            if object.is_for_all_workloads() {
                let scope = if in_root { &mut mesh } else { &mut own };
                scope.get_or_insert(object);
            } else if !in_root && object.spec.selector.iter().all(|one| one.selects(labels)) {
                workload.get_or_insert(object);
            }
        }
        let mode_of = |object: Option<&PeerAuthentication>| object.and_then(|one| one.spec.mtls);
        let mode = [mesh, own, workload]
            .into_iter()
            .filter_map(mode_of)
            .fold(MutualTlsMode::Permissive, |wider, tls| tls.or(wider));
        let ports = workload.and_then(|object| object.spec.port_level_mtls.as_ref());
        let of_port =
            ports.into_iter().flatten().map(|(port, tls)| (*port, tls.or(mode))).collect();
        Self { mode, of_port }
    }

    pub(in crate::controllers::istio) fn of_port(&self, port: u16) -> MutualTlsMode {
        self.of_port.get(&u32::from(port)).copied().unwrap_or(self.mode)
    }
}

impl MutualTls {
    fn or(self, wider: MutualTlsMode) -> MutualTlsMode {
        if self.mode == MutualTlsMode::Unset { wider } else { self.mode }
    }
}

fn port_modes<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BTreeMap<u32, MutualTls>>, D::Error> {
    let modes = Option::<BTreeMap<PortKey, Option<MutualTls>>>::deserialize(deserializer)?;
    Ok(modes.map(|modes| {
        modes.into_iter().map(|(port, tls)| (port.0, tls.unwrap_or_default())).collect()
    }))
}

/// A port as a key: JSON quotes it, YAML may not.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct PortKey(u32);

impl<'de> Deserialize<'de> for PortKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PortVisitor;

        impl Visitor<'_> for PortVisitor {
            type Value = PortKey;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a port number")
            }

            fn visit_u64<E: Error>(self, port: u64) -> Result<PortKey, E> {
                u32::try_from(port).map(PortKey).map_err(|_| {
                    E::custom(format_args!("port {port} is too large; expected 1 to 65535"))
                })
            }

            fn visit_i64<E: Error>(self, port: i64) -> Result<PortKey, E> {
                u64::try_from(port).map_or_else(
                    |_| {
                        Err(E::custom(format_args!("port {port} is negative; expected 1 to 65535")))
                    },
                    |port| self.visit_u64(port),
                )
            }

            fn visit_str<E: Error>(self, port: &str) -> Result<PortKey, E> {
                port.parse().map(PortKey).map_err(|_| {
                    E::custom(format_args!(
                        "invalid port {port:?}: expected a number from 1 to 65535"
                    ))
                })
            }
        }

        deserializer.deserialize_any(PortVisitor)
    }
}
