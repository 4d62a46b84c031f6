//! Keys as an operator writes them: `id:BASE64`, separated by line ends, blanks or commas, with `#` before a comment.

use std::{collections::BTreeSet, fmt, fs, io, path::Path, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use thiserror::Error;
use zeroize::{Zeroize as _, Zeroizing};

use super::aead::KEY_LEN;

/// The name of a key: 1 to 32 lower-case letters, digits, dots, dashes and underscores.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(String);

/// Says why keys are not accepted. Never shows anything of a key.
#[derive(Debug, Error)]
pub enum KeysRefused {
    /// There is no key.
    #[error("no key is given")]
    None,
    /// There are more keys than one, where one is expected.
    #[error("only one key is expected")]
    Several,
    /// A key is not written as it should be.
    #[error(
        "key {position} is not written as ID:BASE64, with an id of lower-case letters and digits and 32 bytes in base64"
    )]
    Malformed {
        /// Which one, counted from one.
        position: usize,
    },
    /// Two keys have the same id.
    #[error("two keys are called {id}")]
    SameId {
        /// The id.
        id: KeyId,
    },
    /// Two keys are the same, and so one of them is older than it seems.
    #[error("key {id} is the same as another one")]
    SameKey {
        /// The id of the later one.
        id: KeyId,
    },
    /// A key does not look random.
    #[error("key {id} is not random; make one with: openssl rand -base64 32")]
    Weak {
        /// The id.
        id: KeyId,
    },
    /// The index key is also a master key.
    #[error("the index key is also a master key; each needs a key of its own")]
    OneKeyForTwo,
    /// The file with the keys cannot be read, or not be written in development.
    #[error("{}: {error}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        error: io::Error,
    },
}

/// The bytes of a key: in one place, wiped when dropped, never printed.
pub(super) struct SecretKey(Box<[u8; KEY_LEN]>);

impl KeyId {
    /// Accepts a text that can name a key.
    pub fn new(id: &str) -> Option<KeyId> {
        let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
        ((1..=32).contains(&id.len()) && id.bytes().all(is_part)).then(|| KeyId(id.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl SecretKey {
    /// Makes a key.
    pub(super) fn random() -> SecretKey {
        let mut key = Box::new([0; KEY_LEN]);
        rand::fill(&mut key[..]);
        SecretKey(key)
    }

    /// Takes a key out of bytes that are one.
    pub(super) fn from_slice(bytes: &[u8]) -> Option<SecretKey> {
        let mut key = Box::new([0; KEY_LEN]);
        (bytes.len() == KEY_LEN).then(|| key.copy_from_slice(bytes))?;
        Some(SecretKey(key))
    }

    /// Returns the bytes.
    pub(super) fn reveal(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// Tells whether the key was hardly drawn at random. What random bytes would fail by accident happens to one key in 10^12.
    fn is_weak(&self) -> bool {
        let bytes = &self.0[..];
        let is_progression = bytes
            .windows(3)
            .all(|w| w[1].wrapping_sub(w[0]) == w[2].wrapping_sub(w[1]));
        let is_repetition = (1..=KEY_LEN / 2).any(|period| (period..KEY_LEN).all(|i| bytes[i] == bytes[i - period]));
        let is_text = bytes
            .iter()
            .all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
        let has_few_values = bytes.iter().collect::<BTreeSet<_>>().len() < 16;
        is_progression || is_repetition || is_text || has_few_values
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Reads keys; refuses what no key should be.
pub(super) fn parse(text: &str) -> Result<Vec<(KeyId, SecretKey)>, KeysRefused> {
    let mut keys: Vec<(KeyId, SecretKey)> = Vec::new();
    let without_comments = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let words = without_comments.flat_map(|line| line.split(|c: char| c == ',' || c.is_whitespace()));
    for (index, word) in words.filter(|word| !word.is_empty()).enumerate() {
        let (id, key) = parse_one(word).ok_or(KeysRefused::Malformed { position: index + 1 })?;
        if key.is_weak() {
            return Err(KeysRefused::Weak { id });
        }
        if keys.iter().any(|(other, _)| *other == id) {
            return Err(KeysRefused::SameId { id });
        }
        if keys.iter().any(|(_, other)| other.reveal() == key.reveal()) {
            return Err(KeysRefused::SameKey { id });
        }
        keys.push((id, key));
    }
    if keys.is_empty() {
        Err(KeysRefused::None)
    } else {
        Ok(keys)
    }
}

/// Reads the text of a file with keys.
pub(super) fn read_file(path: &Path) -> Result<Zeroizing<String>, KeysRefused> {
    let text = fs::read_to_string(path).map_err(|error| KeysRefused::File {
        path: path.to_owned(),
        error,
    })?;
    Ok(Zeroizing::new(text))
}

fn parse_one(word: &str) -> Option<(KeyId, SecretKey)> {
    let (id, encoded) = word.split_once(':')?;
    let bytes = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    Some((KeyId::new(id)?, SecretKey::from_slice(&bytes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(id: &str, key: &[u8]) -> String {
        format!("{id}:{}", STANDARD.encode(key))
    }

    fn strong() -> SecretKey {
        SecretKey::random()
    }

    #[test]
    fn keys_are_read_in_their_order_past_comments_and_blanks() {
        let (one, two, three) = (strong(), strong(), strong());
        let [a, b, c] =
            [("kek3", &one), ("kek-2", &two), ("kek_1.old", &three)].map(|(id, key)| written(id, key.reveal()));
        let keys = parse(&format!("# current\n{a} # since May\n\n  {b},{c}\r\n")).unwrap();
        let ids: Vec<_> = keys.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["kek3", "kek-2", "kek_1.old"]);
        assert_eq!(keys[2].1.reveal(), three.reveal());
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_shown() {
        let key = strong();
        let good = written("a", key.reveal());
        let secret = STANDARD.encode(key.reveal());
        for bad in [
            secret.clone(),
            format!(":{secret}"),
            format!("A:{secret}"),
            format!("{}:{secret}", "a".repeat(33)),
            format!("b:{}", &secret[..40]),
            format!("b:{secret}{secret}"),
            "b:".to_owned(),
        ] {
            let refused = parse(&format!("{good}\n{bad}")).unwrap_err();
            assert!(
                matches!(refused, KeysRefused::Malformed { position: 2 }),
                "{bad}: {refused}"
            );
            assert!(!format!("{refused} {refused:?}").contains(&secret[..8]));
        }
        assert!(matches!(parse(" # nothing\n"), Err(KeysRefused::None)));
    }

    #[test]
    fn two_keys_have_two_ids_and_are_two() {
        let (one, two) = (strong(), strong());
        let same_id = [written("a", one.reveal()), written("a", two.reveal())].join(",");
        assert!(matches!(parse(&same_id), Err(KeysRefused::SameId { .. })));
        let same_key = [written("a", one.reveal()), written("b", one.reveal())].join(",");
        assert!(matches!(parse(&same_key), Err(KeysRefused::SameKey { id }) if id.as_str() == "b"));
    }

    #[test]
    fn keys_that_nobody_drew_are_refused() {
        let counted: Vec<u8> = (0..32).collect();
        let counted_down: Vec<u8> = (0..32).map(|i| 255 - 3 * i).collect();
        let halves = [&strong().reveal()[..16], &[]].concat().repeat(2);
        let mut one = [0; 32];
        one[0] = 1;
        let known: [&[u8]; 8] = [
            &[0; 32],
            &[255; 32],
            &counted,
            &counted_down,
            &halves,
            &one,
            b"correct horse battery staple 123",
            b"0123456789abcdef0123456789ABCDEF",
        ];
        for key in known {
            assert!(
                matches!(parse(&written("a", key)), Err(KeysRefused::Weak { .. })),
                "{key:?}"
            );
        }
    }

    #[test]
    fn random_keys_are_accepted() {
        assert!((0..10_000).all(|_| !strong().is_weak()));
    }

    #[test]
    fn printing_a_key_shows_nothing() {
        assert_eq!(format!("{:?}", strong()), "[redacted]");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let refused = read_file(Path::new("/nowhere/keys")).unwrap_err().to_string();
        assert!(refused.starts_with("/nowhere/keys: "), "{refused}");
    }
}
