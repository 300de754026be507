//! Collective disputes: what is common stands once, what is private stays so.

use proto::v1::{self as pb, AgencyKind, Section};
use tonic::Code;

use crate::world::{World, refused, registration, yuan};

const LEAD: &str = "yiwu-union";
const FIRM: &str = "hongyi-law";
const SCOPE: [Section; 4] = [
    Section::Summary,
    Section::Identity,
    Section::Employment,
    Section::Claims,
];

async fn matter(world: &World) -> pb::Case {
    let request = pb::CreateMatterRequest {
        district: "330782".into(),
        employment: Some(pb::Employment {
            employer_name: "义乌测试电梯有限公司".into(),
            employer_kind: "services".into(),
            ..Default::default()
        }),
        claims: vec![pb::Claim {
            kind: "unpaid_wages".into(),
            amount: yuan(300_000),
            ..Default::default()
        }],
        title_zh: "测试集体争议".into(),
        title_en: "Collective test dispute".into(),
        request_id: "matter-1".into(),
    };
    let made = world.agency(LEAD).matters().create_matter(request).await;
    made.unwrap().into_inner()
}

async fn member(world: &World, matter: &str, name: &str) -> String {
    let lead = world.agency(LEAD);
    let case = lead.cases().register_case(registration(name)).await;
    let case = case.unwrap().into_inner().name;
    let link = pb::LinkCaseRequest {
        matter: matter.into(),
        case: case.clone(),
        request_id: String::new(),
    };
    lead.matters().link_case(link).await.unwrap();
    case
}

#[tokio::test]
async fn one_referral_covers_all_who_consented_and_shows_nobody_elses_case() {
    let world = World::together().await;
    let matter = matter(&world).await;
    assert!(matter.collective && matter.identities.is_empty());
    let mut cases = Vec::new();
    for name in ["测试工友甲", "测试工友乙", "测试工友丙"] {
        cases.push(member(&world, &matter.name, name).await);
    }
    // The third worker has not consented.
    for case in &cases[..2] {
        world
            .consent(LEAD, case, &[AgencyKind::LawFirm], &SCOPE)
            .await;
    }
    let request = pb::ReferMatterRequest {
        matter: matter.name.clone(),
        referral: Some(pb::Referral {
            kind: pb::ReferralKind::Assist.into(),
            to_agency: format!("agencies/{FIRM}"),
            service_code: "legal_representation".into(),
            purpose: "represent all who consent".into(),
            scope: SCOPE.map(|section| section as i32).to_vec(),
            ..Default::default()
        }),
        request_id: "refer-all".into(),
    };
    let lead = world.agency(LEAD);
    let referred = lead.matters().refer_matter(request.clone()).await.unwrap();
    let referred = referred.into_inner();
    assert_eq!(referred.referrals.len(), 3, "the matter and two cases");
    assert_eq!(referred.not_referred.len(), 1);
    assert_eq!(referred.not_referred[0].case, cases[2]);
    assert_eq!(referred.not_referred[0].reason, "BASIS_ENDED");
    let again = lead.matters().refer_matter(request).await.unwrap();
    assert_eq!(again.into_inner().referrals.len(), 3, "repeated, done once");

    for referral in &referred.referrals {
        let case = referral.name.split("/referrals/").next().unwrap();
        let check = pb::CheckConflictRequest {
            parent: case.into(),
            referral: referral.name.clone(),
            ..Default::default()
        };
        world
            .agency(FIRM)
            .lawfirm()
            .check_conflict(check)
            .await
            .unwrap();
        world.accept(FIRM, &referral.name).await.unwrap();
    }
    let common = world.get(FIRM, &matter.name).await.unwrap();
    assert_eq!(
        common.employment.unwrap().employer_name,
        "义乌测试电梯有限公司"
    );
    assert_eq!(common.summary.unwrap().workers, 3);
    for case in &cases[..2] {
        assert!(!world.get(FIRM, case).await.unwrap().identities.is_empty());
    }
    let third = world.get(FIRM, &cases[2]).await.unwrap_err();
    refused(&third, Code::NotFound, "NOT_FOUND");
    let list = || pb::ListMatterCasesRequest {
        matter: matter.name.clone(),
    };
    let theirs = world.agency(FIRM).matters().list_matter_cases(list()).await;
    let theirs: Vec<String> = theirs
        .unwrap()
        .into_inner()
        .cases
        .into_iter()
        .map(|case| case.name)
        .collect();
    assert_eq!(theirs, cases[..2]);
    let all = lead.matters().list_matter_cases(list()).await.unwrap();
    assert_eq!(all.into_inner().cases.len(), 3);
    let stranger = world
        .agency("yiwu-court")
        .matters()
        .list_matter_cases(list())
        .await;
    refused(&stranger.unwrap_err(), Code::NotFound, "NOT_FOUND");
}

#[tokio::test]
async fn a_case_is_linked_by_who_leads_both_and_belongs_to_one_matter() {
    let world = World::together().await;
    let matter = matter(&world).await.name;
    let foreign = world.register("kaihua-union").await.name;
    let lead = world.agency(LEAD);
    let link = |matter: &str, case: &str| pb::LinkCaseRequest {
        matter: matter.into(),
        case: case.into(),
        request_id: String::new(),
    };
    let not_theirs = lead.matters().link_case(link(&matter, &foreign)).await;
    refused(&not_theirs.unwrap_err(), Code::NotFound, "NOT_FOUND");
    let case = member(&world, &matter, "测试工友甲").await;
    let twice = lead.matters().link_case(link(&matter, &case)).await;
    refused(
        &twice.unwrap_err(),
        Code::InvalidArgument,
        "INVALID_ARGUMENT",
    );
    let no_matter = lead.matters().link_case(link(&case, &matter)).await;
    refused(
        &no_matter.unwrap_err(),
        Code::InvalidArgument,
        "INVALID_ARGUMENT",
    );
    let unlink = pb::UnlinkCaseRequest {
        matter: matter.clone(),
        case: case.clone(),
        request_id: String::new(),
    };
    lead.matters().unlink_case(unlink).await.unwrap();
    assert!(world.get(LEAD, &case).await.unwrap().matter.is_empty());
    lead.matters()
        .link_case(link(&matter, &case))
        .await
        .unwrap();
}
