//! What kustomize will call an object: the names that references have now, and the coming ones.
//!
//! kustomize renames an object where a `namePrefix`, `nameSuffix` or hash applies, and rewrites the
//! references to it once, after all transformers and validators. In between an object carries the
//! names that it had in `internal.config.kubernetes.io/previousNames`, and references still have
//! those (`api/resource/resource.go`, `api/filters/nameref/nameref.go`, `selectReferral`, of
//! kubernetes-sigs/kustomize).

use std::collections::HashMap;

use serde_json::Value;

use super::kept::Source;
use crate::controllers::alb::objects::Ingress;
use crate::values::k8s::ResourceRef;

const NAMES: &str = "internal.config.kubernetes.io/previousNames";
const PREFIXES: &str = "internal.config.kubernetes.io/prefixes";
const SUFFIXES: &str = "internal.config.kubernetes.io/suffixes";

/// The coming names of renamed objects, by kind and by a name that they had.
#[derive(Debug, Clone, Default)]
pub(crate) struct Renames {
    /// Candidates by kind and earlier name.
    candidates: HashMap<(String, String), Vec<Candidate>>,
    /// The prefixes and suffixes of every object that has any.
    affixes: HashMap<ResourceRef, Affixes>,
}

#[derive(Debug, Clone)]
struct Candidate {
    namespace: Option<String>,
    name: String,
    affixes: Affixes,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Affixes {
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

impl Renames {
    /// Notes what an object is called, and was.
    pub(super) fn add(&mut self, resource: &ResourceRef, source: &Source<'_>) {
        let list = |key| source.annotation(key).map(|text| split(&text)).unwrap_or_default();
        let affixes = Affixes { prefixes: list(PREFIXES), suffixes: list(SUFFIXES) };
        for earlier in list(NAMES) {
            let candidates = self.candidates.entry((resource.kind.clone(), earlier)).or_default();
            // An object that keeps its name, but not its namespace, has it twice.
            let is_known = candidates
                .iter()
                .any(|other| other.name == resource.name && other.namespace == resource.namespace);
            if !is_known {
                candidates.push(Candidate {
                    namespace: resource.namespace.clone(),
                    name: resource.name.clone(),
                    affixes: affixes.clone(),
                });
            }
        }
        if affixes != Affixes::default() {
            self.affixes.insert(resource.clone(), affixes);
        }
    }

    /// Whether nothing is renamed.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// What a reference of `referrer` to an object of a kind will say; `None` where it stays.
    ///
    /// As kustomize picks it: an object of that kind that had the name, of the referrer's own
    /// namespace; of several, the one with the referrer's prefixes and suffixes.
    #[must_use]
    pub(crate) fn coming_name(
        &self,
        referrer: &ResourceRef,
        kind: &str,
        name: &str,
    ) -> Option<&str> {
        let found = self.candidates.get(&(kind.to_owned(), name.to_owned()))?;
        let same_namespace = |candidate: &&Candidate| {
            let own = referrer.namespace.as_deref().unwrap_or("default");
            candidate.namespace.as_deref().unwrap_or("default") == own
        };
        let near: Vec<&Candidate> = found.iter().filter(same_namespace).collect();
        let picked = match near[..] {
            [] => return None,
            [one] => one,
            _ => {
                let none = Affixes::default();
                let own = self.affixes.get(referrer).unwrap_or(&none);
                let mut same = near.iter().filter(|candidate| candidate.affixes == *own);
                match (same.next(), same.next()) {
                    (Some(one), None) => one,
                    _ => return None,
                }
            }
        };
        (picked.name != name).then_some(picked.name.as_str())
    }
}

impl Renames {
    /// Writes the coming names of Services into the backends of an Ingress: of the references that kustomize rewrites
    /// (`api/internal/konfig/builtinpluginconsts/namereference.go`) those that lead traffic. The service accounts of
    /// pods, which tell callers, get theirs in `Cluster`.
    pub(super) fn rename_backends(&self, referrer: &ResourceRef, ingress: &mut Ingress) {
        let default = ingress.spec.default_backend.iter_mut();
        let rules = ingress.spec.rules.iter_mut();
        let paths = rules.filter_map(|rule| rule.http.as_mut()).flat_map(|http| &mut http.paths);
        let services = default
            .chain(paths.map(|path| &mut path.backend))
            .filter_map(|backend| backend.service.as_mut());
        for service in services {
            if let Some(coming) = self.coming_name(referrer, "Service", &service.name) {
                service.name = coming.to_owned();
            }
        }
    }

    /// The same in the JSON value of an Ingress.
    pub(crate) fn rename_backends_in(&self, referrer: &ResourceRef, ingress: &mut Value) {
        if self.is_empty() {
            return;
        }
        let Some(spec) = ingress.get_mut("spec").and_then(Value::as_object_mut) else { return };
        let mut backends = Vec::new();
        for (key, value) in spec.iter_mut() {
            match key.as_str() {
                "defaultBackend" => backends.push(value),
                "rules" => {
                    let rules = value.as_array_mut().into_iter().flatten();
                    let paths = rules.filter_map(|rule| rule.pointer_mut("/http/paths"));
                    let paths = paths.filter_map(Value::as_array_mut).flatten();
                    backends.extend(paths.filter_map(|path| path.get_mut("backend")));
                }
                _ => {}
            }
        }
        for name in backends.into_iter().filter_map(|one| one.pointer_mut("/service/name")) {
            let coming = name.as_str().and_then(|text| self.coming_name(referrer, "Service", text));
            if let Some(coming) = coming {
                *name = Value::from(coming);
            }
        }
    }
}

fn split(text: &str) -> Vec<String> {
    text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
