//! A release, as far as it goes without the service: the shell steps of the workflow, the archives, the
//! images in a registry of this machine, and the programs for the other processor.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::host::Host;
use crate::images::{Built, built};
use crate::ingress_params::INGRESS_PARAMS;
use crate::package::Folder;
use crate::process::{Outcome, command, containers_are_here, images, run, run_with, skip, which};
use crate::workflows::{step, workflow};
use test_support::ingress::{CONFIG, INGRESS, list_of};

const WORKFLOW: &str = ".github/workflows/release.yaml";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The project, where scripts and manifests are.
const PROJECT: &str = env!("CARGO_MANIFEST_DIR");

/// The folder of `scripts/build`: one for each target that was built.
fn binaries() -> PathBuf {
    images().unwrap().parent().unwrap().join("binaries")
}

/// Whether what a test runs is here; says in one line if not.
#[track_caller]
fn are_here(what: &str, programs: &[&str]) -> bool {
    if images().is_none() {
        skip(what, "the programs of this build are not there; make e2e builds them");
        return false;
    }
    let missing = programs.iter().find(|program| which(program).is_none());
    if let Some(program) = missing {
        skip(what, &format!("{program} is not installed"));
    }
    missing.is_none()
}

/// A script of the project, with the project as its folder.
fn script(name: &str) -> Command {
    command(Path::new(PROJECT).join("scripts").join(name), Path::new(PROJECT))
}

/// What a release consists of, as `scripts/dist` makes it, once for all tests.
fn dist() -> &'static Path {
    static DIST: OnceLock<Folder> = OnceLock::new();
    let made = DIST.get_or_init(|| {
        let folder = Folder::new();
        make_dist(&folder.path().join("target/dist"));
        folder
    });
    Box::leak(made.path().join("target/dist").into_boxed_path())
}

fn make_dist(folder: &Path) {
    let mut dist = script("dist");
    dist.args([&binaries(), &images().unwrap(), folder]);
    run(&mut dist).expect_success("scripts/dist");
}

/// Runs a step of the workflow as it stands there, in a folder that holds `target/dist`.
fn run_step(name: &str, folder: &Path, change: impl Fn(String) -> String) -> Outcome {
    let script = change(step(&workflow(WORKFLOW), name));
    let mut shell = command("bash", folder);
    run(shell.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script]))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_other_processor_gives_the_same_bytes() {
    let (target, emulator) = if cfg!(target_arch = "aarch64") {
        ("x86_64-unknown-linux-musl", "qemu-x86_64")
    } else {
        ("aarch64-unknown-linux-musl", "qemu-aarch64")
    };
    if !are_here("the program for the other processor", &[emulator]) {
        return;
    }
    let program = binaries().join(target).join("kserve-aws");
    if !program.is_file() {
        return skip(target, "Rust's target can't be had");
    }
    let mut cases = 0;
    for function in kserve_aws::functions::ALL.iter() {
        let fixtures = Path::new(PROJECT).join("fixtures").join(function.name);
        let found = fs::read_dir(fixtures).unwrap().map(|case| case.unwrap().path());
        // An emulator takes a hundred times as long: one in four cases.
        for case in found.collect::<BTreeSet<_>>().into_iter().step_by(4) {
            let (config, input) = (case.join("config.yaml"), case.join("input.yaml"));
            if !config.is_file() || !input.is_file() {
                continue;
            }
            let arguments = ["fn", function.name, "--config"];
            let mut here = command("kserve-aws", Path::new(PROJECT));
            let here = run(here.args(arguments).arg(&config).arg(&input));
            let mut there = command(emulator, Path::new(PROJECT));
            let there = run(there.arg(&program).args(arguments).arg(&config).arg(&input));
            assert_eq!(there.code, here.code, "{}: {}", case.display(), there.stderr);
            assert!(there.stdout == here.stdout, "{}: {}", case.display(), there.stdout);
            assert_eq!(there.stderr, here.stderr, "{}", case.display());
            cases += 1;
        }
    }
    assert!(cases > 30, "{cases} cases");
}

#[test]
fn skopeo_reads_both_platforms() {
    if !are_here("skopeo", &["skopeo"]) {
        return;
    }
    let archive = images().unwrap().join("images.tar");
    for Built { name, digest, .. } in built() {
        let image = format!("oci-archive:{}:{name}", archive.display());
        let mut raw = Command::new("skopeo");
        let raw = run(raw.args(["inspect", "--raw", &image])).expect_success(&image).stdout;
        let sum = run_with(&mut Command::new("sha256sum"), raw.as_bytes()).stdout;
        assert!(sum.starts_with(digest.strip_prefix("sha256:").unwrap()), "{name}: {sum}");
        for architecture in ["amd64", "arm64"] {
            let mut inspect = Command::new("skopeo");
            inspect.args(["--override-arch", architecture, "inspect", &image]);
            let inspected = run(&mut inspect).expect_success(&image).stdout;
            let inspected: Value = serde_json::from_str(&inspected).unwrap();
            assert_eq!(inspected["Architecture"], architecture, "{name}");
            assert_eq!(inspected["Os"], "linux", "{name}");
        }
    }
}

/// A registry that ends with its test.
struct Registry {
    child: Child,
    address: String,
    _folder: Folder,
}

impl Registry {
    fn start() -> Self {
        let folder = Folder::new();
        let port =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: \"{address}\"}}\n",
            folder.path().display()
        );
        let file = folder.path().join("config.yaml");
        fs::write(&file, config).unwrap();
        let mut registry = Command::new("docker-registry");
        registry.arg("serve").arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        let child = registry.spawn().unwrap();
        let started = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "the registry does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, address, _folder: folder }
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The workflow's step pushes every image; a host that pins the digest gets what was built.
#[test]
fn pushed_images_run_by_their_digest() {
    if !are_here("a release's images", &["skopeo", "docker-registry", "cargo-cyclonedx"])
        || !containers_are_here("a release's images")
    {
        return;
    }
    let registry = Registry::start();
    let folder = Folder::new();
    let ours = format!("{}/kserve-aws", registry.address);
    fs::create_dir(folder.path().join("target")).unwrap();
    std::os::unix::fs::symlink(dist(), folder.path().join("target/dist")).unwrap();
    std::os::unix::fs::symlink(Path::new(PROJECT).join("scripts"), folder.path().join("scripts"))
        .unwrap();
    let local = |text: String| {
        text.replace(" ghcr.io/kserve-aws ", &format!(" {ours} --dest-tls-verify=false "))
    };
    run_step("Images", folder.path(), local).expect_success("the step Images");
    let pushed = read(folder.path().join("target/pushed.txt"));
    let function =
        |name: &str| name.rsplit_once('/').unwrap().1.split_once(':').unwrap().0.to_owned();
    let expected: Vec<String> = built()
        .iter()
        .map(|each| format!("{ours}/{}@{}", function(&each.name), each.digest))
        .collect();
    assert_eq!(pushed.lines().collect::<Vec<_>>(), expected);

    run_step("Subjects", folder.path(), |text| text).expect_success("the step Subjects");
    let subjects = read(folder.path().join("target/images.sha256"));
    for (subject, image) in subjects.lines().zip(&expected) {
        let (digest, name) = subject.split_once("  ").unwrap();
        assert_eq!(format!("{name}@sha256:{digest}"), *image);
    }

    let pinned = expected.iter().find(|image| image.contains(INGRESS_PARAMS.name)).unwrap();
    let list = list_of(CONFIG, &[INGRESS]);
    let mut docker = Command::new("docker");
    docker.args(["run", "--rm", "-i", "--network", "none", pinned]);
    let outcome = run_with(&mut docker, list.as_bytes()).expect_success(pinned);
    assert!(outcome.stdout.contains("listen-ports: '[{\"HTTP\":80}]'"), "{}", outcome.stdout);
    if Host::KustomizeContainer.is_here() {
        let overlays = Folder::with_overlays();
        let published = format!("ghcr.io/kserve-aws/{}:v{VERSION}", INGRESS_PARAMS.name);
        overlays.replace("ingress-params.yaml", &published, pinned);
        let mut build = Host::KustomizeContainer.command(&overlays);
        let built = run(build.arg(overlays.overlay("base"))).expect_success("kustomize");
        assert!(built.stdout.contains("kind: Ingress"), "{}", built.stdout);
    }
}

/// A digest that the release does not list is refused.
#[test]
fn a_changed_image_is_not_pushed_unnoticed() {
    if !are_here("a changed image", &["skopeo", "docker-registry"]) {
        return;
    }
    let registry = Registry::start();
    let folder = Folder::new();
    let archive = folder.path().join(format!("kserve-aws-v{VERSION}-images.tar"));
    fs::copy(images().unwrap().join("images.tar"), archive).unwrap();
    let list = read(images().unwrap().join("images.txt"));
    let other = list.replacen(&built()[0].digest, &format!("sha256:{}", "0".repeat(64)), 1);
    fs::write(folder.path().join(format!("kserve-aws-v{VERSION}-images.txt")), other).unwrap();
    let mut push = script("push-images");
    push.arg(folder.path()).args([&registry.address, "--dest-tls-verify=false"]);
    let outcome = run(&mut push);
    assert_eq!(outcome.code, Some(1), "{}", outcome.terminal());
    assert!(outcome.stderr.contains("expected sha256:0000"), "{}", outcome.terminal());
}

#[test]
fn the_archives_hold_the_programs_and_their_licences() {
    if !are_here("a release's archives", &["cargo-cyclonedx"]) {
        return;
    }
    let folder = Folder::new();
    fs::create_dir(folder.path().join("target")).unwrap();
    std::os::unix::fs::symlink(dist(), folder.path().join("target/dist")).unwrap();
    run_step("Checksums", folder.path(), |text| text).expect_success("the step Checksums");
    let mut archives = 0;
    for target in fs::read_dir(binaries()).unwrap() {
        let target = target.unwrap().file_name().into_string().unwrap();
        let name = format!("kserve-aws-v{VERSION}-{target}");
        let mut tar = Command::new("tar");
        tar.arg("-xzf").arg(dist().join(format!("{name}.tar.gz"))).arg("-C").arg(folder.path());
        run(&mut tar).expect_success(&name);
        let unpacked = folder.path().join(&name);
        let program = fs::read(unpacked.join("kserve-aws")).unwrap();
        assert!(program == fs::read(binaries().join(&target).join("kserve-aws")).unwrap());
        assert_eq!(read(unpacked.join("LICENSE")), read(Path::new(PROJECT).join("LICENSE")));
        let licences = read(unpacked.join("THIRD-PARTY-LICENCES.txt"));
        for dependency in ["serde_json", "json-patch", "talc", "clap"] {
            assert!(licences.contains(&format!("{dependency} ")), "{dependency}: {licences}");
        }
        assert!(licences.contains("Permission is hereby granted, free of charge"), "MIT");
        has_completions_and_manual(&unpacked);
        archives += 1;
    }
    assert!(archives > 0);
    // Another run gives the same bytes.
    let again = Folder::new();
    make_dist(&again.path().join("dist"));
    let sums = |folder: &Path| read(folder.join("SHA256SUMS"));
    assert_eq!(sums(dist()), sums(&again.path().join("dist")));
}

/// What an archive has for shells and for `man`, read by those that are installed.
fn has_completions_and_manual(unpacked: &Path) {
    for shell in ["bash", "elvish", "fish", "zsh"] {
        let script = unpacked.join(format!("completions/kserve-aws.{shell}"));
        assert!(read(&script).contains("set-ingress-params"), "{shell}");
        if which(shell).is_some() && shell != "elvish" {
            run(Command::new(shell).arg("-n").arg(&script)).expect_success(shell);
        }
    }
    let completed = "source \"$0\"; COMP_WORDS=(kserve-aws expl); COMP_CWORD=1; \
         complete=$(complete -p kserve-aws); complete=${complete##*-F }; \
         ${complete%% *} kserve-aws expl kserve-aws; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", completed]).arg(unpacked.join("completions/kserve-aws.bash"));
    assert_eq!(run(&mut bash).expect_success("completions").stdout, "explain\n");
    for page in ["kserve-aws", "kserve-aws-render", "kserve-aws-fn-set-ingress-params"] {
        let file = unpacked.join(format!("man/{page}.1"));
        assert!(read(&file).contains(".SH SYNOPSIS"), "{page}");
        if which("groff").is_some() {
            let mut groff = Command::new("groff");
            let shown = run(groff.args(["-man", "-Tutf8", "-ww"]).arg(&file)).expect_success(page);
            assert_eq!(shown.stderr, "", "{page}");
        }
    }
}

/// Every crate that is linked into the program on Linux is in the bill of materials.
#[test]
fn the_bill_of_materials_is_complete() {
    if !are_here("the bill of materials", &["cargo-cyclonedx"]) {
        return;
    }
    let bill = read(dist().join(format!("kserve-aws-v{VERSION}.cdx.json")));
    let bill: Value = serde_json::from_str(&bill).unwrap();
    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(bill["metadata"]["component"]["name"], "kserve-aws");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let components = bill["components"].as_array().unwrap();
    let listed: BTreeSet<String> = components
        .iter()
        .map(|each| format!("{} v{}", text(&each["name"]), text(&each["version"])))
        .collect();
    for component in components {
        assert!(component["licenses"].is_array(), "{component}");
    }
    let mut tree = command("cargo", Path::new(PROJECT));
    tree.args(["tree", "--locked", "--package", "kserve-aws", "--prefix", "none"]);
    tree.args(["--edges", "normal,no-proc-macro", "--target", "x86_64-unknown-linux-musl"]);
    let tree = run(tree.args(["--format", "{p}"])).expect_success("cargo tree").stdout;
    let linked: BTreeSet<String> = tree
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("kserve-aws "))
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    let missing: Vec<_> = linked.difference(&listed).collect();
    assert!(missing.is_empty(), "not in the bill: {missing:?}");
}

/// `cargo binstall` fills the templates of Cargo.toml; each must name an archive and the program in it.
#[test]
fn binstall_finds_the_archives() {
    let mut metadata = command("cargo", Path::new(PROJECT));
    metadata.args(["metadata", "--locked", "--no-deps", "--format-version", "1"]);
    let metadata = run(&mut metadata).expect_success("cargo metadata").stdout;
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "kserve-aws").unwrap();
    let binstall = &package["metadata"]["binstall"];
    assert_eq!(binstall["pkg-fmt"], "tgz");
    let release = format!("https://github.com/kserve-aws/kserve-aws/releases/download/v{VERSION}");
    for (machine, archive) in [
        ("x86_64-unknown-linux-musl", "x86_64-unknown-linux-musl"),
        ("x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"),
        ("aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl"),
        ("aarch64-apple-darwin", "aarch64-apple-darwin"),
    ] {
        let filled = |key: &str| {
            let own = &binstall["overrides"][machine][key];
            let template = if own.is_string() { own } else { &binstall[key] };
            let mut text = template.as_str().unwrap().to_owned();
            for (name, value) in [
                ("repo", package["repository"].as_str().unwrap()),
                ("name", "kserve-aws"),
                ("version", VERSION),
                ("target", machine),
                ("bin", "kserve-aws"),
                ("binary-ext", ""),
                ("archive-format", "tar.gz"),
            ] {
                text = text.replace(&format!("{{ {name} }}"), value);
            }
            text
        };
        let name = format!("kserve-aws-v{VERSION}-{archive}");
        assert_eq!(filled("pkg-url"), format!("{release}/{name}.tar.gz"));
        assert_eq!(filled("bin-dir"), format!("{name}/kserve-aws"));
    }
}

/// The README's commands, with the release's files from this machine.
#[test]
fn the_readme_installs_it() {
    if !are_here("the README's install section", &["cargo-cyclonedx", "curl"]) {
        return;
    }
    let script = crate::readme::blocks("README.md", "From a release").remove(0);
    let release = format!("https://github.com/kserve-aws/kserve-aws/releases/download/v{VERSION}");
    assert!(script.contains(&release), "{script}");
    let script = script.replace(&release, &format!("file://{}", dist().display()));
    let folder = Folder::new();
    let mut shell = command("bash", folder.path());
    shell.args(["-euo", "pipefail", "-c", &script]).env("HOME", folder.path());
    run(&mut shell).expect_success("the README's install section");
    let installed = folder.path().join(".local/bin/kserve-aws");
    if cfg!(target_arch = "x86_64") {
        let version = run(Command::new(installed).arg("--version")).expect_success("--version");
        let rest = version.stdout.trim_end().strip_prefix(&format!("kserve-aws {VERSION}"));
        let rest = rest.unwrap_or_else(|| panic!("{}", version.stdout));
        // A build without git has no commit to name.
        if Path::new(PROJECT).join(".git").exists() {
            let commit = rest.strip_prefix(" (").and_then(|rest| rest.strip_suffix(')')).unwrap();
            let commit = commit.trim_end_matches("-changed");
            assert!(commit.len() == 12 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{rest}");
        } else {
            assert_eq!(rest, "");
        }
    }
}

#[test]
fn the_notes_are_the_changelogs() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("scripts")).unwrap();
    let project = Path::new(PROJECT);
    for file in ["scripts/release-notes", "Cargo.toml"] {
        fs::copy(project.join(file), folder.path().join(file)).unwrap();
    }
    let notes = |changelog: &str, tag: &str| {
        fs::write(folder.path().join("CHANGELOG.md"), changelog).unwrap();
        run(command(folder.path().join("scripts/release-notes"), folder.path()).arg(tag))
    };
    let tag = format!("v{VERSION}");
    let released = format!(
        "# Changelog\n\n## [Unreleased]\n\n## [{VERSION}] - 2026-01-31\n\n### Added\n\n- A door.\n\n\
         ## [0.0.9] - 2025-01-31\n\n- Old.\n"
    );
    let told = notes(&released, &tag).expect_success("scripts/release-notes");
    assert_eq!(told.stdout, "\n### Added\n\n- A door.\n");
    let outcome = notes(&released, "v99.0.0");
    assert!(outcome.stderr.contains("does not match version"), "{}", outcome.terminal());
    let outcome = notes("# Changelog\n\n## [Unreleased]\n\n- A door.\n", &tag);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("has no section"), "{}", outcome.terminal());
}

/// Each crate builds from what would be published, and says what the registry shows.
#[test]
fn the_crates_can_be_published() {
    let mut publish = script("publish-crates");
    publish.args(["--dry-run", "--allow-dirty"]);
    let publish = run(&mut publish);
    if publish.stderr.contains("Could not resolve host") {
        return skip("the crates of a release", "the registry's index can't be reached");
    }
    let publish = publish.expect_success("scripts/publish-crates");
    for warning in ["manifest has no", "no documentation, homepage or repository"] {
        assert!(!publish.stderr.contains(warning), "{}", publish.stderr);
    }
    for name in ["kustomize-types", "krm-package", "krm-function"] {
        assert!(publish.stderr.contains(&format!("Uploading {name} ")), "{}", publish.stderr);
        let mut list = command("cargo", Path::new(PROJECT));
        list.args(["package", "--list", "--allow-dirty", "--package", name]);
        let listed = run(&mut list).expect_success(name).stdout;
        for file in ["LICENSE", "README.md", "src/lib.rs"] {
            assert!(listed.lines().any(|line| line == file), "{name} without {file}: {listed}");
        }
        assert!(!listed.lines().any(|line| line.starts_with("tests/")), "{listed}");
    }
}
