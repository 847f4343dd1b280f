//! What goes wrong around a function: it is killed, has no memory, can't write. A user's package
//! never has fewer files than before, or a half-written one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::host::{Host, image};
use crate::ingress_params::{INGRESS_PARAMS, render};
use crate::package::{self, Folder, script};
use crate::process::{Outcome, binary, command, path_with, run, run_with, skip, which};
use test_support::ingress::{indented, list_of};

/// What a shell does to the function in place of running it; `$BIN` is the binary.
const FAULTS: [(&str, &str); 7] = [
    ("killed at the start", "kill -9 $$"),
    ("killed after the input", "cat >/dev/null; kill -9 $$"),
    (
        "killed half-way through the output",
        r#""$BIN" fn set-ingress-params | head -c 300; kill -9 $$"#,
    ),
    ("killed while it runs", r#""$BIN" fn set-ingress-params <&0 & kill -9 $!; wait $!"#),
    ("without memory", r#"ulimit -v 16000; exec "$BIN" fn set-ingress-params"#),
    ("with a full stdout", r#"exec "$BIN" fn set-ingress-params >/dev/full"#),
    ("with a closed stdout", r#"exec "$BIN" fn set-ingress-params >&-"#),
];

/// Big enough that reading it needs more memory than the faults leave.
const BIG: usize = 12_000_000;

/// The api overlay with an object of some megabytes, and a function that a fault befalls.
fn package_with(fault: &str) -> (Folder, PathBuf) {
    let folder = Folder::with_overlays();
    let place = folder.overlay("api");
    let big = "x".repeat(BIG);
    let object =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: big\ndata:\n  text: {big}\n");
    fs::write(place.join("big.yaml"), object).unwrap();
    let function = folder.path().join("function");
    script(&function, &format!("#!/bin/bash\nBIN={}\n{fault}\n", binary().display()));
    (folder, place)
}

#[test]
fn no_fault_costs_kpts_user_a_file() {
    if !Host::KptRenderExec.is_here() {
        return;
    }
    let image = image(INGRESS_PARAMS.name);
    for (name, fault) in FAULTS {
        let (folder, place) = package_with(fault);
        let function = folder.path().join("function");
        let kptfile = fs::read_to_string(place.join("Kptfile")).unwrap();
        let kptfile =
            kptfile.replace(&format!("image: {image}"), &format!("exec: {}", function.display()));
        fs::write(place.join("Kptfile"), kptfile).unwrap();
        let before = package::files(&place);
        let render = run(command("kpt", &place).args(["fn", "render", "--allow-exec"]));
        unharmed(&format!("render {name}"), &render, before == package::files(&place));

        let config = folder.path().join("config.yaml");
        fs::write(&config, CONFIG).unwrap();
        let mut eval = command("kpt", &place);
        eval.args(["fn", "eval", ".", "--exec"]).arg(&function).arg("--fn-config").arg(&config);
        unharmed(&format!("eval {name}"), &run(&mut eval), before == package::files(&place));
    }
}

const CONFIG: &str = "\
apiVersion: fn.kserve-aws.dev/v1alpha1
kind: IngressParams
metadata:
  name: params
spec:
  overlay: api
  certArn: arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012
  httpHeaderValues: [\"0f5b1c2e9d8a4736a1b2c3d4e5f60718\"]
";

#[track_caller]
fn unharmed(what: &str, outcome: &Outcome, same: bool) {
    let told = outcome.terminal();
    let told = told.get(..2000).unwrap_or(&told);
    assert!(!outcome.success(), "{what}: passed\n{told}");
    assert!(same, "{what}: the package changed\n{told}");
}

#[test]
fn no_fault_lets_kustomize_print_a_part() {
    if !Host::KustomizeExec.is_here() {
        return;
    }
    let image = image(INGRESS_PARAMS.name);
    for (name, fault) in FAULTS {
        let (folder, place) = package_with(fault);
        let function = folder.path().join("function");
        folder.replace(
            "ingress-params.yaml",
            &format!("container:\n        image: {image}"),
            &format!("exec:\n        path: {}", function.display()),
        );
        folder.replace("kustomization.yaml", "resources:\n- ../", "resources:\n- big.yaml\n- ../");
        // The base has a function of its own, on which the fault would fall first.
        let base = folder.overlay("base").join("ingress-params.yaml");
        let text = fs::read_to_string(&base).unwrap();
        let sound = binary().display().to_string();
        fs::write(&base, text.replace(&function.display().to_string(), &sound)).unwrap();
        let mut build = command("kustomize", &place);
        build.args(["build", "--enable-alpha-plugins", "--enable-exec"]);
        let outcome = run(&mut build);
        assert!(!outcome.success(), "{name}: passed");
        assert_eq!(outcome.stdout, "", "{name}");
    }
}

/// The engine as a container ends it: killed, or out of memory.
#[test]
fn no_fault_of_a_container_costs_a_file() {
    if !Host::KptRenderContainer.is_here() {
        return;
    }
    let docker = which("docker").unwrap();
    let docker = docker.display();
    let kill = format!(
        "#!/bin/bash\n[ \"$1\" = run ] || exec {docker} \"$@\"\nshift\nname=e2e-$$\n\
         (cat; sleep 30) 2>/dev/null | {docker} run --name $name \"$@\" &\nfunction=$!\n\
         until {docker} kill $name >/dev/null 2>&1; do sleep 0.1; done\nwait $function\n",
    );
    let memory = format!(
        "#!/bin/bash\n[ \"$1\" = run ] || exec {docker} \"$@\"\nshift\n\
         exec {docker} run --memory 8m --memory-swap 8m \"$@\"\n"
    );
    for (name, shim) in [("killed", kill), ("without memory", memory)] {
        let (folder, place) = package_with("");
        let bin = folder.path().join("bin");
        script(&bin.join("docker"), &shim);
        let before = package::files(&place);
        let mut render = Command::new("kpt");
        render.current_dir(&place).args(["fn", "render"]).env("PATH", path_with(&[&bin]));
        unharmed(&format!("container {name}"), &run(&mut render), before == package::files(&place));
    }
}

/// Nobody reads: the function ends without a word of Rust's.
#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let folder = Folder::with_overlays();
    let mut shell = command("bash", folder.path());
    shell.args(["-c", "kserve-aws render | true; echo ${PIPESTATUS[0]}"]);
    let outcome = run(&mut shell);
    assert!(matches!(outcome.stdout.trim(), "0" | "3"), "{}", outcome.terminal());
    assert!(!outcome.terminal().contains("panicked"), "{}", outcome.terminal());
}

/// 200 MB, read and written in bounded memory.
#[test]
fn an_input_of_200_mb_passes() {
    let folder = Folder::new();
    let list = folder.path().join("list.yaml");
    fs::write(&list, list_of_size(200_000_000)).unwrap();
    let mut shell = command("bash", folder.path());
    // 4.5 times the input, the bar of the engine.
    shell.args(["-c", "ulimit -v 900000; kserve-aws fn set-ingress-params < list.yaml > out.yaml"]);
    run(&mut shell).expect_success("200 MB");
    let (before, after) =
        (fs::read(&list).unwrap(), fs::read(folder.path().join("out.yaml")).unwrap());
    // The Ingress comes first; what follows it came through untouched.
    let rest = |text: &[u8]| {
        let start = text.windows(10).position(|at| at == b"kind: Pod\n").unwrap();
        text[start..start + 199_000_000].to_vec()
    };
    assert!(rest(&before) == rest(&after), "other bytes changed");
    assert!(after.len() > before.len());
}

/// A ResourceList of some size: an Ingress, and objects of a kilobyte each.
fn list_of_size(size: usize) -> String {
    let path = format!("{}/{}/base/ingress.yaml", env!("CARGO_MANIFEST_DIR"), package::OVERLAYS);
    let mut list = list_of(CONFIG, &[&fs::read_to_string(path).unwrap()]);
    let argument = "    - --a-flag=with some text\n".repeat(30);
    let mut number = 0;
    while list.len() < size {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-{number}\nspec:\n  containers:\n  - name: app\n    args:\n{argument}"
        );
        list.push_str(&format!("- {}\n", indented(&pod)));
        number += 1;
    }
    list
}

/// Two at once on one folder: at the end it is as after one, whoever of them came through.
#[test]
fn two_hosts_at_once_leave_a_whole_package() {
    if !Host::KptRenderExec.is_here() {
        return;
    }
    let alone = Folder::with_overlays();
    render(Host::KptRenderExec, &alone, "api", None).outcome.expect_success("alone");
    let expected = package::files(&alone.overlay("api"));
    for round in 0..10 {
        let folder = Folder::with_overlays();
        fs::write(folder.overlay("api").join("Kptfile"), &expected[Path::new("Kptfile")]).unwrap();
        let place = folder.overlay("api");
        let render = || run(command("kpt", &place).args(["fn", "render", "--allow-exec"]));
        let outcomes = std::thread::scope(|scope| {
            let first = scope.spawn(render);
            let second = scope.spawn(render);
            [first.join().unwrap(), second.join().unwrap()]
        });
        let told: Vec<String> = outcomes.iter().map(Outcome::terminal).collect();
        assert!(outcomes.iter().any(Outcome::success), "round {round}: {told:?}");
        let now = package::files(&place);
        assert_eq!(now.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        assert_eq!(now, expected, "round {round}: {told:?}");
    }
}

/// Two builds read one folder and write nothing.
#[test]
fn two_builds_at_once_give_the_same() {
    if !Host::KustomizeContainer.is_here() {
        return;
    }
    let folder = Folder::with_overlays();
    let place = folder.overlay("api");
    let build = || run(Host::KustomizeContainer.command(&folder).arg(&place));
    let outcomes = std::thread::scope(|scope| {
        let builds: Vec<_> = (0..4).map(|_| scope.spawn(build)).collect();
        builds.into_iter().map(|build| build.join().unwrap()).collect::<Vec<_>>()
    });
    for outcome in &outcomes {
        assert!(outcome.success(), "{}", outcome.terminal());
        assert_eq!(outcome.stdout, outcomes[0].stdout);
    }
}

/// Without any host: every fault ends with an exit code that a host takes for a failure.
#[test]
fn every_fault_is_a_failure_by_itself() {
    if !cfg!(target_os = "linux") {
        return skip("faults", "they are written for Linux");
    }
    let list = list_of_size(BIG);
    for (name, fault) in FAULTS {
        let folder = Folder::new();
        let function = folder.path().join("function");
        script(&function, &format!("#!/bin/bash\nBIN={}\n{fault}\n", binary().display()));
        let outcome = run_with(&mut command(&function, folder.path()), list.as_bytes());
        assert!(!outcome.success(), "{name}");
        assert!(!outcome.stderr.contains("panicked"), "{name}: {}", outcome.stderr);
    }
}
