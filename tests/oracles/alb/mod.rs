//! The controller's own answers, case by case, against the model and the proof.
//!
//! A first slice of them is in `tests/data`, many more lie beside the project, in `../shared/truth`.

mod case;
mod render;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use self::case::Case;
use kserve_aws::controllers::alb::{self, Options, Version, admission};
use kserve_aws::finding::{Code, Finding, Severity};
use kserve_aws::serving::ingress::lint;
use serde_json::{Map, Value, json};
use test_support::oracle::{Judgement, Oracle, hold};

fn exact(version: Version) -> Options {
    Options { version, assume_missing: false, ..Options::default() }
}

/// What is said of a case: of its objects, and of each load balancer.
#[derive(Debug, PartialEq)]
struct Answer {
    objects: BTreeMap<String, Value>,
    balancers: BTreeMap<String, Balancer>,
}

#[derive(Debug, PartialEq)]
struct Balancer {
    model: Value,
    probe: Value,
    /// One of two models, by the order of a Go map.
    is_random: bool,
}

/// Our model of admission, groups and load balancers.
struct Ours;

impl Oracle for Ours {
    type Question = Case;
    type Answer = Answer;

    fn ask(&self, cases: &[Case]) -> Vec<Answer> {
        cases.iter().map(modelled).collect()
    }
}

fn modelled(case: &Case) -> Answer {
    let objects = &case.objects;
    let mut said = BTreeMap::new();
    said.insert("undecodable".to_owned(), json!(case.undecodable.len()));
    for ingress in &objects.ingresses {
        let key = ingress.key();
        let refusals: Vec<String> =
            admission::api_server(ingress).iter().map(ToString::to_string).collect();
        let ours = if refusals.is_empty() { Value::Null } else { json!({ "errors": refusals }) };
        said.insert(format!("apiserver {key}"), ours);
        for (field, version) in [("webhook", Version::V3_5), ("webhookOf2.4.7", Version::V2_4_7)] {
            let ours = admission::webhook(ingress, objects, &exact(version)).err();
            let ours = ours.map_or(Value::Null, |error| error.controller_words().expose().into());
            said.insert(format!("{field} {key}"), ours);
        }
    }
    let (balancers, unmanaged) = alb::load_balancers(objects, &exact(Version::V3_5));
    let mut groups = BTreeMap::new();
    for ingress in &objects.ingresses {
        if let Ok(member) = alb::group::classify(ingress, objects, &exact(Version::V3_5))
            && let Ok(id) = alb::group::group_id(&member)
        {
            groups.insert(ingress.key(), id.to_string());
        }
    }
    said.insert("groups".to_owned(), json!(groups));
    let unmanaged: BTreeMap<String, String> = unmanaged
        .iter()
        .map(|(ingress, reason)| {
            let words = match reason {
                alb::Unmanaged::OtherClass => reason.to_string(),
                _ => format!("error: {reason}"),
            };
            (ingress.key(), words)
        })
        .collect();
    said.insert("unmanaged".to_owned(), json!(unmanaged));
    let balancer = |balancer: &alb::LoadBalancer<'_>| {
        let model = balancer.model.as_ref().ok();
        let is_random = model.is_some_and(|model| model.listeners.iter().any(|one| one.random));
        let probe = model.map_or(Value::Null, render::probe);
        let model = render::of_balancer(balancer);
        (balancer.id.to_string(), Balancer { model, probe, is_random })
    };
    Answer { objects: said, balancers: balancers.iter().map(balancer).collect() }
}

/// What the controller, and the API server before it, answered.
struct Controller;

impl Oracle for Controller {
    type Question = Case;
    type Answer = Answer;

    fn ask(&self, cases: &[Case]) -> Vec<Answer> {
        cases.iter().map(answered).collect()
    }
}

fn answered(case: &Case) -> Answer {
    let answer = &case.answer;
    let mut said = BTreeMap::new();
    let undecodable = answer.get("decode").and_then(Value::as_object).map_or(0, Map::len);
    said.insert("undecodable".to_owned(), json!(undecodable));
    for key in case.objects.ingresses.iter().map(|ingress| ingress.key()) {
        for field in ["apiserver", "webhook", "webhookOf2.4.7"] {
            said.insert(format!("{field} {key}"), answer[field][&key].clone());
        }
    }
    said.insert("groups".to_owned(), answer.get("groups").cloned().unwrap_or_else(|| json!({})));
    // A client without the custom resource's definition guesses its plural.
    let unmanaged: BTreeMap<String, String> = answer
        .get("unmanaged")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, words)| (key.clone(), words.as_str().unwrap_or_default()))
        .map(|(key, words)| (key, words.replace("ingressclassparamses", "ingressclassparams")))
        .collect();
    said.insert("unmanaged".to_owned(), json!(unmanaged));
    // A model stands beside its group where there are several.
    let groups: BTreeSet<String> = match (answer.get("models"), answer.get("groups")) {
        (Some(models), _) => models.as_object().into_iter().flat_map(Map::keys).cloned().collect(),
        (None, _) if answer["model"].is_null() => BTreeSet::new(),
        (None, groups) => groups
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::values)
            .map(|group| group.as_str().unwrap().to_owned())
            .collect(),
    };
    let balancer = |group: String| {
        let (model, probe) = (case.model(&group), case.probe(&group));
        (group, Balancer { model, probe, is_random: false })
    };
    Answer { objects: said, balancers: groups.into_iter().map(balancer).collect() }
}

fn equal(what: &str, ours: &Value, theirs: &Value) -> Judgement {
    if ours == theirs {
        return Judgement::Same;
    }
    Judgement::Different(format!("{what}\n  ours   {ours}\n  theirs {theirs}"))
}

fn judged(_: &Case, ours: &Answer, theirs: &Answer) -> Vec<Judgement> {
    let mut judgements = Vec::new();
    for what in ours.objects.keys().chain(theirs.objects.keys()).collect::<BTreeSet<_>>() {
        let of = |answer: &Answer| answer.objects.get(what).cloned().unwrap_or_default();
        judgements.push(equal(what, &of(ours), &of(theirs)));
    }
    let groups: BTreeSet<_> = ours.balancers.keys().chain(theirs.balancers.keys()).collect();
    for group in groups {
        let (Some(ours), Some(theirs)) = (ours.balancers.get(group), theirs.balancers.get(group))
        else {
            let of = |answer: &Answer| json!(answer.balancers.contains_key(group));
            judgements.push(equal(&format!("a load balancer {group}"), &of(ours), &of(theirs)));
            continue;
        };
        if ours.is_random {
            judgements.push(Judgement::LeftOut("a random model, which is reported".to_owned()));
            continue;
        }
        judgements.push(equal(
            "model",
            &ours.model,
            &render::of_answer(&theirs.model, &ours.model),
        ));
        if !ours.probe.is_null() {
            let is_empty = ours.probe == json!({}) && theirs.probe.is_null();
            let probe = if is_empty { json!({}) } else { theirs.probe.clone() };
            judgements.push(equal("probe", &ours.probe, &probe));
        }
    }
    judgements
}

fn held(subject: &str, cases: &[Case]) {
    hold(subject, cases, &Ours, &Controller, |case| case.name.clone(), judged).assert();
}

#[test]
fn our_cases_have_the_controllers_admission_groups_and_models() {
    held("load balancer controller, own cases", &case::own());
}

#[test]
fn admission_groups_and_models_are_the_controllers() {
    let cases = case::of_the_truth();
    if !cases.is_empty() {
        held("the load balancer controller's truth", &cases);
    }
}

/// Cases that the probe's one host and path finds closed, and that are open on another: `/v2/*`
/// leads to the same pods through a second Service, and `m.example.com` through a rule whose
/// header condition is passed over.
const OPEN_ELSEWHERE: &[&str] =
    &["bind-same-gateway-second-service-name", "cond-config-extra-other-config"];

/// Cases that the controller takes and AWS does not, or that let nobody in: they are refused for
/// that, and never called open.
const NEVER_DEPLOYED: &[(&str, &[Code])] = &[
    ("auth-cognito-leftover-vars", &[Code::AlbUnresolvedVariable]),
    ("cond-header-colon", &[Code::HeaderNameInvalid]),
    ("cond-header-host", &[Code::HeaderNameInvalid]),
    ("cond-header-leftover-var", &[Code::AlbUnresolvedVariable, Code::HeaderNameInvalid]),
    // A condition without a header guards nothing: the rule is open as well.
    ("cond-header-missing", &[Code::AlbOpenRule, Code::HeaderNameInvalid]),
    ("cond-header-space", &[Code::HeaderNameInvalid]),
    ("cond-regex-values-broken-regex", &[Code::AlbConditionValue]),
    ("cond-values-130", &[Code::ConditionValuesTooMany]),
    ("cond-values-empty-string-and-token", &[Code::AlbConditionValue]),
    // Five tokens and the path are six values.
    ("cond-values-five", &[Code::ConditionValuesTooMany]),
    ("cond-values-newline-in-token", &[Code::AlbConditionValue]),
    ("cond-values-six", &[Code::ConditionValuesTooMany]),
];

/// Sound for the requests that were tried, and refused all the same.
const REFUSED_ALL_THE_SAME: &[(&str, &[Code])] = &[
    // `^token[0-9]+$`: anybody guesses a value that fits.
    ("cond-regex-values", &[Code::AlbOpenAnyValue]),
    // The default backend has no condition, and what its Service leads to can't be judged.
    ("default-backend-service-missing", &[Code::AlbAbsentService]),
    // The controller ignores keys that it does not know, among them one that was to ask for a login.
    ("auth-cognito-extra-keys", &[Code::AlbUnknownKey]),
    ("auth-cognito-snake-keys", &[Code::AlbUnknownKey]),
    ("cond-json-unknown-keys", &[Code::AlbUnknownKey]),
    // The class's value, which is not a port, turns off the redirect of the annotation.
    ("icp-ssl-redirect-not-int", &[Code::AlbClassOverrides]),
    // Addresses that the controller would let in are in the manifest and not in force.
    ("inbound-cidrs-with-security-groups", &[Code::AlbRestrictionIgnored]),
    // Nobody's request has both: a browser sends no token, and a program has no session.
    ("auth-cognito-right-plus-condition", &[Code::AlbLoginAndToken]),
    ("upstream-shape-cognito-plus-api-one-ingress", &[Code::AlbLoginAndToken]),
];

fn errors_of(case: &Case) -> BTreeSet<Code> {
    errors(&lint::check(&case.objects, &[], &exact(Version::V3_5)))
}

fn errors(findings: &[Finding]) -> BTreeSet<Code> {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.code)
        .collect()
}

#[test]
fn every_open_endpoint_is_refused_and_no_sound_one() {
    let own = case::own();
    let truth = case::of_the_truth();
    assert!(!own.is_empty());
    let cases: Vec<Case> = own.into_iter().chain(truth).collect();
    let (mut open, mut passed) = (0, Vec::new());
    let (mut sound, mut refused_sound) = (0, Vec::new());
    for case in &cases {
        let findings = lint::check(&case.objects, &[], &Options::default());
        for finding in &findings {
            assert!(!finding.message.contains("token1"), "{}: {}", case.name, finding.message);
        }
        let errors = errors(&findings);
        let opens = |code: &Code| code.as_str().starts_with("alb-open-");
        if !verdict::asks(case) {
            continue;
        }
        if verdict::is_open(case) || OPEN_ELSEWHERE.contains(&case.name.as_str()) {
            open += 1;
            if !errors.iter().any(opens) {
                passed.push(case.name.as_str());
            }
        } else if verdict::is_built(case) {
            let refused = NEVER_DEPLOYED.iter().chain(REFUSED_ALL_THE_SAME);
            let allowed = refused.into_iter().find(|(name, _)| *name == case.name);
            match allowed {
                Some((_, codes)) => {
                    assert_eq!(errors, codes.iter().copied().collect(), "{}", case.name);
                }
                None => {
                    sound += 1;
                    if !errors.is_empty() {
                        refused_sound.push((case.name.as_str(), errors));
                    }
                }
            }
        } else if case.undecodable.is_empty() {
            // What the controller doesn't build with these objects is refused for that, and is
            // never called open.
            let exact = errors_of(case);
            assert!(!exact.is_empty() && !exact.iter().any(opens), "{}: {exact:?}", case.name);
        }
    }
    eprintln!(
        "open endpoints refused {} of {open}, sound ones refused {} of {sound}",
        open - passed.len(),
        refused_sound.len(),
    );
    assert!(passed.is_empty(), "open and not refused: {passed:?}");
    assert!(refused_sound.is_empty(), "sound and refused: {refused_sound:#?}");
}

#[test]
fn a_port_with_both_protocols_is_refused_as_random() {
    for cases in [case::own(), case::of_the_truth()].iter().filter(|cases| !cases.is_empty()) {
        let random = cases.iter().find(|case| case.name == "ports-one-object-same-port");
        assert_eq!(random.map(errors_of), Some(BTreeSet::from([Code::AlbRandomListener])));
    }
}
