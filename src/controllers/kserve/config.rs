//! `inferenceservice-config`.

use std::collections::BTreeMap;

use super::config_error::ConfigError;
use super::ingress_settings::IngressSettings;
use super::mode::{DeploymentMode, MODE_ANNOTATION};
use crate::go::json::{GoFields, GoSlice};
use crate::values::release::Release;
use krm_package::text::excerpt::shortened;

/// From here on the configuration may name annotations that are not passed on.
const DISALLOWED: Release = Release::new(0, 15, 0);
/// From here on the address of a headless Service has a port.
const HEADLESS: Release = Release::new(0, 17, 0);

/// A parsed `inferenceservice-config`. Each part is refused on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KserveConfig {
    /// `ingress`.
    pub ingress: Result<IngressSettings, ConfigError>,
    /// `deploy.defaultDeploymentMode`, or why no service is reconciled at all.
    pub default_mode: Result<DeploymentMode, ConfigError>,
    /// Whether it names no mode at all: components are created as in Knative mode, and nothing more.
    pub names_no_mode: bool,
    /// Annotations that the parts of a service do not take over.
    pub disallowed_annotations: Vec<String>,
    /// Whether Standard mode's Services are headless.
    pub headless: bool,
    /// What was not in the manifests.
    pub assumed: Vec<String>,
}

impl KserveConfig {
    /// The configuration that a release comes with.
    #[must_use]
    pub(crate) fn stock(kserve: Release) -> Self {
        Self {
            ingress: Ok(IngressSettings::stock()),
            default_mode: Ok(DeploymentMode::Knative),
            names_no_mode: false,
            disallowed_annotations: Vec::new(),
            headless: false,
            assumed: vec![format!("inferenceservice-config: the default of KServe {kserve}")],
        }
    }

    /// That of a cluster without one: the webhook and the controller fail for every object.
    pub(super) fn absent(kserve: Release) -> Self {
        Self {
            ingress: Err(ConfigError::Absent),
            default_mode: Err(ConfigError::Absent),
            ..Self::stock(kserve)
        }
    }

    /// Reads the `data` of `inferenceservice-config`. A key that is absent is taken from the stock
    /// one, which is reported: a patch of the ConfigMap holds only what it changes.
    #[must_use]
    pub(crate) fn parse(data: &BTreeMap<String, String>, kserve: Release) -> Self {
        let mut config = Self::stock(kserve);
        config.assumed.clear();
        let mut absent = |key: &str| {
            config.assumed.push(format!("{key} of inferenceservice-config: the default"))
        };
        match data.get("ingress") {
            Some(text) => config.ingress = IngressSettings::parse(text, kserve),
            None => absent("ingress"),
        }
        match data.get("deploy") {
            Some(text) => config.default_mode = default_mode(text, kserve),
            None => absent("deploy"),
        }
        let services = services(data, kserve);
        match services {
            Ok(disallowed) => config.disallowed_annotations = disallowed,
            // Nothing is reconciled: the list is read before the mode.
            Err(error) => config.default_mode = Err(error),
        }
        if kserve >= HEADLESS {
            // A broken `service` is logged and passed over.
            let mut headless = false;
            let service = GoFields::of("v1beta1", "ServiceConfig")
                .field("serviceClusterIPNone", &mut headless);
            let read = data.get("service").is_some_and(|text| service.read(text).is_ok());
            config.headless = read && headless;
        }
        config
    }

    /// The annotations that the controller reads of a service's own.
    pub(super) fn passed_on(
        &self,
        annotations: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let kept = annotations.iter().filter(|(key, _)| !self.disallowed_annotations.contains(key));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// The annotations after defaulting, which writes a default mode other than Knative's and the
    /// new words for old ones.
    pub(super) fn defaulted(
        &self,
        annotations: &BTreeMap<String, String>,
        kserve: Release,
    ) -> BTreeMap<String, String> {
        let mut annotations = annotations.clone();
        match annotations.get(MODE_ANNOTATION) {
            Some(word) => {
                if let Some(mode) = DeploymentMode::of_word(word, kserve) {
                    annotations.insert(MODE_ANNOTATION.to_owned(), mode.as_str(kserve).to_owned());
                }
            }
            None => {
                if let Ok(mode @ (DeploymentMode::Standard | DeploymentMode::ModelMesh)) =
                    &self.default_mode
                {
                    annotations.insert(MODE_ANNOTATION.to_owned(), mode.as_str(kserve).to_owned());
                }
            }
        }
        annotations
    }
}

fn default_mode(text: &str, kserve: Release) -> Result<DeploymentMode, ConfigError> {
    let read = |source| ConfigError::json("deploy", source);
    let mut word = String::new();
    let deploy = GoFields::of("v1beta1", "DeployConfig").field("defaultDeploymentMode", &mut word);
    if deploy.read(text).map_err(read)?.null {
        return Err(ConfigError::Null { key: "deploy" });
    }
    if word.is_empty() {
        return Err(ConfigError::Needed { key: "deploy", needed: "defaultDeploymentMode" });
    }
    DeploymentMode::of_word(&word, kserve).ok_or_else(|| ConfigError::Mode {
        found: shortened(&word),
        kserve,
        words: DeploymentMode::words(kserve),
    })
}

fn services(data: &BTreeMap<String, String>, kserve: Release) -> Result<Vec<String>, ConfigError> {
    if let Some(text) = data.get("explainers") {
        let read = |source| ConfigError::json("explainers", source);
        GoFields::of("v1beta1", "ExplainersConfig").read(text).map_err(read)?;
    }
    let Some(text) = data.get("inferenceService").filter(|_| kserve >= DISALLOWED) else {
        return Ok(Vec::new());
    };
    let read = |source| ConfigError::json("inferenceService", source);
    let (mut labels, mut annotations) =
        (GoSlice::<String>::default(), GoSlice::<String>::default());
    let services = GoFields::of("v1beta1", "InferenceServicesConfig")
        .field("serviceLabelDisallowedList", &mut labels)
        .field("serviceAnnotationDisallowedList", &mut annotations);
    if services.read(text).map_err(read)?.null {
        return Err(ConfigError::Null { key: "inferenceService" });
    }
    Ok(annotations.to_vec())
}
