//! The Ingress or the `HTTPRoute`s of an `InferenceService` in Standard mode.
//!
//! Source: `kube_ingress_reconciler.go` and `httproute_reconciler.go` in `reconcilers/ingress`.

use std::sync::Arc;

use super::endpoint::{HostRule, RouteKind, ServingRoute};
use super::hosts::{TemplatedError, additional_hosts, templated_path};
use super::inference_service::Component;
use super::naming::{component_name, plain_component_name};
use super::reconciled::Reconciled;
use super::remark::StandardRemark;
use super::standard_mode::{StandardMode, VISIBILITY};
use crate::values::route_host::is_subdomain;

impl StandardMode<'_> {
    /// The Ingress, with the hosts that the release confuses.
    ///
    /// Source: `createRawIngress` in `kube_ingress_reconciler.go`.
    pub(super) fn ingress(&self, reconciled: &mut Reconciled) -> Result<(), StandardRemark> {
        let own = &self.service.metadata.name;
        let rules = self.ingress_rules()?;
        if self.standard.kserve >= VISIBILITY && self.has(Component::Transformer) {
            reconciled.remark(StandardRemark::TransformerBackend(own.clone()));
            if self.has(Component::Explainer) {
                reconciled.remark(StandardRemark::ExplainerWithoutHost);
            }
        }
        for (setting, is_set) in [
            ("pathTemplate", !self.settings.path_template.is_empty()),
            ("additionalIngressDomains", !self.settings.additional_ingress_domains.is_empty()),
        ] {
            if is_set {
                reconciled.remark(StandardRemark::SettingIgnored(setting));
            }
        }
        refuse_final_dots(&rules)?;
        reconciled.routes.push(ServingRoute {
            kind: RouteKind::Ingress,
            name: own.clone(),
            public: true,
            gateways: Vec::new(),
            rules,
        });
        Ok(())
    }

    fn has(&self, component: Component) -> bool {
        self.service.components().any(|(found, _)| found == component)
    }

    fn ingress_rules(&self) -> Result<Vec<HostRule>, TemplatedError> {
        let kserve = self.standard.kserve;
        let of = |component| component_name(self.service, component, kserve);
        let (predictor, transformer, explainer) =
            (of(Component::Predictor), of(Component::Transformer), of(Component::Explainer));
        let own = &self.service.metadata.name;
        let confused = kserve >= VISIBILITY;
        let explains = self.has(Component::Explainer);
        let mut rules = Vec::new();
        if self.has(Component::Transformer) {
            if explains {
                rules
                    .push(self.rule(if confused { &transformer } else { &explainer }, &explainer)?);
            }
            rules.push(self.rule(own, &transformer)?);
            rules.push(self.rule(&transformer, if confused { &predictor } else { &transformer })?);
        } else {
            rules.push(self.rule(own, &predictor)?);
            if explains {
                rules.push(self.rule(&explainer, &explainer)?);
            }
        }
        rules.push(self.rule(&predictor, &predictor)?);
        Ok(rules)
    }

    /// One `HTTPRoute` for each component and one for the service, in the order of their creation.
    ///
    /// Source: `httproute_reconciler.go`.
    pub(super) fn http_routes(&self, reconciled: &mut Reconciled) -> Result<(), StandardRemark> {
        self.component_routes(reconciled)?;
        let kserve = self.standard.kserve;
        let own = &self.service.metadata.name;
        let hosts = self.top_hosts(reconciled)?;
        let several = self.service.components().count() > 1;
        if self.standard.routes_canaries && !self.service.spec.canary.is_empty() && several {
            reconciled.remark(StandardRemark::CanaryPastComponents(own.clone()));
        }
        let backend: Arc<str> = component_name(self.service, self.service.entry(), kserve).into();
        let rules = hosts
            .into_iter()
            .map(|host| HostRule { host, backend: Arc::clone(&backend) })
            .collect();
        self.push_http_route(own.clone(), rules, reconciled)
    }

    /// The `HTTPRoute`s of the components that are there.
    pub(super) fn component_routes(
        &self,
        reconciled: &mut Reconciled,
    ) -> Result<(), StandardRemark> {
        let kserve = self.standard.kserve;
        let own = &self.service.metadata.name;
        for (component, _) in self.service.components() {
            let mut parts = reconciled.components.iter();
            if parts.any(|one| one.component == component && one.stopped) {
                continue;
            }
            let backend = component_name(self.service, component, kserve);
            // Where a canary takes its part, the predictor's own name is not in that of the route, so that a
            // promotion keeps it.
            let name = match self.standard.routes_canaries {
                true => plain_component_name(own, component, kserve),
                false => backend.clone(),
            };
            let rules = vec![self.rule(&name, &backend)?];
            self.push_http_route(name, rules, reconciled)?;
        }
        Ok(())
    }

    /// The hosts of the service's own `HTTPRoute`.
    fn top_hosts(&self, reconciled: &mut Reconciled) -> Result<Vec<String>, StandardRemark> {
        let kserve = self.standard.kserve;
        let own = &self.service.metadata.name;
        let top = self.host(own)?.to_string();
        let domain = self.settings.ingress_domain.as_str();
        let additional = additional_hosts(&top, std::iter::once(domain), self.settings, kserve);
        reconciled.remarks.extend(additional.remarks.into_iter().map(Into::into));
        let mut hosts = vec![top.clone()];
        hosts.extend(additional.hosts.into_iter().filter(|host| *host != top));
        if !self.settings.path_template.is_empty() {
            templated_path(own, self.namespace, self.settings)?;
            hosts.push(domain.to_owned());
            reconciled.remark(StandardRemark::BareDomain(domain.to_owned()));
        }
        Ok(hosts)
    }

    fn push_http_route(
        &self,
        name: String,
        rules: Vec<HostRule>,
        reconciled: &mut Reconciled,
    ) -> Result<(), StandardRemark> {
        refuse_final_dots(&rules)?;
        let gateways = vec![self.settings.kserve_ingress_gateway.clone()];
        reconciled.routes.push(ServingRoute {
            kind: RouteKind::HttpRoute,
            name,
            public: true,
            gateways,
            rules,
        });
        Ok(())
    }
}

fn refuse_final_dots(rules: &[HostRule]) -> Result<(), StandardRemark> {
    match rules.iter().find(|rule| !is_subdomain(&rule.host)) {
        Some(rule) => Err(StandardRemark::FinalDot(rule.host.clone())),
        None => Ok(()),
    }
}
