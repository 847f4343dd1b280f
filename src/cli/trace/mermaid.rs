//! Traces as a Mermaid flowchart.

use crate::path::simulator::{HopVerdict, Trace};

/// One chart, a row for each trace.
pub(super) fn of(traces: &[Trace]) -> String {
    let mut out = "flowchart LR\n".to_owned();
    for (row, trace) in traces.iter().enumerate() {
        out.push_str(&format!("  r{row}([\"{}\"])\n", shown(&trace.request)));
        let mut before = format!("r{row}");
        for (place, hop) in trace.hops.iter().enumerate() {
            let id = format!("r{row}h{place}");
            let text = format!("{}: {}", hop.place.as_str(), hop.text);
            out.push_str(&format!("  {before} --> {id}[\"{}\"]\n", shown(&text)));
            match hop.verdict {
                HopVerdict::Passes => {}
                HopVerdict::Ends => out.push_str(&format!("  class {id} ends\n")),
                HopVerdict::Unknown => out.push_str(&format!("  class {id} unknown\n")),
            }
            before = id;
        }
        let outcome = shown(&trace.outcome.to_string());
        out.push_str(&format!("  {before} --> r{row}o([\"{outcome}\"])\n"));
    }
    out.push_str("  classDef ends stroke:#b00020,stroke-width:2px\n");
    out.push_str("  classDef unknown stroke-dasharray:4\n");
    out
}

/// What Mermaid reads as text alone, between quotes.
fn shown(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' => "#quot;".to_owned(),
            '<' => "#lt;".to_owned(),
            '>' => "#gt;".to_owned(),
            '#' => "#35;".to_owned(),
            c if c.is_control() => " ".to_owned(),
            c => c.to_string(),
        })
        .collect()
}
