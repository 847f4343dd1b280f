//! What a plan shows.

use crate::controllers::kserve::{Endpoint, Exposure};
use crate::functions::Planned;
use crate::path::doors::{Door, Verdict};
use crate::path::simulator::{Cause, Facts, SentRequest, Simulator};
use crate::path::{World, first_path, host_of, right};

/// What is shown.
pub(super) struct Overview<'w> {
    pub(super) endpoints: &'w [Endpoint],
    pub(super) planned: Planned,
    pub(super) doors: Vec<Door>,
    pub(super) redirects: Vec<Redirect>,
}

/// Where the login of the load balancer returns a browser that requested a service. The provider's client lists
/// each such URL, and the provider refuses others.
///
/// Source: "Authenticate users using an Application Load Balancer", Elastic Load Balancing's user guide:
/// `https://CNAME/oauth2/idpresponse`.
pub(super) struct Redirect {
    pub(super) service: String,
    pub(super) url: String,
}

/// Those of the services that the load balancer guards with a login.
pub(super) fn redirects(world: &World<'_>) -> Vec<Redirect> {
    let simulator = Simulator::of(world, Facts::default());
    let public = |one: &&Endpoint| one.kind.is_kserve() && one.exposure == Exposure::Public;
    let of_endpoint = |one: &Endpoint| {
        let request = right(&simulator, host_of(one)?, "GET", &first_path(one)?)?;
        let without = SentRequest { logged_in: false, ..request.clone() };
        let ways = simulator.trace(&without).outcome;
        ways.ways().iter().any(|way| way.cause == Cause::AlbLogin).then(|| Redirect {
            service: format!("{}/{}", one.namespace, one.name),
            url: SentRequest { target: "/oauth2/idpresponse".to_owned(), ..request }.url(),
        })
    };
    world.model.endpoints.iter().filter(public).filter_map(of_endpoint).collect()
}

/// A verdict as a word, and what there is to it.
pub(super) fn verdict(door: &Door) -> (&'static str, String) {
    match &door.verdict {
        Verdict::Guarded { by, .. } => ("guarded", format!("by {by}")),
        Verdict::Open { why, .. } => ("open", why.clone()),
        Verdict::NotJudged { missing } => ("not judged", format!("requires {missing}")),
        Verdict::Noted { why } => ("noted", why.clone()),
        Verdict::Unseen { objects } => ("noted", format!("{objects} are not in the input")),
    }
}
