//! What kustomize refuses as well.

use krm_package::SourceError;
use thiserror::Error as Message;

/// What is wrong with a kustomization, or with the folder that should have one.
#[derive(Debug, Message)]
pub(in crate::rendering) enum KustomizationProblem<'a> {
    #[error("the folder has no kustomization.yaml")]
    NoFile,
    #[error("the folder has more than one kustomization file; keep one")]
    SeveralFiles,
    #[error("the kustomization is empty; list what it is to render under resources")]
    NothingListed,
    #[error("folders refer to one another more than {0} levels deep")]
    TooDeep(usize),
    #[error("this kustomization is a Component; list its folder under components:")]
    IsComponent,
    #[error("this kustomization is not a Component; list its folder under resources:")]
    NotComponent,
    #[error(
        "{0} is added twice, and a kustomization holds each object once; remove one of the two"
    )]
    AlreadyAdded(&'a str),
    #[error("{0} does not exist; correct the path, or add the file or folder")]
    Missing(std::path::Display<'a>),
    #[error("two objects are {0} before the functions run; set another name for one of them")]
    SameName(&'a str),
    #[error(
        "{0} changes objects under validators, which a validator may not; list it under transformers"
    )]
    ChangingValidator(&'a str),
    #[error(
        "{path:?} of {field} is not in or below this folder, from which alone kustomize reads files; move the file here, or list its folder under resources"
    )]
    OutsideFolder { field: &'a str, path: &'a str },
}

/// What is wrong with an object of a kustomization.
#[derive(Debug, Message)]
pub(in crate::rendering) enum ObjectProblem<'a> {
    #[error("no {0}; kustomize only takes objects that have one")]
    Missing(&'static str),
    #[error("the annotation {0} is set, in which kustomize keeps its own notes; remove it")]
    OwnAnnotation(&'a str),
    #[error(
        "namespace {0} moves two objects of one name together; rename one of them, or remove namespace"
    )]
    MovedTogether(&'a str),
}

/// What is wrong with an entry of a generator, `field`, or with the object that it is to create.
#[derive(Debug, Message)]
pub(in crate::rendering) enum GeneratorProblem<'a> {
    #[error("{field} has an entry without a name")]
    NoName { field: &'a str },
    /// The text may be a secret: it is not quoted.
    #[error("a literal of {field} is not of the form KEY=VALUE")]
    Literal { field: &'a str },
    #[error("{source_text:?} of {field} is neither PATH nor KEY=PATH")]
    FileSource { field: &'a str, source_text: &'a str },
    #[error(
        "invalid key {key:?} in {field}: must be at most 253 letters, digits, \"-\", \"_\" and \".\""
    )]
    Key { field: &'a str, key: &'a str },
    #[error("{field} repeats the key {key:?}; keep one of the two")]
    RepeatedKey { field: &'a str, key: &'a str },
    #[error("{0} is there more than once and cannot be replaced or merged")]
    SeveralToReplace(&'a str),
    #[error("{0} is not there and cannot be replaced or merged; set behavior to create")]
    NoneToReplace(&'a str),
    #[error("{0} is there already; set behavior to merge or replace")]
    AlreadyThere(&'a str),
}

/// What is wrong with a patch.
#[derive(Debug, Message)]
pub(in crate::rendering) enum PatchProblem<'a> {
    #[error("patches[].patch: {0}")]
    Inline(SourceError),
    #[error("an entry of patches must have one of path and patch")]
    NoSource,
    #[error(
        "a patch that begins with [ is JSON to kustomize, and this one is not valid JSON; list its operations in YAML, each with -"
    )]
    NotJson,
    #[error("the patch is not a JSON 6902 patch: {0}")]
    NotOperations(serde_json::Error),
    #[error("the patch has a negative index; use an index from 0, or - for a new last entry")]
    NegativeIndex,
    #[error("a JSON 6902 patch has no target; add target")]
    NoTarget,
    #[error("the patch applies to no object; set its target to an object of the kustomization")]
    NoObject,
    #[error("the patch merges an Ingress into {0}; use a JSON 6902 patch")]
    NotAnIngress(&'a str),
    #[error("{object}: {error}")]
    NotApplied { object: &'a str, error: json_patch::PatchError },
}

/// Why a field of an object cannot be set; `path` is that of kustomize's tables.
#[derive(Debug, Message)]
#[error("{path}: {problem}")]
pub(in crate::rendering) struct FieldProblem {
    pub(in crate::rendering) path: &'static str,
    pub(in crate::rendering) problem: FieldValueProblem,
}

/// What is wrong with the value that a field has.
#[derive(Debug, Message)]
pub(in crate::rendering) enum FieldValueProblem {
    #[error("expected a mapping or a list, found a scalar")]
    Scalar,
    #[error("expected a string, found a mapping or a list")]
    NotText,
    #[error("expected a mapping, found a scalar or a list")]
    NotMapping,
    #[error("a reference without a name")]
    NoName,
    #[error("{name:?} may be any of {objects} objects; give them names that differ")]
    Ambiguous { name: String, objects: usize },
}
