//! What a function is to the runtime.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::code::Code;
use super::config::FunctionConfig;
use super::declaration::Declaration;
use super::diags::WrongField;
use super::finding::Finding;
use super::items::Items;
use super::project::Project;
use super::schema;
use super::severity::Severity;
use krm_package::{Edit, read_value};

/// What a function wants changed, and what it has to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan<C = &'static str> {
    /// The changes, in order.
    pub edits: Vec<Edit>,
    /// What was found. With an error, none of the changes is applied.
    pub findings: Vec<Finding<C>>,
}

impl<C> Default for Plan<C> {
    fn default() -> Self {
        Self { edits: Vec::new(), findings: Vec::new() }
    }
}

impl<C: Code> Plan<C> {
    /// Whether the changes may be applied.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.succeeds(Severity::Error)
    }

    /// The same, of a function that its errors kept from its work.
    #[must_use]
    pub fn blocked(self) -> Self {
        let findings = self.findings.into_iter().map(Finding::blocking).collect();
        Self { findings, ..self }
    }

    /// Whether they may where findings of a severity fail the run as well.
    #[must_use]
    pub(super) fn succeeds(&self, fail_on: Severity) -> bool {
        self.findings.iter().all(|finding| finding.severity > fail_on)
    }
}

/// A plan without a finding.
impl<C> FromIterator<Edit> for Plan<C> {
    fn from_iter<I: IntoIterator<Item = Edit>>(edits: I) -> Self {
        Self { edits: edits.into_iter().collect(), findings: Vec::new() }
    }
}

/// The codes of a function's project.
type CodeOf<F> = <<F as Function>::Project as Project>::Code;

/// A KRM function: pure, from its configuration and the objects to a plan.
///
/// ```
/// use krm_function::{Call, Finding, Function, Items, Plan, Project, Registered, Registry};
/// use krm_function::{resource_list, stderr_line};
///
/// struct Example;
/// impl Project for Example {
///     const API_VERSION: &'static str = "fn.example.com/v1";
///     type Code = &'static str;
/// }
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct Limit {
///     most: u32,
/// }
///
/// /// Refuses a Deployment with more replicas than allowed.
/// struct LimitReplicas;
/// impl Function for LimitReplicas {
///     type Project = Example;
///     type Spec = Limit;
///     const NAME: &'static str = "limit-replicas";
///     const KIND: &'static str = "ReplicaLimit";
///     const SUMMARY: &'static str = "Limit the replicas of Deployments";
///     fn plan(Limit { most }: Limit, items: &Items<'_>) -> Plan {
///         let mut plan = Plan::default();
///         for item in items.of_kind("apps", "Deployment") {
///             let replicas = item.node.get("spec").and_then(|spec| spec.get("replicas"));
///             if replicas.and_then(|node| node.read().ok()).is_some_and(|count: u32| count > most) {
///                 let finding = Finding::error("too-many-replicas", format!("must be at most {most}"));
///                 plan.findings.push(finding.on(&item.resource).field("spec.replicas").proposed(most));
///             }
///         }
///         plan
///     }
/// }
///
/// let list = "\
/// apiVersion: config.kubernetes.io/v1
/// kind: ResourceList
/// functionConfig:
///   apiVersion: fn.example.com/v1
///   kind: ReplicaLimit
///   spec: {most: 3}
/// items:
/// - apiVersion: apps/v1
///   kind: Deployment
///   metadata: {name: web}
///   spec: {replicas: 5}
/// ";
/// let functions = Registry::new(const { &[Registered::of::<LimitReplicas>()] });
/// let run = resource_list(list, functions, &Call::default());
/// assert!(!run.success);
/// let line = "[error] apps/v1/Deployment/web spec.replicas: must be at most 3 (too-many-replicas)";
/// assert_eq!(stderr_line(&run.findings[0]), line);
/// ```
pub trait Function {
    /// The project that it belongs to.
    type Project: Project;
    /// The name of the function, of its image and of its folder.
    const NAME: &'static str;
    /// The kind of its configuration, in [`Project::API_VERSION`].
    const KIND: &'static str;
    /// What it does, in one line.
    const SUMMARY: &'static str;
    /// What `--help` says after the summary.
    const HELP: &'static str = "";
    /// Whether it runs without a configuration, as with one that has no field.
    const CONFIG_IS_OPTIONAL: bool = false;
    /// Other names for fields in a ConfigMap: `("POOL_ARN", "login.poolArn")`.
    const ALIASES: &'static [(&'static str, &'static str)] = &[];
    /// The `spec` of its configuration.
    type Spec: DeserializeOwned + JsonSchema;

    /// The JSON Schema of its configuration, as text. Default: derived from [`Function::Spec`]; a project
    /// that keeps it as a file gives that.
    #[must_use]
    fn schema() -> Cow<'static, str>
    where
        Self: Sized,
    {
        format!("{:#}\n", configuration_schema::<Self>()).into()
    }

    /// Looks at the objects and says what to change.
    fn plan(spec: Self::Spec, items: &Items<'_>) -> Plan<CodeOf<Self>>;
}

/// The schema of a function's whole configuration, as a `KRMFunctionDefinition` has it, of the Rust type
/// of its `spec`.
#[must_use]
pub fn configuration_schema<F: Function>() -> Value {
    schema::configuration::<F::Spec>(F::Project::API_VERSION, F::KIND, F::SUMMARY)
}

/// Reads the configuration and plans; without one, as with one that has no field.
type Planner<C> = dyn Fn(Option<&FunctionConfig<'_>>, &Declaration, &Items<'_>) -> Plan<C> + Sync;

/// A function in a registry: its [`Declaration`], and how it is run.
pub struct Registered<P: Project> {
    declaration: Declaration,
    plan: &'static Planner<P::Code>,
}

impl<P: Project> fmt::Debug for Registered<P> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Registered").field(&self.declaration).finish()
    }
}

impl<P: Project> Registered<P> {
    /// Registers a function.
    #[must_use]
    pub const fn of<F: Function<Project = P> + 'static>() -> Self {
        let declaration = Declaration {
            name: F::NAME,
            api_version: P::API_VERSION,
            kind: F::KIND,
            summary: F::SUMMARY,
            help: F::HELP,
            config_is_optional: F::CONFIG_IS_OPTIONAL,
            aliases: F::ALIASES,
            schema: |_| F::schema(),
        };
        Self { declaration, plan: &plan_of::<F> }
    }

    /// Registers what a closure plans.
    pub(super) const fn with(declaration: Declaration, plan: &'static Planner<P::Code>) -> Self {
        Self { declaration, plan }
    }

    /// Reads the configuration and plans; without one, as with one that has no field.
    #[must_use]
    pub fn plan(&self, config: Option<&FunctionConfig<'_>>, items: &Items<'_>) -> Plan<P::Code> {
        let misread = config.map(FunctionConfig::misread_entries::<P>).unwrap_or_default();
        if !misread.is_empty() {
            return Plan { edits: Vec::new(), findings: misread };
        }
        let mut plan = (self.plan)(config, &self.declaration, items);
        let refused = config.map(FunctionConfig::refused_texts::<P>).unwrap_or_default();
        for finding in refused {
            // What the function has refused by itself is not refused twice.
            let is_known = plan.findings.iter().any(|known| {
                known.is_error()
                    && known.resource == finding.resource
                    && known.field.as_ref().map(|field| &field.path)
                        == finding.field.as_ref().map(|field| &field.path)
            });
            if !is_known {
                plan.findings.push(finding);
            }
        }
        plan
    }
}

impl<P: Project> Deref for Registered<P> {
    type Target = Declaration;

    fn deref(&self) -> &Declaration {
        &self.declaration
    }
}

fn plan_of<F: Function>(
    config: Option<&FunctionConfig<'_>>,
    declaration: &Declaration,
    items: &Items<'_>,
) -> Plan<CodeOf<F>> {
    plan_with(config, declaration, items, F::plan)
}

/// Reads the configuration, and passes it to what plans.
pub(super) fn plan_with<S: DeserializeOwned, C: Code>(
    config: Option<&FunctionConfig<'_>>,
    declaration: &Declaration,
    items: &Items<'_>,
    plan: impl Fn(S, &Items<'_>) -> Plan<C>,
) -> Plan<C> {
    let Some(config) = config else {
        return match read_value(&Value::Object(Map::new())) {
            Ok(spec) => plan(spec, items),
            Err(error) => {
                let findings = vec![WrongField::Read(&error.message).into()];
                Plan { edits: Vec::new(), findings }
            }
        };
    };
    match config.spec::<S, _>(declaration) {
        Ok(spec) => {
            let plan = plan(spec, items);
            let findings = plan.findings.into_iter();
            let findings = findings.map(|finding| config.own(finding, declaration.aliases));
            Plan { findings: findings.collect(), ..plan }
        }
        Err(findings) => Plan { edits: Vec::new(), findings },
    }
}
