//! The function, as the registry and the readers of its parameters name it.

/// Sets certificate, token check, login and scheme of the Ingresses in front of `KServe`.
pub(crate) struct SetIngressParams;
