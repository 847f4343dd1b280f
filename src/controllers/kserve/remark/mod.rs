//! What there is to say of an object, as a fact: which words a user reads is with the plans.

mod knative;
mod standard;
mod virtual_service;

pub(crate) use knative::KnativeRemark;
pub(crate) use standard::StandardRemark;
pub(crate) use virtual_service::VirtualServiceRemark;

use super::admission::Refusal;
use super::config_error::ConfigError;
use super::hosts::AdditionalDomainRemark;
use super::mode::ModeRemark;
use super::runtimes::RuntimeRefusal;
use super::stock_runtimes::NoShippedRuntime;
use crate::controllers::knative::{ConfigDomainError, ConfigNetworkError, RouteError};
use crate::values::k8s::ResourceRef;

/// A remark on an object that is not an `InferenceService` of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRemark {
    /// The object.
    pub resource: ResourceRef,
    /// What there is to say.
    pub fact: ObjectFact,
}

/// What there is to say of an object beside the services of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectFact {
    /// It is not what its kind says; the deserializer's error.
    Unreadable(String),
    /// A ConfigMap has a value that is not a string.
    ConfigValueNotText {
        /// The value's key.
        key: String,
    },
    /// An `InferenceService` of a version that is not modelled.
    OtherVersion,
    /// The operator's `KnativeServing` sets the ConfigMap otherwise.
    OperatorOverrides,
    /// Knative refuses `config-domain`.
    ConfigDomain(ConfigDomainError),
    /// `config-domain` has several domains without a selector, in the order of their names.
    SeveralDefaultDomains(Vec<String>),
    /// Knative refuses `config-network`.
    ConfigNetwork(ConfigNetworkError),
    /// `KServe` refuses `inferenceservice-config`.
    KserveConfig(ConfigError),
    /// A key of `ingress` that the release does not know.
    UnknownIngressKey(String),
}

/// What the controllers do with a service wrongly or silently, and what is wrong with the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// No namespace is given, and several Profiles could give one.
    NamespaceAmbiguous {
        /// How many Profiles there are.
        profiles: usize,
    },
    /// The webhook refuses the service's name.
    NameInvalid(String),
    /// A name that the release does not read and that is nearly one that it reads.
    Misspelt {
        /// Whether it is among the labels or the annotations.
        map: MetadataMap,
        /// The name as it is written.
        key: String,
        /// The name that is meant.
        meant: &'static str,
    },
    /// A name that is read in the other of the two maps only.
    Misplaced {
        /// The name.
        key: &'static str,
        /// Where it is read.
        read_in: MetadataMap,
    },
    /// The configuration is refused, and no service is reconciled.
    NothingReconciled(ConfigError),
    /// The configuration of routes is refused, and no service gets a URL.
    NoUrl(ConfigError),
    /// The API server or the webhook refuses the service.
    Refused(Refusal),
    /// About the deployment mode.
    Mode(ModeRemark),
    /// The service is stopped by its annotation.
    Stopped,
    /// The service is in `ModelMesh`.
    ModelMesh,
    /// No runtime takes the model, and nothing of the service is created.
    RuntimeRefused(RuntimeRefusal),
    /// No runtime that `KServe` ships takes the model.
    NoShippedRuntime(NoShippedRuntime),
    /// Knative refuses its own configuration.
    KnativeConfigRefused,
    /// Knative gives a graph's Route no host.
    GraphWithoutHost(RouteError),
    /// Knative gives a Route that somebody wrote no host.
    RouteWithoutHost(RouteError),
    /// The status of an exported object has another URL than the manifests give.
    StatusUrl {
        /// What the status has.
        found: String,
        /// What the manifests give.
        given: String,
    },
    /// A graph's status has the URL, and no route answers to it.
    GraphUrlWithoutRoute(String),
    /// A graph is not reconciled before a service that it calls has an address.
    GraphWaits {
        /// The service.
        service: String,
        /// Whether the service is not there at all.
        is_absent: bool,
    },
    /// The host of an `LLMInferenceService` is that of its Gateway, under this path.
    HostOfGateway(String),
    /// No rule of an `LLMInferenceService`'s route has a backend.
    RouteWithoutBackend,
    /// In Knative mode.
    Knative(KnativeRemark),
    /// About the VirtualService of Knative mode.
    VirtualService(VirtualServiceRemark),
    /// In Standard mode.
    Standard(StandardRemark),
    /// About `additionalIngressDomains`.
    AdditionalDomain(AdditionalDomainRemark),
    /// The service's name is that of a component's Service of another one.
    NameTaken {
        /// The name.
        name: String,
        /// The other service.
        other: String,
    },
    /// Another service has the host, too.
    HostTaken {
        /// The host.
        host: String,
        /// The other service's namespace.
        namespace: String,
        /// The other service.
        name: String,
    },
}

/// Labels or annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataMap {
    /// `metadata.labels`
    Labels,
    /// `metadata.annotations`
    Annotations,
}

impl Remark {
    /// Whether it says that the object itself is refused, so that there is none.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::NameInvalid(_) | Self::Refused(_))
    }

    /// Whether it says that the service answers to the bare domain of a `pathTemplate`, as every
    /// other service does.
    pub(super) fn is_of_shared_domain(&self) -> bool {
        matches!(
            self,
            Self::VirtualService(VirtualServiceRemark::BareDomain(_))
                | Self::Standard(StandardRemark::BareDomain(_))
        )
    }
}

macro_rules! remark_from {
    ($($kind:ident($fact:ty)),+ $(,)?) => {
        $(impl From<$fact> for Remark {
            fn from(fact: $fact) -> Self {
                Self::$kind(fact)
            }
        })+
    };
}

remark_from! {
    Refused(Refusal),
    Mode(ModeRemark),
    NoShippedRuntime(NoShippedRuntime),
    Knative(KnativeRemark),
    VirtualService(VirtualServiceRemark),
    Standard(StandardRemark),
    AdditionalDomain(AdditionalDomainRemark),
}
