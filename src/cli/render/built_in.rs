//! The overlays that are built into the binary.

use std::path::{Path, PathBuf};

/// Where the overlays are in the project.
const ROOT: &str = "awsconfigs";

/// The overlay of a call that names nothing.
pub(in crate::cli) const DEFAULT: &str = "api";

/// An overlay that has a name.
pub(super) struct Overlay {
    name: &'static str,
    /// Its folder below [`ROOT`].
    folder: &'static str,
    /// The file in which a user writes values of their own.
    own_values: Option<&'static str>,
}

const OVERLAYS: [Overlay; 8] = [
    Overlay { name: "base", folder: "common/istio-ingress/base", own_values: Some("params.env") },
    Overlay {
        name: "https",
        folder: "common/istio-ingress/overlays/https",
        own_values: Some("params.env"),
    },
    Overlay {
        name: "api",
        folder: "common/istio-ingress/overlays/api",
        own_values: Some("params.env"),
    },
    Overlay {
        name: "cognito",
        folder: "common/istio-ingress/overlays/cognito",
        own_values: Some("params.env"),
    },
    Overlay {
        name: "jwt",
        folder: "common/istio-ingress/overlays/jwt",
        own_values: Some("params.env"),
    },
    Overlay {
        name: "oidc",
        folder: "common/istio-ingress/overlays/oidc",
        own_values: Some("params.env"),
    },
    Overlay {
        name: "knative-domain",
        folder: "common/knative-domain",
        own_values: Some("knative-domain.yaml"),
    },
    Overlay { name: "iris", folder: "apps/iris", own_values: None },
];

macro_rules! files {
    ($($path:literal,)*) => {
        &[$(($path, include_str!(concat!("../../../awsconfigs/", $path))),)*]
    };
}

/// Their files: the path below [`ROOT`], and the text.
const FILES: &[(&str, &str)] = files![
    "common/istio-ingress/base/kustomization.yaml",
    "common/istio-ingress/base/ingress.yaml",
    "common/istio-ingress/base/params.env",
    "common/istio-ingress/base/ingress-params.yaml",
    "common/istio-ingress/overlays/api/kustomization.yaml",
    "common/istio-ingress/overlays/api/ingress.yaml",
    "common/istio-ingress/overlays/api/params.env",
    "common/istio-ingress/overlays/api/ingress-params.yaml",
    "common/istio-ingress/overlays/https/kustomization.yaml",
    "common/istio-ingress/overlays/https/ingress.yaml",
    "common/istio-ingress/overlays/https/params.env",
    "common/istio-ingress/overlays/https/ingress-params.yaml",
    "common/istio-ingress/overlays/cognito/kustomization.yaml",
    "common/istio-ingress/overlays/cognito/ingress.yaml",
    "common/istio-ingress/overlays/cognito/params.env",
    "common/istio-ingress/overlays/cognito/ingress-params.yaml",
    "common/istio-ingress/overlays/jwt/kustomization.yaml",
    "common/istio-ingress/overlays/jwt/ingress.yaml",
    "common/istio-ingress/overlays/jwt/params.env",
    "common/istio-ingress/overlays/jwt/ingress-params.yaml",
    "common/istio-ingress/overlays/oidc/kustomization.yaml",
    "common/istio-ingress/overlays/oidc/ingress.yaml",
    "common/istio-ingress/overlays/oidc/params.env",
    "common/istio-ingress/overlays/oidc/ingress-params.yaml",
    "common/knative-domain/kustomization.yaml",
    "common/knative-domain/knative-domain.yaml",
    "apps/iris/kustomization.yaml",
    "apps/iris/inference-service.yaml",
];

/// The overlay of a name.
pub(super) fn named(name: &str) -> Option<&'static Overlay> {
    OVERLAYS.iter().find(|overlay| overlay.name == name)
}

/// The names, in the order in which help lists them.
pub(crate) fn names() -> String {
    OVERLAYS.map(|overlay| overlay.name).join(", ")
}

/// The text of a file below the overlays' folder.
pub(super) fn file(path: &Path) -> Option<&'static str> {
    FILES.iter().find(|(name, _)| Path::new(name) == path).map(|(_, text)| *text)
}

/// Whether there is a folder of that name below the overlays' folder.
pub(super) fn is_folder(path: &Path) -> bool {
    FILES.iter().any(|(name, _)| Path::new(name).starts_with(path))
}

impl Overlay {
    /// Its folder below the overlays' folder.
    pub(super) fn folder(&self) -> PathBuf {
        PathBuf::from(self.folder)
    }

    /// Its folder in the project.
    pub(super) fn shown(&self) -> PathBuf {
        Path::new(ROOT).join(self.folder)
    }

    /// What to do next, where the overlay takes values.
    pub(super) fn next(&self) -> Option<String> {
        let shown = self.shown();
        self.own_values.map(|file| {
            format!(
                "next: set your own values in {0}/{file}, then run kserve-aws render {0}, or kustomize build --enable-alpha-plugins {0}",
                shown.display()
            )
        })
    }
}
