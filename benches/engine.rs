//! The engine alone, on all objects as one ResourceList: what reading costs, and what each kind of
//! change adds to it.

#![allow(clippy::expect_used, clippy::print_stderr, reason = "a bench that can't run must say so")]

mod lists;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use krm_package::{Edit, ItemId, NodeRef, Package};
use serde_json::{Value, json};

fn patch(item: ItemId, operations: Value) -> Edit {
    let operations = serde_json::from_value(operations).expect("operations are RFC 6902");
    Edit::Patch { item, operations }
}

fn kind(node: NodeRef<'_>) -> Option<String> {
    node.get("kind").and_then(NodeRef::as_str).map(|kind| kind.into_owned())
}

/// The bytes that would be written.
fn written(package: &Package<'_>, edits: &[Edit], results: &[Value]) -> usize {
    let spliced = package.apply(edits, results).expect("every edit fits");
    spliced.pieces().map(str::len).sum()
}

fn engine(criterion: &mut Criterion) {
    let (objects, is_real) = lists::all();
    if !is_real {
        eprintln!(
            "the platforms' builds are not at hand: this is a list of our own of their shape"
        );
    }
    let [.., all] = objects;
    let source = all.resource_list();
    let package = Package::resource_list(&source).expect("the list can be read");

    let of_ingresses: Vec<Edit> = package
        .items()
        .filter(|(_, node)| kind(*node).as_deref() == Some("Ingress"))
        .map(|(item, _)| {
            let operations = json!([{
                "op": "add",
                "path": "/metadata/annotations/alb.ingress.kubernetes.io~1scheme",
                "value": "internal",
            }]);
            patch(item, operations)
        })
        .collect();
    let of_all: Vec<Edit> = package
        .items()
        .map(|(item, _)| {
            let name = format!("object-{}", item.0);
            patch(item, json!([{ "op": "replace", "path": "/metadata/name", "value": name }]))
        })
        .collect();
    let results: Vec<Value> = (0..all.len())
        .map(|place| {
            json!({
                "message": format!("this is said of object {place}"),
                "severity": "info",
                "tags": { "code": "bench" },
            })
        })
        .collect();

    let mut group = criterion.benchmark_group("engine");
    group.throughput(Throughput::Bytes(source.len() as u64)).sample_size(20);
    group.bench_function("parse", |bencher| {
        bencher.iter(|| Package::resource_list(black_box(&source)).map(drop));
    });
    let plans: [(&str, &[Edit], &[Value]); 4] = [
        ("empty plan", &[], &[]),
        ("one patch on every Ingress", &of_ingresses, &[]),
        ("rename of every object", &of_all, &[]),
        ("one result for every object", &[], &results),
    ];
    for (name, edits, results) in plans {
        group.bench_function(name, |bencher| {
            bencher.iter(|| written(black_box(&package), edits, results));
        });
    }
    group.finish();
}

criterion_group!(benches, engine);
criterion_main!(benches);
