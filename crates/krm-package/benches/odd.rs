//! Texts that are written in odd ways, each beside plain block style: what a megabyte of them costs to
//! parse, and what a patch of every object adds. And the same objects twice as many, on one line.
//!
//! `cargo bench -p krm-package --bench odd -- [--rounds N] [--file PATH] [KIND]…`
//!
//! Called with `--as-function` or `--as-limit`, it reads a ResourceList from stdin and writes it, edited or as it
//! is: whole processes beside which others can be timed.
//!
//! The kinds take turns, and each figure is the median over the rounds of the time beside that of the
//! plain text in the same round. Times are those that the thread was on a processor, where the kernel
//! counts them: others may use the machine.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a bench prints its figures")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use json_patch::Patch;
use krm_package::operation::add;
use krm_package::{Edit, NodeRef, Package};

/// How an object is written, by its number.
type Writer = fn(&mut String, usize);

/// Bytes of each text, more or less.
const SIZE: usize = 4_000_000;

const KINDS: [(&str, Writer); 16] = [
    ("plain", |out, n| plain(out, n, "\n")),
    ("CRLF", |out, n| plain(out, n, "\r\n")),
    ("an anchor and an alias in each", |out, n| {
        document(out, n, &format!("  first: &a{n}\n    app: web\n  second: *a{n}\n"), "");
    }),
    ("an anchor on each line", |out, n| {
        let lines: String = (0..12).map(|k| format!("  field-{k}: &a{k} value-{k}\n")).collect();
        document(out, n, &lines, "");
    }),
    ("a tag on each line", |out, n| {
        let lines: String = (0..12).map(|k| format!("  field-{k}: !!str value-{k}\n")).collect();
        document(out, n, &lines, "");
    }),
    ("`...` behind each", |out, n| document(out, n, FIELDS, "...\n")),
    ("dashes", |out, n| {
        document(out, n, &format!("  list:\n{}", "  - - - a\n  -\n".repeat(16)), "")
    }),
    ("lines of dashes", |out, n| {
        document(out, n, &format!("  text: |\n{}", "    -----------------\n".repeat(16)), "");
    }),
    ("long lines", |out, n| {
        document(
            out,
            n,
            &format!("  text: {}\n", "word and word: ".trim_end_matches(": ").repeat(700)),
            "",
        );
    }),
    ("long quoted lines", |out, n| {
        document(out, n, &format!("  text: \"{}\"\n", "{\\\"a\\\": 1} ".repeat(700)), "");
    }),
    ("quoted", |out, n| {
        let lines: String = (0..12).map(|k| format!("  \"field-{k}\": 'value {k}'\n")).collect();
        document(out, n, &lines, "");
    }),
    ("flow style", |out, n| {
        let lines: String = (0..12).map(|k| format!("  f{k}: {{a: [x, 'y'], b: {k}}}\n")).collect();
        document(out, n, &lines, "");
    }),
    ("comments", |out, n| {
        document(out, n, &"  # what this is about\n  a: b # c\n"[..23].repeat(20), "")
    }),
    ("not ASCII", |out, n| {
        document(out, n, &format!("  text: {}\n", "größer als γ und 漢字 ".repeat(20)), "");
    }),
    ("tabs behind values", |out, n| document(out, n, &FIELDS.replace("\n", "\t\n"), "")),
    ("blank lines", |out, n| document(out, n, &format!("{FIELDS}{}", "  \n\n".repeat(12)), "")),
];

const FIELDS: &str = "  replicas: 3\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: web\n      app.kubernetes.io/part-of: shop\n  strategy:\n    type: RollingUpdate\n  ports:\n  - name: http\n    port: 8080\n    protocol: TCP\n";

fn document(out: &mut String, n: usize, spec: &str, end: &str) {
    write!(out, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{n}\n  namespace: shop\nspec:\n{spec}{end}")
        .expect("a String takes all");
}

fn plain(out: &mut String, n: usize, line_break: &str) {
    let mut text = String::new();
    document(&mut text, n, FIELDS, "");
    out.push_str(&text.replace('\n', line_break));
}

fn text(writer: Writer) -> String {
    let mut text = String::new();
    let mut n = 0;
    while text.len() < SIZE {
        writer(&mut text, n);
        n += 1;
    }
    text
}

const OBJECT: &str = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"shop"},"data":{"key":"value","other":"value"}}"#;

/// The objects on one line, as JSON without line breaks has them.
fn one_line(count: usize) -> String {
    let items = vec![OBJECT; count].join(",");
    format!(r#"{{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList","items":[{items}]}}"#)
}

/// Objects without a marker between them, as `kubectl get -o json` of one after the other gives them.
fn objects(count: usize) -> String {
    format!("{OBJECT}\n").repeat(count)
}

fn pretty(count: usize) -> String {
    let items = one_line(count);
    let value: serde_json::Value = serde_json::from_str(&items).expect("JSON");
    serde_json::to_string_pretty(&value).expect("JSON")
}

/// Nanoseconds on a processor.
fn clock() -> Option<u64> {
    // Up to now: of a thread that is running the kernel counts only to its last tick.
    std::thread::sleep(Duration::from_nanos(1));
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let (before, start) = (clock(), Instant::now());
    black_box(work());
    match (before, clock()) {
        (Some(before), Some(after)) => Duration::from_nanos(after - before),
        _ => start.elapsed(),
    }
}

fn patches(package: &Package<'_>) -> Vec<Edit> {
    let operation = add(&["metadata", "annotations"], serde_json::json!({"a/b": "c"}));
    let patch = |item| Edit::Patch { item, operations: Patch(vec![operation.clone()]) };
    package.items().map(|(item, _)| patch(item)).collect()
}

fn read(text: &str) -> Package<'_> {
    let is_list = text.starts_with(r#"{"apiVersion":"config"#)
        || text.starts_with("{\n")
        || text.starts_with("apiVersion: config.kubernetes.io");
    if is_list { Package::resource_list(text) } else { Package::stream(text) }
        .expect("the text can be read")
}

/// How often a text is parsed for one figure: the kernel counts a thread's time in steps of some milliseconds.
const PARSES: u32 = 8;

/// The times of a text's parse and of a patch of all its objects.
fn once(text: &str) -> (f64, f64) {
    let parse = time(|| (0..PARSES).for_each(|_| drop(black_box(read(black_box(text))))));
    let parse = parse / PARSES;
    let package = read(text);
    let edits = patches(&package);
    let patch = time(|| {
        let spliced = package.apply(&edits, &[]).expect("every edit fits");
        spliced.pieces().map(str::len).sum::<usize>()
    });
    (parse.as_secs_f64(), patch.as_secs_f64())
}

/// The time of a check for UTF-8, which is too short for the kernel to count: the shortest of many.
fn check(text: &str) -> f64 {
    let once = || {
        let start = Instant::now();
        black_box(str::from_utf8(black_box(text.as_bytes())).is_ok());
        start.elapsed()
    };
    (0..40).map(|_| once()).min().unwrap_or_default().as_secs_f64()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A list from stdin with an annotation on its last Ingress, and a result, to stdout: the engine's part
/// of what a function does.
fn as_function() {
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).expect("stdin can be read");
    let package = Package::resource_list(&text).expect("a ResourceList");
    let is_ingress = |node: NodeRef<'_>| {
        node.get("kind").and_then(NodeRef::as_str).is_some_and(|kind| kind == "Ingress")
    };
    let ingress = package.items().filter(|(_, node)| is_ingress(*node)).last();
    let (item, _) = ingress.expect("an Ingress");
    let key = ["metadata", "annotations", "alb.ingress.kubernetes.io/scheme"];
    let operations = Patch(vec![add(&key, "internal")]);
    let results = [serde_json::json!({"message": "the scheme is set", "severity": "info"})];
    let spliced = package.apply(&[Edit::Patch { item, operations }], &results);
    let mut out = std::io::stdout().lock();
    for piece in spliced.expect("the edit fits").pieces() {
        out.write_all(piece.as_bytes()).expect("stdout can be written");
    }
}

/// What no program that reads a list and writes it can do without: it is read, checked for UTF-8,
/// searched for line ends, and written.
fn as_limit() {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).expect("stdin can be read");
    let text = str::from_utf8(&bytes).expect("UTF-8");
    black_box(text.bytes().filter(|byte| *byte == b'\n').count());
    std::io::stdout().lock().write_all(&bytes).expect("stdout can be written");
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("--as-function") => return as_function(),
        Some("--as-limit") => return as_limit(),
        _ => {}
    }
    let mut rounds = 7;
    let mut file = None;
    let mut wanted = Vec::new();
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => {
                rounds = arguments.next().and_then(|text| text.parse().ok()).expect("--rounds N");
            }
            "--file" => {
                let path = arguments.next().expect("--file PATH");
                file = Some(std::fs::read_to_string(path).expect("the file can be read"));
            }
            _ => wanted.push(argument),
        }
    }
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    let mut texts: Vec<(String, String)> = KINDS
        .iter()
        .filter(|(name, _)| *name == "plain" || is_wanted(name))
        .map(|(name, writer)| ((*name).to_owned(), text(*writer)))
        .collect();
    for (name, text) in [
        ("JSON on one line, 8,000 objects", one_line(8_000)),
        ("JSON on one line, 16,000 objects", one_line(16_000)),
        ("JSON on many lines, 8,000 objects", pretty(8_000)),
        ("JSON objects behind each other, 8,000", objects(8_000)),
        ("JSON objects behind each other, 16,000", objects(16_000)),
    ] {
        if is_wanted(name) {
            texts.push((name.to_owned(), text));
        }
    }
    texts.extend(file.map(|text| ("the file".to_owned(), text)));
    let mut times = vec![Vec::new(); texts.len()];
    for _ in 0..=rounds {
        for ((_, text), times) in texts.iter().zip(&mut times) {
            times.push(once(text));
        }
    }
    println!(
        "| | MB | parse, MB/s | × plain | UTF-8 check, × its speed | patch of all, × its parse |\n|---|--:|--:|--:|--:|--:|"
    );
    for ((name, text), taken) in texts.iter().zip(&times) {
        let megabytes = text.len() as f64 / 1e6;
        let plain = texts[0].1.len() as f64 / 1e6;
        // The first round only warms up.
        let parse = median(taken[1..].iter().map(|(parse, _)| *parse).collect());
        let pairs = taken[1..].iter().zip(&times[0][1..]);
        let beside =
            median(pairs.map(|(own, other)| own.0 / megabytes / (other.0 / plain)).collect());
        let patch = median(taken[1..].iter().map(|(parse, patch)| patch / parse).collect());
        let check = check(text);
        println!(
            "| {name} | {megabytes:.1} | {:.0} | {beside:.2} | {:.3} | {patch:.1} |",
            megabytes / parse,
            check / parse
        );
    }
}
