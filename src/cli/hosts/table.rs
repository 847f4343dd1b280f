//! Endpoints as a table for a terminal.

use crate::controllers::kserve::Endpoint;

const HEADINGS: [&str; 6] = ["NAMESPACE", "NAME", "MODE", "EXPOSURE", "URL", "HOSTS"];

/// A row for each endpoint, with a further one for each further host; empty without an endpoint.
pub(crate) fn of(endpoints: &[Endpoint]) -> String {
    if endpoints.is_empty() {
        return String::new();
    }
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    for endpoint in endpoints {
        let mut hosts = endpoint.hosts().into_iter();
        rows.push([
            shown(&endpoint.namespace),
            shown(&endpoint.name),
            endpoint.mode_word.unwrap_or("-").to_owned(),
            endpoint.exposure.as_str().to_owned(),
            shown(endpoint.url.as_deref().unwrap_or("-")),
            shown(hosts.next().unwrap_or("-")),
        ]);
        rows.extend(hosts.map(|host| ["", "", "", "", "", &shown(host)].map(str::to_owned)));
    }
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// A manifest's text must not move the terminal's cursor.
fn shown(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let plain = escaped.is_none().then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}
