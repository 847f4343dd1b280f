//! One image: its configuration and its manifest.

use kserve_aws::runtime::Registered;
use serde_json::{Value, json};

use crate::digest;

const SOURCE: &str = env!("CARGO_PKG_REPOSITORY");
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What the image of all functions is.
const ALL: &str = "KRM functions that render the manifests for serving models with KServe on AWS";

/// What all images of a build share.
pub(crate) struct Build<'a> {
    /// Where they are published.
    pub(crate) registry: &'a str,
    /// The commit.
    pub(crate) revision: &'a str,
    /// The commit's time.
    pub(crate) created: &'a str,
    /// The processor.
    pub(crate) architecture: &'a str,
    /// The layer's tar.
    pub(crate) layer: &'a [u8],
}

/// An image that can be archived.
pub(crate) struct Image {
    /// Registry, repository and tag.
    pub(crate) name: String,
    /// The configuration, as JSON.
    pub(crate) config: Vec<u8>,
    /// The manifest, as JSON.
    pub(crate) manifest: Vec<u8>,
}

impl Image {
    /// The image that picks the function by the configuration's kind.
    pub(crate) fn of_all(build: &Build<'_>) -> Self {
        Self::new(build, "kserve-aws", ALL, &["/kserve-aws", "fn"])
    }

    /// The image of one function. Hosts pass no arguments, so that the entry point names it.
    pub(crate) fn of_one(build: &Build<'_>, function: &Registered) -> Self {
        let name = function.name;
        Self::new(build, name, function.summary, &["/kserve-aws", "fn", name])
    }

    /// The image's ID: the digest of its configuration.
    pub(crate) fn id(&self) -> String {
        digest::of(&self.config)
    }

    fn new(build: &Build<'_>, title: &str, description: &str, entry_point: &[&str]) -> Self {
        let config = json!({
            "architecture": build.architecture,
            "os": "linux",
            "created": build.created,
            "config": {
                "User": "65534:65534",
                "Entrypoint": entry_point,
                "WorkingDir": "/",
                "Labels": labels(build, title, description),
            },
            "rootfs": { "type": "layers", "diff_ids": [digest::of(build.layer)] },
            "history": [{ "created": build.created, "created_by": "make images" }],
        });
        let config = config.to_string().into_bytes();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": blob("application/vnd.oci.image.config.v1+json", &config),
            "layers": [blob("application/vnd.oci.image.layer.v1.tar", build.layer)],
        });
        Self {
            name: format!("{}/{title}:v{VERSION}", build.registry),
            config,
            manifest: manifest.to_string().into_bytes(),
        }
    }
}

fn blob(media_type: &str, content: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": digest::of(content), "size": content.len() })
}

/// The keys that the OCI image specification predefines.
fn labels(build: &Build<'_>, title: &str, description: &str) -> Value {
    json!({
        "org.opencontainers.image.title": title,
        "org.opencontainers.image.description": description,
        "org.opencontainers.image.version": format!("v{VERSION}"),
        "org.opencontainers.image.revision": build.revision,
        "org.opencontainers.image.created": build.created,
        "org.opencontainers.image.licenses": env!("CARGO_PKG_LICENSE"),
        "org.opencontainers.image.source": SOURCE,
        "org.opencontainers.image.url": SOURCE,
        "org.opencontainers.image.documentation": format!("{SOURCE}#readme"),
    })
}
