//! What `set-ingress-params` has to say of its configuration, its parameters and its Ingresses, one struct
//! or variant a finding.

use json_patch::PatchError;

use crate::cluster::removed_ingress::REMOVED_IN;
use crate::controllers::alb::annotations::key;
use crate::controllers::alb::group::AUTO_MODE;
use crate::finding::{Code, FieldPath, Finding, key_path};
use crate::path::simulator::Unhealthy;
use crate::serving::ingress::gateway::GATEWAY_SERVICE;
use crate::serving::ingress::{self, Target};
use crate::values::arn::Region;
use crate::values::env_entry::Misread;
use crate::values::k8s::ResourceRef;
use krm_package::text::excerpt::Excerpt;

/// A message names no more Ingresses.
const MOST_NAMES: usize = 5;

/// Nothing is set, from which an overlay that is open to every request would be inferred.
pub(super) struct NothingSet;

impl From<NothingSet> for Finding {
    fn from(_: NothingSet) -> Self {
        let message = "nothing is set, and no overlay that is open to every request is inferred from that; set certArn with httpHeaderValues or cognito, or paramsFrom, or overlay: base if every request is to pass";
        Self::error(Code::BadConfig, message).field("spec")
    }
}

/// A certificate takes the place of one of another region.
pub(super) struct RegionChanged<'a> {
    pub(super) region: &'a Region,
    pub(super) other: &'a Region,
}

impl From<RegionChanged<'_>> for Finding {
    fn from(RegionChanged { region, other }: RegionChanged<'_>) -> Self {
        let message = format!(
            "certArn is in region {region} and replaces a certificate in {other}; a load balancer only takes certificates of its own region, so the cluster must be in {region}"
        );
        Self::warning(Code::CertificateRegionChanged, message)
            .field(format!("metadata.annotations[{}]", key("certificate-arn")))
    }
}

/// A certificate takes the place of those that the controller finds for the hosts.
pub(super) struct DiscoveryOff;

impl From<DiscoveryOff> for Finding {
    fn from(_: DiscoveryOff) -> Self {
        let message = "certArn replaces the certificates that the controller discovers for the hosts of spec.tls; it must cover these hosts";
        Self::info(Code::CertificateDiscoveryOff, message).field("spec.tls")
    }
}

/// Entries of `targets` that cannot be followed.
pub(super) enum WrongTargets {
    BesideTarget,
    Empty,
    /// The entry at this place.
    Nameless(usize),
}

impl From<WrongTargets> for Finding {
    fn from(wrong: WrongTargets) -> Self {
        let (message, field) = match wrong {
            WrongTargets::BesideTarget => (
                "target and targets exclude each other; make target an entry of targets",
                "spec.target".to_owned(),
            ),
            WrongTargets::Empty => (
                "the list has no entry; remove targets to set every Ingress of the gateway",
                "spec.targets".to_owned(),
            ),
            WrongTargets::Nameless(place) => {
                ("this entry names no Ingress; set its name", format!("spec.targets[{place}].name"))
            }
        };
        Self::error(Code::BadConfig, message).field(field)
    }
}

/// An Ingress that two entries of `targets` set.
pub(super) struct TargetTwice<'a> {
    pub(super) ingress: &'a ResourceRef,
    /// The earlier entry's field.
    pub(super) other: &'a str,
    pub(super) field: &'a str,
}

impl From<TargetTwice<'_>> for Finding {
    fn from(TargetTwice { ingress, other, field }: TargetTwice<'_>) -> Self {
        let message = format!(
            "{other} sets {ingress} already; leave one entry for it, or name its namespace too"
        );
        Self::error(Code::TargetTwice, message).field(field)
    }
}

/// An Ingress with a login, on which no token is set.
pub(super) struct LoginLeftAlone<'a>(pub(super) &'a ResourceRef);

impl From<LoginLeftAlone<'_>> for Finding {
    fn from(LoginLeftAlone(ingress): LoginLeftAlone<'_>) -> Self {
        let message = "the Ingress has a login, so no token is set on it: a rule with both would require both";
        Self::info(Code::LoginLeftAlone, message).on(ingress)
    }
}

/// An object whose parameters were read.
pub(super) struct ParamsRead<'a> {
    pub(super) object: &'a ResourceRef,
    /// Whether the overlay is inferred from it, so it is kept.
    pub(super) stays: bool,
}

impl From<ParamsRead<'_>> for Finding {
    fn from(ParamsRead { object, stays }: ParamsRead<'_>) -> Self {
        if stays {
            let message = "the parameters were read and their object is kept, because the overlay is inferred from it; set overlay to have it removed";
            Self::info(Code::ParamsKept, message).on(object)
        } else {
            let message = "the parameters were read and their object is removed, so no token is applied with it; set keep: true to retain it";
            Self::info(Code::ParamsConsumed, message).on(object)
        }
    }
}

/// An object of parameters that is not in the input.
pub(super) struct AbsentSource<'a> {
    pub(super) kind: &'static str,
    pub(super) name: &'a str,
    pub(super) field: &'a str,
    /// Whether every Ingress is set: then an earlier run consumed it.
    pub(super) is_set: bool,
}

impl From<AbsentSource<'_>> for Finding {
    fn from(AbsentSource { kind, name, field, is_set }: AbsentSource<'_>) -> Self {
        let finding = if is_set {
            let message = format!(
                "{kind} {name} is not in the input; its parameters are read from the Ingress, where they are already set"
            );
            Self::info(Code::ParamsConsumedEarlier, message)
        } else {
            let message = format!(
                "{kind} {name} is not in the input; generate it from a params.env with kustomize's configMapGenerator or secretGenerator, add it as a file of the kpt package, or set the fields in this configuration"
            );
            Self::error(Code::ParamsNotFound, message)
        };
        finding.field(field)
    }
}

/// An entry of `paramsFrom` that does not name one object.
pub(super) enum WrongSource<'a> {
    /// None of the kinds, or both.
    Kinds,
    /// A name that several objects have.
    Ambiguous { count: usize, kind: &'static str, name: &'a str },
}

impl WrongSource<'_> {
    pub(super) fn finding(&self, field: String) -> Finding {
        let finding = match self {
            Self::Kinds => Finding::error(
                Code::BadConfig,
                "exactly one object must be named: configMap: {name: …} or secret: {name: …}",
            ),
            Self::Ambiguous { count, kind, name } => Finding::error(
                Code::ParamsAmbiguous,
                format!("{count} objects are named {kind} {name}; set its namespace too"),
            ),
        };
        finding.field(field)
    }
}

/// What is wrong with a parameter in an object. No value is quoted.
pub(super) enum WrongParam<'a> {
    /// The engine or the type of the field refuses it.
    Unreadable(&'a str),
    NotBase64,
    NotAList,
    Misread(Misread),
}

impl From<Misread> for WrongParam<'_> {
    fn from(misread: Misread) -> Self {
        Self::Misread(misread)
    }
}

impl WrongParam<'_> {
    pub(super) fn finding(&self, object: &ResourceRef, place: &FieldPath) -> Finding {
        let message = match self {
            Self::Unreadable(why) => why,
            Self::NotBase64 => {
                "the value is not base64-encoded UTF-8; use stringData for plain text"
            }
            Self::NotAList => "expected a JSON array of strings such as [\"value\"]",
            Self::Misread(misread) => &misread.to_string(),
        };
        Finding::error(Code::ParamsInvalid, message).on(object).field(place)
    }
}

/// An Ingress that does not take the changes.
pub(super) struct NotSettable<'a> {
    pub(super) ingress: &'a ResourceRef,
    pub(super) error: PatchError,
}

impl From<NotSettable<'_>> for Finding {
    fn from(NotSettable { ingress, error }: NotSettable<'_>) -> Self {
        Self::error(Code::BadObject, format!("the Ingress cannot be set: {error}")).on(ingress)
    }
}

/// An Ingress of a version that is no longer served, which may be the one that is meant.
pub(super) struct RemovedVersion<'a>(pub(super) &'a ResourceRef);

impl From<RemovedVersion<'_>> for Finding {
    fn from(RemovedVersion(ingress): RemovedVersion<'_>) -> Self {
        let message = format!(
            "{} was removed in Kubernetes {REMOVED_IN}; set apiVersion to networking.k8s.io/v1",
            ingress.api_version
        );
        Self::error(Code::TargetNotFound, message).on(ingress).field("apiVersion")
    }
}

/// No Ingress is the one that the configuration means.
pub(super) struct TargetNotFound<'a> {
    pub(super) wanted: Option<&'a Target>,
    /// The Ingresses there are, with the reasons why each is not one of the gateway.
    pub(super) found: Vec<(&'a ResourceRef, Option<&'a str>)>,
    pub(super) field: &'a str,
}

impl From<TargetNotFound<'_>> for Finding {
    fn from(TargetNotFound { wanted, found, field }: TargetNotFound<'_>) -> Self {
        let names: Vec<String> = found
            .iter()
            .take(MOST_NAMES)
            .map(|(ingress, reason)| match reason {
                Some(reason) => format!("{ingress} ({reason})"),
                None => ingress.to_string(),
            })
            .collect();
        let names = names.join(", ");
        let found = match found.len() {
            0 => "no Ingress found".to_owned(),
            1..=MOST_NAMES => format!("found {names}"),
            many => format!("found {many}: {names}, …"),
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
        let message = format!("{looked_for} is in the input; {found}");
        Self::error(Code::TargetNotFound, message).field(field)
    }
}

/// A class that EKS Auto Mode does not manage, or that two Ingresses set differently.
pub(super) struct WrongClass<'a> {
    pub(super) ingress: &'a ResourceRef,
    pub(super) class: &'a str,
    pub(super) controller: &'a str,
}

impl WrongClass<'_> {
    /// The same field of a class, set differently for two Ingresses.
    pub(super) fn differs(ingress: &ResourceRef, first: &ResourceRef, field: &str) -> Finding {
        let message = format!(
            "{first} has the same class and sets another {field}; the class's IngressClassParams have one for all, so set a class of its own on one of the two"
        );
        Finding::error(Code::LoadBalancerInvalid, message)
            .on(ingress)
            .field("spec.ingressClassName")
    }
}

impl From<WrongClass<'_>> for Finding {
    fn from(WrongClass { ingress, class, controller }: WrongClass<'_>) -> Self {
        let message = format!(
            "platform auto-mode requires a class of {AUTO_MODE}, and IngressClass {class} is of {}; set another class, or remove platform",
            Excerpt::new(controller)
        );
        Self::error(Code::LoadBalancerInvalid, message).on(ingress).field("spec.ingressClassName")
    }
}

/// A subnet that is given by its name.
pub(super) struct SubnetByName<'a>(pub(super) &'a str);

impl From<SubnetByName<'_>> for Finding {
    fn from(SubnetByName(name): SubnetByName<'_>) -> Self {
        let message = format!(
            "EKS Auto Mode takes subnets by ID, and {} is a name; set its ID: subnet-…",
            Excerpt::new(name)
        );
        Self::error(Code::LoadBalancerInvalid, message).field("spec.subnets")
    }
}

/// A Secret that the controller of EKS Auto Mode may not read.
pub(super) struct SecretOfAutoMode<'a> {
    pub(super) ingress: &'a ResourceRef,
    pub(super) name: &'a str,
}

impl From<SecretOfAutoMode<'_>> for Finding {
    fn from(SecretOfAutoMode { ingress, name }: SecretOfAutoMode<'_>) -> Self {
        let message = format!(
            "EKS Auto Mode may not read Secret {name}, so it creates no load balancer; add a Role that grants get on it and a RoleBinding of the group eks:managed in the same namespace"
        );
        Self::warning(Code::AutoModeSecret, message)
            .on(ingress)
            .field(key_path("metadata.annotations", &key("auth-idp-oidc")))
    }
}

/// A health check that the gateway does not answer with what is taken, and that is not set to another.
pub(super) enum FailingHealthCheck<'a> {
    /// An Ingress or its Service sets it itself.
    Of(&'a ResourceRef, &'a Unhealthy),
    /// The nodes of an Ingress have no port that leads to the gateway's readiness.
    NoNodePort(&'a ResourceRef, u16),
}

impl From<FailingHealthCheck<'_>> for Finding {
    fn from(failing: FailingHealthCheck<'_>) -> Self {
        match failing {
            FailingHealthCheck::Of(object, failing) => {
                let field = failing.field.as_deref().unwrap_or("metadata.annotations");
                Self::error(Code::PathUnhealthy, failing.text.as_str()).on(object).field(field)
            }
            FailingHealthCheck::NoNodePort(ingress, ready_port) => {
                let message = format!(
                    "the gateway would not answer the health check, and with target-type instance no port of its Service leads to its readiness on port {ready_port}; add a port status-port with targetPort {ready_port}, or set target-type to ip"
                );
                Self::error(Code::PathUnhealthy, message)
                    .on(ingress)
                    .field(key_path("metadata.annotations", &key("target-type")))
            }
        }
    }
}

/// The Secret of a provider's client, which the input does not have.
pub(super) enum AbsentSecret<'a> {
    /// It has others.
    Missing { namespace: &'a str, name: &'a str, elsewhere: Option<&'a str> },
    /// It has none that would tell.
    Assumed { namespace: &'a str, name: &'a str },
}

impl From<AbsentSecret<'_>> for Finding {
    fn from(absent: AbsentSecret<'_>) -> Self {
        match absent {
            AbsentSecret::Missing { namespace, name, elsewhere: Some(other) } => Self::error(
                Code::LoginSecretMissing,
                format!(
                    "Secret {namespace}/{name} not found: {other}/{name} is in another namespace, and the controller reads the one in the namespace of the Ingress; move it to {namespace}"
                ),
            ),
            AbsentSecret::Missing { namespace, name, elsewhere: None } => Self::error(
                Code::LoginSecretMissing,
                format!(
                    "Secret {namespace}/{name} not found, but other Secrets are in the input; add it with clientID and clientSecret, or correct secretName"
                ),
            ),
            AbsentSecret::Assumed { namespace, name } => Self::info(
                Code::LoginSecretAssumed,
                format!(
                    "Secret {namespace}/{name} is not in the input; the cluster must have it, with clientID and clientSecret"
                ),
            ),
        }
    }
}
