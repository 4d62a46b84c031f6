//! Every balance that was read was a committed one, and as fresh as it had to be.

use std::collections::BTreeMap;

use proto::points as pb;

use super::{Findings, account::Account};
use crate::history::{Demand, Read, place_of};

/// Tells an account once more from its entries, and holds the balances that were read of it against what it was.
pub fn check(entries: &[pb::Entry], reads: &[&Read]) -> Findings {
    let mut findings: Findings = reads.iter().filter_map(|read| too_old(read)).collect();
    let disorder = entries.windows(2).find(|pair| place_of(&pair[0]) >= place_of(&pair[1]));
    findings.extend(disorder.map(|pair| format!("entries are not one after another: {pair:?}")));
    if disorder.is_some() {
        return findings;
    }
    let mut at: BTreeMap<usize, Vec<&Read>> = BTreeMap::new();
    for read in reads {
        let behind = entries.partition_point(|entry| place_of(entry) <= read.seq);
        at.entry(behind).or_default().push(read);
    }
    let mut account = Account::default();
    let mut followed = 0;
    for (behind, reads) in at {
        for entry in &entries[followed..behind] {
            if let Err(why) = account.follow(entry) {
                findings.push(format!("the entries of {} do not add up: {why}", entry.member_id));
                return findings;
            }
        }
        followed = behind;
        findings.extend(impossible(&account, &reads));
    }
    let rest = entries[followed..]
        .iter()
        .find_map(|entry| Some((entry, account.follow(entry).err()?)));
    findings.extend(rest.map(|(entry, why)| format!("the entries of {} do not add up: {why}", entry.member_id)));
    findings
}

fn too_old(read: &Read) -> Option<String> {
    let least = match read.demand {
        Demand::Quick => 0,
        Demand::AtLeast(place) => place,
        Demand::Newest => read.known,
    };
    (read.seq < least).then(|| format!("a balance that had to be of {least} or later is older: {read:?}"))
}

/// A balance is what the last entry left, or what is left of that by what falls due by itself.
fn impossible<'a>(account: &Account, reads: &[&'a Read]) -> impl Iterator<Item = String> + use<'a> {
    let mut possible = account.by_itself();
    possible.push(account.amounts());
    let is_wrong = move |read: &&Read| !possible.contains(&read.balance.amounts.unwrap_or_default());
    let wrong: Vec<&Read> = reads.iter().copied().filter(is_wrong).collect();
    wrong
        .into_iter()
        .map(|read| format!("a balance was never a committed one: {read:?}"))
}
