//! Whether anything enforces the policies of the components.

use std::collections::BTreeMap;

use super::diags::{
    BehindZtunnel, CallsWithoutIdentity, DoubtfulSidecar, InjectionOff, NothingEnforces,
    SeveralNodes, WithoutSidecar,
};
use crate::controllers::istio::Membership;
use crate::controllers::kserve::Component;
use crate::finding::Finding;
use crate::serving::authorization::{Mode, ServingWorkload};

/// Reports the components whose policies nothing enforces, and the calls that lose their identity
/// for it.
pub(super) fn report(mode: Mode, workloads: &[ServingWorkload], findings: &mut Vec<Finding>) {
    // What a namespace lacks is one finding, however many services it has.
    let mut without: BTreeMap<(&str, bool), Vec<&ServingWorkload>> = BTreeMap::new();
    for workload in workloads {
        let component = workload.component;
        let is_error = mode == Mode::Strict && component == Component::Predictor;
        let finding: Option<Finding> = match &workload.membership {
            Membership::Sidecar | Membership::Unknown => None,
            Membership::OptedOut => Some(WithoutSidecar { component, is_error }.into()),
            Membership::Doubtful(value) => {
                Some(DoubtfulSidecar { component, value, is_error }.into())
            }
            Membership::Ambient { .. } => Some(BehindZtunnel(component).into()),
            Membership::NamespaceOff if mode == Mode::Strict => {
                Some(InjectionOff { component, namespace: &workload.namespace }.into())
            }
            Membership::NamespaceOff | Membership::NamespaceSilent => {
                let is_off = workload.membership == Membership::NamespaceOff;
                without.entry((&workload.namespace, is_off)).or_default().push(workload);
                None
            }
        };
        findings.extend(finding.map(|finding| finding.on(&workload.resource())));
        if mode == Mode::Strict && component != Component::Predictor && !has_identity(workload) {
            let finding = Finding::from(CallsWithoutIdentity(component));
            findings.push(finding.on(&workload.resource()));
        }
        if mode != Mode::Guide && workload.multi_node {
            findings.push(Finding::from(SeveralNodes).on(&workload.resource()));
        }
    }
    for ((namespace, is_off), components) in &without {
        findings.push(NothingEnforces { namespace, is_off: *is_off, components }.into());
    }
}

/// Whether the pods of a component prove an identity to others, as far as it is known.
fn has_identity(workload: &ServingWorkload) -> bool {
    matches!(
        workload.membership,
        Membership::Sidecar
            | Membership::Unknown
            | Membership::Ambient { .. }
            | Membership::Doubtful(_)
    )
}
