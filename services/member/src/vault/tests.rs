use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::*;
use crate::domain::{Phone, Pii, ProfileText};

/// A text with freshly drawn keys of the given names.
fn keys<const N: usize>(ids: [&str; N]) -> [String; N] {
    ids.map(|id| {
        let key: [u8; 32] = rand::random();
        format!("{id}:{}", STANDARD.encode(key))
    })
}

fn vault() -> Vault {
    let [master, index] = keys(["kek1", "index1"]);
    Vault::new(MasterKeys::parse(&master).unwrap(), IndexKey::parse(&index).unwrap()).unwrap()
}

fn someone() -> (ProgramId, MemberId) {
    (ProgramId::new(), MemberId::new())
}

fn ada() -> Profile {
    let attributes = BTreeMap::from([("shoe_size".to_owned(), "38".to_owned())]);
    let text = ProfileText {
        name: Pii::new("Ada Lovelace".to_owned()),
        phone: Pii::new("+49 30 901820".to_owned()),
        email: Pii::new("Ada@Example.com".to_owned()),
        card_number: Pii::new("ab12-3456".to_owned()),
        attributes: Pii::new(attributes),
        birth_date: Pii::new("1915-12-10".to_owned()),
    };
    text.read().unwrap()
}

#[test]
fn a_sealed_profile_opens_as_it_was() {
    let (vault, (program, member)) = (vault(), someone());
    for profile in [ada(), Profile::default(), Profile { email: None, ..ada() }] {
        let (key, sealed) = vault.seal(program, member, None, &profile);
        assert_eq!(vault.open(program, member, &key, &sealed), Ok(profile));
    }
}

#[test]
fn what_is_absent_has_no_bytes_and_what_is_stored_shows_nothing() {
    let (vault, (program, member)) = (vault(), someone());
    let (_, sealed) = vault.seal(program, member, None, &Profile { name: None, ..ada() });
    assert_eq!(sealed.name, None);
    for sealed in [
        sealed.phone,
        sealed.email,
        sealed.card_number,
        sealed.attributes,
        sealed.birth_date,
    ] {
        let bytes = sealed.unwrap();
        let stored = String::from_utf8_lossy(bytes.as_bytes()).into_owned();
        assert!(
            !["901820", "example", "AB123456", "shoe"]
                .iter()
                .any(|part| stored.contains(part))
        );
    }
}

#[test]
fn a_profile_opens_for_its_own_member_and_program_only() {
    let (vault, (program, member)) = (vault(), someone());
    let (key, sealed) = vault.seal(program, member, None, &ada());
    let altered = Err(NotOpened::Altered { what: "key" });
    assert_eq!(vault.open(program, MemberId::new(), &key, &sealed), altered);
    assert_eq!(vault.open(ProgramId::new(), member, &key, &sealed), altered);
}

#[test]
fn columns_cannot_be_swapped_within_a_profile() {
    let (program, member) = someone();
    let key = MemberKey::generate(program, member, KeyVersion::FIRST);
    for from in Column::ALL {
        let sealed = key.seal(from, b"text");
        for to in Column::ALL {
            assert_eq!(key.open(to, &sealed).is_ok(), from == to, "{from:?} to {to:?}");
        }
    }

    let vault = vault();
    let (key, mut sealed) = vault.seal(program, member, None, &ada());
    std::mem::swap(&mut sealed.phone, &mut sealed.card_number);
    assert!(vault.open(program, member, &key, &sealed).is_err());
}

#[test]
fn a_column_of_another_member_or_of_an_older_key_does_not_open() {
    let (vault, (program, member)) = (vault(), someone());
    let (key, mine) = vault.seal(program, member, None, &ada());
    let (_, theirs) = vault.seal(program, MemberId::new(), None, &ada());
    let (_, newer) = vault.seal(program, member, Some(&key), &ada());
    let altered = Err(NotOpened::Altered { what: "email" });
    for email in [theirs.email, newer.email] {
        assert_eq!(
            vault.open(program, member, &key, &SealedProfile { email, ..mine.clone() }),
            altered
        );
    }
}

#[test]
fn the_same_key_bytes_under_another_version_open_nothing() {
    let (vault, (program, member)) = (vault(), someone());
    let (mut key, sealed) = vault.seal(program, member, None, &ada());
    key.version = key.version.next();
    assert_eq!(
        vault.open(program, member, &key, &sealed),
        Err(NotOpened::Altered { what: "key" })
    );
}

#[test]
fn every_write_takes_a_new_key() {
    let (vault, (program, member)) = (vault(), someone());
    let (first, _) = vault.seal(program, member, None, &ada());
    let (second, sealed) = vault.seal(program, member, Some(&first), &Profile { name: None, ..ada() });
    assert_eq!(second.version, first.version.next());
    assert_eq!(vault.open(program, member, &second, &sealed).unwrap().name, None);
    let keys = [first, second].map(|key| vault.master_keys.unwrap_key(program, member, &key).unwrap());
    assert_ne!(keys[0].reveal(), keys[1].reveal());
}

#[test]
fn another_vault_opens_nothing() {
    let (program, member) = someone();
    let (key, sealed) = vault().seal(program, member, None, &ada());
    assert_eq!(
        vault().open(program, member, &key, &sealed),
        Err(NotOpened::Altered { what: "key" })
    );
}

#[test]
fn after_a_rotation_old_profiles_open_and_are_wrapped_anew() {
    let (program, member) = someone();
    let [old, new, index] = keys(["kek1", "kek2", "index1"]);
    let vault =
        |masters: &str| Vault::new(MasterKeys::parse(masters).unwrap(), IndexKey::parse(&index).unwrap()).unwrap();
    let (before, sealed) = vault(&old).seal(program, member, None, &ada());

    let rotated = vault(&format!("{new}\n{old}"));
    assert_eq!(rotated.older_master_keys(), ["kek1"]);
    assert_eq!(rotated.open(program, member, &before, &sealed), Ok(ada()));
    assert_eq!(
        rotated.seal(program, member, None, &ada()).0.master_key.as_str(),
        "kek2"
    );

    let key = rotated.rewrap(program, member, &before).unwrap().unwrap();
    assert_eq!((key.master_key.as_str(), key.version), ("kek2", before.version));
    assert_eq!(rotated.rewrap(program, member, &key), Ok(None));

    let after = vault(&new);
    assert_eq!(after.open(program, member, &key, &sealed), Ok(ada()));
    let unknown = NotOpened::MasterKeyUnknown {
        id: KeyId::new("kek1").unwrap(),
    };
    assert_eq!(after.open(program, member, &before, &sealed), Err(unknown));
}

#[test]
fn one_key_never_serves_two_purposes() {
    let [shared, other] = keys(["shared", "kek2"]);
    let master_keys = MasterKeys::parse(&format!("{other}\n{shared}")).unwrap();
    let refused = Vault::new(master_keys, IndexKey::parse(&shared).unwrap()).unwrap_err();
    assert!(matches!(refused, KeysRefused::OneKeyForTwo));
    assert!(matches!(
        IndexKey::parse(&format!("{other}\n{shared}")),
        Err(KeysRefused::Several)
    ));
}

#[test]
fn a_vault_for_development_outlives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (program, member) = someone();
    let (key, sealed) = Vault::development(dir.path())
        .unwrap()
        .seal(program, member, None, &ada());
    assert_eq!(
        Vault::development(dir.path())
            .unwrap()
            .open(program, member, &key, &sealed),
        Ok(ada())
    );
}

#[test]
fn an_identifier_is_found_however_it_is_written() {
    let (vault, program) = (vault(), ProgramId::new());
    let index = |phone: &str| vault.index(program, &Identifier::Phone(Phone::read(phone).unwrap()));
    assert_eq!(index("+49 (0)30 901820"), index("tel:+49-30-901820"));
    assert_ne!(index("+49 30 901820"), index("+49 30 901821"));
}

#[test]
fn an_index_says_nothing_across_programs_columns_and_keys() {
    let program = ProgramId::new();
    let [one, two] = keys(["a", "b"]).map(|text| IndexKey::parse(&text).unwrap());
    let mut seen: Vec<_> = Column::ALL
        .map(|column| one.index(program, column.name(), b"same"))
        .into();
    seen.push(one.index(ProgramId::new(), "phone", b"same"));
    seen.push(two.index(program, "phone", b"same"));
    seen.push(one.index(program, "request", b"same"));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 9);
}

#[test]
fn an_index_never_changes_between_versions() {
    let key: Vec<u8> = (0..32).map(|i: u8| i.wrapping_mul(37) ^ 0x5a).collect();
    let key = IndexKey::parse(&format!("a:{}", STANDARD.encode(key))).unwrap();
    let program: ProgramId = "0190b5a6-7c2e-7d3a-8f10-2b3c4d5e6f70".parse().unwrap();
    let index = key.index(program, Column::Phone.name(), b"+4930901820");
    let written = format!("{index:032x}");
    assert_eq!(
        written, "5864fcbeaa6910074755905a1040bea8",
        "members could not be found any more"
    );
}

#[test]
fn printing_shows_neither_keys_nor_people() {
    let [master, index] = keys(["kek1", "index1"]);
    let vault = Vault::new(MasterKeys::parse(&master).unwrap(), IndexKey::parse(&index).unwrap()).unwrap();
    let (program, member) = someone();
    let key = MemberKey::generate(program, member, KeyVersion::FIRST);
    let found_by = vault.index(program, &ada().identifiers().next().unwrap());
    let printed = format!(
        "{vault:?} {key:?} {found_by:?} {:?}",
        vault.seal(program, member, None, &ada())
    );
    let secrets = [&master[5..13], &index[7..15], "Ada", "901820"];
    assert!(!secrets.iter().any(|secret| printed.contains(secret)), "{printed}");
    assert!(printed.contains("[redacted]") && printed.contains("sealed bytes"));
    let bytes = format!("{:?}", &key.reveal()[..4]);
    assert!(!printed.contains(bytes.trim_matches(['[', ']'])), "{printed}");
}

proptest! {
    #[test]
    fn whatever_a_person_is_called_and_keeps_opens_as_it_was(
        name in "\\PC{1,40}",
        attributes in prop::collection::btree_map("[a-z][a-z0-9_]{0,8}", "[^\0]{0,40}", 0..8),
    ) {
        let (vault, (program, member)) = (vault(), someone());
        let text = ProfileText { name: Pii::new(name), attributes: Pii::new(attributes), ..ProfileText::default() };
        if let Ok(profile) = text.read() {
            let (key, sealed) = vault.seal(program, member, None, &profile);
            prop_assert_eq!(vault.open(program, member, &key, &sealed), Ok(profile));
        }
    }
}
