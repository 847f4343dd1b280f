//! `KServe`: which `InferenceService`s there are, how each is deployed, and which hosts and URLs its
//! controller gives it.
//!
//! The rules are those of the controller's own code (`pkg/controller/v1beta1/inferenceservice`,
//! `pkg/apis/serving/v1beta1/configmap.go`, `pkg/constants`) from 0.10.0 to the commit after
//! 0.20.0-rc0 whose answers the tests hold; where a release changed a rule, the rule names it.

mod admission;
mod annotations;
mod canaries;
mod canary_runtimes;
mod collisions;
mod conditions;
mod config;
mod config_error;
mod container_ports;
mod created_routes;
mod created_services;
mod endpoint;
mod hosts;
mod inference_graph;
mod inference_service;
mod ingress_settings;
mod installation;
mod items;
mod knative_mode;
mod llm;
mod mode;
mod model;
mod model_runtime;
mod namespace;
mod naming;
mod options;
mod predict_path;
mod protocol;
mod reconciled;
mod reconciler;
mod remark;
mod runtimes;
mod scalar;
mod standard_mode;
mod standard_routes;
mod stock_runtimes;
mod versions;
mod virtual_service;
mod written;

pub(crate) use admission::{ALL_TRAFFIC, AUTOSCALER_ANNOTATION, Refusal, RefusalReason};
pub(crate) use annotations::{AnnotationPlace, add_component_labels};
pub(crate) use annotations::{NETWORK_VISIBILITY, STOP_ANNOTATION};
pub use conditions::ConditionStatus;
pub(crate) use config_error::ConfigError;
pub use container_ports::ServicePort;
pub(crate) use container_ports::{LLM_PORT, MODEL_SERVER, QUEUE_PROXY, RefusedPorts};
pub(crate) use created_services::{ANY_GENERATION, workers_of};
pub use created_services::{CreatedService, ServiceFor};
pub(crate) use endpoint::GraphCalls;
pub use endpoint::{Endpoint, EndpointKind, Exposure, RouteKind, ServingRoute};
pub use hosts::{AdditionalDomainRemark, TemplatedError};
pub(crate) use inference_service::{Component, ComponentSpec, InferenceService};
pub(crate) use items::ObjectSource;
pub use items::ServingItems;
pub use llm::LlmWorkloads;
pub(crate) use llm::{LlmInferenceService, WrittenRoute, pods_of_base};
pub(crate) use mode::{DeploymentMode, MODE_ANNOTATION, ModeRemark};
pub use model::ServingModel;
pub use options::ServingOptions;
pub(crate) use protocol::{Guess, Protocol, ProtocolSource};
pub use remark::Remark;
pub(crate) use remark::{
    KnativeRemark, MetadataMap, ObjectFact, ObjectRemark, StandardRemark, VirtualServiceRemark,
};
pub(crate) use runtimes::RuntimePort;
pub use runtimes::{RuntimeRefusal, ServingRuntime};
pub(crate) use stock_runtimes::NoShippedRuntime;
pub use versions::{Version, VersionSource};
