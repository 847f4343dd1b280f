use std::fmt::Write;

use super::read;
use crate::engine::parse::parse_events;

/// How a text was read: `None` where the parser must read all of it, else how many bytes it read.
fn read_as_parser_does(source: &str) -> Option<usize> {
    let skimmed = read(source)?;
    match parse_events(source) {
        Ok(tree) => assert_eq!(skimmed.tree, tree, "{source:?}"),
        Err(error) => panic!("the parser refuses {source:?}: {error}"),
    }
    Some(skimmed.pieces.iter().map(ExactSizeIterator::len).sum())
}

#[test]
fn every_file_of_the_corpora_is_read_as_the_parser_does() {
    let mut report = String::new();
    let (mut total, mut left) = (0, 0);
    for file in crate::corpora::files() {
        let bytes = file.text.len();
        let parsed = read_as_parser_does(&file.text).unwrap_or(bytes);
        if parsed > 0 {
            let _ = writeln!(report, "{}: the parser read {parsed} of {bytes} bytes", file.name);
        }
        total += bytes;
        left += parsed;
        if file.name.contains("platform") {
            assert!(parsed * 100 <= bytes, "{}: {parsed} of {bytes}", file.name);
        }
    }
    println!("{report}{} of {total} bytes went the fast way", total - left);
}
