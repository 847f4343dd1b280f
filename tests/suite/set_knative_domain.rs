//! `set-knative-domain`: the codes that its cases show; over Knative's own
//! ConfigMaps, and over ConfigMaps that nobody thought of.

use std::collections::BTreeMap;

use crate::cases::command::{Answer, fn_on};
use kserve_aws::controllers::knative::ConfigDomain;
use kserve_aws::finding::Code;
use test_support::{Dice, corpora};

use crate::cases;

const FUNCTION: &str = "set-knative-domain";
const CONFIG: &str = "apiVersion: fn.kserve-aws.dev/v1alpha1
kind: KnativeDomain
metadata:
  name: knative-domain
spec:
  domain: platform.example.com
";

#[test]
fn every_code_is_shown() {
    // Each message has been read by somebody.
    let shown = cases::codes_shown(FUNCTION);
    let own = Code::ALL
        .iter()
        .filter(|code| (Code::DomainInvalid..=Code::DefaultDomainReplaced).contains(*code));
    let others = [
        Code::BadInput,
        Code::BadConfig,
        Code::BadItem,
        Code::BadObject,
        Code::EditRefused,
        Code::KnativeNoDefaultDomain,
        Code::KnativeClusterLocalDomain,
        Code::KnativeSelectorTie,
        Code::DomainInvalid,
        Code::KnativeConfigDomain,
        Code::KnativeConfigNetwork,
        Code::ServiceNotServed,
    ];
    let missing: Vec<&str> = own
        .chain(&others)
        .map(|code| code.as_str())
        .filter(|code| !shown.contains(*code))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}

/// Texts of the corpora that have the ConfigMap of Knative Serving, by file.
fn installations(config_map: &str) -> Option<Vec<(String, String)>> {
    let files = ["knative", "platform"].map(corpora::of);
    if files.iter().any(Vec::is_empty) {
        return None;
    }
    let named = format!("\n  name: {config_map}\n");
    let found = files.into_iter().flatten().filter(|file| file.text.contains(&named));
    Some(found.map(|file| (file.file_name().to_owned(), file.text)).collect())
}

/// The one ConfigMap as it shall be, made of its lines; every other line of the text as it was.
fn by_lines(text: &str) -> String {
    let documents: Vec<&str> = text.split_inclusive("\n---\n").collect();
    documents
        .into_iter()
        .map(|document| {
            if document.contains("\nkind: ConfigMap\n")
                && document.contains("\n  name: config-domain\n")
            {
                rewritten(document)
            } else {
                document.to_owned()
            }
        })
        .collect()
}

fn rewritten(document: &str) -> String {
    let mut lines: Vec<&str> = document.split_inclusive('\n').collect();
    let is_inside = |line: &str| line.starts_with("    ");
    let example = lines.iter().position(|line| line.starts_with("  _example: |")).unwrap();
    let mut behind = example + 1;
    while lines.get(behind).is_some_and(|line| is_inside(line) || line.trim().is_empty()) {
        behind += 1;
    }
    // Empty lines between two documents are not the example's.
    while lines[behind - 1].trim().is_empty() {
        behind -= 1;
    }
    lines.drain(example..behind);
    let mut last_of_data = example;
    while lines.get(last_of_data).is_some_and(|line| line.starts_with("  ")) {
        last_of_data += 1;
    }
    lines.insert(last_of_data, "  platform.example.com: ''\n");
    lines.retain(|line| *line != "  example.com: \"\"\n");
    let checksum =
        lines.iter().position(|line| line.contains("knative.dev/example-checksum")).unwrap();
    lines.remove(checksum);
    if lines[checksum - 1] == "  annotations:\n" && !is_inside(lines[checksum]) {
        lines.remove(checksum - 1);
    }
    lines.concat()
}

#[test]
fn only_the_intended_lines_of_whole_installations_change() {
    let Some(installations) = installations("config-domain") else { return };
    let names: Vec<&str> = installations.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "config-domain-head.yaml",
            "config-domain-v0.22.yaml",
            "knative-serving-gateways-1.8.0.yaml.gz",
            "knative-serving-gateways-head.yaml.gz",
            "kubeflow-1.10.2-example.yaml.gz",
            "kubeflow-aws-1.7.0-vanilla.yaml.gz",
        ]
    );
    for (name, text) in installations {
        let Answer { stdout, stderr, code } = fn_on(FUNCTION, CONFIG, &text, &[]);
        assert_eq!(code, 0, "{name}: {stderr}");
        let expected = by_lines(&text);
        assert!(expected != text, "{name}");
        if stdout != expected {
            let differs =
                stdout.lines().zip(expected.lines()).find(|(ours, theirs)| ours != theirs);
            panic!("{name} differs: {differs:?}");
        }
        let again = fn_on(FUNCTION, CONFIG, &stdout, &[]);
        assert!(again.stdout == stdout && again.code == 0, "{name}: a second run changes it");
    }
}

/// `domainTemplate` adds one line to a stock `config-network`, whose example and checksum stay.
#[test]
fn a_domain_template_is_one_line_more() {
    let Some(texts) = installations("config-network") else { return };
    assert_eq!(texts.len(), 5);
    let template = "{{.Name}}-{{.Namespace}}.{{.Domain}}";
    let config =
        CONFIG.replace("domain: platform.example.com", &format!("domainTemplate: '{template}'"));
    let line = format!("  domain-template: \"{template}\"");
    for (_, text) in texts {
        let answer = fn_on(FUNCTION, &config, &text, &[]);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let lines: Vec<&str> = answer.stdout.lines().collect();
        let added = lines
            .iter()
            .position(|one| {
                one.trim_matches(' ').starts_with("domain-template: ") && one.contains("}}-{{")
            })
            .unwrap();
        let mut without = lines.clone();
        assert_eq!(without.remove(added).replace('\'', "\""), line);
        assert!(without.into_iter().eq(text.lines()));
        let again = fn_on(FUNCTION, &config, &answer.stdout, &[]);
        assert_eq!((again.stdout == answer.stdout, again.code), (true, 0));
    }
}

const KEYS: [&str; 8] = [
    "example.com",
    "a.example.com",
    "platform.example.com",
    "z.example.com",
    "svc.cluster.local",
    "_example",
    "_other",
    "Bad.example.com",
];
const VALUES: [&str; 10] = [
    "\"\"",
    "",
    "|\n    # a comment\n    selector:\n      app: nonprofit\n",
    "|\n    # nothing\n",
    "\"selector: {track: beta}\" # why",
    "'type: wildcard'",
    "null",
    ">-\n    selector:\n\n      n: \"1\"\n",
    "'{selector: {}}'",
    "\"\\n\"",
];
const SPECS: [&str; 5] = [
    "domain: platform.example.com",
    "domain: a.example.com\n  domains:\n  - domain: z.example.com\n    selector: {track: beta}",
    "domains:\n  - domain: a.example.com\n    selector: {app: nonprofit, n: \"1\"}",
    "domain: svc.cluster.local",
    "domains:\n  - domain: z.example.com\n  - domain: b.example.com\n    selector: {app: \"\"}",
];

#[test]
fn at_most_one_default_is_left_and_a_second_run_changes_nothing() {
    let mut dice = Dice::new(41);
    let mut refused = 0;
    for _ in 0..1_500 {
        let mut input =
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config-domain\n".to_owned();
        input.push_str(dice.word(&["", "  namespace: knative-serving\n"]));
        input.push_str(dice.word(&[
            "",
            "  annotations:\n    knative.dev/example-checksum: \"0\"\n",
            "  annotations: {knative.dev/example-checksum: x, a: b}\n",
        ]));
        let mut keys: Vec<&str> = (0..dice.below(6)).map(|_| dice.word(&KEYS)).collect();
        keys.sort_unstable();
        keys.dedup();
        input.push_str(if keys.is_empty() {
            dice.word(&["", "data:\n", "data: {}\n"])
        } else {
            "data:\n"
        });
        for key in keys {
            input.push_str(dice.word(&["", "  # about it\n", "\n"]));
            let value = dice.word(&VALUES);
            input.push_str(&format!("  {key}: {}\n", value.trim_end_matches('\n')));
        }
        input.push_str(dice.word(&[
            "",
            "# behind\n",
            "    # further in\n",
            "---\na: b\napiVersion: v1\nkind: A\nmetadata: {name: a}\n",
        ]));
        let spec = dice.word(&SPECS);
        let config = CONFIG.replace("domain: platform.example.com", spec);

        let answer = fn_on(FUNCTION, &config, &input, &[]);
        // An entry that stays and under which no Route has a host.
        if answer.stderr.contains("(domain-invalid)") {
            refused += 1;
            continue;
        }
        assert_eq!(answer.code, 0, "{config}\n{input}\n{}", answer.stderr);
        let data = data(&answer.stdout);
        assert!(!data.contains_key("_example"), "{input}");
        // Without a default Knative puts one over an entry of that name; none here, to see them all.
        let defaults = ConfigDomain::parse(&data, "").unwrap();
        let written = defaults.defaults().filter(|domain| data.contains_key(*domain)).count();
        assert!(written <= 1, "{config}\n{input}\n{}", answer.stdout);
        // Entries with a selector stay, unless the domain is asked for.
        let before = ConfigDomain::parse(&self::data(&input), "").unwrap();
        for (domain, selector) in before.domains().filter(|(_, selector)| !selector.is_empty()) {
            let stays = defaults.domains().any(|one| one == (domain, selector));
            assert!(stays || spec.contains(domain), "{config}\n{input}\n{}", answer.stdout);
        }
        let again = fn_on(FUNCTION, &config, &answer.stdout, &[]);
        assert_eq!(again.stdout, answer.stdout, "{config}\n{input}");
    }
    assert!(refused < 500, "{refused} of 1,500 are refused");
}

/// The data of the first document, as a reader that is not the engine's has it.
fn data(text: &str) -> BTreeMap<String, String> {
    let document = serde_yaml::Deserializer::from_str(text).next().unwrap();
    let map = <serde_yaml::Value as serde::Deserialize>::deserialize(document).unwrap();
    let entries = map["data"].as_mapping().cloned().unwrap_or_default();
    let text = |value: &serde_yaml::Value| value.as_str().unwrap_or_default().to_owned();
    entries.iter().map(|(key, value)| (text(key), text(value))).collect()
}
