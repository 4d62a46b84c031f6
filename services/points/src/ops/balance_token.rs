//! Balance tokens: what a write or a read hands out, so that a later read is never older.
//!
//! A token holds a place in the journal and a short proof that we made it for this member. It tells nothing and can be lost or copied
//! without harm; the proof is there so that nobody makes every read of theirs go to Postgres.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use common::{
    config::{AuthSettings, ExposeSecret as _},
    ids::{MemberId, ProgramId},
    shard::Shard,
};

/// Returns what of a token its place does not say; nothing when it stands for another place.
pub(super) fn tag_of(token: &str, seq: i64) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let tag = bytes.get(SEQ_BYTES..)?;
    (token_of(seq, tag) == token).then(|| tag.to_vec())
}

/// Returns the token of a place, with the tag that it was made with.
pub(super) fn token_of(seq: i64, tag: &[u8]) -> String {
    let mut token = Vec::with_capacity(SEQ_BYTES + TAG_BYTES);
    token.extend_from_slice(&seq.to_be_bytes()[8 - SEQ_BYTES..]);
    token.extend_from_slice(tag);
    URL_SAFE_NO_PAD.encode(token)
}

const SEQ_BYTES: usize = 6;
const TAG_BYTES: usize = 8;
/// Sets these tokens apart from everything else that is made with the same key.
const CONTEXT: &str = "Loyalty Suite 2026 balance tokens of the points service";

/// Makes and reads balance tokens with a key of the deployment.
#[derive(Clone)]
pub struct BalanceTokens {
    key: [u8; 32],
}

impl BalanceTokens {
    /// Derives the key from the deployment's. In development mode, without one, every process makes the same tokens.
    pub fn new(settings: &AuthSettings) -> BalanceTokens {
        let secret = settings.page_token_key.as_ref();
        let secret = secret
            .and_then(|text| STANDARD.decode(text.expose_secret()).ok())
            .unwrap_or_default();
        BalanceTokens {
            key: blake3::derive_key(CONTEXT, &secret),
        }
    }

    /// Makes the token of a place.
    pub fn seal(&self, program_id: ProgramId, member_id: MemberId, seq: i64) -> String {
        token_of(seq, &self.tag(program_id, member_id, seq))
    }

    /// Reads the place from a token; nothing when it was not made for this member.
    pub fn open(&self, program_id: ProgramId, member_id: MemberId, token: &str) -> Option<i64> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (seq, tag) = bytes.split_first_chunk::<SEQ_BYTES>()?;
        let mut place = [0; 8];
        place[8 - SEQ_BYTES..].copy_from_slice(seq);
        let seq = i64::from_be_bytes(place);
        (tag == self.tag(program_id, member_id, seq)).then_some(seq)
    }

    fn tag(&self, program_id: ProgramId, member_id: MemberId, seq: i64) -> [u8; TAG_BYTES] {
        // The shard follows from the member, and is part of what is proved all the same: the place means nothing on another.
        let shard = Shard::of(program_id, member_id).get();
        let mut content = [0; 42];
        content[..16].copy_from_slice(program_id.uuid().as_bytes());
        content[16..32].copy_from_slice(member_id.uuid().as_bytes());
        content[32..34].copy_from_slice(&shard.to_be_bytes());
        content[34..].copy_from_slice(&seq.to_be_bytes());
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&blake3::keyed_hash(&self.key, &content).as_bytes()[..TAG_BYTES]);
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_only_for_the_member_it_was_made_for_and_only_as_it_was_made() {
        let tokens = BalanceTokens { key: [7; 32] };
        let (program_id, member_id) = (ProgramId::new(), MemberId::new());
        let token = tokens.seal(program_id, member_id, 123_456_789_012);
        assert!(token.len() <= 64);
        assert_eq!(tokens.open(program_id, member_id, &token), Some(123_456_789_012));
        assert_eq!(tokens.open(program_id, MemberId::new(), &token), None);
        assert_eq!(tokens.open(ProgramId::new(), member_id, &token), None);
        assert_eq!(BalanceTokens { key: [8; 32] }.open(program_id, member_id, &token), None);
        for nonsense in ["", "?", "AAAA", &token[1..], &format!("{token}A")] {
            assert_eq!(tokens.open(program_id, member_id, nonsense), None, "{nonsense:?}");
        }
    }
}
