//! What holds for every function: how it is called, what comes out, and how it ends.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::cases::command::{Answer, Memory};
use test_support::ingress::{CONFIG, INGRESS, list_of};

const PORTS: &str = "    alb.ingress.kubernetes.io/listen-ports: '[{\"HTTP\":80}]'\n";

/// The Ingress with what the configuration sets.
fn ingress_set() -> String {
    let class = "    kubernetes.io/ingress.class: alb\n";
    INGRESS.replace(class, &format!("{class}{PORTS}"))
}

fn bad(answer: &Answer, code: u8, message: &str) {
    assert_eq!((answer.code, answer.stdout.as_str()), (code, ""), "{}", answer.stderr);
    assert!(answer.stderr.contains(message), "{}", answer.stderr);
}

#[test]
fn a_host_passes_a_list_and_no_argument() {
    let list = list_of(CONFIG, &[INGRESS]);
    let expected = list_of(CONFIG, &[&ingress_set()]);
    for arguments in [&[][..], &["fn"], &["fn", "set-ingress-params"]] {
        let answer = Memory::stdin(list.as_str()).run(arguments);
        assert_eq!(answer, Answer { stdout: expected.clone(), ..Answer::default() });
    }
    // A person gets help, and not a program that waits.
    bad(&Memory::default().run(&[]), 2, "Usage: kserve-aws");
}

#[test]
fn a_legacy_plugin_is_called_by_its_kind_with_a_file() {
    let program = "/plugins/fn.kserve-aws.dev/v1alpha1/ingressparams/IngressParams";
    let config = format!("{CONFIG}argsOneLiner: --verbose\n");
    let call = |config: &str, input: &str| {
        Memory::stdin(input)
            .with_file("/tmp/config-123", config)
            .run_as(program, &["/tmp/config-123", "--verbose"])
    };
    let answer = call(&config, INGRESS);
    assert_eq!(answer, Answer { stdout: ingress_set(), ..Answer::default() });
    bad(&call(&CONFIG.replace("base", "bas"), INGRESS), 1, "did you mean \"base\"?");
    bad(&call(CONFIG, "kind: Ingress\n"), 1, "line 1, column 1: item 1 has no apiVersion;");
    bad(&call("", INGRESS), 1, "has 0 documents");
    // Under its own name it takes no file alone.
    let named = Memory::stdin(INGRESS).with_file("config.yaml", CONFIG).run(&["config.yaml"]);
    bad(&named, 2, "unrecognized subcommand 'config.yaml'");
}

#[test]
fn by_hand_over_files() {
    let files = || {
        Memory::default()
            .with_file("config.yaml", CONFIG)
            .with_file("ingress.yaml", INGRESS.trim_end())
            .with_file("service.yaml", "# ours\n---\napiVersion: v1\nkind: Service\nmetadata: {name: x}\n")
            .with_file("map.json", "{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"x\"}}")
            .with_file("marker.yaml", "--- # more\napiVersion: v1\nkind: Service\nmetadata: {name: z}\n")
            .with_file("mark.yaml", format!("\u{feff}{INGRESS}"))
    };
    let run = |arguments: &[&str]| {
        files().run(&[&["fn", "set-ingress-params", "--config", "config.yaml"], arguments].concat())
    };
    let all = run(&["service.yaml", "ingress.yaml", "map.json", "marker.yaml"]);
    assert_eq!(all.stderr, "");
    let set = ingress_set();
    assert_eq!(
        all.stdout,
        format!(
            "# ours\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: x}}\n---\n{set}---\n{{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {{\"name\": \"x\"}}}}\n--- # more\napiVersion: v1\nkind: Service\nmetadata: {{name: z}}\n"
        )
    );
    assert_eq!(run(&["mark.yaml"]).stdout, format!("\u{feff}{set}"));
    let stdin = Memory::stdin(INGRESS).with_file("config.yaml", CONFIG).run(&[
        "fn",
        "--config",
        "config.yaml",
    ]);
    assert_eq!(stdin.stdout, set);
    let dash = Memory::stdin(INGRESS).with_file("config.yaml", CONFIG).run(&[
        "fn",
        "set-ingress-params",
        "--config",
        "config.yaml",
        "-",
    ]);
    assert_eq!(dash.stdout, set);
    // A list in a file is a list, whatever configuration it has.
    let list = list_of("", &[INGRESS]);
    let of_list = Memory::default()
        .with_file("config.yaml", CONFIG)
        .with_file("list.yaml", list.as_str())
        .run(&["fn", "set-ingress-params", "--config", "config.yaml", "list.yaml"]);
    assert_eq!(of_list.stdout, list_of("", &[&set]));
}

#[test]
fn a_wrong_file_is_named_with_its_line() {
    let run = |name: &str, text: &str| {
        Memory::default()
            .with_file("config.yaml", CONFIG)
            .with_file("ingress.yaml", INGRESS)
            .with_file(name, text)
            .run(&[
                "fn",
                "set-ingress-params",
                "--config",
                "config.yaml",
                "--format",
                "plain",
                "ingress.yaml",
                name,
            ])
    };
    let message = "[error] x.yaml:3:1: duplicate key, first set at line 1, column 1";
    bad(&run("x.yaml", "a: 1\nb: 2\na: 3\n"), 1, message);
    bad(&run("x.yaml", "a: [1\n"), 1, "[error] x.yaml:1:");
    let nameless = "# one\n---\napiVersion: v1\nkind: Service\nmetadata: {}\n";
    bad(&run("x.yaml", nameless), 1, "[error] x.yaml:5:11: item 2 has no metadata.name;");
    let aliased = INGRESS.replace(
        "  annotations:\n",
        "  annotations:\n    alb.ingress.kubernetes.io/listen-ports: &ports ''\n    copy: *ports\n",
    );
    let refused = run("x.yaml", &format!("---\n{aliased}"));
    bad(&refused, 1, "x.yaml: line 8, column 52: an alias repeats this value");

    let call = |arguments: &[&str]| {
        Memory::stdin(INGRESS)
            .with_file("config.yaml", CONFIG)
            .with_file("two.yaml", format!("{CONFIG}---\n{CONFIG}"))
            .with_file("cut.yaml", "kind: {")
            .with_file("bytes.yaml", b"a: \xff".to_vec())
            .run(arguments)
    };
    let set = ["fn", "set-ingress-params"];
    let with = |more: &[&str]| call(&[&set, more].concat());
    bad(&with(&["--config", "absent.yaml"]), 1, "cannot read absent.yaml: no such file");
    bad(&with(&["--config", "config.yaml", "absent.yaml"]), 3, "cannot read absent.yaml");
    bad(
        &with(&["--config", "two.yaml"]),
        1,
        "two.yaml has 2 documents; a configuration must be a single document",
    );
    bad(&with(&["--config", "cut.yaml"]), 1, " cut.yaml:1:7");
    bad(&with(&["--config", "bytes.yaml"]), 1, " bytes.yaml:1:4");
    bad(&with(&["--config", "-"]), 1, "stdin cannot be both");
    // Without a configuration nothing is inferred.
    bad(&with(&["config.yaml"]), 1, "nothing is set");
    // Arguments that make no sense are another exit code.
    bad(&call(&["fn", "set-ingress-parms"]), 2, "set-ingress-params");
    bad(&call(&["schema", "IngresParams"]), 2, "IngressParams");
    bad(&call(&["frobnicate"]), 2, "unrecognized subcommand");
}

#[test]
fn the_configuration_picks_the_function() {
    let run = |config: &str| Memory::stdin(list_of(config, &[INGRESS])).run(&["fn"]);
    let told = |config: &str, message: &str| {
        let answer = run(config);
        assert_eq!(answer.code, 1);
        assert!(answer.stderr.contains(message), "{}", answer.stderr);
        // The input comes out, with the result behind it.
        assert!(answer.stdout.starts_with(&list_of(config, &[INGRESS])), "{}", answer.stdout);
    };
    assert_eq!(run(CONFIG).code, 0);
    told("", "the ResourceList has no functionConfig");
    told(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
        "is a ConfigMap, which does not name its function",
    );
    told(&CONFIG.replace("IngressParams", "IngressParam"), "did you mean \"IngressParams\"?");
    told("a: b\n", "is not an object with apiVersion and kind");
    told("[]\n", "is not an object with apiVersion and kind");
}

#[test]
fn unknown_fields_get_a_suggestion() {
    for (field, hint) in [
        ("certARN: x", "unknown field \"certARN\"; did you mean \"certArn\"?"),
        ("certificateArn: x", "unknown field \"certificateArn\"; expected one of"),
        ("http_header_name: x", "did you mean \"httpHeaderName\"?"),
        ("httpHeaderValue: []", "did you mean \"httpHeaderValues\"?"),
        ("host: []", "did you mean \"hosts\"?"),
        ("cognito: {userPoolARN: x}", "did you mean \"userPoolArn\"?"),
        ("target: {names: x}", "did you mean \"name\"?"),
        ("paramsFrom: [{configmap: {name: x}}]", "did you mean \"configMap\"?"),
        ("paramsFrom: [{configMap: {nam: x}}]", "did you mean \"name\"?"),
    ] {
        let config = format!("{CONFIG}  {field}\n");
        let answer = Memory::stdin(list_of(&config, &[INGRESS])).run(&["fn"]);
        assert_eq!(answer.code, 1);
        assert!(answer.stderr.contains(hint), "{field}: {}", answer.stderr);
    }
}

/// What hosts keep in annotations is theirs: every line of it comes out as it came.
#[test]
fn internal_annotations_come_out_as_they_came() {
    let kept = "    config.kubernetes.io/index: '0'
    config.kubernetes.io/path: \"a b.yaml\"
    internal.config.kubernetes.io/annotations-migration-resource-id: '0'
    internal.config.kubernetes.io/index: !!str 0
    internal.config.kubernetes.io/package-path: '/somewhere/else'
    internal.config.kubernetes.io/seqindent: compact # kpt's
    internal.config.k8s.io/kpt-resource-id: \"7\"
    config.k8s.io/id: '1'
    kustomize.config.k8s.io/id: \"1\"
    kustomize.config.k8s.io/needs-hash: 'true'
    internal.config.kubernetes.io/previousNames: a,b
    config.kubernetes.io/local-config: \"false\"
";
    let item = INGRESS.replace("  annotations:\n", &format!("  annotations:\n{kept}"));
    let answer = Memory::stdin(list_of(CONFIG, &[&item])).run(&["fn"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let set = ingress_set().replace("  annotations:\n", &format!("  annotations:\n{kept}"));
    assert_eq!(answer.stdout, list_of(CONFIG, &[&set]));
    assert!(!answer.stderr.contains("/somewhere/else"));
}

/// kpt passes an object once for each selector that takes it.
#[test]
fn an_object_that_is_there_twice_stays_there_twice() {
    let list = list_of(CONFIG, &[INGRESS, INGRESS]);
    let answer = Memory::stdin(list).run(&["fn"]);
    let set = ingress_set();
    assert_eq!(answer.stdout, list_of(CONFIG, &[&set, &set]));
    // A finding on it can't name its file.
    let at = |path: &str| {
        let path = format!(
            "  annotations:\n    config.kubernetes.io/path: {path}\n    alb.ingress.kubernetes.io/scheme: $(x)\n"
        );
        INGRESS.replace("  annotations:\n", &path)
    };
    let twice = Memory::stdin(list_of(CONFIG, &[&at("a.yaml"), &at("b.yaml")])).run(&["fn"]);
    let once = Memory::stdin(list_of(CONFIG, &[&at("a.yaml")])).run(&["fn"]);
    assert!(!twice.stdout.contains("\n  file:\n"), "{}", twice.stdout);
    assert!(once.stdout.contains("\n  file:\n    path: a.yaml\n"), "{}", once.stdout);
}

#[test]
fn results_go_behind_those_of_earlier_functions_once() {
    let config = CONFIG.replace("overlay: base", "loadBalancerScheme: internal");
    let earlier = "results:\n- message: 'kept, as it is'   # by hand\n  severity: info\n";
    let list = format!("{}{earlier}", list_of(&config, &[INGRESS]));
    let first = Memory::stdin(list.as_str()).run(&["fn"]);
    assert_eq!(first.code, 0);
    let (_, results) = first.stdout.split_once("results:\n").unwrap();
    assert!(results.starts_with(earlier.trim_start_matches("results:\n")));
    assert!(results.contains("code: overlay-inferred"), "{results}");
    let second = Memory::stdin(first.stdout.as_str()).run(&["fn"]);
    assert_eq!(second.stdout, first.stdout);
    // What an earlier function found is not told again.
    assert_eq!(second.stderr, first.stderr);
    for empty in ["results: []\n", "results:\n", "results: null\n"] {
        let list = format!("{}{empty}", list_of(&config, &[INGRESS]));
        let answer = Memory::stdin(list).run(&["fn"]);
        assert!(answer.stdout.contains("results:\n- message: 'overlay base"), "{}", answer.stdout);
    }
    let broken = format!("{}results: text\n", list_of(&config, &[INGRESS]));
    let answer = Memory::stdin(broken).run(&["fn"]);
    assert!(answer.code == 1 || answer.stdout.contains("results"), "{answer:?}");
}

/// kpt passes it without a kind; every other object needs one.
#[test]
fn a_kustomization_needs_no_kind() {
    let kustomization = |path: &str| {
        format!(
            "resources:\n- ingress.yaml\nmetadata:\n  annotations:\n    internal.config.kubernetes.io/path: '{path}'\n"
        )
    };
    for path in ["kustomization.yaml", "overlays/api/kustomization.yml", "a/Kustomization"] {
        let list = list_of(CONFIG, &[INGRESS, &kustomization(path)]);
        let answer = Memory::stdin(list).run(&["fn"]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{path}");
        assert_eq!(answer.stdout, list_of(CONFIG, &[&ingress_set(), &kustomization(path)]));
    }
    for path in ["kustomization.yaml.bak", "my-kustomization.yaml", "ingress.yaml"] {
        let answer = Memory::stdin(list_of(CONFIG, &[&kustomization(path)])).run(&["fn"]);
        let message = format!("line 11, column 3: item 1 of {path} has no apiVersion;");
        assert!(answer.stderr.contains(&message), "{}", answer.stderr);
    }
}

/// A message can't write lines of its own, and a million wrong items are not told one by one.
#[test]
fn messages_are_short_lines() {
    let name = "x\\n[info] all is well (ok)\\x1b[2J";
    let item = INGRESS
        .replace("name: istio-ingress", &format!("name: \"{name}\""))
        .replace("class: alb", "class: nginx");
    let answer = Memory::stdin(list_of(CONFIG, &[&item])).run(&["fn"]);
    assert_eq!(answer.stderr.lines().count(), 1, "{}", answer.stderr);
    assert!(!answer.stderr.contains('\u{1b}'));
    let many = list_of(CONFIG, &vec!["a: b"; 20_000]);
    let answer = Memory::stdin(many).run(&["fn"]);
    assert_eq!((answer.code, answer.stderr.lines().count()), (1, 10), "{}", answer.stderr);
}

/// A finding on each of many objects.
#[test]
fn many_findings_on_many_objects() {
    let config = CONFIG.replace("overlay: base", "overlay: base\n  hosts: [other.example.com]");
    let items: Vec<String> = (0..500)
        .map(|number| INGRESS.replace("name: istio-ingress\n", &format!("name: i{number}\n")))
        .collect();
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let answer = Memory::stdin(list_of(&config, &items)).run(&["fn"]);
    assert_eq!((answer.code, answer.stderr.lines().count()), (1, 500));
    assert!(answer.stderr.lines().all(|line| line.ends_with("(host-not-listed)")));
}

fn spawned(stdout: Stdio) -> std::process::Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kserve-aws"))
        .stdin(Stdio::piped())
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Where its stdout is closed it ends without having read.
    child.stdin.take().unwrap().write_all(list_of(CONFIG, &[INGRESS]).as_bytes()).ok();
    child
}

/// A host that went away, or a full disk, is not a success.
#[test]
fn an_output_that_nobody_takes_is_a_failure() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let closed = spawned(writer.into()).wait_with_output().unwrap();
    assert_eq!(closed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&closed.stderr).contains("(output-lost)"));
    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        let full = spawned(full.into()).wait_with_output().unwrap();
        assert_eq!(full.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&full.stderr).contains("(output-lost)"));
    }
}

/// A host takes nothing on stdout and exit 0 for a package that is to be emptied. What Rust puts in
/// place of a closed stdout can't be told from `/dev/null` opened for both, so that both are refused.
#[test]
fn a_closed_stdout_is_no_success() {
    let run = |null: &mut std::fs::OpenOptions| {
        let out = spawned(null.open("/dev/null").unwrap().into()).wait_with_output().unwrap();
        (out.status.code(), String::from_utf8(out.stderr).unwrap())
    };
    let (code, stderr) = run(std::fs::OpenOptions::new().write(true));
    assert_eq!(code, Some(0), "{stderr}");
    let (code, stderr) = run(std::fs::OpenOptions::new().read(true).write(true));
    assert_eq!((code, stderr.contains("(output-lost)")), (Some(1), true), "{stderr}");
    let mut closed = Command::new("sh")
        .args(["-c", "exec \"$0\" fn >&-", env!("CARGO_BIN_EXE_kserve-aws")])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    closed.stdin.take().unwrap().write_all(list_of(CONFIG, &[INGRESS]).as_bytes()).ok();
    let closed = closed.wait_with_output().unwrap();
    assert_eq!(closed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&closed.stderr).contains("(output-lost)"));
}

/// The program reads nothing but what it is passed: it runs without an environment, a
/// folder to write to, or stderr.
#[test]
fn it_needs_nothing_of_its_surroundings() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kserve-aws"))
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(list_of(CONFIG, &[INGRESS]).as_bytes()).unwrap();
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(stdout, list_of(CONFIG, &[&ingress_set()]));
}
