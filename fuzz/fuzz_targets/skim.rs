//! The fast reader gives up on a text, or reads it as the event parser does.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    assert!(kserve_aws::engine::readers_agree(source));
});
