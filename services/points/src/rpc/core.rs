//! The ledger without a server in front of it: `loyalty bench ledger` measures it against one that commits every call alone.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use common::{auth::ProgramScope, ids::ProgramId, process::Process};
use proto::points::EarnPointsRequest;
use tonic::Status;

use super::change::Change;
use crate::{
    context::{Context, Parts, assemble},
    workers,
};

/// A program's ledger, to be called from the same process.
#[derive(Clone)]
pub struct Core {
    cx: Arc<Context>,
    scope: ProgramScope,
}

impl Core {
    /// Starts the ledger's writers on the process's database, for a program that is known there.
    pub async fn start(process: &Process, program_id: ProgramId) -> anyhow::Result<Core> {
        let Parts { cx, hub, mirror } = assemble(process, Duration::ZERO)?;
        workers::mirror(&cx, &hub, mirror);
        let programs = cx.programs.all().await?;
        let program = programs.iter().find(|program| program.program_id == program_id);
        let scope = program.context("there is no such program")?.scope_of_worker();
        Ok(Core {
            cx: Arc::new(cx),
            scope,
        })
    }

    /// Credits points, as `EarnPoints` does. Returns when that is durable.
    pub async fn earn_points(&self, request: EarnPointsRequest) -> Result<(), Status> {
        let (key, command) = Change::read(request)?.keyed(self.scope);
        self.cx.writer.call(key, command).await?;
        Ok(())
    }
}
