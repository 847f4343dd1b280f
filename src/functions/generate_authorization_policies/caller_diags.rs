//! What callers that are named give rise to.

use std::fmt;

use crate::controllers::kserve::Component;
use crate::finding::{Code, Finding};
use crate::serving::authorization::{NamedCaller, Policies, ServingWorkload};
use krm_package::text::excerpt::Excerpt;

/// A caller or override that is wrong.
pub(super) enum WrongCaller<'a> {
    Kinds,
    /// A caller that is listed before.
    SameCaller,
    Pair(&'a str),
    /// Several scopes in one.
    Scopes(&'a str),
    Value(&'a str),
    Claim(&'a str),
    Issuer(&'a str),
    UserIssuer,
    OneIssuer,
    OfPool,
    Clients,
    Path(&'a str),
    Override,
    /// An override that sets nothing.
    NothingSet,
    /// A list without an entry.
    Empty,
    Twice,
    /// A caller with the identity of a gateway, or of Knative's activator.
    OnBehalf {
        caller: &'a NamedCaller,
        principal: &'a str,
    },
    /// A token that every client of the issuer gets.
    AnyToken(&'a str),
}

impl fmt::Display for WrongCaller<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kinds => out.write_str(
                "expected one of serviceAccount, namespace, user, jwt, and gateway: true",
            ),
            Self::SameCaller => out.write_str("duplicate caller; remove one of them"),
            Self::Pair(text) => {
                write!(out, "invalid name {}: expected NAMESPACE/NAME", Excerpt::new(text))?;
                match account(text) {
                    Some((namespace, name)) => write!(out, "; did you mean {namespace}/{name}?"),
                    None => Ok(()),
                }
            }
            Self::Scopes(text) => write!(
                out,
                "invalid scope {}: use an entry for each scope; a token must have one of them",
                Excerpt::new(text)
            ),
            Self::Value(text) => write!(
                out,
                "invalid value {}: must be an exact value, without a wildcard or placeholder",
                Excerpt::new(text)
            ),
            Self::Claim(name) => write!(
                out,
                "invalid claim {}: expected a name without brackets, and at least one value",
                Excerpt::new(name)
            ),
            Self::Issuer(text) => write!(
                out,
                "invalid URL {}: expected https://HOST, as the claim iss has it",
                Excerpt::new(text)
            ),
            Self::UserIssuer => {
                out.write_str("a user requires the issuer of users' tokens; set userIssuer")
            }
            Self::OneIssuer => out.write_str("expected one of userPoolArn and issuer"),
            Self::OfPool => out.write_str(
                "audiences and jwksUri have no effect with userPoolArn, whose access tokens have no audience; set clientIds or scopes",
            ),
            Self::Clients => out.write_str("clientIds requires userPoolArn; set audiences or claims"),
            Self::Path(path) => write!(
                out,
                "invalid path {}: expected one below \"/\" without a query, with \"*\" at its end only, such as /custom/*",
                Excerpt::new(path)
            ),
            Self::NothingSet => {
                out.write_str("the override sets nothing; set callers, protocols or paths")
            }
            Self::Empty => out.write_str("no entry; add one, or remove the field"),
            Self::Override => out.write_str("expected one of service and namespace"),
            Self::Twice => {
                out.write_str("an earlier override is for the same; remove one of them")
            }
            Self::OnBehalf { caller, principal } => write!(
                out,
                "{} includes {principal}, which calls on behalf of everybody; set gateway: true if this is intended",
                caller.shown()
            ),
            Self::AnyToken(issuer) => write!(
                out,
                "every token of {issuer} would be let through; set clientIds, scopes, audiences, subjects or claims"
            ),
        }
    }
}

/// The service account of a principal, or of a user name of Kubernetes.
fn account(text: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = text.split(['/', ':']).collect();
    match parts[..] {
        [.., "ns", namespace, "sa", name] | ["system", "serviceaccount", namespace, name] => {
            Some((namespace, name)).filter(|_| !name.is_empty() && !namespace.is_empty())
        }
        _ => None,
    }
}

impl WrongCaller<'_> {
    pub(super) fn finding(&self) -> Finding {
        let code = match self {
            Self::AnyToken(_) => Code::AuthorizationAnyToken,
            _ => Code::BadConfig,
        };
        Finding::error(code, self.to_string())
    }
}

/// An override for a service or namespace that no component is of.
pub(super) struct UnknownOverride<'a> {
    pub(super) index: usize,
    /// `service` or `namespace`.
    pub(super) field: &'a str,
    pub(super) name: &'a str,
    /// The one that is meant.
    pub(super) near: Option<&'a str>,
}

impl From<UnknownOverride<'_>> for Finding {
    fn from(UnknownOverride { index, field, name, near }: UnknownOverride<'_>) -> Self {
        let what = if field == "service" { "InferenceService" } else { "namespace" };
        let found = format!("{what} {name} has no component in the input");
        let finding = match near {
            Some(near) => {
                let message = format!(
                    "{found}, so the override applies to nothing; did you mean \"{near}\"?"
                );
                Self::error(Code::AuthorizationOverrideMisspelt, message).proposed(near)
            }
            None => {
                let message = format!("{found}, so the override applies to nothing here");
                Self::warning(Code::AuthorizationNothingServed, message)
            }
        };
        finding.field(format!("spec.overrides[{index}].{field}"))
    }
}

/// Somebody who is not named gets through.
pub(super) struct UnnamedCaller {
    pub(super) component: Component,
    pub(super) request: String,
}

impl From<UnnamedCaller> for Finding {
    fn from(UnnamedCaller { component, request }: UnnamedCaller) -> Self {
        let message = format!(
            "the {} also accepts {request}, which callers does not name: another policy allows it; remove that policy, or exclude these pods from it",
            component.as_str()
        );
        Self::error(Code::AuthorizationUnnamedCaller, message)
    }
}

/// A pod of the same namespace that is not named gets through.
pub(super) struct UnnamedNeighbour {
    pub(super) component: Component,
    pub(super) request: String,
}

impl From<UnnamedNeighbour> for Finding {
    fn from(UnnamedNeighbour { component, request }: UnnamedNeighbour) -> Self {
        let message = format!(
            "the {} also accepts {request}, a pod of its own namespace that callers does not name: another policy allows it, as Kubeflow's ns-owner-access-istio does",
            component.as_str()
        );
        Self::warning(Code::AuthorizationUnnamedNeighbour, message)
    }
}

/// A user whom a gateway names in a header gets through.
pub(super) struct UnnamedOwner {
    pub(super) component: Component,
    pub(super) request: String,
}

impl From<UnnamedOwner> for Finding {
    fn from(UnnamedOwner { component, request }: UnnamedOwner) -> Self {
        let message = format!(
            "the {} also accepts {request}, a user that callers does not name: another policy allows it, as Kubeflow's ns-owner-access-istio does for the owner of the namespace",
            component.as_str()
        );
        Self::warning(Code::AuthorizationUnnamedOwner, message)
    }
}

/// Callers that cannot be distinguished from others, because Knative's activator calls on their behalf.
enum Hidden {
    Callers(Vec<String>),
    Components,
}

/// `gateway: true` beside others, who need not be named then.
struct BesideGateway(Vec<String>);

/// What there is to say of the callers of each component.
pub(super) fn about(policies: &Policies, workloads: &[ServingWorkload]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for workload in workloads {
        let Some(named) = policies.settings.callers_of(workload) else { continue };
        let component = workload.component.as_str();
        let resource = workload.resource();
        let mut report = |finding: Finding| findings.push(finding.on(&resource));
        if named.has_gateway() && workload.entry {
            let others = named.all.iter().filter(|one| **one != NamedCaller::Gateway);
            let others: Vec<String> = others.map(NamedCaller::shown).collect();
            if !others.is_empty() {
                report(BesideGateway(others).on(component));
            }
        } else if workload.knative && workload.entry {
            let hidden: Vec<String> = named.without_token().map(NamedCaller::shown).collect();
            if !hidden.is_empty() {
                report(Hidden::Callers(hidden).on(component));
            }
        }
        if workload.knative && !workload.called_by.is_empty() && !named.has_gateway() {
            report(Hidden::Components.on(component));
        }
    }
    findings
}

impl Hidden {
    fn on(self, component: &str) -> Finding {
        let message = match self {
            Self::Callers(callers) => format!(
                "Knative's activator and the gateways hide {} from the {component}, which sees their identity instead and refuses the request; set clusterIssuer and send the service account's token, or set serving.kserve.io/deploymentMode: Standard",
                callers.join(", ")
            ),
            Self::Components => format!(
                "Knative's activator calls the {component} for the service's own components under the same identity as for everybody, so whoever reaches its host through the activator gets through without being named; set serving.kserve.io/deploymentMode: Standard"
            ),
        };
        Finding::error(Code::AuthorizationCallerHidden, message)
    }
}

impl BesideGateway {
    fn on(self, component: &str) -> Finding {
        let message = format!(
            "gateway: true lets everybody who comes through a gateway call the {component}, so these need no token there: {}; remove gateway: true to require one",
            self.0.join(", ")
        );
        Finding::warning(Code::AuthorizationCallerGateway, message)
    }
}
