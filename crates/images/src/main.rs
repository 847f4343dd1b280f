//! Writes the container images as one archive that `docker load`, podman, skopeo and crane read.
//!
//! No container engine takes part and no clock is read: the same binaries and the same revision give
//! the same bytes. Each image is printed on a line of its own: its name, the digest to pin, and for each
//! processor the ID that a Docker engine knows it by.

mod archive;
mod digest;
mod image;
mod layer;
mod tar;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use image::{Build, Image};
use kserve_aws::functions;
use layer::Layer;

/// Write the images of kserve-aws: one that runs every function, and one for each.
#[derive(Parser)]
struct Arguments {
    /// The static binary of a processor; once for each
    #[arg(long = "binary", required = true)]
    binaries: Vec<PathBuf>,
    /// The archive to write
    #[arg(long)]
    out: PathBuf,
    /// The commit that the binary was built from
    #[arg(long)]
    revision: String,
    /// The time of that commit: 2026-01-31T12:00:00Z
    #[arg(long)]
    created: String,
    /// The processor whose images `docker load` takes from the archive
    #[arg(long, default_value = "amd64")]
    docker: String,
    /// Where the images are published
    #[arg(long, default_value = "ghcr.io/kserve-aws")]
    registry: String,
}

fn main() -> ExitCode {
    match written(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr().lock(), "images: {error}");
            ExitCode::FAILURE
        }
    }
}

fn written(arguments: &Arguments) -> io::Result<()> {
    let layer = |path: &PathBuf| {
        let named = |error| io::Error::other(format!("{}: {error}", path.display()));
        std::fs::read(path).and_then(|binary| Layer::of(&binary)).map_err(named)
    };
    let mut layers = arguments.binaries.iter().map(layer).collect::<io::Result<Vec<_>>>()?;
    layers.sort_by_key(|layer| layer.architecture);
    if let Some(twice) = layers.windows(2).find(|two| two[0].architecture == two[1].architecture) {
        let message = format!("two binaries are for {}; expected one", twice[0].architecture);
        return Err(io::Error::other(message));
    }
    let build = Build {
        registry: &arguments.registry,
        revision: &arguments.revision,
        created: &arguments.created,
        layers: &layers,
    };
    let mut images = vec![Image::of_all(&build)];
    images.extend(functions::ALL.iter().map(|function| Image::of_one(&build, function)));
    std::fs::write(&arguments.out, archive::of(&layers, &images, &arguments.docker)?)?;
    let mut stdout = io::stdout().lock();
    for image in &images {
        write!(stdout, "{} {}", image.name, digest::of(&image.index))?;
        for platform in &image.platforms {
            write!(stdout, " {}={}", platform.architecture, platform.id())?;
        }
        writeln!(stdout)?;
    }
    Ok(())
}
