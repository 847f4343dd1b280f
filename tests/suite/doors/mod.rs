//! Every kind of door, in packages that nobody thought of. Whether a door is open is what the
//! generator itself knows of what it has planted; nothing of the project is asked for it.

mod growth;
mod package;
mod tables;
mod truth;

use krm_package::Package;
use kserve_aws::cluster::{Cluster, KserveWorld};
use kserve_aws::controllers::kserve::{ServingModel, ServingOptions};
use kserve_aws::path::doors::{
    Door, DoorKind, Front, Platform, Protected, Readers, Requirement, Token, Verdict,
    doors_and_steps,
};
use kserve_aws::runtime::Items;
use kserve_aws::serving::model::serving_items;
use serde_json::json;

use crate::cases;
use package::{Facts, Named, OTHER_TOKEN, TOKEN, generated};
use test_support::Dice;

/// `DOOR_PACKAGES=20000` for the whole run.
fn packages(default: usize) -> usize {
    let count = std::env::var("DOOR_PACKAGES").ok().and_then(|count| count.parse().ok());
    count.unwrap_or(default)
}

fn found(facts: &Facts, readers: Readers) -> Vec<Door> {
    found_in_steps(facts, readers).0
}

fn found_in_steps(facts: &Facts, readers: Readers) -> (Vec<Door>, usize) {
    let text = facts.text();
    let package = Package::stream(&text).unwrap();
    let items = Items::of(&package).unwrap();
    let (cluster, findings) = Cluster::of(&items);
    assert!(findings.is_empty(), "{findings:?}\n{text}");
    let model = ServingModel::build(&serving_items(&items), &ServingOptions::default());
    let kserve = KserveWorld::of(&cluster, &model);
    let front_of = |name: &str, hosts: &[String], token: &str| {
        let item = items.iter().find(|item| item.resource.name == name).unwrap();
        let token = Token { header: "x-api-key".to_owned(), tokens: vec![token.to_owned()] };
        Front {
            item: item.id,
            resource: item.resource.clone(),
            services: vec![facts.service.to_owned()],
            hosts: hosts.to_vec(),
            requirement: Requirement::Token(token),
        }
    };
    let mut fronts = vec![front_of("front", &facts.hosts, TOKEN)];
    if let Some(hosts) = &facts.stage {
        fronts.push(front_of("stage", hosts, OTHER_TOKEN));
    }
    let protected = Protected { fronts, ..Protected::default() };
    let platform = Platform { node_ports_public: facts.node_ports_public };
    doors_and_steps(&cluster, &kserve, &protected, platform, readers)
}

/// The objects with a door that is refused.
fn refused(doors: &[Door]) -> Vec<Named> {
    let refused = doors
        .iter()
        .filter(|door| matches!(door.verdict, Verdict::Open { .. } | Verdict::NotJudged { .. }))
        .map(|door| Named {
            kind: door.resource.kind.clone(),
            namespace: door.resource.namespace.clone(),
            name: door.resource.name.clone(),
        });
    let mut refused: Vec<Named> = refused.collect();
    refused.sort();
    refused.dedup();
    refused
}

#[test]
fn every_open_door_is_found_and_no_other() {
    let (mut planted, mut wrong) = (0, Vec::new());
    let all = packages(1_000);
    for seed in 0..all {
        let facts = generated(&mut Dice::new(seed as u64));
        planted += facts.open.len();
        let doors = found(&facts, Readers::ALL);
        let refused = refused(&doors);
        let missed = facts.open.iter().filter(|open| !refused.contains(open));
        wrong.extend(missed.map(|open| (seed, "is missed", open.clone())));
        let others = refused.iter().filter(|shown| !facts.open.contains(shown));
        wrong.extend(others.map(|shown| (seed, "is not an open door", shown.clone())));
        let reported = format!("{doors:?}");
        let has_token = [TOKEN, OTHER_TOKEN].iter().any(|token| reported.contains(token));
        assert!(!has_token, "seed {seed}: a token is reported: {reported}");
    }
    println!("{planted} open doors in {all} packages, {} judged wrongly", wrong.len());
    assert!(planted > 0);
    if let Some((seed, _, _)) = wrong.first() {
        let facts = generated(&mut Dice::new(*seed as u64));
        let doors = found(&facts, Readers::ALL);
        let shown: Vec<String> = wrong.iter().take(20).map(|one| format!("{one:?}\n")).collect();
        panic!("{}\nthe first of them: {doors:#?}\n{}", shown.concat(), facts.text());
    }
}

/// The same of the function as hosts call it: no package with an open door ends with exit 0. One
/// without that is called open is shown: the generator knows of pods alone, and the load balancer's
/// own proof refuses a group member without a host, too, which takes requests for the gateway's hosts
/// (`truth` has packages of that kind, which the controller's rules leave open).
#[test]
fn the_function_refuses_every_package_with_an_open_door() {
    let (mut passed, mut called_open, mut open) = (Vec::new(), Vec::new(), 0);
    let all = packages(300);
    for seed in 0..all {
        let facts = generated(&mut Dice::new(seed as u64));
        let mut spec = json!({
            "target": { "name": "front" }, "overlay": "api",
            "certArn": "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012",
            "httpHeaderValues": [TOKEN],
        });
        if facts.stage.is_some() {
            for field in ["target", "httpHeaderValues"] {
                spec.as_object_mut().unwrap().remove(field);
            }
            spec["targets"] = json!([
                { "name": "front", "httpHeaderValues": [TOKEN] }, { "name": "stage", "httpHeaderValues": [OTHER_TOKEN] },
            ]);
        }
        if facts.node_ports_public {
            spec["nodePorts"] = "public".into();
        }
        let config = json!({
            "apiVersion": "fn.kserve-aws.dev/v1alpha1", "kind": "IngressParams",
            "metadata": { "name": "params" }, "spec": spec,
        });
        let list = cases::resource_list(Some(&config), &facts.objects).to_string();
        let answer =
            cases::command::fn_on_stdin("set-ingress-params", None, &list, &["--format", "plain"]);
        let says_open = |line: &&str| {
            let code = line.rsplit_once('(').map_or("", |(_, code)| code);
            line.starts_with("[error]")
                && (code.starts_with("door-") || code.starts_with("alb-open-"))
        };
        if facts.open.is_empty() {
            // Without its Service nobody knows which other Services select the pods.
            let says_open = |line: &&str| facts.has_service && says_open(line);
            called_open
                .extend(answer.stderr.lines().find(says_open).map(|line| (seed, line.to_owned())));
            continue;
        }
        open += 1;
        // What is left to another run is named, and `check` refuses it.
        let is_left = |open: &Named| {
            let namespace = open.namespace.iter().map(String::as_str);
            let name = ["Ingress"].into_iter().chain(namespace).chain([open.name.as_str()]);
            let name = format!("{} ", name.collect::<Vec<_>>().join("/"));
            let mut lines = answer.stderr.lines();
            lines.any(|line| line.contains(&name) && line.ends_with("(alb-left-open)"))
        };
        if answer.code == 0 && !facts.open.iter().all(is_left) {
            passed.push((seed, facts.open.clone()));
        }
    }
    println!("{} of {open} open packages pass, of {all}", passed.len());
    assert!(open > 0);
    assert!(passed.is_empty(), "{passed:?}");
    for (seed, line) in &called_open {
        let facts = generated(&mut Dice::new(*seed as u64));
        println!("seed {seed} is called open: {line}\n{}", facts.text());
    }
}

/// The first test fails where any one kind is not looked at.
#[test]
fn without_the_reader_of_any_kind_doors_are_missed() {
    let all: Vec<Facts> = (0..packages(1_000).min(1_000))
        .map(|seed| generated(&mut Dice::new(seed as u64)))
        .collect();
    for kind in DoorKind::ALL {
        let is_missed = all.iter().any(|facts| {
            let refused = refused(&found(facts, Readers::ALL.without(kind)));
            facts.open.iter().any(|open| !refused.contains(open))
        });
        assert!(is_missed, "{kind:?} is in no package by itself");
    }
}

/// The order of the objects decides nothing.
#[test]
fn the_order_of_the_objects_does_not_matter() {
    for seed in 0..packages(200).min(200) {
        let mut facts = generated(&mut Dice::new(seed as u64));
        let before = refused(&found(&facts, Readers::ALL));
        facts.objects.reverse();
        assert_eq!(refused(&found(&facts, Readers::ALL)), before, "seed {seed}");
    }
}

/// Twice as many Ingresses take twice as many comparisons: they are counted, no time is taken.
#[test]
fn two_thousand_ingresses_are_twice_one_thousand() {
    let with = |count: usize, group: bool| {
        let facts = package::many(count, group);
        let started = std::time::Instant::now();
        let (doors, steps) = found_in_steps(&facts, Readers::ALL);
        println!(
            "{count} Ingresses, in one group: {group}: {steps} steps, {:?}",
            started.elapsed()
        );
        assert_eq!(doors.len(), count);
        steps
    };
    for group in [false, true] {
        let (one, two) = (with(1_000, group), with(2_000, group));
        assert!(one > 0 && two <= 2 * one + 100, "{one} and {two}");
    }
}
