//! Knative's ingresses that are not of the mesh: Kourier and Contour run Envoys of their own, without a
//! sidecar.

/// An ingress of Knative's other than Istio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OtherIngress {
    /// A part of its class's name (`config-network`'s `ingress-class`), and its key in `spec.ingress` of
    /// a `KnativeServing`.
    pub(crate) word: &'static str,
    /// What it is called.
    pub(crate) name: &'static str,
    /// The label `app` of its proxies, which its Service of type `LoadBalancer` selects
    /// (`cmd/operator/kodata/ingress` of knative/operator 0.42).
    pub(crate) app: &'static str,
}

impl OtherIngress {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [
        Self { word: "kourier", name: "Kourier", app: "3scale-kourier-gateway" },
        Self { word: "contour", name: "Contour", app: "envoy" },
    ];

    /// The one of a class.
    pub(crate) fn of_class(class: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| class.contains(one.word))
    }
}
