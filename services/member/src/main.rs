//! The member service's own binary.

#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    common::binary::run(member::NAME, &member::MIGRATOR, |process, settings| {
        Box::pin(member::mount(process, settings))
    })
}
