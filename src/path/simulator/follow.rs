//! One request, hop by hop.

use std::collections::BTreeSet;

use super::hops::{self, dns::Answering};
use super::outcome::{Outcome, Trace, Way};
use super::request::{Client, SentRequest};
use super::simulated::Simulator;
use super::walk::{End, Step, Walk};

impl Simulator<'_, '_> {
    /// Follows a request.
    #[must_use]
    pub(crate) fn trace(&self, request: &SentRequest) -> Trace {
        trace(self, request)
    }
}

fn trace(simulator: &Simulator<'_, '_>, request: &SentRequest) -> Trace {
    let mut walk = Walk {
        simulator,
        request: request.clone(),
        hops: Vec::new(),
        assumed: Vec::new(),
        peer: None,
        added_headers: BTreeSet::new(),
        is_dashboard: false,
        absent_service: None,
        doubts: Vec::new(),
    };
    let End(last) = match follow(&mut walk) {
        Ok(end) | Err(end) => end,
    };
    let mut ways: Vec<Way> = walk.doubts.iter().map(|(_, way)| *way).collect();
    ways.push(last);
    ways.sort();
    ways.dedup();
    let is_same = ways.iter().all(|way| way.status == last.status);
    let outcome = if is_same {
        Outcome::Decided(last)
    } else {
        let mut why: Vec<String> = walk.doubts.into_iter().map(|(why, _)| why).collect();
        why.dedup();
        Outcome::Unknown { why, ways }
    };
    walk.assumed.dedup();
    Trace {
        request: request.to_string(),
        hops: walk.hops,
        outcome,
        assumed: walk.assumed,
        absent_service: walk.absent_service,
    }
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
