//! The Ingresses that the configuration means.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::classes::{Classes, Moved};
use super::diags::{
    AbsentSecret, DiscoveryOff, NotSettable, RegionChanged, RemovedVersion, TargetNotFound,
};
use crate::cluster::Cluster;
use crate::controllers::alb::Options;
use crate::controllers::alb::annotations::key;
use crate::controllers::alb::class::IngressClassParamsSpec;
use crate::controllers::alb::group::managed_class;
use crate::controllers::alb::objects::Ingress;
use crate::finding::{Finding, key_path};
use crate::path::doors::{self, Front};
use crate::runtime::{Item, Items};
use crate::serving::ingress::gateway::{self, GATEWAY_SERVICE};
use crate::serving::ingress::{self, Balancer, Layer, Overlay, Protection, Settings, lint};
use crate::values::arn::CertificateArn;
use krm_package::{Edit, ItemId};

/// The version of Ingresses that is no longer served.
const REMOVED_VERSION: &str = "networking.k8s.io/v1beta1";

/// An Ingress to set, as it is, with the names that kustomize will give its backends: what is named
/// after them must be named after those.
pub(super) struct Target<'i, 'p> {
    pub(super) item: &'i Item<'p>,
    pub(super) value: Value,
}

impl Target<'_, '_> {
    pub(super) fn annotation(&self, name: &str) -> Option<&str> {
        self.value.pointer("/metadata/annotations")?.get(name)?.as_str()
    }

    /// Whether an earlier run, or its author, has set what the overlay sets; without one, whether
    /// anything is required.
    pub(super) fn is_set_for(&self, overlay: Option<Overlay>) -> bool {
        let has = |name: &str| {
            let text = self.annotation(&key(name));
            text.is_some_and(|text| !text.is_empty())
        };
        let services = ingress::backend_services(&self.value);
        let has_token = !services.is_empty()
            && services.iter().all(|service| has(&format!("conditions.{service}")));
        let has_pool = has("auth-type") && has("auth-idp-cognito");
        let has_provider = has("auth-type") && has("auth-idp-oidc");
        let has_login = has_pool || has_provider;
        // Until a run sets them, an Ingress may say in their place that none has: the overlays' own
        // do in `listen-ports`, and those of v0.1 do in `certificate-arn`.
        let begins = |name: &str, with: &str| {
            self.annotation(&key(name)).is_some_and(|text| text.trim_start().starts_with(with))
        };
        let is_discovered = self.annotation(&key("certificate-arn")).is_none() && self.has_hosts();
        let has_certificate = begins("certificate-arn", "arn:") || is_discovered;
        begins("listen-ports", "[")
            && match overlay {
                Some(Overlay::Base) => true,
                Some(Overlay::Https) => has_certificate,
                Some(Overlay::Api) => has_certificate && has_token,
                Some(Overlay::Cognito) => has_certificate && has_pool,
                Some(Overlay::Oidc) => has_certificate && has_provider,
                Some(Overlay::Jwt) => has_certificate && has("jwt-validation"),
                None => has_certificate && (has_token || has_login || has("jwt-validation")),
            }
    }

    /// Whether a rule or a TLS block names a host, for which the controller looks for a certificate.
    fn has_hosts(&self) -> bool {
        let list =
            |path: &str| self.value.pointer(path).and_then(Value::as_array).into_iter().flatten();
        let is_named = |rule: &Value| {
            rule.get("host").and_then(Value::as_str).is_some_and(|host| !host.is_empty())
        };
        let has_some = |block: &Value| {
            block.get("hosts").and_then(Value::as_array).is_some_and(|hosts| !hosts.is_empty())
        };
        list("/spec/rules").any(is_named) || list("/spec/tls").any(has_some)
    }

    /// Whether the controller has a certificate for it without one of the parameters: that of the
    /// annotation or of the class, or one that it finds for the hosts
    /// (`pkg/ingress/model_build_listener.go`, `computeIngressListenPortConfigByPort`).
    ///
    /// It looks for none where the annotation names one, and the load balancer refuses a text that is not an ARN.
    pub(super) fn has_certificate(&self, classes: &Classes, binds_hosts: bool) -> bool {
        if self.class_params(classes).is_some_and(|params| !params.certificate_arn.is_empty()) {
            return true;
        }
        let annotation = self.annotation(&key("certificate-arn")).unwrap_or_default();
        let mut arns =
            annotation.split(',').map(str::trim).filter(|arn| !arn.is_empty()).peekable();
        if arns.peek().is_none() {
            return binds_hosts || self.has_hosts();
        }
        arns.all(|arn| arn.parse::<CertificateArn>().is_ok())
    }

    /// What the parameters of its class set.
    fn class_params<'c>(&self, classes: &'c Classes) -> Option<&'c IngressClassParamsSpec> {
        classes.params_of(self.item.id)
    }

    /// How the certificates are treated that it has, or that the controller finds for it.
    fn replaced(&self, settings: &Settings) -> Option<Finding> {
        let given = settings.certificates().first()?;
        let suffix = key("certificate-arn");
        let Some(current) = self.annotation(&suffix).filter(|text| !text.trim().is_empty()) else {
            let tls = self.value.pointer("/spec/tls").and_then(Value::as_array)?;
            return (!tls.is_empty()).then(|| DiscoveryOff.into());
        };
        let region = given.region()?;
        let arns = current.split(',').filter_map(|arn| arn.trim().parse::<CertificateArn>().ok());
        let other = arns.filter_map(|arn| arn.region().cloned()).find(|other| other != region)?;
        Some(RegionChanged { region, other: &other }.into())
    }

    /// Whether it has a login of its own.
    pub(super) fn has_login(&self) -> bool {
        let has = |name: &str| self.annotation(&key(name)).is_some_and(|text| !text.is_empty());
        matches!(self.annotation(&key("auth-type")), Some("cognito" | "oidc"))
            || has("auth-idp-cognito")
            || has("auth-idp-oidc")
    }

    /// What an earlier run set, as parameters.
    pub(super) fn earlier(&self, overlay: Option<Overlay>, header: Option<&str>) -> Layer {
        ingress::earlier(&self.value, &self.item.resource, overlay, header)
    }

    /// The Ingress as a door to its pods, with this requirement.
    pub(super) fn front(&self, settings: &Settings) -> Option<Front> {
        let hosts: Vec<String> = if settings.hosts().is_empty() {
            let rules = self.value.pointer("/spec/rules").and_then(Value::as_array);
            let hosts = rules.into_iter().flatten().map(|rule| {
                rule.get("host").and_then(Value::as_str).unwrap_or_default().to_owned()
            });
            hosts.collect()
        } else {
            settings.hosts().iter().map(ToString::to_string).collect()
        };
        let takes_any = hosts.iter().any(String::is_empty);
        Some(Front {
            item: self.item.id,
            resource: self.item.resource.clone(),
            services: ingress::backend_services(&self.value),
            hosts: if takes_any { Vec::new() } else { hosts },
            requirement: doors::Requirement::of(settings.protection())?,
        })
    }

    /// The Secret of its login's client, where the input does not have it. The controller reads it in the
    /// namespace of the Ingress (`buildAuthenticateOIDCAction` in `pkg/ingress/model_build_actions.go`, v3.5);
    /// which keys it must have, the rules that are built of it say.
    pub(super) fn absent_secret(
        &self,
        settings: &Settings,
        items: &Items<'_>,
        params: &[&Item<'_>],
    ) -> Option<Finding> {
        let Protection::Oidc(provider) = settings.protection() else { return None };
        let name = provider.secret_name.as_str();
        let own = self.item.resource.namespace.as_deref();
        let namespace = own.unwrap_or("default");
        let named = || items.of_kind("", "Secret").filter(|item| item.resource.name == name);
        // An object without a namespace may end up in any.
        let is_near = |other: &Option<String>| {
            own.is_none() || other.as_deref().is_none_or(|other| other == namespace)
        };
        if named().any(|item| is_near(&item.resource.namespace)) {
            return None;
        }
        // One that kustomize renamed is reported as that.
        let is_renamed = items.of_kind("", "Secret").any(|item| {
            let previous = item.text(&[
                "metadata",
                "annotations",
                "internal.config.kubernetes.io/previousNames",
            ]);
            is_near(&item.resource.namespace)
                && lint::was_named(&item.resource.name, previous.as_deref(), name)
        });
        if is_renamed {
            return None;
        }
        // An ExternalSecret, a SealedSecret and the like bring Secrets that the input does not have.
        let brings = |item: &Item<'_>| {
            item.resource.kind != "Secret" && item.resource.kind.contains("Secret")
        };
        let is_params = |item: &Item<'_>| params.iter().any(|params| params.id == item.id);
        let has_others =
            items.of_kind("", "Secret").any(|item| !is_params(item)) && !items.iter().any(brings);
        let finding: Finding = if has_others {
            let elsewhere = named().find_map(|item| item.resource.namespace.as_deref());
            AbsentSecret::Missing { namespace, name, elsewhere }.into()
        } else {
            AbsentSecret::Assumed { namespace, name }.into()
        };
        let field = key_path("metadata.annotations", &key("auth-idp-oidc"));
        Some(finding.on(&self.item.resource).field(field))
    }

    /// Sets it.
    pub(super) fn set(
        &mut self,
        settings: &Settings,
        classes: &Classes,
        moved: Moved,
        edits: &mut Vec<Edit>,
        findings: &mut Vec<Finding>,
    ) {
        findings.extend(
            ingress::hosts_outside(&self.value, settings)
                .into_iter()
                .map(|finding| finding.on(&self.item.resource)),
        );
        let balancer = settings.balancer();
        if *balancer != Balancer::default() {
            let class = self.class_params(classes);
            let wrong = ingress::without_effect(&self.value, balancer, class);
            findings.extend(wrong.into_iter().map(|finding| finding.on(&self.item.resource)));
        }
        findings.extend(self.replaced(settings).map(|finding| finding.on(&self.item.resource)));
        let mut operations = ingress::edits(&self.value, settings, &moved.suffixes);
        operations.0.extend(moved.operations);
        if operations.0.is_empty() {
            return;
        }
        if let Err(error) = json_patch::patch(&mut self.value, &operations) {
            findings.push(NotSettable { ingress: &self.item.resource, error }.into());
        }
        edits.push(Edit::Patch { item: self.item.id, operations });
    }
}

/// The Ingresses that the configuration means.
pub(super) fn find<'i, 'p>(
    wanted: Option<&ingress::Target>,
    field: &str,
    items: &'i Items<'p>,
    cluster: &Cluster<'_>,
    unreadable: &[Finding],
) -> Result<Vec<Target<'i, 'p>>, Vec<Finding>> {
    let mut targets = Vec::new();
    let mut findings = Vec::new();
    let all: Vec<&Item<'_>> = items
        .of_kind("networking.k8s.io", "Ingress")
        .filter(|item| item.resource.api_version != REMOVED_VERSION)
        .collect();
    for item in &all {
        match item.node.value() {
            Ok(mut value) => {
                cluster.renames().rename_backends_in(&item.resource, &mut value);
                targets.push(Target { item, value });
            }
            Err(error) => findings.push(item.misread(error).into()),
        }
    }
    let of_gateway = if wanted.is_none() { leading_to_gateway(cluster) } else { BTreeSet::new() };
    targets.retain(|target| match wanted {
        Some(wanted) => {
            let resource = &target.item.resource;
            wanted.name.as_ref().is_none_or(|name| *name == resource.name)
                && wanted
                    .namespace
                    .as_ref()
                    .is_none_or(|name| Some(name) == resource.namespace.as_ref())
        }
        None => of_gateway.contains(&target.item.id),
    });
    if targets.is_empty() && wanted.is_none() && findings.is_empty() {
        // One that cannot be read may be the one that is meant.
        let of_ingresses = unreadable.iter().filter(|finding| {
            finding.resource.as_ref().is_some_and(|resource| resource.kind == "Ingress")
        });
        findings.extend(of_ingresses.cloned());
    }
    if targets.is_empty() && findings.is_empty() {
        // One of a removed version may be the one that is meant.
        let removed = cluster.objects.removed_ingresses.iter();
        findings.extend(removed.map(|kept| RemovedVersion(&kept.resource).into()));
    }
    if targets.is_empty() && findings.is_empty() {
        let reasons = if wanted.is_none() { left_out(cluster) } else { BTreeMap::new() };
        let found =
            all.iter().map(|item| (&item.resource, reasons.get(&item.id).map(String::as_str)));
        findings.push(TargetNotFound { wanted, found: found.collect(), field }.into());
    }
    if findings.is_empty() { Ok(targets) } else { Err(findings) }
}

/// Why each Ingress is not one of the gateway.
fn left_out(cluster: &Cluster<'_>) -> BTreeMap<ItemId, String> {
    let objects = ingress::objects(cluster);
    let options = Options::default();
    let kept = cluster.objects.ingresses.iter().zip(&objects.ingresses);
    let reason = |ingress: &Ingress| match managed_class(ingress, &objects, &options) {
        Err(reason) => reason.to_string(),
        Ok(_) => {
            let mut names: Vec<&str> = gateway::services(ingress).collect();
            names.dedup();
            match names[..] {
                [] => "leads to no Service".to_owned(),
                _ => format!("leads to {}; name it in spec.target to set it", names.join(", ")),
            }
        }
    };
    kept.filter_map(|(kept, ingress)| Some((kept.id?, reason(ingress)))).collect()
}

/// The Ingresses with the gateway's Service for a backend, by the name that kustomize will give it.
fn leading_to_gateway(cluster: &Cluster<'_>) -> BTreeSet<ItemId> {
    let objects = ingress::objects(cluster);
    let options = Options::default();
    let name_for = |index: usize| {
        let referrer = &cluster.objects.ingresses[index].resource;
        let coming = cluster.renames().coming_name(referrer, "Service", GATEWAY_SERVICE);
        coming.unwrap_or(GATEWAY_SERVICE)
    };
    let names: BTreeSet<&str> = (0..cluster.objects.ingresses.len()).map(name_for).collect();
    let leading = names.into_iter().flat_map(|name| {
        let all = gateway::ingresses(&objects, &options, name);
        all.filter(move |(index, _)| name_for(*index) == name)
    });
    leading.filter_map(|(index, _)| cluster.objects.ingresses[index].id).collect()
}
