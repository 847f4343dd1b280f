//! The hosts, each with the one thing that differs between them: how it is told which function to
//! run with what.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::documents;
use crate::package::{self, Folder};
use crate::process::{Outcome, binary, command, images, run, skip};

pub(crate) const IMAGE: &str =
    concat!("ghcr.io/kserve-aws/set-ingress-params:v", env!("CARGO_PKG_VERSION"));

/// A way to run `set-ingress-params`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    KubectlContainer,
    KubectlPlugin,
    KustomizeContainer,
    KustomizeExec,
    KptRenderContainer,
    KptRenderExec,
    KptEvalContainer,
    KptEvalExec,
    Render,
}

use Host::{
    KptEvalContainer, KptEvalExec, KptRenderContainer, KptRenderExec, KubectlContainer,
    KubectlPlugin, KustomizeContainer, KustomizeExec, Render,
};

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self:?}")
    }
}

/// Keys of a `params.env`, in order.
pub(crate) type Params<'a> = [(&'a str, &'a str)];

/// What a host made of an overlay.
pub(crate) struct Rendered {
    pub(crate) outcome: Outcome,
    /// The objects: what it printed, or what stands in the package now.
    pub(crate) documents: Vec<Value>,
}

impl Host {
    pub(crate) const ALL: [Self; 9] = [
        Render,
        KustomizeExec,
        KustomizeContainer,
        KubectlContainer,
        KubectlPlugin,
        KptRenderContainer,
        KptRenderExec,
        KptEvalContainer,
        KptEvalExec,
    ];

    pub(crate) fn is_kpt(self) -> bool {
        matches!(self, KptRenderContainer | KptRenderExec | KptEvalContainer | KptEvalExec)
    }

    /// Whether the host is kustomize, by itself or within kubectl.
    pub(crate) fn is_kustomize(self) -> bool {
        !self.is_kpt() && self != Render
    }

    pub(crate) fn has_containers(self) -> bool {
        matches!(
            self,
            KubectlContainer | KustomizeContainer | KptRenderContainer | KptEvalContainer
        )
    }

    /// Whether the host is here; says in one line if not.
    #[track_caller]
    pub(crate) fn is_here(self) -> bool {
        let program = match self {
            Render => None,
            KubectlContainer | KubectlPlugin => Some("kubectl"),
            KustomizeContainer | KustomizeExec => Some("kustomize"),
            _ => Some("kpt"),
        };
        if let Some(program) = program.filter(|program| !installed(program)) {
            skip(&self.to_string(), &format!("{program} is not installed"));
            return false;
        }
        !self.has_containers() || containers_are_here(&self.to_string())
    }

    /// Renders an overlay of a copy with parameters, or with those that stand there.
    #[track_caller]
    pub(crate) fn render(
        self,
        folder: &Folder,
        overlay: &str,
        params: Option<&Params<'_>>,
    ) -> Rendered {
        let place = folder.overlay(overlay);
        if self.is_kpt() {
            let outcome = self.kpt(&place, overlay, params);
            return Rendered { documents: in_package(&place), outcome };
        }
        if let Some(params) = params {
            let line = |(key, value): &(&str, &str)| format!("{key}={value}\n");
            fs::write(place.join("params.env"), params.iter().map(line).collect::<String>())
                .unwrap();
        }
        self.prepare(folder);
        let outcome = run(&mut self.build_command(folder.path(), &place));
        Rendered { documents: documents::of(&outcome.stdout), outcome }
    }

    /// Makes the one change that a host needs in the functionConfigs.
    pub(crate) fn prepare(self, folder: &Folder) {
        let published = format!("      container:\n        image: {IMAGE}\n");
        let annotation = format!("    config.kubernetes.io/function: |\n{published}");
        match self {
            KustomizeExec => folder.replace(
                "ingress-params.yaml",
                &published,
                &format!("      exec:\n        path: {}\n", binary().display()),
            ),
            KubectlPlugin => {
                folder.replace("ingress-params.yaml", &annotation, "");
                let plugins = folder.path().join("fn.kserve-aws.dev/v1alpha1/ingressparams");
                fs::create_dir_all(&plugins).unwrap();
                fs::copy(binary(), plugins.join("IngressParams")).unwrap();
            }
            _ => {}
        }
    }

    /// The command that prints a kustomization.
    pub(crate) fn build_command(self, root: &Path, place: &Path) -> Command {
        let program = match self {
            Render => "kserve-aws",
            KubectlContainer | KubectlPlugin => "kubectl",
            _ => "kustomize",
        };
        let mut command = command(program, root);
        match self {
            Render => command.arg("render"),
            KubectlContainer => command.args(["kustomize", "--enable-alpha-plugins"]),
            KubectlPlugin => {
                command.env("KUSTOMIZE_PLUGIN_HOME", root);
                command.args(["kustomize", "--enable-alpha-plugins"])
            }
            KustomizeExec => command.args(["build", "--enable-alpha-plugins", "--enable-exec"]),
            _ => command.args(["build", "--enable-alpha-plugins"]),
        };
        command.arg(place);
        command
    }

    fn kpt(self, place: &Path, overlay: &str, params: Option<&Params<'_>>) -> Outcome {
        let config = kpt_config(overlay, params, place);
        let mut command = command("kpt", place);
        command.arg("fn");
        match self {
            KptRenderContainer | KptRenderExec => {
                let function = if self == KptRenderExec {
                    json!({ "exec": "kserve-aws fn set-ingress-params", "configMap": config })
                } else {
                    json!({ "image": IMAGE, "configMap": config })
                };
                let kptfile = place.join("Kptfile");
                let mut file: Value =
                    serde_yaml::from_str(&fs::read_to_string(&kptfile).unwrap()).unwrap();
                let published = file["pipeline"]["mutators"][0].clone();
                if published != function {
                    file["pipeline"]["mutators"][0] = function;
                    fs::write(&kptfile, serde_yaml::to_string(&file).unwrap()).unwrap();
                }
                command.arg("render");
                if self == KptRenderExec {
                    command.arg("--allow-exec");
                }
            }
            KptEvalContainer => {
                command.args(["eval", ".", "--image", IMAGE, "--"]);
                let argument = |(key, value): (&String, &Value)| {
                    format!("{key}={}", value.as_str().unwrap_or_default())
                };
                command.args(config.iter().map(argument));
            }
            _ => {
                // Outside the package, or kpt would take it for one of its objects.
                let file = place.parent().unwrap().join(format!("{overlay}-params.yaml"));
                fs::write(&file, typed(&config).to_string()).unwrap();
                command.args(["eval", ".", "--exec", "kserve-aws fn set-ingress-params"]);
                command.arg("--fn-config").arg(file);
            }
        }
        run(&mut command)
    }
}

/// The ConfigMap for kpt, which sees neither a `params.env` nor the base.
fn kpt_config(overlay: &str, params: Option<&Params<'_>>, place: &Path) -> Map<String, Value> {
    let Some(params) = params else {
        let text = fs::read_to_string(place.join("Kptfile")).unwrap();
        let file: Value = serde_yaml::from_str(&text).unwrap();
        return file["pipeline"]["mutators"][0]["configMap"].as_object().unwrap().clone();
    };
    let mut config = Map::new();
    config.insert("overlay".into(), overlay.into());
    config.insert("loadBalancerScheme".into(), "internet-facing".into());
    for (key, value) in params {
        config.insert((*key).to_owned(), (*value).into());
    }
    config
}

/// The same as `IngressParams`: with the guide's flat keys as nested fields, and lists as lists.
fn typed(config: &Map<String, Value>) -> Value {
    let mut spec = json!({});
    for (key, value) in config {
        let text = value.as_str().unwrap_or_default();
        let value = serde_json::from_str::<Vec<Value>>(text).map_or(value.clone(), Value::from);
        match key.as_str() {
            "CognitoUserPoolArn" => spec["cognito"]["userPoolArn"] = value,
            "CognitoAppClientId" => spec["cognito"]["userPoolClientId"] = value,
            "CognitoUserPoolDomain" => spec["cognito"]["userPoolDomain"] = value,
            _ => spec[key] = value,
        }
    }
    json!({
        "apiVersion": "fn.kserve-aws.dev/v1alpha1",
        "kind": "IngressParams",
        "metadata": { "name": "params" },
        "spec": spec,
    })
}

/// The objects of a kpt package that are for the cluster.
fn in_package(place: &Path) -> Vec<Value> {
    let path = place.join("ingress.yaml");
    fs::read_to_string(path).map(|text| documents::of(&text)).unwrap_or_default()
}

/// Files of a package as they were before a host, less those that the host was told to change.
pub(crate) fn others(place: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = package::files(place);
    files.remove(Path::new("ingress.yaml"));
    files
}

pub(crate) fn installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Whether containers of this build can run.
#[track_caller]
pub(crate) fn containers_are_here(what: &str) -> bool {
    if images().is_none() {
        skip(what, "the images of this build are not there; make e2e builds them");
        return false;
    }
    if !docker_answers() {
        skip(what, "no Docker engine answers");
        return false;
    }
    true
}

fn docker_answers() -> bool {
    static ANSWERS: OnceLock<bool> = OnceLock::new();
    *ANSWERS.get_or_init(|| {
        let mut docker = Command::new("docker");
        docker.arg("info").stdout(Stdio::null()).stderr(Stdio::null());
        docker.status().is_ok_and(|status| status.success())
    })
}
