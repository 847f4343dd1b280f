//! Every case in `fixtures/<function>`, held against the rules that every function keeps.

use kserve_aws::functions;

use crate::cases;

/// A test for each function, by which its cases can be run alone.
macro_rules! functions {
    ($($function:ident),*) => {
        $(
            #[test]
            fn $function() {
                cases::run_all(named(stringify!($function)));
            }
        )*

        const TESTED: &[&str] = &[$(stringify!($function)),*];
    };
}

functions!(
    generate_authorization_policies,
    generate_dns_records,
    plan_certificate,
    serving_endpoint,
    set_ingress_params,
    set_knative_domain,
    validate_serving_path
);

/// The function of a test.
fn named(test: &str) -> &'static str {
    let mut all = functions::ALL.iter().map(|function| function.name);
    all.find(|name| name.replace('-', "_") == test).unwrap()
}

#[test]
fn each_function_has_its_test() {
    let all: Vec<String> =
        functions::ALL.iter().map(|function| function.name.replace('-', "_")).collect();
    for function in &all {
        assert!(TESTED.contains(&function.as_str()), "{function} is not in {TESTED:?}");
    }
    assert_eq!(all.len(), TESTED.len());
}
