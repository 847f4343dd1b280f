//! Writes the container images as one archive that `docker load`, podman, skopeo and crane read.
//!
//! No container engine takes part and no clock is read: the same binary and the same revision give
//! the same bytes.

mod archive;
mod digest;
mod image;
mod layer;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use image::{Build, Image};
use kserve_aws::functions;

/// Write the images of kserve-aws: one that runs every function, and one for each.
#[derive(Parser)]
struct Arguments {
    /// The static binary
    #[arg(long)]
    binary: PathBuf,
    /// The archive to write
    #[arg(long)]
    out: PathBuf,
    /// The commit that the binary was built from
    #[arg(long)]
    revision: String,
    /// When that commit was made: 2026-01-31T12:00:00Z
    #[arg(long)]
    created: String,
    /// The processor, as images name it
    #[arg(long, default_value = "amd64")]
    architecture: String,
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
    let binary = std::fs::read(&arguments.binary)?;
    let layer = layer::of(&binary)?;
    let build = Build {
        registry: &arguments.registry,
        revision: &arguments.revision,
        created: &arguments.created,
        architecture: &arguments.architecture,
        layer: &layer,
    };
    let mut images = vec![Image::of_all(&build)];
    images.extend(functions::ALL.iter().map(|function| Image::of_one(&build, function)));
    std::fs::write(&arguments.out, archive::of(&layer, &images)?)?;
    let mut stdout = io::stdout().lock();
    images
        .iter()
        .try_for_each(|image| writeln!(stdout, "{} {} {}", image.name, image.id(), layer.len()))
}
