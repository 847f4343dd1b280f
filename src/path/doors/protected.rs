//! What is protected.

use super::asked::Asked;
use crate::values::k8s::ResourceRef;
use krm_package::ItemId;

/// An Ingress that parameters set, and what they ask of each request through it.
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
    /// What is asked for.
    pub asked: Asked,
}

/// What is protected, and by what.
#[derive(Debug, Clone, Default)]
pub struct Protected {
    /// The Ingresses in front of it.
    pub fronts: Vec<Front>,
}

impl Protected {
    /// What guards: what any of the fronts asks for.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let mut asked: Vec<Asked> = Vec::new();
        for front in &self.fronts {
            if !asked.contains(&front.asked) {
                asked.push(front.asked.clone());
            }
        }
        asked
    }

    /// The front that is an item.
    pub(crate) fn front(&self, item: Option<ItemId>) -> Option<&Front> {
        self.fronts.iter().find(|front| Some(front.item) == item)
    }

    /// The hosts of all fronts; empty where one of them takes any.
    pub(crate) fn hosts(&self) -> Vec<&str> {
        if self.fronts.iter().any(|front| front.hosts.is_empty()) {
            return Vec::new();
        }
        self.fronts.iter().flat_map(|front| &front.hosts).map(String::as_str).collect()
    }
}
