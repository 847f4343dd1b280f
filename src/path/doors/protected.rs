//! What is protected.

use std::collections::BTreeMap;

use super::requirement::Requirement;
use crate::values::k8s::ResourceRef;
use krm_package::ItemId;

/// An Ingress that parameters set, and what they require of each request through it.
#[derive(Debug, Clone)]
pub struct Front {
    /// Its item.
    pub item: ItemId,
    /// What findings call it.
    pub resource: ResourceRef,
    /// The Services of its backends: the pods behind them are protected.
    pub services: Vec<String>,
    /// Its hosts; empty where it takes any.
    pub hosts: Vec<String>,
    /// What is required.
    pub requirement: Requirement,
}

/// Pods that are protected whatever leads to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Their namespace, where it is given.
    pub namespace: Option<String>,
    /// Which pods.
    pub(crate) pods: TargetPods,
    /// The hosts for which they are protected; empty for every host.
    pub hosts: Vec<String>,
    /// What is required; any of it is enough.
    pub requirements: Vec<Requirement>,
}

/// Which pods a [`Target`] is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TargetPods {
    /// Those behind a Service.
    Service(String),
    /// Those with labels.
    Labels(BTreeMap<String, String>),
}

/// What is protected, and by what.
#[derive(Debug, Clone, Default)]
pub struct Protected {
    /// The Ingresses in front of it.
    pub fronts: Vec<Front>,
    /// Pods that are protected whatever leads to them.
    pub targets: Vec<Target>,
    /// Whether exactly what is required guards; else a login or a token of somebody else does, too.
    pub exact: bool,
}

impl Protected {
    /// What guards: what any of the fronts requires.
    pub(crate) fn requirements(&self) -> Vec<Requirement> {
        let mut requirements: Vec<Requirement> = Vec::new();
        let of_fronts = self.fronts.iter().map(|front| &front.requirement);
        for one in of_fronts.chain(self.targets.iter().flat_map(|target| &target.requirements)) {
            if !requirements.contains(one) {
                requirements.push(one.clone());
            }
        }
        requirements
    }

    /// Whether nothing is.
    pub(crate) fn is_empty(&self) -> bool {
        self.fronts.is_empty() && self.targets.is_empty()
    }

    /// The front that is an item.
    pub(crate) fn front(&self, item: Option<ItemId>) -> Option<&Front> {
        self.fronts.iter().find(|front| Some(front.item) == item)
    }

    /// The hosts that are protected; empty where some are for any host.
    pub(crate) fn hosts(&self) -> Vec<&str> {
        let of_targets = self.targets.iter().map(|target| &target.hosts);
        let mut all = self.fronts.iter().map(|front| &front.hosts).chain(of_targets);
        if all.clone().any(Vec::is_empty) {
            return Vec::new();
        }
        all.by_ref().flatten().map(String::as_str).collect()
    }
}
