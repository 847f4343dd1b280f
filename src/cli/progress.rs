//! The line that tells a person what is being waited for.

use std::time::Duration;

/// After that there is a line.
const PATIENCE: Duration = Duration::from_secs(1);

/// What is on the terminal.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// Whether there is a line that has to be removed.
    is_shown: bool,
}

impl Progress {
    /// What a terminal gets for the current step, after so much time; an empty step removes the line.
    pub(super) fn line(&mut self, waited: Duration, step: &str) -> Option<String> {
        if !self.is_shown && (waited < PATIENCE || step.is_empty()) {
            return None;
        }
        self.is_shown = !step.is_empty();
        // Back to the line's start, and clear it.
        Some(format!("\r\x1b[K{step}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_after_a_second_and_goes_away() {
        let mut progress = Progress::default();
        let mut line = |millis: u64, step: &str| progress.line(Duration::from_millis(millis), step);
        assert_eq!(line(999, "rendering a"), None);
        assert_eq!(line(1000, ""), None);
        assert_eq!(line(1000, "rendering a").as_deref(), Some("\r\x1b[Krendering a"));
        assert_eq!(line(1500, "rendering b").as_deref(), Some("\r\x1b[Krendering b"));
        assert_eq!(line(1600, "").as_deref(), Some("\r\x1b[K"));
        assert_eq!(line(1700, ""), None);
    }
}
