//! What it takes to tell how members are reached: who they are, what they said, and where they are reached, still encrypted.

use std::collections::BTreeSet;

use common::db::Db;

use super::{Place, consents::find_said_last, load_keys, load_members, load_profiles};
use crate::{
    domain::{ContactChannel, ContactPurpose, Member},
    vault::{SealedProfile, WrappedKey},
};

/// Who is asked about, by which channel and for what.
pub type AskedContact = (Place, ContactChannel, ContactPurpose);

/// What is known of that.
pub struct KnownContact {
    /// The member.
    pub member: Member,
    /// The person; nothing where nothing is kept.
    pub person: Option<(WrappedKey, SealedProfile)>,
    /// What was said last.
    pub said_last: Option<bool>,
}

/// Finds what is known, in the order of what is asked; nothing where the program has no such member.
pub async fn find_contacts(db: &Db, asked: Vec<AskedContact>) -> Result<Vec<Option<KnownContact>>, sqlx::Error> {
    db.run(move |pool| async move {
        // One snapshot for all: nobody is reached at a new address by an old consent.
        let mut tx = pool
            .begin_with("begin isolation level repeatable read read only")
            .await?;
        let places: BTreeSet<Place> = asked.iter().map(|(place, ..)| *place).collect();
        let members = load_members(&mut tx, &places).await?;
        let keys = load_keys(&mut tx, &places).await?;
        let profiles = load_profiles(&mut tx, &places).await?;
        let said = find_said_last(&mut tx, &asked).await?;
        tx.commit().await?;
        let known = asked.iter().zip(said).map(|((place, ..), said_last)| {
            Some(KnownContact {
                member: members.get(place)?.clone(),
                person: keys.get(place).cloned().zip(profiles.get(place).cloned()),
                said_last,
            })
        });
        Ok(known.collect())
    })
    .await
}
