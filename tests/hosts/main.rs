//! The functions under real hosts: kustomize, kubectl, kpt and Docker.
//!
//! `make e2e` builds the images and names their folder in `KSERVE_AWS_IMAGES`. A test whose host is
//! not installed says so in one line and passes; with `KSERVE_AWS_REQUIRE_HOSTS=1` it fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skips"
)]

mod argo_cd;
mod book;
mod documents;
mod faults;
mod first_steps;
mod fixtures;
mod guide;
mod host;
mod images;
mod ingress_params;
mod knative_domain;
mod overlays;
mod package;
mod pictures;
mod pre_commit;
mod process;
mod readme;
mod refusals;
mod release;
mod renamed;
mod rendered;
mod rendered_by_host;
mod sarif;
mod serving_authorization;
mod serving_names;
mod troubleshooting;
mod upstream;
mod workflows;
