//! `member.profile_key` and `member.profile`: two tables, so that the keys can have backups of their own.

use std::collections::{BTreeMap, BTreeSet};

use common::{
    db::Db,
    writer::{Part, Writes},
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Place, Table, place::PlaceColumns};
use crate::vault::{KeyId, KeyVersion, Sealed, SealedProfile, WrappedKey};

struct KeyRow {
    program_id: Uuid,
    member_id: Uuid,
    version: i32,
    master_key: String,
    wrapped: Vec<u8>,
}

struct ProfileRow {
    program_id: Uuid,
    member_id: Uuid,
    name: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
    card_number: Option<Vec<u8>>,
    attributes: Option<Vec<u8>>,
    birth_date: Option<Vec<u8>>,
}

/// Finds a member's profile and the key that opens it.
pub async fn find_profile(db: &Db, place: Place) -> Result<Option<(WrappedKey, SealedProfile)>, sqlx::Error> {
    db.run(move |pool| async move {
        // One snapshot for both: a write in between would leave a key that does not open what was read.
        let mut tx = pool
            .begin_with("begin isolation level repeatable read read only")
            .await?;
        let places = BTreeSet::from([place]);
        let keys = load_keys(&mut tx, &places).await?;
        let profiles = load_profiles(&mut tx, &places).await?;
        tx.commit().await?;
        Ok(keys.get(&place).cloned().zip(profiles.get(&place).cloned()))
    })
    .await
}

/// Loads the keys of the members at some places.
pub async fn load_keys(
    tx: &mut PgConnection,
    places: &BTreeSet<Place>,
) -> Result<Table<Place, WrappedKey>, sqlx::Error> {
    if places.is_empty() {
        return Ok(Table::loaded(BTreeMap::new()));
    }
    let columns: PlaceColumns = places.iter().collect();
    let rows = sqlx::query_as!(
        KeyRow,
        "select key.program_id, key.member_id, key.version, key.master_key, key.wrapped
           from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as wanted (shard, program_id, member_id)
           join member.profile_key as key using (shard, program_id, member_id)",
        &columns.shards,
        &columns.program_ids,
        &columns.member_ids,
    );
    let rows = rows.fetch_all(tx).await?;
    let rows = rows
        .into_iter()
        .map(|row| Ok((Place::read(row.program_id, row.member_id), read_key(row)?)));
    rows.collect::<Result<_, sqlx::Error>>().map(Table::loaded)
}

/// Loads the profiles of the members at some places.
pub async fn load_profiles(
    tx: &mut PgConnection,
    places: &BTreeSet<Place>,
) -> Result<Table<Place, SealedProfile>, sqlx::Error> {
    if places.is_empty() {
        return Ok(Table::loaded(BTreeMap::new()));
    }
    let columns: PlaceColumns = places.iter().collect();
    let rows = sqlx::query_as!(
        ProfileRow,
        "select profile.program_id, profile.member_id, profile.name, profile.phone, profile.email, profile.card_number,
                profile.attributes, profile.birth_date
           from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as wanted (shard, program_id, member_id)
           join member.profile using (shard, program_id, member_id)",
        &columns.shards,
        &columns.program_ids,
        &columns.member_ids,
    );
    let rows = rows.fetch_all(tx).await?.into_iter();
    Ok(Table::loaded(
        rows.map(|row| (Place::read(row.program_id, row.member_id), read_profile(row)))
            .collect(),
    ))
}

/// Saves the keys that changed.
pub fn save_keys(keys: &Table<Place, WrappedKey>, writes: &mut Writes) {
    if keys.is_unchanged() {
        return;
    }
    let columns: PlaceColumns = keys.changed().map(|(place, _)| place).collect();
    let part = Part::new(
        "insert into member.profile_key (shard, program_id, member_id, version, master_key, wrapped)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::bytea[])
         on conflict on constraint profile_key_pkey do update
         set version = excluded.version, master_key = excluded.master_key, wrapped = excluded.wrapped",
    );
    writes.add(
        part.bind(columns.shards)
            .bind(columns.program_ids)
            .bind(columns.member_ids)
            .column(keys.changed().map(|(_, key)| key.version.get()))
            .column(keys.changed().map(|(_, key)| key.master_key.as_str().to_owned()))
            .column(keys.changed().map(|(_, key)| key.sealed.as_bytes().to_vec())),
    );
}

/// Saves the profiles that changed.
pub fn save_profiles(profiles: &Table<Place, SealedProfile>, writes: &mut Writes) {
    if profiles.is_unchanged() {
        return;
    }
    let columns: PlaceColumns = profiles.changed().map(|(place, _)| place).collect();
    let column = |of: fn(&SealedProfile) -> &Option<Sealed>| -> Vec<Option<Vec<u8>>> {
        let sealed = profiles.changed().map(|(_, profile)| of(profile).as_ref());
        sealed
            .map(|sealed| sealed.map(|sealed| sealed.as_bytes().to_vec()))
            .collect()
    };
    let part = Part::new(
        "insert into member.profile (shard, program_id, member_id, name, phone, email, card_number, attributes, birth_date)
         select * from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[])
         on conflict on constraint profile_pkey do update
         set name = excluded.name, phone = excluded.phone, email = excluded.email, card_number = excluded.card_number,
             attributes = excluded.attributes, birth_date = excluded.birth_date",
    );
    writes.add(
        part.bind(columns.shards)
            .bind(columns.program_ids)
            .bind(columns.member_ids)
            .bind(column(|profile| &profile.name))
            .bind(column(|profile| &profile.phone))
            .bind(column(|profile| &profile.email))
            .bind(column(|profile| &profile.card_number))
            .bind(column(|profile| &profile.attributes))
            .bind(column(|profile| &profile.birth_date)),
    );
}

/// Lists where there are keys wrapped under one of these master keys, after a place, in order.
pub async fn list_keys_under(
    db: &Db,
    master_keys: Vec<String>,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Place>, sqlx::Error> {
    let (shard, program_id, member_id) = match after {
        None => (-1, Uuid::nil(), Uuid::nil()),
        Some(place) => (place.shard().get(), place.program_id().uuid(), place.member_id().uuid()),
    };
    db.run(move |pool| async move {
        let rows = sqlx::query!(
            "select program_id, member_id
               from member.profile_key
              where (shard, program_id, member_id) > ($1, $2, $3) and master_key = any($4)
              order by shard, program_id, member_id
              limit $5",
            shard,
            program_id,
            member_id,
            &master_keys,
            limit,
        );
        let rows = rows.fetch_all(&pool).await?;
        Ok(rows
            .into_iter()
            .map(|row| Place::read(row.program_id, row.member_id))
            .collect())
    })
    .await
}

fn read_key(row: KeyRow) -> Result<WrappedKey, sqlx::Error> {
    let (version, master_key) = (KeyVersion::new(row.version), KeyId::new(&row.master_key));
    let (Some(version), Some(master_key)) = (version, master_key) else {
        return Err(sqlx::Error::Decode(
            format!("the key of member {} is stored as no key can be", row.member_id).into(),
        ));
    };
    Ok(WrappedKey {
        version,
        master_key,
        sealed: Sealed::new(row.wrapped),
    })
}

fn read_profile(row: ProfileRow) -> SealedProfile {
    SealedProfile {
        name: row.name.map(Sealed::new),
        phone: row.phone.map(Sealed::new),
        email: row.email.map(Sealed::new),
        card_number: row.card_number.map(Sealed::new),
        attributes: row.attributes.map(Sealed::new),
        birth_date: row.birth_date.map(Sealed::new),
    }
}
