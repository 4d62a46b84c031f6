//! Who is let in. A token that cannot be believed has one answer, whatever is wrong with it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use proto::event::{FollowRequest, feed_service_client::FeedServiceClient};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::support::{Key, PUBLISH, World, claims, message, now, reason, with_metadata};

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

#[tokio::test]
async fn a_token_says_who_calls_and_for_which_program() {
    let world = World::start().await;
    let act = json!({ "sub": "service:checkout", "act": { "sub": "service:web" } });
    let token = world.issuer.sign(&with("act", act));
    world.list(&token).await.unwrap();
    world.list(&token).await.unwrap();

    let callers = world.ladders.callers();
    assert_eq!(callers.len(), 2);
    for caller in callers {
        assert_eq!(caller.program().to_string(), claims()["program"]);
        assert_eq!(caller.actor().subject(), "till-17");
        assert_eq!(caller.actor().via(), ["service:checkout", "service:web"]);
        assert_eq!(caller.service(), None);
    }
}

#[tokio::test]
async fn keys_of_both_kinds_and_several_audiences_are_believed() {
    let world = World::start().await;
    world.list(&world.issuer.other.sign(&claims())).await.unwrap();
    world
        .list(&world.issuer.sign(&with("aud", json!(["elsewhere", "tier"]))))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_clock_that_is_a_little_off_is_forgiven() {
    let world = World::start().await;
    let now = now();
    world
        .list(&world.issuer.sign(&with("exp", json!(now - 30))))
        .await
        .unwrap();
    world
        .list(&world.issuer.sign(&with("nbf", json!(now + 30))))
        .await
        .unwrap();
}

#[tokio::test]
async fn every_token_that_cannot_be_believed_has_the_same_answer() {
    let world = World::start().await;
    let issuer = &world.issuer;
    let now = now();
    let good = issuer.sign(&claims());
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let stranger = |id: &str| Key::ed25519(id).sign(&claims());
    let with_public_key_as_secret = {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("first".to_owned());
        encode(
            &header,
            &claims(),
            &EncodingKey::from_secret(&issuer.key.public_bytes()),
        )
        .unwrap()
    };
    let tokens = [
        ("expired", issuer.sign(&with("exp", json!(now - 120)))),
        ("not yet", issuer.sign(&with("nbf", json!(now + 120)))),
        ("for others", issuer.sign(&with("aud", json!("elsewhere")))),
        ("for nobody", issuer.sign(&without("aud"))),
        (
            "of another issuer",
            issuer.sign(&with("iss", json!("https://elsewhere.test"))),
        ),
        ("of no issuer", issuer.sign(&without("iss"))),
        ("without an end", issuer.sign(&without("exp"))),
        ("without a subject", issuer.sign(&without("sub"))),
        ("with an empty subject", issuer.sign(&with("sub", json!("")))),
        (
            "with a line break in the subject",
            issuer.sign(&with("sub", json!("a\nb"))),
        ),
        (
            "with a program that is none",
            issuer.sign(&with("program", json!("acme"))),
        ),
        (
            "that claims to be a service",
            issuer.sign(&with("svc", json!("points"))),
        ),
        (
            "unsigned",
            format!("{}.{payload}.", encoded(json!({ "alg": "none", "kid": "first" }))),
        ),
        ("signed with the public key as a secret", with_public_key_as_secret),
        ("of an unknown key", stranger("third")),
        ("of a stranger under a known name", stranger("first")),
        (
            "with another key's algorithm",
            format!(
                "{}.{payload}.{signature}",
                encoded(json!({ "alg": "ES256", "kid": "first" }))
            ),
        ),
        (
            "of no key",
            format!("{}.{payload}.{signature}", encoded(json!({ "alg": "EdDSA" }))),
        ),
        (
            "with other claims",
            format!("{header}.{}.{signature}", encoded(with("sub", json!("admin")))),
        ),
        ("cut short", good[..good.len() - 4].to_owned()),
        ("empty", String::new()),
        ("garbage", "x.y.z".to_owned()),
        (
            "of ten kilobytes",
            issuer.sign(&with("scope", json!("ladders.read ".repeat(700)))),
        ),
    ];

    let expected = world.list_with(&[]).await.unwrap_err();
    assert_eq!(
        (expected.code(), reason(&expected).as_str()),
        (Code::Unauthenticated, "UNAUTHENTICATED")
    );
    let same = |status: &Status| (status.code(), status.message().to_owned(), status.details().to_vec());
    for (what, token) in tokens {
        let status = world.list(&token).await.expect_err(what);
        assert_eq!(same(&status), same(&expected), "{what}");
    }
    for other in ["Basic dGlsbDoxNw==", "Bearer", &good, &format!("bearer{good}")] {
        let status = world.list_with(&[("authorization", other)]).await.expect_err(other);
        assert_eq!(same(&status), same(&expected), "{other}");
    }
    let twice = format!("Bearer {good}");
    let status = world
        .list_with(&[("authorization", &twice), ("authorization", &twice)])
        .await
        .unwrap_err();
    assert_eq!(same(&status), same(&expected));
    assert!(world.ladders.callers().is_empty(), "nobody reached a handler");
}

#[tokio::test]
async fn a_key_that_is_taken_away_ends_at_once_and_a_new_one_begins() {
    let world = World::start().await;
    let (first, second) = (world.issuer.key.sign(&claims()), world.issuer.other.sign(&claims()));
    world.list(&first).await.unwrap();
    world.issuer.publish(&[&world.issuer.other]);
    assert!(world.authenticator.reload().unwrap());
    assert_eq!(world.list(&first).await.unwrap_err().code(), Code::Unauthenticated);
    world.list(&second).await.unwrap();
    assert!(!world.authenticator.reload().unwrap());
}

#[tokio::test]
async fn a_token_without_the_scope_is_refused_before_the_request_is_looked_at() {
    let world = World::start().await;
    let token = world.issuer.sign(&with("scope", json!("ladders.read")));
    let bearer = format!("Bearer {token}");
    let reply = world
        .raw()
        .await
        .post(PUBLISH, &[("authorization", &bearer)], message(&[0xff; 9]))
        .await;
    assert_eq!(
        (reply.code(), reason(reply.status()).as_str()),
        (Code::PermissionDenied, "SCOPE_MISSING")
    );
    world.list(&token).await.unwrap();
}

#[tokio::test]
async fn a_token_without_a_program_reaches_no_program() {
    let world = World::start().await;
    let status = world.list(&world.issuer.sign(&without("program"))).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_caller_from_outside_follows_no_feed_of_all_programs() {
    let world = World::start().await;
    let request = world.signed(FollowRequest::default());
    let status = FeedServiceClient::new(world.channel().await)
        .follow(request)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn metadata_names_a_program_in_development_mode_only() {
    let metadata = [
        ("loyalty-program", "0190b5a6-7c2e-7d3a-8f10-2b3c4d5e6f71"),
        ("loyalty-actor", "ann"),
    ];
    let world = World::start().await;
    assert_eq!(
        world.list_with(&metadata).await.unwrap_err().code(),
        Code::Unauthenticated
    );

    let world = World::with(&["--insecure-development-mode"]).await;
    world.list_with(&metadata).await.unwrap();
    let caller = &world.ladders.callers()[0];
    assert_eq!(caller.program().to_string(), metadata[0].1);
    assert_eq!(caller.actor().subject(), "ann");
    for bad in [
        &[][..],
        &[("loyalty-program", "acme")],
        &[metadata[0], ("authorization", "Bearer x.y.z")],
    ] {
        assert_eq!(
            world.list_with(bad).await.unwrap_err().code(),
            Code::Unauthenticated,
            "{bad:?}"
        );
    }
    let request = with_metadata(FollowRequest::default(), &metadata);
    let status = FeedServiceClient::new(world.channel().await)
        .follow(request)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn the_program_of_a_request_is_the_tokens_whatever_the_metadata_says() {
    let world = World::start().await;
    let bearer = world.bearer();
    world
        .list_with(&[
            ("authorization", &bearer),
            ("loyalty-program", "0190b5a6-7c2e-7d3a-8f10-2b3c4d5e6f71"),
        ])
        .await
        .unwrap();
    assert_eq!(world.ladders.callers()[0].program().to_string(), claims()["program"]);
}
