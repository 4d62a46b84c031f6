//! The points service's own binary.

#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    common::binary::run(points::NAME, &points::MIGRATOR, |process, settings| {
        Box::pin(points::mount(process, settings))
    })
}
