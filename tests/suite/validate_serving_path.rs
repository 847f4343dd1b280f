//! What no case of `validate-serving-path` shows.

use std::fs;
use std::path::Path;

use crate::cases::command::Memory;

fn package() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join("fixtures/validate-serving-path/input.yaml")).unwrap()
}

/// It needs no configuration, neither by hand nor from a host, and changes no byte.
#[test]
fn needs_no_configuration() {
    let text = package();
    let by_hand = Memory::default().with_file("package.yaml", text.clone()).run(&[
        "fn",
        "validate-serving-path",
        "package.yaml",
    ]);
    assert_eq!((by_hand.code, by_hand.stderr.as_str()), (0, ""));
    assert_eq!(by_hand.stdout, text);
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n";
    let host = Memory::stdin(list).run(&["fn", "validate-serving-path"]);
    assert_eq!((host.code, host.stdout.as_str(), host.stderr.as_str()), (0, list, ""));
    // Of another function the kind alone does not say which it is.
    let unnamed = Memory::stdin(list).run(&["fn"]);
    assert_eq!(unnamed.code, 1);
    assert!(unnamed.stderr.contains("has no functionConfig"), "{}", unnamed.stderr);
}
