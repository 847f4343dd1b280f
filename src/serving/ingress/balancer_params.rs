//! The fields of `IngressParams` that are about the load balancer itself.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::runtime::Checked;
use crate::values::elb::{GroupName, HealthCheckPath, HealthCheckPort, SuccessCodes};

/// Which Ingresses share a load balancer with this one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Group {
    /// The group's name. Ingresses of every namespace that name it share the load balancer. Default: what
    /// the Ingress says, else none.
    #[schemars(example = &"platform")]
    pub name: Option<Checked<GroupName>>,
    /// The place of the Ingress's rules among those of the group, -1000 to 1000; lower ones come first.
    /// Default: what the Ingress says, else 0.
    #[schemars(range(min = -1000, max = 1000), example = &10)]
    pub order: Option<i32>,
}

/// What the load balancer requests of its targets to find out whether they are healthy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HealthCheckParams {
    /// The port: a number, the name of a port of the Service, or `traffic-port`.
    #[schemars(example = &"15021")]
    pub port: Option<Checked<HealthCheckPort>>,
    /// The path.
    #[schemars(example = &"/healthz/ready")]
    pub path: Option<Checked<HealthCheckPath>>,
    /// The status codes of a healthy target: codes and ranges with commas between them.
    #[schemars(example = &"200")]
    pub success_codes: Option<Checked<SuccessCodes>>,
}
