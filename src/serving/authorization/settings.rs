//! What is set for single namespaces and services.

use std::collections::{BTreeMap, BTreeSet};

use super::named::NamedCallers;
use super::served::NamedProtocol;
use super::workload::ServingWorkload;

/// What is set for some components.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Their callers.
    pub callers: Option<NamedCallers>,
    /// The protocols that they serve.
    pub protocols: Option<BTreeSet<NamedProtocol>>,
    /// Further paths that they serve.
    pub paths: Option<Vec<String>>,
}

/// What is set for all components, for those of a namespace, and for those of a service; the narrowest
/// that sets something has precedence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub all: Setting,
    pub namespaces: BTreeMap<String, Setting>,
    /// By namespace and name.
    pub services: BTreeMap<(String, String), Setting>,
}

impl Settings {
    fn find<'s, T: ?Sized>(
        &'s self,
        workload: &ServingWorkload,
        field: impl Fn(&'s Setting) -> Option<&'s T>,
    ) -> Option<&'s T> {
        let key = (workload.namespace.clone(), workload.service.clone());
        let of_service = self.services.get(&key).and_then(&field);
        let of_namespace = || self.namespaces.get(&workload.namespace).and_then(&field);
        of_service.or_else(of_namespace).or_else(|| field(&self.all))
    }

    /// Its callers; `None` where they are not named.
    #[must_use]
    pub(crate) fn callers_of(&self, workload: &ServingWorkload) -> Option<&NamedCallers> {
        self.find(workload, |setting| setting.callers.as_ref())
    }

    /// The protocols that an override sets for it.
    #[must_use]
    pub(crate) fn protocols_of(
        &self,
        workload: &ServingWorkload,
    ) -> Option<&BTreeSet<NamedProtocol>> {
        self.find(workload, |setting| setting.protocols.as_ref())
    }

    /// The further paths that an override sets for it.
    #[must_use]
    pub(crate) fn paths_of(&self, workload: &ServingWorkload) -> &[String] {
        self.find(workload, |setting| setting.paths.as_deref()).unwrap_or_default()
    }

    /// Whether callers are named anywhere.
    #[must_use]
    pub(crate) fn has_callers(&self) -> bool {
        let settings = self.namespaces.values().chain(self.services.values());
        settings.chain([&self.all]).any(|setting| setting.callers.is_some())
    }
}
