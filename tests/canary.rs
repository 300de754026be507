//! A sweep of the whole contract, found by reflection: a stranger calls every
//! method about a full case, and nothing that comes back tells of it. A new
//! method is swept without being named here.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, Value};
use proto::contract::Contract;
use tonic::Code;

use casenet::client::CallError;

use crate::matrix::{LEAD, MARKERS, full_case};
use crate::world::{World, on_duty};

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_learns_nothing_from_any_method() {
    let world = World::with(crate::matrix::agencies()).await;
    let case = full_case(&world).await;
    let referral = on_duty("yiwu-procuratorate", &[proto::v1::Section::Summary]);
    let referral = world.draft(LEAD, &case, referral).await.unwrap().name;
    let consent = [proto::v1::AgencyKind::Union];
    let consent = world
        .consent(LEAD, &case, &consent, &[proto::v1::Section::Summary])
        .await
        .name;
    let contract = Contract::load().unwrap();
    let mut swept = 0;
    for method in contract.methods().filter(|method| !method.streams) {
        let path = method.path.trim_start_matches("/casenet.v1.");
        let input = contract
            .pool()
            .services()
            .flat_map(|service| service.methods().collect::<Vec<_>>())
            .find(|known| {
                method.path.ends_with(&format!(
                    "{}/{}",
                    known.parent_service().full_name(),
                    known.name()
                ))
            })
            .unwrap()
            .input();
        for name in [&case, &referral, &consent] {
            let mut request = DynamicMessage::new(input.clone());
            if let Some(field) = method.resource.and_then(|number| input.get_field(number)) {
                request.set_field(&field, Value::String(name.clone()));
            }
            for field in input.fields() {
                fill(&mut request, &field, name);
            }
            let json = serde_json::to_string(&request).unwrap();
            let answer = world.agency("zhejiang-workers").call(path, &json).await;
            swept += 1;
            let left = match &answer {
                Ok(answer) => answer.to_string(),
                Err(CallError::Refused(status)) => format!("{status:?}"),
                Err(CallError::Usage(usage)) => panic!("{path}: {usage}"),
            };
            for marker in MARKERS {
                assert!(!left.contains(marker), "{path} let {marker} out: {left}");
            }
            // About the case itself every answer is the same: there is none.
            if method.resource.is_some() {
                let Err(CallError::Refused(status)) = answer else {
                    panic!("{path} answered a stranger: {left}");
                };
                let told_nothing = matches!(status.code(), Code::NotFound | Code::InvalidArgument);
                assert!(told_nothing, "{path}: {status:?}");
            }
        }
    }
    assert!(swept > 300, "only {swept} calls");
    // And the markers are there to be seen by those who may.
    let lead = world.get(LEAD, &case).await.unwrap();
    let record = serde_json::to_string(&casenet::client::json("Case", &lead)).unwrap();
    assert!(record.contains("MARK-identity") && record.contains("MARK-minutes"));
}

/// Any other name that the request can carry: the same one.
fn fill(request: &mut DynamicMessage, field: &FieldDescriptor, name: &str) {
    let is_name = ["name", "parent", "referral", "agency"].contains(&field.name());
    if is_name && field.kind() == Kind::String && !request.has_field(field) && !field.is_list() {
        request.set_field(field, Value::String(name.to_owned()));
    }
}
