//! Fingerprints of requests: how a repeated request id is known to carry the same content, or which fields differ.

use prost::Message;
use prost::encoding::{WireType, decode_key, decode_varint};
use xxhash_rust::xxh3::xxh3_64;

/// The number of the field `request_id`, by the convention of the contracts: it names the request and is not its content.
const REQUEST_ID: u32 = 1;
/// The number of the field `await_effects`, by the convention of the contracts: how long to wait is not content either.
const AWAIT_EFFECTS: u32 = 15;
const WHOLE: usize = 8;
const FIELD: usize = 3;

/// What a request said, in few bytes: a hash of the whole, and a short hash of each top-level field.
///
/// It is taken of the decoded message encoded again, so that two spellings of one message on the wire are one content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fingerprint(Vec<u8>);

impl Fingerprint {
    /// Takes the fingerprint of a request.
    pub fn of(request: &impl Message) -> Fingerprint {
        let encoded = request.encode_to_vec();
        let mut content = Vec::with_capacity(encoded.len());
        let mut fields: Vec<(u8, u16)> = Vec::new();
        for (number, bytes) in top_level_fields(&encoded) {
            if number == REQUEST_ID || number == AWAIT_EFFECTS {
                continue;
            }
            content.extend_from_slice(bytes);
            let tag = u8::try_from(number).unwrap_or(u8::MAX);
            let hash = xxh3_64(bytes) as u16;
            match fields.last_mut() {
                Some((last, combined)) if *last == tag => *combined = combined.rotate_left(5) ^ hash,
                _ => fields.push((tag, hash)),
            }
        }
        let mut fingerprint = Vec::with_capacity(WHOLE + FIELD * fields.len());
        fingerprint.extend_from_slice(&xxh3_64(&content).to_be_bytes());
        for (tag, hash) in fields {
            fingerprint.push(tag);
            fingerprint.extend_from_slice(&hash.to_be_bytes());
        }
        Fingerprint(fingerprint)
    }

    /// Reads a stored fingerprint.
    pub fn from_bytes(bytes: Vec<u8>) -> Fingerprint {
        Fingerprint(bytes)
    }

    /// Returns the bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the numbers of the top-level fields in which two contents differ.
    pub fn differing_fields(&self, other: &Fingerprint) -> Vec<u32> {
        let (mine, theirs) = (self.fields(), other.fields());
        let mut differing: Vec<u32> = mine
            .iter()
            .filter(|field| !theirs.contains(field))
            .chain(theirs.iter().filter(|field| !mine.contains(field)))
            .map(|(tag, _)| u32::from(*tag))
            .collect();
        differing.sort_unstable();
        differing.dedup();
        differing
    }

    fn fields(&self) -> Vec<(u8, [u8; 2])> {
        let fields = self.0.get(WHOLE..).unwrap_or_default();
        fields
            .chunks_exact(FIELD)
            .map(|field| (field[0], [field[1], field[2]]))
            .collect()
    }
}

/// Splits an encoded message into its top-level fields, each with its number, key included.
fn top_level_fields(encoded: &[u8]) -> Vec<(u32, &[u8])> {
    let mut rest = encoded;
    let mut fields = Vec::new();
    while !rest.is_empty() {
        let start = rest;
        let Ok((number, wire_type)) = decode_key(&mut rest) else {
            break;
        };
        let skipped = match wire_type {
            WireType::Varint => decode_varint(&mut rest).map(|_| 0).ok(),
            WireType::SixtyFourBit => Some(8),
            WireType::ThirtyTwoBit => Some(4),
            WireType::LengthDelimited => decode_varint(&mut rest).map(|length| length as usize).ok(),
            WireType::StartGroup | WireType::EndGroup => None,
        };
        let Some(after) = skipped.and_then(|skipped| rest.get(skipped..)) else {
            break;
        };
        rest = after;
        fields.push((number, &start[..start.len() - rest.len()]));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::points::EarnPointsRequest;

    fn request() -> EarnPointsRequest {
        EarnPointsRequest {
            request_id: "a".into(),
            member_id: "m".into(),
            wallet: "points".into(),
            points: 5,
            ..Default::default()
        }
    }

    #[test]
    fn the_request_id_is_not_content() {
        let renamed = EarnPointsRequest {
            request_id: "b".into(),
            ..request()
        };
        assert_eq!(Fingerprint::of(&request()), Fingerprint::of(&renamed));
    }

    #[test]
    fn differing_fields_are_named_by_number() {
        let other = EarnPointsRequest {
            points: 6,
            reference: "x".into(),
            ..request()
        };
        assert_eq!(
            Fingerprint::of(&request()).differing_fields(&Fingerprint::of(&other)),
            [4, 7]
        );
    }
}
