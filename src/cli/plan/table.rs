//! A package's overview as tables, one after the other.

use serde_json::Value;

use super::super::hosts;
use super::super::table::plain;
use super::overview::{Overview, Redirect, verdict};
use crate::functions::Planned;

pub(super) fn of(overview: &Overview<'_>) -> String {
    let mut hosts = hosts::table::of(overview.endpoints);
    if hosts.is_empty() {
        hosts.push_str("-\n");
    }
    let planned = &overview.planned;
    let doors = overview.doors.iter().map(|door| {
        let (word, detail) = verdict(door);
        [word.to_owned(), door.resource.to_string(), door.field.clone(), door.to.clone(), detail]
    });
    let mut sections = vec![
        format!("HOSTS\n{hosts}"),
        section("CERTIFICATE NAMES", ["NAME", "HOSTS"], certificates(planned)),
        section("DNS RECORDS", ["NAME", "LEADS TO", "HOSTS"], records(planned)),
        section("POLICIES", ["POLICY", "ACTION", "PODS", "STATE"], policies(planned)),
        section("DOORS", ["VERDICT", "OBJECT", "FIELD", "LEADS TO", "DETAIL"], doors),
    ];
    if !overview.redirects.is_empty() {
        let row = |one: &Redirect| [one.service.clone(), one.url.clone()];
        let rows = overview.redirects.iter().map(row);
        sections.push(section("LOGIN REDIRECTS", ["SERVICE", "URL"], rows));
    }
    sections.join("\n")
}

/// A table below its title; `-` where it has no rows.
fn section<const COLUMNS: usize>(
    title: &str,
    headings: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let mut all = vec![headings.map(str::to_owned).to_vec()];
    all.extend(rows.into_iter().map(|row| row.to_vec()));
    let text = if all.len() == 1 { "-\n".to_owned() } else { plain(&all) };
    format!("{title}\n{text}")
}

fn certificates(planned: &Planned) -> Vec<[String; 2]> {
    let names = planned.certificates.iter().flat_map(|group| &group.names);
    names.map(|covered| [covered.name.to_string(), joined(&covered.hosts)]).collect()
}

fn records(planned: &Planned) -> Vec<[String; 3]> {
    let target = planned.record_target.as_ref();
    let target = target.map_or("-".to_owned(), ToString::to_string);
    let row = |record: &crate::serving::dns::Record| {
        [record.name.to_string(), target.clone(), joined(&record.hosts)]
    };
    planned.records.iter().map(row).collect()
}

fn policies(planned: &Planned) -> Vec<[String; 4]> {
    let row = |policy: &crate::functions::Policy| {
        let state = if policy.is_present { "present" } else { "to be generated" };
        let action = policy.object.pointer("/spec/action").and_then(Value::as_str);
        [
            policy.resource.to_string(),
            action.unwrap_or("ALLOW").to_owned(),
            selected(&policy.object),
            state.to_owned(),
        ]
    };
    planned.policies.iter().map(row).collect()
}

/// The labels of the pods that a policy selects.
fn selected(object: &Value) -> String {
    let labels = object.pointer("/spec/selector/matchLabels").and_then(Value::as_object);
    let labels = labels.into_iter().flatten();
    let pairs: Vec<String> =
        labels.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or("-"))).collect();
    if pairs.is_empty() { "all".to_owned() } else { pairs.join(",") }
}

fn joined<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
