//! Components that differ in names alone, of which one proof is that of all.

use std::collections::BTreeSet;

use super::proof::{Platform, Proof};
use super::served::NamedProtocol;
use super::workload::{ServingWorkload, WorkloadLabels};
use crate::controllers::kserve::Component;

/// What the outcome of a component's proof depends on beside its names, where no object of others decides about
/// its pods: its own policy, and the requests that it serves, are made of this.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Alike<'w> {
    component: Component,
    protocols: &'w BTreeSet<NamedProtocol>,
    paths: &'w [String],
    port: u16,
    entry: bool,
    knative: bool,
    multi_node: bool,
    called_by: &'w BTreeSet<String>,
    called_from: &'w BTreeSet<(String, String)>,
}

impl<'w> Alike<'w> {
    /// What a component has in common with others; `None` where it has to be proved by itself: an object of others
    /// is for its namespace, or its pods do not have the labels that its policy selects.
    #[must_use]
    pub(crate) fn of(workload: &'w ServingWorkload, platform: &Platform) -> Option<Self> {
        // Its policy selects by labels that the controllers give, whatever the manifests say.
        let is_selected = matches!(workload.pod_labels, WorkloadLabels::OfComponent(_));
        (is_selected && platform.is_alike_in(&workload.namespace)).then(|| Self {
            component: workload.component,
            protocols: &workload.protocols,
            paths: &workload.paths,
            port: workload.port(),
            entry: workload.entry,
            knative: workload.knative,
            multi_node: workload.multi_node,
            called_by: &workload.called_by,
            called_from: &workload.called_from,
        })
    }
}

impl Proof {
    /// Whether it names nothing of the component that was proved.
    #[must_use]
    pub(crate) fn is_without_names(&self) -> bool {
        let Self { refused, undecided, stranger, neighbour, owner, takes_plaintext: _ } = self;
        refused.is_none()
            && undecided.is_none()
            && [stranger, neighbour, owner].iter().all(|request| request.is_none())
    }
}
