//! The functions, one a file, and the one list of them.

mod generate_authorization_policies;
mod generate_dns_records;
mod plan_certificate;
mod planned;
mod serving_endpoint;
mod set_ingress_params;
mod set_knative_domain;
mod validate_serving_path;

use serde_json::Value;

pub(crate) use planned::{Planned, Policy, planned};

use crate::runtime::{Registered, Registry, configuration_schema};

macro_rules! registry {
    ($($function:ty),+ $(,)?) => {
        /// Every function, in the order in which help lists them.
        pub const ALL: Registry = Registry::new(&[$(Registered::of::<$function>()),+]);

        /// The schema of each one's configuration as its Rust type has it, in the same order: what
        /// `functions/NAME/schema.json` must be.
        #[must_use]
        pub fn generated_schemas() -> Vec<Value> {
            vec![$(configuration_schema::<$function>()),+]
        }
    };
}

registry! {
    set_ingress_params::SetIngressParams,
    set_knative_domain::SetKnativeDomain,
    generate_authorization_policies::GenerateAuthorizationPolicies,
    plan_certificate::PlanCertificate,
    generate_dns_records::GenerateDnsRecords,
    validate_serving_path::ValidateServingPath,
    serving_endpoint::RenderEndpoint,
}
