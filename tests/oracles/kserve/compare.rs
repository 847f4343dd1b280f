//! The model's facts held against KServe's.

use std::collections::{BTreeMap, BTreeSet};

use test_support::oracle::Judgement;

use super::facts::{Facts, NOT_MODELLED, Outcome, REFUSED};
use super::model::Modelled;

/// A judgement for each object that KServe reconciles.
pub(crate) fn judgements(theirs: &Outcome, ours: &Modelled) -> Vec<Judgement> {
    let keys: BTreeSet<_> = theirs.keys().chain(ours.outcome.keys()).collect();
    let none = Facts::new();
    let of = |outcome: &Outcome, key: &String| outcome.get(key).cloned().unwrap_or_default();
    let of_model_mesh =
        |facts: &Facts| facts.get("mode").is_some_and(|mode| mode.contains("ModelMesh"));
    let has_model_mesh = theirs.values().any(of_model_mesh);
    keys.into_iter()
        .map(|key| {
            let is_there = theirs.contains_key(key) && !of(theirs, key).contains_key(REFUSED);
            if ours.unready.contains(key) && is_there {
                // Its answer to a dry run, by which releases up to 0.15 see whether pods are ready, has no status.
                let text = "the fake cluster's dry run gives a Deployment no status";
                return Judgement::LeftOut(text.to_owned());
            }
            let codes = ours.codes.get(key);
            let is_deleted = codes.is_some_and(|all| all.contains("kserve-workers-deleted"));
            if is_deleted && is_there && !of(theirs, key).contains_key("headless") {
                // Without them the predictor is never ready, and what waits for it is not modelled.
                let text = "KServe deletes the workers of several nodes that it has just created";
                return Judgement::LeftOut(text.to_owned());
            }
            judge(
                key,
                &of(theirs, key),
                ours.outcome.get(key).unwrap_or(&none),
                codes,
                has_model_mesh,
            )
        })
        .collect()
}

fn judge(
    key: &str,
    theirs: &Facts,
    ours: &Facts,
    codes: Option<&BTreeSet<&'static str>>,
    has_model_mesh: bool,
) -> Judgement {
    // What the model does not say as KServe does yet is counted by its kind, so that no more of it comes;
    // `KSERVE_STRICT=1` shows each.
    let differs = |kind: &str| {
        if std::env::var_os("KSERVE_STRICT").is_none() {
            let object = key.split(' ').next().unwrap_or_default();
            return Judgement::LeftOut(format!("{object} differs in {kind}"));
        }
        let only = |these: &Facts, those: &Facts| -> BTreeMap<String, BTreeSet<String>> {
            these
                .iter()
                .filter(|(kind, facts)| those.get(*kind) != Some(facts))
                .map(|(kind, facts)| (kind.clone(), facts.clone()))
                .collect()
        };
        Judgement::Different(format!(
            "{key} in {kind}\n  we say   {:?}\n  they say {:?}\n  codes    {codes:?}",
            only(ours, theirs),
            only(theirs, ours)
        ))
    };
    match (theirs.contains_key(REFUSED), ours.contains_key(REFUSED)) {
        (true, true) => return Judgement::BothRefuse,
        (true, false) => return differs("only KServe refuses"),
        (false, true) => return differs("only the model refuses"),
        (false, false) => {}
    }
    if has_model_mesh && key.starts_with("InferenceGraph ") {
        // The model takes the service to be ready, as ModelMesh's own controller makes it.
        return Judgement::LeftOut("a graph before a service of ModelMesh".to_owned());
    }
    let is_random = codes.is_some_and(|codes| codes.contains("kserve-additional-hosts-random"));
    if is_random {
        return Judgement::LeftOut(
            "the controller takes one of several domains at random".to_owned(),
        );
    }
    let is = |facts: &Facts, kind: &str, text: &str| {
        facts.get(kind).is_some_and(|found| found.iter().any(|one| one.contains(text)))
    };
    if is(ours, "mode", "ModelMesh") || is(theirs, "mode", "ModelMesh") {
        return Judgement::LeftOut("the status of ModelMesh is its own controller's".to_owned());
    }
    if is(theirs, "error", "configmaps \"modelconfig-") {
        // The fake cluster of older recordings has two stores, and the reconciler of this ConfigMap uses both.
        return Judgement::LeftOut(
            "the recorded fake cluster has no second round with modelconfig".to_owned(),
        );
    }
    let kinds: BTreeSet<_> = theirs.keys().chain(ours.keys()).map(String::as_str).collect();
    let different: Vec<_> = kinds
        .into_iter()
        .filter(|kind| !NOT_MODELLED.iter().any(|(name, _)| name == kind))
        .filter(|kind| theirs.get(*kind) != ours.get(*kind))
        .collect();
    if different.is_empty() { Judgement::Same } else { differs(&different.join(", ")) }
}
