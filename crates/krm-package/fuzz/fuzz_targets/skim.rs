//! The fast reader gives up on a text, or reads it as the event parser does.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    assert!(krm_package::readers_agree(source));
});
