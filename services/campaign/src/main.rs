//! The campaign service's own binary.

#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    common::binary::run(campaign::NAME, &campaign::MIGRATOR, |process, settings| {
        Box::pin(campaign::mount(process, settings))
    })
}
