//! The callers of the configuration, read.

use super::caller_diags::WrongCaller;
use super::spec::{Caller, Issuer, JwtCaller, ServingAuthorization};
use crate::finding::{Code, Finding};
use crate::runtime::Reading;
use crate::serving::authorization::{
    NamedCaller, NamedCallers, Policies, Setting, Settings, TokenCaller, TokenIssuer,
};
use crate::values::k8s::Namespace;

/// Reads what the configuration sets for all, for namespaces and for services.
pub(super) fn settings(spec: &ServingAuthorization, reading: &mut Reading<Code>) -> Settings {
    let issuers = Issuers {
        cluster: spec.cluster_issuer.as_ref().and_then(|one| issuer(one, "clusterIssuer", reading)),
        users: spec.user_issuer.as_ref().and_then(|one| {
            let claim = one.user_claim.clone().unwrap_or_else(|| "email".to_owned());
            Some((issuer(one, "userIssuer", reading)?, claim))
        }),
    };
    let mut settings = Settings::default();
    settings.all.callers =
        spec.callers.as_ref().map(|callers| issuers.callers(callers, "callers", reading));
    for (place, one) in spec.overrides.iter().enumerate() {
        let at = format!("overrides[{place}]");
        let setting = Setting {
            callers: one
                .callers
                .as_ref()
                .map(|callers| issuers.callers(callers, &format!("{at}.callers"), reading)),
            protocols: one.protocols.as_ref().map(|all| all.iter().copied().collect()),
            paths: one.paths.clone(),
        };
        let lists = [
            ("protocols", one.protocols.as_ref().map(Vec::is_empty)),
            ("paths", one.paths.as_ref().map(Vec::is_empty)),
        ];
        for (field, _) in lists.iter().filter(|(_, is_empty)| *is_empty == Some(true)) {
            reading.wrong(Code::BadConfig, format!("{at}.{field}"), WrongCaller::Empty);
        }
        if one.callers.is_none() && lists.iter().all(|(_, given)| given.is_none()) {
            reading.wrong(Code::BadConfig, &*at, WrongCaller::NothingSet);
        }
        for (index, path) in one.paths.iter().flatten().enumerate() {
            if !is_path(path) {
                let wrong = WrongCaller::Path(path);
                reading.wrong(Code::BadConfig, format!("{at}.paths[{index}]"), wrong);
            }
        }
        let namespace = format!("{at}.namespace");
        let namespace = reading.field(Code::BadConfig, namespace, one.namespace.as_ref());
        let is_new = match (one.service.as_deref(), namespace) {
            (Some(service), None) => match pair(service) {
                Some(key) => settings.services.insert(key, setting).is_none(),
                None => {
                    let wrong = WrongCaller::Pair(service);
                    reading.wrong(Code::BadConfig, format!("{at}.service"), wrong);
                    true
                }
            },
            (None, Some(namespace)) => {
                settings.namespaces.insert(String::from(namespace), setting).is_none()
            }
            (None, None) if one.namespace.is_some() => true,
            _ => {
                reading.wrong(Code::BadConfig, at.clone(), WrongCaller::Override);
                true
            }
        };
        if !is_new {
            reading.wrong(Code::BadConfig, at, WrongCaller::Twice);
        }
    }
    settings
}

/// The issuers of the configuration.
struct Issuers {
    cluster: Option<TokenIssuer>,
    users: Option<(TokenIssuer, String)>,
}

impl Issuers {
    fn callers(&self, callers: &[Caller], at: &str, reading: &mut Reading<Code>) -> NamedCallers {
        let mut all: Vec<NamedCaller> = Vec::new();
        for (place, one) in callers.iter().enumerate() {
            let at = format!("{at}[{place}]");
            let read = self.caller(one, &at, reading);
            if !read.is_empty() && read.iter().all(|caller| all.contains(caller)) {
                reading.wrong(Code::BadConfig, at, WrongCaller::SameCaller);
            }
            all.extend(read);
        }
        NamedCallers { all, cluster: self.cluster.clone() }
    }

    /// A caller, for each of its subjects.
    fn caller(&self, caller: &Caller, at: &str, reading: &mut Reading<Code>) -> Vec<NamedCaller> {
        let given = [
            caller.service_account.is_some(),
            caller.namespace.is_some(),
            caller.user.is_some(),
            caller.jwt.is_some(),
            caller.gateway.is_some(),
        ];
        if given.into_iter().filter(|is| *is).count() != 1 || caller.gateway == Some(false) {
            reading.wrong(Code::BadConfig, at, WrongCaller::Kinds);
            return Vec::new();
        }
        if let Some(account) = &caller.service_account {
            let Some((namespace, name)) = pair(account) else {
                let wrong = WrongCaller::Pair(account);
                reading.wrong(Code::BadConfig, format!("{at}.serviceAccount"), wrong);
                return Vec::new();
            };
            return vec![NamedCaller::ServiceAccount { namespace, name }];
        }
        if let Some(user) = &caller.user {
            return self.user(user, at, reading).into_iter().collect();
        }
        if let Some(jwt) = &caller.jwt {
            return jwt_callers(jwt, &format!("{at}.jwt"), reading);
        }
        if caller.gateway.is_some() {
            return vec![NamedCaller::Gateway];
        }
        let at = format!("{at}.namespace");
        let namespace = reading.field(Code::BadConfig, at, caller.namespace.as_ref());
        namespace.map(|one| NamedCaller::Namespace(one.into())).into_iter().collect()
    }

    fn user(&self, user: &str, at: &str, reading: &mut Reading<Code>) -> Option<NamedCaller> {
        let at = format!("{at}.user");
        if !is_exact(user) {
            reading.wrong(Code::BadConfig, at, WrongCaller::Value(user));
            return None;
        }
        let Some((issuer, claim)) = &self.users else {
            reading.wrong(Code::BadConfig, at, WrongCaller::UserIssuer);
            return None;
        };
        let claims = vec![(claim.clone(), vec![user.to_owned()])];
        let issuer = issuer.clone();
        Some(NamedCaller::Token(TokenCaller { issuer, subject: None, claims }))
    }
}

fn jwt_callers(jwt: &JwtCaller, at: &str, reading: &mut Reading<Code>) -> Vec<NamedCaller> {
    let pool =
        reading.field(Code::BadConfig, format!("{at}.userPoolArn"), jwt.user_pool_arn.as_ref());
    let clients = reading.list(Code::BadConfig, format!("{at}.clientIds"), &jwt.client_ids);
    let lists =
        [("scopes", &jwt.scopes), ("audiences", &jwt.audiences), ("subjects", &jwt.subjects)];
    for (field, values) in lists {
        exact(values, &format!("{at}.{field}"), reading);
    }
    for (place, scope) in jwt.scopes.iter().enumerate() {
        if is_exact(scope) && scope.contains(char::is_whitespace) {
            let wrong = WrongCaller::Scopes(scope);
            reading.wrong(Code::BadConfig, format!("{at}.scopes[{place}]"), wrong);
        }
    }
    for (name, values) in &jwt.claims {
        exact(values, &format!("{at}.claims.{name}"), reading);
        if name.is_empty() || values.is_empty() || name.contains(['[', ']']) {
            reading.wrong(Code::BadConfig, format!("{at}.claims"), WrongCaller::Claim(name));
        }
    }
    let mut claims: Vec<(String, Vec<String>)> = Vec::new();
    let issuer = match (&pool, &jwt.issuer) {
        (Some(pool), None) => {
            if !jwt.audiences.is_empty() || jwt.jwks_uri.is_some() {
                reading.wrong(Code::BadConfig, at, WrongCaller::OfPool);
            }
            // A user pool's ID tokens are for applications, and have other claims.
            claims.push(("token_use".to_owned(), vec!["access".to_owned()]));
            let issuer = pool.issuer();
            let jwks_uri = Some(format!("{issuer}/.well-known/jwks.json"));
            Some(TokenIssuer { issuer, jwks_uri, audiences: Vec::new() })
        }
        (None, Some(text)) => {
            if !jwt.client_ids.is_empty() {
                reading.wrong(Code::BadConfig, format!("{at}.clientIds"), WrongCaller::Clients);
            }
            let given = Issuer {
                issuer: text.clone(),
                jwks_uri: jwt.jwks_uri.clone(),
                audiences: jwt.audiences.clone(),
                user_claim: None,
            };
            issuer(&given, at, reading)
        }
        (None, None) if jwt.user_pool_arn.is_some() => None,
        _ => {
            reading.wrong(Code::BadConfig, at, WrongCaller::OneIssuer);
            None
        }
    };
    let Some(issuer) = issuer else { return Vec::new() };
    let named = !clients.is_empty() || !jwt.scopes.is_empty() || !jwt.claims.is_empty();
    if !named && issuer.audiences.is_empty() && jwt.subjects.is_empty() {
        reading.report(at, WrongCaller::AnyToken(&issuer.issuer).finding());
        return Vec::new();
    }
    let claim =
        |name: &str, values: Vec<String>| (!values.is_empty()).then(|| (name.to_owned(), values));
    claims.extend(claim("client_id", clients.into_iter().map(String::from).collect()));
    claims.extend(claim("scope", jwt.scopes.clone()));
    claims.extend(jwt.claims.clone());
    let caller = |subject: Option<String>| {
        let (issuer, claims) = (issuer.clone(), claims.clone());
        NamedCaller::Token(TokenCaller { issuer, subject, claims })
    };
    if jwt.subjects.is_empty() {
        return vec![caller(None)];
    }
    jwt.subjects.iter().cloned().map(|subject| caller(Some(subject))).collect()
}

fn issuer(given: &Issuer, at: &str, reading: &mut Reading<Code>) -> Option<TokenIssuer> {
    exact(&given.audiences, &format!("{at}.audiences"), reading);
    let is_url = |text: &str| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && is_exact(text))
    };
    let mut is_sound = is_url(&given.issuer);
    if !is_sound {
        let wrong = WrongCaller::Issuer(&given.issuer);
        reading.wrong(Code::BadConfig, format!("{at}.issuer"), wrong);
    }
    if let Some(uri) = given.jwks_uri.as_deref().filter(|uri| !is_url(uri)) {
        reading.wrong(Code::BadConfig, format!("{at}.jwksUri"), WrongCaller::Issuer(uri));
        is_sound = false;
    }
    is_sound.then(|| TokenIssuer {
        issuer: given.issuer.clone(),
        jwks_uri: given.jwks_uri.clone(),
        audiences: given.audiences.clone(),
    })
}

/// Reports values that Istio would take for patterns, or that nothing has.
fn exact(values: &[String], at: &str, reading: &mut Reading<Code>) {
    for (place, value) in values.iter().enumerate() {
        if !is_exact(value) {
            reading.wrong(Code::BadConfig, format!("{at}[{place}]"), WrongCaller::Value(value));
        }
    }
}

fn is_exact(value: &str) -> bool {
    !value.is_empty()
        && !value.contains(['*', '{', '}', '<', '>'])
        && !value.contains("$(")
        && value.trim() == value
}

/// A path as an AuthorizationPolicy takes it, with a star at its end only.
fn is_path(path: &str) -> bool {
    let inner = path.strip_suffix('*').unwrap_or(path);
    path.starts_with('/') && inner.len() > 1 && !inner.contains(['*', '{', '}', '?', '#', ' '])
}

/// `NAMESPACE/NAME`.
fn pair(text: &str) -> Option<(String, String)> {
    let (namespace, name) = text.split_once('/')?;
    let namespace: Namespace = namespace.parse().ok()?;
    let is_name = crate::values::route_host::is_subdomain(name);
    is_name.then(|| (String::from(namespace), name.to_owned()))
}

/// Callers whose identity is that of a gateway or of Knative's activator, which call on behalf of others.
pub(super) fn gateway_identities(spec: &ServingAuthorization, policies: &Policies) -> Vec<Finding> {
    let callers = &policies.callers;
    let settings = &policies.settings;
    let all = settings.all.callers.iter().map(|named| (named, "spec.callers".to_owned()));
    let own = spec.overrides.iter().enumerate().filter_map(|(place, one)| {
        let key = one.service.as_deref().and_then(pair);
        let of_service = key.and_then(|key| settings.services.get(&key));
        let namespace = one.namespace.as_ref().and_then(|one| one.get().ok());
        let setting = of_service.or_else(|| settings.namespaces.get(namespace?.as_str()))?;
        Some((setting.callers.as_ref()?, format!("spec.overrides[{place}].callers")))
    });
    let mut findings = Vec::new();
    for (named, at) in all.chain(own) {
        for (place, caller) in named.all.iter().enumerate() {
            let prefix = match caller {
                NamedCaller::ServiceAccount { namespace, name } => {
                    callers.trust_domain.principal(namespace, name).to_string()
                }
                NamedCaller::Namespace(namespace) => {
                    format!("{}/ns/{namespace}/", callers.trust_domain)
                }
                NamedCaller::Token(_) | NamedCaller::Gateway => continue,
            };
            let is_one = |principal: &str| match caller {
                NamedCaller::Namespace(_) => principal.starts_with(&prefix),
                _ => principal == prefix,
            };
            let mut principals = callers.gateways.iter().chain([&callers.activator]);
            if let Some(principal) = principals.find(|one| is_one(one.as_str())) {
                let principal = principal.as_str();
                let wrong = WrongCaller::OnBehalf { caller, principal };
                findings.push(wrong.finding().field(format!("{at}[{place}]")));
            }
        }
    }
    findings
}
