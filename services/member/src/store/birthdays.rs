//! `member.birthday`: whose birthday is when, and when that is to be told.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    db::Db,
    ids::{MemberId, ProgramId},
    writer::{Part, Writes},
};
use jiff::Timestamp;
use jiff_sqlx::{Date, ToSqlx as _};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Place, Table, place::PlaceColumns};
use crate::domain::{Birthday, BirthdayRecord};

/// What is kept of a birthday, and when the next one is to be told.
#[derive(Clone, Copy, Debug)]
pub struct DueBirthday {
    /// What is kept.
    pub record: BirthdayRecord,
    /// When it is to be told; nothing while it is not.
    pub due_at: Option<Timestamp>,
}

struct Row {
    program_id: Uuid,
    member_id: Uuid,
    month: Option<i16>,
    day: Option<i16>,
    changed_in: Option<i16>,
    told_for: Option<i16>,
    next_on: Option<Date>,
    due_at: Option<jiff_sqlx::Timestamp>,
}

/// Loads the birthdays of the members at some places.
pub async fn load_birthdays(
    tx: &mut PgConnection,
    places: &BTreeSet<Place>,
) -> Result<Table<Place, DueBirthday>, sqlx::Error> {
    if places.is_empty() {
        return Ok(Table::loaded(BTreeMap::new()));
    }
    let columns: PlaceColumns = places.iter().collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select birthday.program_id, birthday.member_id, birthday.month, birthday.day, birthday.changed_in, birthday.told_for,
                  birthday.next_on as "next_on: Date", birthday.due_at as "due_at: jiff_sqlx::Timestamp"
             from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as wanted (shard, program_id, member_id)
             join member.birthday using (shard, program_id, member_id)"#,
        &columns.shards,
        &columns.program_ids,
        &columns.member_ids,
    );
    let rows = rows.fetch_all(tx).await?;
    let rows = rows
        .into_iter()
        .map(|row| Ok((Place::read(row.program_id, row.member_id), read(row)?)));
    rows.collect::<Result<_, sqlx::Error>>().map(Table::loaded)
}

/// Saves the birthdays that changed.
pub fn save_birthdays(birthdays: &Table<Place, DueBirthday>, writes: &mut Writes) {
    if birthdays.is_unchanged() {
        return;
    }
    let columns: PlaceColumns = birthdays.changed().map(|(place, _)| place).collect();
    let records = || birthdays.changed().map(|(_, due)| due.record);
    let part = Part::new(
        "insert into member.birthday (shard, program_id, member_id, month, day, changed_in, told_for, next_on, due_at)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::smallint[], $5::smallint[], $6::smallint[], $7::smallint[], $8::date[],
                              $9::timestamptz[])
         on conflict on constraint birthday_pkey do update
         set month = excluded.month, day = excluded.day, changed_in = excluded.changed_in, told_for = excluded.told_for,
             next_on = excluded.next_on, due_at = excluded.due_at",
    );
    writes.add(
        part.bind(columns.shards)
            .bind(columns.program_ids)
            .bind(columns.member_ids)
            .column(records().map(|record| record.birthday.map(|birthday| i16::from(birthday.month()))))
            .column(records().map(|record| record.birthday.map(|birthday| i16::from(birthday.day()))))
            .column(records().map(|record| record.changed_in))
            .column(records().map(|record| record.told_for))
            .column(records().map(|record| record.next_on.map(|on| on.to_sqlx())))
            .column(birthdays.changed().map(|(_, due)| due.due_at.map(|at| at.to_sqlx()))),
    );
}

/// Lists programs in which birthdays are to be told, by their own clocks.
pub async fn programs_with_due_birthdays(db: &Db) -> Result<Vec<ProgramId>, sqlx::Error> {
    db.run(|pool| async move {
        let rows = sqlx::query_scalar!(
            // The order and the limit pin a look at the first entry of the index; now() and no clock that ticks, or there is no index to look at.
            "select program_id from member.program as program
              where exists (select from (
                           select from member.birthday
                            where program_id = program.program_id and due_at <= coalesce(program.clock_at, now())
                            order by due_at
                            limit 1) as due)",
        );
        let rows = rows.fetch_all(&pool).await?;
        Ok(rows.into_iter().map(ProgramId::from).collect())
    })
    .await
}

/// Lists members of a program whose birthdays are to be told, those first who wait the longest.
pub async fn list_due_birthdays(db: &Db, program_id: ProgramId, limit: i64) -> Result<Vec<MemberId>, sqlx::Error> {
    db.run(move |pool| async move {
        let rows = sqlx::query_scalar!(
            "select member_id from member.birthday
              where program_id = $1
                and due_at <= (select coalesce(clock_at, now()) from member.program where program_id = $1)
              order by due_at
              limit $2",
            program_id.uuid(),
            limit,
        );
        let rows = rows.fetch_all(&pool).await?;
        Ok(rows.into_iter().map(MemberId::from).collect())
    })
    .await
}

fn read(row: Row) -> Result<DueBirthday, sqlx::Error> {
    let nonsense =
        || sqlx::Error::Decode(format!("the birthday of member {} is stored as none can be", row.member_id).into());
    let birthday = match (row.month, row.day) {
        (None, None) => None,
        (month, day) => {
            let part = |part: Option<i16>| part.and_then(|part| i8::try_from(part).ok());
            let birthday = part(month)
                .zip(part(day))
                .and_then(|(month, day)| Birthday::new(month, day));
            Some(birthday.ok_or_else(nonsense)?)
        }
    };
    Ok(DueBirthday {
        record: BirthdayRecord {
            birthday,
            changed_in: row.changed_in,
            told_for: row.told_for,
            next_on: row.next_on.map(Date::to_jiff),
        },
        due_at: row.due_at.map(jiff_sqlx::Timestamp::to_jiff),
    })
}
