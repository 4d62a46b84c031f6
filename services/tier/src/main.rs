//! The tier service's own binary.

#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    common::binary::run(tier::NAME, &tier::MIGRATOR, |process, settings| {
        Box::pin(tier::mount(process, settings))
    })
}
