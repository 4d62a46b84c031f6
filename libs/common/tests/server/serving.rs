//! Health, reflection, and an end without a lost call.

use common::auth::{MissingRules, Policy};
use proto::tier::{ListLaddersRequest, ladder_service_client::LadderServiceClient};
use tokio_stream::StreamExt as _;
use tonic::{Code, transport::Channel};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb;

use crate::support::World;

#[tokio::test]
async fn health_is_told_per_service_to_anyone() {
    let world = World::start().await;
    let mut health = HealthClient::new(world.channel().await);
    for service in ["", "loyalty.tier.v1.LadderService", "loyalty.event.v1.FeedService"] {
        let answer = health
            .check(HealthCheckRequest {
                service: service.to_owned(),
            })
            .await
            .unwrap();
        assert_eq!(answer.into_inner().status(), ServingStatus::Serving, "{service:?}");
    }
    let unknown = HealthCheckRequest {
        service: "loyalty.points.v1.PointsService".to_owned(),
    };
    assert_eq!(health.check(unknown).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn reflection_lists_the_services_in_both_versions() {
    let world = World::start().await;
    for name in [
        "grpc.health.v1.Health",
        "loyalty.tier.v1.LadderService",
        "loyalty.event.v1.FeedService",
    ] {
        assert!(
            services_v1(world.channel().await)
                .await
                .unwrap()
                .contains(&name.to_owned()),
            "{name}"
        );
        assert!(
            services_v1alpha(world.channel().await)
                .await
                .unwrap()
                .contains(&name.to_owned()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn reflection_can_be_switched_off() {
    let world = World::with(&["--reflection=false"]).await;
    assert_eq!(
        services_v1(world.channel().await).await.unwrap_err().code(),
        Code::Unimplemented
    );
    assert_eq!(
        services_v1alpha(world.channel().await).await.unwrap_err().code(),
        Code::Unimplemented
    );
}

async fn services_v1(channel: Channel) -> Result<Vec<String>, tonic::Status> {
    use pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let message_request = Some(MessageRequest::ListServices(String::new()));
    let request = tokio_stream::once(ServerReflectionRequest {
        host: String::new(),
        message_request,
    });
    let mut answers = ServerReflectionClient::new(channel)
        .server_reflection_info(request)
        .await?
        .into_inner();
    match answers.next().await.unwrap()?.message_response {
        Some(MessageResponse::ListServicesResponse(list)) => Ok(list.service.into_iter().map(|one| one.name).collect()),
        other => panic!("{other:?}"),
    }
}

async fn services_v1alpha(channel: Channel) -> Result<Vec<String>, tonic::Status> {
    use pb::v1alpha::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let message_request = Some(MessageRequest::ListServices(String::new()));
    let request = tokio_stream::once(ServerReflectionRequest {
        host: String::new(),
        message_request,
    });
    let mut answers = ServerReflectionClient::new(channel)
        .server_reflection_info(request)
        .await?
        .into_inner();
    match answers.next().await.unwrap()?.message_response {
        Some(MessageResponse::ListServicesResponse(list)) => Ok(list.service.into_iter().map(|one| one.name).collect()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_rpc_of_the_contracts_says_who_may_call_it() {
    let services: Vec<_> = proto::descriptors()
        .services()
        .map(|service| service.full_name().to_owned())
        .collect();
    Policy::for_services(&services).unwrap();
}

#[test]
fn a_service_without_a_contract_is_not_served() {
    let missing = Policy::for_services(&["loyalty.tier.v1.LadderService", "loyalty.tier.v1.Backdoor"]).unwrap_err();
    assert_eq!(missing, MissingRules(vec!["loyalty.tier.v1.Backdoor".to_owned()]));
}

#[tokio::test]
async fn a_drain_says_so_and_finishes_what_was_begun() {
    let world = World::start().await;
    let mut health = HealthClient::new(world.channel().await);
    let mut states = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert_eq!(
        states.message().await.unwrap().unwrap().status(),
        ServingStatus::Serving
    );
    let mut endless = world.subscribe("endless", None).await;
    endless.message().await.unwrap();
    let mut client = LadderServiceClient::new(world.channel().await);
    let last = world.signed(ListLaddersRequest {});
    let (address, ladders) = (world.running.address(), world.ladders.clone());
    let begun = {
        let wire = proto::tier::PublishLadderRequest {
            request_id: "wait".to_owned(),
            ..Default::default()
        };
        let request = world.signed(wire);
        let mut client = client.clone();
        tokio::spawn(async move { client.publish_ladder(request).await })
    };
    ladders.arrived.notified().await;

    let drained = tokio::spawn(world.running.drain());
    assert_eq!(
        states.message().await.unwrap().unwrap().status(),
        ServingStatus::NotServing
    );
    assert_eq!(endless.message().await.unwrap_err().code(), Code::Unavailable);
    ladders.go_on.notify_one();
    begun.await.unwrap().unwrap();
    drained.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert!(client.list_ladders(last).await.is_err());
}
