//! How often a property is tried, and with which cases.

use proptest::test_runner::{Config, TestRunner};

/// The cases of the seed that `.cargo/config.toml` fixes, so many or as many as asked for.
pub fn cases(count: u32) -> TestRunner {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|asked| asked.parse().ok());
    TestRunner::new(Config {
        cases: asked.unwrap_or(count),
        failure_persistence: None,
        ..Config::default()
    })
}
