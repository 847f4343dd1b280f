//! The certificate's names and the records over topologies that nobody thought of: up to 200
//! namespaces, domains within domains, some of them for selected services only.

use std::collections::{BTreeMap, BTreeSet};

use krm_package::Package;
use kserve_aws::runtime::Items;
use kserve_aws::serving::certificate::{
    CertificateGroup, CoveredName, KnownNames, MOST_NAMES, Need, grouped, names_for,
};
use kserve_aws::serving::dns::{Record, records_for};
use kserve_aws::serving::model::public_hosts;
use kserve_aws::values::dns_name::{DnsName, WildcardName};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::cases;

/// The topologies that are held against the plan.
const TOPOLOGIES: u32 = 50;
const DOMAINS: [&str; 4] =
    ["platform.example.com", "eu.platform.example.com", "example.org", "models.example.net"];

#[derive(Debug, Clone)]
struct Topology {
    /// Domains for services with the label `tier`, beside the first for all others.
    selected: Vec<usize>,
    /// For each namespace, its services: the domain of the label, or none.
    namespaces: Vec<Vec<Option<usize>>>,
    /// Where the objects are cut to be put in another order.
    cut: usize,
}

fn topologies() -> impl Strategy<Value = Topology> {
    let services = prop::collection::vec(prop::option::of(1..DOMAINS.len()), 0..4);
    let few = prop::collection::vec(services.clone(), 1..8);
    let many = prop::collection::vec(services, 1..=200);
    let selected = prop::sample::subsequence(vec![1, 2, 3], 0..=3);
    (selected, prop_oneof![few, many], any::<usize>())
        .prop_map(|(selected, namespaces, cut)| Topology { selected, namespaces, cut })
}

impl Topology {
    fn objects(&self) -> Vec<Value> {
        let mut domains = json!({ DOMAINS[0]: "" });
        for domain in &self.selected {
            domains[DOMAINS[*domain]] = format!("selector:\n  tier: t{domain}\n").into();
        }
        let mut objects = vec![json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": { "name": "config-domain", "namespace": "knative-serving" },
            "data": domains,
        })];
        for (number, services) in self.namespaces.iter().enumerate() {
            for (place, tier) in services.iter().enumerate() {
                let labels = tier.map(|tier| ("tier".to_owned(), format!("t{tier}")));
                objects.push(json!({
                    "apiVersion": "serving.kserve.io/v1beta1",
                    "kind": "InferenceService",
                    "metadata": {
                        "name": format!("model-{place}"),
                        "namespace": format!("team-{number}"),
                        "labels": labels.into_iter().collect::<BTreeMap<_, _>>(),
                    },
                    "spec": { "predictor": { "model": { "modelFormat": { "name": "sklearn" } } } },
                }));
            }
        }
        objects
    }
}

fn list(objects: &[Value]) -> Value {
    json!({
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "items": objects,
    })
}

/// The list that a function gives in its results.
fn told(objects: &[Value], function: &str, kind: &str, code: &str, spec: &Value) -> Value {
    let mut list = list(objects);
    list["functionConfig"] = json!({
        "apiVersion": "fn.kserve-aws.dev/v1alpha1",
        "kind": kind,
        "metadata": { "name": "config" },
        "spec": spec,
    });
    let answer = cases::command::fn_on_stdin(function, None, &list.to_string(), &[]);
    let output: Value = serde_yaml::from_str(&answer.stdout).unwrap();
    let results = output["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["tags"]["code"] == code);
    result.map(|result| result["field"]["proposedValue"].clone()).unwrap_or_default()
}

fn told_of_both(objects: &[Value]) -> [Value; 2] {
    let names = ("plan-certificate", "ServingCertificate", "certificate-names");
    let spec = json!({ "domain": DOMAINS[0] });
    let endpoint = json!({
        "mode": "endpoint", "target": "k8s-istio-0123456789.us-west-2.elb.amazonaws.com",
    });
    let records = ("generate-dns-records", "ServingDNS", "dns-records");
    [(names, spec), (records, endpoint)]
        .map(|((function, kind, code), spec)| told(objects, function, kind, code, &spec))
}

fn needs(objects: &[Value]) -> Vec<Need> {
    let text = list(objects).to_string();
    let package = Package::resource_list(&text).unwrap();
    let (hosts, findings) = public_hosts(&Items::of(&package).unwrap(), None);
    assert!(findings.is_empty(), "{findings:?}");
    hosts
        .into_iter()
        .map(|host| Need { namespace: Some(host.namespace), host: host.host })
        .collect()
}

fn names<'a>(planned: impl IntoIterator<Item = &'a CoveredName>) -> Vec<&'a WildcardName> {
    planned.into_iter().map(|covered| &covered.name).collect()
}

/// Every host has a name that covers it, and without any one name some host has none.
fn covers_without_waste(needs: &[Need], planned: &[&WildcardName]) -> Result<(), TestCaseError> {
    let covering = |host: &WildcardName| {
        let good: Vec<usize> =
            (0..planned.len()).filter(|place| planned[*place].covers(host)).collect();
        good
    };
    let mut needed = BTreeSet::new();
    for need in needs {
        let good = covering(&need.host);
        prop_assert!(!good.is_empty(), "nothing covers {}", need.host);
        if let [only] = good[..] {
            needed.insert(only);
        }
    }
    prop_assert_eq!(needed.len(), planned.len(), "a name is superfluous in {:?}", planned);
    Ok(())
}

/// A DNS wildcard reaches any number of labels.
fn answers(record: &Record, host: &WildcardName) -> bool {
    record.name == *host || (record.name.is_wildcard() && host.name().is_below(record.name.name()))
}

#[test]
fn every_host_is_covered_and_no_name_is_superfluous() {
    let config = Config { cases: TOPOLOGIES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let mut hosts = 0;
    let seen = std::cell::RefCell::new(&mut hosts);
    let domain: DnsName = DOMAINS[0].parse().unwrap();
    let outcome = runner.run(&(topologies(), 1usize..=12), |(topology, most)| {
        let objects = topology.objects();
        let needs = needs(&objects);
        **seen.borrow_mut() += needs.len();
        let planned = names_for(needs.iter().map(|need| need.host.clone()), Some(&domain));
        covers_without_waste(&needs, &names(&planned))?;
        for covered in &planned {
            prop_assert!(covered.hosts.iter().all(|host| covered.name.covers(host)));
        }
        let known: KnownNames = planned.iter().map(|covered| covered.name.clone()).collect();
        prop_assert!(needs.iter().all(|need| known.cover(&need.host)));

        // In groups it is the same names, each once.
        for most in [most, MOST_NAMES] {
            let groups = grouped(&needs, Some(&domain), most);
            prop_assert!(groups.iter().all(|group| (1..=most).contains(&group.names.len())));
            let mut all = names(groups.iter().flat_map(|group: &CertificateGroup| &group.names));
            all.sort();
            let mut whole = names(&planned);
            whole.sort();
            prop_assert_eq!(all, whole);
        }

        let records = records_for(&needs, false);
        let each = records_for(&needs, true);
        for need in &needs {
            prop_assert!(records.iter().any(|record| answers(record, &need.host)));
            prop_assert!(each.iter().any(|record| record.name == need.host));
        }
        for record in records.iter().chain(&each) {
            prop_assert!(!record.hosts.is_empty());
            prop_assert!(record.hosts.iter().all(|host| answers(record, host)));
        }

        // The functions say so.
        let said = told_of_both(&objects);
        if !needs.is_empty() {
            let texts = |names: Vec<&WildcardName>| {
                names.into_iter().map(ToString::to_string).collect::<Vec<_>>()
            };
            let records = records.iter().map(|record| &record.name).collect();
            prop_assert_eq!(&said, &[json!(texts(names(&planned))), json!(texts(records))]);
        }

        // Another order of the objects is the same plan.
        let mut other = objects;
        let cut = topology.cut % other.len();
        other.rotate_left(cut);
        other.reverse();
        prop_assert_eq!(told_of_both(&other), said);
        let other = self::needs(&other);
        prop_assert_eq!(&other, &needs);
        let mut mixed = needs.clone();
        mixed.reverse();
        prop_assert_eq!(
            names_for(mixed.iter().map(|need| need.host.clone()), Some(&domain)),
            planned
        );
        prop_assert_eq!(grouped(&mixed, Some(&domain), most), grouped(&needs, Some(&domain), most));
        prop_assert_eq!(records_for(&mixed, false), records);
        Ok(())
    });
    outcome.unwrap();
    assert!(hosts > 1000, "the topologies have only {hosts} hosts");
}
