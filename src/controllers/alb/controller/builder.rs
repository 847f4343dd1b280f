//! What every step of the build reads, and the settings that several of them share.

use std::collections::BTreeMap;

use super::annotations::Annotations;
use super::class::IngressClassParamsSpec;
use super::error::BuildError;
use super::group::Member;
use super::objects::Objects;
use crate::controllers::alb::Options;

/// What every step of the build reads.
pub(crate) struct Builder<'a> {
    pub(crate) objects: &'a Objects,
    pub(crate) options: &'a Options,
    pub(crate) members: &'a [Member<'a>],
    pub(crate) ip_address_type: String,
    pub(crate) ssl_redirect: Option<i32>,
}

impl<'a> Builder<'a> {
    pub(crate) fn annotations(&self, member: usize) -> Annotations<'a> {
        self.members[member].annotations()
    }

    pub(crate) fn params(&self, member: usize) -> Option<&'a IngressClassParamsSpec> {
        self.members[member].params.map(|params| &params.spec)
    }

    /// The tags of one member; those of its class win.
    pub(crate) fn tags_of(&self, member: usize) -> Result<BTreeMap<String, String>, BuildError> {
        let mut tags = self.members[member].annotations().map("tags")?.unwrap_or_default();
        if let Some(params) = self.params(member) {
            tags.extend(params.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
        }
        Ok(tags)
    }

    /// The tags of several members, which must agree.
    pub(crate) fn tags(&self, members: &[usize]) -> Result<BTreeMap<String, String>, BuildError> {
        let mut tags: BTreeMap<String, String> = BTreeMap::new();
        for &member in members {
            for (name, value) in self.tags_of(member)? {
                if let Some(existing) = tags.get(&name).filter(|existing| **existing != value) {
                    let error = conflicting_values("conflicting tag ", &name, existing, &value);
                    return Err(error.of_annotation("tags"));
                }
                tags.insert(name, value);
            }
        }
        Ok(tags)
    }

    pub(crate) fn require_oidc_secret(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<(), BuildError> {
        let secret = self.objects.secrets.iter().find(|secret| {
            secret.metadata.name == name
                && secret.metadata.namespace.as_deref().unwrap_or("default") == namespace
        });
        let Some(secret) = secret else {
            return if self.options.assume_missing && !name.is_empty() {
                Ok(())
            } else {
                Err(BuildError::new(format!("secrets \"{name}\" not found")))
            };
        };
        let missing = if !secret.has("clientID") && !secret.has("clientId") {
            "clientID"
        } else if !secret.has("clientSecret") {
            "clientSecret"
        } else {
            return Ok(());
        };
        Err(BuildError::new(format!("missing {missing}, secret: {namespace}/{name}")))
    }
}

/// Two members give a setting of a list differently.
pub(crate) fn conflicting_values(
    words: &str,
    name: &str,
    existing: &str,
    value: &str,
) -> BuildError {
    let error = BuildError::new(words).quoting(name).saying(": ");
    error.quoting(existing).saying(" | ").quoting(value)
}
