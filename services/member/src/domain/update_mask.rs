//! Which fields a caller may change, by the names the contract gives them. A mask names single fields: a parent such as
//! `profile` or a wildcard would also take fields away that the caller has never heard of.

use std::collections::BTreeSet;

use thiserror::Error;

/// A field of a member that may be changed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum MemberField {
    /// The channel that brought the member in.
    Channel,
    /// The person's name.
    Name,
    /// The person's phone number.
    Phone,
    /// The person's e-mail address.
    Email,
    /// The number of the person's card.
    CardNumber,
    /// Everything else that is kept of the person.
    Attributes,
    /// The day on which the person was born.
    BirthDate,
}

/// A field of a program that may be changed.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ProgramField {
    /// What people call it.
    Name,
}

/// The paths of a member's fields that may be changed.
pub const MEMBER_FIELDS: &[(&str, MemberField)] = &[
    ("channel", MemberField::Channel),
    ("profile.name", MemberField::Name),
    ("profile.phone", MemberField::Phone),
    ("profile.email", MemberField::Email),
    ("profile.card_number", MemberField::CardNumber),
    ("profile.attributes", MemberField::Attributes),
    ("profile.birth_date", MemberField::BirthDate),
];

/// The paths of a program's fields that may be changed.
pub const PROGRAM_FIELDS: &[(&str, ProgramField)] = &[("name", ProgramField::Name)];

/// Says what is wrong with a mask.
#[derive(Clone, Debug, Error, Eq, PartialEq)]
pub enum MaskRefused {
    /// The mask names nothing to change.
    #[error("must name at least one field")]
    Empty,
    /// Some of the paths name nothing that may be changed. Only their positions are kept: what stands there is the caller's.
    #[error("names no field that may be changed")]
    NotUpdatable {
        /// Where in the mask they are, counted from zero.
        positions: Vec<usize>,
    },
}

/// Reads a mask against the fields that may be changed. Naming a field twice is naming it once.
pub fn read_mask<F: Copy + Ord>(paths: &[impl AsRef<str>], fields: &[(&str, F)]) -> Result<BTreeSet<F>, MaskRefused> {
    if paths.is_empty() {
        return Err(MaskRefused::Empty);
    }
    let field_of = |path: &str| fields.iter().find(|(name, _)| *name == path).map(|(_, field)| *field);
    let (mut known, mut positions) = (BTreeSet::new(), Vec::new());
    for (position, path) in paths.iter().enumerate() {
        match field_of(path.as_ref()) {
            Some(field) => _ = known.insert(field),
            None => positions.push(position),
        }
    }
    if positions.is_empty() {
        Ok(known)
    } else {
        Err(MaskRefused::NotUpdatable { positions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_the_contract_is_a_field_of_its_own() {
        let paths: Vec<_> = MEMBER_FIELDS.iter().map(|(path, _)| *path).collect();
        assert_eq!(read_mask(&paths, MEMBER_FIELDS).unwrap().len(), paths.len());
        assert_eq!(
            read_mask(&["name"], PROGRAM_FIELDS),
            Ok(BTreeSet::from([ProgramField::Name]))
        );
    }

    #[test]
    fn all_unknown_paths_are_listed() {
        let paths = [
            "profile.name",
            "profile",
            "*",
            "channel",
            "member_id",
            "status",
            "",
            "profile.attributes.size",
        ];
        let positions = vec![1, 2, 4, 5, 6, 7];
        assert_eq!(
            read_mask(&paths, MEMBER_FIELDS),
            Err(MaskRefused::NotUpdatable { positions })
        );
        let positions = vec![0, 1];
        assert_eq!(
            read_mask(&["zone", "currency_code"], PROGRAM_FIELDS),
            Err(MaskRefused::NotUpdatable { positions })
        );
    }

    #[test]
    fn a_mask_names_something_and_may_name_it_twice() {
        assert_eq!(read_mask(&[] as &[&str], MEMBER_FIELDS), Err(MaskRefused::Empty));
        assert_eq!(
            read_mask(&["channel", "channel"], MEMBER_FIELDS),
            Ok(BTreeSet::from([MemberField::Channel]))
        );
    }
}
