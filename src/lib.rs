//! KRM functions that render the manifests for serving models with `KServe` on AWS behind an
//! Application Load Balancer, and the models of the controllers that will read those manifests.
//!
//! Functions plan, one engine applies. A function looks at the objects of a package and says what to
//! change and what is wrong; nothing else is written, every other byte stays as it was.
//!
//! # A package in, a package out
//! A host passes a `ResourceList`; the function is picked by the kind of its configuration.
//!
//! ```
//! use kserve_aws::functions;
//! use kserve_aws::runtime::{self, Call};
//!
//! let list = r#"
//! apiVersion: config.kubernetes.io/v1
//! kind: ResourceList
//! functionConfig:
//!   apiVersion: fn.kserve-aws.dev/v1alpha1
//!   kind: KnativeDomain
//!   metadata: {name: domain}
//!   spec: {domain: platform.example.com}
//! items:
//! - apiVersion: v1
//!   kind: ConfigMap
//!   metadata: {name: config-domain, namespace: knative-serving}
//!   data:
//!     example.org: ""   # the domain of a test
//! "#;
//! let run = runtime::resource_list(list, functions::ALL, &Call::default());
//! assert!(run.success, "{:?}", run.findings);
//! let output: String = run.output.iter().flat_map(|output| output.pieces()).collect();
//! assert!(output.contains("platform.example.com: ''") || output.contains("platform.example.com: \"\""));
//! ```
//!
//! # What a function sees, and what it says
//! [`Package`](krm_package::Package) parses the text, [`Items`](runtime::Items) are its objects,
//! [`Cluster`](cluster::Cluster) has every object typed and read once. A plan is RFC 6902 edits:
//!
//! ```
//! use kserve_aws::cluster::Cluster;
//! use kserve_aws::runtime::Items;
//! use krm_package::{Edit, Package, operation};
//! use serde_json::json;
//!
//! let text = "\
//! apiVersion: v1
//! kind: Service
//! metadata: {name: gateway, namespace: istio-system} # Istio's own
//! spec:
//!   selector: {istio: ingressgateway}
//! ";
//! let package = Package::stream(text)?;
//! let items = Items::of(&package).unwrap();
//! let (cluster, findings) = Cluster::of(&items);
//! assert!(findings.is_empty());
//! let service = items.iter().next().unwrap();
//! let operations = json_patch::Patch(vec![operation::add(&["spec", "type"], json!("ClusterIP"))]);
//! let edits = [Edit::Patch { item: service.id, operations }];
//! // The next function sees the world as it will be, before a byte is written.
//! let (_after, findings) = cluster.after(&edits);
//! assert!(findings.is_empty());
//! let written: String = package.apply(&edits, &[]).unwrap().pieces().collect();
//! assert!(written.contains("# Istio's own") && written.contains("type: ClusterIP"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rooms
//! - [`functions`]: what users run, one file a function; [`cli`]: the command around them.
//! - [`serving`]: what is planned: the Ingress, the certificate, the policies, the names.
//! - [`cluster`]: the package as one world, with what controllers create from its objects.
//! - [`controllers`]: pure models of other people's controllers:
//!   [`load_balancers`](controllers::alb::load_balancers),
//!   [`PoliciesInForce`](controllers::istio::PoliciesInForce),
//!   [`ServingModel`](controllers::kserve::ServingModel),
//!   [`ConfigDomain`](controllers::knative::ConfigDomain).
//! - [`values`]: texts that are valid by their type; [`go`]: JSON, YAML, templates and URLs as Go reads them.
//!
//! An import leads down this list; a test holds it.
// The pages of the rooms are for who works in them, too: `cargo doc --document-private-items` has every link.
#![allow(rustdoc::private_intra_doc_links)]

pub mod cli;
pub mod cluster;
pub mod controllers;
pub mod finding;
pub mod functions;
pub mod go;
pub mod path;
mod rendering;
pub mod runtime;
pub mod serving;
pub mod values;
