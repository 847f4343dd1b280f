//! What a request must carry for the first rule that would forward it.

use super::{SentRequest, Simulator};
use crate::controllers::alb::auth::JwtConfig;
use crate::controllers::alb::model::{Action, Condition, Listener, Protocol, Rule};
use crate::controllers::alb::pattern::Pattern;
use crate::controllers::alb::request::{Request, holds};

impl Simulator<'_, '_> {
    /// A request for a host and a path with everything that the load balancer's rule for them demands;
    /// `None` where no rule of the package forwards it.
    #[must_use]
    pub(crate) fn with_credentials(
        &self,
        host: &str,
        method: &str,
        path: &str,
    ) -> Option<SentRequest> {
        let asked = Request {
            host: host.to_owned(),
            path: path.to_owned(),
            method: method.to_owned(),
            ..Request::default()
        };
        let (listener, rule) = self.rule_for(&asked)?;
        let (scheme, stock) = match listener.protocol {
            Protocol::Https => ("https", 443),
            Protocol::Http => ("http", 80),
        };
        let port = Some(listener.port).filter(|port| *port != stock);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let mut request = SentRequest::for_url(&format!("{scheme}://{host}{port}{path}")).ok()?;
        method.clone_into(&mut request.method);
        for condition in &rule.conditions {
            if let Condition::HttpHeader { name, values, .. } = condition
                && let Some(value) = values.first()
            {
                let value = Pattern::with_case(value.expose()).example("x");
                request.headers.push((name.clone(), value));
            }
        }
        request.logged_in = rule.actions.iter().any(|action| {
            matches!(action, Action::AuthenticateCognito { .. } | Action::AuthenticateOidc { .. })
        });
        request.valid_jwt =
            rule.actions.iter().any(|action| matches!(action, Action::ValidateJwt(_)));
        Some(request)
    }

    /// The JSON Web Tokens that the load balancer's rule for a request demands.
    #[must_use]
    pub(crate) fn jwt_of(&self, request: &SentRequest) -> Option<&JwtConfig> {
        let path = request.target.split('?').next().unwrap_or_default();
        let asked = Request {
            host: request.host.clone(),
            path: path.to_owned(),
            method: request.method.clone(),
            ..Request::default()
        };
        let (_, rule) = self.rule_for(&asked)?;
        rule.actions.iter().find_map(|action| match action {
            Action::ValidateJwt(jwt) => Some(jwt),
            _ => None,
        })
    }

    /// The first rule that forwards such a request, whatever its headers; of HTTPS before HTTP.
    fn rule_for(&self, asked: &Request) -> Option<(&Listener, &Rule)> {
        let listeners = self.balancers.iter().filter_map(|balancer| balancer.model.as_ref().ok());
        let mut listeners: Vec<&Listener> = listeners.flat_map(|model| &model.listeners).collect();
        listeners.sort_by_key(|listener| listener.protocol == Protocol::Http);
        let takes = |rule: &&Rule| {
            let forwards =
                rule.actions.iter().any(|action| matches!(action, Action::Forward { .. }));
            forwards
                && rule.conditions.iter().all(|condition| match condition {
                    Condition::HttpHeader { .. } => true,
                    other => holds(other, asked),
                })
        };
        // A rule for the host before one that takes any.
        let names_host =
            |rule: &Rule| rule.conditions.iter().any(|one| matches!(one, Condition::HostHeader(_)));
        let found: Vec<(&Listener, &Rule)> = listeners
            .into_iter()
            .filter_map(|listener| Some((listener, listener.rules.iter().find(takes)?)))
            .collect();
        let named = found.iter().find(|(_, rule)| names_host(rule));
        named.or_else(|| found.first()).copied()
    }
}
