//! Signatures of webhooks, as Standard Webhooks wants them: v1, HMAC-SHA256 over id, time and payload.

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

const PREFIX: &str = "whsec_";
/// The shortest and the longest key that the scheme allows, in bytes.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The secrets that sign: each of them, so that a receiver can go over from one to another.
pub struct Secrets(Vec<Zeroizing<Vec<u8>>>);

impl Secrets {
    /// Reads secrets that are separated by commas.
    pub fn parse(text: &str) -> anyhow::Result<Secrets> {
        let secret = |text: &str| -> anyhow::Result<Zeroizing<Vec<u8>>> {
            let encoded = text
                .trim()
                .strip_prefix(PREFIX)
                .context("a secret begins with whsec_")?;
            let key = STANDARD
                .decode(encoded)
                .ok()
                .context("a secret is base64 after whsec_")?;
            ensure!(KEY_BYTES.contains(&key.len()), "a secret has 24 to 64 bytes");
            Ok(Zeroizing::new(key))
        };
        Ok(Secrets(text.split(',').map(secret).collect::<Result<_, _>>()?))
    }

    /// Signs a payload: what stands in the header `webhook-signature`.
    pub fn sign(&self, id: &str, timestamp: i64, payload: &[u8]) -> String {
        let signed = self.0.iter().map(|key| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            mac.update(payload);
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        });
        signed.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn the_example_of_the_specification_is_signed_as_there() {
        let secrets = Secrets::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = secrets.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn every_secret_signs_and_what_is_none_is_refused() {
        let key = |byte: u8| format!("whsec_{}", STANDARD.encode([byte; 32]));
        let two = Secrets::parse(&format!("{}, {}", key(1), key(2))).unwrap();
        let both = two.sign("a", 1, b"b");
        let alone: Vec<String> = [1, 2]
            .map(|byte| Secrets::parse(&key(byte)).unwrap().sign("a", 1, b"b"))
            .into();
        assert_eq!(both, alone.join(" "));
        for wrong in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_***", "whsec_c2hvcnQ="] {
            assert!(Secrets::parse(wrong).is_err(), "{wrong}");
        }
    }
}
