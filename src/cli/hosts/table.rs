//! Endpoints as a table for a terminal.

use std::borrow::Cow;

use crate::controllers::kserve::Endpoint;

const HEADINGS: [&str; 6] = ["NAMESPACE", "NAME", "MODE", "EXPOSURE", "URL", "HOSTS"];

type Row<'a> = [Cow<'a, str>; HEADINGS.len()];

/// A row for each endpoint, with a further one for each further host; empty without an endpoint.
pub(crate) fn of(endpoints: &[Endpoint]) -> String {
    if endpoints.is_empty() {
        return String::new();
    }
    let mut widths = HEADINGS.map(str::len);
    for row in endpoints.iter().flat_map(rows) {
        for (width, cell) in widths.iter_mut().zip(&row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    add_row(&mut out, &HEADINGS.map(Cow::Borrowed), &widths);
    for row in endpoints.iter().flat_map(rows) {
        add_row(&mut out, &row, &widths);
    }
    out
}

fn rows(endpoint: &Endpoint) -> impl Iterator<Item = Row<'_>> {
    let mut hosts = endpoint.hosts().into_iter();
    let first = [
        shown(&endpoint.namespace),
        shown(&endpoint.name),
        Cow::Borrowed(endpoint.mode_word.unwrap_or("-")),
        Cow::Borrowed(endpoint.exposure.as_str()),
        shown(endpoint.url.as_deref().unwrap_or("-")),
        shown(hosts.next().unwrap_or("-")),
    ];
    let further = hosts.map(|host| {
        let mut row = Row::default();
        let [.., last] = &mut row;
        *last = shown(host);
        row
    });
    std::iter::once(first).chain(further)
}

/// Adds a line: two spaces between columns, and none at its end.
fn add_row(out: &mut String, row: &Row<'_>, widths: &[usize; HEADINGS.len()]) {
    let mut missing = 0;
    for (cell, width) in row.iter().zip(widths) {
        if !cell.is_empty() {
            out.extend(std::iter::repeat_n(' ', missing));
            out.push_str(cell);
            missing = 0;
        }
        missing += (width + 2).saturating_sub(cell.chars().count());
    }
    out.push('\n');
}

/// A manifest's text must not move the terminal's cursor.
fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for c in text.chars() {
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    Cow::Owned(out)
}
