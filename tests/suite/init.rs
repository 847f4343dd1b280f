//! `kserve-aws init`: what it writes renders and passes `check` at once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::cases::command::{Answer, Memory};

const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
const POOL: [&str; 6] = [
    "--user-pool-arn",
    "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123",
    "--user-pool-client",
    "1example23456789",
    "--user-pool-domain",
    "auth.platform.example.com",
];

/// What the load balancer compares, with a scope that YAML would read as a comment.
const SCOPED: &str =
    "{\"format\":\"space-separated-values\",\"name\":\"scope\",\"values\":[\"models/predict:#1\"]}";

/// The answer, and the files that it wrote.
fn init(memory: Memory, arguments: &[&str]) -> (Answer, HashMap<PathBuf, Vec<u8>>) {
    let written = memory.written.clone();
    let answer = memory.run(&[&["init"], arguments].concat());
    let files = written.borrow().clone();
    (answer, files)
}

fn text(files: &HashMap<PathBuf, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files[Path::new(name)].clone()).unwrap()
}

fn over(files: &HashMap<PathBuf, Vec<u8>>) -> Memory {
    Memory { files: files.clone(), ..Memory::default() }
}

/// Every combination of what the flags may be.
#[test]
fn what_it_writes_renders_and_passes_check() {
    let mut cases = 0;
    for provider in ["cognito", "dex", "jwt", "jwt with a scope"] {
        for layout in ["kustomize", "kpt", "both"] {
            for scheme in ["internet-facing", "internal"] {
                for domain in ["platform.example.com", "models.eu.corp-1.example.org"] {
                    let word = provider.split(' ').next().unwrap();
                    let mut arguments = vec!["a", "--layout", layout, "--provider", word];
                    arguments.extend(["--domain", domain, "--certificate", ARN]);
                    arguments.extend(["--scheme", scheme]);
                    let mut holds = vec![domain, scheme];
                    match provider {
                        "cognito" => arguments.extend(POOL),
                        "jwt" => arguments.extend(&POOL[..4]),
                        "jwt with a scope" => {
                            arguments.extend(&POOL[..4]);
                            arguments.extend(["--scope", "models/predict:#1"]);
                            holds.push(SCOPED);
                        }
                        _ => {}
                    }
                    let (answer, files) = init(Memory::default(), &arguments);
                    assert_eq!(answer.code, 0, "{arguments:?}: {}", answer.stderr);
                    passes(&files, layout, &holds);
                    cases += 1;
                }
            }
        }
    }
    assert_eq!(cases, 48);
}

fn passes(files: &HashMap<PathBuf, Vec<u8>>, layout: &str, holds: &[&str]) {
    let modes: &[&[&str]] = match layout {
        "both" => &[&["render", "a"], &["render", "a", "--as", "package"]],
        _ => &[&["render", "a"]],
    };
    for mode in modes {
        let rendered = over(files).run(mode);
        assert_eq!(rendered.code, 0, "{mode:?}: {}", rendered.stderr);
        assert!(!rendered.stdout.contains("set-ingress-params-has-not-run"));
        assert!(!rendered.stdout.contains("kind: Secret"), "{}", rendered.stdout);
        assert!(rendered.stdout.contains("kind: AuthorizationPolicy"));
        for text in holds {
            assert!(rendered.stdout.contains(text), "{text}: {}", rendered.stdout);
        }
        // A package's own objects are in what it gives.
        let is_package = layout == "kpt" || mode.len() > 2;
        assert_eq!(rendered.stdout.contains("kind: Service\n"), is_package, "{mode:?}");
        let places: &[&str] =
            if is_package { &["endpoint.yaml"] } else { &["endpoint.yaml", "a/gateway.yaml"] };
        let check = over(files)
            .with_file("endpoint.yaml", rendered.stdout)
            .run(&[&["check"], places, &["--fail-on", "warning"]].concat());
        assert_eq!(check.code, 0, "{mode:?}: {}", check.stderr);
    }
    // At once, as README.md has it.
    let check = over(files).run(&["check", "a", "--fail-on", "warning"]);
    assert_eq!((check.code, check.stderr.as_str()), (0, ""));
    let readme = text(files, "a/README.md");
    let commands = readme.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    for line in commands.unwrap().lines().filter(|line| line.starts_with("kserve-aws ")) {
        let line = line.split(" >").next().unwrap();
        let words: Vec<&str> = line.split(' ').skip(1).collect();
        let answer = over(files).run(&words);
        assert_eq!(answer.code, 0, "{line}: {}", answer.stderr);
        assert!(!answer.stderr.contains("skipped"), "{line}: {}", answer.stderr);
    }
    // Until the function has run, no load balancer can be built.
    assert_eq!(
        text(files, "a/ingresses.yaml").matches("set-ingress-params-has-not-run").count(),
        2
    );
}

/// Of what a folder keeps out of the cluster, its Services are read as the cluster's, and no policy is.
#[test]
fn a_local_policy_guards_nothing() {
    let flags = ["a", "--provider", "dex", "--domain", "p.example.com", "--certificate", ARN];
    let (_, files) = init(Memory::default(), &flags);
    let kustomization = text(&files, "a/kustomization.yaml")
        .replace("- namespaces.yaml\n", "- namespaces.yaml\n- policy.yaml\n");
    let policies = |is_local: &str| {
        let policy = format!(
            "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: by-hand\n  namespace: prod\n  annotations:\n    config.kubernetes.io/local-config: \"{is_local}\"\nspec:\n  rules:\n  - {{}}\n"
        );
        let folder = over(&files)
            .with_file("a/kustomization.yaml", kustomization.clone())
            .with_file("a/policy.yaml", policy);
        let plan = folder.run(&["plan", "a"]);
        assert_eq!(plan.code, 0, "{}", plan.stderr);
        assert!(plan.stdout.contains("Service istio-system/istio-ingressgateway"));
        plan.stdout.matches("AuthorizationPolicy/prod/by-hand").count()
    };
    assert_eq!((policies("true"), policies("false")), (0, 1));
}

#[test]
fn what_a_folder_refuses_is_reported() {
    let flags = ["a", "--provider", "dex", "--domain", "p.example.com", "--certificate", ARN];
    let (_, files) = init(Memory::default(), &flags);
    let open = text(&files, "a/tokens.yaml").replace("httpHeaderValues", "others");
    let check = over(&files).with_file("a/tokens.yaml", open).run(&["check", "a"]);
    assert!(check.code == 1 && check.stderr.contains("unknown key"), "{}", check.stderr);
    // A rendered object stands in no file: nothing there can be fixed.
    let fixed = over(&files).run(&["check", "a", "--fix"]);
    assert_eq!((fixed.code, fixed.stderr.as_str()), (0, ""));
}

#[test]
fn tokens_are_kept_out_of_git() {
    let flags = ["a", "--provider", "dex", "--domain", "p.example.com", "--certificate", ARN];
    let (answer, files) = init(Memory::default(), &flags);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert_eq!(text(&files, "a/.gitignore"), "tokens.yaml\n");
    let tokens = text(&files, "a/tokens.yaml");
    let found: Vec<&str> = tokens.split('"').skip(1).step_by(2).collect();
    assert!(found.len() == 2 && found[0] != found[1], "{tokens}");
    for token in found {
        assert_eq!(token.len(), 32);
        assert!(!answer.stderr.contains(token));
        let with: Vec<_> = files
            .iter()
            .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(token))
            .map(|(path, _)| path)
            .collect();
        assert_eq!(with, [Path::new("a/tokens.yaml")]);
    }
    for way in ["SOPS", "ksops", "External Secrets"] {
        assert!(text(&files, "a/README.md").contains(way), "{way}");
    }
    // A line is added to a file that is there; never twice.
    let there = Memory::default().with_file("a/.gitignore", "target");
    assert_eq!(text(&init(there, &flags).1, "a/.gitignore"), "target\ntokens.yaml\n");
    let there = Memory::default().with_file("a/.gitignore", "tokens.yaml\n");
    assert!(!init(there, &flags).1.contains_key(Path::new("a/.gitignore")));
    let (_, files) = init(
        Memory::default(),
        &[
            &["a", "--provider", "cognito", "--domain", "p.example.com", "--certificate", ARN],
            &POOL[..],
        ]
        .concat(),
    );
    assert!(!files.contains_key(Path::new("a/.gitignore")));
}

#[test]
fn what_no_flag_sets_is_requested() {
    let answers = [
        "cognito",
        "Platform.example.com",
        "platform.example.com",
        ARN,
        "",
        POOL[1],
        POOL[3],
        POOL[5],
    ];
    let memory = Memory::default();
    memory.answers.borrow_mut().extend(answers.map(str::to_owned));
    let questions = memory.questions.clone();
    let (answer, files) = init(memory, &["a", "--layout", "both"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    passes(&files, "both", &["internet-facing", "platform.example.com"]);
    // What the provider does not have is not requested.
    assert_eq!(questions.borrow().len(), answers.len());
    let answers = ["jwt", "platform.example.com", ARN, "", POOL[1], POOL[3], ""];
    let memory = Memory::default();
    memory.answers.borrow_mut().extend(answers.map(str::to_owned));
    let of_jwt = memory.questions.clone();
    let (answer, files) = init(memory, &["a"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    passes(&files, "kustomize", &["\"client_id\",\"values\":[\"1example23456789\"]"]);
    assert_eq!(of_jwt.borrow().len(), answers.len());
    // The wrong answer is named, and corrected.
    let asked = questions.borrow().join("");
    assert!(asked.contains("--domain: \"Platform.example.com\" has uppercase letters"), "{asked}");
}

#[test]
fn wrong_settings_are_refused_and_nothing_is_written() {
    let refused = |memory: Memory, arguments: &[&str], expected: &str| {
        let (answer, files) = init(memory, arguments);
        assert!(answer.code != 0 && answer.stderr.contains(expected), "{}", answer.stderr);
        assert!(files.is_empty());
    };
    let dex = ["a", "--provider", "dex", "--domain", "p.example.com", "--certificate"];
    refused(Memory::stdin(""), &["a"], "missing setting: set --provider cognito|dex|jwt");
    refused(Memory::stdin(""), &dex[..3], "missing setting: set --domain DOMAIN");
    refused(Memory::default(), &["a", "--provider", "oidc"], "invalid value 'oidc'");
    let arn = [&dex[..], &["arn:aws:acm:us-west-2"]].concat();
    refused(Memory::default(), &arn, "--certificate: \"arn:aws:acm:us-west-2\" has 4 of 6 parts");
    let both = [&dex[..], &[ARN], &POOL[..2]].concat();
    refused(Memory::default(), &both, "--user-pool-arn has no effect with --provider dex");
    let scope = [&dex[..], &[ARN, "--scope", "a/b"]].concat();
    refused(Memory::default(), &scope, "--scope has no effect with --provider dex; remove it");
    let jwt = ["a", "--provider", "jwt", "--domain", "p.example.com", "--certificate", ARN];
    let domain = [&jwt[..], &POOL].concat();
    refused(Memory::default(), &domain, "--user-pool-domain has no effect with --provider jwt");
    let spaced = [&jwt[..], &POOL[..4], &["--scope", "a b"]].concat();
    refused(Memory::default(), &spaced, "--scope: ");
    let bare = [&jwt[..], &POOL[..4], &["--scope", "predict"]].concat();
    refused(Memory::default(), &bare, "--scope: invalid scope \"predict\": must be SERVER/SCOPE");
    refused(Memory::stdin(""), &jwt, "missing setting: set --user-pool-arn ARN");
    let there = Memory::default().with_file("a/Kptfile", "").with_file("a/gateway.yaml", "");
    refused(there, &[&dex[..], &[ARN]].concat(), "a/gateway.yaml exists; choose another folder");
    // kustomize refuses a folder with two, whatever they are called; before a question is asked.
    let there = Memory::default().with_file("a/kustomization.yml", "");
    let questions = there.questions.clone();
    refused(there, &["a"], "a/kustomization.yml exists; choose another folder");
    assert!(questions.borrow().is_empty());
    let tokens = || Memory::default().with_file("a/tokens.yaml", "").with_file("a/Kptfile", "");
    refused(tokens(), &[&dex[..], &[ARN]].concat(), "a/tokens.yaml exists");
    let both = [&dex[..], &[ARN, "--layout", "both"]].concat();
    refused(tokens(), &both, "a/Kptfile exists");
    // Cognito has no tokens.
    let flags = ["a", "--provider", "cognito", "--domain", "p.example.com", "--certificate", ARN];
    assert_eq!(init(tokens(), &[&flags[..], &POOL].concat()).0.code, 0);
}

/// What is printed can be copied, whatever the folder is called.
#[test]
fn commands_name_the_folder_as_a_word_of_sh() {
    let flags = ["--provider", "dex", "--domain", "p.example.com", "--certificate", ARN];
    for (folder, word, path) in [
        ("a b/c", "'a b/c'", "a b/c/README.md"),
        ("it's", "'it'\\''s'", "it's/README.md"),
        ("-x", "./-x", "-x/README.md"),
        ("../models", "../models", "../models/README.md"),
    ] {
        let (answer, files) = init(Memory::default(), &[&flags[..], &["--", folder]].concat());
        let next = format!("next: kserve-aws check {word}; {path} has the steps");
        assert!(answer.stderr.contains(&next), "{}", answer.stderr);
        let steps = text(&files, path);
        assert!(steps.contains(&format!("kserve-aws request {word}\n")), "{steps}");
        assert!(steps.contains(&format!("--enable-alpha-plugins {word}\n")), "{steps}");
    }
    let jwt = ["a", "--provider", "jwt", "--domain", "p.example.com", "--certificate", ARN];
    let (_, files) =
        init(Memory::default(), &[&jwt[..], &POOL[..4], &["--scope", "a/b;c"]].concat());
    let steps = text(&files, "a/README.md");
    for word in [
        "--identifier a --name a",
        "--scopes 'ScopeName=b;c,ScopeDescription=b;c'",
        "--allowed-o-auth-scopes 'a/b;c'",
    ] {
        assert!(steps.contains(word), "{word}: {steps}");
    }
}

/// The file of the tokens is its owner's alone, and none of another user's takes its place.
#[test]
fn no_other_user_reads_the_tokens() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = std::env::temp_dir().join(format!("kserve-aws-init-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let start = |name: &str| {
        let mut init = std::process::Command::new(env!("CARGO_BIN_EXE_kserve-aws"));
        init.args(["init", name, "--provider", "dex", "--domain", "p.example.com"]);
        init.args(["--certificate", ARN]).current_dir(&folder).output().unwrap()
    };
    assert!(start("a").status.success());
    let mode = |name: &str| std::fs::metadata(folder.join(name)).unwrap().permissions().mode();
    assert_eq!(mode("a/tokens.yaml") & 0o077, 0);
    // A link that leads nowhere yet is a place of somebody else's choice.
    std::fs::create_dir(folder.join("b")).unwrap();
    symlink("elsewhere", folder.join("b/tokens.yaml")).unwrap();
    let refused = start("b");
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(told.contains("cannot write b/tokens.yaml: File exists"), "{told}");
    assert_eq!(std::fs::read_dir(folder.join("b")).unwrap().count(), 1);
    std::fs::remove_dir_all(&folder).unwrap();
}
