//! external-dns's own code is the judge of the records that the function plans: generated namespaces,
//! hosts and Ingresses, asked of the program in `oracles/dns`, which is built with the last release
//! that reads the one annotation prefix and with the first that reads the other.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use test_support::oracle::{Oracle, Program, Recorded, Said, hold_alike, record};
use test_support::{Dice, hosts};

const RECORDED: &str = "external-dns/records.jsonl";
const TOPOLOGIES: usize = 300;
const FUNCTION: &str = "generate-dns-records";
const LOAD_BALANCER: &str = "k8s-istio-0123456789.us-west-2.elb.amazonaws.com";
const OTHER_BALANCER: &str = "k8s-other-9876543210.us-west-2.elb.amazonaws.com";

/// A release of external-dns, and the prefix that it reads unless it is told another.
struct Asked {
    modules: &'static str,
    prefix: &'static str,
    /// Configurations of this version write for it.
    version: &'static str,
}

const RELEASES: [Asked; 2] = [
    Asked { modules: "v0.21.mod", prefix: "external-dns.alpha.kubernetes.io/", version: "0.21.0" },
    Asked { modules: "go.mod", prefix: "external-dns.kubernetes.io/", version: "0.22.0" },
];

const DOMAINS: [&str; 4] =
    ["platform.example.com", "eu.platform.example.com", "example.org", "m.example.net"];
const HOSTS: [&str; 5] = [
    "kubeflow.platform.example.com",
    "platform.example.com",
    "*.models.example.net",
    "a.b.c.example.org",
    "kserve.example.org",
];
const FOREIGN: [&str; 3] =
    ["by-hand.example.com", "*.by-hand.example.org", "old.platform.example.com"];
const NAMESPACES: [&str; 6] =
    ["staging", "prod", "team-a", "ml-0", "x", "kubeflow-user-example-com"];

/// What is given to the function, and what the Ingress says already.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Topology {
    spec: Value,
    items: Vec<Value>,
    /// Names on the Ingress that others wrote, for both prefixes or for one.
    foreign: [Vec<String>; 2],
    rule_hosts: Vec<String>,
}

fn topology(dice: &mut Dice) -> Topology {
    let domain = DOMAINS[dice.below(DOMAINS.len())];
    let mut domains = json!({ domain: "" });
    if dice.hits(3) {
        let other = DOMAINS[dice.below(DOMAINS.len())];
        if other != domain {
            domains[other] = "selector:\n  tier: gold\n".into();
        }
    }
    let mut items = vec![json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": { "name": "config-domain", "namespace": "knative-serving" },
        "data": domains,
    })];
    for namespace in NAMESPACES {
        for service in 0..dice.below(4) {
            let labels = if dice.hits(3) { json!({ "tier": "gold" }) } else { json!({}) };
            items.push(json!({
                "apiVersion": "serving.kserve.io/v1beta1",
                "kind": "InferenceService",
                "metadata": {
                    "name": format!("model-{service}"), "namespace": namespace, "labels": labels,
                },
                "spec": { "predictor": { "model": { "modelFormat": { "name": "sklearn" } } } },
            }));
        }
    }
    let rule_hosts = dice.some(&["own.platform.example.com", "*.own.example.org"], 1);
    let same = dice.some(&FOREIGN, 2);
    let foreign = match dice.below(4) {
        0 => [same.clone(), same],
        1 => [same, Vec::new()],
        2 => [Vec::new(), same],
        _ => [Vec::new(), Vec::new()],
    };
    let mut annotations = json!({ "kubernetes.io/ingress.class": "alb" });
    for (release, names) in RELEASES.iter().zip(&foreign) {
        if !names.is_empty() {
            annotations[format!("{}hostname", release.prefix)] = names.join(", ").into();
        }
    }
    let backend =
        json!({ "service": { "name": "istio-ingressgateway", "port": { "number": 80 } } });
    let path = json!({ "path": "/*", "pathType": "ImplementationSpecific", "backend": backend });
    // A rule without a host serves every planned name, and external-dns makes no record of it.
    let mut rules = vec![json!({ "http": { "paths": [path] } })];
    if let Some(host) = rule_hosts.first() {
        let mut rule = rules[0].clone();
        rule["host"] = json!(host);
        rules.insert(0, rule);
    }
    items.push(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": "istio-ingress", "namespace": "istio-system", "annotations": annotations,
        },
        "spec": { "rules": rules },
        "status": { "loadBalancer": { "ingress": [{ "hostname": LOAD_BALANCER }] } },
    }));
    let mut spec = json!({ "domain": domain, "hosts": dice.some(&HOSTS, 3) });
    // A namespace without services is planned for by its wildcard only.
    let per_host = dice.hits(3);
    if per_host {
        spec["perHost"] = true.into();
    } else if dice.hits(2) {
        spec["namespaces"] = json!(["staging", "new"]);
    }
    if dice.hits(3) {
        spec["ttl"] = [60, 300][dice.below(2)].into();
    }
    if dice.hits(3) {
        spec["target"] = OTHER_BALANCER.into();
    }
    match dice.below(5) {
        0 => spec["externalDnsVersion"] = RELEASES[0].version.into(),
        1 => spec["externalDnsVersion"] = RELEASES[1].version.into(),
        2 => {
            spec["mode"] = "endpoint".into();
            spec["record"] = ["alias", "cname"][dice.below(2)].into();
        }
        _ => {}
    }
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    Topology { spec, items, foreign: foreign.map(owned), rule_hosts: owned(rule_hosts) }
}

/// What the function makes of a topology: the planned names, and the objects.
fn planned(topology: &Topology) -> Result<(Vec<String>, Vec<Value>), String> {
    let list = json!({
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "functionConfig": {
            "apiVersion": "fn.kserve-aws.dev/v1alpha1",
            "kind": "ServingDNS",
            "metadata": { "name": "serving-dns" },
            "spec": topology.spec,
        },
        "items": topology.items,
    });
    let ran = hosts::run(env!("CARGO_BIN_EXE_kserve-aws"), &["fn", FUNCTION], &list.to_string());
    if !ran.status.success() {
        return Err(String::from_utf8(ran.stderr).unwrap());
    }
    let output: Value = serde_yaml::from_slice(&ran.stdout).unwrap();
    let results = output["results"].as_array().unwrap();
    let plan = results.iter().find(|result| result["tags"]["code"] == "dns-records").unwrap();
    let names = plan["field"]["proposedValue"].as_array().unwrap();
    let names = names.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    Ok((names, output["items"].as_array().unwrap().clone()))
}

/// A record as both sides tell it: name, type, target, whether it is an ALIAS, and its TTL, which an
/// ALIAS has none of.
type Told = (String, String, String, bool, i64);

fn told(answer: &Value) -> BTreeSet<Told> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let records = answer["records"].as_array().unwrap().iter().map(|record| {
        let targets = record["targets"].as_array().unwrap();
        assert_eq!(targets.len(), 1, "{record}");
        let is_alias = record["alias"].as_bool().unwrap();
        let ttl = if is_alias { 0 } else { record["ttl"].as_i64().unwrap() };
        (text(&record["name"]), text(&record["type"]), text(&targets[0]), is_alias, ttl)
    });
    records.collect()
}

/// What the plan says that there will be, for the prefix that is read.
fn expected(topology: &Topology, names: &[String], release: usize) -> BTreeSet<Told> {
    let spec = &topology.spec;
    let target = spec["target"].as_str().unwrap_or(LOAD_BALANCER).to_owned();
    if spec["mode"] == "endpoint" {
        let is_cname = spec["record"] == "cname";
        let types: &[&str] = if is_cname { &["CNAME"] } else { &["A", "AAAA"] };
        let ttl = if is_cname { spec["ttl"].as_i64().unwrap_or(0) } else { 0 };
        let told = |name: &String, kind: &&str| {
            (name.clone(), (*kind).to_owned(), target.clone(), !is_cname, ttl)
        };
        return names
            .iter()
            .flat_map(|name| types.iter().map(move |kind| told(name, kind)))
            .collect();
    }
    let version = spec["externalDnsVersion"].as_str();
    let is_read = version.is_none_or(|version| version == RELEASES[release].version);
    let target = if is_read { target } else { LOAD_BALANCER.to_owned() };
    let ours = names.iter().filter(|_| is_read).cloned();
    let others = topology.foreign[release].iter().chain(&topology.rule_hosts);
    ours.chain(others.cloned())
        .flat_map(|name| {
            ["A", "AAAA"].map(|kind| (name.clone(), kind.to_owned(), target.clone(), true, 0))
        })
        .collect()
}

/// What is asked of the objects: the records of the DNSEndpoint, or of the Ingresses.
fn question(items: &[Value], prefix: &str) -> Value {
    match items.iter().find(|item| item["kind"] == "DNSEndpoint") {
        Some(endpoint) => json!({ "endpoint": endpoint }),
        None => {
            let ingresses = items.iter().filter(|item| item["kind"] == "Ingress");
            json!({ "prefix": prefix, "ingresses": ingresses.collect::<Vec<_>>() })
        }
    }
}

/// A release, and told to read the other prefix as --annotation-prefix does: the release, whose prefix is
/// read, and what it is told.
const RUNS: [(usize, usize, &str); 4] =
    [(0, 0, ""), (0, 1, RELEASES[1].prefix), (1, 1, ""), (1, 0, RELEASES[0].prefix)];

/// What the function plans, for each run.
struct Ours;

impl Oracle for Ours {
    type Question = Topology;
    type Answer = Vec<Said>;

    fn ask(&self, topologies: &[Topology]) -> Vec<Vec<Said>> {
        let said = |topology: &Topology| {
            let (names, _) = planned(topology).unwrap();
            let of_run = |(_, read, _): (usize, usize, &str)| {
                Said::Is(json!(expected(topology, &names, read)))
            };
            RUNS.map(of_run).to_vec()
        };
        topologies.iter().map(said).collect()
    }
}

/// Both releases of external-dns, over what the function makes of the objects.
struct ExternalDns([Program; 2]);

impl Oracle for ExternalDns {
    type Question = Topology;
    type Answer = Vec<Said>;

    fn ask(&self, topologies: &[Topology]) -> Vec<Vec<Said>> {
        let made: Vec<Vec<Value>> =
            topologies.iter().map(|topology| planned(topology).unwrap().1).collect();
        // A question is mostly a wait for a watch to begin, so that all are asked at once.
        let runs: Vec<Vec<Value>> = std::thread::scope(|scope| {
            let asked = RUNS.map(|(place, _, prefix)| {
                let questions: Vec<Value> =
                    made.iter().map(|items| question(items, prefix)).collect();
                let program = &self.0[place];
                scope.spawn(move || program.ask(&questions))
            });
            asked.into_iter().map(|run| run.join().unwrap()).collect()
        });
        let said = |answer: &Value| match answer["error"].as_str().unwrap() {
            "" => Said::Is(json!(told(answer))),
            error => Said::Refused(error.to_owned()),
        };
        (0..topologies.len()).map(|at| runs.iter().map(|run| said(&run[at])).collect()).collect()
    }
}

/// So many topologies that the function plans for.
fn topologies(count: usize) -> Vec<Topology> {
    let mut dice = Dice::new(0x2545_f491_4f6c_dd1d);
    let (mut found, mut refused) = (Vec::new(), 0);
    while found.len() < count {
        let topology = topology(&mut dice);
        match planned(&topology) {
            Ok(_) => found.push(topology),
            // Nothing to serve, or a name that the objects lead elsewhere.
            Err(stderr) => {
                assert!(stderr.contains("(dns-without-hosts)"), "{stderr}\n{topology:?}");
                refused += 1;
                assert!(refused < count / 4, "nearly everything is refused");
            }
        }
    }
    found
}

#[test]
fn the_records_that_are_planned_are_the_recorded_ones() {
    let recorded = Recorded::read(RECORDED);
    let counts =
        hold_alike("external-dns, recorded", &recorded.questions(), &Ours, &recorded, |topology| {
            format!("{topology:?}")
        });
    counts.assert();
}

#[test]
#[ignore = "asks external-dns's own code: make oracle"]
fn external_dns_makes_the_records_that_are_planned() {
    let programs = RELEASES.each_ref().map(|release| Program::of_go("dns", release.modules));
    let [Some(before), Some(now)] = programs else { return };
    let external_dns = ExternalDns([before, now]);
    record(RECORDED, &topologies(20), &external_dns);
    let topologies = topologies(TOPOLOGIES);
    let show = |topology: &Topology| format!("{topology:?}");
    hold_alike("external-dns", &topologies, &Ours, &external_dns, show).assert();
}
