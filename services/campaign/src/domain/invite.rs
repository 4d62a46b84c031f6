//! Invite codes, and marks that tell who may be one person. Both are hashes that are made for a program, so that they say nothing in another.

use common::ids::{MemberId, ProgramId};
use uuid::Uuid;

/// Letters and digits that are told apart when they are read out, as Crockford chose them.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many of them a code has: fifty bits.
const CODE_CHARS: usize = 10;

/// Returns a member's code. Should somebody else have it, the next attempt makes another.
pub fn invite_code(program_id: ProgramId, member_id: MemberId, attempt: u32) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("loyalty campaign 2026 invite code");
    hasher.update(program_id.uuid().as_bytes());
    hasher.update(member_id.uuid().as_bytes());
    hasher.update(&attempt.to_le_bytes());
    let hash = hasher.finalize();
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte & 31)]);
    hash.as_bytes()[..CODE_CHARS].iter().map(letter).collect()
}

/// Returns a code as it is kept, however it was typed.
pub fn typed_code(text: &str) -> String {
    let typed = text.chars().filter(|letter| !matches!(letter, ' ' | '-'));
    let letter = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    typed.map(letter).collect()
}

/// Returns what is kept of a mark.
pub fn mark(program_id: ProgramId, text: &str) -> Uuid {
    let mut hasher = blake3::Hasher::new_derive_key("loyalty campaign 2026 referral mark");
    hasher.update(program_id.uuid().as_bytes()).update(text.as_bytes());
    Uuid::from_bytes(hasher.finalize().as_bytes().first_chunk().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_one_code_in_each_program_and_it_may_be_typed_in_any_way() {
        let (program, member) = (ProgramId::new(), MemberId::new());
        let code = invite_code(program, member, 0);
        assert_eq!((code.len(), &code), (CODE_CHARS, &invite_code(program, member, 0)));
        assert_ne!(code, invite_code(program, member, 1));
        assert_ne!(code, invite_code(ProgramId::new(), member, 0));
        let (first, last) = code.split_at(5);
        assert_eq!(typed_code(&format!("{}-{last} ", first.to_lowercase())), code);
        assert_eq!(typed_code("oil-0"), "0110");
    }

    #[test]
    fn a_mark_says_nothing_in_another_program() {
        let program = ProgramId::new();
        assert_eq!(mark(program, "device-1"), mark(program, "device-1"));
        assert_ne!(mark(program, "device-1"), mark(program, "device-2"));
        assert_ne!(mark(program, "device-1"), mark(ProgramId::new(), "device-1"));
    }
}
