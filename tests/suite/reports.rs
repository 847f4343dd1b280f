//! Findings in every format, with their places; no format shows a token.

use std::collections::BTreeSet;
use std::path::Path;

use kserve_aws::finding::Code;
use kserve_aws::functions;
use serde_json::Value;

use crate::cases;
use crate::cases::command::{Answer, Memory};

const CONFIG: &str =
    include_str!("../../fixtures/set-ingress-params/door-load-balancer-second/config.yaml");
const INPUT: &str =
    include_str!("../../fixtures/set-ingress-params/door-load-balancer-second/input.yaml");
const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";
const CALL: [&str; 5] =
    ["fn", "set-ingress-params", "--config", "config.yaml", "gateway/input file.yaml"];
const FORMATS: [&str; 6] = ["human", "plain", "json", "github", "sarif", "junit"];

fn files() -> Memory {
    Memory::default().with_file("config.yaml", CONFIG).with_file("gateway/input file.yaml", INPUT)
}

fn run(arguments: &[&str]) -> Answer {
    files().run(&[&CALL[..], arguments].concat())
}

#[test]
fn each_format() {
    for format in FORMATS {
        let answer = run(&["--format", format]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{format}");
        insta::assert_snapshot!(format!("report-{format}"), answer.stderr);
    }
    insta::assert_snapshot!("report-human", run(&[]).stderr);
}

#[test]
fn a_finding_is_placed_where_it_stands() {
    let json: Value = serde_json::from_str(&run(&["--format", "json"]).stderr).unwrap();
    let place = &json["findings"][0]["place"];
    let (line, column) = (place["line"].as_u64().unwrap(), place["column"].as_u64().unwrap());
    let text = INPUT.lines().nth(line as usize - 1).unwrap();
    assert_eq!(&text[column as usize - 1..], "LoadBalancer");
    assert_eq!(place["file"], "gateway/input file.yaml");
    // In a second file, whose lines are counted anew; and in the configuration's file.
    let (first, second) = INPUT.split_at(INPUT.rfind("---\n").unwrap());
    let answer = Memory::default()
        .with_file("config.yaml", CONFIG.replace("loadBalancerScheme", "x"))
        .with_file("a.yaml", first)
        .with_file("b.yaml", second)
        .run(&["fn", "set-ingress-params", "--config", "config.yaml", "a.yaml", "b.yaml"]);
    assert!(answer.stderr.contains("b.yaml:8:9"), "{}", answer.stderr);
    let config = CONFIG.replace("acm:us-west-2:123456789012", "acm:us-west-2:12345");
    let answer = Memory::default()
        .with_file("config.yaml", config)
        .with_file("a.yaml", INPUT)
        .run(&["fn", "set-ingress-params", "--config", "config.yaml", "a.yaml"]);
    assert!(answer.stderr.contains("config.yaml:9:12"), "{}", answer.stderr);
}

/// Every command that reads files, in every way in which it reads them.
#[test]
fn a_file_that_cannot_be_parsed_is_named() {
    let broken = format!("kind: Secret\ndata: [{TOKEN}\nmore: {TOKEN}\n");
    let files = || {
        Memory::default()
            .with_file("broken.yaml", broken.as_str())
            .with_file("input.yaml", INPUT)
            .with_file("config.yaml", CONFIG)
            .with_file("a/broken.yaml", broken.as_str())
            .with_file("a/kustomization.yaml", "resources: [broken.yaml]\n")
    };
    let calls: &[&[&str]] = &[
        &["access", "broken.yaml"],
        &["check", "broken.yaml"],
        &["check", "input.yaml", "broken.yaml"],
        &["check", "input.yaml", "--config", "broken.yaml"],
        &["check", "input.yaml", "--accept", "broken.yaml"],
        &["check", "--fix", "broken.yaml"],
        &["fn", "set-ingress-params", "broken.yaml"],
        &["fn", "set-ingress-params", "--config", "broken.yaml", "input.yaml"],
        &["fn", "set-ingress-params", "--config", "config.yaml", "input.yaml", "broken.yaml"],
        &["hosts", "broken.yaml"],
        &["plan", "broken.yaml"],
        &["render", "a"],
        &["test", "a"],
        &["request", "broken.yaml"],
        &["trace", "http://example.com/", "broken.yaml"],
    ];
    for call in calls {
        let answer = files().run(call);
        assert_eq!(answer.code, 1, "{call:?}: {}", answer.stderr);
        // What a test fails with is its result.
        let (shown, other) = match call[0] {
            "test" => (&answer.stdout, &answer.stderr),
            _ => (&answer.stderr, &answer.stdout),
        };
        assert_eq!(other, "", "{call:?}");
        assert!(
            shown.contains("broken.yaml:3:5\n  │\n3 │ more: …\n  │     ^\n"),
            "{call:?}: {shown}"
        );
        assert!(!shown.contains(TOKEN), "{call:?}: {shown}");
    }
    let json = files().run(&["check", "broken.yaml", "--format", "json"]).stderr;
    let json: Value = serde_json::from_str(&json).unwrap();
    let place = &json["findings"][0]["place"];
    assert_eq!(place["file"], "broken.yaml");
    assert_eq!(place["line"], 3);
    let plain = files().run(&["check", "broken.yaml", "--format", "plain"]).stderr;
    assert!(plain.starts_with("[error] broken.yaml:3:5: expected "), "{plain}");
    // Under a host stdin is no file; by hand it has a name.
    let host = Memory::stdin(broken.as_str()).run(&["fn"]).stderr;
    assert!(host.starts_with("[error] line 3, column 5: expected "), "{host}");
    let pipe = Memory::stdin(broken.as_str()).run(&["check"]).stderr;
    assert!(pipe.contains(" stdin:3:5\n"), "{pipe}");
}

/// Of a field that is not known the key is wrong, whatever its value.
#[test]
fn an_unknown_field_is_marked_at_its_key() {
    let run = |config: &str| {
        Memory::default()
            .with_file("config.yaml", config)
            .with_file("input.yaml", INPUT)
            .run(&["fn", "set-ingress-params", "--config", "config.yaml", "input.yaml"])
            .stderr
    };
    let typed = CONFIG.replace("  certArn: ", "  cert_arn: ");
    assert!(run(&typed).contains("config.yaml:9:3"), "{}", run(&typed));
    assert!(run(&typed).contains("\n  │   ^^^^^^^^\n"), "{}", run(&typed));
    let above = CONFIG.replace("spec:\n", "spce: {}\nspec:\n");
    assert!(run(&above).contains("\n  │ ^^^^\n"), "{}", run(&above));
    let flat = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  certARN: x\n";
    assert!(run(flat).contains("config.yaml:6:3"), "{}", run(flat));
    assert!(run(flat).contains("\n  │   ^^^^^^^\n"), "{}", run(flat));
    // A known one with a wrong value is marked at the value.
    let wrong = CONFIG.replace("acm:us-west-2:123456789012", "acm:us-west-2:12345");
    assert!(run(&wrong).contains("config.yaml:9:12"), "{}", run(&wrong));
}

/// The last one that is applied wins, so it is the one that is shown.
#[test]
fn of_an_object_that_is_given_twice_the_last_is_shown() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: istio-ingressgateway, namespace: istio-system}\nspec: {selector: {istio: ingressgateway}, ports: [{port: 80}]}\n";
    let input = include_str!("../../fixtures/validate-serving-path/input.yaml");
    let answer = Memory::default()
        .with_file("one.yaml", input)
        .with_file("two.yaml", service)
        .with_file("three.yaml", service)
        .run(&["check", "--format", "github", "one.yaml", "two.yaml", "three.yaml"]);
    let place = "::error file=three.yaml,line=3,col=18,title=door-given-twice::";
    assert!(answer.stderr.contains(place), "{}", answer.stderr);
}

#[test]
fn sarif_has_what_code_scanning_reads() {
    let log: Value = serde_json::from_str(&run(&["--format", "sarif"]).stderr).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let index = result["ruleIndex"].as_u64().unwrap() as usize;
    let rule = &run["tool"]["driver"]["rules"][index];
    assert_eq!(rule["id"], result["ruleId"]);
    // Code scanning shows the rule's help beside the result.
    assert_eq!(rule["defaultConfiguration"]["level"], "error");
    for text in [&rule["shortDescription"], &rule["fullDescription"], &rule["help"]] {
        assert!(text["text"].as_str().unwrap().len() > 20, "{rule:#}");
    }
    let page = format!("]({})", rule["helpUri"].as_str().unwrap());
    assert!(rule["help"]["markdown"].as_str().unwrap().ends_with(&page), "{rule:#}");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "gateway/input%20file.yaml");
    let columns = [&place["region"]["startColumn"], &place["region"]["endColumn"]];
    let [start, end] = columns.map(|column| column.as_u64().unwrap());
    assert_eq!((end - start) as usize, "LoadBalancer".len());
}

/// Every fixture, in every format, with color: no token, whole or in an excerpt.
#[test]
fn no_format_shows_a_token() {
    let (mut reports, mut placed, mut all, mut named, mut fixed) = (0, 0, 0, 0, 0);
    for function in functions::ALL.iter() {
        for case in cases::all(function.name) {
            let secrets = case.secrets();
            for format in FORMATS {
                let answer = case.run(&["--format", format, "--color", "always"]);
                for secret in &secrets {
                    assert!(
                        !answer.stderr.contains(secret),
                        "{}/{}: {format} shows {secret:?}:\n{}",
                        function.name,
                        case.name,
                        answer.stderr
                    );
                }
                reports += 1;
                if format == "json" {
                    let json: Value = serde_json::from_str(&answer.stderr).unwrap();
                    for finding in json["findings"].as_array().unwrap() {
                        all += 1;
                        placed += usize::from(finding["place"]["line"].is_u64());
                        named += usize::from(finding["resource"].is_object());
                        fixed += usize::from(finding["fix"].is_object());
                    }
                }
            }
        }
    }
    assert!(reports > 2_000, "{reports}");
    println!(
        "{all} findings: {named} name an object, {placed} have a line, {fixed} a fix; {} codes, each with a page",
        Code::ALL.len()
    );
    // The others stand in a ResourceList, or on no object.
    assert!(placed * 10 > all * 7, "{placed} of {all} findings have a line");
}

#[test]
fn an_excerpt_hides_a_token_however_it_is_written() {
    let invalid = "\"0f5b1c2e9d8a4736a1b2c3d4e5f60718*\"";
    for written in [
        invalid.to_owned(),
        format!("{invalid} # {TOKEN}"),
        "\"\\x30f5b1c2e9d8a4736a1b2c3d4e5f60718*\"".to_owned(),
        "'ab*'".to_owned(),
    ] {
        let config = CONFIG.replace(&format!("- {TOKEN}"), &format!("- {written}"));
        let answer = Memory::default()
            .with_file("config.yaml", config)
            .with_file("input.yaml", INPUT)
            .run(&["fn", "set-ingress-params", "--config", "config.yaml", "input.yaml"]);
        assert_eq!(answer.code, 1, "{}", answer.stderr);
        assert!(answer.stderr.contains("config.yaml:11:5"), "{}", answer.stderr);
        for part in ["5b1c2e9d", "ab*"] {
            assert!(!answer.stderr.contains(part), "{}", answer.stderr);
        }
    }
}

#[test]
fn what_counts_and_what_is_printed() {
    let clean = INPUT.replace("  type: LoadBalancer\n", "");
    let config = CONFIG.replace(TOKEN, "q8Zr2kLm");
    let short = |arguments: &[&str]| {
        Memory::default()
            .with_file("config.yaml", config.as_str())
            .with_file("input.yaml", clean.as_str())
            .run(
                &[
                    &["fn", "set-ingress-params", "--config", "config.yaml", "input.yaml"],
                    arguments,
                ]
                .concat(),
            )
    };
    let answer = short(&[]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stderr.ends_with("0 errors, 1 warning\n"), "{}", answer.stderr);
    let answer = short(&["--fail-on", "warning"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert_eq!(short(&["--quiet"]).stderr, "");
    assert!(short(&["--quiet", "--fail-on", "warning"]).stderr.contains("token-short"));
    assert!(!short(&["--color", "auto"]).stderr.contains('\u{1b}'));
    assert!(short(&["--color", "always"]).stderr.contains('\u{1b}'));
}

/// What was there before counts no more, wherever its line has moved to; another opening does.
#[test]
fn a_baseline_counts_what_is_new() {
    let memory = files();
    let written = memory.written.clone();
    let answer = memory.run(&[&CALL[..], &["--write-baseline", "baseline.json"]].concat());
    assert_eq!(answer.code, 1);
    let baseline = written.borrow()[Path::new("baseline.json")].clone();
    let text = String::from_utf8(baseline.clone()).unwrap();
    assert!(!text.contains(TOKEN) && !text.contains("\"line\""), "{text}");
    let with = |input: &str| {
        Memory::default()
            .with_file("config.yaml", CONFIG)
            .with_file("gateway/input file.yaml", input)
            .with_file("baseline.json", baseline.as_slice())
            .run(&[&CALL[..], &["--baseline", "baseline.json"]].concat())
    };
    let answer = with(&format!("# moved\n\n{INPUT}"));
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stderr.ends_with("0 errors, 0 warnings, 1 accepted\n"), "{}", answer.stderr);
    let service = &INPUT[INPUT.rfind("---\n").unwrap()..];
    let answer = with(&format!("{INPUT}{}", service.replace("gateway-nlb", "gateway-second")));
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    // One that is mended says nothing.
    let answer = with(&INPUT.replace("  type: LoadBalancer\n", ""));
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}

#[test]
fn under_a_host_a_finding_is_one_line() {
    let list = cases::resource_list(
        Some(
            &serde_json::json!({"apiVersion": "fn.kserve-aws.dev/v1alpha1", "kind": "IngressParams"}),
        ),
        &[],
    );
    let answer = Memory::stdin(list.to_string()).run(&["fn"]);
    assert_eq!(answer.code, 1);
    let lines: BTreeSet<bool> = answer.stderr.lines().map(|line| line.starts_with('[')).collect();
    assert_eq!(lines, BTreeSet::from([true]), "{}", answer.stderr);
}

#[test]
fn the_configuration_picks_the_function_and_a_folder_gives_its_manifests() {
    let expected = run(&[]);
    let named = files().run(&["fn", "--config", "config.yaml", "gateway/input file.yaml"]);
    assert_eq!(named, expected);
    let inside = || files().with_file("gateway/config.yaml", CONFIG);
    let folder = inside().run(&["fn", "--config", "gateway/config.yaml", "gateway"]);
    assert_eq!(folder, expected);
    let refused = inside().with_file("gateway/kustomization.yaml", "resources: []\n").run(&[
        "fn",
        "--config",
        "gateway/config.yaml",
        "gateway",
    ]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert!(refused.stderr.contains("kserve-aws render gateway"), "{}", refused.stderr);
    let empty = Memory::default()
        .with_file("config.yaml", CONFIG)
        .with_file("notes/a.txt", "")
        .run(&["fn", "--config", "config.yaml", "notes"]);
    assert_eq!(empty.code, 1, "{}", empty.stderr);
}

#[test]
fn a_schema_has_the_name_of_its_function_as_well() {
    for function in functions::ALL.iter() {
        let schemas =
            [function.kind, function.name].map(|what| Memory::default().run(&["schema", what]));
        assert_eq!((schemas[0].code, &schemas[0]), (0, &schemas[1]));
    }
    // What the report has is what its schema says.
    let schema = Memory::default().run(&["schema", "findings"]).stdout;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let report: Value = serde_json::from_str(&run(&["--format", "json"]).stderr).unwrap();
    let reported = &schema["$defs"]["Reported"]["properties"];
    let finding = report["findings"][0].as_object().unwrap();
    assert!(finding.keys().all(|key| reported.get(key).is_some()), "{reported:#}");
    insta::assert_snapshot!("schema-findings", format!("{schema:#}"));
}
