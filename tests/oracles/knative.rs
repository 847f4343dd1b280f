//! Knative Serving's own code is the judge of the hosts that the model gives: generated triples of
//! `config-domain`, `config-network` and Route, asked of the program in `oracles/knative`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use kserve_aws::controllers::knative::{
    ConfigDomain, ConfigNetwork, ConfigNetworkError, Route, RouteError, RouteHosts,
};
use kserve_aws::go::template::TemplateError;
use serde_json::{Value, json};

const TRIPLES: usize = 12_000;
/// One template in so many is put together from pieces.
const PIECED: usize = 12;

/// A small generator with a fixed seed: the same triples on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % sides
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len())]
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }
}

#[derive(Debug)]
struct Triple {
    default_domain: &'static str,
    domain: BTreeMap<String, String>,
    network: BTreeMap<String, String>,
    route: Route,
}

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
    let length = match dice.roll(24) {
        0 => 62 + dice.roll(3),
        1 => 30 + dice.roll(20),
        _ => 1 + dice.roll(8),
    };
    let odd = dice.one_in(24);
    let letters = if odd { "aZ_-. 9" } else { "abcz09" };
    let letters: Vec<char> = letters.chars().collect();
    let mut label: String = (0..length).map(|_| letters[dice.roll(letters.len())]).collect();
    if length > 2 && dice.one_in(4) {
        label.replace_range(1..2, "-");
    }
    label
}

fn domain_name(dice: &mut Dice) -> String {
    let labels: Vec<_> = (0..1 + dice.roll(4)).map(|_| label(dice)).collect();
    labels.join(".")
}

fn quoted(dice: &mut Dice, text: &str) -> String {
    match dice.roll(3) {
        0 => format!("'{text}'"),
        1 => format!("\"{text}\""),
        _ => text.to_owned(),
    }
}

/// A selector over the labels that Routes have, in one of YAML's ways to write it.
fn selector(dice: &mut Dice) -> String {
    let entries: Vec<_> = (0..dice.roll(4))
        .map(|_| {
            let (key, values) = LABELS[dice.roll(LABELS.len())];
            let (key, value) = (quoted(dice, key), dice.pick(values).to_owned());
            format!("{key}: {}", quoted(dice, &value))
        })
        .collect();
    let text = match dice.roll(4) {
        0 => format!("selector: {{{}}}", entries.join(", ")),
        1 => format!("{{\"selector\": {{{}}}}}", entries.join(" , ")),
        2 => format!("# why\nselector:   # which\n    {}\n", entries.join("\n    ")),
        _ => format!("selector:\n  {}\n", entries.join("\n  ")),
    };
    if dice.one_in(4) {
        format!("{text}\ntype: {}\n", dice.pick(&["wildcard", "''", "1"]))
    } else {
        text
    }
}

fn config_domain(dice: &mut Dice) -> BTreeMap<String, String> {
    let mut domain = BTreeMap::new();
    for _ in 0..dice.roll(5) {
        let key = if dice.one_in(12) { dice.pick(ODD_DOMAINS) } else { dice.pick(DOMAINS) };
        let key = if dice.one_in(4) { &domain_name(dice) } else { key };
        if dice.one_in(4) {
            domain.insert(key.to_owned(), selector(dice));
            continue;
        }
        let value = match dice.roll(12) {
            0..=5 => dice.pick(SELECTORS),
            6..=9 => dice.pick(DEFAULTS),
            10 if dice.one_in(3) => dice.pick(BAD_VALUES),
            _ => dice.pick(ODD_VALUES),
        };
        domain.insert(key.to_owned(), value.to_owned());
    }
    if dice.one_in(3) {
        domain.insert("_example".to_owned(), "[ not yaml".to_owned());
    }
    domain
}

fn config_network(dice: &mut Dice) -> BTreeMap<String, String> {
    let mut network = BTreeMap::new();
    if dice.one_in(2) {
        let key = if dice.one_in(5) { "domainTemplate" } else { "domain-template" };
        if dice.one_in(PIECED) {
            let text: String = (0..1 + dice.roll(6)).map(|_| dice.pick(PIECES)).collect();
            let text = if dice.one_in(2) {
                format!("{{{{.Name}}}}{{{{{text}}}}}.{{{{.Domain}}}}")
            } else {
                format!("{{{{.Name}}}}{text}.{{{{.Domain}}}}")
            };
            network.insert(key.to_owned(), text);
            return network;
        }
        let template = match dice.roll(24) {
            0 | 1 => dice.pick(BAD_TEMPLATES),
            2 if dice.one_in(4) => dice.pick(LEFT_OUT),
            _ => dice.pick(DOMAIN_TEMPLATES),
        };
        network.insert(key.to_owned(), template.to_owned());
    }
    if dice.one_in(4) {
        let key = if dice.one_in(5) { "tagTemplate" } else { "tag-template" };
        network.insert(key.to_owned(), dice.pick(TAG_TEMPLATES).to_owned());
    }
    if dice.one_in(5) {
        let (key, values) = SETTINGS[dice.roll(SETTINGS.len())];
        network.insert(key.to_owned(), dice.pick(values).to_owned());
    }
    network
}

fn route(dice: &mut Dice) -> Route {
    let mut labels = BTreeMap::new();
    for (key, values) in LABELS {
        if dice.one_in(3) {
            labels.insert((*key).to_owned(), dice.pick(values).to_owned());
        }
    }
    if dice.one_in(6) {
        let value = dice.pick(&["cluster-local", "private", "", "Cluster-Local"]);
        labels.insert("networking.knative.dev/visibility".to_owned(), value.to_owned());
    }
    let name = match dice.roll(16) {
        0 => "a".repeat(53) + "-predictor",
        1 => "a".repeat(54) + "-predictor",
        3 => label(dice),
        4 => "a".repeat(40 + dice.roll(26)),
        2 => dice.pick(&["Iris", "iris_1", "-iris", "1iris", "iris.v1", "iris-"]).to_owned(),
        _ => dice.pick(&["iris", "iris-predictor", "i", "a-predictor-b-predictor"]).to_owned(),
    };
    labels.insert("serving.knative.dev/service".to_owned(), name.clone());
    let mut annotations = BTreeMap::new();
    if dice.one_in(2) {
        annotations.insert("sub".to_owned(), dice.pick(&["x", "a.b", "", "Up"]).to_owned());
    }
    let tags = ["latest", "prev"].into_iter().filter(|_| dice.one_in(4)).map(str::to_owned);
    let mut tags: Vec<String> = tags.collect();
    if dice.one_in(8) {
        tags.push(label(dice));
    }
    let namespace = match dice.roll(12) {
        2 => label(dice),
        0 => "n".repeat(63),
        1 => "n".repeat(64),
        _ => dice.pick(&["team-a", "team-default", "default", "x-predictor"]).to_owned(),
    };
    Route { name, namespace, labels, annotations, tags }
}

fn triple(dice: &mut Dice) -> Triple {
    Triple {
        default_domain: if dice.one_in(6) { "example.com" } else { "svc.cluster.local" },
        domain: config_domain(dice),
        network: config_network(dice),
        route: route(dice),
    }
}

/// The model's answer, and whether a refusal is only of what the templates leave out.
fn modelled(triple: &Triple) -> Result<RouteHosts, (String, bool)> {
    let left_out = |source: &TemplateError| matches!(source, TemplateError::Unsupported(_));
    let domain = ConfigDomain::parse(&triple.domain, triple.default_domain)
        .map_err(|error| (error.to_string(), false))?;
    let network = ConfigNetwork::parse(&triple.network).map_err(|error| {
        let named =
            matches!(&error, ConfigNetworkError::Template { source, .. } if left_out(source));
        (error.to_string(), named)
    })?;
    triple.route.hosts(&domain, &network).map_err(|error| {
        let named = matches!(&error, RouteError::Template { source, .. } if left_out(source));
        (error.to_string(), named)
    })
}

fn question(triple: &Triple) -> Value {
    json!({
        "default_domain": triple.default_domain, "domain": triple.domain, "network": triple.network,
        "name": triple.route.name, "namespace": triple.route.namespace, "labels": triple.route.labels,
        "annotations": triple.route.annotations, "tags": triple.route.tags,
    })
}

/// Builds the program; `None` where Go or its modules are missing.
fn program() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/knative");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("knative-oracle");
    let mut build = Command::new("go");
    build.arg("build").arg("-o").arg(&program).arg(".").current_dir(source);
    let missing = match build.output() {
        Ok(built) if built.status.success() => return Some(program),
        Ok(built) => String::from_utf8_lossy(&built.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    assert!(
        std::env::var_os("KSERVE_AWS_REQUIRE_HOSTS").is_none(),
        "no oracle of Knative: {missing}"
    );
    let reason = missing.lines().next().unwrap_or_default();
    println!("skipped: Knative's own code cannot be asked ({reason})");
    None
}

fn answers(program: &Path, triples: &[Triple]) -> Vec<Value> {
    let mut command = Command::new(program);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let questions: String =
        triples.iter().map(|triple| question(triple).to_string() + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(questions.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_model_gives_the_hosts_that_knative_gives() {
    let Some(program) = program() else { return };
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let triples: Vec<_> = (0..TRIPLES).map(|_| triple(&mut dice)).collect();
    let answers = answers(&program, &triples);
    assert_eq!(answers.len(), triples.len());
    let (mut same, mut refused, mut left_out) = (0, 0, 0);
    let mut differences = Vec::new();
    let mut named_parts = BTreeSet::new();
    for (triple, answer) in triples.iter().zip(&answers) {
        let error = answer["error"].as_str().unwrap();
        match modelled(triple) {
            Ok(hosts) => {
                let ours = json!({
                    "error": "", "host": hosts.host, "scheme": hosts.scheme,
                    "cluster_local": hosts.cluster_local, "tags": hosts.tags,
                });
                if ours == *answer {
                    same += 1;
                } else {
                    differences.push(format!("{triple:?}\n  model   {ours}\n  knative {answer}"));
                }
            }
            Err(_) if !error.is_empty() => refused += 1,
            Err((ours, true)) => {
                let named =
                    ours.split_once(" uses ").and_then(|(_, rest)| rest.split_once(", which"));
                named_parts.insert(named.unwrap().0.to_owned());
                left_out += 1;
            }
            Err((ours, false)) => {
                differences.push(format!("{triple:?}\n  model   {ours}\n  knative {answer}"));
            }
        }
    }
    println!(
        "Knative: {} triples: {same} with the same hosts, {refused} refused by both, {left_out} \
         with a template that is left out and named ({}), {} different",
        triples.len(),
        named_parts.into_iter().collect::<Vec<_>>().join(", "),
        differences.len()
    );
    assert!(differences.is_empty(), "{}", differences[..differences.len().min(12)].join("\n"));
    // The generator is worth nothing where nearly everything is refused.
    assert!(same > TRIPLES / 2 && refused > TRIPLES / 20, "{same} the same, {refused} refused");
    assert!(left_out < TRIPLES / 50);
}
