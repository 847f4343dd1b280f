//! `set-ingress-params` under the hosts: its overlays, with the parameters that each host is told in
//! a way of its own.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::documents;
use crate::host::{Function, Host, settings};
use crate::package::Folder;
use crate::process::{self, Outcome};

pub(crate) const INGRESS_PARAMS: Function =
    Function { name: "set-ingress-params", config: "ingress-params" };

/// Keys of a `params.env`, in order.
pub(crate) type Params<'a> = [(&'a str, &'a str)];

/// What a host made of an overlay.
pub(crate) struct Rendered {
    pub(crate) outcome: Outcome,
    /// The objects: what it printed, or what stands in the package now.
    pub(crate) documents: Vec<Value>,
}

/// The hosts that are here, of those that know an overlay.
pub(crate) fn hosts() -> impl Iterator<Item = Host> {
    Host::ALL.into_iter().filter(|host| *host != Host::Alone && host.is_here())
}

/// Renders an overlay of a copy with parameters, or with those that stand there.
#[track_caller]
pub(crate) fn render(
    host: Host,
    folder: &Folder,
    overlay: &str,
    params: Option<&Params<'_>>,
) -> Rendered {
    let place = folder.overlay(overlay);
    match params {
        Some(params) if host.is_kpt() => set(&place, overlay, params),
        Some(params) => {
            let line = |(key, value): &(&str, &str)| format!("{key}={value}\n");
            let text = params.iter().map(line).collect::<String>();
            fs::write(place.join("params.env"), text).unwrap();
        }
        None => {}
    }
    host.configure(&INGRESS_PARAMS, folder);
    render_again(host, folder, overlay)
}

/// Renders an overlay that was rendered by the same host.
#[track_caller]
pub(crate) fn render_again(host: Host, folder: &Folder, overlay: &str) -> Rendered {
    let place = folder.overlay(overlay);
    let outcome = if host == Host::KptEvalExec {
        // Outside the package, or kpt would take it for one of its objects.
        let file = place.parent().unwrap().join(format!("{overlay}-params.yaml"));
        fs::write(&file, typed(&settings(&place)).to_string()).unwrap();
        let mut eval = host.command(folder);
        eval.arg(&place).args(["--exec", &INGRESS_PARAMS.exec(), "--fn-config"]).arg(file);
        process::run(&mut eval)
    } else {
        host.run(&INGRESS_PARAMS, folder, &place)
    };
    let documents = if host.is_kpt() {
        let text = fs::read_to_string(place.join("ingress.yaml"));
        text.map(|text| documents::of(&text)).unwrap_or_default()
    } else {
        documents::of(&outcome.stdout)
    };
    Rendered { outcome, documents }
}

/// Writes parameters into the Kptfile: kpt sees neither a `params.env` nor the base.
fn set(place: &Path, overlay: &str, params: &Params<'_>) {
    let path = place.join("Kptfile");
    let mut kptfile: Value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let mut config = json!({ "overlay": overlay, "loadBalancerScheme": "internet-facing" });
    for (key, value) in params {
        config[*key] = (*value).into();
    }
    kptfile["pipeline"]["mutators"][0]["configMap"] = config;
    fs::write(path, serde_yaml::to_string(&kptfile).unwrap()).unwrap();
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
            // A number in the typed form.
            "sessionTimeout" => spec[key] = serde_json::from_str(text).unwrap(),
            key => match key.split_once('.') {
                Some((field, own)) => spec[field][own] = value,
                None => spec[key] = value,
            },
        }
    }
    json!({
        "apiVersion": "fn.kserve-aws.dev/v1alpha1",
        "kind": "IngressParams",
        "metadata": { "name": "params" },
        "spec": spec,
    })
}
