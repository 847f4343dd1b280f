//! The walk of a request, hop by hop.

use std::collections::BTreeSet;

use super::outcome::{Cause, Hop, HopVerdict, Place, Way};
use super::request::SentRequest;
use super::simulated::Simulator;
use crate::controllers::istio::Identity;
use crate::values::k8s::ResourceRef;

/// The walk of a request: what it has become on the way, and what was found.
pub(super) struct Walk<'s, 'w, 'p> {
    pub(super) simulator: &'s Simulator<'w, 'p>,
    pub(super) request: SentRequest,
    pub(super) hops: Vec<Hop>,
    pub(super) assumed: Vec<String>,
    /// The identity of the gateway that it came through last.
    pub(super) peer: Option<Identity>,
    /// The headers that filters add, of which the values are not known.
    pub(super) added_headers: BTreeSet<String>,
    /// Whether the last route takes what no other one has.
    pub(super) is_dashboard: bool,
    /// The Service behind the load balancer, where it is not among the objects.
    pub(super) absent_service: Option<(String, String)>,
    /// What a hop that is not decided may end with.
    pub(super) doubts: Vec<(String, Way)>,
}

/// That the request ends here.
pub(super) struct End(pub(super) Way);

/// On it goes, with what the hop found, or it ends.
pub(super) type Step<T> = Result<T, End>;

impl Walk<'_, '_, '_> {
    /// Notes a hop that the request passes.
    pub(super) fn passes(
        &mut self,
        place: Place,
        by: Option<ResourceRef>,
        field: Option<String>,
        text: impl Into<String>,
    ) {
        let text = text.into();
        self.hops.push(Hop { place, verdict: HopVerdict::Passes, by, field, text });
    }

    /// Notes the hop at which the request ends.
    pub(super) fn ends(
        &mut self,
        place: Place,
        by: Option<ResourceRef>,
        field: Option<String>,
        text: impl Into<String>,
        status: impl Into<Option<u16>>,
        cause: Cause,
    ) -> End {
        let text = text.into();
        self.hops.push(Hop { place, verdict: HopVerdict::Ends, by, field, text });
        End(Way { status: status.into(), cause })
    }

    /// Notes a hop that is not decided, and what it may end with; the walk goes on as if it passed.
    pub(super) fn doubts(
        &mut self,
        place: Place,
        by: Option<ResourceRef>,
        text: impl Into<String>,
        status: impl Into<Option<u16>>,
        cause: Cause,
    ) {
        let text = text.into();
        self.doubts.push((text.clone(), Way { status: status.into(), cause }));
        self.hops.push(Hop { place, verdict: HopVerdict::Unknown, by, field: None, text });
    }

    /// Notes another way that the hop noted last may end with.
    pub(super) fn may_also_end(&mut self, status: impl Into<Option<u16>>, cause: Cause) {
        if let Some((why, _)) = self.doubts.last() {
            self.doubts.push((why.clone(), Way { status: status.into(), cause }));
        }
    }

    /// Notes what was taken for granted.
    pub(super) fn assumes(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.assumed.contains(&what) {
            self.assumed.push(what);
        }
    }
}
