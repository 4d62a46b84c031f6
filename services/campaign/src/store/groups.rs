//! Groups of campaigns, as they are stored.

use std::sync::Arc;

use common::versions::Definition;
use proto::campaign as pb;

use super::Unreadable;
use crate::domain::{Group, GroupMode};

/// A group, shared by everything that it combines.
pub struct GroupRule(pub Arc<Group>);

impl Definition for GroupRule {
    type Wire = pb::Group;

    const KIND: &'static str = "group";

    fn from_stored(wire: pb::Group) -> Option<GroupRule> {
        group_from_wire(&wire).ok().map(|group| GroupRule(Arc::new(group)))
    }
}

/// Reads a group.
pub fn group_from_wire(wire: &pb::Group) -> Result<Group, Unreadable> {
    let mode = match wire.mode() {
        pb::GroupMode::Unspecified => return Err(Unreadable("mode")),
        pb::GroupMode::StackAll => GroupMode::StackAll,
        pb::GroupMode::FirstMatch => GroupMode::FirstMatch,
        pb::GroupMode::BestForMember => GroupMode::BestForMember,
        pb::GroupMode::BestForMerchant => GroupMode::BestForMerchant,
        pb::GroupMode::Top => GroupMode::Top(usize::try_from(wire.top).map_err(|_| Unreadable("top"))?),
    };
    Ok(Group {
        code: wire.code.clone(),
        display_name: wire.display_name.clone(),
        parent: (!wire.parent.is_empty()).then(|| wire.parent.clone()),
        mode,
        priority: wire.priority,
    })
}
