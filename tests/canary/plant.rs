//! A case with a mark in every field that can hold one, filled by those whose
//! files they are, through the same methods as any other.

use std::collections::BTreeMap;

use casenet::client::Client;
use proto::v1::{self as pb, ReferralKind, Section as S};
use serde_json::{Value, json};

use super::files;
use super::marks::{Marks, part, whole};
use crate::world::{World, on_consent, on_duty};

pub const UNION: &str = "yiwu-union";
pub const FIRM: &str = "chengxin-law";
pub const BUREAU: &str = "yiwu-labour";
pub const COURT: &str = "yiwu-court";
pub const PROCURATORATE: &str = "yiwu-procuratorate";
pub const HOUSE: &str = "yiwu-daily";

/// Those who wrote something of a case that the union leads.
pub const AUTHORS: [&str; 6] = [UNION, FIRM, BUREAU, COURT, PROCURATORATE, HOUSE];

/// A planted case.
pub struct Planted {
    pub case: String,
    pub lead: String,
    pub marks: Marks,
    /// Note that is appended while streams are open.
    pub streamed: Value,
}

/// Every section but the one that nobody passes on.
pub fn scope() -> Vec<S> {
    let all = crate::matrix::WORKING.iter().map(|(section, _)| *section);
    all.filter(|section| *section != S::Privileged).collect()
}

/// The worker consents that these agencies, and no others, receive it.
pub async fn consent(world: &World, lead: &str, case: &str, to: &[&str], scope: &[S]) -> String {
    let consent = pb::Consent {
        purpose: "representation".into(),
        recipients: to.iter().map(|id| format!("agencies/{id}")).collect(),
        sections: scope.iter().map(|section| *section as i32).collect(),
        evidence_sha256: vec![7; 32],
        ..Default::default()
    };
    let request = pb::GrantConsentRequest {
        parent: case.into(),
        consent: Some(consent),
        request_id: String::new(),
    };
    let granted = world.agency(lead).consents().grant_consent(request).await;
    granted.unwrap().into_inner().name
}

/// Plants a case that this agency leads.
pub async fn plant(world: &World, lead: &str) -> Planted {
    let mut marks = Marks::default();
    let m = &mut marks;
    let case = register(world, lead, m).await;
    let everybody = [UNION, FIRM, HOUSE, lead];
    let consented = consent(world, lead, &case, &everybody, &scope()).await;
    let mut shares = vec![
        on_consent(ReferralKind::Assist, FIRM, &scope(), &consented),
        on_consent(ReferralKind::Inform, HOUSE, &scope(), &consented),
        on_duty(BUREAU, &scope()),
        on_duty(COURT, &scope()),
        on_duty(PROCURATORATE, &scope()),
    ];
    if lead != UNION {
        shares.push(on_consent(
            ReferralKind::Assist,
            UNION,
            &scope(),
            &consented,
        ));
    }
    for share in shares {
        world.share(lead, &case, share).await;
    }
    let hand = Hand {
        lines: AUTHORS
            .iter()
            .chain([&lead])
            .map(|agency| (*agency, world.agency(agency)))
            .collect(),
        case: &case,
    };
    contribute(&hand, lead, m).await;
    files::mediate(&hand, m).await;
    files::engage(&hand, m).await;
    files::inspect(&hand, m).await;
    files::arbitrate(&hand, m).await;
    files::recognise(&hand, m).await;
    files::try_suits(&hand, m).await;
    files::prosecute(&hand, m).await;
    files::publish(&hand, lead, m).await;
    let streamed = m.by(UNION).text([whole(S::Timeline)]);
    Planted {
        case,
        lead: lead.to_owned(),
        marks,
        streamed,
    }
}

/// Does what agencies do on the case.
pub struct Hand<'a> {
    /// A line for each: to connect takes longer than to call.
    lines: BTreeMap<&'a str, Client>,
    case: &'a str,
}

impl Hand<'_> {
    pub async fn does(&self, agency: &str, method: &str, mut fields: Value) -> Value {
        fields["parent"] = json!(self.case);
        let done = self.lines[agency].call(method, &fields.to_string()).await;
        done.unwrap_or_else(|error| panic!("{agency} {method}: {error}: {fields}"))
    }
}

async fn register(world: &World, lead: &str, m: &mut Marks) -> String {
    m.by("");
    // The last four characters are found by their field, not by themselves.
    let last_four = [&[0x12, 4][..], b"007X"].concat();
    m.given("last four", &last_four, part(S::IdentityNumber));
    let request = json!({
        "district": "330782",
        "titleZh": m.text([whole(S::Summary)]),
        "titleEn": m.text([whole(S::Summary)]),
        "workers": [{
            "name": m.text([whole(S::Identity)]),
            "origin": m.text([whole(S::Identity)]),
            "identityNumber": m.given("33078218700615007X", b"", whole(S::IdentityNumber)),
            "mobile": m.given("19900731731", b"", whole(S::Contact)),
            "serviceAddress": m.text([part(S::Contact)]),
            "homeAddress": m.text([whole(S::Contact)]),
        }],
        "employment": {
            "employerKind": m.text([part(S::Employment), whole(S::Statistics)]),
            "employerName": m.text([whole(S::Employment)]),
            "creditCode": m.given("91330782MA0000234Y", b"", whole(S::Employment)),
            "post": m.text([whole(S::Employment)]),
            "note": m.text([whole(S::Employment)]),
        },
        "claims": [{
            // The first claim is what the dispute is about.
            "kind": m.text([part(S::Claims), part(S::Summary), whole(S::Statistics)]),
            "amount": m.sum([whole(S::Claims)]),
            "qualifier": m.text([whole(S::Claims)]),
            "note": m.text([whole(S::Claims)]),
        }],
        "injury": {
            "kind": m.text([whole(S::Injury)]),
            "diagnosis": m.text([whole(S::Injury)]),
            "description": m.text([whole(S::Injury)]),
        },
    });
    let client = world.agency(lead);
    let done = client
        .call("CaseService/RegisterCase", &request.to_string())
        .await;
    let case = done.unwrap_or_else(|error| panic!("{lead}: {error}"));
    case["name"].as_str().unwrap().to_owned()
}

async fn contribute(hand: &Hand<'_>, lead: &str, m: &mut Marks) {
    m.by("");
    let participant = json!({"participant": {
        "kindCode": m.text([whole(S::Summary)]),
        "displayName": m.text([whole(S::Summary)]),
    }});
    hand.does(lead, "CaseService/AddParticipant", participant)
        .await;
    for agency in [lead, FIRM] {
        m.by(agency);
        for (filed, place) in [(false, whole(S::Evidence)), (true, part(S::Evidence))] {
            let evidence = json!({"evidence": {
                "title": m.text([place]),
                "kind": m.text([place]),
                "sha256": m.hash(place),
                "filed": filed,
            }});
            hand.does(agency, "CaseService/AddEvidence", evidence).await;
        }
        let entry = json!({"entry": {
            "act": m.text([whole(S::Timeline)]),
            "outcome": m.text([whole(S::Timeline)]),
            "amount": m.sum([whole(S::Timeline)]),
            "actor": {
                "kindCode": m.text([whole(S::Timeline)]),
                "displayName": m.text([whole(S::Timeline)]),
            },
            "note": m.text([whole(S::Timeline)]),
        }});
        hand.does(agency, "CaseService/AppendNote", entry).await;
        // What an author puts into another section is shown as that one is.
        for (section, name) in [
            (S::Identity, "SECTION_IDENTITY"),
            (S::Injury, "SECTION_INJURY"),
            (S::UnionFile, "SECTION_UNION_FILE"),
            (S::CounselFile, "SECTION_COUNSEL_FILE"),
            (S::Privileged, "SECTION_PRIVILEGED"),
        ] {
            m.behind(Some(whole(S::Timeline)));
            let entry = json!({"entry": {"section": name, "note": m.text([whole(section)])}});
            hand.does(agency, "CaseService/AppendNote", entry).await;
            m.behind(Some(whole(S::Evidence)));
            let evidence = json!({"evidence": {
                "section": name,
                "title": m.text([whole(section)]),
                "kind": "documentary",
                "sha256": m.hash(whole(section)),
            }});
            hand.does(agency, "CaseService/AddEvidence", evidence).await;
        }
        m.behind(None);
    }
}
