//! Scale: a fleet of packages as `kserve-aws init` writes them, with models of our own in them. What `check`
//! costs by service and by package, and what a job of CI and a plugin of Argo CD pay for it, as tables in
//! Markdown.
//!
//! `cargo bench --bench fleet -- [--rounds N] [--services N,…] [--packages N,…]`

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench prints its figures, or says why it can't"
)]

#[path = "../whole_process/figures.rs"]
mod figures;
#[allow(dead_code, reason = "what it says of the fastest is for whole processes")]
#[path = "../whole_process/measure.rs"]
mod measure;
mod packages;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use figures::{machine, milliseconds, size};
use measure::{Contender, measure};

/// How many services one package has, in the table of one package.
const SERVICES: [usize; 5] = [10, 100, 1_000, 4_000, 16_000];
/// How many packages there are, in the table of many.
const PACKAGES: [usize; 4] = [1, 10, 100, 1_000];
/// How many services each of many packages has.
const SERVICES_OF_MANY: usize = 10;
/// The services of the last table, in fewer and fewer packages.
const ALL: usize = 16_000;

fn main() {
    let mut rounds = 5;
    let mut services = SERVICES.to_vec();
    let mut packages = PACKAGES.to_vec();
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let numbers = |text: Option<String>| -> Vec<usize> {
        let text = text.expect("numbers, with commas");
        text.split(',').map(|number| number.parse().expect("a number")).collect()
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => rounds = numbers(arguments.next())[0],
            "--services" => services = numbers(arguments.next()),
            "--packages" => packages = numbers(arguments.next()),
            _ => panic!("unknown argument {argument}"),
        }
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fleet");
    let built = || PathBuf::from(env!("CARGO_BIN_EXE_kserve-aws"));
    let program = std::env::var_os("KSERVE_AWS").map_or_else(built, PathBuf::from);
    let fleet = Fleet { folder, program, rounds };
    println!("{}\n", machine());
    fleet.one_package(&services);
    fleet.many_packages(&packages);
    fleet.divided(&packages);
}

/// What the tables are measured with.
struct Fleet {
    folder: PathBuf,
    program: PathBuf,
    rounds: usize,
}

impl Fleet {
    /// One package that grows.
    fn one_package(&self, services: &[usize]) {
        println!("### One package\n");
        println!(
            "| services | input | `check` | a service | × the first thousand | memory | a service \
             | `render` | a service |\n|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
        );
        let mut contenders = Vec::new();
        let mut sizes = Vec::new();
        for count in services {
            let fleet = self.folder.join(format!("1-of-{count}"));
            sizes.push(packages::write(&self.program, &fleet, 1, *count));
            let package = fleet.join(packages::name(0));
            contenders.push(self.contender(&["check", "--quiet", "."], &package));
            contenders.push(self.contender(&["render", ".", "--quiet"], &package));
        }
        let stdout = self.folder.join("stdout");
        let measured = measure(&contenders, self.rounds, &stdout);
        let of_one = |time: Duration, count: usize| time.as_secs_f64() * 1e6 / count as f64;
        let thousand = services.iter().position(|count| *count >= 1_000).unwrap_or_default();
        let reference = of_one(measured[2 * thousand].median(), services[thousand]);
        // What a process needs for itself is that of the smallest package.
        let smallest = measured[0].peak_kilobytes.unwrap_or_default();
        for (row, count) in services.iter().enumerate() {
            let (check, render) = (&measured[2 * row], &measured[2 * row + 1]);
            let kilobytes = check.peak_kilobytes.unwrap_or_default();
            let grown = kilobytes.saturating_sub(smallest) as f64 / (count - services[0]) as f64;
            println!(
                "| {count} | {} | {} | {:.1} µs | {:.2} | {:.1} MB | {} | {} | {:.1} µs |",
                size(sizes[row]),
                milliseconds(check.median()),
                of_one(check.median(), *count),
                of_one(check.median(), *count) / reference,
                kilobytes as f64 * 1024.0 / 1e6,
                if row == 0 { "–".to_owned() } else { format!("{grown:.2} kB") },
                milliseconds(render.median()),
                of_one(render.median(), *count),
            );
        }
        println!();
    }

    /// Many packages of a few services: a process for each, as CI and Argo CD start them.
    fn many_packages(&self, packages: &[usize]) {
        println!("### Packages of {SERVICES_OF_MANY} services, a process for each\n");
        println!(
            "| packages | CI: `check` of each | a package | × one | Argo CD: `render` of each | a package \
             | and `check` of what it renders | a package |\n|--:|--:|--:|--:|--:|--:|--:|--:|"
        );
        let mut first = None;
        for count in packages {
            let fleet = self.folder.join(format!("{count}-of-{SERVICES_OF_MANY}"));
            packages::write(&self.program, &fleet, *count, SERVICES_OF_MANY);
            let measured = measure(&self.hosts(&fleet), self.rounds, &self.folder.join("stdout"));
            let cells: Vec<String> = measured
                .iter()
                .map(|measured| {
                    let time = measured.median();
                    format!("{} | {}", milliseconds(time), milliseconds(time / *count as u32))
                })
                .collect();
            let of_one = measured[0].median().as_secs_f64() / *count as f64;
            let times = of_one / *first.get_or_insert(of_one);
            println!("| {count} | {} | {times:.2} | {} | {} |", cells[0], cells[1], cells[2]);
        }
        println!();
    }

    /// The same services in few packages and in many.
    fn divided(&self, packages: &[usize]) {
        println!("### {ALL} services\n");
        println!(
            "| packages | services of each | CI: `check` of each | a service | Argo CD: `render` of each \
             | a service |\n|--:|--:|--:|--:|--:|--:|"
        );
        for count in packages {
            let each = ALL / count;
            let fleet = self.folder.join(format!("{count}-of-{each}"));
            packages::write(&self.program, &fleet, *count, each);
            let hosts = &self.hosts(&fleet)[..2];
            let cells: Vec<String> = measure(hosts, self.rounds, &self.folder.join("stdout"))
                .iter()
                .map(|measured| {
                    let time = measured.median();
                    let of_one = time.as_secs_f64() * 1e6 / (count * each) as f64;
                    format!("{} | {of_one:.1} µs", milliseconds(time))
                })
                .collect();
            println!("| {count} | {each} | {} | {} |", cells[0], cells[1]);
        }
        println!();
    }

    /// What a job and a plugin run over every package of a fleet.
    fn hosts(&self, fleet: &Path) -> [Contender; 3] {
        let each = |command: &str| {
            let script = format!("for folder in */; do {command} || exit; done");
            let mut contender = self.contender(&["-c", &script], fleet);
            contender.arguments.push(self.program.display().to_string());
            contender.program = PathBuf::from("/bin/sh");
            contender.has_memory = false;
            contender
        };
        [
            each("\"$0\" check --quiet \"$folder\""),
            each("(cd \"$folder\" && \"$0\" render . --quiet)"),
            // Istio's own Service is in the folder for the check alone.
            each(
                "(cd \"$folder\" && \"$0\" render . --quiet | \"$0\" check --quiet - gateway.yaml)",
            ),
        ]
    }

    fn contender(&self, arguments: &[&str], folder: &Path) -> Contender {
        Contender {
            name: arguments.join(" "),
            program: self.program.clone(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            folder: folder.to_owned(),
            stdin: None,
            has_memory: true,
            may_find: false,
        }
    }
}

/// Runs the program once, where it has to succeed.
fn run(program: &Path, folder: &Path, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.expect("the program can be started");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {stderr}");
}
