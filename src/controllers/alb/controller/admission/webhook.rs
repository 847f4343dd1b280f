//! What the controller's webhook refuses.

use std::collections::BTreeSet;

use super::super::annotations::{self, Annotations};
use super::super::conditions::RuleCondition;
use super::super::error::BuildError;
use super::super::group::{self, Unmanaged};
use super::super::objects::{Ingress, Objects};
use crate::controllers::alb::{Options, Version};
use crate::go::json::GoSlice;

/// What the controller's webhook refuses when an Ingress is created. Version 2.4.7 has a webhook
/// that looks at the class alone.
///
/// # Errors
/// The webhook's words.
pub fn webhook(ingress: &Ingress, objects: &Objects, options: &Options) -> Result<(), BuildError> {
    match group::managed_class(ingress, objects, options) {
        Err(Unmanaged::OtherClass | Unmanaged::InvalidGroup(_)) => return Ok(()),
        Err(reason @ (Unmanaged::AbsentClass(_) | Unmanaged::InvalidClass(_))) => {
            return Err(BuildError::new(reason.to_string()));
        }
        Ok(_) => {}
    }
    if options.version == Version::V2_4_7 {
        return Ok(());
    }
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let paths = ingress.spec.rules.iter().filter_map(|rule| rule.http.as_ref());
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for path in paths.flat_map(|http| &http.paths) {
        let Some(service) = &path.backend.service else {
            return Err(BuildError::new(
                "panic: runtime error: invalid memory address or nil pointer dereference",
            ));
        };
        if !read.insert(&service.name) {
            continue;
        }
        let mut conditions: GoSlice<RuleCondition> = GoSlice::default();
        annotations.json(&format!("conditions.{}", service.name), &mut conditions)?;
        if let Some(words) = conditions.iter().find_map(|condition| condition.validate().err()) {
            return Err(BuildError::new(format!(
                "ignoring Ingress {} since invalid {}/conditions.{} annotation: {words}",
                ingress.key(),
                annotations::PREFIX,
                service.name
            )));
        }
    }
    Ok(())
}
