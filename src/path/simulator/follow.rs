//! One request, hop by hop.

use super::hops::{self, dns::Answering};
use super::outcome::{Hop, HopVerdict, Outcome, Place, Trace, Way};
use super::request::{Client, SentRequest};
use super::simulated::Simulator;
use super::walk::{End, Picks, Step, Walk};

impl Simulator<'_, '_> {
    /// Follows a request.
    #[must_use]
    pub(crate) fn trace(&self, request: &SentRequest) -> Trace {
        trace(self, request)
    }
}

/// More ways through weighted backends than any package has.
const MOST_WAYS: usize = 64;

/// Follows a request to each of the backends that share it. Where they end with another status than the
/// first ones, the outcome is unknown.
fn trace(simulator: &Simulator<'_, '_>, request: &SentRequest) -> Trace {
    let (first, last) = walked(simulator, request, Picks::default());
    let mut ways: Vec<Way> = first.doubts.iter().map(|(_, way)| *way).collect();
    ways.push(last);
    let mut why: Vec<String> = first.doubts.iter().map(|(why, _)| why.clone()).collect();
    let mut hops = first.hops;
    let mut next = first.picks.next();
    for _ in 0..MOST_WAYS {
        let Some(picks) = next.take() else { break };
        let (other, end) = walked(simulator, request, picks);
        let own: Vec<Way> = other.doubts.iter().map(|(_, way)| *way).chain([end]).collect();
        if own.iter().any(|way| ways.iter().all(|known| known.status != way.status)) {
            let share = other.picks.shown.join(", ");
            let by = other.hops.iter().rev().find(|hop| hop.verdict == HopVerdict::Ends);
            let by = by.or(other.hops.last());
            hops.push(Hop {
                place: by.map_or(Place::Route, |hop| hop.place),
                verdict: HopVerdict::Unknown,
                by: by.and_then(|hop| hop.by.clone()),
                field: by.and_then(|hop| hop.field.clone()),
                text: format!("{share}, which ends with {end}"),
            });
            why.push(share);
        }
        ways.extend(own);
        next = other.picks.next();
    }
    ways.sort();
    ways.dedup();
    let is_same = ways.iter().all(|way| way.status == last.status);
    let outcome = if is_same {
        Outcome::Decided(last)
    } else {
        why.dedup();
        Outcome::Unknown { why, ways }
    };
    let mut assumed = first.assumed;
    assumed.dedup();
    Trace {
        request: request.to_string(),
        hops,
        outcome,
        assumed,
        absent_service: first.absent_service,
    }
}

/// One way of a request, and its end.
fn walked<'s, 'w, 'p>(
    simulator: &'s Simulator<'w, 'p>,
    request: &SentRequest,
    picks: Picks,
) -> (Walk<'s, 'w, 'p>, Way) {
    let mut walk = Walk::of(simulator, request, picks);
    let End(last) = match follow(&mut walk) {
        Ok(end) | Err(end) => end,
    };
    (walk, last)
}

fn follow(walk: &mut Walk<'_, '_, '_>) -> Step<End> {
    let target = match walk.request.client.clone() {
        Client::Internet => match hops::dns::follow(walk)? {
            Answering::LoadBalancer(balancer) => {
                hops::tls::follow(walk, balancer)?;
                hops::load_balancer::follow(walk, balancer)?
            }
            Answering::Gateway(gateway) => {
                let port = hops::gateway_api::listener(walk, gateway)?;
                hops::gateway_api::follow(walk, gateway, port)?
            }
        },
        Client::Pod { .. } => hops::inside::follow(walk)?,
    };
    hops::service::follow(walk, target)
}
