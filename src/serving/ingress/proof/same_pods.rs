//! Whether two Services lead to the same pods.

use std::collections::BTreeMap;

use crate::controllers::alb::objects::Objects;

/// The pods that a Service leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pods<'a> {
    /// `None` where the manifest gives none: it may be any.
    pub(crate) namespace: Option<&'a str>,
    /// The Service.
    pub(crate) name: &'a str,
    /// Its selector; `None` where the Service is not in the package.
    pub(crate) selector: Option<&'a BTreeMap<String, String>>,
}

/// The pods of every Service with this name that a namespace may hold: a Service may be given twice.
pub(crate) fn of_service<'a>(
    objects: &'a Objects,
    namespace: Option<&'a str>,
    name: &'a str,
) -> Vec<Pods<'a>> {
    let mut found: Vec<Pods<'a>> = objects
        .services
        .iter()
        .filter(|service| service.metadata.name == name)
        .map(|service| Pods {
            namespace: service.metadata.namespace.as_deref(),
            name,
            selector: Some(&service.spec.selector),
        })
        .filter(|pods| may_be_one(pods.namespace, namespace))
        .collect();
    // Without a namespace it may also be one of a namespace that has none in the package.
    if found.is_empty()
        || (namespace.is_none() && found.iter().all(|pods| pods.namespace.is_some()))
    {
        found.push(Pods { namespace, name, selector: None });
    }
    found
}

impl Pods<'_> {
    /// Whether they are in a namespace as it is; one that is not given is `default`.
    pub(crate) fn is_in(&self, namespace: Option<&str>) -> bool {
        self.namespace.unwrap_or("default") == namespace.unwrap_or("default")
    }

    /// Whether both may lead to one pod: only labels that contradict each other tell pods apart.
    ///
    /// Of a Service that is not in the package, the selector is taken to be what is usual: a label
    /// with the Service's name.
    pub(crate) fn may_share(&self, other: &Self) -> bool {
        if !may_be_one(self.namespace, other.namespace) {
            return false;
        }
        if self.name == other.name {
            return true;
        }
        match (self.selector, other.selector) {
            (Some(left), Some(right)) => {
                // Without a selector, a Service's endpoints are written by hand.
                !left.is_empty()
                    && !right.is_empty()
                    && left
                        .iter()
                        .all(|(key, value)| right.get(key).is_none_or(|other| other == value))
            }
            (Some(selector), None) => is_usual(selector, other.name),
            (None, Some(selector)) => is_usual(selector, self.name),
            (None, None) => false,
        }
    }
}

fn is_usual(selector: &BTreeMap<String, String>, name: &str) -> bool {
    selector.values().any(|value| value == name || name.strip_prefix("istio-") == Some(value))
}

fn may_be_one(left: Option<&str>, right: Option<&str>) -> bool {
    left.is_none() || right.is_none() || left == right
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[track_caller]
    fn share(left: &[(&str, &str)], right: &[(&str, &str)]) -> bool {
        let (left, right) = (labels(left), labels(right));
        let pods = |name, selector| Pods { namespace: Some("a"), name, selector: Some(selector) };
        pods("one", &left).may_share(&pods("two", &right))
    }

    #[test]
    fn labels_that_contradict_tell_pods_apart() {
        assert!(share(&[("app", "gw"), ("istio", "gw")], &[("istio", "gw")]));
        assert!(share(&[("app", "gw")], &[("version", "v1")]));
        assert!(!share(&[("app", "gw")], &[("app", "kiali")]));
        assert!(!share(&[("app", "gw")], &[]));
    }

    #[test]
    fn an_absent_service_has_the_usual_selector() {
        let gateway = labels(&[("istio", "ingressgateway")]);
        let absent = |namespace| Pods { namespace, name: "istio-ingressgateway", selector: None };
        let alias = Pods { namespace: Some("a"), name: "alias", selector: Some(&gateway) };
        assert!(absent(Some("a")).may_share(&alias));
        assert!(absent(None).may_share(&alias));
        assert!(!absent(Some("b")).may_share(&alias));
    }
}
