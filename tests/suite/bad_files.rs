//! Files, folders and arguments that are not what a command expects, with the program itself on a real disk: what
//! it prints, and how it ends: 1 for what is found in a text, 2 for arguments, 3 for what cannot be read or
//! written.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use test_support::skip;

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {ports: [{port: 80}]}\n";
const DOMAIN: &str = "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: KnativeDomain\nmetadata: {name: domain}\nspec: {domain: platform.example.com}\n";

/// A folder of the test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad-files").join(name);
    let _ = fs::remove_dir_all(&folder);
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    write("service.yaml", SERVICE.as_bytes());
    write("domain.yaml", DOMAIN.as_bytes());
    write("several.yaml", format!("{DOMAIN}---\n{DOMAIN}").as_bytes());
    write("list.yaml", b"apiVersion: v1\nkind: List\nitems: []\n");
    write("empty.yaml", b"");
    write("comment.yaml", b"# nothing yet\n");
    write("binary.yaml", &[0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0xff, 0xfe]);
    write("latin-1.yaml", b"apiVersion: v1\nkind: Service\nmetadata: {name: caf\xe9}\n");
    write("nul.yaml", b"apiVersion: v1\nkind: Service\nmetadata: {name: a\0b}\n");
    let windows = format!("\u{feff}{}", SERVICE.replace('\n', "\r\n"));
    write("windows.yaml", windows.as_bytes());
    write("twice.yaml", SERVICE.replace("kind: Service", "kind: Service\nkind: Pod").as_bytes());
    write("huge.yaml", SERVICE.replace("80", "99999999999999999999").as_bytes());
    write("deep.yaml", format!("{SERVICE}status: {}\n", "[".repeat(100_000)).as_bytes());
    write("tab.yaml", SERVICE.replace("spec: ", "spec:\n\t").as_bytes());
    write("no-kind.yaml", b"apiVersion: v1\nmetadata: {name: a}\n");
    write("template.yaml", b"{{- if .Values.ingress }}\n");
    write("text/notes.txt", b"none\n");
    write("linked/notes.txt", b"none\n");
    write("dangling/service.yaml", SERVICE.as_bytes());
    write("pipe/service.yaml", SERVICE.as_bytes());
    write("locked.yaml", SERVICE.as_bytes());
    fs::create_dir(folder.join("nothing")).unwrap();
    fs::write(folder.join(OsStr::from_bytes(b"caf\xe9.yaml")), "kind: [\n").unwrap();
    symlink("absent.yaml", folder.join("dangling.yaml")).unwrap();
    symlink("circle.yaml", folder.join("circle.yaml")).unwrap();
    symlink("../huge.yaml", folder.join("linked/huge.yaml")).unwrap();
    symlink("..", folder.join("linked/up.yaml")).unwrap();
    symlink("absent.yaml", folder.join("dangling/other.yaml")).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&OsStr], stdin: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kserve-aws"));
    command.args(arguments).current_dir(folder).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), stdin.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap_or_else(|| panic!("{}: {stderr}", output.status)), stderr)
}

/// Each call, and how it ends.
const CALLS: &[(&str, i32)] = &[
    ("check empty.yaml", 1),
    ("check comment.yaml", 1),
    ("check list.yaml", 1),
    ("check binary.yaml", 1),
    ("check latin-1.yaml", 1),
    ("check nul.yaml", 1),
    ("check windows.yaml", 0),
    ("check twice.yaml", 1),
    ("check huge.yaml", 1),
    ("check deep.yaml", 1),
    ("check tab.yaml", 1),
    ("check no-kind.yaml", 1),
    ("check template.yaml", 1),
    ("check -", 1),
    ("check absent.yaml", 3),
    ("check dangling.yaml", 3),
    ("check circle.yaml", 3),
    ("check nothing", 1),
    ("check text", 1),
    // A link to a file is read, as kubectl does.
    ("check linked", 1),
    ("check dangling", 3),
    ("check service.yaml absent.yaml", 3),
    ("hosts absent.yaml", 3),
    ("plan absent.yaml", 3),
    ("access absent.yaml", 3),
    ("access --diff service.yaml absent.yaml", 3),
    ("request absent.yaml", 3),
    ("trace http://a.example.com/ absent.yaml", 3),
    ("trace a.example.com service.yaml", 2),
    ("trace a.example.com absent.yaml", 2),
    ("trace http://a|b/ service.yaml", 2),
    ("trace http://a.example.com/ -H x-api-key service.yaml", 2),
    ("render absent", 3),
    ("render service.yaml", 3),
    ("render nothing", 1),
    ("render . --config absent.yaml", 3),
    ("render --built-in bse", 2),
    ("render linked --config domain.yaml --output service.yaml/new", 3),
    ("test absent", 3),
    ("test nothing", 1),
    ("fn set-knative-domains service.yaml", 2),
    ("fn service.yaml", 2),
    ("fn --config domain.yaml --config domain.yaml service.yaml", 2),
    ("fn --config - -", 2),
    ("fn --config absent.yaml service.yaml", 3),
    ("fn --config nothing service.yaml", 3),
    ("fn --config empty.yaml service.yaml", 1),
    ("fn --config several.yaml service.yaml", 1),
    ("fn --config service.yaml service.yaml", 1),
    ("fn plan-certificate --config domain.yaml service.yaml", 1),
    ("fn --config domain.yaml absent.yaml", 3),
    // A host knows 0 and 1.
    ("fn", 1),
    ("fn set-knative-domain", 1),
    ("check --config domain.yaml service.yaml", 1),
    ("check --accept absent.yaml service.yaml", 3),
    ("check --accept empty.yaml service.yaml", 1),
    ("check --accept service.yaml service.yaml", 1),
    ("check --baseline absent.json service.yaml", 3),
    ("check --write-baseline service.yaml/baseline.json service.yaml", 3),
    ("check --write-baseline nothing service.yaml", 3),
    ("check --fix -", 2),
    ("check --format xml service.yaml", 2),
    ("check --fail-on info service.yaml", 2),
    ("check --color maybe service.yaml", 2),
    ("schema IngresParams", 2),
    ("explain door-opne", 2),
    ("explian door-open", 2),
    ("man service.yaml/man", 3),
];

#[test]
fn each_has_its_message_and_its_exit_code() {
    let folder = folder("calls");
    let mut shown = String::new();
    for (call, expected) in CALLS {
        let arguments: Vec<&OsStr> = call.split(' ').map(OsStr::new).collect();
        let (code, stderr) = run(&folder, &arguments, "");
        assert_eq!(code, *expected, "{call}: {stderr}");
        assert!(!stderr.contains("panicked") && !stderr.contains("internal error"), "{stderr}");
        assert!(stderr.len() < 4096, "{call}: {} bytes", stderr.len());
        assert_eq!(stderr.is_empty(), *expected == 0, "{call}: {stderr}");
        shown.push_str(&format!("$ kserve-aws {call}\n{stderr}exit code {code}\n\n"));
    }
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(shown) });
}

/// A name that is not UTF-8 is a name.
#[test]
fn a_name_of_any_bytes_is_read() {
    let folder = folder("bytes");
    let name = OsStr::from_bytes(b"caf\xe9.yaml");
    for arguments in [
        [OsStr::new("check"), name].as_slice(),
        &[OsStr::new("hosts"), name],
        &[OsStr::new("plan"), name],
    ] {
        let (code, stderr) = run(&folder, arguments, "");
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains("caf\u{fffd}.yaml:"), "{stderr}");
    }
}

/// A pipe with a name is read where it is named, as of a shell's `<(…)`, and not among the files of a folder,
/// where nobody writes into it.
#[test]
fn a_named_pipe_is_read_where_it_is_named() {
    let folder = folder("pipe");
    let pipe = folder.join("pipe/pipe.yaml");
    if !Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
        skip("there is no mkfifo");
        return;
    }
    let (code, stderr) = run(&folder, &["check", "pipe"].map(OsStr::new), "");
    assert_eq!((code, stderr.as_str()), (0, ""));
    let writer = std::thread::spawn(move || fs::write(pipe, SERVICE.replace("80", "many")));
    let (code, stderr) = run(&folder, &["check", "pipe/pipe.yaml"].map(OsStr::new), "");
    writer.join().unwrap().unwrap();
    assert!(code == 1 && stderr.contains("bad-object"), "{stderr}");
}

#[test]
fn a_file_that_nobody_may_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("locked");
    let file = folder.join("locked.yaml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    let mut refused = "Permission denied";
    if fs::read(&file).is_ok() {
        // Root reads every file but what the kernel itself refuses: a process has nothing at address 0.
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("/proc/self/mem", &file).unwrap();
        refused = "Input/output error";
    }
    let (code, stderr) = run(&folder, &["check", "locked.yaml"].map(OsStr::new), "");
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains(&format!("cannot read locked.yaml: {refused}")), "{stderr}");
}

/// A full disk is no success: a host gets 1, a person 3.
#[test]
fn an_output_that_is_lost_is_a_failure() {
    let folder = folder("lost");
    if !Path::new("/dev/full").exists() {
        skip("there is no /dev/full");
        return;
    }
    let lost = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kserve-aws"));
        command.args(arguments).current_dir(&folder).stdin(Stdio::null());
        command.stdout(fs::File::create("/dev/full").unwrap());
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(stderr.contains("cannot write to stdout"), "{stderr}");
        output.status.code()
    };
    assert_eq!(lost(&["schema", "IngressParams"]), Some(3));
    assert_eq!(lost(&["render", "--built-in", "knative-domain"]), Some(3));
}
