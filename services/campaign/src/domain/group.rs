//! Groups: how campaigns combine.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::nested::{MAX_DEPTH, Nested};
use super::rules::Version;

/// How the campaigns of a group combine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// The name.
    pub code: String,
    /// What people call it.
    pub display_name: String,
    /// The group it lies in, if in any.
    pub parent: Option<String>,
    /// How they combine.
    pub mode: GroupMode,
    /// Its place among what lies beside it.
    pub priority: i32,
}

/// How campaigns, and groups of them, combine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GroupMode {
    /// All that can apply do.
    StackAll,
    /// Only the first that can apply does.
    FirstMatch,
    /// Only the one that brings most does.
    BestForMember,
    /// Only the one that brings least does.
    BestForMerchant,
    /// So many do, those that bring most.
    Top(usize),
}

impl Nested for Group {
    fn code(&self) -> &str {
        &self.code
    }

    fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }
}

/// Returns the groups that some are, or lie in: the others have nothing to choose from.
pub(super) fn around<'a>(groups: &[Version<Group>], codes: impl Iterator<Item = &'a str>) -> Vec<Version<Group>> {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    let mut waiting: Vec<&str> = codes.collect();
    while let Some(code) = waiting.pop() {
        let found = groups.binary_search_by(|group| group.rule.code.as_str().cmp(code));
        if let Ok(at) = found
            && wanted.insert(&groups[at].rule.code)
        {
            waiting.extend(groups[at].rule.parent.as_deref());
        }
    }
    let wanted = groups.iter().filter(|group| wanted.contains(group.rule.code.as_str()));
    wanted.cloned().collect()
}

/// What can apply, as groups see it.
pub(super) struct Candidate<'a> {
    pub code: &'a str,
    pub group: Option<&'a str>,
    pub priority: i32,
    /// The points it would bring alone.
    pub points: i128,
}

/// A campaign or group among others, with the campaigns that it would let apply.
struct Member<'a> {
    code: &'a str,
    priority: i32,
    campaigns: Vec<usize>,
    points: i128,
}

/// Lets groups choose among candidates, the innermost first. Returns, for each candidate that was not chosen, the first that was chosen instead.
pub(super) fn choose(groups: &[Version<Group>], candidates: &[Candidate<'_>]) -> BTreeMap<usize, usize> {
    let mut choosing = Choosing {
        groups,
        candidates,
        losers: BTreeMap::new(),
    };
    // A group lies in none, too, whose parent is not in force.
    let is_there = |code: &String| groups.iter().any(|group| &group.rule.code == code);
    for group in groups
        .iter()
        .filter(|group| !group.rule.parent.as_ref().is_some_and(is_there))
    {
        choosing.choose_in(&group.rule, 1);
    }
    choosing.losers
}

struct Choosing<'a> {
    groups: &'a [Version<Group>],
    candidates: &'a [Candidate<'a>],
    losers: BTreeMap<usize, usize>,
}

impl<'a> Choosing<'a> {
    /// Returns the campaigns that a group lets apply.
    fn choose_in(&mut self, group: &'a Group, depth: usize) -> Vec<usize> {
        let mut members = self.members(group, depth);
        members.sort_by_key(|member| (Reverse(member.priority), member.code));
        let kept = pick(group.mode, &members);
        let winner = kept.first().and_then(|at| members[*at].campaigns.first().copied());
        for (_, member) in members.iter().enumerate().filter(|(at, _)| !kept.contains(at)) {
            for loser in &member.campaigns {
                self.losers.insert(*loser, winner.unwrap_or(*loser));
            }
        }
        kept.into_iter()
            .flat_map(|at| std::mem::take(&mut members[at].campaigns))
            .collect()
    }

    /// Returns what lies in a group and could apply.
    fn members(&mut self, group: &'a Group, depth: usize) -> Vec<Member<'a>> {
        let within = |code: Option<&str>| code == Some(group.code.as_str());
        let campaigns = self
            .candidates
            .iter()
            .enumerate()
            .filter(|(_, candidate)| within(candidate.group));
        let mut members: Vec<Member<'a>> = campaigns
            .map(|(at, candidate)| Member {
                code: candidate.code,
                priority: candidate.priority,
                campaigns: vec![at],
                points: candidate.points,
            })
            .collect();
        let inner_groups = self.groups.iter().filter(|inner| within(inner.rule.parent.as_deref()));
        for inner in inner_groups.filter(|_| depth < MAX_DEPTH) {
            let campaigns = self.choose_in(&inner.rule, depth + 1);
            if !campaigns.is_empty() {
                members.push(Member {
                    code: &inner.rule.code,
                    priority: inner.rule.priority,
                    points: campaigns.iter().map(|at| self.candidates[*at].points).sum(),
                    campaigns,
                });
            }
        }
        members
    }
}

/// Returns the places of those that are kept, the one that others lost against first.
fn pick(mode: GroupMode, members: &[Member<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    // Sorting is stable, so that among equals the first in order stays first.
    match mode {
        GroupMode::StackAll | GroupMode::FirstMatch => {}
        GroupMode::BestForMember | GroupMode::Top(_) => order.sort_by_key(|at| Reverse(members[*at].points)),
        GroupMode::BestForMerchant => order.sort_by_key(|at| members[*at].points),
    }
    order.truncate(match mode {
        GroupMode::StackAll => usize::MAX,
        GroupMode::FirstMatch | GroupMode::BestForMember | GroupMode::BestForMerchant => 1,
        GroupMode::Top(most) => most,
    });
    order
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn group(code: &str, parent: Option<&str>, mode: GroupMode, priority: i32) -> Version<Group> {
        let rule = Group {
            code: code.into(),
            display_name: code.into(),
            parent: parent.map(Into::into),
            mode,
            priority,
        };
        Version {
            version: 1,
            rule: Arc::new(rule),
        }
    }

    fn candidate(code: &'static str, group: Option<&'static str>, priority: i32, points: i128) -> Candidate<'static> {
        Candidate {
            code,
            group,
            priority,
            points,
        }
    }

    /// The codes of the candidates that apply.
    fn left(groups: &[Version<Group>], candidates: &[Candidate<'static>]) -> Vec<&'static str> {
        let chosen = choose(groups, candidates);
        let left = candidates.iter().enumerate().filter(|(at, _)| !chosen.contains_key(at));
        left.map(|(_, candidate)| candidate.code).collect()
    }

    fn three() -> [Candidate<'static>; 3] {
        [
            candidate("a", Some("g"), 1, 10),
            candidate("b", Some("g"), 5, 5),
            candidate("c", Some("g"), 1, 10),
        ]
    }

    #[test]
    fn each_mode_lets_its_own_apply() {
        let of = |mode| left(&[group("g", None, mode, 0)], &three());
        assert_eq!(of(GroupMode::StackAll), ["a", "b", "c"]);
        assert_eq!(of(GroupMode::FirstMatch), ["b"]);
        assert_eq!(of(GroupMode::BestForMember), ["a"]);
        assert_eq!(of(GroupMode::BestForMerchant), ["b"]);
        assert_eq!(of(GroupMode::Top(2)), ["a", "c"]);
        assert_eq!(of(GroupMode::Top(0)), [""; 0]);
    }

    #[test]
    fn what_lies_in_no_group_always_applies() {
        let candidates = [
            candidate("alone", None, 0, 1),
            candidate("a", Some("g"), 0, 1),
            candidate("b", Some("g"), 0, 2),
        ];
        assert_eq!(
            left(&[group("g", None, GroupMode::BestForMember, 0)], &candidates),
            ["alone", "b"]
        );
    }

    #[test]
    fn groups_choose_from_the_innermost_outwards_and_count_as_their_sum() {
        let groups = [
            group("outer", None, GroupMode::BestForMember, 0),
            group("pair", Some("outer"), GroupMode::StackAll, 0),
        ];
        let candidates = [
            candidate("a", Some("pair"), 0, 6),
            candidate("b", Some("pair"), 0, 6),
            candidate("c", Some("outer"), 0, 10),
        ];
        assert_eq!(left(&groups, &candidates), ["a", "b"]);
        let chosen = choose(&groups, &candidates);
        assert_eq!(chosen, BTreeMap::from([(2, 0)]));
    }

    #[test]
    fn a_group_whose_parent_is_not_there_chooses_by_itself() {
        let groups = [group("g", Some("gone"), GroupMode::FirstMatch, 0)];
        assert_eq!(left(&groups, &three()), ["b"]);
    }

    #[test]
    fn groups_lie_in_one_another_only_so_deep() {
        let chain: Vec<_> = (0..10_000)
            .map(|at| {
                let parent = (at > 0).then(|| format!("group-{:05}", at - 1));
                group(&format!("group-{at:05}"), parent.as_deref(), GroupMode::FirstMatch, 0)
            })
            .collect();
        assert_eq!(around(&chain, ["group-09999"].into_iter()).len(), 10_000);
        assert_eq!(left(&chain[..50], &[candidate("a", Some("group-00049"), 0, 1)]), ["a"]);
        let rule = &chain[8].rule;
        let ancestors: Vec<&Group> = chain[..8].iter().rev().map(|group| &*group.rule).collect();
        assert_eq!(rule.contradictions(&ancestors)[0].field, "parent");
        assert_eq!(rule.contradictions(&ancestors[1..]), []);
    }
}
