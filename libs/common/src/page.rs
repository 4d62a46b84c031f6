//! Page tokens: where the next page begins, sealed. A token opens only for the program and the filter it was given for, so
//! that nobody can read another's place from it, forge one, or carry one over to another question.

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use anyhow::{Context as _, ensure};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use prost::{Message, Name};
use secrecy::ExposeSecret as _;
use serde::{Serialize, de::DeserializeOwned};
use tonic::Code;

use crate::{auth::ProgramScope, config::AuthSettings, refusal::Refusal};

const NONCE_BYTES: usize = 12;
const TOKEN_CHARS: usize = 4096;

/// What a page token is bound to besides the program: the question that was asked, without its paging fields.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Filter([u8; 32]);

impl Filter {
    /// Returns the filter that a request is, once its `page_size` and `page_token` have been cleared.
    pub fn of<M: Message + Name>(request_without_paging: &M) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(M::PACKAGE.as_bytes())
            .update(b".")
            .update(M::NAME.as_bytes())
            .update(&[0]);
        hasher.update(&request_without_paging.encode_to_vec());
        Self(*hasher.finalize().as_bytes())
    }
}

/// Seals and opens page tokens with the key of the deployment.
#[derive(Clone)]
pub struct PageTokens(Aes256GcmSiv);

impl PageTokens {
    /// Takes the key from the settings. In development mode, without one, tokens last as long as the process.
    pub fn new(settings: &AuthSettings) -> anyhow::Result<Self> {
        let key: [u8; 32] = match &settings.page_token_key {
            Some(text) => {
                let bytes = STANDARD.decode(text.expose_secret()).ok().context("is not base64")?;
                bytes.try_into().ok().context("is not 32 bytes")?
            }
            None => rand::random(),
        };
        let mut distinct = key;
        distinct.sort_unstable();
        let distinct = distinct.chunk_by(|a, b| a == b).count();
        ensure!(distinct >= 16, "is not random: too many of its bytes are equal");
        Ok(Self(Aes256GcmSiv::new(&key.into())))
    }

    /// Seals the place where the next page begins.
    pub fn seal<P: Serialize>(&self, program: ProgramScope, filter: Filter, place: &P) -> String {
        let place = serde_json::to_vec(place).expect("a place in a list is plain data");
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload {
            msg: &place,
            aad: &associated(program, filter),
        };
        let mut sealed = nonce.to_vec();
        let ciphertext = self.0.encrypt(&Nonce::from(nonce), payload);
        sealed.extend(ciphertext.expect("a place in a list is far below the cipher's limit"));
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens a token: nothing for an empty one, which asks for the first page.
    pub fn open<P: DeserializeOwned>(
        &self,
        program: ProgramScope,
        filter: Filter,
        token: &str,
    ) -> Result<Option<P>, Refusal> {
        if token.is_empty() {
            return Ok(None);
        }
        self.read(program, filter, token).map(Some).ok_or_else(|| {
            let message = "the page token was not given for this request";
            Refusal::new(Code::InvalidArgument, "INVALID_PAGE_TOKEN", message)
        })
    }

    fn read<P: DeserializeOwned>(&self, program: ProgramScope, filter: Filter, token: &str) -> Option<P> {
        if token.len() > TOKEN_CHARS {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: ciphertext,
            aad: &associated(program, filter),
        };
        let place = self.0.decrypt(&Nonce::from(*nonce), payload).ok()?;
        serde_json::from_slice(&place).ok()
    }
}

fn associated(program: ProgramScope, filter: Filter) -> [u8; 48] {
    let mut data = [0; 48];
    data[..16].copy_from_slice(program.id().uuid().as_bytes());
    data[16..].copy_from_slice(&filter.0);
    data
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, FromArgMatches as _};
    use proto::{event::FollowRequest, tier::PublishLadderRequest};

    use super::*;
    use crate::ids::ProgramId;

    fn tokens(arguments: &[&str]) -> anyhow::Result<PageTokens> {
        let command = AuthSettings::augment_args(clap::Command::new("test")).no_binary_name(true);
        PageTokens::new(&AuthSettings::from_arg_matches(&command.get_matches_from(arguments)).unwrap())
    }

    fn filter(request_id: &str) -> Filter {
        Filter::of(&PublishLadderRequest {
            request_id: request_id.to_owned(),
            ..Default::default()
        })
    }

    fn program() -> ProgramScope {
        ProgramScope::new(ProgramId::new())
    }

    #[test]
    fn a_token_opens_for_the_program_and_the_filter_it_was_given_for() {
        let (tokens, program) = (tokens(&[]).unwrap(), program());
        let place = (7_i64, "lot".to_owned());
        let token = tokens.seal(program, filter("a"), &place);
        assert_eq!(tokens.open(program, filter("a"), &token), Ok(Some(place)));
        assert_eq!(tokens.open::<(i64, String)>(program, filter("a"), ""), Ok(None));
    }

    #[test]
    fn a_token_opens_for_nothing_else() {
        let (mine, program) = (tokens(&[]).unwrap(), program());
        let token = mine.seal(program, filter("a"), &7_i64);
        let mut forged = token.clone().into_bytes();
        forged[20] ^= 1;
        let forged = String::from_utf8_lossy(&forged).into_owned();
        let elsewhere = tokens(&[]).unwrap().seal(program, filter("a"), &7_i64);
        let refused = [
            mine.open::<i64>(self::program(), filter("a"), &token),
            mine.open(program, filter("b"), &token),
            mine.open(program, Filter::of(&FollowRequest::default()), &token),
            mine.open(program, filter("a"), &forged),
            mine.open(program, filter("a"), &elsewhere),
            mine.open(program, filter("a"), "garbage"),
            mine.open(program, filter("a"), &"A".repeat(1 << 20)),
        ];
        for refusal in refused {
            let refusal = refusal.unwrap_err();
            assert_eq!(
                (refusal.code, refusal.reason),
                (Code::InvalidArgument, "INVALID_PAGE_TOKEN")
            );
        }
    }

    #[test]
    fn a_key_is_32_random_bytes_and_the_same_on_every_replica() {
        let key = STANDARD.encode(rand::random::<[u8; 32]>());
        let program = program();
        let token = tokens(&["--page-token-key", &key])
            .unwrap()
            .seal(program, filter("a"), &7_i64);
        assert_eq!(
            tokens(&["--page-token-key", &key])
                .unwrap()
                .open(program, filter("a"), &token),
            Ok(Some(7_i64))
        );
        for weak in [
            "secret".to_owned(),
            STANDARD.encode([0; 32]),
            STANDARD.encode([1; 31]),
            STANDARD.encode(*b"abcdabcdabcdabcdabcdabcdabcdabcd"),
        ] {
            assert!(tokens(&["--page-token-key", &weak]).is_err(), "{weak}");
        }
    }
}
