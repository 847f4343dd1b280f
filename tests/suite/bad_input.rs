//! Input that no host means to pass: one error with its place, exit code 1, nothing else; and no
//! panic, whatever its size.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::cases::command::{Answer, Memory};
use test_support::ingress::{CONFIG, INGRESS, list_of};
use test_support::skip;

/// A list with the configuration of a function that has nothing to set.
fn list() -> String {
    list_of(CONFIG, &[INGRESS])
}

/// The program itself, so that a stack that overflows fails one case.
fn run(input: &[u8]) -> Answer {
    let (mut child, writer) = start(input.to_vec());
    let mut answer = Answer::default();
    child.stdout.take().unwrap().read_to_string(&mut answer.stdout).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut answer.stderr).unwrap();
    writer.join().unwrap();
    let status = child.wait().unwrap();
    answer.code = status.code().unwrap_or_else(|| panic!("{status}")).try_into().unwrap();
    answer
}

fn start(input: Vec<u8>) -> (Child, thread::JoinHandle<()>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kserve-aws"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // It may stop reading before the end.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    (child, writer)
}

/// Ten levels of ten aliases each.
fn alias_bomb() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let alias = format!("*a{}", level - 1);
        text.push_str(&format!("a{level}: &a{level} [{}]\n", vec![alias; 10].join(", ")));
    }
    text
}

fn nested(depth: usize, opening: &str, closing: &str) -> String {
    format!("{}{}", opening.repeat(depth), closing.repeat(depth))
}

#[test]
fn one_error_with_its_place() {
    let list = list();
    let with = |from: &str, to: &str| list.replacen(from, to, 1).into_bytes();
    let in_item =
        |text: &str| format!("{list}- {}\n", text.trim_end().replace('\n', "\n  ")).into_bytes();
    let cases: &[(&str, Vec<u8>)] = &[
        ("empty", Vec::new()),
        ("blank lines", b"\n\n  \n".to_vec()),
        ("a comment", b"# nothing\n".to_vec()),
        ("not YAML", b"{{ .Values.ingress }}\n".to_vec()),
        ("a log line before it", format!("INFO starting\n{list}").into_bytes()),
        ("HTML", b"<!DOCTYPE html>\n<html><body>502: Bad Gateway</body></html>\n".to_vec()),
        ("a word", b"items\n".to_vec()),
        ("a number", b"42\n".to_vec()),
        ("a list", b"- a\n- b\n".to_vec()),
        ("another kind", with("kind: ResourceList", "kind: List")),
        ("another version", with("config.kubernetes.io/v1", "v1")),
        ("no kind", with("kind: ResourceList\n", "")),
        ("several documents", format!("{list}---\n{list}").into_bytes()),
        ("items that are not a list", with("items:\n-", "items:\n ")),
        ("items that are text", b"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: none\n".to_vec()),
        ("an item that is text", format!("{list}- text\n").into_bytes()),
        ("an item without kind", in_item("apiVersion: v1\nmetadata:\n  name: x\n")),
        ("an item without name", in_item("apiVersion: v1\nkind: Service\n")),
        ("an item of null", format!("{list}- null\n").into_bytes()),
        ("duplicate keys of the list", with("kind: ResourceList", "kind: ResourceList\nkind: ResourceList")),
        ("duplicate keys of an item", with("    name: istio-ingress\n", "    name: istio-ingress\n    name: other\n")),
        ("duplicate keys, one in quotes", with("    name: istio-ingress\n", "    name: istio-ingress\n    \"name\": other\n")),
        ("an alias bomb", in_item(&format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bomb\ndata:\n  {}", alias_bomb().replace('\n', "\n  ")))),
        ("an alias of itself", in_item("apiVersion: v1\nkind: ConfigMap\nmetadata: &m\n  name: x\n  self: *m\n")),
        ("an alias of nothing", in_item("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: *nothing\n")),
        ("flow lists 10,000 deep", in_item(&format!("a: {}\n", nested(10_000, "[", "]")))),
        ("flow mappings 10,000 deep", in_item(&format!("a: {}\n", nested(10_000, "{a: ", "}")))),
        ("block lists 10,000 deep", in_item(&format!("a:\n  {}x\n", "- ".repeat(10_000)))),
        ("flow lists that never end", "[".repeat(1_000_000).into_bytes()),
        ("JSON 10,000 deep", nested(10_000, "{\"a\":", "}").into_bytes()),
        ("invalid UTF-8", [list.as_bytes(), b"# caf\xe9\n"].concat()),
        ("UTF-16", list.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("binary", (0..=255).cycle().take(4096).collect()),
        ("NUL bytes", vec![0; 4096]),
        ("a control character", with("name: istio-ingress", "name: istio\u{7}ingress")),
        ("cut in a quoted text", with("name: params", "name: \"par").split(|b| *b == b'"').next().map(|start| [start, b"\"par"].concat()).unwrap()),
        ("cut in JSON", br#"{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": [{"kind": "#.to_vec()),
        ("a tab as indentation", with("  kind: Ingress\n", "\tkind: Ingress\n")),
        ("a directive of another YAML", format!("%YAML 3.0\n---\n{list}").into_bytes()),
    ];
    let mut shown = String::new();
    for (name, input) in cases {
        let answer = run(input);
        assert_eq!(answer.code, 1, "{name}: {}", answer.stderr);
        assert_eq!(answer.stderr.lines().count(), 1, "{name}: {}", answer.stderr);
        let is_placed = ["line ", "stdin:"].iter().any(|place| answer.stderr.contains(place));
        assert!(is_placed, "{name}: {}", answer.stderr);
        shown.push_str(&format!("{name}\n    {}", answer.stderr));
        // A list that could be read comes out, with its results behind it.
        if !answer.stdout.is_empty() {
            assert!(answer.stdout.as_bytes().starts_with(input), "{name}: {}", answer.stdout);
            assert!(answer.stdout.contains("\nresults:\n"), "{name}: {}", answer.stdout);
            shown.push_str("    and the list, with this result\n");
        }
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(shown) });
}

#[test]
fn a_byte_order_mark_and_other_line_breaks_come_out_as_they_came() {
    let list = list();
    for input in [
        format!("\u{feff}{list}"),
        list.replace('\n', "\r\n"),
        format!("\u{feff}{}", list.replace('\n', "\r\n")),
        format!("---\n{list}...\n"),
        format!("# more\n--- # about it\n{list}"),
        list.trim_end().to_owned(),
    ] {
        let answer = run(input.as_bytes());
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{input}");
        let line_break = if input.contains('\r') { "\r\n" } else { "\n" };
        let annotation = "      kubernetes.io/ingress.class: alb";
        let ports = "      alb.ingress.kubernetes.io/listen-ports: '[{\"HTTP\":80}]'";
        let expected = input.replace(annotation, &format!("{annotation}{line_break}{ports}"));
        assert_eq!(answer.stdout, expected);
    }
}

/// Cut at any byte, a list is an error or a shorter list, and never nothing.
#[test]
fn a_list_that_was_cut() {
    let list = list();
    for end in 0..list.len() {
        let answer = Memory::stdin(&list.as_bytes()[..end]).run(&["fn"]);
        match answer.code {
            0 => assert!(answer.stdout.starts_with(&list[..end.min(200)]), "{end}"),
            1 => assert!(answer.stderr.contains("[error]"), "{end}"),
            code => panic!("exit code {code} at {end}"),
        }
    }
}

/// 200 MB in one document, of the shapes that hosts pass, take at most 4.5 times their size.
#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes without optimisation")]
fn two_hundred_megabytes() {
    within_memory(200_000_000);
}

#[test]
fn twenty_megabytes() {
    within_memory(20_000_000);
}

fn within_memory(size: usize) {
    let list = list();
    let object = |number: usize| {
        format!(
            "- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: object-{number}\n    namespace: models\n    annotations:\n      internal.config.kubernetes.io/path: 'models/object-{number}.yaml'\n      internal.config.kubernetes.io/index: '0'\n  data:\n    key: value\n    text: |\n{}",
            "      a line of text, as a configuration file has them\n".repeat(8)
        )
    };
    let mut many = list.clone();
    let mut number = 0;
    while many.len() < size {
        many.push_str(&object(number));
        number += 1;
    }
    let one = format!(
        "{list}- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: large\n  data:\n    text: |\n{}",
        "      a line of text, as a configuration file has them\n".repeat(size / 55)
    );
    for (name, input) in [("many objects", many), ("one object", one)] {
        let length = input.len();
        let (mut child, writer) = start(input.into_bytes());
        writer.join().unwrap();
        // It stands still at the first byte that nobody takes, with all its work done.
        let mut stdout = child.stdout.take().unwrap();
        let mut first = [0; 1];
        stdout.read_exact(&mut first).unwrap();
        let peak = peak_memory(child.id());
        let written = 1 + std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert!(child.wait().unwrap().success(), "{name}: {stderr}");
        assert!(written > length as u64, "{name}: {written} bytes of {length}");
        let Some(peak) = peak else {
            skip("there is no /proc to read the memory of a process from");
            return;
        };
        let ratio = peak as f64 / length as f64;
        println!("{name}: {length} bytes, {peak} bytes of memory, {ratio:.2} times");
        assert!(ratio <= 4.5, "{name}: {ratio:.2} times {length} bytes");
    }
}

/// The most memory that a process had, in bytes.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
