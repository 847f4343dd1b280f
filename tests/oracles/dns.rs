//! external-dns's own code is the judge of the records that the function plans: generated namespaces,
//! hosts and Ingresses, asked of the program in `oracles/dns`, which is built with the last release
//! that reads the one annotation prefix and with the first that reads the other.

use crate::cases;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const TOPOLOGIES: usize = 300;
const FUNCTION: &str = "generate-dns-records";
const LOAD_BALANCER: &str = "k8s-istio-0123456789.us-west-2.elb.amazonaws.com";
const OTHER_BALANCER: &str = "k8s-other-9876543210.us-west-2.elb.amazonaws.com";

/// A release of external-dns, and the prefix that it reads unless it is told another.
struct Asked {
    name: &'static str,
    modules: &'static str,
    prefix: &'static str,
    /// Configurations of this version write for it.
    version: &'static str,
}

const RELEASES: [Asked; 2] = [
    Asked {
        name: "before",
        modules: "v0.21.mod",
        prefix: "external-dns.alpha.kubernetes.io/",
        version: "0.21.0",
    },
    Asked {
        name: "now",
        modules: "go.mod",
        prefix: "external-dns.kubernetes.io/",
        version: "0.22.0",
    },
];

/// A small generator with a fixed seed: the same topologies on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % sides
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn some<T: Copy>(&mut self, list: &[T], most: usize) -> Vec<T> {
        (0..self.roll(most + 1)).map(|_| list[self.roll(list.len())]).collect()
    }
}

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
#[derive(Debug)]
struct Topology {
    spec: Value,
    items: Vec<Value>,
    /// Names on the Ingress that others wrote, for both prefixes or for one.
    foreign: [Vec<&'static str>; 2],
    rule_hosts: Vec<&'static str>,
}

fn topology(dice: &mut Dice) -> Topology {
    let domain = DOMAINS[dice.roll(DOMAINS.len())];
    let mut domains = json!({ domain: "" });
    if dice.one_in(3) {
        let other = DOMAINS[dice.roll(DOMAINS.len())];
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
        for service in 0..dice.roll(4) {
            let labels = if dice.one_in(3) { json!({ "tier": "gold" }) } else { json!({}) };
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
    let foreign = match dice.roll(4) {
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
    let host = rule_hosts.first().map(|host| json!(host)).unwrap_or_default();
    items.push(json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": "istio-ingress", "namespace": "istio-system", "annotations": annotations,
        },
        "spec": { "rules": [{ "host": host, "http": { "paths": [path] } }] },
        "status": { "loadBalancer": { "ingress": [{ "hostname": LOAD_BALANCER }] } },
    }));
    let mut spec = json!({ "domain": domain, "hosts": dice.some(&HOSTS, 3) });
    // A namespace without services is planned for by its wildcard only.
    let per_host = dice.one_in(3);
    if per_host {
        spec["perHost"] = true.into();
    } else if dice.one_in(2) {
        spec["namespaces"] = json!(["staging", "new"]);
    }
    if dice.one_in(3) {
        spec["ttl"] = [60, 300][dice.roll(2)].into();
    }
    if dice.one_in(3) {
        spec["target"] = OTHER_BALANCER.into();
    }
    match dice.roll(5) {
        0 => spec["externalDnsVersion"] = RELEASES[0].version.into(),
        1 => spec["externalDnsVersion"] = RELEASES[1].version.into(),
        2 => {
            spec["mode"] = "endpoint".into();
            spec["record"] = ["alias", "cname"][dice.roll(2)].into();
        }
        _ => {}
    }
    Topology { spec, items, foreign, rule_hosts }
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
    let answer = cases::command::fn_on_stdin(FUNCTION, None, &list.to_string(), &[]);
    if answer.code != 0 {
        return Err(answer.stderr);
    }
    let output: Value = serde_yaml::from_str(&answer.stdout).unwrap();
    let results = output["results"].as_array().unwrap();
    let plan = results.iter().find(|result| result["tags"]["code"] == "dns-records").unwrap();
    let names = plan["field"]["proposedValue"].as_array().unwrap();
    let names = names.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    Ok((names, output["items"].as_array().unwrap().clone()))
}

/// Builds the program with a release; `None` where Go or its modules are missing.
fn program(release: &Asked) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/dns");
    let program =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dns-oracle-{}", release.name));
    let mut build = Command::new("go");
    build.args(["build", "-modfile", release.modules, "-o"]).arg(&program).arg(".");
    let missing = match build.current_dir(source).output() {
        Ok(built) if built.status.success() => return Some(program),
        Ok(built) => String::from_utf8_lossy(&built.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    assert!(
        std::env::var_os("KSERVE_AWS_REQUIRE_HOSTS").is_none(),
        "no oracle of external-dns: {missing}"
    );
    let reason = missing.lines().next().unwrap_or_default();
    println!("skipped: external-dns's own code cannot be asked ({reason})");
    None
}

fn answers(program: &Path, questions: &[Value]) -> Vec<Value> {
    let mut command = Command::new(program);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let text: String = questions.iter().map(|question| question.to_string() + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
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
    ours.chain(others.map(|name| (*name).to_owned()))
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

#[test]
fn external_dns_makes_the_records_that_are_planned() {
    let programs: Vec<PathBuf> = RELEASES.iter().map_while(program).collect();
    if programs.len() < RELEASES.len() {
        return;
    }
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let mut refused = 0;
    let mut made = Vec::new();
    while made.len() < TOPOLOGIES {
        let topology = topology(&mut dice);
        match planned(&topology) {
            Ok((names, items)) => made.push((topology, names, items)),
            // Nothing to serve, or a name that the objects lead elsewhere.
            Err(stderr) => {
                let known = stderr.contains("(dns-without-hosts)");
                assert!(known, "{stderr}\n{topology:?}");
                refused += 1;
                assert!(refused < TOPOLOGIES / 4, "nearly everything is refused");
            }
        }
    }
    // As a release is, and told to read the other prefix, as --annotation-prefix does.
    let runs = [(0, 0, ""), (0, 1, RELEASES[1].prefix), (1, 1, ""), (1, 0, RELEASES[0].prefix)];
    // A question is mostly a wait for a watch to begin, so that all are asked at once.
    let all: Vec<Vec<Value>> = std::thread::scope(|scope| {
        let asked = runs.map(|(place, _, prefix)| {
            let questions: Vec<Value> =
                made.iter().map(|(_, _, items)| question(items, prefix)).collect();
            let program = &programs[place];
            scope.spawn(move || answers(program, &questions))
        });
        asked.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let (mut records, mut differences) = (0, Vec::new());
    for ((place, read, prefix), answers) in runs.into_iter().zip(&all) {
        assert_eq!(answers.len(), made.len());
        for ((topology, names, _), answer) in made.iter().zip(answers) {
            assert_eq!(answer["error"], "", "{answer}");
            let (found, expected) = (told(answer), expected(topology, names, read));
            records += found.len();
            if found != expected {
                let name = RELEASES[place].name;
                differences.push(format!(
                    "{name} {prefix}\n{topology:?}\n  plan         {expected:?}\n  external-dns {found:?}"
                ));
            }
        }
    }
    println!(
        "external-dns: {TOPOLOGIES} topologies, two releases with two prefixes each: {records} records, \
         {} different",
        differences.len()
    );
    assert!(differences.is_empty(), "{}", differences[..differences.len().min(3)].join("\n"));
    assert!(records > TOPOLOGIES * 8, "only {records} records");
}
