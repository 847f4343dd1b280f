//! One image: for each processor a configuration and a manifest, and the index that names them all.

use kserve_aws::runtime::Registered;
use serde_json::{Value, json};

use crate::digest;
use crate::layer::Layer;

const SOURCE: &str = env!("CARGO_PKG_REPOSITORY");
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What the image of all functions is.
const ALL: &str = "KRM functions that render the manifests for serving models with KServe on AWS";

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// What all images of a build share.
pub(crate) struct Build<'a> {
    /// Where they are published.
    pub(crate) registry: &'a str,
    /// The commit.
    pub(crate) revision: &'a str,
    /// The commit's time.
    pub(crate) created: &'a str,
    /// The layer of each processor.
    pub(crate) layers: &'a [Layer],
}

/// An image that can be archived.
pub(crate) struct Image {
    /// Registry, repository and tag.
    pub(crate) name: String,
    /// The OCI index over the platforms, as JSON. Its digest is the one to pin.
    pub(crate) index: Vec<u8>,
    /// What each processor runs, in the order of [`Build::layers`].
    pub(crate) platforms: Vec<Platform>,
}

/// The image of one processor.
pub(crate) struct Platform {
    /// The processor, as images name it.
    pub(crate) architecture: &'static str,
    /// The digest of its one layer.
    pub(crate) layer: String,
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

    fn new(build: &Build<'_>, title: &str, description: &str, entry_point: &[&str]) -> Self {
        let labels = labels(build, title, description);
        let platform = |layer| Platform::new(build, layer, &labels, entry_point);
        let platforms: Vec<Platform> = build.layers.iter().map(platform).collect();
        let index = json!({
            "schemaVersion": 2,
            "mediaType": INDEX,
            "manifests": platforms.iter().map(Platform::descriptor).collect::<Vec<_>>(),
            // Registries show what they find here, and not the labels of a platform.
            "annotations": labels,
        });
        Self {
            name: format!("{}/{title}:v{VERSION}", build.registry),
            index: index.to_string().into_bytes(),
            platforms,
        }
    }

    /// What the archive's own index says of this image.
    pub(crate) fn descriptor(&self) -> Value {
        let mut descriptor = blob(INDEX, &self.index);
        descriptor["annotations"] = json!({
            "io.containerd.image.name": self.name,
            "org.opencontainers.image.ref.name": self.name,
        });
        descriptor
    }
}

impl Platform {
    fn new(build: &Build<'_>, layer: &Layer, labels: &Value, entry_point: &[&str]) -> Self {
        let config = json!({
            "architecture": layer.architecture,
            "os": "linux",
            "created": build.created,
            "config": {
                "User": "65534:65534",
                "Entrypoint": entry_point,
                "WorkingDir": "/",
                "Labels": labels,
            },
            "rootfs": { "type": "layers", "diff_ids": [digest::of(&layer.tar)] },
            "history": [{ "created": build.created, "created_by": "make images" }],
        });
        let config = config.to_string().into_bytes();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": blob(CONFIG, &config),
            "layers": [blob(LAYER, &layer.tar)],
        });
        Self {
            architecture: layer.architecture,
            layer: digest::of(&layer.tar),
            config,
            manifest: manifest.to_string().into_bytes(),
        }
    }

    /// The image's ID in a Docker engine: the digest of its configuration.
    pub(crate) fn id(&self) -> String {
        digest::of(&self.config)
    }

    fn descriptor(&self) -> Value {
        let mut descriptor = blob(MANIFEST, &self.manifest);
        descriptor["platform"] = json!({ "architecture": self.architecture, "os": "linux" });
        descriptor
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
