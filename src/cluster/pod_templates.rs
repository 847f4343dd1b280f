//! The pods of a package, whatever creates them.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Cluster;
use super::workload::PodSpec;
use crate::values::k8s::ResourceRef;

/// Pods that an object creates, or is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PodsOf<'c> {
    /// The object.
    pub resource: &'c Rc<ResourceRef>,
    /// The pods' labels.
    pub labels: &'c BTreeMap<String, String>,
    /// The pods' annotations.
    pub annotations: &'c BTreeMap<String, String>,
    /// Their `spec`.
    pub spec: &'c PodSpec,
    /// Where in the object that is.
    pub field: &'static str,
}

impl Cluster<'_> {
    /// The pods of every Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob and Pod.
    pub(crate) fn pod_templates(&self) -> impl Iterator<Item = PodsOf<'_>> {
        let workloads = self.objects.workloads.iter().map(|one| {
            let template = &one.object.spec.template;
            (&one.resource, template, "spec.template.spec")
        });
        let cron_jobs = self.objects.cron_jobs.iter().map(|one| {
            let template = &one.object.spec.job_template.spec.template;
            (&one.resource, template, "spec.jobTemplate.spec.template.spec")
        });
        let pods = self.objects.pods.iter().map(|one| (&one.resource, &one.object, "spec"));
        workloads.chain(cron_jobs).chain(pods).map(|(resource, template, field)| PodsOf {
            resource,
            labels: &template.metadata.labels,
            annotations: &template.metadata.annotations,
            spec: &template.spec,
            field,
        })
    }
}
