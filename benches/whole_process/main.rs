//! Whole processes: `set-ingress-params` on 3, 600 and all objects beside the same edit by other
//! means, as tables in Markdown.
//!
//! `cargo bench --bench whole_process -- [--rounds N] [3|600|all|containers|endpoint]…`

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a bench prints its figures")]

mod compare;
mod endpoint;
mod figures;
mod hosts;
#[path = "../lists/mod.rs"]
mod lists;
mod measure;

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use figures::{is_large, machine, milliseconds, size};
use hosts::Function;
use lists::Objects;
use measure::{Contender, Measured, measure};

/// How an argument names each list.
const LISTS: [&str; 3] = ["3", "600", "all"];
/// The image that the overlays name.
const IMAGE: &str = "ghcr.io/kserve-aws/set-ingress-params:v0.1.0";
/// How often a container's start is counted.
const CONTAINERS: [usize; 3] = [0, 1, 4];

/// How the bench is called as the limit.
const LIMIT: &str = "--as-limit";

/// What no program that reads a list and writes it can do without: all of stdin is read, checked for
/// UTF-8 and searched for line ends, and written.
fn limit() {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).expect("stdin can be read");
    let text = str::from_utf8(&bytes).expect("the list is UTF-8");
    let lines = text.bytes().filter(|byte| *byte == b'\n').count();
    std::hint::black_box(lines);
    std::io::stdout().lock().write_all(&bytes).expect("stdout can be written");
}

/// What of the machine the figures need.
struct Bench {
    folder: PathBuf,
    /// The program that ships (`KSERVE_AWS=…`), else the one that cargo builds beside the bench.
    kserve_aws: PathBuf,
    rounds: usize,
    kubectl: Option<PathBuf>,
    kustomize: Option<PathBuf>,
    kpt: Option<PathBuf>,
    /// The same edit in Go, built from `peers/kyaml-function`.
    go_function: Option<PathBuf>,
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some(LIMIT) {
        limit();
        return;
    }
    let mut rounds = 11;
    let mut wanted = Vec::new();
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rounds" => {
                rounds = arguments.next().and_then(|text| text.parse().ok()).expect("--rounds N");
            }
            _ => wanted.push(argument),
        }
    }
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("whole-process");
    fs::create_dir_all(&folder).expect("the target folder can be written");
    let built = || PathBuf::from(env!("CARGO_BIN_EXE_kserve-aws"));
    let bench = Bench {
        kserve_aws: std::env::var_os("KSERVE_AWS").map_or_else(built, PathBuf::from),
        kubectl: program("kubectl"),
        kustomize: program("kustomize"),
        kpt: program("kpt"),
        go_function: go_function(&folder),
        folder,
        rounds,
    };
    println!("{}\n", machine());
    let (lists, is_real) = lists::all();
    if !is_real {
        println!("The platforms' builds are not at hand: objects of our own of their shape.\n");
    }
    for (name, objects) in LISTS.iter().zip(&lists) {
        if is_wanted(name) {
            bench.compare(name, objects);
        }
    }
    if is_wanted("containers") {
        bench.containers(&lists[0]);
    }
    if is_wanted("endpoint") {
        bench.endpoint();
    }
}

impl Bench {
    fn compare(&self, name: &str, objects: &Objects) {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).expect("the target folder can be written");
        let list = folder.join("list.yaml");
        let text = objects.resource_list();
        fs::write(&list, &text).expect("the list can be written");
        println!("### {} objects, {}\n", objects.len(), size(text.len()));

        let on_list = |name: &str, program: &Path| Contender {
            name: name.to_owned(),
            program: program.to_owned(),
            arguments: Vec::new(),
            folder: folder.clone(),
            stdin: Some(list.clone()),
            has_memory: true,
            may_find: false,
        };
        let mut contenders = vec![on_list("`kserve-aws`, list in, list out", &self.kserve_aws)];
        contenders.extend(
            self.go_function
                .as_ref()
                .map(|program| on_list("Go function on kyaml, list in, list out", program)),
        );
        contenders.extend(self.hosts(objects, &folder));

        let stdout = folder.join("stdout");
        let mut same = None;
        let mut others = Vec::new();
        contenders.retain(|contender| {
            if let Err(error) = contender.run(&stdout) {
                println!("{}: fails here: {error}\n", contender.name);
                return false;
            }
            let ingress = compare::ingress(&stdout);
            let expected = same.get_or_insert_with(|| ingress.clone());
            assert_eq!(&ingress, expected, "{} makes another edit", contender.name);
            assert!(ingress.is_some(), "{} gives no Ingress", contender.name);
            others.push(
                contender.stdin.as_ref().and_then(|list| compare::other_lines(list, &stdout)),
            );
            true
        });
        let check = Contender {
            arguments: ["check", "--quiet", "-"].map(str::to_owned).into(),
            may_find: true,
            ..on_list("`kserve-aws check`, the same objects", &self.kserve_aws)
        };
        match check.run(&stdout) {
            Ok(_) => {
                contenders.push(check);
                others.push(None);
            }
            Err(error) => println!("{}: fails here: {error}\n", check.name),
        }
        contenders.push(Contender {
            arguments: vec![LIMIT.to_owned()],
            ..on_list("the limit", &std::env::current_exe().expect("the bench has a path"))
        });
        others.push(None);
        let measured = measure(&contenders, self.rounds, &stdout);
        println!(
            "| | median | fastest | × ours | peak memory | × input | other lines |\n|---|--:|--:|--:|--:|--:|--:|"
        );
        let ours = measured.first().map_or(1.0, |ours| ours.median().as_secs_f64());
        for ((contender, measured), others) in contenders.iter().zip(&measured).zip(others) {
            let (kilobytes, of_input) = memory(measured, text.len());
            let others = others.map_or("–".to_owned(), |(gone, new)| (gone + new).to_string());
            println!(
                "| {} | {} | {} | {:.1} | {kilobytes} | {of_input} | {others} |",
                contender.name,
                milliseconds(measured.median()),
                milliseconds(measured.fastest()),
                measured.median().as_secs_f64() / ours,
            );
        }
        if is_large(text.len()) {
            let throughput = text.len() as f64 / 1e6 / ours;
            println!("\n`kserve-aws`, end to end: {throughput:.0} MB/s");
        }
        println!();
    }

    /// Hosts with the same edit, each on its own folder.
    fn hosts(&self, objects: &Objects, folder: &Path) -> Vec<Contender> {
        let documents = hosts::documents(objects);
        let exec = Function::Exec(&self.kserve_aws);
        let replacements = hosts::replacements(&folder.join("replacements"), &documents);
        let function = hosts::kustomization(&folder.join("function"), &documents, exec, 1);
        let package = hosts::kpt_package(&folder.join("package"), &documents, exec, 1);
        let own = Some(self.kserve_aws.clone());
        let rows = [
            ("`kserve-aws render`, the same folder", &own, vec!["render"], &function),
            (
                "`kubectl kustomize`, `replacements`",
                &self.kubectl,
                vec!["kustomize"],
                &replacements,
            ),
            ("`kustomize build`, `replacements`", &self.kustomize, vec!["build"], &replacements),
            (
                "`kustomize build`, `kserve-aws` as exec",
                &self.kustomize,
                vec!["build", "--enable-alpha-plugins", "--enable-exec"],
                &function,
            ),
            (
                "`kpt fn render`, `kserve-aws` as exec",
                &self.kpt,
                vec!["fn", "render", "--allow-exec", "-o", "unwrap"],
                &package,
            ),
        ];
        let contenders = rows.into_iter().filter_map(|(name, program, arguments, folder)| {
            on_folder(name.to_owned(), program.as_deref(), &arguments, folder, true)
        });
        contenders.collect()
    }

    /// What the start of a container costs a host.
    fn containers(&self, objects: &Objects) {
        println!("### {} objects, functions in containers\n", objects.len());
        if is_absent(IMAGE) {
            println!("No Docker here, or no image {IMAGE}; `make images` builds it.\n");
            return;
        }
        let documents = hosts::documents(objects);
        let image = Function::Image(IMAGE);
        let mut contenders = Vec::new();
        for times in CONTAINERS {
            let folder = self.folder.join(format!("containers-{times}"));
            let kustomization =
                hosts::kustomization(&folder.join("kustomize"), &documents, image, times);
            let package = hosts::kpt_package(&folder.join("kpt"), &documents, image, times);
            contenders.extend(on_folder(
                format!("`kubectl kustomize`, {times}"),
                self.kubectl.as_deref(),
                &["kustomize", "--enable-alpha-plugins"],
                &kustomization,
                false,
            ));
            contenders.extend(on_folder(
                format!("`kustomize build`, {times}"),
                self.kustomize.as_deref(),
                &["build", "--enable-alpha-plugins"],
                &kustomization,
                false,
            ));
            contenders.extend(on_folder(
                format!("`kpt fn render`, {times}"),
                self.kpt.as_deref(),
                &["fn", "render", "-o", "unwrap"],
                &package,
                false,
            ));
        }
        contenders.sort_by(|a, b| a.program.cmp(&b.program));
        self.print("host, functions in containers", contenders);
    }

    /// The whole guide: a container for each step, one container, and none.
    fn endpoint(&self) {
        println!("### The whole guide\n");
        let mut contenders = Vec::new();
        for (words, steps) in [("six containers", endpoint::six()), ("one", endpoint::one())] {
            if let Some(image) =
                steps.iter().map(|step| endpoint::image(step.0)).find(|image| is_absent(image))
            {
                println!("No Docker here, or no image {image}; `make images` builds it.\n");
                return;
            }
            let folder = self.folder.join("endpoint").join(words);
            let kustomization = endpoint::kustomization(&folder.join("kustomize"), &steps);
            let package = endpoint::kpt_package(&folder.join("kpt"), &steps);
            let rows = [
                ("kustomize build", &self.kustomize, &["build", "--enable-alpha-plugins"][..]),
                ("kpt fn render", &self.kpt, &["fn", "render", "-o", "unwrap"][..]),
                ("kserve-aws render", &Some(self.kserve_aws.clone()), &["render", "--quiet"][..]),
            ];
            for (name, program, arguments) in rows {
                let folder = if name.starts_with("kpt") { &package } else { &kustomization };
                let name = format!("`{name}`, {words}");
                contenders.extend(on_folder(name, program.as_deref(), arguments, folder, false));
            }
        }
        self.print("host, functions", contenders);
    }

    /// What each takes, without those that fail here.
    fn print(&self, heading: &str, mut contenders: Vec<Contender>) {
        let stdout = self.folder.join("stdout");
        contenders.retain(|contender| {
            let run = contender.run(&stdout);
            run.inspect_err(|error| println!("{}: fails here: {error}\n", contender.name)).is_ok()
        });
        let measured = measure(&contenders, self.rounds, &stdout);
        println!("| {heading} | median | fastest |\n|---|--:|--:|");
        for (contender, measured) in contenders.iter().zip(&measured) {
            let (median, fastest) = (measured.median(), measured.fastest());
            println!(
                "| {} | {} | {} |",
                contender.name,
                milliseconds(median),
                milliseconds(fastest)
            );
        }
        println!();
    }
}

/// Whether Docker has no such image, or is not there itself.
fn is_absent(image: &str) -> bool {
    let found = Command::new("docker").args(["image", "inspect", image]).output();
    !found.is_ok_and(|output| output.status.success())
}

fn on_folder(
    name: String,
    program: Option<&Path>,
    arguments: &[&str],
    folder: &Path,
    has_memory: bool,
) -> Option<Contender> {
    let mut arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    arguments.push(".".to_owned());
    Some(Contender {
        name,
        program: program?.to_owned(),
        arguments,
        folder: folder.to_owned(),
        stdin: None,
        has_memory,
        may_find: false,
    })
}

/// A program by its variable (`KUSTOMIZE=…`), else on the path.
fn program(name: &str) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(name.to_uppercase()) {
        return Some(PathBuf::from(path));
    }
    let path = std::env::var_os("PATH")?;
    let found =
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|it| it.is_file());
    if found.is_none() {
        println!("{name} is not installed; its rows are left out.\n");
    }
    found
}

fn go_function(folder: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/kyaml-function");
    let built = folder.join("kyaml-function");
    let status = Command::new("go")
        .args(["build", "-trimpath", "-ldflags", "-s -w", "-o"])
        .arg(&built)
        .arg(".")
        .current_dir(source)
        .env("CGO_ENABLED", "0")
        .status();
    if status.is_ok_and(|status| status.success()) {
        return Some(built);
    }
    println!("The Go function can't be built here; its rows are left out.\n");
    None
}

fn memory(measured: &Measured, input: usize) -> (String, String) {
    let Some(kilobytes) = measured.peak_kilobytes else {
        return ("–".to_owned(), "–".to_owned());
    };
    let bytes = kilobytes as f64 * 1024.0;
    let of_input =
        if is_large(input) { format!("{:.1}", bytes / input as f64) } else { "–".to_owned() };
    (format!("{:.1} MB", bytes / 1e6), of_input)
}
