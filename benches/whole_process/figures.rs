//! How the benches print what they measure.

use std::time::Duration;

/// The machine that the figures are of.
pub(crate) fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown CPU", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let total = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = total
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"))
        .and_then(|text| text.trim().parse::<u64>().ok())
        .unwrap_or_default();
    format!("{cores} cores, {model}, {} GB, {}", kilobytes / 1_000_000, std::env::consts::OS)
}

/// Whether a list is more than what any process needs for itself.
pub(crate) fn is_large(bytes: usize) -> bool {
    bytes > 1_000_000
}

/// How large an input is.
pub(crate) fn size(bytes: usize) -> String {
    if is_large(bytes) { format!("{:.1} MB", bytes as f64 / 1e6) } else { format!("{bytes} bytes") }
}

/// A time, to the hundredth where it is short.
pub(crate) fn milliseconds(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1e3;
    if milliseconds < 20.0 {
        format!("{milliseconds:.2} ms")
    } else {
        format!("{milliseconds:.0} ms")
    }
}
