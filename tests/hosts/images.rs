//! The images, as Docker has them.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use kserve_aws::functions;
use serde_json::Value;

use crate::host::image;
use crate::ingress_params::INGRESS_PARAMS;
use crate::package::Folder;
use crate::process::{containers_are_here, images, run, run_with, skip, which};
use test_support::ingress::{CONFIG, INGRESS, list_of};

const MAX_BYTES: u64 = 8_000_000;
const LABELS: [&str; 8] =
    ["title", "description", "version", "revision", "created", "licenses", "source", "url"];

fn docker(arguments: &[&str]) -> Command {
    let mut docker = Command::new("docker");
    docker.args(arguments);
    docker
}

/// An image, as `make images` lists it.
pub(crate) struct Built {
    /// Registry, repository and tag.
    pub(crate) name: String,
    /// The digest of its index over all processors.
    pub(crate) digest: String,
    /// The ID that an engine of a processor knows it by.
    ids: BTreeMap<String, String>,
}

impl Built {
    /// Its ID on this machine.
    fn id(&self) -> &str {
        &self.ids[if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" }]
    }
}

/// The images that were built.
pub(crate) fn built() -> Vec<Built> {
    let text = fs::read_to_string(images().unwrap().join("images.txt")).unwrap();
    let image = |line: &str| {
        let mut words = line.split(' ');
        let mut word = || words.next().map(str::to_owned);
        let (name, digest) = (word().unwrap(), word().unwrap());
        let id = |word: &str| word.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned()));
        Built { name, digest, ids: words.map(|word| id(word).unwrap()).collect() }
    };
    text.lines().map(image).collect()
}

#[test]
fn are_small_and_labelled_and_run_as_nobody() {
    if !containers_are_here("images") {
        return;
    }
    let built = built();
    let mut names: Vec<String> = functions::ALL.iter().map(|each| each.name.to_owned()).collect();
    names.insert(0, "kserve-aws".to_owned());
    let expected: Vec<String> = names.iter().map(|name| image(name)).collect();
    assert_eq!(built.iter().map(|each| each.name.clone()).collect::<Vec<_>>(), expected);
    let mut layers = Vec::new();
    for (built, name) in built.iter().zip(&names) {
        let image = &built.name;
        let inspected = run(&mut docker(&["image", "inspect", image])).expect_success(image);
        let inspected: Value = serde_json::from_str(&inspected.stdout).unwrap();
        let inspected = &inspected[0];
        assert_eq!(inspected["Id"], built.id(), "{image} is not the one that was built last");
        assert!(inspected["Size"].as_u64().unwrap() < MAX_BYTES, "{image}: {}", inspected["Size"]);
        layers.push(inspected["RootFS"].clone());
        let config = &inspected["Config"];
        assert_eq!(config["User"], "65534:65534");
        assert_eq!(config["Entrypoint"][0], "/kserve-aws");
        assert_eq!(config["Entrypoint"][1], "fn");
        let function = config["Entrypoint"].get(2).and_then(Value::as_str);
        assert_eq!(function.unwrap_or("kserve-aws"), name);
        for label in LABELS {
            let label = format!("org.opencontainers.image.{label}");
            assert!(
                config["Labels"][&label].as_str().is_some_and(|text| !text.is_empty()),
                "{label}"
            );
        }
        assert_eq!(config["Labels"]["org.opencontainers.image.title"], **name);
    }
    assert!(layers.iter().all(|layer| *layer == layers[0]), "one layer for all: {layers:?}");
}

#[test]
fn print_their_help_on_stdout() {
    if !containers_are_here("--help of the images") {
        return;
    }
    for Built { name: image, .. } in built() {
        let help = run(&mut docker(&["run", "--rm", &image, "--help"])).expect_success(&image);
        assert!(help.stdout.contains("Usage: kserve-aws fn"), "{}", help.stdout);
        assert_eq!(help.stderr, "", "{image}");
    }
    if which("kpt").is_none() {
        return skip("kpt fn doc", "kpt is not installed");
    }
    let mut doc = Command::new("kpt");
    doc.args(["fn", "doc", "--image", &image(INGRESS_PARAMS.name)]);
    let doc = run(&mut doc);
    // kpt 1.0.0-beta.61 hands Docker `--stdin`, which is not a flag of `docker run`
    // (`commands/fn/doc/cmdfndoc.go`): that release documents no function at all.
    if doc.terminal().contains("unknown flag: --stdin") {
        println!(
            "kpt fn doc is not asked: this kpt starts Docker with a flag that it does not have"
        );
        return;
    }
    let doc = doc.expect_success("kpt fn doc");
    assert!(doc.terminal().contains("certificate-arn"), "{}", doc.terminal());
}

/// As strict as any host starts it, and stricter.
const LOCKED: [&str; 12] = [
    "run",
    "--rm",
    "-i",
    "--network",
    "none",
    "--user",
    "nobody",
    "--read-only",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
];

#[test]
fn run_without_any_right() {
    if !containers_are_here("images without rights") {
        return;
    }
    let ours = image(INGRESS_PARAMS.name);
    let list = list_of(CONFIG, &[INGRESS]);
    for Built { name: image, .. } in built() {
        // The image of another function refuses the configuration, which shows that it ran.
        let other = !image.contains("/kserve-aws:") && image != ours;
        let outcome = run_with(docker(&LOCKED).arg(&image), list.as_bytes());
        assert_eq!(outcome.code, Some(i32::from(other)), "{image}: {}", outcome.terminal());
        assert!(outcome.stdout.starts_with("apiVersion: config.kubernetes.io/v1\n"), "{image}");
        let listens = outcome.stdout.contains("listen-ports: '[{\"HTTP\":80}]'");
        assert_eq!(listens, !other, "{image}: {}", outcome.stdout);
    }
}

/// A ConfigMap does not name its function.
#[test]
fn the_image_of_all_asks_for_a_kind() {
    if !containers_are_here("the image of all functions") {
        return;
    }
    let image = built().remove(0).name;
    let config = CONFIG.replace("fn.kserve-aws.dev/v1alpha1", "v1");
    let map = list_of(&config.replace("IngressParams", "ConfigMap"), &[INGRESS]);
    let outcome = run_with(docker(&LOCKED).arg(&image), map.as_bytes());
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("does not name its function"), "{}", outcome.stderr);
    let names = functions::ALL.iter().all(|function| outcome.stderr.contains(function.name));
    assert!(names, "{}", outcome.stderr);
}

/// The archive is an OCI image layout, too: each blob is named by its digest. An image is an index over
/// both processors, whose layers every image shares.
#[test]
fn the_archive_holds_what_its_index_says() {
    let Some(images) = images() else {
        return skip("the archive", "make e2e builds it");
    };
    let folder = Folder::new();
    let mut tar = Command::new("tar");
    tar.arg("-xf").arg(images.join("images.tar")).arg("-C").arg(folder.path());
    run(&mut tar).expect_success("tar");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let json = |name: &str| serde_json::from_str::<Value>(&read(name)).unwrap();
    let blob = |descriptor: &Value| {
        let digest = descriptor["digest"].as_str().unwrap().strip_prefix("sha256:").unwrap();
        let path = format!("blobs/sha256/{digest}");
        let mut sum = Command::new("sha256sum");
        let sum = run(sum.arg(folder.path().join(&path))).expect_success("sha256sum").stdout;
        assert!(sum.starts_with(digest), "{path}: {sum}");
        assert_eq!(fs::metadata(folder.path().join(&path)).unwrap().len(), descriptor["size"]);
        path
    };
    let index = json("index.json");
    let descriptors = index["manifests"].as_array().unwrap();
    let listed = built();
    assert_eq!(descriptors.len(), listed.len());
    let mut layers = BTreeMap::new();
    for (descriptor, built) in descriptors.iter().zip(&listed) {
        assert_eq!(descriptor["digest"], *built.digest, "{}", built.name);
        let image = json(&blob(descriptor));
        assert!(image["annotations"]["org.opencontainers.image.description"].is_string());
        let mut ids = BTreeMap::new();
        for descriptor in image["manifests"].as_array().unwrap() {
            let architecture = descriptor["platform"]["architecture"].as_str().unwrap();
            assert_eq!(descriptor["platform"]["os"], "linux");
            let manifest = json(&blob(descriptor));
            blob(&manifest["layers"][0]);
            let config = json(&blob(&manifest["config"]));
            assert_eq!(config["architecture"], architecture);
            let layer = manifest["layers"][0]["digest"].clone();
            assert_eq!(config["rootfs"]["diff_ids"][0], layer);
            assert_eq!(*layers.entry(architecture.to_owned()).or_insert(layer.clone()), layer);
            let id = manifest["config"]["digest"].as_str().unwrap().to_owned();
            ids.insert(architecture.to_owned(), id);
        }
        assert_eq!(ids, built.ids, "{}", built.name);
    }
    if layers.len() != 2 {
        skip("images for both processors", "Rust's target for the other can't be had");
    }
}
