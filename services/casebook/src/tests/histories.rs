//! Random histories of a referral.

use proptest::prelude::{Just, Strategy, prop_oneof, proptest};
use proptest::test_runner::Config;
use proto::v1::referral_service_client::ReferralServiceClient;
use proto::v1::{self as pb, GrantStage, ReferralState};

use super::{Act, SIBLING, UNION, World, act};

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Send),
        2 => Just(Act::Acknowledge),
        3 => Just(Act::Accept),
        1 => Just(Act::Reject),
        2 => Just(Act::Start),
        1 => Just(Act::Complete),
        1 => Just(Act::Withdraw),
        1 => Just(Act::WithdrawConsent),
    ]
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]
    /// Whatever is tried in whatever order: access follows the state, there is
    /// one lead, nothing rests on a withdrawn consent, no feed has a gap.
    #[test]
    fn access_follows_the_state_of_the_referral(
        handover: bool,
        history in proptest::collection::vec(acts(), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            let case = world.register(UNION).await.name;
            let kind = if handover { pb::ReferralKind::Handover } else { pb::ReferralKind::Assist };
            let referral = world.draft(&case, kind).await;
            let mut withdrawn = false;
            for tried in history {
                let done = act(&world, &referral.name, tried).await.is_ok();
                withdrawn |= done && tried == Act::WithdrawConsent;
                check(&world, &case, &referral, withdrawn).await;
            }
            for agency in [UNION, SIBLING] {
                let cursors: Vec<u64> =
                    world.feed(agency).await.iter().map(|event| event.cursor).collect();
                let gapless: Vec<u64> = (1..=cursors.len() as u64).collect();
                assert_eq!(cursors, gapless);
            }
        });
    }
}

async fn check(world: &World, case: &str, drafted: &pb::Referral, withdrawn: bool) {
    let get = pb::GetReferralRequest {
        name: drafted.name.clone(),
    };
    let referral = ask!(world, UNION, Referral.get_referral, get).unwrap();
    let label = world.label(UNION, case).await.unwrap();
    let stages: Vec<GrantStage> = label
        .grants
        .iter()
        .filter(|grant| grant.agency == SIBLING)
        .map(pb::Grant::stage)
        .collect();
    use ReferralState as S;
    let expected: &[GrantStage] = match referral.state() {
        S::Requested | S::Received => &[GrantStage::Triage],
        S::Accepted | S::InProgress => &[GrantStage::Working],
        S::Completed if !withdrawn => &[GrantStage::Residual],
        S::Cancelled if !withdrawn && had_worked(&referral) => &[GrantStage::Residual],
        _ => &[],
    };
    assert_eq!(stages, expected, "{:?}", referral.state());
    let moved = drafted.kind() == pb::ReferralKind::Handover && had_worked(&referral) && !withdrawn;
    assert_eq!(label.lead, if moved { SIBLING } else { UNION });
    if withdrawn {
        assert!(
            label
                .grants
                .iter()
                .all(|grant| grant.consent != drafted.consent)
        );
        assert!(
            label
                .consents
                .iter()
                .all(|fact| fact.consent != drafted.consent)
        );
    }
    let sequences: Vec<u32> = referral.transitions.iter().map(|t| t.sequence).collect();
    assert_eq!(
        sequences,
        (1..=referral.transitions.len() as u32).collect::<Vec<_>>()
    );
}

fn had_worked(referral: &pb::Referral) -> bool {
    referral.transitions.iter().any(|t| t.event == "accept")
}
