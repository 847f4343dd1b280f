//! Where an object is from, by the annotations of the host that passes it.

use krm_package::{ItemId, NodeRef, Package};

const PATHS: [&str; 2] = ["internal.config.kubernetes.io/path", "config.kubernetes.io/path"];
const INDEXES: [&str; 2] = ["internal.config.kubernetes.io/index", "config.kubernetes.io/index"];
/// kustomize's, where the kustomization has `buildMetadata: [originAnnotations]`.
const ORIGIN: &str = "config.kubernetes.io/origin";

/// The annotations of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Annotated<'p>(Option<NodeRef<'p>>);

impl<'p> Annotated<'p> {
    pub(super) fn of(object: NodeRef<'p>) -> Self {
        Self(object.get("metadata").and_then(|metadata| metadata.get("annotations")))
    }

    fn text(self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| text(self.0?, key))
    }

    /// The file that the host read the object from, and writes it to.
    pub(super) fn path(self) -> Option<String> {
        self.text(&PATHS)
    }

    /// The object's place among those of that file, counted from 0.
    pub(super) fn index(self) -> Option<u64> {
        self.text(&INDEXES)?.parse().ok()
    }

    /// The file that kustomize built the object from, relative to where it runs: the object's own, or the
    /// kustomization whose generator creates it. Of one from a repository, `https://example.com/a//b.yaml?ref=v1`,
    /// as kustomize spells it.
    ///
    /// kustomize does not name the files of a generator, such as an env file
    /// (`resource.Origin` of sigs.k8s.io/kustomize/api v0.20.1).
    pub(super) fn origin(self) -> Option<String> {
        let source = self.text(&[ORIGIN])?;
        let package = Package::stream(&source).ok()?;
        let origin = package.item(ItemId(0))?;
        let file = text(origin, "configuredIn").or_else(|| text(origin, "path"))?;
        let Some(repository) = text(origin, "repo") else { return Some(file) };
        let revision = text(origin, "ref").map(|revision| format!("?ref={revision}"));
        Some(format!("{}//{file}{}", without_user(&repository), revision.unwrap_or_default()))
    }
}

fn text(node: NodeRef<'_>, key: &str) -> Option<String> {
    let text = node.get(key).and_then(NodeRef::as_str)?;
    (!text.is_empty()).then(|| text.into_owned())
}

/// A URL without user and password, which are nobody's business.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let host = rest.find('/').unwrap_or(rest.len());
    let start = rest[..host].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_the_file_that_a_user_can_open() {
        for (annotation, file) in [
            ("path: base/ingress.yaml\n", "base/ingress.yaml"),
            (
                "configuredIn: ../base/kustomization.yaml\nconfiguredBy:\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n",
                "../base/kustomization.yaml",
            ),
            (
                "path: a/b.yaml\nrepo: https://user:pass@example.com/team/base\nref: v1\n",
                "https://example.com/team/base//a/b.yaml?ref=v1",
            ),
            (
                "path: b.yaml\nrepo: git@example.com:team/base\n",
                "git@example.com:team/base//b.yaml",
            ),
        ] {
            let object = serde_json::json!({"metadata": {"annotations": {ORIGIN: annotation}}});
            let text = object.to_string();
            let package = Package::stream(&text).unwrap();
            let annotated = Annotated::of(package.item(ItemId(0)).unwrap());
            assert_eq!(annotated.origin().as_deref(), Some(file));
            assert_eq!(annotated.path(), None);
        }
        for annotation in ["", "path: ''\n", "- path: a\n", "path: [", "base/ingress.yaml"] {
            let object = serde_json::json!({"metadata": {"annotations": {ORIGIN: annotation}}});
            let text = object.to_string();
            let package = Package::stream(&text).unwrap();
            assert_eq!(Annotated::of(package.item(ItemId(0)).unwrap()).origin(), None);
        }
    }
}
