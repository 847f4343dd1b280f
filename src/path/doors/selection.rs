//! Whether a Service selects protected pods.

use std::collections::BTreeMap;
use std::rc::Rc;

/// Labels, or a selector of them.
pub(crate) type Labels = BTreeMap<String, String>;

/// What is known of the labels of a set of pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PodLabels {
    /// All labels of each of its pod templates.
    Known(Vec<Rc<Labels>>),
    /// That a selector selects them; their other labels are not known.
    Selected(Labels),
    /// The name of their Service alone, which is not in the input.
    OfService(String),
}

impl PodLabels {
    /// Those of pod templates that are known; where none is, that a selector selects the pods.
    pub(crate) fn known_or_selected(known: Vec<Labels>, selector: &Labels) -> Self {
        match known.is_empty() {
            true => Self::Selected(selector.clone()),
            false => Self::known(known),
        }
    }

    /// Those of pod templates.
    pub(crate) fn known(templates: Vec<Labels>) -> Self {
        Self::Known(templates.into_iter().map(Rc::new).collect())
    }
}

/// Whether a selector selects pods of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Selection {
    /// It may, and nothing shows that it does.
    Undecided,
    /// It does.
    Same,
}

/// Whether a Service with a selector leads to pods of a set; `None` where it does not.
///
/// A selector selects the pods that have all its labels (`labels.Set.AsSelector` in
/// `k8s.io/apimachinery/pkg/labels/selector.go`); one without labels selects none for a Service
/// (`pkg/controller/endpointslice` skips it). Of pods that are known by another selector alone, a
/// selector with fewer of its labels selects all, one with more of them some; one that demands
/// another value selects none; of any other nothing is known. Where the Service is absent, one
/// whose selector has its name for a value may select the same, as nearly every chart writes it.
pub(crate) fn selection(selector: &Labels, pods: &PodLabels) -> Option<Selection> {
    if selector.is_empty() {
        return None;
    }
    match pods {
        PodLabels::OfService(name) => {
            is_named_after(selector, name).then_some(Selection::Undecided)
        }
        PodLabels::Known(templates) => {
            templates.iter().any(|labels| is_within(selector, labels)).then_some(Selection::Same)
        }
        PodLabels::Selected(known) => {
            let contradicts = selector
                .iter()
                .any(|(key, value)| known.get(key).is_some_and(|other| other != value));
            if contradicts {
                None
            } else if is_within(selector, known) || is_within(known, selector) {
                Some(Selection::Same)
            } else {
                Some(Selection::Undecided)
            }
        }
    }
}

/// Whether labels have the name of a Service for a value.
pub(crate) fn is_named_after(labels: &Labels, service: &str) -> bool {
    let short = service.strip_prefix("istio-").unwrap_or(service);
    labels.values().any(|value| value == service || value == short)
}

/// Whether all labels of one are among the other's. Of a pod that a controller creates a value may be
/// known by its beginning alone: it ends in `*` then, which no label can have.
pub(crate) fn is_within(selector: &Labels, labels: &Labels) -> bool {
    let is_one = |own: &str, value: &str| match own.strip_suffix('*') {
        Some(start) => value.starts_with(start),
        None => own == value,
    };
    selector.iter().all(|(key, value)| labels.get(key).is_some_and(|own| is_one(own, value)))
}

/// Whether a pod is of a template: it has all labels of that, and those that its controller adds. A value of the
/// template that ends in `*` is known by its beginning alone.
pub(crate) fn is_of_template(pod: &Labels, template: &Labels) -> bool {
    let is_one = |own: &str, value: &str| match value.strip_suffix('*') {
        Some(start) => own.starts_with(start),
        None => own == value,
    };
    template.iter().all(|(key, value)| pod.get(key).is_some_and(|own| is_one(own, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn pods_that_are_known_are_decided() {
        let pods = PodLabels::known(vec![labels("app=gw,istio=gw"), labels("app=gw,version=2")]);
        let select = |text| selection(&labels(text), &pods);
        assert_eq!(select("app=gw"), Some(Selection::Same));
        assert_eq!(select("version=2"), Some(Selection::Same));
        assert_eq!(select("version=3"), None);
        assert_eq!(select("app=gw,tier=front"), None);
        assert_eq!(select(""), None);
        let created =
            PodLabels::known(vec![labels("revision=iris-predictor-*,service=iris-predictor")]);
        let select = |text| selection(&labels(text), &created);
        assert_eq!(select("revision=iris-predictor-00002"), Some(Selection::Same));
        assert_eq!(select("revision=rose-predictor-00002"), None);
    }

    #[test]
    fn a_selector_alone_leaves_some_undecided() {
        let pods = PodLabels::Selected(labels("app=gw,istio=gw"));
        let select = |text| selection(&labels(text), &pods);
        assert_eq!(select("istio=gw"), Some(Selection::Same));
        assert_eq!(select("app=gw,istio=gw,version=2"), Some(Selection::Same));
        assert_eq!(select("version=2"), Some(Selection::Undecided));
        assert_eq!(select("app=gw,version=2"), Some(Selection::Undecided));
        assert_eq!(select("app=other,version=2"), None);
        assert_eq!(select(""), None);
        let absent = PodLabels::OfService("istio-ingressgateway".to_owned());
        let select = |text| selection(&labels(text), &absent);
        assert_eq!(select("app=istio-ingressgateway"), Some(Selection::Undecided));
        assert_eq!(select("istio=ingressgateway,version=2"), Some(Selection::Undecided));
        assert_eq!(select("app=dash"), None);
    }
}
