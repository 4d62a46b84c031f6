//! The entries of every member of a round, as the service lists them.

use std::collections::BTreeMap;

use anyhow::Result;
use loyalty::demo::clients::persist;
use proto::points as pb;

use crate::load::{Stage, WALLET};

/// How many entries are asked for at once.
const PAGE: i32 = 1_000;

/// The entries of members, the oldest first.
pub struct Book {
    members: BTreeMap<String, Vec<pb::Entry>>,
}

impl Book {
    /// Reads everything.
    pub async fn read(stage: &Stage) -> Result<Book> {
        let mut members = BTreeMap::new();
        for (number, member_id) in stage.members.iter().enumerate() {
            members.insert(member_id.clone(), list(stage, number, member_id).await?);
        }
        Ok(Book { members })
    }

    /// Returns the members with their entries.
    pub fn members(&self) -> impl Iterator<Item = (&String, &Vec<pb::Entry>)> {
        self.members.iter()
    }

    /// Returns all entries.
    pub fn entries(&self) -> impl Iterator<Item = &pb::Entry> {
        self.members.values().flatten()
    }
}

async fn list(stage: &Stage, number: usize, member_id: &str) -> Result<Vec<pb::Entry>> {
    let mut entries: Vec<pb::Entry> = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListEntriesRequest {
            member_id: member_id.to_owned(),
            wallet: WALLET.to_owned(),
            page_size: PAGE,
            page_token,
        };
        let page = persist(|| {
            let mut client = stage.clients[number % stage.clients.len()].points(0);
            let request = request.clone();
            async move { client.list_entries(request).await }
        })
        .await?;
        entries.extend(page.entries);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    entries.reverse();
    Ok(entries)
}
