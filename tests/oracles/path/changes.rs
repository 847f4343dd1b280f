//! What `access --diff` says of a change: each request that it names ends with the two statuses that it
//! says, also behind Istio's generator and Envoys.

use krm_package::Package;
use kserve_aws::path::World;
use kserve_aws::path::access::{self, Difference};
use kserve_aws::path::simulator::{Client as Sender, SentRequest};
use kserve_aws::runtime::Items;
use test_support::Dice;
use test_support::oracle::{Oracle, Said, hold_alike};

use super::generator::Generator;
use super::package::{Case, Client, Sent, Token};
use super::{Envoys, statuses};
use crate::istio::Parts;

const PAIRS: usize = 40;

/// A package before and after a change, and what becomes of the requests that the change is shown by.
struct Change {
    old: Case,
    new: Case,
    /// The statuses that are said of each, old and new.
    said: Vec<Said>,
}

/// A package without one of its objects, and with it.
fn change(case: &Case, dice: &mut Dice) -> Option<Change> {
    let mut old = case.clone();
    if old.objects.is_empty() {
        return None;
    }
    old.objects.remove(dice.below(old.objects.len()));
    let (texts, mut requests, mut said) = ([old.package(), case.package()], Vec::new(), Vec::new());
    let packages = texts.each_ref().map(|text| Package::stream(text).unwrap());
    let items = packages.each_ref().map(|package| Items::of(package).unwrap());
    let worlds = items.each_ref().map(|items| World::of(items).0);
    let questions = access::questions(&[&worlds[0], &worlds[1]]);
    for Difference { question, old, new } in access::differences(&worlds[0], &worlds[1]) {
        let Some(sent) = sent(&questions[&question]) else { continue };
        requests.push(sent);
        for answer in [old, new] {
            said.push(statuses(answer.outcome.ways().iter().map(|way| way.status)));
        }
    }
    old.requests.clone_from(&requests);
    Some(Change { old, new: Case { requests, ..case.clone() }, said })
        .filter(|change| !change.said.is_empty())
}

/// The request as it is sent; `None` where it is not one that the mesh alone decides.
fn sent(request: &SentRequest) -> Option<Sent> {
    if request.logged_in || request.valid_jwt {
        return None;
    }
    let client = match &request.client {
        Sender::Internet => Client::Internet,
        Sender::Pod { namespace, service_account, in_mesh: true } => {
            Client::Pod(namespace.clone(), service_account.clone())
        }
        Sender::Pod { namespace, service_account, .. } => {
            Client::PlainPod(namespace.clone(), service_account.clone())
        }
    };
    Some(Sent {
        client,
        host: request.host.clone(),
        method: request.method.clone(),
        path: request.target.clone(),
        headers: request.headers.clone(),
        token: request.token.as_ref().map(|token| Token {
            claims: token.claims.clone().into(),
            signer: token.signer.clone(),
            expired: token.is_expired,
        }),
    })
}

/// What `access --diff` says.
struct Access;

impl Oracle for Access {
    type Question = Change;
    type Answer = Vec<Said>;

    fn ask(&self, changes: &[Change]) -> Vec<Vec<Said>> {
        changes.iter().map(|change| change.said.clone()).collect()
    }
}

/// What the clients see.
struct Clients(Envoys);

impl Oracle for Clients {
    type Question = Change;
    type Answer = Vec<Said>;

    fn ask(&self, changes: &[Change]) -> Vec<Vec<Said>> {
        let cases: Vec<Case> =
            changes.iter().flat_map(|change| [change.old.clone(), change.new.clone()]).collect();
        let answers = self.0.ask(&cases);
        let both = answers.chunks(2).map(|both| {
            both[0].iter().zip(&both[1]).flat_map(|(old, new)| [old.clone(), new.clone()]).collect()
        });
        both.collect()
    }
}

#[test]
#[ignore = "asks Istio's generator and Envoy: make oracle"]
fn each_difference_has_the_two_statuses() {
    let Some(parts) = Parts::found() else { return };
    let (mut generator, mut dice) = (Generator(Dice::new(0x2545_f491_4f6c_dd1d)), Dice::new(1));
    let cases = std::iter::repeat_with(|| generator.case(0));
    let count = std::env::var("PATH_PAIRS").ok().and_then(|text| text.parse().ok());
    let changes: Vec<Change> =
        cases.filter_map(|case| change(&case, &mut dice)).take(count.unwrap_or(PAIRS)).collect();
    for said in changes.iter().flat_map(|change| change.said.chunks(2)) {
        assert_ne!(said[0], said[1], "a difference with one status");
    }
    let show =
        |change: &Change| format!("{}\n{}", super::show(&change.old), super::show(&change.new));
    hold_alike("path, changes", &changes, &Access, &Clients(Envoys(parts)), show).assert();
}
