//! The `kserve-aws` command.

fn main() {}
