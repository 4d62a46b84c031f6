//! `campaign.ladder`: what the levels of ladders give, as the tier service publishes them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use common::{
    ids::ProgramId,
    program::Program,
    ratio::Ratio,
    time,
    writer::{Part, Writes},
};
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use proto::tier as pb;
use sqlx::PgConnection;

use super::{accruals::ratio, unreadable};
use crate::domain::{LadderLevel, LadderVersion, Ladders};

/// A version of a ladder that a batch takes in.
pub struct NewLadder {
    /// The program.
    pub program_id: ProgramId,
    /// What is stored.
    pub wire: pb::LadderVersion,
}

/// Reads a version of a ladder.
pub fn ladder_from_wire(wire: &pb::LadderVersion) -> Option<LadderVersion> {
    let ladder = wire.ladder.as_ref()?;
    let level = |level: &pb::Level| {
        let benefits = level.benefits.as_ref();
        let given = benefits.and_then(|benefits| benefits.accrual_factor);
        Some(LadderLevel {
            code: level.code.clone(),
            accrual_factor: given.map_or(Some(Ratio::ONE), ratio)?,
            discount_per_mille: benefits.map_or(0, |benefits| i64::from(benefits.discount_per_mille)),
        })
    };
    Some(LadderVersion {
        ladder: ladder.code.clone(),
        version: wire.version,
        effective_from: wire.effective_from.and_then(time::from_wire)?,
        counts_points: counts_points(ladder),
        levels: ladder.levels.iter().map(level).collect::<Option<_>>()?,
    })
}

fn counts_points(ladder: &pb::Ladder) -> bool {
    let asked = ladder
        .levels
        .iter()
        .flat_map(|level| &level.any_of)
        .flat_map(|set| &set.all_of);
    asked
        .map(pb::Requirement::metric)
        .any(|metric| metric == pb::Metric::PointsEarned)
}

/// The ladders of every program, kept in memory. A new version counts as a change of the program's configuration, which every batch reads.
#[derive(Default)]
pub(super) struct LadderBook {
    known: Mutex<HashMap<ProgramId, (i64, Arc<Ladders>)>>,
}

impl LadderBook {
    /// Returns the ladders of a program as its row tells.
    pub(super) async fn of_program(
        &self,
        connection: &mut PgConnection,
        program: &Program,
    ) -> Result<Arc<Ladders>, sqlx::Error> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&program.program_id)
            .cloned();
        if let Some((config_version, ladders)) = known
            && config_version == program.config_version
        {
            return Ok(ladders);
        }
        let ladders = Arc::new(load_ladders(connection, program.program_id).await?);
        let entry = (program.config_version, ladders.clone());
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(program.program_id, entry);
        Ok(ladders)
    }
}

async fn load_ladders(connection: &mut PgConnection, program_id: ProgramId) -> Result<Ladders, sqlx::Error> {
    let rows = sqlx::query_scalar!(
        "select definition
           from campaign.ladder
          where program_id = $1",
        program_id.uuid(),
    );
    let mut ladders = Ladders::default();
    for definition in rows.fetch_all(connection).await? {
        let wire =
            pb::LadderVersion::decode(definition.as_slice()).map_err(|error| sqlx::Error::Decode(error.into()))?;
        ladders.put(ladder_from_wire(&wire).ok_or_else(|| unreadable("ladder"))?);
    }
    Ok(ladders)
}

/// Stores versions of ladders.
pub(super) fn insert_ladders(new: &[NewLadder], writes: &mut Writes) {
    for NewLadder { program_id, wire } in new {
        let Some(version) = ladder_from_wire(wire) else {
            continue;
        };
        let part = Part::new(
            "insert into campaign.ladder (program_id, ladder, version, effective_from, definition)
             values ($1, $2, $3, $4, $5)
             on conflict (program_id, ladder, version) do nothing",
        );
        writes.add(
            part.bind(program_id.uuid())
                .bind(version.ladder)
                .bind(version.version)
                .bind(version.effective_from.to_sqlx())
                .bind(wire.encode_to_vec()),
        );
    }
}
