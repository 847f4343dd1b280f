//! `configMapGenerator` and `secretGenerator` (`api/internal/generators` and `api/kv` of kustomize).

use std::iter::repeat;
use std::path::Path;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kustomize_types::EnvFile;
use kustomize_types::kustomization::{
    ConfigMapGenerator, GeneratorBehavior, GeneratorOptions, SecretGenerator,
};
use serde_json::{Map, Value, json};

use super::super::diags::{GeneratorProblem, Refused};
use super::super::document::Document;
use super::super::{Files, bytes};
use super::inside::inside;
use super::places::{Pair, Source, of_env};

/// What is written in an entry of either generator.
pub(super) struct Generator<'k> {
    pub(super) field: &'static str,
    /// The entry's place in the list of that field.
    index: usize,
    kind: &'static str,
    name: Option<&'k str>,
    namespace: Option<&'k str>,
    secret_type: Option<&'k str>,
    pub(super) behavior: GeneratorBehavior,
    envs: Vec<&'k str>,
    literals: &'k [String],
    files: &'k [String],
    options: Option<&'k GeneratorOptions>,
}

impl<'k> Generator<'k> {
    /// Its entry in the kustomization.
    fn entry(&self) -> String {
        format!("{}[{}]", self.field, self.index)
    }

    pub(super) fn of_config_map((index, entry): (usize, &'k ConfigMapGenerator)) -> Self {
        Self {
            field: "configMapGenerator",
            index,
            kind: "ConfigMap",
            name: entry.name.as_deref(),
            namespace: entry.namespace.as_deref(),
            secret_type: None,
            behavior: entry.behavior.unwrap_or(GeneratorBehavior::Create),
            envs: entry.envs.iter().chain(&entry.env).map(String::as_str).collect(),
            literals: &entry.literals,
            files: &entry.files,
            options: entry.options.as_ref(),
        }
    }

    pub(super) fn of_secret((index, entry): (usize, &'k SecretGenerator)) -> Self {
        Self {
            field: "secretGenerator",
            index,
            kind: "Secret",
            name: entry.name.as_deref(),
            namespace: entry.namespace.as_deref(),
            secret_type: Some(
                entry.secret_type.as_deref().filter(|text| !text.is_empty()).unwrap_or("Opaque"),
            ),
            behavior: entry.behavior.unwrap_or(GeneratorBehavior::Create),
            envs: entry.envs.iter().chain(&entry.env).map(String::as_str).collect(),
            literals: &entry.literals,
            files: &entry.files,
            options: entry.options.as_ref(),
        }
    }

    /// The object.
    pub(super) fn object(
        &self,
        folder: &Path,
        source: &Source<'_>,
        global: &GeneratorOptions,
        files: &mut dyn Files,
    ) -> Result<Document, Refused> {
        let kustomization = source.file;
        let name = self.name.filter(|name| !name.is_empty()).ok_or_else(|| {
            let problem = GeneratorProblem::NoName { field: self.field };
            Refused::field(kustomization, &self.entry(), &problem)
        })?;
        let data = self.data(folder, source, files)?;
        let mut origin = source.origin(self.field, self.index);
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), name.into());
        if let Some(namespace) = self.namespace.filter(|namespace| !namespace.is_empty()) {
            metadata.insert("namespace".to_owned(), namespace.into());
        }
        let own = self.options.cloned().unwrap_or_default();
        for (field, own, global) in [
            ("labels", &own.labels, &global.labels),
            ("annotations", &own.annotations, &global.annotations),
        ] {
            let mut texts = global.clone();
            texts.extend(own.clone());
            if !texts.is_empty() {
                metadata.insert(field.to_owned(), json!(texts));
            }
        }
        let mut object = Map::new();
        object.insert("apiVersion".to_owned(), "v1".into());
        object.insert("kind".to_owned(), self.kind.into());
        object.insert("metadata".to_owned(), Value::Object(metadata));
        if let Some(secret_type) = self.secret_type {
            object.insert("type".to_owned(), secret_type.into());
        }
        for (field, pairs) in self.fields(data) {
            let texts = pairs.iter().map(|(pair, text)| (pair.key.clone(), text.clone().into()));
            object.insert(field.to_owned(), Value::Object(texts.collect()));
            let entries = pairs.into_iter().map(|(pair, text)| pair.entry(field, text));
            if let Some(origin) = &mut origin {
                origin.entries.extend(entries);
            }
        }
        if own.immutable || global.immutable {
            object.insert("immutable".to_owned(), true.into());
        }
        let mut document = Document::of_value(Value::Object(object))?;
        document.origin = origin.map(Rc::new);
        document.needs_hash = !(own.disable_name_suffix_hash || global.disable_name_suffix_hash);
        Ok(document)
    }

    /// `data` and `binaryData`, each with its values as they are written.
    fn fields(&self, data: Vec<Pair>) -> Vec<(&'static str, Vec<(Pair, String)>)> {
        let (mut texts, mut others) = (Vec::new(), Vec::new());
        for pair in data {
            match std::str::from_utf8(&pair.value) {
                _ if self.kind == "Secret" => {
                    let text = encoded(&pair.value);
                    texts.push((pair, text));
                }
                Ok(text) => {
                    let text = text.to_owned();
                    texts.push((pair, text));
                }
                Err(_) => {
                    let text = encoded(&pair.value);
                    others.push((pair, text));
                }
            }
        }
        let all = [("data", texts), ("binaryData", others)];
        let is_kept = |(field, pairs): &(&str, Vec<_>)| {
            !pairs.is_empty() || (self.kind == "Secret" && *field == "data")
        };
        all.into_iter().filter(is_kept).collect()
    }

    /// The pairs, by their keys.
    fn data(
        &self,
        folder: &Path,
        source: &Source<'_>,
        files: &mut dyn Files,
    ) -> Result<Vec<Pair>, Refused> {
        let kustomization = source.file;
        let mut pairs: Vec<Pair> = Vec::new();
        for env in &self.envs {
            let file = inside(folder, kustomization, self.field, env)?;
            let text = bytes(files, &file)?;
            let parsed = EnvFile::parse(&text)
                .map_err(|error| Refused::line(&file, error.line(), &error))?;
            pairs.extend(of_env(&file, &text, parsed.entries()));
        }
        let field = self.field;
        let refused =
            |problem: GeneratorProblem<'_>| Refused::field(kustomization, &self.entry(), &problem);
        let places = source.places(field, self.index, "literals");
        for (literal, place) in self.literals.iter().zip(places.into_iter().chain(repeat(None))) {
            let (key, value) = literal
                .split_once('=')
                .filter(|(key, _)| !key.is_empty())
                .ok_or_else(|| refused(GeneratorProblem::Literal { field }))?;
            let value = unquoted(value).as_bytes().to_vec();
            let file = kustomization.to_owned();
            pairs.push(Pair { key: key.to_owned(), value, file, place });
        }
        for source in self.files {
            let (key, path) = match source.split_once('=') {
                None => (source.rsplit('/').next().unwrap_or_default(), source.as_str()),
                Some((key, path)) => (key, path),
            };
            if key.is_empty() || path.is_empty() || path.contains('=') {
                return Err(refused(GeneratorProblem::FileSource { field, source_text: source }));
            }
            let file = inside(folder, kustomization, self.field, path)?;
            let (key, value) = (key.to_owned(), bytes(files, &file)?);
            pairs.push(Pair { key, value, file, place: None });
        }
        pairs.sort_by(|one, other| one.key.cmp(&other.key));
        if let Some(Pair { key, .. }) = pairs.iter().find(|pair| !is_key(&pair.key)) {
            return Err(refused(GeneratorProblem::Key { field, key }));
        }
        match pairs.iter().zip(pairs.iter().skip(1)).find(|(one, next)| one.key == next.key) {
            Some((Pair { key, .. }, _)) => {
                Err(refused(GeneratorProblem::RepeatedKey { field, key }))
            }
            None => Ok(pairs),
        }
    }
}

fn is_key(key: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !key.is_empty()
        && key.len() <= 253
        && key.chars().all(allowed)
        && key != "."
        && !key.starts_with("..")
}

/// One pair of equal quotes around a literal's value is dropped.
fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// Base64 in lines of 70 characters where there is more than one (`encodeBase64` in `yaml/datamap.go` of
/// kyaml).
pub(super) fn encoded(bytes: &[u8]) -> String {
    const LINE: usize = 70;
    let text = STANDARD.encode(bytes);
    if text.len() < LINE {
        return text;
    }
    let mut lines = String::with_capacity(text.len() + text.len() / LINE + 1);
    for line in text.as_bytes().chunks(LINE) {
        lines.extend(line.iter().map(|byte| char::from(*byte)));
        lines.push('\n');
    }
    lines
}

/// Puts a generated object among others: as a new one, or in place of one that is there
/// (`appendReplaceOrMerge` in `api/resmap/reswrangler.go`).
pub(super) fn absorb(
    documents: &mut Vec<Document>,
    new: Document,
    behavior: GeneratorBehavior,
    kustomization: &Path,
) -> Result<(), Refused> {
    let key = new.id.key();
    let shown = new.id.shown();
    let mut found =
        documents.iter_mut().enumerate().filter(|(_, document)| document.has_or_had(&key));
    let first = found.next();
    let refused = |problem: GeneratorProblem<'_>| Err(Refused::file(kustomization, &problem));
    if found.next().is_some() {
        return refused(GeneratorProblem::SeveralToReplace(&shown));
    }
    match (first, behavior) {
        (None, GeneratorBehavior::Create) => {
            documents.push(new);
            Ok(())
        }
        (None, _) => refused(GeneratorProblem::NoneToReplace(&shown)),
        (Some(_), GeneratorBehavior::Create) => refused(GeneratorProblem::AlreadyThere(&shown)),
        (Some((_, old)), behavior) => {
            let value = merged(&old.value()?, new.value()?, behavior == GeneratorBehavior::Merge);
            let mut replaced = Document::of_value(value)?;
            replaced.earlier.clone_from(&old.earlier);
            replaced.file.clone_from(&old.file);
            replaced.origin = match (old.origin.take(), new.origin) {
                (Some(old), Some(new)) if behavior == GeneratorBehavior::Merge => {
                    Some(Rc::new(Rc::unwrap_or_clone(old).merged(Rc::unwrap_or_clone(new))))
                }
                (old, new) => new.or(old),
            };
            // A hash comes only where the object that is replaced has one as well.
            replaced.needs_hash = old.needs_hash && new.needs_hash;
            *old = replaced;
            Ok(())
        }
    }
}

/// The new object under the old one's name and with its labels and annotations; to merge, with the data
/// that it does not give.
fn merged(old: &Value, mut new: Value, with_data: bool) -> Value {
    let text =
        |value: &Value, place: &str| value.pointer(place).cloned().filter(|found| !found.is_null());
    for field in ["labels", "annotations"] {
        let place = format!("/metadata/{field}");
        let mut all = old.pointer(&place).and_then(Value::as_object).cloned().unwrap_or_default();
        all.extend(new.pointer(&place).and_then(Value::as_object).cloned().unwrap_or_default());
        if !all.is_empty() {
            new["metadata"][field] = Value::Object(all);
        }
    }
    for field in ["name", "namespace"] {
        match text(old, &format!("/metadata/{field}")) {
            Some(value) => new["metadata"][field] = value,
            None => {
                new["metadata"].as_object_mut().map(|metadata| metadata.remove(field));
            }
        }
    }
    if with_data {
        for (field, given) in old_data(old) {
            let mut all = given;
            all.extend(new.get(field).and_then(Value::as_object).cloned().unwrap_or_default());
            if !all.is_empty() {
                new[field] = Value::Object(all);
            } else if let Some(object) = new.as_object_mut() {
                object.remove(field);
            }
        }
    }
    new
}

/// The data of an object that is merged; of a Secret, `stringData` as the API server stores it.
fn old_data(old: &Value) -> [(&'static str, Map<String, Value>); 2] {
    let map = |field: &str| old.get(field).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut data = map("data");
    if old.get("kind").and_then(Value::as_str) == Some("Secret") {
        for (key, value) in map("stringData") {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            data.insert(key, encoded(text.as_bytes()).into());
        }
    }
    [("data", data), ("binaryData", map("binaryData"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_broken_as_kustomize_breaks_it() {
        assert_eq!(encoded(b"secret"), "c2VjcmV0");
        let line = "YWFh".repeat(17) + "YW";
        assert_eq!(encoded(&[b'a'; 54]), format!("{line}\nFh\n"));
        assert_eq!(encoded(&[b'a'; 51]), "YWFh".repeat(17));
    }

    #[test]
    fn one_pair_of_quotes_is_dropped() {
        let cases =
            [("\"a\"", "a"), ("'a'", "a"), ("\"a'", "\"a'"), ("\"", "\""), ("\"\"a\"\"", "\"a\"")];
        for (text, expected) in cases {
            assert_eq!(unquoted(text), expected);
        }
    }
}
