//! How the controller is set up, and what may be taken to be in the cluster.

/// A release of the controller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Version {
    /// v2.4.7, which awslabs' manifests install: its webhook checks no conditions.
    V2_4_7,
    /// v3.5.
    #[default]
    V3_5,
}

/// How to read the objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The controller's release, where it changes what is admitted.
    pub version: Version,
    /// The controller's `--ingress-class`, `alb` in its Helm chart. Empty: it also manages
    /// Ingresses without any class.
    pub ingress_class: String,
    /// Whether to take what is not in the input to be in the cluster: a Service with every
    /// port, the `IngressClass` named `alb`, without parameters; the Secret of a login, a namespace
    /// that its class selects, the port of a node. A render is rarely the whole cluster, and a
    /// proof must hold there. `false` gives what the controller does with these objects alone.
    pub assume_missing: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { version: Version::default(), ingress_class: "alb".to_owned(), assume_missing: true }
    }
}
