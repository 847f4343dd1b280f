//! The Secret of a login's client, where kustomize renames it.
//!
//! kustomize rewrites the names of Secrets in the fields that it knows
//! (`api/internal/konfig/builtinpluginconsts/namereference.go` of kubernetes-sigs/kustomize, api v0.21.2), and a text
//! in an annotation is none of them.

use crate::controllers::alb::annotations::Annotations;
use crate::controllers::alb::auth::OidcConfig;
use crate::controllers::alb::objects::{Ingress, Objects, Secret};
use crate::finding::Finding;
use crate::serving::ingress::diags::SecretRenamed;

/// What a generated Secret has until its hash is added (`api/internal/utils/annotations.go`,
/// `BuildAnnotationsGenAddHashSuffix`).
const NEEDS_HASH: &str = "internal.config.kubernetes.io/needsHashSuffix";
const PREVIOUS_NAMES: &str = "internal.config.kubernetes.io/previousNames";

/// Ten of these are a hash (`api/hasher/hasher.go`, `encode`).
const HASH_LETTERS: &str = "2456789bcdfghkmt";
const HASH_LENGTH: usize = 10;

/// The finding for an Ingress whose Secret will have another name than the one that it says.
pub(super) fn renamed(ingress: &Ingress, objects: &Objects) -> Option<Finding> {
    let mut provider = OidcConfig::default();
    let annotations = Annotations::of(&ingress.metadata.annotations);
    if !annotations.json("auth-idp-oidc", &mut provider).is_ok_and(|given| given) {
        return None;
    }
    let name = provider.secret_name.as_str();
    let is_near = |secret: &&Secret| {
        let own = secret.metadata.namespace.as_deref();
        own.is_none_or(|own| own == ingress.namespace())
    };
    let mut near = objects.secrets.iter().filter(is_near);
    if let Some(secret) = near.clone().find(|secret| secret.metadata.name == name) {
        let is_hashed =
            secret.metadata.annotations.get(NEEDS_HASH).is_some_and(|value| value == "enabled");
        return is_hashed.then(|| SecretRenamed { ingress, name, now: None }.into());
    }
    let now = near.find(|secret| {
        let previous = secret.metadata.annotations.get(PREVIOUS_NAMES);
        was_named(&secret.metadata.name, previous.map(String::as_str), name)
    })?;
    Some(SecretRenamed { ingress, name, now: Some(&now.metadata.name) }.into())
}

/// Whether kustomize gave a Secret this name in the place of another one.
#[must_use]
pub(crate) fn was_named(now: &str, previous: Option<&str>, name: &str) -> bool {
    let is_hash = |text: &str| {
        text.len() == HASH_LENGTH && text.chars().all(|letter| HASH_LETTERS.contains(letter))
    };
    previous.is_some_and(|names| names.split(',').any(|earlier| earlier == name))
        || now.strip_prefix(name).and_then(|rest| rest.strip_prefix('-')).is_some_and(is_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_known_by_its_letters() {
        assert!(was_named("oidc-client-5g4hk9tb7m", None, "oidc-client"));
        assert!(was_named("prod-oidc-client", Some("oidc-client,oidc-client"), "oidc-client"));
        for now in
            ["oidc-client", "oidc-client-5g4hk9tb7", "oidc-client-5g4hk9tb7a", "other-5g4hk9tb7m"]
        {
            assert!(!was_named(now, None, "oidc-client"), "{now}");
        }
    }
}
