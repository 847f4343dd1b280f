//! `set-knative-domain`: the one domain under which Knative serves, and those for some Routes.

mod config_map;
mod config_maps;
mod diags;
mod endpoints;
mod operator;
mod spec;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::controllers::knative::{
    self, ConfigNetwork, RouteSelector, WantedDomain, WantedDomains,
};
use crate::finding::Finding;
use crate::runtime::{Checked, Function, Items, KserveAws, Plan};

use config_map::{Change, ConfigMap};
use config_maps::Serving;
use diags::{
    ConflictingDomains, InvalidDomain, InvalidNamespace, InvalidSelector, InvalidTemplate,
    NothingWanted, RefusedConfigDomain, RefusedConfigNetwork, UnwantedEntry,
};
use spec::{CONFIG_DOMAIN, CONFIG_NETWORK, DEFAULT_NAMESPACE, DOMAIN_TEMPLATE};
pub(crate) use spec::{KnativeDomain, SetKnativeDomain};

impl Function for SetKnativeDomain {
    type Project = KserveAws;
    const NAME: &'static str = "set-knative-domain";
    const KIND: &'static str = "KnativeDomain";
    const SUMMARY: &'static str = "Set exactly one default domain in Knative's config-domain, and domains for selected Routes";
    const CONFIG_IS_OPTIONAL: bool = true;
    const HELP: &'static str = "Rewrites the ConfigMap config-domain of Knative Serving: every other domain without a selector is removed,
because of two the alphabetically smaller one wins; entries with a selector are kept, as are the labels
by which Knative's webhook finds the ConfigMap; the _example and its checksum are removed. Domains are checked as
Knative's Routes check them, which admission does not do.

As a generator, and with createIfMissing, it creates a missing ConfigMap and annotates it as
its own: later runs update it, and remove it when the configuration no longer requires it. A ConfigMap
that it did not create is rewritten, but never annotated or removed.";
    type Spec = KnativeDomain;

    fn schema() -> Cow<'static, str> {
        include_str!("../../../functions/set-knative-domain/schema.json").into()
    }

    fn plan(spec: KnativeDomain, items: &Items<'_>) -> Plan {
        let mut plan = Plan::default();
        let wanted = spec.wanted(&mut plan.findings);
        let template = spec.template(&mut plan.findings);
        let namespace = spec.namespace(&mut plan.findings);
        if spec.domain.is_none() && spec.domains.is_empty() && spec.domain_template.is_none() {
            plan.findings.push(NothingWanted.into());
        }
        if !plan.is_sound() {
            return plan.blocked();
        }
        let serving =
            Serving { namespace, creates: spec.create_if_missing || is_generator(items), items };
        let config_domain = if wanted.is_empty() {
            serving.none(CONFIG_DOMAIN, None, &mut plan)
        } else {
            serving.each(CONFIG_DOMAIN, "controller", &mut plan, |map| set_domains(map, &wanted))
        };
        let config_network = match template {
            None => serving.none(CONFIG_NETWORK, Some(DOMAIN_TEMPLATE), &mut plan),
            Some(template) => serving
                .each(CONFIG_NETWORK, "networking", &mut plan, |map| set_template(map, template)),
        };
        if items.accepted().is_sound(&plan.findings) {
            let after = endpoints::After { config_domain, config_network };
            plan.findings.extend(endpoints::findings(items, after));
        }
        plan
    }
}

impl KnativeDomain {
    fn wanted(&self, findings: &mut Vec<Finding>) -> WantedDomains {
        let none = BTreeMap::new();
        let default = self.domain.iter().map(|domain| ("spec.domain".to_owned(), domain, &none));
        let listed = self.domains.iter().enumerate().map(|(place, entry)| {
            (format!("spec.domains[{place}].domain"), &entry.domain, &entry.selector)
        });
        let mut wanted = Vec::new();
        let mut fields = Vec::new();
        for (field, domain, selector) in default.chain(listed) {
            let domain =
                domain.get().map_err(|invalid| InvalidDomain { field: &field, invalid }.into());
            let selector = RouteSelector::parse(selector).map_err(|error| {
                let field = field.strip_suffix("domain").unwrap_or(&field);
                InvalidSelector { field: format!("{field}selector"), error }.into()
            });
            match (domain, selector) {
                (Ok(domain), Ok(selector)) => {
                    wanted.push(WantedDomain { domain: domain.clone(), selector });
                    fields.push(field);
                }
                (domain, selector) => {
                    findings.extend([domain.err(), selector.err()].into_iter().flatten());
                }
            }
        }
        WantedDomains::new(wanted).unwrap_or_else(|(place, error)| {
            findings.push(ConflictingDomains { field: fields.swap_remove(place), error }.into());
            WantedDomains::default()
        })
    }

    fn template(&self, findings: &mut Vec<Finding>) -> Option<&str> {
        let template = self.domain_template.as_deref()?;
        let data = BTreeMap::from([(DOMAIN_TEMPLATE.to_owned(), template.to_owned())]);
        match ConfigNetwork::parse(&data) {
            Ok(_) => Some(template),
            Err(error) => {
                findings.push(InvalidTemplate(error).into());
                None
            }
        }
    }

    fn namespace(&self, findings: &mut Vec<Finding>) -> &str {
        match self.namespace.as_ref().map(Checked::get) {
            None => DEFAULT_NAMESPACE,
            Some(Ok(namespace)) => namespace.as_str(),
            Some(Err(invalid)) => {
                findings.push(InvalidNamespace(invalid).into());
                DEFAULT_NAMESPACE
            }
        }
    }
}

/// A host runs a generator on nothing but its own configuration, which is not an object of the cluster.
fn is_generator(items: &Items<'_>) -> bool {
    let local = ["metadata", "annotations", "config.kubernetes.io/local-config"];
    items.iter().all(|item| {
        item.resource.kind == SetKnativeDomain::KIND
            || item.text(&local).is_some_and(|is| is == "true")
    })
}

fn set_domains(map: &ConfigMap, wanted: &WantedDomains) -> Result<Change, Finding> {
    let mut data = map.data();
    let mut unwanted = Vec::new();
    if map.is_created {
        data.retain(|domain, _| {
            let is_wanted = wanted.has(domain);
            if !is_wanted {
                unwanted.push(domain.clone());
            }
            is_wanted
        });
    }
    let (mut rewrite, remarks) =
        knative::rewrite(&data, &map.metadata.annotations, wanted).map_err(RefusedConfigDomain)?;
    let mut findings: Vec<Finding> = remarks.into_iter().map(Finding::from).collect();
    findings.extend(unwanted.iter().map(|domain| Finding::from(UnwantedEntry(domain))));
    rewrite.remove.append(&mut unwanted);
    Ok(Change { rewrite, findings })
}

fn set_template(map: &ConfigMap, template: &str) -> Result<Change, Finding> {
    let set = BTreeMap::from([(DOMAIN_TEMPLATE.to_owned(), template.to_owned())]);
    let mut data = map.data();
    data.extend(set.clone());
    ConfigNetwork::parse(&data).map_err(RefusedConfigNetwork)?;
    let rewrite = knative::DomainRewrite { set, ..knative::DomainRewrite::default() };
    Ok(Change { rewrite, findings: Vec::new() })
}
