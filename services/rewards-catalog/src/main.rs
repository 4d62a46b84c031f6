//! The rewards catalog as a process of its own.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    common::binary::run(
        rewards_catalog::NAME,
        &rewards_catalog::MIGRATOR,
        |process, settings| Box::pin(rewards_catalog::mount(process, settings)),
    )
}
