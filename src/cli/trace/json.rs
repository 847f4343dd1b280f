//! Traces as JSON.

use serde_json::{Value, json};

use crate::path::simulator::{HopVerdict, Outcome, Trace, Way};

/// A list of traces.
pub(super) fn of(traces: &[Trace]) -> String {
    let list: Vec<Value> = traces.iter().map(one).collect();
    format!("{:#}\n", Value::from(list))
}

fn one(trace: &Trace) -> Value {
    let hops: Vec<Value> = trace
        .hops
        .iter()
        .map(|hop| {
            json!({
                "place": hop.place.as_str(),
                "verdict": match hop.verdict {
                    HopVerdict::Passes => "passes",
                    HopVerdict::Ends => "ends",
                    HopVerdict::Unknown => "unknown",
                },
                "by": hop.by.as_ref().map(ToString::to_string),
                "field": hop.field,
                "text": hop.text,
            })
        })
        .collect();
    let outcome = match &trace.outcome {
        Outcome::Decided(found) => way(found),
        Outcome::Unknown { why, ways } => {
            json!({ "unknown": why, "ways": ways.iter().map(way).collect::<Vec<_>>() })
        }
    };
    json!({
        "request": trace.request,
        "hops": hops,
        "outcome": outcome,
        "assumed": trace.assumed,
    })
}

fn way(way: &Way) -> Value {
    json!({ "status": way.status, "cause": way.cause.as_str() })
}
