//! What the configuration protects, read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::diags::{NotTokens, WrongProtect, WrongTokens};
use super::spec::{By, ByHeader, Protect, ValuesFrom, Word};
use crate::finding::Finding;
use crate::path::World;
use crate::path::doors::{Jwt, Protected, Requirement, Target, TargetPods, Token};
use crate::runtime::{Item, Items};
use crate::values::env_entry::misread;
use krm_package::NodeRef;

/// What is protected; `None` where the configuration says nothing.
pub(super) fn protected(
    protect: &[Protect],
    world: &World<'_>,
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) -> Option<Protected> {
    if protect.is_empty() {
        return None;
    }
    let mut targets: Vec<Target> = Vec::new();
    for (place, one) in protect.iter().enumerate() {
        let field = format!("spec.protect[{place}]");
        match target(one, world, items, &field) {
            Ok(found) => found.into_iter().for_each(|target| add(&mut targets, target)),
            Err(finding) => findings.push(finding),
        }
    }
    Some(Protected { targets, exact: true, ..Protected::default() })
}

/// What several entries require of the same pods is a choice.
fn add(targets: &mut Vec<Target>, target: Target) {
    let same = targets
        .iter_mut()
        .find(|known| known.namespace == target.namespace && known.pods == target.pods);
    match same {
        Some(known) => known.requirements.extend(target.requirements),
        None => targets.push(target),
    }
}

fn target(
    protect: &Protect,
    world: &World<'_>,
    items: &Items<'_>,
    field: &str,
) -> Result<Vec<Target>, Finding> {
    let requirements = vec![requirement(protect.by.as_ref(), items, field)?];
    let target = |namespace: Option<String>, pods: TargetPods| Target {
        namespace,
        pods,
        hosts: protect.hosts.clone(),
        requirements: requirements.clone(),
    };
    match (&protect.service, &protect.pods, protect.all) {
        (Some(service), None, false) => {
            let (namespace, name) = match service.split_once('/') {
                Some((namespace, name)) => (Some(namespace.to_owned()), name),
                None => (None, service.as_str()),
            };
            Ok(vec![target(namespace, TargetPods::Service(name.to_owned()))])
        }
        (None, Some(pods), false) if !pods.match_labels.is_empty() => {
            Ok(vec![target(pods.namespace.clone(), TargetPods::Labels(pods.match_labels.clone()))])
        }
        (None, None, true) => {
            let services = world.cluster.objects.services.iter();
            let with_pods = services.filter(|kept| !kept.object.spec.selector.is_empty());
            Ok(with_pods
                .map(|kept| {
                    let pods = TargetPods::Service(kept.resource.name.clone());
                    target(kept.resource.namespace.clone(), pods)
                })
                .collect())
        }
        (None, Some(_), false) => {
            Err(Finding::from(WrongProtect::NoLabels).field(format!("{field}.pods")))
        }
        _ => Err(Finding::from(WrongProtect::Targets).field(field)),
    }
}

fn requirement(by: Option<&By>, items: &Items<'_>, field: &str) -> Result<Requirement, Finding> {
    match by {
        None => Ok(Requirement::Anything),
        Some(By::Word(Word::Login)) => Ok(Requirement::AnyLogin),
        Some(By::Word(Word::Jwt)) => Ok(Requirement::Jwt(Jwt::default())),
        Some(By::Header(ByHeader { header, values_from })) => {
            let header = header.get().map_err(|invalid| {
                Finding::from(WrongProtect::Header(invalid)).field(format!("{field}.by.header"))
            })?;
            let header = header.as_str().to_ascii_lowercase();
            let Some(from) = values_from else { return Ok(Requirement::Header(header)) };
            let tokens = tokens(from, items, &format!("{field}.by.valuesFrom"))?;
            Ok(Requirement::Token(Token { header, tokens }))
        }
    }
}

/// The key of the guide's parameters.
const DEFAULT_KEY: &str = "httpHeaderValues";

/// The tokens of an object, in lowercase. No finding quotes one.
fn tokens(from: &ValuesFrom, items: &Items<'_>, field: &str) -> Result<Vec<String>, Finding> {
    let (kind, named) = match (&from.config_map, &from.secret) {
        (Some(named), None) => ("ConfigMap", named),
        (None, Some(named)) => ("Secret", named),
        _ => return Err(Finding::from(WrongProtect::Sources).field(field)),
    };
    let is_named = |item: &&Item<'_>| {
        item.resource.name == named.name
            && (named.namespace.is_none() || named.namespace == item.resource.namespace)
    };
    let Some(item) = items.of_kind("", kind).find(is_named) else {
        let absent = WrongProtect::AbsentSource { kind, name: &named.name };
        return Err(Finding::from(absent).field(field));
    };
    let key = from.key.as_deref().unwrap_or(DEFAULT_KEY);
    let wrong = |root: &'static str, key: &str, why: WrongTokens| -> Finding {
        NotTokens { object: &item.resource, root, key, why }.into()
    };
    let text_of = |root: &'static str| Some((root, item.text(&[root, key])?));
    let Some((root, text)) = text_of("stringData").or_else(|| text_of("data")) else {
        // The key as a generator takes it from a line with blanks around "=".
        let near = item.node.get("data").into_iter().flat_map(NodeRef::keys);
        let near = near.filter(|near| near.split_whitespace().last() == Some(key));
        let misread = near.filter_map(|near| misread(&near, "").map(|why| (near, why))).next();
        return Err(match misread {
            Some((near, why)) => wrong("data", &near, WrongTokens::Misread(why)),
            None => wrong("data", key, WrongTokens::Absent),
        });
    };
    let text = if kind == "Secret" && root == "data" {
        let decoded =
            STANDARD.decode(text.trim()).ok().and_then(|text| String::from_utf8(text).ok());
        decoded.ok_or_else(|| wrong(root, key, WrongTokens::NotBase64))?
    } else {
        text
    };
    if let Some(misread) = misread(key, &text) {
        return Err(wrong(root, key, WrongTokens::Misread(misread)));
    }
    let list = serde_json::from_str::<Vec<String>>(text.trim()).ok();
    let list = list.filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| wrong(root, key, WrongTokens::NotAList))?;
    Ok(list.iter().map(|token| token.to_ascii_lowercase()).collect())
}
