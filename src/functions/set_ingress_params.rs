//! `set-ingress-params`: from the guide's parameters to an Ingress that lets no request through
//! without its token or login.

use std::collections::BTreeMap;

use base64::Engine;
use serde_json::Value;

use crate::alb;
use crate::engine::Edit;
use crate::finding::{Code, Finding};
use crate::ingress::{
    self, IngressParams, Layer, Named, Overlay, ParamsSource, Protection, Settings,
};
use crate::runtime::{Function, Item, Items, Plan, fields_of};

/// The Service of Istio's ingress gateway, behind which `KServe` serves.
const GATEWAY_SERVICE: &str = "istio-ingressgateway";

/// Sets certificate, token check, login and scheme of the Ingresses in front of `KServe`.
pub(crate) struct SetIngressParams;

impl Function for SetIngressParams {
    const NAME: &'static str = "set-ingress-params";
    const KIND: &'static str = "IngressParams";
    const SUMMARY: &'static str =
        "Set certificate, token check, Cognito login and scheme of the Ingress in front of KServe";
    const HELP: &'static str = "\
Writes what the AWS Load Balancer Controller reads: certificate-arn, listen-ports, scheme,
conditions.<service> for each Service of the rules, auth-type and auth-idp-cognito. Then it builds
the rules that the controller will make, and fails where one of them forwards a request without the
token or the login that was asked for.";
    /// The keys of the guide's `params.env`.
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("CognitoUserPoolArn", "cognito.userPoolArn"),
        ("CognitoAppClientId", "cognito.userPoolClientId"),
        ("CognitoUserPoolDomain", "cognito.userPoolDomain"),
    ];
    type Spec = IngressParams;

    fn plan(spec: IngressParams, items: &Items<'_>) -> Plan {
        let mut findings = Vec::new();
        let edits = planned(spec, items, &mut findings);
        Plan { edits, findings }
    }
}

fn planned(spec: IngressParams, items: &Items<'_>, findings: &mut Vec<Finding>) -> Vec<Edit> {
    let targets = match targets(&spec, items) {
        Ok(targets) => targets,
        Err(found) => {
            findings.extend(found);
            return Vec::new();
        }
    };
    let mut sources = Sources::default();
    for (place, source) in spec.params_from.iter().enumerate() {
        sources.look_for(source, place, items, findings);
    }
    if !sources.missing.is_empty() && targets.iter().all(|target| target.is_set_for(spec.overlay)) {
        // The parameters were consumed by an earlier run: what it set must still hold.
        findings.append(&mut sources.missing);
        prove(&targets, None, items, findings);
        return Vec::new();
    }
    findings.extend(sources.missing.into_iter().map(missing_is_an_error));
    if findings.iter().any(Finding::is_error) {
        return Vec::new();
    }
    let mut layers = sources.layers;
    layers.push(Layer { params: spec, source: None });
    let (settings, inferred) = match Settings::checked(&layers) {
        Ok(checked) => checked,
        Err(found) => {
            findings.extend(found);
            return Vec::new();
        }
    };
    findings.extend(inferred);
    let mut edits = Vec::new();
    let targets: Vec<Target<'_, '_>> =
        targets.into_iter().map(|target| target.set(&settings, &mut edits, findings)).collect();
    for item in sources.consumed {
        let message = "the parameters were read and the object is left out, so that no token is applied in it; keep: true keeps it";
        findings.push(Finding::info(Code::ParamsConsumed, message).on(&item.resource));
        edits.push(Edit::RemoveItem(item.id));
    }
    prove(&targets, Some(&settings), items, findings);
    edits
}

/// An Ingress to set, as it will be.
struct Target<'i, 'p> {
    item: &'i Item<'p>,
    value: Value,
}

impl Target<'_, '_> {
    fn annotation(&self, name: &str) -> Option<&str> {
        self.value.pointer("/metadata/annotations")?.get(name)?.as_str()
    }

    /// Whether an earlier run, or its author, has set what the overlay sets.
    fn is_set_for(&self, overlay: Option<Overlay>) -> bool {
        let has = |name: &str| {
            let text = self.annotation(&format!("alb.ingress.kubernetes.io/{name}"));
            text.is_some_and(|text| !text.is_empty())
        };
        let services = ingress::backend_services(&self.value);
        let has_token = !services.is_empty()
            && services.iter().all(|service| has(&format!("conditions.{service}")));
        let has_login = has("auth-type") && has("auth-idp-cognito");
        has("listen-ports")
            && match overlay {
                Some(Overlay::Base) => true,
                Some(Overlay::Https) => has("certificate-arn"),
                Some(Overlay::Api) => has("certificate-arn") && has_token,
                Some(Overlay::Cognito) => has("certificate-arn") && has_login,
                None => has("certificate-arn"),
            }
    }

    fn set(
        mut self,
        settings: &Settings,
        edits: &mut Vec<Edit>,
        findings: &mut Vec<Finding>,
    ) -> Self {
        findings.extend(
            ingress::hosts_outside(&self.value, settings)
                .into_iter()
                .map(|finding| finding.on(&self.item.resource)),
        );
        let operations = ingress::edits(&self.value, settings);
        if operations.0.is_empty() {
            return self;
        }
        if let Err(error) = json_patch::patch(&mut self.value, &operations) {
            let message = format!("the Ingress can't be set: {error}");
            findings.push(Finding::error(Code::BadObject, message).on(&self.item.resource));
        }
        edits.push(Edit::Patch { item: self.item.id, operations });
        self
    }
}

/// The Ingresses that the configuration means.
fn targets<'i, 'p>(
    spec: &IngressParams,
    items: &'i Items<'p>,
) -> Result<Vec<Target<'i, 'p>>, Vec<Finding>> {
    let mut targets = Vec::new();
    let mut findings = Vec::new();
    let all: Vec<&Item<'_>> = items.of_kind("networking.k8s.io", "Ingress").collect();
    for item in &all {
        match item.node.value() {
            Ok(value) => targets.push(Target { item, value }),
            Err(error) => findings.push(
                Finding::error(Code::BadObject, error.message).on(&item.resource).field(error.path),
            ),
        }
    }
    let wanted = spec.target.as_ref();
    targets.retain(|target| match wanted {
        Some(wanted) => {
            let resource = &target.item.resource;
            wanted.name.as_ref().is_none_or(|name| *name == resource.name)
                && wanted
                    .namespace
                    .as_ref()
                    .is_none_or(|name| Some(name) == resource.namespace.as_ref())
        }
        None => is_gateway_ingress(&target.value),
    });
    if targets.is_empty() && findings.is_empty() {
        let names: Vec<String> = all.iter().map(|item| item.resource.to_string()).collect();
        let found = if names.is_empty() {
            "there is no Ingress".to_owned()
        } else {
            format!("found {}", names.join(", "))
        };
        let looked_for = match wanted {
            Some(wanted) => format!(
                "no Ingress with name {} in namespace {}",
                wanted.name.as_deref().unwrap_or("(any)"),
                wanted.namespace.as_deref().unwrap_or("(any)")
            ),
            None => format!(
                "no Ingress of class {} with the backend {GATEWAY_SERVICE}",
                ingress::ALB_CLASS
            ),
        };
        findings.push(
            Finding::error(
                Code::TargetNotFound,
                format!("{looked_for} is among the objects; {found}"),
            )
            .field("spec.target"),
        );
    }
    if findings.is_empty() { Ok(targets) } else { Err(findings) }
}

fn is_gateway_ingress(value: &Value) -> bool {
    let class = value
        .pointer("/metadata/annotations")
        .and_then(|all| all.get("kubernetes.io/ingress.class"))
        .or_else(|| value.pointer("/spec/ingressClassName"))
        .and_then(Value::as_str);
    class == Some(ingress::ALB_CLASS)
        && ingress::backend_services(value).iter().any(|service| service == GATEWAY_SERVICE)
}

/// The objects that hold parameters.
#[derive(Default)]
struct Sources<'i, 'p> {
    layers: Vec<Layer>,
    consumed: Vec<&'i Item<'p>>,
    /// One info for each that is not there.
    missing: Vec<Finding>,
}

impl<'i, 'p> Sources<'i, 'p> {
    fn look_for(
        &mut self,
        source: &ParamsSource,
        place: usize,
        items: &'i Items<'p>,
        findings: &mut Vec<Finding>,
    ) {
        let field = format!("spec.paramsFrom[{place}]");
        let (kind, named) = match (&source.config_map, &source.secret) {
            (Some(named), None) => ("ConfigMap", named),
            (None, Some(named)) => ("Secret", named),
            _ => {
                let message = "name one object: configMap: {name: …} or secret: {name: …}";
                findings.push(Finding::error(Code::BadConfig, message).field(field));
                return;
            }
        };
        let found: Vec<&Item<'_>> =
            items.of_kind("", kind).filter(|item| is_named(item, named)).collect();
        let [item] = found[..] else {
            let finding = if found.is_empty() {
                let message = format!(
                    "there is no {kind} {} among the objects; the Ingress is set already and stays as it is",
                    named.name
                );
                self.missing.push(Finding::info(Code::ParamsConsumedEarlier, message).field(field));
                return;
            } else {
                let message = format!(
                    "{} objects are a {kind} {}; name its namespace too",
                    found.len(),
                    named.name
                );
                Finding::error(Code::ParamsAmbiguous, message).field(field)
            };
            findings.push(finding);
            return;
        };
        match params_of(item, kind) {
            Ok(params) => self.layers.push(Layer { params, source: Some(item.resource.clone()) }),
            Err(found) => findings.extend(found),
        }
        if !source.keep && !self.consumed.iter().any(|known| known.id == item.id) {
            self.consumed.push(item);
        }
    }
}

fn missing_is_an_error(finding: Finding) -> Finding {
    let what = finding.message.split(';').next().unwrap_or_default().to_owned();
    let message = format!(
        "{what}; kustomize makes it with configMapGenerator or secretGenerator of a params.env, kpt reads it from a file of the package; or write the fields into this configuration"
    );
    Finding { field: finding.field, ..Finding::error(Code::ParamsNotFound, message) }
}

fn is_named(item: &Item<'_>, named: &Named) -> bool {
    item.resource.name == named.name
        && named
            .namespace
            .as_ref()
            .is_none_or(|namespace| Some(namespace) == item.resource.namespace.as_ref())
}

/// The parameters that a ConfigMap or a Secret holds. No finding quotes a value.
fn params_of(item: &Item<'_>, kind: &str) -> Result<IngressParams, Vec<Finding>> {
    let read = |field: &str| -> Result<BTreeMap<String, String>, Vec<Finding>> {
        let Some(node) = item.node.get(field).filter(|node| !node.is_null()) else {
            return Ok(BTreeMap::new());
        };
        node.read().map_err(|error| {
            vec![
                Finding::error(Code::ParamsInvalid, error.message)
                    .on(&item.resource)
                    .field(format!("{field}.{}", error.path)),
            ]
        })
    };
    let mut data = read("data")?;
    if kind == "Secret" {
        for (key, text) in &mut data {
            *text = decoded(text).ok_or_else(|| {
                let message =
                    "the value is not the base64 of a text; stringData takes the text itself";
                vec![
                    Finding::error(Code::ParamsInvalid, message)
                        .on(&item.resource)
                        .field(format!("data[{key}]")),
                ]
            })?;
        }
        data.extend(read("stringData")?);
    }
    let schema = params_schema();
    let invalid = |key: &str, message: String| {
        Finding::error(Code::ParamsInvalid, message)
            .on(&item.resource)
            .field(format!("data[{key}]"))
    };
    let fields = fields_of(&data, &schema, SetIngressParams::ALIASES).map_err(|problems| {
        problems.into_iter().map(|(key, message)| invalid(&key, message)).collect::<Vec<_>>()
    })?;
    serde_json::from_value(fields).map_err(|_| {
        vec![invalid("httpHeaderValues", "a list must hold texts in double quotes".to_owned())]
    })
}

fn decoded(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).ok()?).ok()
}

/// The fields that a ConfigMap of parameters may have: not where to set them or where to find more.
fn params_schema() -> schemars::Schema {
    let mut schema = crate::runtime::Registered::of::<SetIngressParams>().spec_schema();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, _| name != "target" && name != "paramsFrom");
    }
    schema
}

/// Builds the rules that the controller will make, and says which of them lets a request through
/// without the token or the login that was asked for.
///
/// Without settings, what the annotations ask for is held against the rules.
fn prove(
    targets: &[Target<'_, '_>],
    settings: Option<&Settings>,
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) {
    let mut objects = alb::Objects::default();
    for item in items.iter() {
        let target = targets.iter().find(|target| target.item.id == item.id);
        if let Err(finding) = add_object(item, target, &mut objects) {
            findings.push(finding);
        }
    }
    let asked: Vec<alb::Asked> = objects
        .ingresses
        .iter()
        .filter(|ingress| targets.iter().any(|target| target.item.resource == ingress.reference()))
        .filter_map(|ingress| asked(ingress.key(), &settings?.protection))
        .collect();
    findings.extend(alb::check(&objects, &asked, &alb::Options::default()));
}

fn asked(ingress: String, protection: &Protection) -> Option<alb::Asked> {
    let asks_nothing = alb::Asked { ingress, ..alb::Asked::default() };
    match protection {
        Protection::Open => None,
        Protection::Token { header, .. } => {
            Some(alb::Asked { token_header: Some(header.as_str().to_owned()), ..asks_nothing })
        }
        Protection::Login { .. } => Some(alb::Asked { login: true, ..asks_nothing }),
    }
}

/// Adds an object that the controller reads; an Ingress that is set, as it will be.
fn add_object(
    item: &Item<'_>,
    target: Option<&Target<'_, '_>>,
    objects: &mut alb::Objects,
) -> Result<(), Finding> {
    let group = item.resource.api_version.rsplit_once('/').map_or("", |(group, _)| group);
    match (group, item.resource.kind.as_str()) {
        ("networking.k8s.io", "Ingress") => objects.ingresses.push(match target {
            None => item.read()?,
            Some(target) => {
                // What is wrong with it is told by the engine's reader, which quotes no value.
                let as_it_was: alb::objects::Ingress = item.read()?;
                serde_json::from_value(target.value.clone()).unwrap_or(as_it_was)
            }
        }),
        ("networking.k8s.io", "IngressClass") => objects.ingress_classes.push(item.read()?),
        ("elbv2.k8s.aws", "IngressClassParams") => objects.ingress_class_params.push(item.read()?),
        ("", "Service") => objects.services.push(item.read()?),
        ("", "Secret") => objects.secrets.push(item.read()?),
        ("", "Namespace") => objects.namespaces.push(item.read()?),
        _ => {}
    }
    Ok(())
}
