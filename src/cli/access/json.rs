//! Rows as JSON: an object each, by the headings.

use serde_json::{Map, Value};

use super::super::table::Rows;

/// The rows below the headings.
pub(super) fn of(rows: &Rows) -> String {
    let Some((headings, rows)) = rows.split_first() else { return "[]\n".to_owned() };
    let object = |row: &Vec<String>| {
        let cells = headings.iter().cloned().zip(row.iter().cloned().map(Value::from));
        Value::Object(cells.collect::<Map<String, Value>>())
    };
    format!("{:#}\n", Value::from(rows.iter().map(object).collect::<Vec<_>>()))
}
