//! The objects that hold parameters.

use std::collections::BTreeMap;

use base64::Engine;

use super::diags::{AbsentSource, WrongParam, WrongSource};
use super::spec::SetIngressParams;
use crate::finding::{FieldPath, Finding, key_path};
use crate::runtime::{FieldTypes, Function, Item, Items, Registered, WrongKey, fields_of};
use crate::serving::ingress::{Layer, LayerSource, Named, ParamsSource};
use crate::values::env_entry::misread;
use krm_package::read_value;

/// A source that is not in the input.
pub(super) struct Missing {
    kind: &'static str,
    name: String,
    field: String,
}

impl Missing {
    /// An error, unless every Ingress is set: then an earlier run consumed it.
    pub(super) fn finding(&self, is_set: bool) -> Finding {
        let Self { kind, name, field } = self;
        AbsentSource { kind, name, field, is_set }.into()
    }
}

/// The objects that hold parameters.
#[derive(Default)]
pub(super) struct Sources<'i, 'p> {
    pub(super) layers: Vec<Layer>,
    /// The objects that are left out.
    pub(super) consumed: Vec<&'i Item<'p>>,
    pub(super) missing: Vec<Missing>,
}

impl<'i, 'p> Sources<'i, 'p> {
    /// Those of `paramsFrom` of a field of the configuration: `spec`, or an entry of `targets`.
    pub(super) fn find(
        params_from: &[ParamsSource],
        of: &str,
        items: &'i Items<'p>,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let mut sources = Self::default();
        for (place, source) in params_from.iter().enumerate() {
            if let Err(found) = sources.add(source, format!("{of}.paramsFrom[{place}]"), items) {
                findings.extend(found);
            }
        }
        sources
    }

    fn add(
        &mut self,
        source: &ParamsSource,
        field: String,
        items: &'i Items<'p>,
    ) -> Result<(), Vec<Finding>> {
        let (kind, named) = match (&source.config_map, &source.secret) {
            (Some(named), None) => ("ConfigMap", named),
            (None, Some(named)) => ("Secret", named),
            _ => return Err(vec![WrongSource::Kinds.finding(field)]),
        };
        let found: Vec<&Item<'_>> =
            items.of_kind("", kind).filter(|item| is_named(item, named)).collect();
        let item = match found[..] {
            [item] => item,
            [] => {
                self.missing.push(Missing { kind, name: named.name.clone(), field });
                return Ok(());
            }
            _ => {
                let count = found.len();
                let wrong = WrongSource::Ambiguous { count, kind, name: &named.name };
                return Err(vec![wrong.finding(field)]);
            }
        };
        self.layers.push(layer(item, kind)?);
        if !source.keep && !self.consumed.iter().any(|known| known.id == item.id) {
            self.consumed.push(item);
        }
        Ok(())
    }
}

fn is_named(item: &Item<'_>, named: &Named) -> bool {
    item.resource.name == named.name
        && named
            .namespace
            .as_ref()
            .is_none_or(|namespace| Some(namespace) == item.resource.namespace.as_ref())
}

/// The parameters that a ConfigMap or a Secret holds. No finding quotes a value.
fn layer(item: &Item<'_>, kind: &str) -> Result<Layer, Vec<Finding>> {
    let invalid = |place: &FieldPath, wrong: WrongParam<'_>| wrong.finding(&item.resource, place);
    let read = |field: &str| -> Result<BTreeMap<String, String>, Vec<Finding>> {
        let Some(node) = item.node.get(field).filter(|node| !node.is_null()) else {
            return Ok(BTreeMap::new());
        };
        node.read().map_err(|error| {
            let place = FieldPath::from(field).join(&error.path);
            vec![invalid(&place, WrongParam::Unreadable(&error.message))]
        })
    };
    let mut data = read("data")?;
    let mut places: BTreeMap<String, FieldPath> =
        data.keys().map(|key| (key.clone(), key_path("data", key))).collect();
    if kind == "Secret" {
        for (key, text) in &mut data {
            *text =
                decoded(text).ok_or_else(|| vec![invalid(&places[key], WrongParam::NotBase64)])?;
        }
        for (key, text) in read("stringData")? {
            places.insert(key.clone(), key_path("stringData", &key));
            data.insert(key, text);
        }
    }
    let misread = data
        .iter()
        .filter_map(|(key, text)| Some(invalid(&places[key], misread(key, text)?.into())));
    let misread: Vec<Finding> = misread.collect();
    if !misread.is_empty() {
        return Err(misread);
    }
    let fields =
        fields_of(&data, &params_fields(), SetIngressParams::ALIASES).map_err(|problems| {
            let wrong = |WrongKey { key, message, is_unknown }: &WrongKey| {
                let finding = invalid(&places[key], WrongParam::Unreadable(message));
                if *is_unknown { finding.key(&places[key]) } else { finding }
            };
            problems.iter().map(wrong).collect::<Vec<_>>()
        })?;
    let params =
        read_value(&fields).map_err(|_| vec![invalid(&"data".into(), WrongParam::NotAList)])?;
    for (alias, path) in SetIngressParams::ALIASES {
        if let Some(place) = places.remove(*alias) {
            places.insert((*path).to_owned(), place);
        }
    }
    Ok(Layer {
        params,
        source: Some(LayerSource { object: item.resource.clone(), is_target: false, places }),
        field: "spec".to_owned(),
    })
}

fn decoded(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(text).ok()?).ok()
}

/// The fields that a ConfigMap of parameters may have: not where to set them or where to find more.
fn params_fields() -> FieldTypes {
    Registered::of::<SetIngressParams>().spec_types().without(&[
        "target",
        "targets",
        "nodePorts",
        "paramsFrom",
        "accept",
    ])
}
