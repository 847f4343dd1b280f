//! Knative Serving's own code is the judge of the hosts that the model gives: generated triples of
//! `config-domain`, `config-network` and Route, asked of the program in `oracles/knative`.

use std::collections::BTreeMap;

use kserve_aws::controllers::knative::{
    ConfigDomain, ConfigNetwork, ConfigNetworkError, Route, RouteError, RouteHosts,
};
use kserve_aws::go::template::TemplateError;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use test_support::Dice;
use test_support::oracle::{Oracle, Program, Recorded, Said, hold_alike, record};

const RECORDED: &str = "knative/hosts.jsonl";
const TRIPLES: usize = 12_000;
/// One template in so many is put together from pieces.
const PIECED: usize = 12;

#[rustfmt::skip]
mod lists {
    pub(super) const DOMAINS: &[&str] = &[
        "example.com", "platform.example.org", "a.com", "b.com", "zz.example.net", "prod.example.com",
        "svc.cluster.local", "cluster.local", "local", "ml-default.example.com",
    ];
    pub(super) const ODD_DOMAINS: &[&str] = &[
        "Platform.Example.com", "a_b.com", "-a.com", "a-.com", "a..b", "_x", "example.com.", ".", "x--y.com",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com",
    ];
    pub(super) const SELECTORS: &[&str] = &[
        "selector:\n  env: prod\n", "selector:\n  env: prod\n  team: blue\n", "selector:\n  team: blue\n",
        "selector:\n  tier: gold\n  env: prod\n", "selector: {env: prod}", "selector:\n  env: dev\n",
        "selector:\n  env: prod\n  team: blue\n  tier: gold\ntype: wildcard\n",
        "selector:\n  serving.knative.dev/service: iris\n", "selector: {env: 'prod', \"team\": \"blue\"}",
        "selector:\n  networking.knative.dev/visibility: private\n",
        "selector:\n  networking.knative.dev/visibility: cluster-local\n",
    ];
    pub(super) const DEFAULTS: &[&str] = &[
        "", "", "", "|\n", "selector: {}\n", "null", "~", "# nothing\n", "type: wildcard", "selector:\n", "{}", "\n\n",
    ];
    pub(super) const ODD_VALUES: &[&str] = &[
        "selector: {flag: yes}", "selector: {flag: true, env: prod}", "selector: {count: 1}", "selector: {count: 0644}",
        "selector: {count: 1.50}", "selector: {count: 1e3}", "selector: {count: 1000000.0}", "selector: {count: 0x1F}",
        "selector: {count: 1_000}", "selector: {count: 08}", "selector: {count: 0o17}", "selector: {count: 12:30}",
        "selector: {count: 2012-10-17}", "selector: {count: .5}", "selector: {count: -1}", "selector: {count: +1}",
        "selector: {count: .inf}", "selector: {count: 123456789.5}", "selector: {count: 1e-7}", "selector: {count: 0b11}",
        "selector: {count: 18446744073709551616}", "selector: {count: 1e39}", "selector: {1e39: a}", "selector: {yes: a}", "selector: {1: a}", "selector: {1.0: a}",
        "selector: {env: ~}", "selector: {env: ''}", "selector: {env: }", "Selector: {env: prod}",
        "SELECTOR: {env: prod}\nselector: {team: blue}", "selector: {env: a, env: prod}", "selector: null",
        "other: [1, {a: b}]", "type: 5", "type: null\nselector: {env: prod}", "--- \nselector: {env: prod}\n---\nx",
        "selector: {env: \"pr\\u006fd\"}", "selector:\n  env: >-\n    prod\n", "selector:\n  env: |-\n    prod\n",
        "selector: { env : prod , }",
    ];
    pub(super) const BAD_VALUES: &[&str] = &[
        "foo", "5", "true", "[a]", "- a\n", "selector: x", "selector: [a]", "selector: 5", "selector: {env: [a]}",
        "selector: {env: {a: b}}", "type: [a]", "type: {a: b}", "selector: {env: prod", "a: b: c", "selector: {~: a}",
        "x: .nan", "\t- x", "selector:\n env: a\n  b: c\n", "@a", "selector: {? [a] : b}",
    ];
    pub(super) const DOMAIN_TEMPLATES: &[&str] = &[
        "{{.Name}}.{{.Namespace}}.{{.Domain}}", "{{.Name}}-{{.Namespace}}.{{.Domain}}", "{{.Name}}.{{.Domain}}",
        "{{.Namespace}}.{{.Name}}.{{.Domain}}", "{{ .Name }}.{{ index .Labels \"team\" }}.{{ .Domain }}",
        "{{.Name}}.{{index .Annotations \"sub\"}}.{{.Domain}}",
        "{{if .Labels.team}}{{.Name}}-{{.Labels.team}}{{else}}{{.Name}}{{end}}.{{.Domain}}",
        "{{ if eq .Namespace \"team-a\" }}{{.Name}}.a{{ else if index .Labels \"env\" }}{{.Name}}.b{{ else }}{{.Name}}.{{.Namespace}}{{ end }}.{{.Domain}}",
        "{{with index .Annotations \"sub\"}}{{.}}.{{end}}{{.Name}}.{{.Domain}}",
        "{{- .Name -}} . {{- /* comment */ -}} {{- .Domain -}} \n", "{{printf \"%s-%s.%s\" .Name .Namespace .Domain}}",
        "{{.Name}}.{{.Namespace | printf \"%s-%s\" \"ns\"}}.{{.Domain}}", "{{$n := .Name}}{{$n}}.{{$.Namespace}}.{{.Domain}}",
        "{{slice .Name 0 1}}-{{len .Name}}.{{.Domain}}", "{{.Name}}.{{printf \"%.3s\" .Namespace}}.{{.Domain}}",
        "{{or .Labels.team \"none\"}}.{{.Name}}.{{.Domain}}",
        "{{if and .Labels.env (ne .Labels.env \"dev\")}}live{{else}}dev{{end}}.{{.Name}}.{{.Domain}}",
        "{{.Name}}.{{index .Labels \"networking.knative.dev/visibility\"}}x.{{.Domain}}",
        "{{if not .Annotations}}a.{{end}}{{.Name}}.{{.Domain}}",
        "{{.Name}}.{{if lt (len .Name) 5}}short{{else}}long{{end}}.{{.Domain}}", "{{print .Name \".\" .Domain}}",
        "{{.Name}}.{{.Domain}}/", "{{.Name}}.{{.Domain}}.", "{{.Name}}_{{.Namespace}}.{{.Domain}}", "{{.Name}}",
        "{{.Name}}.{{len .Labels}}.{{.Domain}}",
        "{{with .Labels.team}}{{.}}{{else with .Labels.env}}{{.}}{{else}}no{{end}}.{{.Name}}.{{.Domain}}",
        "fixed.example.com", "{{.Name}}#x", "{{.Name}}.{{.Domain}}:80", "{{.Name}}@{{.Domain}}", " {{.Name}}.{{.Domain}}\t",
    ];
    pub(super) const BAD_TEMPLATES: &[&str] = &[
        "", "{{.Name}}/x.{{.Domain}}", "{{.Labels.team}}.{{.Domain}}", "{{.Name", "{{.Name}", "{{.Nope}}.{{.Domain}}",
        "{{.Tag}}", "{{end}}", "{{if .Name}}", "{{.Name}}.{{.Domain}}?x", "{{.Name}} {{.Domain}}", "{{foo .Name}}",
        "{{.Name | 5}}", "{{$x}}", "{{index .Labels 5}}.{{.Domain}}", "{{.Name.x}}", "{{nil}}", "{{printf}}",
        "{{.Name}}%", "{{.Name}}\\{{.Domain}}", "{{.}}", "{{.Name}}:x.{{.Domain}}", "{{slice .Name 9}}",
        "{{eq .Name 5}}", "{{\"a}}", "{{.Name}}.{{.Domain}}/?", "{{.Labels}}.{{.Domain}}",
    ];
    /// Templates put together from these are mostly wrong, in every way there is.
    pub(super) const PIECES: &[&str] = &[
        "{{", "}}", "- ", " -", "/* c */", ".Name", ".Namespace", ".Labels", ".env", ".Labels.env", ".", "$", "$x", " := ", " = ", " | ", "(", ")",
        "if ", "else ", "else", "end", "{{end}}", "{{else}}", "with ", "printf ", "index ", "slice ", "eq ", "ne ", "lt ", "and ", "or ", "not ", "len ", "print ",
        "println ", "\"%s\"", "\"a\"", "\"%v-%v\"", "\"%q\"", "\"%5.2s\"", "\"%d\"", "`b`", "12", "-3", "0", "1", " ", " ", " ", ",", ":", "true", "nil", "\"env\"", "x",
    ];
    pub(super) const LEFT_OUT: &[&str] = &[
        "{{range .Labels}}{{end}}{{.Name}}.{{.Domain}}", "{{.Name | urlquery}}.{{.Domain}}", "{{html .Name}}.{{.Domain}}",
    ];
    pub(super) const TAG_TEMPLATES: &[&str] = &[
        "{{.Tag}}-{{.Name}}", "{{.Name}}-{{.Tag}}", "{{.Tag}}.{{.Name}}",
        "{{if eq .Tag \"latest\"}}{{.Name}}{{else}}{{.Tag}}-{{.Name}}{{end}}", "x-{{.Tag}}", "{{.Tag}}_{{.Name}}",
        "{{.Name}}", "{{.Namespace}}", "", "{{.Tag",
    ];
    pub(super) const LABELS: &[(&str, &[&str])] = &[
        ("env", &["prod", "dev", ""]), ("team", &["blue", "green", "Blue_1"]), ("tier", &["gold"]), ("flag", &["true", "yes"]),
        ("count", &["1", "420", "1.5", "1000", "8", "31", "+Inf", "-1", "0.5", "1e+06", "1.2345679e+08", "12:30",
                    "2012-10-17", "3", "1e-07", "1.8446744e+19"]),
        ("true", &["a"]), (".inf", &["a"]), ("1", &["a"]),
    ];
    pub(super) const SETTINGS: &[(&str, &[&str])] = &[
        ("external-domain-tls", &["Enabled", "disabled", "x"]), ("auto-tls", &["ENABLED", "off"]), ("autoTLS", &["enabled", ""]),
        ("default-external-scheme", &["https", " http ", ""]), ("http-protocol", &["Redirected", "enabled", "on"]),
        ("rollout-duration", &["380", "-1", "1s", ""]), ("autocreate-cluster-domain-claims", &["true", "T", "yes", ""]),
        ("system-internal-tls", &["enabled", "x"]), ("cluster-local-domain-tls", &["Disabled", "on"]),
    ];
}
use lists::*;

/// A label of a name, mostly right, at lengths around the edges.
fn label(dice: &mut Dice) -> String {
    let length = match dice.below(24) {
        0 => 62 + dice.below(3),
        1 => 30 + dice.below(20),
        _ => 1 + dice.below(8),
    };
    let odd = dice.hits(24);
    let letters = if odd { "aZ_-. 9" } else { "abcz09" };
    let letters: Vec<char> = letters.chars().collect();
    let mut label: String = (0..length).map(|_| letters[dice.below(letters.len())]).collect();
    if length > 2 && dice.hits(4) {
        label.replace_range(1..2, "-");
    }
    label
}

fn domain_name(dice: &mut Dice) -> String {
    let labels: Vec<_> = (0..1 + dice.below(4)).map(|_| label(dice)).collect();
    labels.join(".")
}

fn quoted(dice: &mut Dice, text: &str) -> String {
    match dice.below(3) {
        0 => format!("'{text}'"),
        1 => format!("\"{text}\""),
        _ => text.to_owned(),
    }
}

/// A selector over the labels that Routes have, in one of YAML's ways to write it.
fn selector(dice: &mut Dice) -> String {
    let entries: Vec<_> = (0..dice.below(4))
        .map(|_| {
            let (key, values) = LABELS[dice.below(LABELS.len())];
            let (key, value) = (quoted(dice, key), dice.word(values).to_owned());
            format!("{key}: {}", quoted(dice, &value))
        })
        .collect();
    let text = match dice.below(4) {
        0 => format!("selector: {{{}}}", entries.join(", ")),
        1 => format!("{{\"selector\": {{{}}}}}", entries.join(" , ")),
        2 => format!("# why\nselector:   # which\n    {}\n", entries.join("\n    ")),
        _ => format!("selector:\n  {}\n", entries.join("\n  ")),
    };
    if dice.hits(4) {
        format!("{text}\ntype: {}\n", dice.word(&["wildcard", "''", "1"]))
    } else {
        text
    }
}

fn config_domain(dice: &mut Dice) -> BTreeMap<String, String> {
    let mut domain = BTreeMap::new();
    for _ in 0..dice.below(5) {
        let key = if dice.hits(12) { dice.word(ODD_DOMAINS) } else { dice.word(DOMAINS) };
        let key = if dice.hits(4) { &domain_name(dice) } else { key };
        if dice.hits(4) {
            domain.insert(key.to_owned(), selector(dice));
            continue;
        }
        let value = match dice.below(12) {
            0..=5 => dice.word(SELECTORS),
            6..=9 => dice.word(DEFAULTS),
            10 if dice.hits(3) => dice.word(BAD_VALUES),
            _ => dice.word(ODD_VALUES),
        };
        domain.insert(key.to_owned(), value.to_owned());
    }
    if dice.hits(3) {
        domain.insert("_example".to_owned(), "[ not yaml".to_owned());
    }
    domain
}

fn config_network(dice: &mut Dice) -> BTreeMap<String, String> {
    let mut network = BTreeMap::new();
    if dice.hits(2) {
        let key = if dice.hits(5) { "domainTemplate" } else { "domain-template" };
        if dice.hits(PIECED) {
            let text: String = (0..1 + dice.below(6)).map(|_| dice.word(PIECES)).collect();
            let text = if dice.hits(2) {
                format!("{{{{.Name}}}}{{{{{text}}}}}.{{{{.Domain}}}}")
            } else {
                format!("{{{{.Name}}}}{text}.{{{{.Domain}}}}")
            };
            network.insert(key.to_owned(), text);
            return network;
        }
        let template = match dice.below(24) {
            0 | 1 => dice.word(BAD_TEMPLATES),
            2 if dice.hits(4) => dice.word(LEFT_OUT),
            _ => dice.word(DOMAIN_TEMPLATES),
        };
        network.insert(key.to_owned(), template.to_owned());
    }
    if dice.hits(4) {
        let key = if dice.hits(5) { "tagTemplate" } else { "tag-template" };
        network.insert(key.to_owned(), dice.word(TAG_TEMPLATES).to_owned());
    }
    if dice.hits(5) {
        let (key, values) = SETTINGS[dice.below(SETTINGS.len())];
        network.insert(key.to_owned(), dice.word(values).to_owned());
    }
    network
}

fn route(dice: &mut Dice) -> Value {
    let mut labels = BTreeMap::new();
    for (key, values) in LABELS {
        if dice.hits(3) {
            labels.insert((*key).to_owned(), dice.word(values).to_owned());
        }
    }
    if dice.hits(6) {
        let value = dice.word(&["cluster-local", "private", "", "Cluster-Local"]);
        labels.insert("networking.knative.dev/visibility".to_owned(), value.to_owned());
    }
    let name = match dice.below(16) {
        0 => "a".repeat(53) + "-predictor",
        1 => "a".repeat(54) + "-predictor",
        3 => label(dice),
        4 => "a".repeat(40 + dice.below(26)),
        2 => dice.word(&["Iris", "iris_1", "-iris", "1iris", "iris.v1", "iris-"]).to_owned(),
        _ => dice.word(&["iris", "iris-predictor", "i", "a-predictor-b-predictor"]).to_owned(),
    };
    labels.insert("serving.knative.dev/service".to_owned(), name.clone());
    let mut annotations = BTreeMap::new();
    if dice.hits(2) {
        annotations.insert("sub".to_owned(), dice.word(&["x", "a.b", "", "Up"]).to_owned());
    }
    let tags = ["latest", "prev"].into_iter().filter(|_| dice.hits(4)).map(str::to_owned);
    let mut tags: Vec<String> = tags.collect();
    if dice.hits(8) {
        tags.push(label(dice));
    }
    let namespace = match dice.below(12) {
        2 => label(dice),
        0 => "n".repeat(63),
        1 => "n".repeat(64),
        _ => dice.word(&["team-a", "team-default", "default", "x-predictor"]).to_owned(),
    };
    json!({
        "name": name, "namespace": namespace, "labels": labels, "annotations": annotations,
        "tags": tags,
    })
}

/// What the program is asked: the two ConfigMaps, the domain that is taken without one, and a Route.
fn triple(dice: &mut Dice) -> Value {
    let default_domain = if dice.hits(6) { "example.com" } else { "svc.cluster.local" };
    let (domain, network) = (config_domain(dice), config_network(dice));
    let mut question = route(dice);
    question["default_domain"] = default_domain.into();
    question["domain"] = json!(domain);
    question["network"] = json!(network);
    question
}

fn triples(count: usize) -> Vec<Value> {
    let mut dice = Dice::new(0x9e37_79b9_7f4a_7c15);
    (0..count).map(|_| triple(&mut dice)).collect()
}

fn read<T: DeserializeOwned>(question: &Value, field: &str) -> T {
    serde_json::from_value(question[field].clone()).unwrap()
}

/// The model.
struct Ours;

impl Oracle for Ours {
    type Question = Value;
    type Answer = Vec<Said>;

    fn ask(&self, triples: &[Value]) -> Vec<Vec<Said>> {
        triples.iter().map(|triple| vec![modelled(triple)]).collect()
    }
}

fn modelled(triple: &Value) -> Said {
    match hosts(triple) {
        Ok(hosts) => Said::Is(json!({
            "host": hosts.host, "scheme": hosts.scheme, "cluster_local": hosts.cluster_local,
            "tags": hosts.tags,
        })),
        Err(refusal) => refusal,
    }
}

fn hosts(triple: &Value) -> Result<RouteHosts, Said> {
    let refused = |error: &dyn std::fmt::Display| Said::Refused(error.to_string());
    // What the templates leave out is named, and is not a refusal of Knative's.
    let left_out = |source: &TemplateError, error: &dyn std::fmt::Display| match source {
        TemplateError::Unsupported(_) => {
            let words = error.to_string();
            let named = words.split_once(" uses ").and_then(|(_, rest)| rest.split_once(", which"));
            Said::LeftOut(format!("a template uses {}", named.unwrap().0))
        }
        _ => refused(error),
    };
    let default_domain: String = read(triple, "default_domain");
    let domain: BTreeMap<String, String> = read(triple, "domain");
    let network: BTreeMap<String, String> = read(triple, "network");
    let domain = ConfigDomain::parse(&domain, &default_domain).map_err(|error| refused(&error))?;
    let network = ConfigNetwork::parse(&network).map_err(|error| match &error {
        ConfigNetworkError::Template { source, .. } => left_out(source, &error),
        other => refused(other),
    })?;
    let route = Route {
        name: read(triple, "name"),
        namespace: read(triple, "namespace"),
        labels: read(triple, "labels"),
        annotations: read(triple, "annotations"),
        tags: read(triple, "tags"),
    };
    route.hosts(&domain, &network).map_err(|error| match &error {
        RouteError::Template { source, .. } => left_out(source, &error),
        other => refused(other),
    })
}

/// Knative's own code.
struct Knative(Program);

impl Oracle for Knative {
    type Question = Value;
    type Answer = Vec<Said>;

    fn ask(&self, triples: &[Value]) -> Vec<Vec<Said>> {
        let said = |mut answer: Value| {
            let error = answer.as_object_mut().unwrap().remove("error").unwrap();
            vec![match error.as_str().unwrap() {
                "" => Said::Is(answer),
                error => Said::Refused(error.to_owned()),
            }]
        };
        self.0.ask(triples).into_iter().map(said).collect()
    }
}

#[test]
fn the_model_gives_the_hosts_that_are_recorded() {
    let recorded = Recorded::read(RECORDED);
    hold_alike("knative, recorded", &recorded.questions(), &Ours, &recorded, Value::to_string)
        .assert();
}

#[test]
#[ignore = "asks Knative's own code: make oracle"]
fn the_model_gives_the_hosts_that_knative_gives() {
    let Some(program) = Program::of_go("knative", "go.mod") else { return };
    let knative = Knative(program);
    record(RECORDED, &triples(250), &knative);
    hold_alike("knative", &triples(TRIPLES), &Ours, &knative, Value::to_string).assert();
}
