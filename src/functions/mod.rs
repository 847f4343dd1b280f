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
            let schemas = vec![$(configuration_schema::<$function>()),+];
            schemas.into_iter().zip(ALL.names()).map(|(schema, name)| named(schema, name)).collect()
        }
    };
}

/// Where the project's files are served from.
const FILES: &str = "https://raw.githubusercontent.com/kserve-aws/kserve-aws/main";

/// The schema with its own address, by which editors find it.
fn named(mut schema: Value, function: &str) -> Value {
    if let Some(fields) = schema.as_object_mut() {
        let address = format!("{FILES}/functions/{function}/schema.json");
        fields.insert("$id".to_owned(), address.into());
    }
    schema
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
