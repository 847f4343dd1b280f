//! No token is ever shown: random packages in which one stands at least once where it means something,
//! and anywhere else besides. `KSERVE_AWS_REDACTIONS` sets how many.

use std::path::Path;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use test_support::Dice;

use crate::cases;
use crate::cases::command::{Memory, fn_on_stdin};

const PREFIX: &str = "alb.ingress.kubernetes.io";
const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
const FUNCTIONS: [(&str, &str); 3] = [
    ("set-ingress-params", "IngressParams"),
    ("generate-dns-records", "ServingDNS"),
    ("plan-certificate", "ServingCertificate"),
];

/// The commands that print what they know of a package.
const OVERVIEWS: [(&str, &[&str]); 7] = [
    ("hosts", &["hosts"]),
    ("hosts as JSON", &["hosts", "--format", "json"]),
    ("plan", &["plan"]),
    ("check", &["check", "--format", "json"]),
    ("trace", &["trace", "--all", "--format", "json"]),
    ("access", &["access"]),
    ("request", &["request"]),
];

fn count() -> u64 {
    let count = std::env::var("KSERVE_AWS_REDACTIONS").ok();
    count.map_or(400, |count| count.parse().unwrap())
}

/// A token as people make them: hexadecimal, Base64, with signs, short, or very long.
fn token(dice: &mut Dice) -> String {
    let (letters, length): (&[u8], usize) = match dice.below(6) {
        0 => (b"0123456789abcdef", 32),
        1 => (
            b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/",
            24 + dice.below(30),
        ),
        2 => (b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789!#%&()-.;<>@^_{|}~\"'\\", 12 + dice.below(20)),
        // One of fewer letters stands in other words.
        3 => (b"bcdfghjklmnpqrstvwxz0123456789", 5 + dice.below(3)),
        4 => (b"abcdefghijklmnopqrstuvwxyz0123456789", 8 + dice.below(5)),
        _ => (b"abcdefghijklmnopqrstuvwxyz0123456789", 100 + dice.below(400)),
    };
    (0..length).map(|_| char::from(*dice.pick(letters))).collect()
}

/// Case and signs as Go's decoder folds them.
fn folded(dice: &mut Dice, key: &str) -> String {
    match dice.below(4) {
        0 => key.to_owned(),
        1 => key.to_ascii_uppercase(),
        2 => key.to_ascii_lowercase(),
        _ => key.replace('s', "\u{17f}").replace('K', "\u{212a}"),
    }
}

/// A condition that compares the token.
fn condition(dice: &mut Dice, token: &str) -> String {
    let values = if dice.hits(3) { "regexValues" } else { "values" };
    let mut config = Map::new();
    config.insert(folded(dice, "httpHeaderName"), "x-api-key".into());
    config.insert(folded(dice, values), json!([token]));
    let mut condition = Map::new();
    condition.insert(folded(dice, "field"), "http-header".into());
    condition.insert(folded(dice, "httpHeaderConfig"), config.into());
    json!([condition]).to_string()
}

/// What a hand that slipped makes of a token.
fn pasted(dice: &mut Dice, token: &str) -> String {
    let encoded = STANDARD.encode(token);
    let form = dice.word(&[
        "T", "[\"T\"]", "T=1", "a=T,b", "arn:aws:acm:us-west-2:T", "$(T)", "T.example.com", "https://T/x",
        "{\"type\":\"T\"}", "[{\"field\":\"T\"}]", "^(T|x)$", "/T/*", "E", "us-west-2:E", "U", "T,", "Bearer T",
        "[{\"field\":\"http-header\",\"httpHeaderConfig\":{\"httpHeaderName\":\"T\",\"values\":[\"x-api-key\"]}}]",
        "[{\"field\":\"path-pattern\",\"pathPatternConfig\":{\"regexValues\":[\"^/T/.*\"]}}]",
    ]);
    let text = match dice.below(4) {
        0 => token.to_ascii_uppercase(),
        _ => token.to_owned(),
    };
    let inner = json!(text).to_string();
    // In JSON it is written as JSON does.
    let text =
        if form.starts_with(['[', '{']) { inner[1..inner.len() - 1].to_owned() } else { text };
    match (form.contains('T'), form.contains('E')) {
        (true, _) => form.replace('T', &text),
        (_, true) => form.replace('E', &encoded),
        _ => form.replace('U', &URL_SAFE_NO_PAD.encode(token)),
    }
}

struct Package {
    config: Value,
    items: Vec<Value>,
}

fn package(dice: &mut Dice, kind: &str, token: &str) -> Package {
    let mut annotations = json!({ "kubernetes.io/ingress.class": "alb" });
    let mut spec = Map::new();
    if kind == "IngressParams" {
        spec.insert("certArn".to_owned(), ARN.into());
    }
    let mut items = Vec::new();
    let mut meant = dice.below(5);
    if kind != "IngressParams" && meant < 3 {
        meant = 4;
    }
    match meant {
        0 => {
            let previous = json!({ "previous": token });
            let entry = if dice.hits(3) { previous } else { json!(token) };
            spec.insert("httpHeaderValues".to_owned(), json!([entry]));
        }
        1 | 2 => {
            let (kind, key) =
                if meant == 1 { ("Secret", "secret") } else { ("ConfigMap", "configMap") };
            let field = dice.word(&["httpHeaderValues", "httpHeaderValue", "http-header-values"]);
            let previous = json!(["9c41d7b06e2f4a5db83c17e6f0a9d254", { "previous": token }]);
            let list = if dice.hits(3) { previous } else { json!([token]) }.to_string();
            let list = if dice.hits(4) { format!("['{token}']") } else { list };
            let text = if kind == "Secret" { STANDARD.encode(list) } else { list };
            spec.insert("paramsFrom".to_owned(), json!([{ key: { "name": "params" } }]));
            items.push(json!({
                "apiVersion": "v1", "kind": kind, "metadata": { "name": "params" },
                "data": { field: text },
            }));
        }
        _ => {
            let text = condition(dice, token);
            annotations[format!("{PREFIX}/conditions.istio-ingressgateway")] = text.into();
        }
    }
    for _ in 0..dice.below(4) {
        let text = pasted(dice, token);
        let suffixes = &kserve_aws::controllers::alb::SUFFIXES;
        // The name of an object or a field is shown, where it is a short word.
        match dice.below(if token.len() < 8 { 4 } else { 6 }) {
            0 => annotations[format!("{PREFIX}/{}", dice.word(suffixes))] = text.into(),
            1 => annotations[format!("{PREFIX}/actions.istio-ingressgateway")] = text.into(),
            2 => annotations[format!("{PREFIX}/conditions.other")] = text.into(),
            3 => {
                let field = dice.word(&[
                    "certArn",
                    "httpHeaderName",
                    "hosts",
                    "domain",
                    "zone",
                    "overlay",
                    "x",
                ]);
                spec.insert(
                    field.to_owned(),
                    if dice.hits(3) { json!([text]) } else { text.into() },
                );
            }
            4 => annotations[format!("{PREFIX}/conditions.{token}")] = text.into(),
            _ => {
                spec.insert(text, "x".into());
            }
        }
    }
    let mut rule = json!({ "http": { "paths": [{
        "path": "/*", "pathType": "ImplementationSpecific",
        "backend": { "service": { "name": "istio-ingressgateway", "port": { "number": 80 } } },
    }] } });
    match dice.below(8) {
        0 => rule["host"] = pasted(dice, token).into(),
        1 => rule["http"]["paths"][0]["path"] = pasted(dice, token).into(),
        2 => rule["http"]["paths"][0]["backend"]["service"]["name"] = token.into(),
        _ => {}
    }
    let name = if token.len() >= 8 && dice.hits(20) { token } else { "istio-ingress" };
    items.push(json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": { "name": name, "namespace": "istio-system", "annotations": annotations },
        "spec": { "rules": [rule] },
    }));
    let config = json!({
        "apiVersion": "fn.kserve-aws.dev/v1alpha1", "kind": kind, "metadata": { "name": "x" }, "spec": spec,
    });
    Package { config, items }
}

/// What must not be shown of a token: it, and its Base64, in any case.
fn forms(token: &str) -> Vec<String> {
    let quoted = json!(token).to_string();
    [
        token.to_owned(),
        quoted[1..quoted.len() - 1].to_owned(),
        STANDARD.encode(token),
        URL_SAFE_NO_PAD.encode(token),
    ]
    .iter()
    .map(|form| form.to_ascii_lowercase())
    .collect()
}

/// The report of a run on files, with places, carets and fixes, in one of the formats; and the baseline.
fn reported(seed: u64, name: &str, config: &Value, items: &[Value]) -> (String, String) {
    const FORMATS: [&str; 5] = ["human", "json", "sarif", "github", "junit"];
    let texts: Vec<String> = items.iter().map(|item| format!("{item:#}\n")).collect();
    let files = Memory::default()
        .with_file("config.yaml", format!("{config:#}\n"))
        .with_file("input.yaml", texts.join("---\n"));
    let written = Rc::clone(&files.written);
    let format = FORMATS[usize::try_from(seed).unwrap() % FORMATS.len()];
    let call = ["fn", name, "--config", "config.yaml", "input.yaml"];
    let options = ["--format", format, "--write-baseline", "baseline.json"];
    let report = files.run(&[&call[..], &options].concat()).stderr;
    let baseline = written.borrow().get(Path::new("baseline.json")).cloned();
    (report, String::from_utf8(baseline.unwrap_or_default()).unwrap())
}

#[test]
fn a_token_that_means_something_is_never_shown() {
    let (mut shown, mut findings, mut changes) = (0, 0, 0);
    for seed in 0..count() {
        let mut dice = Dice::new(seed);
        let (name, kind) = *dice.pick(&FUNCTIONS);
        let token = token(&mut dice);
        let Package { config, items } = package(&mut dice, kind, &token);
        let list = cases::resource_list(Some(&config), &items).to_string();
        let answer = fn_on_stdin(name, None, &list, &[]);
        let results = Value::Array(cases::forms::results(&answer.stdout)).to_string();
        let dry = fn_on_stdin(name, None, &list, &["--dry-run"]);
        // A configuration is the list's own, or an object among the others.
        let overview = if dice.hits(2) {
            list.clone()
        } else {
            cases::resource_list(None, &[std::slice::from_ref(&config), &items[..]].concat())
                .to_string()
        };
        let overviews =
            OVERVIEWS.map(|(name, args)| (name, Memory::stdin(overview.clone()).run(args)));
        let (report, baseline) = reported(seed, name, &config, &items);
        findings += answer.stderr.lines().count();
        changes += usize::from(dry.stdout.len() > 4);
        for (what, text) in
            [
                ("stderr", &answer.stderr),
                ("results", &results),
                ("--dry-run", &dry.stdout),
                ("stderr of --dry-run", &dry.stderr),
                ("a report", &report),
                ("a baseline", &baseline),
            ]
            .into_iter()
            .chain(overviews.iter().flat_map(|(name, overview)| {
                [(*name, &overview.stderr), (*name, &overview.stdout)]
            }))
        {
            shown += usize::from(text.contains('…'));
            let text = text.to_ascii_lowercase();
            for form in forms(&token) {
                assert!(
                    !text.contains(&form),
                    "seed {seed}, {name}, {what}: {token}\n{overview}\n{text}"
                );
            }
        }
    }
    // The property says something: there are findings and changes, with holes in them.
    let least = usize::try_from(count()).unwrap() / 4;
    assert!(
        findings > least && shown > least && changes > least / 8,
        "{findings} {shown} {changes}"
    );
}

#[test]
fn dry_run_hides_tokens_unless_they_are_asked_for() {
    let config = json!({
        "apiVersion": "fn.kserve-aws.dev/v1alpha1", "kind": "IngressParams", "metadata": { "name": "x" },
        "spec": { "certArn": ARN, "httpHeaderValues": ["q8Zr2kLm9xWv4tYp"] },
    });
    let ingress = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": { "name": "a", "namespace": "b", "annotations": { "kubernetes.io/ingress.class": "alb" } },
        "spec": { "rules": [{ "http": { "paths": [{
            "path": "/*", "pathType": "ImplementationSpecific",
            "backend": { "service": { "name": "istio-ingressgateway", "port": { "number": 80 } } },
        }] } }] },
    });
    let list = cases::resource_list(Some(&config), &[ingress]).to_string();
    let name = "set-ingress-params";
    let hidden = fn_on_stdin(name, None, &list, &["--dry-run"]);
    assert!(hidden.stdout.contains(r#"\"values\":[\"…\"]"#), "{}", hidden.stdout);
    let shown = fn_on_stdin(name, None, &list, &["--dry-run", "--show-tokens"]);
    assert!(shown.stdout.contains("q8Zr2kLm9xWv4tYp"), "{}", shown.stdout);
    let alone = fn_on_stdin(name, None, &list, &["--show-tokens"]);
    assert_eq!((alone.code, alone.stdout.as_str()), (2, ""));
}

/// What a program in a container reads, and what the load balancer compares by way of another object: the line that
/// a finding shows of it has none.
#[test]
fn a_line_of_any_object_shows_no_token() {
    const TOKEN: &str = "q8Zr2kLm9xWv4tYp";
    const ISVC: &str = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\n";
    let condition = "[{\\\"field\\\":\\\"http-header\\\",\\\"httpHeaderConfig\\\":{\\\"httpHeaderName\\\":\\\"x-api-key\\\",\\\"values\\\":[\\\"TOKEN\\\"]}}]";
    for text in [
        format!(
            "{ISVC}metadata: {{name: a, namespace: b}}\nspec: {{predictor: {{containers: [{{name: kserve-container, args: [--api-key=TOKEN], env: [{{name: HF_TOKEN, value: TOKEN}}]}}]}}}}\n"
        ),
        format!(
            "{ISVC}metadata: {{name: a, namespace: b, annotations: {{\"alb.ingress.kubernetes.io/conditions.a\": \"{condition}\"}}}}\nspec: {{predictor: {{containers: [{{name: kserve-container}}]}}}}\n"
        ),
        "apiVersion: gateway.k8s.aws/v1beta1\nkind: ListenerRuleConfiguration\nmetadata: {name: a, namespace: b}\nspec: {conditions: [{field: http-header, httpHeaderConfig: {httpHeaderName: x-api-key, values: [TOKEN]}}], actions: many}\n".to_owned(),
    ] {
        let text = text.replace("TOKEN", TOKEN);
        for call in [
            &["check", "a.yaml"][..],
            &["fn", "generate-authorization-policies", "--dry-run", "a.yaml"],
            &["hosts", "a.yaml", "--format", "sarif"],
        ] {
            let answer = Memory::default().with_file("a.yaml", text.as_str()).run(call);
            assert!(!answer.stderr.contains(TOKEN), "{call:?}: {}", answer.stderr);
        }
    }
}
