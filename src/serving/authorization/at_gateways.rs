//! What gateways need so that tokens of named callers get through, and others of the same issuer not.
//!
//! A gateway that verifies tokens refuses one of an issuer that it does not know, and one that requires
//! a principal refuses whoever has none. For each issuer that a gateway does not know it gets a
//! RequestAuthentication, and a public one an AuthorizationPolicy that denies the issuer's tokens that
//! nobody named: the dashboard behind it must not be opened to every client of an issuer. Behind the
//! gateway inside the cluster are the services alone, each with policies of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::gateway_pods::GatewayPods;
use super::named::{NamedCallers, TokenCaller, TokenIssuer};
use super::policies::{Policies, jwt_rule};
use super::proof::{Platform, request};
use super::workload::ServingWorkload;
use crate::controllers::istio::{
    AuthorizationPolicy, Doubt, Jwt, Refusal, Request, RequestAuthentication, TokenRefusal, Verdict,
};
use krm_package::{ReadError, read_value};

/// More rules than this are not written; every token of the issuer then passes the gateway.
const MOST_RULES: usize = 64;

/// The headers by which Kubeflow's applications know a user and its groups, with the claims that its
/// own RequestAuthentication for machines takes (`istio-m2m/requestauthentication.yaml`).
const KUBEFLOW_HEADERS: [(&str, &str); 2] =
    [("kubeflow-userid", "sub"), ("kubeflow-groups", "groups")];

/// The first public host of a service, by namespace and name.
pub(crate) type Hosts = BTreeMap<(String, String), String>;

/// What becomes of the callers' tokens at a gateway.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AtGateway {
    pub gateway: GatewayPods,
    /// The issuers whose tokens it is to verify from now on.
    pub added: Vec<TokenIssuer>,
    /// Those of them of which every token passes the gateway.
    pub whole: Vec<String>,
    /// What is generated for it.
    pub objects: Vec<Value>,
    /// The first request that is refused: who asks, for what, and what refuses it.
    pub refused: Option<(String, Refusal)>,
    /// The first request of which the objects do not tell, and why.
    pub undecided: Option<(String, Doubt)>,
    /// The first caller whose token does not get further than the gateway.
    pub removed: Option<String>,
}

impl Policies {
    /// What each gateway needs.
    ///
    /// # Errors
    /// An object of the function's own that cannot be read back.
    pub(crate) fn at_gateways(
        &self,
        platform: &Platform,
        gateways: &[GatewayPods],
        workloads: &[ServingWorkload],
        (configuration, hosts): (&str, &Hosts),
    ) -> Result<Vec<AtGateway>, ReadError> {
        let entries = || workloads.iter().filter(|workload| workload.entry);
        let named: Vec<_> =
            entries().filter_map(|one| Some((one, self.settings.callers_of(one)?))).collect();
        let mut all = NamedCallers::default();
        for (_, one) in &named {
            all.cluster = all.cluster.take().or_else(|| one.cluster.clone());
            let new = one.all.iter().filter(|caller| !all.all.contains(caller)).cloned();
            let new: Vec<_> = new.collect();
            all.all.extend(new);
        }
        if all.tokens().is_empty() {
            return Ok(Vec::new());
        }
        let judge = |gateway: &GatewayPods| {
            let judged = Judged { policies: self, platform, gateway, hosts };
            judged.all(&all, &named, configuration)
        };
        gateways.iter().map(judge).collect()
    }
}

/// A gateway, and what is in force for it.
pub(super) struct Judged<'a> {
    pub(super) policies: &'a Policies,
    pub(super) platform: &'a Platform,
    pub(super) gateway: &'a GatewayPods,
    pub(super) hosts: &'a Hosts,
}

impl Judged<'_> {
    fn all(
        &self,
        all: &NamedCallers,
        named: &[(&ServingWorkload, &NamedCallers)],
        configuration: &str,
    ) -> Result<AtGateway, ReadError> {
        let pods = &self.gateway.pods;
        let callers = all.tokens();
        let sample = named.first().map(|(workload, _)| self.request(workload));
        let unknown: BTreeSet<&str> = callers
            .iter()
            .filter(|caller| sample.as_ref().is_some_and(|one| self.is_unknown(caller, one)))
            .map(|caller| caller.issuer.issuer.as_str())
            .collect();
        let issuers = all.issuers().into_iter();
        let added: Vec<_> = issuers.filter(|one| unknown.contains(one.issuer.as_str())).collect();
        let mut at = AtGateway {
            gateway: self.gateway.clone(),
            added,
            whole: Vec::new(),
            objects: Vec::new(),
            refused: None,
            undecided: None,
            removed: None,
        };
        self.generate(&mut at, &callers, &format!("{configuration}-{}", self.gateway.name));
        let of_kind = |kind: &'static str| at.objects.iter().filter(move |one| one["kind"] == kind);
        let policies: Vec<AuthorizationPolicy> =
            of_kind("AuthorizationPolicy").map(read_value).collect::<Result<_, _>>()?;
        let tokens: Vec<RequestAuthentication> =
            of_kind("RequestAuthentication").map(read_value).collect::<Result<_, _>>()?;
        let in_force = self.platform.in_force_for(pods, &policies);
        let rules = self.platform.tokens_for(pods, &tokens);
        for (workload, named) in named {
            let mut sent = self.request(workload);
            for caller in named.tokens() {
                let shown = || {
                    let http = sent.http.as_ref();
                    let (method, path) = http.map_or(("", ""), |http| (&*http.method, &*http.path));
                    format!("{method} {path} of {} with {}", workload.shown(), caller.shown())
                };
                let authenticated = match rules.authenticate(Some(&caller.token())) {
                    Ok(authenticated) => authenticated,
                    Err(refusal) => {
                        at.refused.get_or_insert_with(|| (shown(), Refusal::Token(refusal)));
                        continue;
                    }
                };
                if !authenticated.is_forwarded {
                    at.removed.get_or_insert_with(|| caller.shown());
                }
                let shown = shown();
                with_jwt(&mut sent, authenticated.jwt);
                match in_force.evaluate(&sent).verdict {
                    verdict if self.is_allowed(&verdict) => {}
                    Verdict::Allowed => {}
                    Verdict::Denied { by } => {
                        at.refused.get_or_insert((shown, by));
                    }
                    Verdict::Undecided { why } => {
                        let why = why.into_iter().next().map(|why| (shown, why));
                        at.undecided = at.undecided.take().or(why);
                    }
                }
            }
        }
        Ok(at)
    }

    /// Whether the gateway refuses a caller's token because no rule is for it.
    fn is_unknown(&self, caller: &TokenCaller, sample: &Request) -> bool {
        let pods = &self.gateway.pods;
        let token = caller.token();
        match self.platform.tokens_for(pods, &[]).authenticate(Some(&token)) {
            Err(refusal) => {
                matches!(refusal, TokenRefusal::UnknownIssuer | TokenRefusal::Audience)
            }
            Ok(passed) if passed.jwt == Jwt::Absent => {
                let in_force = self.platform.in_force_for(pods, &[]);
                let is_allowed = |jwt: Jwt| {
                    let mut sent = sample.clone();
                    with_jwt(&mut sent, jwt);
                    self.is_allowed(&in_force.evaluate(&sent).verdict)
                };
                !is_allowed(Jwt::Absent) && is_allowed(Jwt::Claims(token.claims))
            }
            Ok(_) => false,
        }
    }

    /// Whether a request passes; an assumed gateway may have an ALLOW policy that is not here.
    pub(super) fn is_allowed(&self, verdict: &Verdict) -> bool {
        match verdict {
            Verdict::Allowed => true,
            Verdict::Denied { by: Refusal::NoAllow(_) } => self.gateway.is_assumed,
            _ => false,
        }
    }

    /// The first request that a component serves, as it arrives at the gateway.
    pub(super) fn request(&self, workload: &ServingWorkload) -> Request {
        let served = workload.served();
        let (method, path) = served.requests().next().unwrap_or(("GET", "/".to_owned()));
        // The servers of Kubeflow's and Knative's gateways are plain HTTP.
        let mut sent = request(workload, None, method, &path);
        if let Some(http) = &mut sent.http {
            http.headers.push(("authorization".to_owned(), "Bearer example".to_owned()));
            let key = (workload.namespace.clone(), workload.service.clone());
            if let Some(host) = self.hosts.get(&key).filter(|_| self.gateway.is_public) {
                http.host.clone_from(host);
            }
        }
        sent
    }

    /// The objects that let the added issuers' named tokens through.
    fn generate(&self, at: &mut AtGateway, callers: &[TokenCaller], name: &str) {
        if at.added.is_empty() {
            return;
        }
        let known = self.platform.tokens_for(&self.gateway.pods, &[]);
        let mut headers: BTreeMap<&str, &str> = known.claim_headers().collect();
        for (header, claim) in KUBEFLOW_HEADERS {
            headers.entry(header).and_modify(|known| *known = claim);
        }
        let copied: Vec<Value> = headers
            .iter()
            .map(|(header, claim)| json!({ "header": header, "claim": claim }))
            .collect();
        let rule = |issuer: &TokenIssuer| {
            let mut rule = jwt_rule(issuer, true);
            if !copied.is_empty() {
                rule["outputClaimToHeaders"] = json!(copied);
            }
            rule
        };
        let namespace = self.gateway.pods.namespace.as_str();
        let labels = json!(self.gateway.selector());
        let rules: Vec<Value> = at.added.iter().map(rule).collect();
        let mut objects = vec![self.policies.authentication(namespace, name, &labels, &rules)];
        let mut denied = Vec::new();
        for issuer in at.added.iter().filter(|_| self.gateway.is_public) {
            let own: Vec<&TokenCaller> =
                callers.iter().filter(|one| one.issuer.issuer == issuer.issuer).collect();
            match unnamed(&issuer.issuer, &own) {
                Some(rules) => denied.extend(rules),
                None => at.whole.push(issuer.issuer.clone()),
            }
        }
        if !denied.is_empty() {
            let api_version = self.policies.api_version;
            objects.push(json!({
                "apiVersion": api_version.as_str(),
                "kind": "AuthorizationPolicy",
                "metadata": { "name": name, "namespace": namespace },
                "spec": {
                    "selector": { "matchLabels": labels },
                    "action": "DENY",
                    "rules": denied,
                },
            }));
        }
        at.objects = objects;
    }
}

pub(super) fn with_jwt(sent: &mut Request, jwt: Jwt) {
    if let Some(http) = &mut sent.http {
        http.jwt = jwt;
    }
}

/// Why a token is not one caller's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Failing {
    /// Its principal is none of these.
    Principal(Vec<String>),
    /// A claim has none of these values: by key.
    Claim(String, Vec<String>),
}

/// Rules that match the issuer's tokens that are no caller's: for every caller something fails.
/// `None` where there would be too many.
fn unnamed(issuer: &str, callers: &[&TokenCaller]) -> Option<Vec<Value>> {
    let any = format!("{issuer}/*");
    let mut grouped: BTreeMap<Vec<Failing>, Vec<String>> = BTreeMap::new();
    for caller in callers {
        let failing = caller.conditions().iter().map(Failing::of).collect();
        grouped.entry(failing).or_default().push(caller.request_principal());
    }
    let mut terms: BTreeSet<BTreeSet<Failing>> = [BTreeSet::new()].into();
    for (mut failing, mut principals) in grouped {
        if !principals.contains(&any) {
            principals.sort_unstable();
            principals.dedup();
            failing.push(Failing::Principal(principals));
        }
        let joined = terms.iter().flat_map(|term| {
            failing.iter().map(move |one| term.iter().chain([one]).cloned().collect())
        });
        let joined: BTreeSet<BTreeSet<Failing>> = joined.collect();
        // What includes a shorter one matches nothing more.
        let is_least = |term: &&BTreeSet<Failing>| {
            !joined.iter().any(|other| other != *term && other.is_subset(term))
        };
        terms = joined.iter().filter(is_least).cloned().collect();
        if terms.len() > MOST_RULES {
            return None;
        }
    }
    Some(terms.iter().map(|term| rule(&any, term)).collect())
}

impl Failing {
    fn of(condition: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let values = condition["values"].as_array();
        Self::Claim(text(&condition["key"]), values.into_iter().flatten().map(text).collect())
    }
}

fn rule(any: &str, term: &BTreeSet<Failing>) -> Value {
    let mut source = json!({ "requestPrincipals": [any] });
    let mut others = Vec::new();
    let mut claims: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for failing in term {
        match failing {
            Failing::Principal(principals) => others.extend(principals),
            Failing::Claim(key, values) => {
                claims.entry(key).or_default().extend(values.iter().map(String::as_str));
            }
        }
    }
    if !others.is_empty() {
        source["notRequestPrincipals"] = json!(others);
    }
    let mut rule = json!({ "from": [{ "source": source }] });
    if !claims.is_empty() {
        let when = claims.iter().map(|(key, values)| json!({ "key": key, "notValues": values }));
        rule["when"] = when.collect();
    }
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(subject: Option<&str>, claims: &[(&str, &str)]) -> TokenCaller {
        let issuer = TokenIssuer { issuer: "i".to_owned(), jwks_uri: None, audiences: Vec::new() };
        let claims = claims.iter().map(|(name, value)| ((*name).to_owned(), vec![(*value).into()]));
        TokenCaller { issuer, subject: subject.map(str::to_owned), claims: claims.collect() }
    }

    #[test]
    fn a_token_is_denied_for_whatever_no_caller_has() {
        let one = caller(None, &[("client_id", "a"), ("scope", "r")]);
        let rules = unnamed("i", &[&one]).unwrap();
        let not = |key: &str, values: Value| {
            json!({
                "from": [{ "source": { "requestPrincipals": ["i/*"] } }],
                "when": [{ "key": format!("request.auth.claims[{key}]"), "notValues": values }],
            })
        };
        assert_eq!(rules, [not("client_id", json!(["a"])), not("scope", json!(["r"]))]);
    }

    #[test]
    fn callers_of_one_issuer_are_alternatives() {
        let (one, two) = (caller(Some("x"), &[]), caller(None, &[("scope", "r")]));
        let rules = unnamed("i", &[&one, &two]).unwrap();
        assert_eq!(
            rules,
            [json!({
                "from": [{ "source": {
                    "requestPrincipals": ["i/*"], "notRequestPrincipals": ["i/x"],
                } }],
                "when": [{ "key": "request.auth.claims[scope]", "notValues": ["r"] }],
            })]
        );
        let shared = [("token_use", "access"), ("client_id", "a")];
        let other = [("token_use", "access"), ("client_id", "b")];
        let rules = unnamed("i", &[&caller(None, &shared), &caller(None, &other)]).unwrap();
        assert_eq!(rules.len(), 2, "the shared claim is one rule: {rules:?}");
    }

    #[test]
    fn too_many_rules_are_none() {
        let claims = |n: usize| -> Vec<(String, String)> {
            (0..4).map(|k| (format!("c{n}{k}"), "v".to_owned())).collect()
        };
        let callers: Vec<TokenCaller> = (0..4)
            .map(|n| {
                let claims = claims(n);
                let claims: Vec<(&str, &str)> =
                    claims.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
                caller(None, &claims)
            })
            .collect();
        assert_eq!(unnamed("i", &callers.iter().collect::<Vec<_>>()), None);
        let named: Vec<TokenCaller> =
            (0..1000).map(|n| caller(Some(&n.to_string()), &[])).collect();
        assert_eq!(unnamed("i", &named.iter().collect::<Vec<_>>()).unwrap().len(), 1);
    }
}
