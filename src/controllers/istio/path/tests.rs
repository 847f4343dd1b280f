//! What Envoy makes of paths, by example and of any.

use super::*;

fn base(target: &str) -> String {
    NormalPath::readings(target, PathNormalization::Base).unwrap().0.0
}

#[test]
fn the_path_is_what_envoy_makes_of_it() {
    for (sent, normal) in [
        ("/a/../b", "/b"),
        ("/..", "/"),
        ("/a/.", "/a/"),
        ("/a//../b", "/a/b"),
        ("//../x", "/x"),
        ("/a/b/../../..//c", "//c"),
        ("/a/.%2e/b", "/b"),
        ("/a/%2E%2e", "/"),
        ("/a/.../b", "/a/.../b"),
        ("/a/..b/c", "/a/..b/c"),
        ("/a%2e/b", "/a./b"),
        ("/a\\..\\b", "/b"),
        ("/\\a", "//a"),
        ("/a/%5c../b", "/a/%5c../b"),
        ("/a%2f..%2fb", "/a%2f..%2fb"),
        ("/%61%7E%3a%3A", "/a~%3a%3A"),
        ("/a\"<>^`{|}[]", "/a%22%3C%3E%5E%60%7B%7C%7D[]"),
        ("/a/.;/b", "/a/b"),
        ("/a/..;x=%2f/c", "/c"),
        ("/a/..;x\\c", "/"),
        ("/a\\..;/b", "/a/..;/b"),
        ("/a/.%2e;x/b", "/a/..;x/b"),
        ("/a/..\\;/c", "/;/c"),
        ("/a;x/../b", "/b"),
        ("/%2", "/%2"),
        ("/%%61", "/%a"),
        ("/%%614", "/%25a4"),
        ("/%2%65%2e", "/%252e."),
        ("/a?b/../c\\%61", "/a?b/../c\\%61"),
        ("/a/..?x", "/?x"),
    ] {
        assert_eq!(base(sent), normal, "{sent}");
    }
}

#[test]
fn a_target_that_the_proxy_does_not_take_is_an_error() {
    let of = |error, all: &[&'static str]| all.iter().map(move |sent| (*sent, error)).collect();
    let all: [Vec<_>; 3] = [
        of(InvalidPath::NotAbsolute, &["", "*"]),
        of(InvalidPath::WholeUrl, &["HTTP://x/"]),
        of(InvalidPath::Character, &["/a#b", "/a b", "/é", "/%00"]),
    ];
    for (sent, error) in all.concat() {
        assert_eq!(NormalPath::readings(sent, PathNormalization::Base), Err(error), "{sent}");
    }
}

#[test]
fn the_mesh_says_how_far_normalization_goes() {
    let normal = |target, how| NormalPath::readings(target, how).unwrap().0.0;
    let sent = "/a//%2F/../b%5c.%2e/c?x=//";
    assert_eq!(normal(sent, PathNormalization::None), sent);
    assert_eq!(normal(sent, PathNormalization::Base), "/a//b%5c../c?x=//");
    assert_eq!(normal(sent, PathNormalization::MergeSlashes), "/a/b%5c../c?x=//");
    assert_eq!(normal(sent, PathNormalization::DecodeAndMergeSlashes), "/a/c?x=//");
}

#[test]
fn an_older_proxy_keeps_dot_segments_with_parameters() {
    use PathNormalization::{Base, DecodeAndMergeSlashes, MergeSlashes, None as AsSent};
    for (how, sent, newest, older) in [
        (Base, "/a/..;/b", "/b", Some("/a/..;/b")),
        (Base, "/a/..;x=1/b/../c?q", "/c?q", Some("/a/..;x=1/c?q")),
        (Base, "/a/./b;x", "/a/b;x", None),
        (Base, "/a/...;/b", "/a/...;/b", None),
        (Base, "/a?/..;/b", "/a?/..;/b", None),
        (MergeSlashes, "/a//.;//b", "/a/b", Some("/a/.;/b")),
        (DecodeAndMergeSlashes, "/a%2F..;%2fb", "/b", Some("/a/..;/b")),
        (Base, "/a%2F..;%2fb", "/a%2F..;%2fb", None),
        (AsSent, "/a/..;/b", "/b", Some("/a/..;/b")),
        (AsSent, "/a/../b;x", "/a/../b;x", None),
    ] {
        let (read, before) = NormalPath::readings(sent, how).unwrap();
        assert_eq!(
            (read.with_query(), before.as_ref().map(NormalPath::with_query)),
            (newest, older),
            "{sent}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn any_target_is_normalized_or_refused(target in "/([ -~]|%00|%2e|\\.|/){0,40}") {
        let normal = NormalPath::readings(&target, PathNormalization::Base);
        match normal {
            Ok(_) => proptest::prop_assert!(!target.contains([' ', '#'])),
            Err(_) => proptest::prop_assert!(
                target.contains([' ', '#']) || target.contains("%00")
            ),
        }
    }

    #[test]
    fn no_dot_segment_is_left(target in "(/|\\.|%2e|\\\\|;|a){0,12}") {
        let target = format!("/{target}");
        let normal = base(&target);
        proptest::prop_assert!(
            normal.split('/').all(|segment| segment != "." && segment != ".."),
            "{}", normal
        );
    }
}
