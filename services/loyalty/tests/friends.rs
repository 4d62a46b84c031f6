//! A member of a program file brings friends.

use std::time::Duration;

use proto::campaign::{
    BindReferralRequest, GetInviteCodeRequest, ListActivitiesRequest, activity_input::Activity,
    referral_service_client::ReferralServiceClient,
};
use uuid::Uuid;

use crate::{calls::enrol_as, played::Played};

impl Played {
    /// Enrols a friend on a day whom the member invited, and returns the friend.
    pub async fn invites(&self, device: &str) -> String {
        let mut referrals = ReferralServiceClient::new(self.clients.transport(0));
        let code = referrals
            .get_invite_code(GetInviteCodeRequest {
                member_id: self.member.clone(),
            })
            .await
            .expect("a member has a code");
        let friend = enrol_as(&self.clients, &Uuid::now_v7().to_string()).await;
        let request = BindReferralRequest {
            request_id: "bind".to_owned(),
            referee_member_id: friend.clone(),
            invite_code: code.into_inner().invite_code,
            marks: vec![device.to_owned()],
        };
        referrals.bind_referral(request).await.expect("a friend can be bound");
        friend
    }

    /// Has a friend buy something.
    pub async fn friend_buys(&mut self, friend: &str, yuan: i64) {
        let member = std::mem::replace(&mut self.member, friend.to_owned());
        self.buys(yuan).await;
        self.member = member;
    }

    /// Brings a friend on a day, who orders something, and lets the clock come to a time. Every consequence has come about then.
    pub async fn brings_a_friend(&mut self, on: &str, until: &str) {
        let before = self.friends().await;
        self.at(on).await;
        let friend = self.invites(on).await;
        self.friend_buys(&friend, 100).await;
        self.at(until).await;
        self.has_brought(before + 1).await;
    }

    /// Waits until so many friends have qualified, and until everything has come about that follows from it.
    pub async fn has_brought(&mut self, friends: usize) {
        for _ in 0..200 {
            if self.friends().await == friends {
                self.does_custom("look", &[]).await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the member has brought {} and not {friends}", self.friends().await);
    }

    /// How many friends have qualified.
    pub async fn friends(&self) -> usize {
        let request = ListActivitiesRequest {
            member_id: self.member.clone(),
            page_size: 1000,
            page_token: String::new(),
        };
        let listed = self
            .clients
            .activities(0)
            .list_activities(request)
            .await
            .unwrap()
            .into_inner();
        let inputs = listed
            .activities
            .into_iter()
            .filter_map(|activity| activity.input?.activity);
        inputs
            .filter(|did| matches!(did, Activity::Custom(custom) if custom.kind == "referral"))
            .count()
    }
}
