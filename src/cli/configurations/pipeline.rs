//! The order of the functions in a Kptfile's pipeline.

use kustomize_types::kptfile::{Kptfile, PipelineFunction, Runner};

use super::diags::{PipelineOrder, ValidatesTooEarly};
use crate::finding::Finding;
use crate::functions;
use crate::rendering::{Named, name_of};
use crate::runtime::{Item, Items};

const VALIDATOR: &str = "validate-serving-path";

/// Which function reads what which other one writes: both take the names of services from the domain.
const READS: [(&str, &str); 2] =
    [("plan-certificate", "set-knative-domain"), ("generate-dns-records", "set-knative-domain")];

/// The steps of every Kptfile of the package that run before what they read is written.
pub(super) fn findings(objects: &Items<'_>) -> Vec<Finding> {
    objects.of_kind("kpt.dev", "Kptfile").flat_map(|item| of_kptfile(item, objects)).collect()
}

fn of_kptfile(item: &Item<'_>, objects: &Items<'_>) -> Vec<Finding> {
    // Whether it is a valid one is kpt's to say.
    let pipeline = item.read::<Kptfile>().ok().and_then(|file| file.pipeline).unwrap_or_default();
    let steps: Vec<(usize, &'static str)> = pipeline
        .mutators
        .iter()
        .enumerate()
        .filter_map(|(place, step)| Some((place, function(item, step, objects)?)))
        .collect();
    let mut found = Vec::new();
    for (index, (place, name)) in steps.iter().enumerate() {
        let later = |wanted: &dyn Fn(&str) -> bool| {
            steps[index + 1..].iter().find(|(_, other)| wanted(other)).map(|(_, other)| *other)
        };
        let finding: Finding = if *name == VALIDATOR {
            let Some(other) = later(&|other| other != VALIDATOR) else { continue };
            ValidatesTooEarly { function: name, other }.into()
        } else {
            let step = &pipeline.mutators[*place];
            let reads =
                |other: &str| READS.contains(&(*name, other)) && !sets_domain(item, step, objects);
            let Some(other) = later(&reads) else { continue };
            PipelineOrder { function: name, other }.into()
        };
        let field = format!("pipeline.mutators[{place}]");
        found.push(finding.on(&item.resource).field(field.as_str()));
    }
    found
}

/// The function of a step: by its image or program, else by the kind of the configuration that it names.
fn function(
    kptfile: &Item<'_>,
    step: &PipelineFunction,
    objects: &Items<'_>,
) -> Option<&'static str> {
    let (Runner::Image(program) | Runner::Exec(program)) = step.runner().ok()?;
    if let Named::Function(name) = name_of(program)? {
        return Some(name);
    }
    let config = configuration(kptfile, step, objects)?;
    functions::ALL.of_kind(&config.resource.kind).ok().map(|found| found.name)
}

/// The configuration of a step, where it is a file.
fn configuration<'i, 'p>(
    kptfile: &Item<'_>,
    step: &PipelineFunction,
    objects: &'i Items<'p>,
) -> Option<&'i Item<'p>> {
    let folder = kptfile.path.as_deref().and_then(|path| path.rsplit_once('/'));
    let folder = folder.map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    let path = format!("{folder}{}", step.config_path.as_deref()?.trim_start_matches("./"));
    objects.iter().find(|item| item.path.as_deref() == Some(path.as_str()))
}

/// Whether a step has the domain from its own configuration.
fn sets_domain(kptfile: &Item<'_>, step: &PipelineFunction, objects: &Items<'_>) -> bool {
    let config = configuration(kptfile, step, objects);
    step.config_map.contains_key("domain")
        || config.is_some_and(|config| {
            ["spec", "data"].iter().any(|root| config.text(&[root, "domain"]).is_some())
        })
}
