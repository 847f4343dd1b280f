//! The packages in `functions/<name>/examples`, which are in the layout of kpt's own test runner:
//! run by hand, and under kpt where it is installed. `UPDATE_EXPECTED=1` writes `.expected` anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::cases::command::Memory;
use krm_package::Package;
use serde_json::{Value, json};
use test_support::hosts::is_installed;

const IMAGE: &str = "ghcr.io/kserve-aws/";

/// A package with `.expected`.
struct Example {
    function: String,
    folder: PathBuf,
}

fn examples() -> Vec<Example> {
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("functions");
    let mut found = Vec::new();
    for function in folders(&functions) {
        for folder in folders(&function.join("examples")) {
            let function = function.file_name().unwrap().to_string_lossy().into_owned();
            found.push(Example { function, folder });
        }
    }
    assert!(!found.is_empty());
    found
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

impl Example {
    fn text(&self, name: &str) -> String {
        let path = self.folder.join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn name(&self) -> String {
        self.folder.file_name().unwrap().to_string_lossy().into_owned()
    }

    /// The manifests, by name: everything but the Kptfile.
    fn manifests(&self) -> Vec<String> {
        manifests(&self.folder)
    }

    fn expected_exit_code(&self) -> u8 {
        let config = value(&self.text(".expected/config.yaml"));
        config.get("exitCode").and_then(Value::as_u64).unwrap_or(0).try_into().unwrap()
    }

    /// The step of the pipeline as a configuration: a file of the package, or what kpt makes of
    /// `configMap`.
    fn config(&self) -> (String, String) {
        let kptfile = value(&self.text("Kptfile"));
        let pipeline = &kptfile["pipeline"];
        let step = pipeline.get("mutators").unwrap_or(&pipeline["validators"]).get(0).unwrap();
        assert!(step["image"].as_str().unwrap().starts_with(&format!("{IMAGE}{}:", self.function)));
        if let Some(path) = step["configPath"].as_str() {
            return (path.to_owned(), self.text(path));
        }
        let config = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": { "name": "function-input" },
            "data": step["configMap"],
        });
        ("function-input".to_owned(), config.to_string())
    }
}

/// The manifests of a folder, then those of the folders below.
fn manifests(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let (below, here): (Vec<_>, Vec<_>) = entries.partition(|entry| entry.path().is_dir());
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut found: Vec<String> =
        here.into_iter().map(name).filter(|name| name.ends_with(".yaml")).collect();
    found.sort();
    let mut below: Vec<String> =
        below.into_iter().map(name).filter(|name| !name.starts_with('.')).collect();
    below.sort();
    for place in below {
        let inside = manifests(&folder.join(&place)).into_iter();
        found.extend(inside.map(|name| format!("{place}/{name}")));
    }
    found
}

/// kpt gives each new object a file of its own, and files have no order.
fn in_order(mut objects: Vec<Value>) -> Vec<Value> {
    objects.sort_by_cached_key(Value::to_string);
    objects
}

fn value(text: &str) -> Value {
    objects(text).into_iter().next().unwrap_or_default()
}

fn objects(text: &str) -> Vec<Value> {
    let package = Package::stream(text).unwrap();
    package.items().map(|(_, node)| node.value().unwrap()).collect()
}

/// What the function makes of the package by hand is what the package says it makes under kpt.
#[test]
fn by_hand() {
    for example in examples() {
        let (name, config) = example.config();
        let mut files = Memory::default().with_file(&name, config);
        let manifests = example.manifests();
        for manifest in &manifests {
            files = files.with_file(manifest, example.text(manifest));
        }
        let mut arguments = vec!["fn", example.function.as_str(), "--config", name.as_str()];
        arguments.extend(["--format", "plain"]);
        arguments.extend(manifests.iter().map(String::as_str));
        let answer = files.run(&arguments);
        assert_eq!(answer.code, example.expected_exit_code(), "{}", answer.stderr);
        let rendered = example.as_expected();
        if answer.code == 0 {
            assert_eq!(in_order(objects(&answer.stdout)), in_order(rendered), "{}", example.name());
        } else {
            assert_eq!(answer.stdout, "");
        }
        let results = value(&example.text(".expected/results.yaml"));
        let told = &results["items"][0]["results"];
        for line in answer.stderr.lines() {
            let code = line.rsplit_once('(').unwrap().1.trim_end_matches(')');
            let is_told =
                told.as_array().unwrap().iter().any(|result| result["tags"]["code"] == code);
            assert!(is_told, "{}: {line}", example.name());
        }
    }
}

impl Example {
    /// The objects of the package once `.expected/diff.patch` is applied to it.
    fn as_expected(&self) -> Vec<Value> {
        let copy = copied(&self.folder);
        let patch = self.text(".expected/diff.patch");
        if !patch.is_empty() {
            fs::write(copy.path().join("diff.patch"), patch).unwrap();
            run(copy.path(), "git", &["init", "-q", "."]);
            run(copy.path(), "git", &["apply", "diff.patch"]);
        }
        let texts = manifests(copy.path())
            .into_iter()
            .map(|name| fs::read_to_string(copy.path().join(name)).unwrap());
        texts.flat_map(|text| objects(&text)).collect()
    }
}

/// Where kpt runs the function, its files, results and exit code are those in `.expected`, twice.
#[test]
fn under_kpt() {
    if !is_installed("kpt") {
        return;
    }
    for example in examples() {
        let copy = copied(&example.folder);
        let folder = copy.path();
        let _ = fs::remove_dir_all(folder.join(".expected"));
        // The same program that is in the image, without a container.
        let program = format!("{} fn {}", env!("CARGO_BIN_EXE_kserve-aws"), example.function);
        let kptfile = example.text("Kptfile");
        let image = kptfile.split_once("image: ").unwrap().1.lines().next().unwrap().to_owned();
        let with_program =
            |text: &str| text.replace(&format!("image: {image}"), &format!("exec: {program}"));
        let with_image =
            |text: &str| text.replace(&format!("exec: {program}"), &format!("image: {image}"));
        run(folder, "git", &["init", "-q", "."]);
        run(folder, "git", &["add", "."]);
        run(folder, "git", &["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]);
        fs::write(folder.join("Kptfile"), with_program(&kptfile)).unwrap();
        for round in ["first", "second"] {
            let results = tempdir();
            let target = results.path().to_string_lossy().into_owned();
            let output = Command::new("kpt")
                .args(["fn", "render", "--allow-exec", "--results-dir", &target, "."])
                .current_dir(folder)
                .output()
                .unwrap();
            assert_eq!(
                output.status.code(),
                Some(example.expected_exit_code().into()),
                "{output:?}"
            );
            let rendered = fs::read_to_string(folder.join("Kptfile")).unwrap();
            fs::write(folder.join("Kptfile"), with_image(&rendered)).unwrap();
            run(folder, "git", &["add", "-A", "."]);
            let difference = run(folder, "git", &["diff", "--cached"]);
            let difference = String::from_utf8(difference.stdout).unwrap();
            let results =
                with_image(&fs::read_to_string(results.path().join("results.yaml")).unwrap());
            if round == "first" {
                expect(&example.folder.join(".expected/results.yaml"), &results);
            }
            expect(&example.folder.join(".expected/diff.patch"), &difference);
            fs::write(folder.join("Kptfile"), with_program(&rendered)).unwrap();
        }
    }
}

fn expect(path: &Path, found: &str) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path, found).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(expected, found, "{}", path.display());
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    output
}

/// A folder that goes away with its value.
struct Folder(PathBuf);

impl Folder {
    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn tempdir() -> Folder {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("kserve-aws-{}-{number}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    Folder(path)
}

fn copied(from: &Path) -> Folder {
    let to = tempdir();
    copy_into(from, to.path());
    to
}

fn copy_into(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_into(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
