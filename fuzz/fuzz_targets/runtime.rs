//! The whole way of a list through the runtime: no input panics it, what comes out is a list with
//! every object that went in or the changes that were planned, and the next run changes nothing.

#![no_main]

use krm_package::Package;
use kserve_aws::functions;
use kserve_aws::runtime::{self, Call, Run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    let first = runtime::resource_list(source, functions::ALL, &Call::default());
    let Some(output) = text(&first) else {
        assert!(!first.success && !first.findings.is_empty());
        return;
    };
    assert!(Package::resource_list(&output).is_ok(), "the output can't be read:\n{output}");
    if !first.success {
        assert!(first.findings.iter().any(|finding| finding.is_error()));
        assert_eq!(objects(source), objects(&output), "a failed run changed an object");
        return;
    }
    let second = runtime::resource_list(&output, functions::ALL, &Call::default());
    let again = text(&second).expect("the output of a run is the input of the next");
    assert!(second.success, "the second run fails: {:?}", second.findings);
    assert_eq!(objects(&output), objects(&again), "the second run changed an object");
    let third = runtime::resource_list(&again, functions::ALL, &Call::default());
    assert_eq!(text(&third).as_deref(), Some(again.as_str()), "the third run changed a byte");
});

fn text(run: &Run<'_>) -> Option<String> {
    run.output.as_ref().map(ToString::to_string)
}

/// The objects, each as JSON or as why it is none.
fn objects(list: &str) -> Vec<String> {
    let package = Package::resource_list(list).expect("a list that was read before");
    let value = |node: krm_package::NodeRef<'_>| {
        node.value().map_or_else(|error| error.message, |value| value.to_string())
    };
    package.items().map(|(_, node)| value(node)).collect()
}
