//! Whoever makes the callers' tokens: a key set in a file, and the private halves.

use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header, encode,
    jwk::{AlgorithmParameters, Jwk},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What stands before the bytes of an Ed25519 key in its private and its public form (RFC 8410).
const ED25519_PKCS8: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
const ED25519_SPKI: [u8; 12] = *b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
const PROGRAM: &str = "0190b5a6-7c2e-7d3a-8f10-2b3c4d5e6f70";

/// A key pair of an issuer.
pub struct Key {
    id: String,
    algorithm: Algorithm,
    signing: EncodingKey,
}

impl Key {
    pub fn ed25519(id: &str) -> Self {
        let der = [&ED25519_PKCS8[..], &rand::random::<[u8; 32]>()].concat();
        Self {
            id: id.to_owned(),
            algorithm: Algorithm::EdDSA,
            signing: EncodingKey::from_ed_der(&der),
        }
    }

    pub fn p256(id: &str) -> Self {
        let pem = include_bytes!("p256.pem");
        Self {
            id: id.to_owned(),
            algorithm: Algorithm::ES256,
            signing: EncodingKey::from_ec_pem(pem).unwrap(),
        }
    }

    pub fn public(&self) -> Jwk {
        let mut jwk = Jwk::from_encoding_key(&self.signing, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.id.clone());
        jwk
    }

    /// Returns the bytes of an Ed25519 public key.
    pub fn public_bytes(&self) -> Vec<u8> {
        let AlgorithmParameters::OctetKeyPair(public) = self.public().algorithm else {
            panic!("not an Ed25519 key")
        };
        URL_SAFE_NO_PAD.decode(public.x).unwrap()
    }

    pub fn public_pem(&self) -> String {
        pem("PUBLIC KEY", &[&ED25519_SPKI[..], &self.public_bytes()].concat())
    }

    pub fn private_pem(&self) -> String {
        pem("PRIVATE KEY", self.signing.as_bytes())
    }

    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.clone());
        encode(&header, claims, &self.signing).unwrap()
    }
}

/// An issuer with keys of both kinds.
pub struct Issuer {
    pub key: Key,
    pub other: Key,
    directory: TempDir,
    path: String,
}

impl Issuer {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys.json").to_str().unwrap().to_owned();
        let issuer = Self {
            key: Key::ed25519("first"),
            other: Key::p256("second"),
            directory,
            path,
        };
        issuer.publish(&[&issuer.key, &issuer.other]);
        issuer
    }

    /// Writes the key set anew.
    pub fn publish(&self, keys: &[&Key]) {
        let keys: Vec<_> = keys.iter().map(|key| key.public()).collect();
        fs::write(
            self.directory.path().join("keys.json"),
            json!({ "keys": keys }).to_string(),
        )
        .unwrap();
    }

    /// Returns where the key set is.
    pub fn keys(&self) -> &str {
        &self.path
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.key.sign(claims)
    }
}

/// Returns the claims of a caller who may do everything that a caller may.
pub fn claims() -> Value {
    json!({
        "iss": "https://issuer.test",
        "aud": "loyalty",
        "exp": now() + 300,
        "sub": "till-17",
        "scope": "ladders.read ladders.write feeds.read feeds.follow",
        "program": PROGRAM,
    })
}

fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        STANDARD.encode(der)
    )
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
