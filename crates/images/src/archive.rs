//! The archive of all images: an OCI image layout as one tar.

use std::io;

use serde_json::{Value, json};

use crate::digest;
use crate::image::Image;
use crate::layer::Layer;
use crate::tar::Tar;

/// All images over the layers that they share, as an OCI image layout. Docker's own `manifest.json`
/// is beside its index, for the one architecture that an engine of that processor loads: engines before
/// Docker 25 read nothing else.
///
/// # Errors
/// A blob of 8 GiB or more.
pub(crate) fn of(layers: &[Layer], images: &[Image], docker: &str) -> io::Result<Vec<u8>> {
    let mut tar = Tar::default();
    tar.folder("blobs/")?;
    tar.folder("blobs/sha256/")?;
    let mut blob = |content: &[u8]| tar.file(&path(&digest::of(content)), 0o644, content);
    layers.iter().try_for_each(|layer| blob(&layer.tar))?;
    for image in images {
        for platform in &image.platforms {
            blob(&platform.config)?;
            blob(&platform.manifest)?;
        }
        blob(&image.index)?;
    }
    tar.file("index.json", 0o644, index(images).to_string().as_bytes())?;
    tar.file("manifest.json", 0o644, docker_manifest(images, docker).to_string().as_bytes())?;
    tar.file("oci-layout", 0o644, br#"{"imageLayoutVersion":"1.0.0"}"#)?;
    Ok(tar.finished())
}

/// Where a blob is in the archive.
fn path(digest: &str) -> String {
    format!("blobs/{}", digest.replace(':', "/"))
}

fn index(images: &[Image]) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": images.iter().map(Image::descriptor).collect::<Vec<_>>(),
    })
}

fn docker_manifest(images: &[Image], architecture: &str) -> Value {
    let entry = |image: &Image| {
        let platform = image.platforms.iter().find(|each| each.architecture == architecture)?;
        Some(json!({
            "Config": path(&platform.id()),
            "RepoTags": [image.name],
            "Layers": [path(&platform.layer)],
        }))
    };
    images.iter().filter_map(entry).collect()
}
