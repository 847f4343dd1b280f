//! What every reader of doors looks at.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::rc::Rc;

use super::door::{Missing, Platform, Verdict};
use super::gateway_index::Gateways;
use super::gateway_pods::GatewayPods;
use super::gateway_policies;
use super::hosts;
use super::kinds::Readers;
use super::protected::Protected;
use super::protected_addresses::ProtectedAddresses;
use super::proxies;
use super::reach::{Hit, Reach, Why};
use super::selection::Selection;
use super::service_entries::ServiceEntries;
use crate::cluster::{Cluster, GatewayServices, KserveWorld};

/// What every reader of doors looks at.
pub(crate) struct DoorContext<'w, 'p> {
    pub(crate) cluster: &'w Cluster<'p>,
    pub(crate) kserve: &'w KserveWorld,
    pub(crate) protected: &'w Protected,
    pub(crate) reach: Reach,
    pub(crate) readers: Readers,
    pub(crate) platform: Platform,
    /// The addresses of the pods, which objects may name in the place of a Service.
    pub(crate) addresses: ProtectedAddresses,
    /// What the gateways' own policies demand, by set of pods.
    pub(crate) policies: Vec<Option<Rc<str>>>,
    /// The Gateways of the Gateway API.
    pub(crate) gateways: Gateways<'w>,
    /// The Services that Istio creates for them.
    pub(super) created: GatewayServices,
    /// The pods that serve Istio's own Gateways.
    pub(crate) gateway_pods: GatewayPods<'w>,
    /// The sets whose pods a Service of the package selects.
    served_sets: HashSet<usize>,
    entries: OnceCell<ServiceEntries>,
}

impl<'w, 'p> DoorContext<'w, 'p> {
    pub(crate) fn of(
        (cluster, kserve, gateway_pods): (&'w Cluster<'p>, &'w KserveWorld, GatewayPods<'w>),
        protected: &'w Protected,
        reach: Reach,
        (platform, readers): (Platform, Readers),
    ) -> Self {
        let services = cluster.objects.services.iter().map(|one| &one.resource);
        let written = services.flat_map(|one| reach.hits(&one.namespace, &one.name));
        let created = gateway_pods.created_services();
        let hits = written.chain(created.flat_map(|(namespace, name)| reach.hits(namespace, name)));
        let shown = hits.filter(|hit| hit.selection == Selection::Same);
        Self {
            served_sets: shown.map(|hit| hit.set).collect(),
            addresses: ProtectedAddresses::of(cluster, &reach),
            policies: gateway_policies::of_sets(cluster, protected, &reach),
            gateways: Gateways::of(cluster),
            created: GatewayServices::of(cluster, |left, right| reach.may_be_one(left, right)),
            gateway_pods,
            entries: OnceCell::new(),
            cluster,
            kserve,
            protected,
            reach,
            readers,
            platform,
        }
    }
}

impl DoorContext<'_, '_> {
    /// What findings call the pods that a hit is for.
    pub(crate) fn name_of(&self, hit: Hit) -> String {
        self.reach.sets[hit.set].name.to_string()
    }

    /// Whether a door for some hosts alone does not lead to what is protected for others. Behind a
    /// gateway they are different applications; other pods answer whatever host a client names.
    pub(crate) fn is_for_other_hosts(&self, hit: Hit, of_door: &[&str]) -> bool {
        let set = &self.reach.sets[hit.set];
        set.why == Why::Target
            && !hosts::meet(of_door, &self.protected.hosts())
            && proxies::is_gateway(self.cluster, set)
    }

    /// Whether a Service of the package selects the pods of a set.
    pub(crate) fn has_service(&self, set: usize) -> bool {
        self.served_sets.contains(&set)
    }

    /// What the hosts of `ServiceEntries` lead to.
    pub(crate) fn service_entries(&self) -> &ServiceEntries {
        self.entries.get_or_init(|| ServiceEntries::of(self.cluster, &self.reach))
    }

    /// The verdict on whatever leads to a set of pods that has policies which refuse every request without what
    /// is required.
    pub(crate) fn guarded(&self, set: usize) -> Option<Verdict> {
        let by = self.policies[set].as_ref()?;
        Some(Verdict::Guarded { by: by.to_string(), is_by_pods: true })
    }

    /// The verdict on a door that hangs on what is missing, unless the pods' own policies guard them.
    pub(crate) fn not_judged(&self, set: usize, missing: impl Into<Missing>) -> Verdict {
        let not_judged = || Verdict::NotJudged { missing: missing.into() };
        self.guarded(set).unwrap_or_else(not_judged)
    }

    /// The verdict on a door that lets every request to a set of pods: what the pods' own policies
    /// demand guards; where nothing shows that it leads to them, it is not judged.
    pub(crate) fn judged(&self, hit: Hit, why: String, request: String) -> Verdict {
        if let Some(guarded) = self.guarded(hit.set) {
            return guarded;
        }
        match hit.selection {
            _ if !hit.same_namespace => Verdict::NotJudged { missing: Missing::Namespace },
            Selection::Same => Verdict::Open { why, request },
            Selection::Undecided => Verdict::NotJudged {
                missing: "the pods, none of which is in the package: whether its Service selects the same ones is not known".to_owned().into(),
            },
        }
    }
}
