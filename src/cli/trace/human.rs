//! Traces on a terminal.

use crate::path::simulator::{HopVerdict, Trace};

/// One trace: a line a hop.
pub(super) fn of(trace: &Trace) -> String {
    let mut out = format!("{}\n", shown(&trace.request));
    for hop in &trace.hops {
        let mark = match hop.verdict {
            HopVerdict::Passes => "passes ",
            HopVerdict::Ends => "ends   ",
            HopVerdict::Unknown => "unknown",
        };
        out.push_str(&format!("  {mark}  {:<13}  {}\n", hop.place.as_str(), shown(&hop.text)));
        if let Some(by) = &hop.by {
            let field = hop.field.as_deref().map(|field| format!(" {field}")).unwrap_or_default();
            out.push_str(&format!("           by {}{}\n", shown(&by.to_string()), shown(&field)));
        }
    }
    out.push_str(&format!("=> {}\n", shown(&trace.outcome.to_string())));
    for assumed in &trace.assumed {
        out.push_str(&format!("assumed: {}\n", shown(assumed)));
    }
    out
}

/// Many traces: a line each.
pub(super) fn table(traces: &[Trace]) -> String {
    let width = traces.iter().map(|trace| trace.request.chars().count()).max().unwrap_or(0);
    let line = |trace: &Trace| {
        format!("{:width$}  {}\n", shown(&trace.request), shown(&trace.outcome.to_string()))
    };
    traces.iter().map(line).collect()
}

/// A manifest's text must not move the terminal's cursor.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
