//! The walk of a request, hop by hop.

use std::collections::BTreeSet;

use super::outcome::{Cause, Hop, HopVerdict, Place, Way};
use super::request::{Client, SentRequest};
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
    /// Who issued the valid token, where the load balancer or a proxy has verified it and nothing else is
    /// known of it.
    pub(super) issuer: Option<String>,
    /// Whether the last route takes what no other one has.
    pub(super) is_dashboard: bool,
    /// The Service behind the load balancer, where it is not in the input.
    pub(super) absent_service: Option<(String, String)>,
    /// What a hop that is not decided may end with.
    pub(super) doubts: Vec<(String, Way)>,
    /// Which of several weighted backends takes the request, at each hop that has some.
    pub(super) picks: Picks,
}

/// Which of several weighted backends takes a request, at each hop that has some: the first of them, or
/// what is required.
#[derive(Default)]
pub(super) struct Picks {
    planned: Vec<usize>,
    /// The place of the backend and how many there are, at each hop so far.
    made: Vec<(usize, usize)>,
    /// Each in words.
    pub(super) shown: Vec<String>,
}

impl Picks {
    /// The next way after this one: the last hop with a further backend takes that.
    pub(super) fn next(&self) -> Option<Self> {
        let last = self.made.iter().rposition(|(picked, count)| picked + 1 < *count)?;
        let mut planned: Vec<usize> =
            self.made[..=last].iter().map(|(picked, _)| *picked).collect();
        planned[last] += 1;
        Some(Self { planned, ..Self::default() })
    }
}

/// That the request ends here.
pub(super) struct End(pub(super) Way);

/// On it goes, with what the hop found, or it ends.
pub(super) type Step<T> = Result<T, End>;

impl<'s, 'w, 'p> Walk<'s, 'w, 'p> {
    /// One at its start.
    pub(super) fn of(
        simulator: &'s Simulator<'w, 'p>,
        request: &SentRequest,
        picks: Picks,
    ) -> Self {
        Self {
            simulator,
            request: request.clone(),
            hops: Vec::new(),
            assumed: Vec::new(),
            peer: None,
            added_headers: BTreeSet::new(),
            issuer: None,
            is_dashboard: false,
            absent_service: None,
            doubts: Vec::new(),
            picks,
        }
    }
}

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

    /// Notes a hop that is not decided, and what it may end with; the walk continues as if it passed.
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

    /// The backend that takes the request, of some with weights; `None` where there is none.
    pub(super) fn pick<'b, T>(
        &mut self,
        backends: impl IntoIterator<Item = &'b T>,
        shown: impl Fn(&T) -> String,
    ) -> Option<&'b T> {
        let backends: Vec<&T> = backends.into_iter().collect();
        if backends.len() < 2 {
            return backends.into_iter().next();
        }
        let place = self.picks.planned.get(self.picks.made.len()).copied().unwrap_or(0);
        let picked = *backends.get(place)?;
        self.picks.made.push((place, backends.len()));
        self.picks.shown.push(shown(picked));
        Some(picked)
    }

    /// What a client sees where nothing listens on the port that its request is sent to. Elastic Load
    /// Balancing answers 502 where a target refuses the connection ("HTTP 502: Bad gateway" in
    /// `load-balancer-troubleshooting.html` of its guide), Envoy 503 (`UF`); without either there is no answer.
    pub(super) fn status_without_server(&self) -> Option<u16> {
        match (&self.peer, &self.request.client) {
            (None, Client::Internet) => Some(502),
            (Some(_), _) | (None, Client::Pod { in_mesh: true, .. }) => Some(503),
            (None, Client::Pod { in_mesh: false, .. }) => None,
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
