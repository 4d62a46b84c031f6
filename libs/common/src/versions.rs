//! Versioned configuration: each version is immutable, and what happens is judged by the version in force when it occurred.
//!
//! A service says what its definitions are by [`Definition`]; publishing, finding the version in force and keeping them in memory are
//! the same for wallets, ladders, accruals, campaigns and rewards. Every replica notices a new version because the
//! program's row, which each batch reads, counts the changes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use crate::{
    ids::ProgramId,
    program::Program,
    time,
    writer::{Part, Stamp, Work, Writes},
};

/// A kind of configuration, in the service's own types.
pub trait Definition: Send + Sync + 'static {
    /// The message it is stored as.
    type Wire: Message + Default + Clone + PartialEq + Send + Sync;

    /// What is stored beside it to tell kinds apart, for example "wallet".
    const KIND: &'static str;

    /// Makes it from a message that was checked when it was published.
    fn from_stored(wire: Self::Wire) -> Option<Self>
    where
        Self: Sized;
}

/// A version of a definition.
pub struct Version<D: Definition> {
    /// 1, 2, 3, ...
    pub version: i32,
    /// From when on it holds; the first holds from the beginning of time.
    pub effective_from: Timestamp,
    /// As it was published.
    pub wire: D::Wire,
    /// As the service reads it.
    pub definition: D,
}

/// Every version of every definition of one kind in a program.
pub struct Versions<D: Definition> {
    config_version: i64,
    by_code: BTreeMap<String, Vec<Arc<Version<D>>>>,
}

impl<D: Definition> Clone for Versions<D> {
    fn clone(&self) -> Self {
        Versions {
            config_version: self.config_version,
            by_code: self.by_code.clone(),
        }
    }
}

impl<D: Definition> Default for Versions<D> {
    fn default() -> Self {
        Versions {
            config_version: -1,
            by_code: BTreeMap::new(),
        }
    }
}

impl<D: Definition> Versions<D> {
    /// Returns the version that was in force at an instant.
    pub fn in_force(&self, code: &str, at: Timestamp) -> Option<&Arc<Version<D>>> {
        self.by_code
            .get(code)?
            .iter()
            .rev()
            .find(|version| version.effective_from <= at)
    }

    /// Returns every code's version that was in force at an instant, by code.
    pub fn all_in_force(&self, at: Timestamp) -> impl Iterator<Item = (&str, &Arc<Version<D>>)> {
        self.by_code
            .keys()
            .filter_map(move |code| Some((code.as_str(), self.in_force(code, at)?)))
    }

    /// Returns a version by its number.
    pub fn version(&self, code: &str, version: i32) -> Option<&Arc<Version<D>>> {
        self.by_code
            .get(code)?
            .iter()
            .find(|candidate| candidate.version == version)
    }

    /// Returns every version of a code, the first first.
    pub fn of_code(&self, code: &str) -> &[Arc<Version<D>>] {
        self.by_code.get(code).map_or(&[], Vec::as_slice)
    }

    /// Returns the newest version of a code.
    pub fn latest(&self, code: &str) -> Option<&Arc<Version<D>>> {
        self.by_code.get(code)?.last()
    }

    /// Returns the newest version of every code, by code.
    pub fn all_latest(&self) -> impl Iterator<Item = (&str, &Arc<Version<D>>)> {
        self.by_code
            .iter()
            .filter_map(|(code, versions)| Some((code.as_str(), versions.last()?)))
    }

    /// Returns every version of every code.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Version<D>>> {
        self.by_code.values().flatten()
    }

    /// Returns every instant at which another version of something comes into force.
    pub fn changes(&self) -> impl Iterator<Item = Timestamp> {
        self.all().map(|version| version.effective_from)
    }

    fn push(&mut self, code: &str, version: Version<D>) {
        self.by_code.entry(code.to_owned()).or_default().push(Arc::new(version));
    }
}

/// The versions of one kind in every program, kept in memory.
pub struct Catalogue<D: Definition> {
    known: Mutex<HashMap<ProgramId, Arc<Versions<D>>>>,
    select: String,
    insert: String,
}

/// The versions that a batch concerns, and those that it published.
pub struct Published<D: Definition> {
    programs: HashMap<ProgramId, Arc<Versions<D>>>,
    new: Vec<NewVersion>,
}

struct NewVersion {
    program_id: ProgramId,
    code: String,
    version: i32,
    effective_from: Timestamp,
    definition: Vec<u8>,
}

/// Why a definition was not published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectiveInPast {
    /// Where the program's clock stands.
    pub clock_at: Timestamp,
}

impl<D: Definition> Catalogue<D> {
    /// Prepares to keep the versions of a service's schema.
    pub fn new(schema: &str) -> Catalogue<D> {
        Catalogue {
            known: Mutex::new(HashMap::new()),
            select: format!(
                "select code, version, effective_from, definition
                   from {schema}.config where program_id = $1 and kind = $2 order by code, version"
            ),
            insert: format!(
                "insert into {schema}.config (program_id, kind, code, version, effective_from, definition)
                 values ($1, $2, $3, $4, $5, $6)"
            ),
        }
    }

    /// Returns the versions of the programs that a batch concerns, loading only what changed.
    pub async fn load<C>(&self, tx: &mut PgConnection, work: &Work<'_, C>) -> Result<Published<D>, sqlx::Error> {
        let mut programs = HashMap::new();
        for program in work.programs.values() {
            programs.insert(program.program_id, self.of_program(tx, program).await?);
        }
        Ok(Published {
            programs,
            new: Vec::new(),
        })
    }

    /// Returns the versions of a program as its row tells.
    pub async fn of_program(
        &self,
        connection: &mut PgConnection,
        program: &Program,
    ) -> Result<Arc<Versions<D>>, sqlx::Error> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&program.program_id)
            .cloned();
        if let Some(known) = known
            && known.config_version == program.config_version
        {
            return Ok(known);
        }
        let rows = sqlx::query(AssertSqlSafe(self.select.as_str()))
            .bind(program.program_id)
            .bind(D::KIND)
            .fetch_all(connection)
            .await?;
        let mut versions = Versions {
            config_version: program.config_version,
            by_code: BTreeMap::new(),
        };
        for row in rows {
            let code: String = row.try_get("code")?;
            let stored: &[u8] = row.try_get("definition")?;
            let wire = D::Wire::decode(stored).map_err(|error| sqlx::Error::Decode(error.into()))?;
            let definition = D::from_stored(wire.clone())
                .ok_or_else(|| sqlx::Error::Decode(format!("the stored {} {code} makes no sense", D::KIND).into()))?;
            let effective_from = row.try_get::<jiff_sqlx::Timestamp, _>("effective_from")?.to_jiff();
            versions.push(
                &code,
                Version {
                    version: row.try_get("version")?,
                    effective_from,
                    wire,
                    definition,
                },
            );
        }
        let versions = Arc::new(versions);
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(program.program_id, versions.clone());
        Ok(versions)
    }

    /// Says what to write of what a batch published.
    pub fn persist(&self, published: &mut Published<D>, writes: &mut Writes) {
        for new in std::mem::take(&mut published.new) {
            let part = Part::new(self.insert.clone())
                .bind(new.program_id)
                .bind(D::KIND)
                .bind(new.code)
                .bind(new.version)
                .bind(new.effective_from.to_sqlx())
                .bind(new.definition);
            writes.add(part);
        }
    }
}

impl<D: Definition> Published<D> {
    /// Returns the versions of a program.
    pub fn of(&self, program_id: ProgramId) -> Option<&Arc<Versions<D>>> {
        self.programs.get(&program_id)
    }

    /// Publishes a definition: returns the version in force and whether it is new. What equals the newest version changes nothing.
    pub fn publish(
        &mut self,
        code: &str,
        wire: D::Wire,
        definition: D,
        effective_from: Option<Timestamp>,
        stamp: &mut Stamp<'_>,
    ) -> Result<(Arc<Version<D>>, bool), EffectiveInPast> {
        let program_id = stamp.program_id();
        let versions = self.programs.entry(program_id).or_default();
        let latest = versions.latest(code).cloned();
        if let Some(latest) = &latest
            && latest.wire == wire
        {
            return Ok((latest.clone(), false));
        }
        let now = time::to_micros(stamp.now());
        let effective_from = match (&latest, effective_from) {
            (None, None) => Timestamp::UNIX_EPOCH,
            (None, Some(at)) => at,
            (Some(_), None) => now,
            (Some(latest), Some(at)) if at < now || at <= latest.effective_from => {
                return Err(EffectiveInPast { clock_at: now });
            }
            (Some(_), Some(at)) => at,
        };
        let version = latest.map_or(1, |latest| latest.version + 1);
        self.new.push(NewVersion {
            program_id,
            code: code.to_owned(),
            version,
            effective_from,
            definition: wire.encode_to_vec(),
        });
        stamp.bump_config();
        let versions = Arc::make_mut(versions);
        versions.push(
            code,
            Version {
                version,
                effective_from,
                wire,
                definition,
            },
        );
        let published = versions.latest(code).expect("it was just pushed").clone();
        Ok((published, true))
    }
}
