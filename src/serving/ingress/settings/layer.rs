//! Parameters, each with the place that gave them.

use std::collections::BTreeMap;

use crate::finding::{FieldPath, Finding, Fix};
use crate::serving::ingress::params::IngressParams;
use crate::values::k8s::ResourceRef;
use krm_package::Segment;

/// Parameters from one place: the configuration, or an object.
#[derive(Clone)]
pub(crate) struct Layer {
    /// The parameters.
    pub params: IngressParams,
    /// The object that they came from; `None` for the configuration itself.
    pub source: Option<LayerSource>,
    /// The field of the configuration that they are in: `spec`, or an entry of `targets`.
    pub field: String,
}

/// An object that holds parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LayerSource {
    /// The object.
    pub object: ResourceRef,
    /// Whether it is the Ingress that is set, on which an earlier run wrote them.
    pub is_target: bool,
    /// Where in the object each field is: `cognito.userPoolArn` at `data.CognitoUserPoolArn`.
    pub places: BTreeMap<String, FieldPath>,
}

/// Puts a finding on the field that it is about: in the configuration, or in the object that gave
/// the parameter.
pub(super) fn at(mut finding: Finding, layer: Option<&Layer>) -> Finding {
    let Some(field) = &mut finding.field else { return finding };
    match layer.and_then(|layer| layer.source.as_ref()) {
        None => {
            let of = layer.map_or("spec", |layer| layer.field.as_str());
            field.path = FieldPath::from(of).join(&field.path);
            let (path, proposed) = (field.path.clone(), field.proposed.clone());
            let fix = proposed.map(|value| Fix::replace(path, *value).if_intended());
            finding.fix(fix)
        }
        Some(source) => {
            // An object has a list in one text.
            let keys = field.path.segments().iter();
            let keys = keys.take_while(|segment| matches!(segment, Segment::Key(_)));
            let key = keys.cloned().collect::<FieldPath>();
            let place = source.places.get(&key.to_string()).cloned();
            field.path = place.unwrap_or(key);
            finding.on(&source.object)
        }
    }
}
