//! The `Certificate` of AWS Controllers for Kubernetes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::diags::RefusedResource;
use super::names::CoveredName;
use crate::finding::Finding;
use crate::values::arn::Region;
use crate::values::dns_name::DnsName;
use krm_package::NodeRef;

/// The algorithm of the certificate's key, of those that ACM itself issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub(crate) enum KeyAlgorithm {
    /// RSA with 2048 bits, ACM's default.
    #[serde(rename = "RSA_2048")]
    Rsa2048,
    /// The curve P-256.
    #[serde(rename = "EC_prime256v1")]
    P256,
    /// The curve P-384.
    #[serde(rename = "EC_secp384r1")]
    P384,
}

impl KeyAlgorithm {
    fn as_str(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA_2048",
            Self::P256 => "EC_prime256v1",
            Self::P384 => "EC_secp384r1",
        }
    }
}

/// How the object is created.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AckResource {
    /// Its name; with several certificates, the first part of their names. Default:
    /// `kserve-serving`.
    pub name: Option<String>,
    /// Its namespace. Default: `istio-system`.
    pub namespace: Option<String>,
    /// The tags of the certificate in AWS.
    pub tags: BTreeMap<String, String>,
    /// The algorithm of its key. Default: ACM's, RSA with 2048 bits.
    pub key_algorithm: Option<KeyAlgorithm>,
}

const MOST_TAGS: usize = 50;

impl AckResource {
    /// What ACM or the API server would refuse (ACM's `Tag`: 50 tags, keys of 1 to 128 characters
    /// without `aws:` in front, values of at most 256; names as RFC 1123 has them).
    #[must_use]
    pub(crate) fn check(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for (field, text) in [("name", &self.name), ("namespace", &self.namespace)] {
            if let Some(Err(error)) = text.as_ref().map(|text| text.parse::<DnsName>()) {
                findings.push(RefusedResource::Name { field, error }.into());
            }
        }
        let count = self.tags.len();
        if count > MOST_TAGS {
            findings.push(RefusedResource::Tags { count, most: MOST_TAGS }.into());
        }
        for (key, value) in &self.tags {
            let wrong = match (key.chars().count(), value.chars().count()) {
                (0, _) => "an empty tag key; set a name",
                (129.., _) => "a tag key of over 128 characters; shorten it",
                (_, 257..) => "a tag value of over 256 characters; shorten it",
                _ if key.starts_with("aws:") => {
                    "a tag key that starts with aws:, which AWS reserves; remove it"
                }
                _ => continue,
            };
            findings.push(RefusedResource::Tag { key, wrong }.into());
        }
        findings
    }

    /// The name and namespace of the object for a certificate; `number` tells several apart.
    #[must_use]
    pub(crate) fn place(&self, number: Option<usize>) -> (String, &str) {
        let name = self.name.as_deref().unwrap_or("kserve-serving");
        let name = number.map_or_else(|| name.to_owned(), |number| format!("{name}-{number}"));
        (name, self.namespace.as_deref().unwrap_or("istio-system"))
    }

    /// The object for a certificate; `number` tells several apart.
    ///
    /// The alternative names hold the domain name, too: the controller compares them with what
    /// `DescribeCertificate` gives back, where it is in the list
    /// (`pkg/resource/certificate/delta.go`, v1.3.4). A validation method is left out, for the
    /// controller always requests DNS.
    #[must_use]
    pub(crate) fn certificate(
        &self,
        names: &[CoveredName],
        number: Option<usize>,
        region: Option<&Region>,
    ) -> Value {
        let all: Vec<String> = names.iter().map(|covered| covered.name.to_string()).collect();
        let (name, namespace) = self.place(number);
        let mut metadata = json!({ "name": name, "namespace": namespace });
        if let Some(region) = region {
            metadata["annotations"] = json!({ REGION: region.as_str() });
        }
        let mut spec = json!({
            "domainName": all.first().map(String::as_str).unwrap_or_default(),
            "subjectAlternativeNames": all,
        });
        if let Some(algorithm) = self.key_algorithm {
            spec["keyAlgorithm"] = algorithm.as_str().into();
        }
        if !self.tags.is_empty() {
            let tags = self.tags.iter().map(|(key, value)| json!({ "key": key, "value": value }));
            spec["tags"] = tags.collect();
        }
        json!({
            "apiVersion": "acm.services.k8s.aws/v1alpha1",
            "kind": "Certificate",
            "metadata": metadata,
            "spec": spec,
        })
    }
}

/// The annotation by which the controllers know in which region a resource is.
const REGION: &str = "services.k8s.aws/region";

/// A `Certificate` among the objects, as far as its names go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AckCertificate {
    /// Its names, sorted, each once; of one that is imported, none.
    pub names: Vec<String>,
    /// The region that its annotation names.
    pub region: Option<Region>,
}

impl AckCertificate {
    /// Reads the object.
    #[must_use]
    pub(crate) fn of(object: NodeRef<'_>) -> Self {
        let at = |path: &[&str]| path.iter().try_fold(object, |node, key| node.get(key));
        let others = at(&["spec", "subjectAlternativeNames"]);
        let all = at(&["spec", "domainName"])
            .into_iter()
            .chain(others.into_iter().flat_map(NodeRef::elements));
        let names: BTreeSet<String> =
            all.filter_map(|name| name.as_str().map(Cow::into_owned)).collect();
        let region = at(&["metadata", "annotations", REGION]).and_then(NodeRef::as_str);
        Self {
            names: names.into_iter().collect(),
            region: region.and_then(|region| region.parse().ok()),
        }
    }
}
