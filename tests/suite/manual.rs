//! `kserve-aws completions`, `man` and `--version`.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use kserve_aws::functions;

use crate::cases::command::Memory;

/// The names of a help's commands.
fn commands(arguments: &[&str], heading: &str) -> BTreeSet<String> {
    let help = Memory::default().run(&[arguments, &["--help"]].concat()).stdout;
    let lines = help.lines().skip_while(|line| *line != heading).skip(1);
    let names = lines.take_while(|line| !line.is_empty()).filter(|line| !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_command_has_a_page_and_is_completed() {
    let memory = Memory::default();
    let written = memory.written.clone();
    let answer = memory.run(&["man", "pages"]);
    assert_eq!((answer.code, answer.stderr.as_str(), answer.stdout.as_str()), (0, "", ""));
    let found: BTreeSet<String> = written
        .borrow()
        .keys()
        .map(|path| path.strip_prefix("pages").unwrap().to_str().unwrap().to_owned())
        .collect();
    let own = commands(&[], "Commands:");
    assert!(own.contains("render") && own.contains("man"), "{own:?}");
    let mut expected = BTreeSet::from(["kserve-aws.1".to_owned()]);
    expected.extend(own.iter().filter(|name| *name != "help").map(|n| format!("kserve-aws-{n}.1")));
    expected.extend(functions::ALL.iter().map(|one| format!("kserve-aws-fn-{}.1", one.name)));
    assert_eq!(found, expected);
    for (path, page) in written.borrow().iter() {
        let page = String::from_utf8_lossy(page);
        assert!(page.contains(".SH SYNOPSIS"), "{}", path.display());
    }
    let first = Memory::default().run(&["man"]).stdout;
    assert_eq!(first.as_bytes(), written.borrow()[std::path::Path::new("pages/kserve-aws.1")]);
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = Memory::default().run(&["completions", shell]);
        assert_eq!((script.code, script.stderr.as_str()), (0, ""), "{shell}");
        for name in own.iter().map(String::as_str).chain(["--fail-on", "serving-endpoint"]) {
            let name = if shell == "fish" { name.trim_start_matches('-') } else { name };
            assert!(script.stdout.contains(name), "{shell}: {name}");
        }
    }
    assert_eq!(Memory::default().run(&["completions", "cmd"]).code, 2);
}

/// The shell's own words, from what is printed for it.
#[test]
fn bash_completes() {
    let completions = Memory::default().run(&["completions", "bash"]).stdout;
    for (words, expected) in [
        (vec!["expl"], "explain\n"),
        (vec!["fn", "set-k"], "set-knative-domain\n"),
        (vec!["render", "--host", "kub"], "kubectl\n"),
    ] {
        let (last, count) = (words.last().unwrap(), words.len());
        let before = if count > 1 { words[count - 2] } else { "kserve-aws" };
        let script = format!(
            "{completions}\nCOMP_WORDS=(kserve-aws {}); COMP_CWORD={count}\n\
             complete=$(complete -p kserve-aws); complete=${{complete##*-F }}\n\
             ${{complete%% *}} kserve-aws {last} {before}; printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            words.join(" ")
        );
        let mut bash = Command::new("bash");
        let bash = bash.arg("--norc").stdin(Stdio::piped());
        let Ok(mut bash) = bash.stdout(Stdio::piped()).spawn() else {
            return test_support::skip("bash is not installed");
        };
        bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let shown = bash.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&shown.stdout), expected, "{words:?}");
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let shown = Memory::default().run(&["--version"]).stdout;
    let (release, commit) = shown.trim_end().split_once(" (").unwrap_or((shown.trim_end(), ""));
    assert_eq!(release, concat!("kserve-aws ", env!("CARGO_PKG_VERSION")));
    assert_eq!(commit.is_empty(), option_env!("KSERVE_AWS_REVISION").is_none_or(str::is_empty));
}
