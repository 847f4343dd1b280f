//! Which load balancer answers for the host.

use crate::controllers::alb::model::{Condition, Listener};
use crate::controllers::alb::request::{Request, holds};
use crate::path::simulator::outcome::{Cause, Place};
use crate::path::simulator::walk::{Step, Walk};
use crate::serving::dns::Claim;
use crate::serving::ingress::RecordTarget;
use crate::values::dns_name::WildcardName;

/// What answers for a host, by its place.
pub(in crate::path::simulator) enum Answering {
    LoadBalancer(usize),
    /// A Gateway of the Gateway API.
    Gateway(usize),
}

/// What answers for the host.
pub(in crate::path::simulator) fn follow(walk: &mut Walk<'_, '_, '_>) -> Step<Answering> {
    let host = walk.request.host.to_ascii_lowercase();
    let world = walk.simulator.world;
    let named: Vec<Claim> = match host.parse::<WildcardName>() {
        Ok(name) => {
            let exact: Vec<Claim> = world.claims.named(&name).cloned().collect();
            if exact.is_empty() {
                world.claims.catching(name.name()).unwrap_or_default().to_vec()
            } else {
                exact
            }
        }
        Err(_) => Vec::new(),
    };
    let found = named.iter().find_map(|claim| Some((balancer_of(walk, claim)?, claim)));
    if let Some((place, claim)) = found {
        let text = format!(
            "{} leads to the load balancer {}",
            claim.name, walk.simulator.balancers[place].id
        );
        walk.passes(Place::Dns, Some(claim.by.clone()), None, text);
        return Ok(Answering::LoadBalancer(place));
    }
    if let Some(claim) = named.first() {
        let text = format!("{} leads to {}, which is not in the package", claim.name, claim.target);
        return Err(walk.ends(
            Place::Dns,
            Some(claim.by.clone()),
            Some(claim.field().to_owned()),
            text,
            None,
            Cause::DnsElsewhere,
        ));
    }
    let serving = by_rules(walk, &host);
    // Records for its hosts are created of the routes.
    if serving.is_none()
        && let Some(place) =
            super::gateway_candidates::for_host(world, &walk.simulator.gateway_services, &host)
    {
        let gateway = super::gateway_candidates::full_name(&world.cluster.objects.gateways[place]);
        let text = format!("{host} is taken to lead to the Gateway {gateway}");
        walk.assumes(format!("DNS: {text}"));
        walk.passes(Place::Dns, None, None, text);
        return Ok(Answering::Gateway(place));
    }
    if !world.claims.is_empty() && serving.is_none_or(|place| has_claims(walk, place)) {
        let text = format!("no record of the package has the name {host}");
        return Err(walk.ends(Place::Dns, None, None, text, None, Cause::DnsNoRecord));
    }
    let Some(place) = serving else {
        let text = "no load balancer of the package serves the host";
        return Err(walk.ends(Place::Dns, None, None, text, None, Cause::NoLoadBalancer));
    };
    let text = format!(
        "{host} is taken to lead to the load balancer {}",
        walk.simulator.balancers[place].id
    );
    walk.assumes(format!("DNS: {text}"));
    walk.passes(Place::Dns, None, None, text);
    Ok(Answering::LoadBalancer(place))
}

fn balancer_of(walk: &Walk<'_, '_, '_>, claim: &Claim) -> Option<usize> {
    let balancers = &walk.simulator.balancers;
    match &claim.target {
        RecordTarget::LoadBalancer(group) => balancers.iter().position(|one| one.id == *group),
        RecordTarget::Address(address) => balancers.iter().position(|one| {
            one.members.iter().any(|member| {
                let addresses = &member.ingress.status.load_balancer.ingress;
                addresses.iter().any(|own| own.hostname.eq_ignore_ascii_case(address))
            })
        }),
    }
}

/// Whether a record leads to the load balancer.
fn has_claims(walk: &Walk<'_, '_, '_>, place: usize) -> bool {
    let all = walk.simulator.world.claims.all();
    all.into_iter().any(|claim| balancer_of(walk, claim) == Some(place))
}

/// The load balancer with a rule for the host, else one that takes any host.
fn by_rules(walk: &Walk<'_, '_, '_>, host: &str) -> Option<usize> {
    let request = Request { host: host.to_owned(), ..Request::default() };
    let rank = |listener: &Listener| {
        let hosts = listener.rules.iter().map(|rule| {
            let mut own =
                rule.conditions.iter().filter(|one| matches!(one, Condition::HostHeader(_)));
            own.next().map(|condition| holds(condition, &request))
        });
        hosts
            .map(|one| match one {
                Some(true) => 2,
                None => 1,
                Some(false) => 0,
            })
            .max()
            .unwrap_or(0)
    };
    let ranked = walk.simulator.balancers.iter().enumerate().filter_map(|(place, balancer)| {
        let model = balancer.model.as_ref().ok()?;
        let best = model.listeners.iter().map(rank).max()?;
        (best > 0).then_some((best, std::cmp::Reverse(place)))
    });
    ranked.max().map(|(_, std::cmp::Reverse(place))| place)
}
