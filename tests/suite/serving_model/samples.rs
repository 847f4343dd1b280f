//! Real files, and what is listed of them.

use super::*;

/// One line for each service and each finding of a file.
fn listed(name: &str, model: &ServingModel, out: &mut String) {
    let _ = writeln!(out, "{name}");
    for endpoint in &model.endpoints {
        let url = endpoint.url.as_deref().unwrap_or("no URL");
        let _ = writeln!(
            out,
            "  {}/{} {} {url}",
            endpoint.namespace,
            endpoint.name,
            endpoint.mode_word.unwrap_or("no mode")
        );
        for host in endpoint.hosts() {
            let _ = writeln!(out, "    {host}");
        }
        let mut findings = endpoint.findings();
        // As in a report.
        findings.sort_by_key(|finding| finding.severity);
        for finding in findings {
            let _ = writeln!(out, "    {} {}", finding.severity, finding.code);
        }
    }
    for finding in model.findings() {
        let resource = finding.resource.as_ref().unwrap();
        let _ = writeln!(out, "  {} {} {}", finding.severity, finding.code, resource.kind);
    }
}

#[test]
fn every_sample_of_kserve_goes_through_and_none_in_silence() {
    let files = corpora::of("inference-services");
    if files.is_empty() {
        return;
    }
    assert_eq!(files.len(), 57);
    let mut out = String::new();
    for file in &files {
        let mut docs = documents(&file.text);
        let ours = docs.iter().filter(|document| {
            document["apiVersion"].as_str().unwrap_or_default().starts_with("serving.k")
                && ["InferenceService", "InferenceGraph", "LLMInferenceService"]
                    .contains(&document["kind"].as_str().unwrap_or_default())
        });
        let ours = ours.count();
        docs.extend(documents(PLATFORM));
        let model = ServingModel::build(&items(&docs), &ServingOptions::default());
        assert_eq!(model.endpoints.len() + model.remarks.len(), ours, "{}", file.name);
        assert!(ours > 0, "{}", file.name);
        for endpoint in &model.endpoints {
            // Nothing leads to an LLMInferenceService without a router, as its exposure says.
            let unrouted = endpoint.kind == EndpointKind::LlmInferenceService
                && endpoint.exposure == Exposure::None;
            let is_silent = endpoint.url.is_none() && endpoint.remarks.is_empty();
            assert!(unrouted || !is_silent, "{}", file.name);
        }
        listed(file.file_name(), &model, &mut out);
    }
    expect(&out, "fixtures/serving-model/samples.txt");
}

/// Compares with a file of the repository; `UPDATE_EXPECTED` writes it anew.
fn expect(found: &str, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(&path).unwrap(), "{file} differs");
}

#[test]
fn whole_builds_say_their_releases() {
    let builds = corpora::of("platform");
    if builds.is_empty() {
        return;
    }
    for (file, kserve, knative, default) in [
        ("kserve-0.15.0.yaml.gz", "0.15.0", "1.21.0", "svc.cluster.local"),
        ("kubeflow-1.10.2-example.yaml.gz", "0.15.0", "1.16.2", "example.com"),
        ("kubeflow-aws-1.7.0-vanilla.yaml.gz", "0.10.0", "1.8.0", "svc.cluster.local"),
    ] {
        let text = &builds.iter().find(|build| build.file_name() == file).unwrap().text;
        let mut docs: Vec<serde_yaml::Value> = Vec::new();
        for one in text.split("\n---\n") {
            // Only what the model reads: the rest is megabytes of schemas.
            if [
                "kind: ConfigMap",
                "kind: Profile",
                "kind: Namespace",
                "kserve-controller:",
                "kind: ResourceList",
            ]
            .iter()
            .any(|kind| one.contains(kind))
            {
                docs.extend(documents(one));
            }
        }
        docs.extend(documents(IRIS));
        let model = ServingModel::build(&items(&docs), &ServingOptions::default());
        assert_eq!(
            (model.kserve.release.to_string(), model.knative.release.to_string()),
            (kserve.to_owned(), knative.to_owned()),
            "{file}"
        );
        assert!(matches!(model.kserve.source, VersionSource::Manifests(_)), "{file}");
        let host = model.endpoints[0].components[0].host.as_ref().unwrap().as_str();
        assert!(host.ends_with(default), "{file}: {host}");
        assert_eq!(model.findings(), [], "{file}");
    }
}

#[test]
fn the_checksums_of_stock_config_maps_are_reproduced() {
    let files = corpora::of("knative");
    if files.is_empty() {
        return;
    }
    let mut checked = 0;
    for file in files.iter().filter(|file| file.name.ends_with(".yaml")) {
        for document in documents(&file.text) {
            let example = document["data"][EXAMPLE_KEY].as_str().unwrap();
            let checksum =
                document["metadata"]["annotations"][CHECKSUM_ANNOTATION].as_str().unwrap();
            assert_eq!(example_checksum(example), checksum, "{}", file.name);
            checked += 1;
        }
    }
    assert_eq!(checked, 3);
}
