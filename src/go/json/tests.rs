use std::collections::BTreeMap;

use super::*;

go_struct! {
    #[derive(Debug, Clone, Default, PartialEq)]
    struct Inner as "pkg", "InnerConfig" {
        name: String = "name",
        values: GoSlice<String> = "values",
    }
}

go_struct! {
    #[derive(Debug, Clone, Default, PartialEq)]
    struct Outer as "pkg", "Outer" {
        field: String = "field",
        inner: Option<Inner> = "inner",
        number: i32 = "number",
    }
}

fn read(text: &str) -> Result<Outer, String> {
    let mut outer = Outer::default();
    unmarshal(text, &mut outer).map_err(|error| error.to_string())?;
    Ok(outer)
}

fn values(outer: &Outer) -> Vec<&str> {
    outer
        .inner
        .as_ref()
        .map_or(&[][..], |inner| &*inner.values)
        .iter()
        .map(String::as_str)
        .collect()
}

#[test]
fn keys_fold_case_and_unknown_ones_are_skipped() {
    let outer = read(r#"{"FIELD":"a","x":{"y":[1,{"z":"}"}]},"Inner":{"VALUEſ":["b"]}}"#).unwrap();
    assert_eq!(outer.field, "a");
    assert_eq!(values(&outer), ["b"]);
    assert!(names_field("\u{212a}ey", "key"));
    assert!(!names_field("fields", "field"));
    assert!(!names_field("fiel", "field"));
}

#[test]
fn repeated_keys_decode_into_what_is_there() {
    assert_eq!(read(r#"{"field":"a","Field":"b"}"#).unwrap().field, "b");
    assert_eq!(read(r#"{"field":"a","field":null}"#).unwrap().field, "a");
    let merged = read(r#"{"inner":{"name":"n"},"inner":{"values":["v"]}}"#).unwrap();
    assert_eq!(merged.inner.as_ref().map(|inner| inner.name.as_str()), Some("n"));
    assert_eq!(values(&merged), ["v"]);
    assert_eq!(read(r#"{"inner":{"name":"n"},"inner":null}"#).unwrap().inner, None);
    let shorter = read(r#"{"inner":{"values":["a","b"],"values":["c"]}}"#).unwrap();
    assert_eq!(values(&shorter), ["c"]);
    let stale = read(r#"{"inner":{"values":["a","b"],"values":["c"],"values":[null,null]}}"#);
    assert_eq!(values(&stale.unwrap()), ["c", "b"]);
    let cleared = read(r#"{"inner":{"values":["a"],"values":[],"values":[null]}}"#);
    assert_eq!(values(&cleared.unwrap()), [""]);
}

#[test]
fn type_errors_are_those_of_go() {
    for (text, words) in [
        (r#"[]"#, "json: cannot unmarshal array into Go value of type pkg.Outer"),
        (
            r#"{"field":1}"#,
            "json: cannot unmarshal number into Go struct field Outer.field of type string",
        ),
        (
            r#"{"inner":{"values":"x"}}"#,
            "json: cannot unmarshal string into Go struct field InnerConfig.inner.values of type \
             []string",
        ),
        (
            r#"{"inner":[],"field":{}}"#,
            "json: cannot unmarshal array into Go struct field Outer.inner of type pkg.Inner",
        ),
        (
            r#"{"number":2147483648}"#,
            "json: cannot unmarshal number 2147483648 into Go struct field Outer.number of type \
             int32",
        ),
    ] {
        let words = words.replace("pkg.Inner", "pkg.InnerConfig");
        assert_eq!(read(text), Err(words), "{text}");
    }
    let mut map: BTreeMap<String, i32> = BTreeMap::new();
    let error = unmarshal(r#"{"a":"1"}"#, &mut map).unwrap_err();
    assert_eq!(error.to_string(), "json: cannot unmarshal string into Go value of type int32");
}

#[test]
fn syntax_errors_are_those_of_go() {
    for (text, words) in [
        ("", "unexpected end of JSON input"),
        ("  ", "unexpected end of JSON input"),
        ("[{", "unexpected end of JSON input"),
        ("\"a", "unexpected end of JSON input"),
        ("tru", "invalid character ' ' in literal true (expecting 'e')"),
        ("[token1]", "invalid character 'o' in literal true (expecting 'r')"),
        ("{'a':1}", "invalid character '\\'' looking for beginning of object key string"),
        ("[\u{201c}a\u{201d}]", "invalid character 'â' looking for beginning of value"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("{\"a\":1,}", "invalid character '}' looking for beginning of object key string"),
        ("{} x", "invalid character 'x' after top-level value"),
        ("{}{", "invalid character '{' after top-level value"),
        ("01", "invalid character '1' after top-level value"),
        ("[01]", "invalid character '1' after array element"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        ("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"),
        ("\"\n\"", "invalid character '\\n' in string literal"),
        ("\"\\x\"", "invalid character 'x' in string escape code"),
        ("\"\\u12g\"", "invalid character 'g' in \\u hexadecimal character escape"),
        ("-a", "invalid character 'a' in numeric literal"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1e", "invalid character ' ' in exponent of numeric literal"),
        ("$(x)", "invalid character '$' looking for beginning of value"),
    ] {
        assert_eq!(read(text), Err(words.to_owned()), "{text}");
    }
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    let deep = "[".repeat(1_000_000);
    assert_eq!(read(&deep), Err("invalid character '[' exceeded max depth".to_owned()));
    let skipped = format!("{{\"x\":{}{}}}", "[".repeat(9_000), "]".repeat(9_000));
    assert_eq!(read(&skipped).unwrap(), Outer::default());
}

#[test]
fn escapes_are_read_as_go_reads_them() {
    let text = r#"{"field":"\u0041\ud83d\ude00\ud800x\/\n"}"#;
    assert_eq!(read(text).unwrap().field, "A\u{1f600}\u{fffd}x/\n");
}

#[test]
fn spellings_keep_every_key() {
    let mut keys = KeySpellings::default();
    unmarshal(r#"{"field":"a","Field":"b","n":1,"o":{"p":[]}}"#, &mut keys).unwrap();
    assert_eq!(keys.count("field"), 2);
    assert_eq!(keys.0[1], ("Field".to_owned(), Some("b".to_owned())));
    assert_eq!(keys.0[2].1, None);
}
