//! What needs only Rust: each function over its fixtures, the command, and the models, one subject a
//! file. `cargo test --test suite set_ingress_params` runs one of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and counts what it tried"
)]

mod accept;
mod accepted_work;
mod access_equal;
mod all_fixes;
mod architecture;
mod bad_files;
mod bad_input;
mod book;
mod callers;
mod cases;
mod changelog;
mod check_configurations;
mod corpora_findings;
mod crd_schemas;
mod doors;
mod examples;
mod findings;
mod fixes;
mod fixtures;
mod flux;
mod generate_authorization_policies;
mod generate_dns_records;
mod generated;
mod hosts;
mod init;
mod istio_evaluation;
mod istio_routes;
mod istio_validation;
mod macos;
mod manual;
mod options;
mod origins;
mod params_env;
mod pipelines;
mod plan;
mod plan_certificate;
mod platform;
mod redaction;
mod render;
mod render_places;
mod reports;
mod request;
mod runtime;
mod sentences;
mod serving_endpoint_properties;
mod serving_model;
mod serving_names;
mod serving_path;
mod serving_tokens;
mod serving_unknown;
mod serving_ways;
mod set_ingress_params;
mod set_ingress_params_properties;
mod set_knative_domain;
mod set_ups;
mod shipped_ingresses;
mod snapshot_tests;
mod sources;
mod validate_serving_path;
mod words;
mod wrong_types;
