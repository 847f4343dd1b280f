//! Which Services lead to protected pods.

use std::cell::Cell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::selection::{Labels, PodLabels, Selection};
use crate::cluster::is_generation;
use crate::controllers::kserve::ANY_GENERATION;

/// Pods that are protected.
#[derive(Debug, Clone)]
pub(crate) struct PodSet {
    /// Their namespace; `None` where it is not given.
    pub(crate) namespace: Option<String>,
    /// What is known of their labels.
    pub(crate) labels: PodLabels,
    /// Why they are protected.
    pub(crate) why: Why,
    /// What findings call them.
    pub(crate) name: Rc<str>,
    /// Whether they are known to have a proxy, which enforces the policies of the mesh.
    pub(crate) has_proxy: bool,
}

/// Why pods are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// They are behind a Service of an Ingress that is set.
    Target,
    /// They serve a model that `KServe` routes to from the gateway that is set.
    Served,
    /// They are another gateway, which leads to the same Services.
    OtherGateway,
}

/// That a Service leads to a set of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// The set, by its index.
    pub(crate) set: usize,
    /// Whether that is shown.
    pub(crate) selection: Selection,
    /// Whether both have the same namespace; else one of them has none, and may get the other's.
    pub(crate) same_namespace: bool,
}

impl Hit {
    pub(crate) fn of(set: usize, selection: Selection) -> Self {
        Self { set, selection, same_namespace: true }
    }

    /// Whether it is shown that the pods are reached.
    pub(crate) fn is_shown(&self) -> bool {
        self.same_namespace && self.selection == Selection::Same
    }
}

/// A Service by namespace and name.
pub(crate) type Key = (Option<String>, String);

/// What the Services of one name lead to, by namespace and set. Of most names there is one.
#[derive(Debug)]
enum Hits {
    One(HitKey, Hit),
    Many(BTreeMap<HitKey, Hit>),
}

type HitKey = (Option<String>, usize);

impl Hits {
    fn len(&self) -> usize {
        match self {
            Self::One(..) => 1,
            Self::Many(all) => all.len(),
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&HitKey, &Hit)> {
        let (one, many) = match self {
            Self::One(key, hit) => (Some((key, hit)), None),
            Self::Many(all) => (None, Some(all)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    /// Notes a hit; whether that is new. One that is shown takes the place of one that is not.
    fn note(&mut self, key: HitKey, hit: Hit) -> bool {
        let known = match self {
            Self::One(own, known) if *own == key => Some(known),
            Self::One(..) => None,
            Self::Many(all) => all.get_mut(&key),
        };
        if let Some(known) = known {
            let is_new = !known.is_shown() && hit.is_shown();
            if is_new {
                *known = hit;
            }
            return is_new;
        }
        match self {
            Self::One(own, known) => {
                let first = (std::mem::take(own), *known);
                *self = Self::Many(BTreeMap::from([first, (key, hit)]));
            }
            Self::Many(all) => {
                all.insert(key, hit);
            }
        }
        true
    }
}

/// Which Services lead to protected pods.
#[derive(Debug, Default)]
pub(crate) struct Reach {
    pub(crate) sets: Vec<PodSet>,
    services: BTreeMap<String, Hits>,
    /// The sets of the pods of other Istio Gateways, by the Gateways' selectors.
    pub(crate) gateway_sets: HashMap<Labels, usize>,
    /// The Services of Knative, whose revisions have Services of their own.
    knative: HashSet<String>,
    /// Whether a target is the gateway behind which `KServe` serves.
    is_into_the_mesh: bool,
    strict_namespaces: bool,
    /// How often something was compared.
    steps: Cell<usize>,
}

impl Reach {
    /// One that leads to nothing yet.
    pub(crate) fn new(strict_namespaces: bool) -> Self {
        Self { strict_namespaces, ..Self::default() }
    }

    /// Whether a target is the gateway behind which `KServe` serves.
    pub(crate) fn leads_into_the_mesh(&self) -> bool {
        self.is_into_the_mesh
    }

    /// Notes that a target is the gateway behind which `KServe` serves.
    pub(crate) fn lead_into_the_mesh(&mut self) {
        self.is_into_the_mesh = true;
    }

    /// The sets behind the fronts, which come before all others.
    pub(crate) fn targets(&self) -> impl Iterator<Item = (usize, &PodSet)> {
        self.sets.iter().enumerate().take_while(|(_, set)| set.why == Why::Target)
    }

    /// Notes that a Service leads to a set; whether that is new.
    pub(crate) fn note(&mut self, (namespace, name): Key, hit: Hit) -> bool {
        let key = (namespace, hit.set);
        match self.services.entry(name) {
            Entry::Vacant(place) => {
                place.insert(Hits::One(key, hit));
                true
            }
            Entry::Occupied(place) => place.into_mut().note(key, hit),
        }
    }

    /// Notes that a Service is one of Knative's.
    pub(crate) fn note_knative(&mut self, service: &str) {
        self.knative.insert(service.to_owned());
    }

    /// The Service that a name is for: that of Knative for the one of a revision, public or private, and for the one of
    /// a tag that `KServe` sets (`pkg/reconciler/serverlessservice/resources/names` and `pkg/reconciler/route/resources/service.go`
    /// of knative/serving; `reconcilers/knative/ksvc_reconciler.go` of kserve/kserve).
    /// Those by which `KServe`'s nodes find each other are known by all of their name but the generation.
    fn known_as<'n>(&'n self, name: &'n str) -> &'n str {
        if self.services.contains_key(name) {
            return name;
        }
        let of_generation = name.rsplit_once('-').filter(|(_, end)| is_generation(end));
        let known = of_generation.and_then(|(named, _)| {
            self.services.get_key_value(&format!("{named}-{ANY_GENERATION}"))
        });
        if let Some((known, _)) = known {
            return known;
        }
        let public = name.strip_suffix("-private").unwrap_or(name);
        let is_number = |end: &str| end.len() == 5 && end.bytes().all(|b| b.is_ascii_digit());
        let of_revision = public.rsplit_once('-').filter(|(_, end)| is_number(end));
        let tag = name.strip_prefix("latest-").or_else(|| name.strip_prefix("prev-"));
        let named = of_revision.map(|(service, _)| service).or(tag);
        named.filter(|service| self.knative.contains(*service)).unwrap_or(name)
    }

    /// The sets that a Service leads to.
    pub(crate) fn hits<'a>(
        &'a self,
        namespace: &'a Option<String>,
        name: &'a str,
    ) -> impl Iterator<Item = Hit> + 'a {
        let known = self.services.get(self.known_as(name));
        self.count(known.map_or(0, Hits::len));
        let known = known.into_iter().flat_map(Hits::iter);
        let own = known.filter(|((other, _), _)| self.may_be_one(other, namespace));
        own.map(move |((other, _), hit)| Hit {
            same_namespace: hit.same_namespace && other == namespace,
            ..*hit
        })
    }

    /// The set that a Service leads to before all others: a target, and one that is shown.
    pub(crate) fn hit(&self, namespace: &Option<String>, name: &str) -> Option<Hit> {
        self.hits(namespace, name).min_by_key(|hit| {
            let why = match self.sets[hit.set].why {
                Why::Target => 0,
                Why::Served => 1,
                Why::OtherGateway => 2,
            };
            (!hit.is_shown(), std::cmp::Reverse(hit.selection), why, hit.set)
        })
    }

    /// Whether two namespaces may be one.
    pub(crate) fn may_be_one(&self, left: &Option<String>, right: &Option<String>) -> bool {
        if self.strict_namespaces { left == right } else { crate::cluster::may_be_one(left, right) }
    }

    /// Counts comparisons.
    pub(crate) fn count(&self, steps: usize) {
        self.steps.set(self.steps.get() + steps);
    }

    /// How many comparisons there were.
    pub(crate) fn steps(&self) -> usize {
        self.steps.get()
    }

    /// The names of all Services that lead to protected pods.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.services.contains_key(self.known_as(name))
    }
}

impl PodSet {
    /// The selector by which alone they are known to be another gateway's: they may be of any namespace, and only
    /// what shares a label with it selects them.
    pub(crate) fn gateway_selector(&self) -> Option<&Labels> {
        match &self.labels {
            PodLabels::Selected(labels) if self.why == Why::OtherGateway => Some(labels),
            _ => None,
        }
    }

    /// Whether pods are Istio's ingress gateway, by the names and labels that Istio's own charts,
    /// istioctl and Kubeflow's manifests give it.
    pub(crate) fn is_ingress_gateway(&self) -> bool {
        let by_labels = |labels: &Labels| {
            ["istio", "app"].iter().any(|key| {
                labels.get(*key).is_some_and(|value| {
                    value.contains("ingressgateway") || value.contains("ingress-gateway")
                })
            })
        };
        let named = self.name.ends_with("/istio-ingressgateway")
            || &*self.name == "Service istio-ingressgateway";
        named
            || match &self.labels {
                PodLabels::Known(all) => all.iter().any(|labels| by_labels(labels)),
                PodLabels::Selected(labels) => by_labels(labels),
                PodLabels::OfService(_) => false,
            }
    }
}

/// The Service, by name and namespace, that a DNS name of the cluster is for.
pub(crate) fn service_of_dns_name(host: &str) -> Option<(&str, &str)> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let mut labels = host.split('.');
    let (name, namespace, svc) = (labels.next()?, labels.next()?, labels.next()?);
    // A pod of a headless Service has a name before that of the Service.
    let (name, namespace) = match svc {
        "svc" => (name, namespace),
        _ if labels.next() == Some("svc") => (namespace, svc),
        _ => return None,
    };
    (!name.is_empty() && !namespace.is_empty()).then_some((name, namespace))
}
