//! The hosts: how each is told which function to run, how it is run, and what comes of it. They
//! differ in nothing else, which the tests of every function show.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use kserve_aws::functions;
use serde_json::{Map, Value};

use crate::documents;
use crate::package::{self, Folder, copy};
use crate::process::{Outcome, binary, command, containers_are_here, run, skip, which};

/// How a kustomization begins.
pub(crate) const KUSTOMIZATION: &str =
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

/// A function as hosts know it.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// Its overlay in `awsconfigs/common`, whose first folder has the name of the configuration.
    pub(crate) config: &'static str,
}

/// A way to run a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// `kserve-aws fn` on files.
    Alone,
    Render,
    KustomizeExec,
    KustomizeContainer,
    KubectlContainer,
    KubectlPlugin,
    KptRenderExec,
    KptRenderContainer,
    KptEvalExec,
    KptEvalContainer,
}

use Host::{
    Alone, KptEvalContainer, KptEvalExec, KptRenderContainer, KptRenderExec, KubectlContainer,
    KubectlPlugin, KustomizeContainer, KustomizeExec, Render,
};

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self:?}")
    }
}

pub(crate) fn image(function: &str) -> String {
    format!("ghcr.io/kserve-aws/{function}:v{}", env!("CARGO_PKG_VERSION"))
}

impl Function {
    /// Where its overlay stands, in the project and in every copy.
    pub(crate) fn place(&self) -> String {
        format!("awsconfigs/common/{}", self.config)
    }

    pub(crate) fn config_file(&self) -> String {
        format!("{}.yaml", self.config.split('/').next().unwrap())
    }

    pub(crate) fn exec(&self) -> String {
        format!("kserve-aws fn {}", self.name)
    }

    /// Whether a host is here; says in one line if not.
    #[track_caller]
    pub(crate) fn runs_under(&self, host: Host) -> bool {
        host.is_here_for(&format!("{} under {host}", self.name))
    }

    /// The published overlay, and in `models` objects beside which it is a component; for kpt a
    /// package with its step.
    pub(crate) fn folder(&self, manifests: &[(&str, &str)]) -> Folder {
        let folder = Folder::new();
        let overlay = folder.path().join(self.place());
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(self.place()), &overlay);
        let models = folder.path().join("models");
        fs::create_dir_all(&models).unwrap();
        let mut kustomization = format!("{KUSTOMIZATION}components:\n- ../{}\n", self.place());
        kustomization.push_str("resources:\n");
        for (name, text) in manifests {
            fs::write(models.join(name), text).unwrap();
            kustomization.push_str(&format!("- {name}\n"));
        }
        fs::write(models.join("kustomization.yaml"), kustomization).unwrap();
        fs::copy(overlay.join("Kptfile"), models.join("Kptfile")).unwrap();
        if has_config_path(&models) {
            fs::copy(overlay.join(self.config_file()), models.join(self.config_file())).unwrap();
        }
        folder
    }

    /// Whether a manifest is kustomize's, and no object of the cluster.
    fn is_of_kustomize(&self, manifest: &Path) -> bool {
        let file = manifest.file_name().unwrap().to_string_lossy();
        file == "kustomization.yaml" || file == self.config_file()
    }
}

impl Host {
    pub(crate) const ALL: [Self; 10] = [
        Alone,
        Render,
        KustomizeExec,
        KustomizeContainer,
        KubectlContainer,
        KubectlPlugin,
        KptRenderExec,
        KptRenderContainer,
        KptEvalExec,
        KptEvalContainer,
    ];

    fn program(self) -> &'static str {
        match self {
            Alone | Render => "kserve-aws",
            KustomizeExec | KustomizeContainer => "kustomize",
            KubectlContainer | KubectlPlugin => "kubectl",
            KptRenderExec | KptRenderContainer | KptEvalExec | KptEvalContainer => "kpt",
        }
    }

    pub(crate) fn is_kpt(self) -> bool {
        self.program() == "kpt"
    }

    /// Whether the host is kustomize, by itself or within kubectl.
    pub(crate) fn is_kustomize(self) -> bool {
        matches!(self.program(), "kustomize" | "kubectl")
    }

    pub(crate) fn has_containers(self) -> bool {
        matches!(
            self,
            KustomizeContainer | KubectlContainer | KptRenderContainer | KptEvalContainer
        )
    }

    /// Whether the host is here; says in one line if not.
    #[track_caller]
    pub(crate) fn is_here(self) -> bool {
        self.is_here_for(&self.to_string())
    }

    #[track_caller]
    fn is_here_for(self, what: &str) -> bool {
        let program = self.program();
        if program != "kserve-aws" && which(program).is_none() {
            skip(what, &format!("{program} is not installed"));
            return false;
        }
        !self.has_containers() || containers_are_here(what)
    }

    /// Makes the one change that a host needs in the functionConfigs or Kptfiles of a folder.
    pub(crate) fn configure(self, function: &Function, folder: &Folder) {
        let image = image(function.name);
        let published = format!("      container:\n        image: {image}\n");
        match self {
            KustomizeExec => {
                let exec = format!("      exec:\n        path: {}\n", binary().display());
                folder.replace(&function.config_file(), &published, &exec);
            }
            KubectlPlugin => {
                let annotation = format!("    config.kubernetes.io/function: |\n{published}");
                folder.replace(&function.config_file(), &annotation, "");
                let kind = functions::ALL.named(function.name).unwrap().kind;
                let plugins = folder.path().join("fn.kserve-aws.dev/v1alpha1");
                let plugins = plugins.join(kind.to_lowercase());
                fs::create_dir_all(&plugins).unwrap();
                fs::copy(binary(), plugins.join(kind)).unwrap();
            }
            KptRenderExec => {
                let exec = format!("exec: {}", function.exec());
                folder.replace("Kptfile", &format!("image: {image}"), &exec);
            }
            _ => {}
        }
    }

    /// Configures, and makes of a kustomization a package: kpt takes the files of kustomize for
    /// objects of the package.
    pub(crate) fn prepare(self, function: &Function, folder: &Folder, place: &str) {
        self.configure(function, folder);
        let place = folder.path().join(place);
        for name in package::files(&place).into_keys() {
            // Render finds the configuration in the package, and eval is told where it is.
            let is_kept = matches!(self, KptRenderExec | KptRenderContainer)
                && has_config_path(&place)
                && name == Path::new(&function.config_file());
            if self.is_kpt() && function.is_of_kustomize(&name) && !is_kept {
                fs::remove_file(place.join(name)).unwrap();
            }
        }
    }

    /// The command up to the place that it is for.
    pub(crate) fn command(self, folder: &Folder) -> Command {
        let mut command = command(self.program(), folder.path());
        let enable = "--enable-alpha-plugins";
        match self {
            Alone => command.arg("fn"),
            Render => command.arg("render"),
            KustomizeExec => command.args(["build", enable, "--enable-exec"]),
            KustomizeContainer => command.args(["build", enable]),
            KubectlContainer => command.args(["kustomize", enable]),
            KubectlPlugin => {
                command.env("KUSTOMIZE_PLUGIN_HOME", folder.path()).args(["kustomize", enable])
            }
            KptRenderExec => command.args(["fn", "render", "--allow-exec"]),
            KptRenderContainer => command.args(["fn", "render"]),
            KptEvalExec | KptEvalContainer => command.args(["fn", "eval"]),
        };
        command
    }

    /// Runs the host on a kustomization or package. What is not told by files is told as in the
    /// package's Kptfile.
    #[track_caller]
    pub(crate) fn run(
        self,
        function: &Function,
        folder: &Folder,
        place: impl AsRef<Path>,
    ) -> Outcome {
        let place = folder.path().join(place);
        let mut command = self.command(folder);
        match self {
            Alone => {
                let config = Path::new(&function.place()).join(function.config_file());
                let mut manifests = documents::manifests(&place);
                manifests.retain(|path, _| !function.is_of_kustomize(path));
                command.args([function.name, "--format", "plain", "--config"]).arg(config);
                command.args(manifests.keys().map(|path| place.join(path)));
            }
            KptEvalExec | KptEvalContainer => {
                command.arg(&place);
                if self == KptEvalExec {
                    command.args(["--exec", &function.exec()]);
                } else {
                    command.args(["--image", &image(function.name)]);
                }
                if has_config_path(&place) {
                    let overlay = folder.path().join(function.place());
                    command.arg("--fn-config").arg(overlay.join(function.config_file()));
                    return run(&mut command);
                }
                command.arg("--");
                let setting =
                    |(key, value): (&String, &Value)| format!("{key}={}", value.as_str().unwrap());
                command.args(settings(&place).iter().map(setting));
            }
            _ => {
                command.arg(&place);
            }
        }
        run(&mut command)
    }
}

/// Whether the Kptfile of a package names a file with the configuration.
fn has_config_path(place: &Path) -> bool {
    fs::read_to_string(place.join("Kptfile")).unwrap().contains("configPath:")
}

/// What the Kptfile of a package tells the function.
pub(crate) fn settings(place: &Path) -> Map<String, Value> {
    let text = fs::read_to_string(place.join("Kptfile")).unwrap();
    let kptfile: Value = serde_yaml::from_str(&text).unwrap();
    kptfile["pipeline"]["mutators"][0]["configMap"].as_object().unwrap().clone()
}

/// What every host gives, which is what the program gives without one, and says on the terminal; a
/// second run of kpt changes nothing.
#[track_caller]
pub(crate) fn under_every_host(
    function: &Function,
    place: &str,
    told: &[&str],
    folder: impl Fn() -> Folder,
) -> BTreeMap<String, Value> {
    let mut all: Option<BTreeMap<String, Value>> = None;
    let mut printed: Option<String> = None;
    for host in Host::ALL.into_iter().filter(|host| function.runs_under(*host)) {
        let folder = folder();
        host.prepare(function, &folder, place);
        let what = format!("{} under {host}, {place}", function.name);
        let outcome = host.run(function, &folder, place).expect_success(&what);
        let terminal = outcome.terminal();
        assert!(!terminal.to_lowercase().contains("deprecated"), "{what}:\n{terminal}");
        // Only on failure does kubectl show what a plugin says.
        for words in told.iter().filter(|_| host != KubectlPlugin) {
            assert!(terminal.contains(words), "{what}:\n{terminal}");
        }
        if host.is_kustomize() {
            assert_eq!(
                outcome.stdout,
                *printed.get_or_insert_with(|| outcome.stdout.clone()),
                "{what}"
            );
        }
        let mut objects = if host.is_kpt() {
            documents::in_package(&folder.path().join(place))
        } else {
            documents::of(&outcome.stdout)
        };
        objects.retain(|one| one["apiVersion"] != "fn.kserve-aws.dev/v1alpha1");
        let objects = documents::meaning(objects);
        assert_eq!(objects, *all.get_or_insert_with(|| objects.clone()), "{what}");
        if host.is_kpt() {
            let once = package::files(folder.path());
            host.run(function, &folder, place).expect_success(&what);
            assert!(once == package::files(folder.path()), "{what}: a second run");
        }
    }
    all.unwrap()
}

/// A refusal as its author sees it, under every host, and nothing else.
#[track_caller]
pub(crate) fn refused_by_every_host(
    function: &Function,
    place: &str,
    words: &[&str],
    folder: impl Fn() -> Folder,
) {
    for host in Host::ALL.into_iter().filter(|host| function.runs_under(*host)) {
        let folder = folder();
        host.prepare(function, &folder, place);
        let before = package::files(folder.path());
        let outcome = host.run(function, &folder, place);
        // kpt shows stderr as Go strings.
        let told = outcome.terminal().replace("\\\"", "\"");
        let what = format!("{} under {host}, {place}", function.name);
        assert!(!outcome.success(), "{what}: passed\n{told}");
        assert!(words.iter().all(|words| told.contains(words)), "{what}:\n{told}");
        assert!(!told.contains("panicked"), "{what}:\n{told}");
        let mut after = package::files(folder.path());
        // kpt notes there what it ran.
        let kptfile = Path::new(place).join("Kptfile");
        after.insert(kptfile.clone(), before[&kptfile].clone());
        assert!(before == after, "{what}: files changed");
        assert!(host.is_kpt() || outcome.stdout.is_empty(), "{what}: printed manifests");
    }
}

/// Some files that kpt made in `models` go after a change, and others stay.
#[track_caller]
pub(crate) fn kpt_removes(
    function: &Function,
    folder: impl Fn() -> Folder,
    change: impl Fn(&Folder),
    goes: &str,
    stay: &[&str],
) {
    let kpt = |host: &Host| host.is_kpt() && function.runs_under(*host);
    for host in Host::ALL.into_iter().filter(kpt) {
        let folder = folder();
        host.prepare(function, &folder, "models");
        let what = format!("{} under {host}", function.name);
        let is_there = |file: &&str| folder.path().join("models").join(file).is_file();
        host.run(function, &folder, "models").expect_success(&what);
        assert!(is_there(&goes), "{what}: {goes} is not made");
        change(&folder);
        host.run(function, &folder, "models").expect_success(&what);
        assert!(!is_there(&goes), "{what}: {goes} is still there");
        assert!(stay.iter().all(is_there), "{what}: one of {stay:?} is gone");
    }
}
