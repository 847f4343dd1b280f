//! The functions, one a file, and the one list of them.

mod generate_authorization_policies;
mod generate_dns_records;
mod plan_certificate;
mod set_ingress_params;
mod set_knative_domain;

use serde_json::Value;

use crate::runtime::{Registered, configuration_schema};
use crate::suggest;

macro_rules! registry {
    ($($function:ty),+ $(,)?) => {
        /// Every function, in the order in which help lists them.
        pub const ALL: &[Registered] = &[$(Registered::of::<$function>()),+];

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
}

/// The function of a name.
///
/// # Errors
/// An unknown name, with what to write instead.
pub fn named(name: &str) -> Result<&'static Registered, String> {
    let names: Vec<&str> = ALL.iter().map(|function| function.name).collect();
    let found = ALL.iter().find(|function| function.name == name);
    found.ok_or_else(|| suggest::hint(name, &names))
}

/// The function whose configuration has a kind.
///
/// # Errors
/// An unknown kind, with what to write instead.
pub fn of_kind(kind: &str) -> Result<&'static Registered, String> {
    let kinds: Vec<&str> = ALL.iter().map(|function| function.kind).collect();
    let found = ALL.iter().find(|function| function.kind == kind);
    found.ok_or_else(|| suggest::hint(kind, &kinds))
}
