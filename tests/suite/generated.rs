//! What is generated is what is checked in: in `functions/<name>`, the schema, the definition, kpt's
//! metadata and the parts of the README between `<!-- generated: … -->` and `<!-- /generated -->`;
//! and the `--help` texts. `UPDATE_EXPECTED=1` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cases::command::Memory;
use kserve_aws::finding::Code;
use kserve_aws::functions;
use kserve_aws::runtime::Registered;
use kustomize_types::KrmFunctionDefinition;
use kustomize_types::function_definition::{
    ContainerRuntime, FunctionDefinitionSpec, FunctionNames, FunctionRuntime, FunctionSchema,
    FunctionVersion,
};
use serde_json::Value;

use crate::cases;

const SITE: &str = "https://github.com/kserve-aws/kserve-aws";
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn folder(function: &Registered) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("functions").join(function.name)
}

/// The functions that have a README to complete.
fn shipped() -> impl Iterator<Item = &'static Registered> {
    functions::ALL.iter().filter(|function| folder(function).join("README.md").exists())
}

fn expect(path: &Path, found: &str) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, found).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(
        expected,
        found,
        "{} is not what is generated; UPDATE_EXPECTED=1 writes it anew",
        path.display()
    );
}

/// The schema of a function's configuration, made of its Rust type.
fn schema(function: &Registered) -> Value {
    let place = functions::ALL.iter().position(|other| other.name == function.name).unwrap();
    functions::generated_schemas().swap_remove(place)
}

fn image(function: &Registered) -> String {
    format!("ghcr.io/kserve-aws/{}:v{VERSION}", function.name)
}

/// The examples of a function, and the addresses of their folders.
fn examples(function: &Registered) -> Vec<String> {
    let entries = fs::read_dir(folder(function).join("examples")).into_iter().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let address = |name| format!("{SITE}/tree/main/functions/{}/examples/{name}", function.name);
    names.into_iter().map(address).collect()
}

#[test]
fn schemas() {
    for function in functions::ALL.iter() {
        let path = folder(function).join("schema.json");
        expect(&path, &format!("{:#}\n", schema(function)));
        // The file is in the program, as it was when that was built.
        let printed = Memory::default().run(&["schema", function.kind]);
        assert_eq!((printed.code, printed.stdout.as_str()), (0, &*function.schema()));
    }
}

/// The editor's line of a configuration that is shipped: the address of its schema. It is a comment, which
/// no rendered output has.
#[test]
fn shipped_configurations_name_their_schema() {
    const LINE: &str = "# yaml-language-server: $schema=";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = ["awsconfigs", "functions", "examples"].map(|name| root.join(name)).to_vec();
    let mut configurations = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_manifest = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
            if !is_manifest {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for document in text.split("\n---\n") {
                let has = |key: &str| {
                    document.lines().find_map(|line| line.strip_prefix(key)).map(str::trim)
                };
                if has("apiVersion: ") != Some("fn.kserve-aws.dev/v1alpha1") {
                    continue;
                }
                let function = functions::ALL.of_kind(has("kind: ").unwrap()).unwrap();
                let address = schema(function)["$id"].as_str().unwrap().to_owned();
                assert_eq!(has(LINE), Some(address.as_str()), "{}", path.display());
                configurations += 1;
            }
        }
    }
    assert!(configurations >= 20, "{configurations}");
}

#[test]
fn definitions() {
    for function in shipped() {
        // An OpenAPI schema has no address of its own.
        let mut schema = schema(function);
        schema.as_object_mut().unwrap().remove("$id");
        let version = FunctionVersion {
            name: "v1alpha1".to_owned(),
            schema: FunctionSchema { open_api_v3_schema: schema },
            idempotent: true,
            usage: format!("{SITE}/blob/main/functions/{}/README.md", function.name),
            examples: examples(function),
            license: "Apache 2.0".to_owned(),
            runtime: FunctionRuntime {
                container: Some(ContainerRuntime { image: image(function), ..Default::default() }),
                ..Default::default()
            },
            ..Default::default()
        };
        let definition = KrmFunctionDefinition {
            spec: FunctionDefinitionSpec {
                group: "fn.kserve-aws.dev".to_owned(),
                names: FunctionNames { kind: function.kind.to_owned() },
                description: function.summary.to_owned(),
                publisher: "kserve-aws".to_owned(),
                versions: vec![version],
                home: Some(SITE.to_owned()),
                tags: vec![kind(function).to_owned(), "aws".to_owned(), "kserve".to_owned()],
                ..Default::default()
            },
            ..Default::default()
        };
        let text = serde_yaml::to_string(&definition).unwrap();
        expect(&folder(function).join("krm-function-definition.yaml"), &text);
    }
}

/// What a function is to kpt's pipelines: a validator changes nothing.
fn kind(function: &Registered) -> &'static str {
    if function.name.starts_with("validate-") { "validator" } else { "mutator" }
}

/// What kpt's catalog asks of a function.
#[test]
fn metadata() {
    for function in shipped() {
        let image = image(function);
        let (image, _) = image.rsplit_once(':').unwrap();
        let mut text = format!(
            "image: {image}\ndescription: {}\ntags:\n- {}\nsourceURL: {SITE}/tree/main/src/functions/{}.rs\nexamplePackageURLs:\n",
            function.summary,
            kind(function),
            function.name.replace('-', "_"),
        );
        for address in examples(function) {
            text.push_str(&format!("- {address}\n"));
        }
        text.push_str("emails:\n- kserve-aws@users.noreply.github.com\nlicense: Apache-2.0\n");
        expect(&folder(function).join("metadata.yaml"), &text);
    }
}

#[test]
fn readmes() {
    assert!(shipped().any(|function| function.name == "set-ingress-params"));
    for function in shipped() {
        let path = folder(function).join("README.md");
        let text = fs::read_to_string(&path).unwrap();
        let mut rest = text.as_str();
        let mut written = String::new();
        while let Some((before, after)) = rest.split_once("<!-- generated: ") {
            let (what, after) = after.split_once(" -->\n").expect("a marker ends its line");
            let (_, after) = after.split_once("<!-- /generated -->").expect("a marker has an end");
            written.push_str(before);
            let part = generated(function, what);
            written.push_str(&format!("<!-- generated: {what} -->\n\n{part}\n<!-- /generated -->"));
            rest = after;
        }
        written.push_str(rest);
        expect(&path, &written);
    }
}

fn generated(function: &Registered, what: &str) -> String {
    match what.split_once(' ') {
        Some(("file", name)) => {
            let text = fs::read_to_string(folder(function).join(name))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let language = if name.ends_with(".patch") { "diff" } else { "yaml" };
            format!("```{language}\n{}\n```\n", text.trim_end())
        }
        None if what == "config" => config_table(function),
        None if what == "codes" => codes_table(function),
        _ => panic!("nothing generates {what:?}"),
    }
}

fn config_table(function: &Registered) -> String {
    let schema = schema(function);
    let mut rows = String::from("| field | type | meaning |\n|---|---|---|\n");
    push_rows(&schema["properties"]["spec"], "", &mut rows);
    rows
}

fn push_rows(schema: &Value, parent: &str, rows: &mut String) {
    let properties = schema["properties"].as_object().into_iter().flatten();
    for (name, field) in properties {
        let path = format!("{parent}{name}");
        let meaning = field["description"].as_str().unwrap_or_default();
        let example = field.get("example").map(|example| format!(" Example: `{example}`."));
        rows.push_str(&format!(
            "| `{path}` | {} | {meaning}{} |\n",
            type_of(field),
            example.unwrap_or_default()
        ));
        push_rows(field, &format!("{path}."), rows);
        push_rows(&field["items"], &format!("{path}[]."), rows);
    }
}

fn type_of(field: &Value) -> String {
    if let Some(words) = field["enum"].as_array() {
        let words: Vec<String> =
            words.iter().map(|word| format!("`{}`", word.as_str().unwrap())).collect();
        return words.join(", ");
    }
    if let Some(choices) = field["anyOf"].as_array() {
        return choices.iter().map(type_of).collect::<Vec<_>>().join(" or ");
    }
    let limits = match (field["minLength"].as_u64(), field["maxLength"].as_u64()) {
        (Some(least), Some(most)) => format!(", {least} to {most} characters"),
        (None, Some(most)) => format!(", at most {most} characters"),
        _ => String::new(),
    };
    match field["type"].as_str() {
        Some("array") => {
            let most = field["maxItems"]
                .as_u64()
                .map(|most| format!("at most {most} of "))
                .unwrap_or_default();
            format!("list ({most}{})", type_of(&field["items"]))
        }
        Some(other) => format!("{other}{limits}"),
        None => "any".to_owned(),
    }
}

/// The codes that the function's cases show, in the order of their declaration, each with its page.
fn codes_table(function: &Registered) -> String {
    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    for case in cases::all(function.name) {
        for line in case.run(&[]).stderr.lines() {
            let Some((_, code)) = line.strip_suffix(')').and_then(|line| line.rsplit_once(" ("))
            else {
                continue;
            };
            let severity = line.trim_start_matches('[').split(']').next().unwrap_or_default();
            shown.insert(code.to_owned(), severity.to_owned());
        }
    }
    let mut rows = String::from("| code | severity | what it is about |\n|---|---|---|\n");
    for code in Code::ALL {
        if let Some(severity) = shown.get(code.as_str()) {
            rows.push_str(&format!(
                "| [`{code}`](../../docs/findings/{code}.md) | {severity} | {} |\n",
                code.meaning().replace('\n', " ")
            ));
        }
    }
    rows
}

/// `--help` of every command, and what is printed without one.
#[test]
fn help() {
    let help = |arguments: &[&str]| {
        let answer = Memory::default().run(arguments);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{arguments:?}");
        answer.stdout
    };
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("kserve-aws", help(&["--help"]));
        for command in ["completions", "explain", "fn", "hosts", "init", "man", "plan", "render", "request", "schema", "test"] {
            insta::assert_snapshot!(format!("kserve-aws-{command}"), help(&[command, "--help"]));
        }
        for function in functions::ALL.iter() {
            let name = format!("kserve-aws-fn-{}", function.name);
            insta::assert_snapshot!(name, help(&["fn", function.name, "--help"]));
        }
    });
}
