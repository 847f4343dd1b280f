//! References to objects whose names changed: those of ConfigMaps and Secrets that got a hash, and of
//! what moved to another namespace (`api/filters/nameref/nameref.go` of kustomize, and the fields of
//! `api/internal/konfig/builtinpluginconsts/namereference.go`).

use std::collections::HashMap;

use json_patch::PatchOperation;
use krm_package::operation;
use serde_json::Value;

use super::super::diags::{FieldProblem, FieldValueProblem, Refused};
use super::super::document::Document;
use super::super::fields::{FieldSpec, Leaf, below, text};
use super::super::id::Gvk;
use super::reference_fields::{Referred, all};

/// What a reference leads to.
struct Renamed<'d> {
    gvk: &'d Gvk,
    /// The kinds that it had, each with the name it had then.
    names: Vec<(&'d str, &'d str)>,
    original_namespace: &'d str,
    namespace: &'d str,
    /// As the object says it; empty where it does not.
    own_namespace: &'d str,
    name: &'d str,
}

/// The object that has the reference.
struct Referrer<'d> {
    gvk: &'d Gvk,
    namespace: &'d str,
    /// Group and kind of `roleRef`.
    role: Option<(String, String)>,
    /// The namespaces of a RoleBinding's service accounts.
    accounts: Vec<String>,
}

/// Rewrites every reference to an object that had another name or namespace.
pub(super) fn fix(documents: &mut [Document]) -> Result<(), Refused> {
    let frozen: Vec<Document> = documents
        .iter()
        .filter(|document| !document.earlier.is_empty())
        .map(|document| Document { text: String::new(), ..document.clone() })
        .collect();
    let renamed: Vec<Renamed<'_>> = frozen.iter().map(Renamed::of).collect();
    if renamed.is_empty() {
        return Ok(());
    }
    let mut by_name: HashMap<&str, Vec<&Renamed<'_>>> = HashMap::new();
    for one in &renamed {
        let mut names: Vec<&str> = one.names.iter().map(|(_, name)| *name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            by_name.entry(name).or_default().push(one);
        }
    }
    let fields = all();
    for document in documents {
        let original_kind = document.earlier.first().map(|earlier| earlier.kind.clone());
        let mut gvk = document.id.gvk.clone();
        gvk.kind = original_kind.unwrap_or(gvk.kind);
        let own: Vec<&(Referred, FieldSpec)> =
            fields.iter().filter(|(_, spec)| spec.fits(&gvk)).collect();
        if own.is_empty() {
            continue;
        }
        let mut value = document.value()?;
        let referrer = Referrer {
            gvk: &document.id.gvk,
            namespace: document.id.effective_namespace(),
            role: role(&value),
            accounts: accounts(&document.id.gvk, &value),
        };
        let mut operations = Vec::new();
        for (referred, spec) in own {
            let fix = Fix { referred: *referred, spec, referrer: &referrer, by_name: &by_name };
            let done = fix.field(&mut value);
            operations.extend(done.map_err(|error| document.refused(&error))?);
        }
        document.patch(operations)?;
    }
    Ok(())
}

impl<'d> Renamed<'d> {
    fn of(document: &'d Document) -> Self {
        let names = document.earlier.iter();
        Self {
            gvk: &document.id.gvk,
            names: names.map(|earlier| (earlier.kind.as_str(), earlier.name.as_str())).collect(),
            original_namespace: document.original().0,
            namespace: document.id.effective_namespace(),
            own_namespace: &document.id.namespace,
            name: &document.id.name,
        }
    }

    fn was_of(&self, group: &str, version: &str, kind: &str) -> bool {
        let fits = |wanted: &str, found: &str| wanted.is_empty() || wanted == found;
        fits(group, &self.gvk.group)
            && fits(version, &self.gvk.version)
            && self.names.iter().any(|(had, _)| fits(kind, had))
    }
}

fn role(value: &Value) -> Option<(String, String)> {
    let text = |key: &str| Some(value.pointer(&format!("/roleRef/{key}"))?.as_str()?.to_owned());
    Some((text("apiGroup")?, text("kind")?))
}

/// A RoleBinding can name service accounts of other namespaces.
fn accounts(gvk: &Gvk, value: &Value) -> Vec<String> {
    let subjects = value.get("subjects").filter(|_| gvk.kind == "RoleBinding");
    let subjects = subjects.and_then(Value::as_array).into_iter().flatten();
    let text =
        |subject: &Value, key: &str| subject.get(key).and_then(Value::as_str).map(str::to_owned);
    let accounts = subjects.filter(|one| text(one, "kind").as_deref() == Some("ServiceAccount"));
    accounts.filter_map(|one| text(one, "namespace")).collect()
}

struct Fix<'f, 'd> {
    referred: Referred,
    spec: &'f FieldSpec,
    referrer: &'f Referrer<'d>,
    by_name: &'f HashMap<&'d str, Vec<&'d Renamed<'d>>>,
}

impl Fix<'_, '_> {
    fn field(&self, value: &mut Value) -> Result<Vec<PatchOperation>, FieldProblem> {
        let mut set = |found: &mut Value| self.set(found);
        self.spec.visit(value, &Leaf::Text, &mut set)
    }

    fn set(&self, found: &mut Value) -> Result<Vec<PatchOperation>, FieldValueProblem> {
        match found {
            Value::Null => Ok(Vec::new()),
            Value::Array(entries) => {
                let mut all = Vec::new();
                for (place, entry) in entries.iter_mut().enumerate() {
                    let at = [place.to_string()];
                    all.extend(self.set(entry)?.into_iter().map(|one| below(&at, one)));
                }
                Ok(all)
            }
            Value::Object(_) => self.mapping(found),
            _ => self.name(found),
        }
    }

    fn name(&self, found: &mut Value) -> Result<Vec<PatchOperation>, FieldValueProblem> {
        let Some(old) = found.as_str().map(str::to_owned) else { return Ok(Vec::new()) };
        match self.selected(&old, None)? {
            Some(one) => text(found, one.name),
            None => Ok(Vec::new()),
        }
    }

    /// A reference with a name and a namespace.
    fn mapping(&self, found: &mut Value) -> Result<Vec<PatchOperation>, FieldValueProblem> {
        let own = |key: &str| found.get(key).and_then(Value::as_str).map(str::to_owned);
        let old = own("name").ok_or(FieldValueProblem::NoName)?;
        let namespace =
            found.get("namespace").map(|text| text.as_str().unwrap_or_default().to_owned());
        let one = match self.selected(&old, Some(namespace.as_deref()))? {
            Some(one) if one.name != old || !one.own_namespace.is_empty() => one,
            _ => return Ok(Vec::new()),
        };
        let mut operations = Vec::new();
        if one.name != old {
            found["name"] = Value::from(one.name);
            operations.push(operation::add(&["name"], one.name));
        }
        let namespace = one.own_namespace;
        if !namespace.is_empty() && own_is_not(found, namespace) {
            found["namespace"] = Value::from(namespace);
            operations.push(operation::add(&["namespace"], namespace));
        }
        Ok(operations)
    }

    /// The object that a name represents (`selectReferral`); `namespace` is what is beside the name,
    /// where a reference can have one.
    fn selected(
        &self,
        old: &str,
        namespace: Option<Option<&str>>,
    ) -> Result<Option<&Renamed<'_>>, FieldValueProblem> {
        let Referred { group, version, kind } = self.referred;
        let named = self.by_name.get(old).into_iter().flatten().copied();
        let mut found: Vec<&Renamed<'_>> = named.collect();
        if let Some(Some(namespace)) = namespace {
            let original: Vec<&Renamed<'_>> =
                found.iter().copied().filter(|one| one.original_namespace == namespace).collect();
            found = if original.is_empty() {
                found.into_iter().filter(|one| one.namespace == namespace).collect()
            } else {
                original
            };
        }
        found.retain(|one| one.was_of(group, version, kind));
        if let Some((group, kind)) =
            self.referrer.role.as_ref().filter(|_| self.spec.path.ends_with("roleRef/name"))
        {
            found.retain(|one| one.was_of(group, "", kind));
        }
        if !self.referrer.gvk.is_of_the_cluster() {
            found.retain(|one| {
                let is_account = one.gvk.kind == "ServiceAccount"
                    && self.referrer.accounts.iter().any(|other| other == one.own_namespace);
                one.gvk.is_of_the_cluster()
                    || one.namespace == self.referrer.namespace
                    || is_account
            });
        }
        let Some(first) = found.first().copied() else { return Ok(None) };
        let is_same = |one: &&Renamed<'_>| {
            one.name == first.name
                && (namespace.is_none() || one.own_namespace == first.own_namespace)
        };
        if found.iter().all(is_same) {
            return Ok(Some(first));
        }
        Err(FieldValueProblem::Ambiguous { name: old.to_owned(), objects: found.len() })
    }
}

fn own_is_not(found: &Value, namespace: &str) -> bool {
    found.get("namespace").and_then(Value::as_str) != Some(namespace)
}
