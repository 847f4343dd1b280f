//! The functions that render a package.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::null::{null_as_default, texts};

/// `pipeline` of a [`Kptfile`](super::Kptfile): mutators run in order, then validators.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pipeline {
    /// Functions that change the resources.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub mutators: Vec<PipelineFunction>,
    /// Functions that fail on resources; kpt ignores the resources they give back.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub validators: Vec<PipelineFunction>,
}

impl Pipeline {
    /// Checks every function as kpt does before it runs the first.
    ///
    /// # Errors
    /// The first function that names no or two programs, or no or two configurations, or a
    /// configuration outside the package.
    pub fn check(&self) -> Result<(), PipelineError> {
        for (list, functions) in [("mutators", &self.mutators), ("validators", &self.validators)] {
            for (index, function) in functions.iter().enumerate() {
                let at = |reason| PipelineError { at: Some((list, index)), reason };
                function.runner().map_err(|error| at(error.reason))?;
                function.config().map_err(|error| at(error.reason))?;
            }
        }
        Ok(())
    }
}

/// A function of a [`Pipeline`], and what it is run on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PipelineFunction {
    /// The image; without a registry, kpt puts its catalog's before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The program and its arguments; needs `--allow-exec`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exec: Option<String>,
    /// The path of the functionConfig, within the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_path: Option<String>,
    /// `data` of a functionConfig that is a ConfigMap.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub config_map: BTreeMap<String, String>,
    /// A name, to be found by when the package is updated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A tag of the image, or a range of semantic versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Which resources it gets; all where there is none.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<Selector>,
    /// Which of them it does not get.
    #[serde(deserialize_with = "null_as_default", skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<Selector>,
}

/// What kpt runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runner<'a> {
    /// A container of this image.
    Image(&'a str),
    /// This program, with its arguments.
    Exec(&'a str),
}

/// Where a function's functionConfig comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigSource<'a> {
    /// A file of the package.
    Path(&'a str),
    /// `data` of a ConfigMap that kpt makes.
    ConfigMap(&'a BTreeMap<String, String>),
}

impl PipelineFunction {
    /// What kpt runs.
    ///
    /// # Errors
    /// Neither or both of `image` and `exec`.
    pub fn runner(&self) -> Result<Runner<'_>, PipelineError> {
        match (filled(self.image.as_deref()), filled(self.exec.as_deref())) {
            (Some(image), None) => Ok(Runner::Image(image)),
            (None, Some(exec)) => Ok(Runner::Exec(exec)),
            (None, None) => Err(Reason::NoRunner.into()),
            (Some(_), Some(_)) => Err(Reason::TwoRunners.into()),
        }
    }

    /// Where the functionConfig comes from; `None` for a function that gets none.
    ///
    /// # Errors
    /// Both of `configPath` and `configMap`, and a path that is absolute or leaves the package.
    pub fn config(&self) -> Result<Option<ConfigSource<'_>>, PipelineError> {
        let path = filled(self.config_path.as_deref());
        match path {
            Some(_) if !self.config_map.is_empty() => Err(Reason::TwoConfigs.into()),
            Some(path) if path.trim().is_empty() => Err(Reason::BlankPath.into()),
            Some(path) if path.starts_with('/') => Err(Reason::AbsolutePath.into()),
            Some(path) if leaves_the_package(path) => Err(Reason::OutsidePath.into()),
            Some(path) => Ok(Some(ConfigSource::Path(path))),
            None if self.config_map.is_empty() => Ok(None),
            None => Ok(Some(ConfigSource::ConfigMap(&self.config_map))),
        }
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// kpt cleans a path first, and then refuses one that still has `..` anywhere.
fn leaves_the_package(path: &str) -> bool {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match (part, kept.last()) {
            ("..", Some(last)) if *last != ".." => {
                kept.pop();
            }
            _ => kept.push(part),
        }
    }
    kept.iter().any(|part| part.contains(".."))
}

/// What a function of a pipeline says twice or not at all (`api/kptfile/v1/validation.go` of kpt).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", place(*at))]
pub struct PipelineError {
    at: Option<(&'static str, usize)>,
    reason: Reason,
}

fn place(at: Option<(&'static str, usize)>) -> String {
    at.map_or_else(String::new, |(list, index)| format!("pipeline.{list}[{index}] "))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("has neither image nor exec; set one")]
    NoRunner,
    #[error("has both image and exec; remove one")]
    TwoRunners,
    #[error("has both configPath and configMap; remove one")]
    TwoConfigs,
    #[error("has a blank configPath; set it to the path of a file in the package")]
    BlankPath,
    #[error("has an absolute configPath; make it relative to the package")]
    AbsolutePath,
    #[error("has a configPath outside the package; remove the \"..\"")]
    OutsidePath,
}

impl From<Reason> for PipelineError {
    fn from(reason: Reason) -> Self {
        Self { at: None, reason }
    }
}

/// Which resources a function gets. Every part that is given must match, exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Selector {
    /// Group and version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// The kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Labels that it has.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations that it has.
    #[serde(deserialize_with = "texts", skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}
