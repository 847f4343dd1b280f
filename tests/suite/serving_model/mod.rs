//! The serving model over real files and over shuffled and generated items.

mod remarks;
mod rewrites;
mod samples;
mod workers;
mod written;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::platform::{IRIS, PLATFORM};
use kserve_aws::controllers::knative::{
    CHECKSUM_ANNOTATION, ConfigDomain, ConfigNetwork, EXAMPLE_KEY, RouteSelector, WantedDomain,
    WantedDomains, example_checksum, rewrite,
};
use kserve_aws::controllers::kserve::{
    Endpoint, EndpointKind, Exposure, ServingItems, ServingModel, ServingOptions, VersionSource,
};
use kserve_aws::finding::Code;
use kserve_aws::go::json::{KeySpellings, unmarshal};
use kserve_aws::go::template::{Record, Template};
use kserve_aws::serving::model::Findings;
use kserve_aws::values::dns_name::DnsName;
use kserve_aws::values::k8s::ResourceRef;
use kserve_aws::values::release::Release;
use test_support::{Dice, corpora};

fn documents(text: &str) -> Vec<serde_yaml::Value> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| <serde_yaml::Value as serde::Deserialize>::deserialize(document).unwrap())
        .filter(|document| !document.is_null())
        .collect()
}

fn items(documents: &[serde_yaml::Value]) -> ServingItems {
    let mut items = ServingItems::default();
    for document in documents {
        let text = |key: &str| document[key].as_str().unwrap_or_default().to_owned();
        let (api_version, kind) = (text("apiVersion"), text("kind"));
        if let Err(error) = items.add(&api_version, &kind, document.clone()) {
            items.unreadable(&ResourceRef { api_version, kind, ..ResourceRef::default() }, &error);
        }
    }
    items
}

fn model(text: &str) -> ServingModel {
    ServingModel::build(&items(&documents(text)), &ServingOptions::default())
}

fn only(text: &str) -> Endpoint {
    let mut model = model(text);
    assert_eq!(model.endpoints.len(), 1);
    model.endpoints.remove(0)
}

fn codes(endpoint: &Endpoint) -> Vec<Code> {
    endpoint.findings().iter().map(|finding| finding.code).collect()
}
