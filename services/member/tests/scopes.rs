//! What a caller's token lets them see: real tokens, signed by an issuer whose keys the suite was given.

use std::time::{SystemTime, UNIX_EPOCH};

use harness::{Suite, refusal};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use proto::member::{GetMemberRequest, GetMemberResponse, member_service_client::MemberServiceClient};
use serde_json::json;
use tonic::{Code, Request, Response, Status};

use crate::{Members, ada};

/// What stands before the bytes of an Ed25519 private key (RFC 8410).
const ED25519_PKCS8: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

#[tokio::test]
async fn a_profile_is_for_callers_whose_token_says_that_they_may_see_persons() {
    let key = EncodingKey::from_ed_der(&[ED25519_PKCS8, *b"sixteen bytes of", *b" a key for tests"].concat());
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("keys.json");
    let mut public = Jwk::from_encoding_key(&key, Algorithm::EdDSA).unwrap();
    public.common.key_id = Some("test".to_owned());
    std::fs::write(&keys, json!({ "keys": [public] }).to_string()).unwrap();
    let flags = [
        "--auth-issuer",
        "https://issuer.test",
        "--auth-keys",
        keys.to_str().unwrap(),
    ];
    let suite = Suite::start(&flags);
    let program = suite.program().await;
    let member_id = Members::of(&program).enrolled("form-1", ada()).await;

    let get = async |scopes: &str, with_profile: bool| -> Result<Response<GetMemberResponse>, Status> {
        let mut request = Request::new(GetMemberRequest {
            member_id: member_id.clone(),
            with_profile,
        });
        let token = token(&key, &program.program_id, scopes);
        let metadata = request.metadata_mut();
        metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
        MemberServiceClient::new(suite.channel()).get_member(request).await
    };
    let plain = get("members.read", false).await.unwrap().into_inner();
    assert_eq!(plain.member.unwrap().profile, None);
    let refused = refusal(get("members.read", true).await);
    assert_eq!(
        (
            refused.code,
            refused.reason.as_str(),
            refused.metadata["scope"].as_str()
        ),
        (Code::PermissionDenied, "SCOPE_MISSING", "members.pii.read")
    );
    let refused = refusal(get("members.pii.read", false).await);
    assert_eq!(
        (refused.code, refused.metadata["scope"].as_str()),
        (Code::PermissionDenied, "members.read")
    );
    let whole = get("members.read members.pii.read", true).await.unwrap().into_inner();
    assert_eq!(whole.member.unwrap().profile.unwrap().name, ada().name);
}

fn token(key: &EncodingKey, program_id: &str, scopes: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({
        "iss": "https://issuer.test",
        "aud": "loyalty",
        "exp": now + 300,
        "sub": "till-17",
        "scope": scopes,
        "program": program_id,
    });
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("test".to_owned());
    encode(&header, &claims, key).unwrap()
}
