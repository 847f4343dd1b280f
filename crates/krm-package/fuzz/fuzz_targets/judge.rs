//! What the engine reads is what Go's readers do, where Go is there; elsewhere it is only read.

#![no_main]

#[path = "../../tests/judge/go.rs"]
mod go;
#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/judge/reading.rs"]
mod reading;

use std::sync::{LazyLock, Mutex};

use libfuzzer_sys::fuzz_target;

static GO: LazyLock<Option<Mutex<go::Go>>> = LazyLock::new(|| go::Go::start().ok().map(Mutex::new));

fuzz_target!(|source: &str| {
    let Ok(reading) = reading::read(source) else { return };
    let Some(go) = GO.as_ref() else { return };
    let answer = go.lock().unwrap().ask(&[source.to_owned()]).remove(0);
    if let Err(why) = reading::same(&reading, &answer, source) {
        panic!("{why}\n{answer:?}");
    }
});
