#![doc = include_str!("../README.md")]

pub mod env_file;
mod fixed_text;
pub mod function_annotation;
pub mod function_definition;
pub mod function_result_list;
pub mod kptfile;
pub mod kustomization;
pub mod metadata;
mod null;
pub mod resource_list;
pub mod result;

pub use env_file::EnvFile;
pub use function_annotation::FunctionSpec;
pub use function_definition::KrmFunctionDefinition;
pub use function_result_list::FunctionResultList;
pub use kptfile::Kptfile;
pub use kustomization::Kustomization;
pub use metadata::Metadata;
pub use resource_list::ResourceList;
pub use result::{FunctionResult, Severity};
