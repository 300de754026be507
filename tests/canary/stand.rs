//! How an agency stands to a case, how it comes to stand so, and what it may
//! then see by the design.

use std::collections::BTreeSet;

use proto::v1::{self as pb, AgencyKind, ReferralKind, Section};

use super::marks::Marks;
use super::plant::{self, FIRM, Planted, UNION};
use crate::matrix::{self, READERS};
use crate::world::{World, on_consent, on_duty};

/// How an agency stands to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    NoGrant,
    Triage,
    Working,
    Residual,
    Withdrawn,
    /// Its access was for a time that is over.
    Expired,
    BreakGlass,
    /// It led the case and handed it over.
    FormerLead,
    /// One who works on the case asked it to, for a part of it.
    SubReceiver,
}

/// What is passed on by one who works on the case.
const SUB_SCOPE: [Section; 5] = [
    Section::Summary,
    Section::Identity,
    Section::Employment,
    Section::Claims,
    Section::Timeline,
];

/// Agencies that no referral reaches, and that open nothing.
pub const BYSTANDERS: [(&str, AgencyKind); 2] = [
    ("yiwu-mediators", AgencyKind::Other),
    ("operator", AgencyKind::Operator),
];

/// One who calls.
pub struct Caller {
    pub agency: &'static str,
    /// Signs in as a person of it.
    pub person: bool,
    /// Column of the matrix; none: sees nothing.
    pub reader: Option<usize>,
    /// Real names, for requests.
    pub names: Names,
}

/// Names of what there is, where the caller has its own first.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub case: String,
    pub referrals: Vec<String>,
    pub consents: Vec<String>,
    pub notices: Vec<String>,
    pub openings: Vec<String>,
}

fn is_informed(kind: AgencyKind) -> bool {
    matches!(kind, AgencyKind::Media | AgencyKind::University)
}

fn has_duty(kind: AgencyKind) -> bool {
    use AgencyKind::{Court, LabourBureau, Procuratorate};
    matches!(kind, LabourBureau | Court | Procuratorate)
}

/// Whether agencies of this kind come to stand so at all.
pub fn is_possible(kind: AgencyKind, state: State) -> bool {
    !matches!(state, State::BreakGlass | State::FormerLead) || !is_informed(kind)
}

/// How much of a section is seen: ● all, ◐ in part, ○ nothing.
fn level(state: State, reader: usize, section: Section) -> char {
    let kind = READERS[reader].1;
    match state {
        _ if !is_possible(kind, state) => '○',
        State::NoGrant | State::Withdrawn | State::Expired => '○',
        State::Triage => matrix::expected(matrix::State::Triage, section, reader),
        State::Working => at_work(section, reader),
        State::Residual | State::FormerLead => {
            matrix::expected(matrix::State::Residual, section, reader)
        }
        // Nobody was asked: there is no consent for health data.
        State::BreakGlass if section == Section::Injury => '○',
        State::BreakGlass => at_work(section, reader),
        State::SubReceiver if !SUB_SCOPE.contains(&section) => '○',
        State::SubReceiver => at_work(section, reader),
    }
}

fn at_work(section: Section, reader: usize) -> char {
    // The matrix's case is told of nowhere; of this one a publication stands,
    // and with it media see an inspection's result ("○ until published").
    if section == Section::InspectionFile && READERS[reader].1 == AgencyKind::Media {
        return '◐';
    }
    matrix::expected(matrix::State::Working, section, reader)
}

/// The marks that the caller may see, standing so.
pub fn allowed(marks: &Marks, caller: &Caller, state: State) -> BTreeSet<usize> {
    let shows = |section, part| {
        let level = caller.reader.map(|reader| level(state, reader, section));
        level == Some('●') || (part && level == Some('◐'))
    };
    chosen(marks, caller.agency, shows)
}

/// The marks that the caller may see once it has taken all access that the
/// contract lets it take by itself: accepted, reopened, filed, opened.
pub fn reachable(marks: &Marks, caller: &Caller, state: State) -> BTreeSet<usize> {
    let mut all = allowed(marks, caller, state);
    let Some(reader) = caller.reader else {
        return all;
    };
    let shows = |section, part| {
        let working = at_work(section, reader);
        match state {
            // By break-glass, of the one section that the sweep asks for.
            State::NoGrant | State::Withdrawn | State::Expired | State::FormerLead => {
                section == Section::Summary && is_possible(READERS[reader].1, State::BreakGlass)
            }
            // Once a case is filed with an organ it sees health data.
            _ => working == '●' || (part && working == '◐') || section == Section::Injury,
        }
    };
    all.extend(chosen(marks, caller.agency, shows));
    all
}

/// The marks that the union sees of a case that it leads, for filing. Drafts
/// that nobody approved it reads at the publicity desk.
pub fn of_the_lead(marks: &Marks) -> BTreeSet<usize> {
    use Section as S;
    let shows = |section, part| match section {
        S::Privileged => false,
        S::CounselFile | S::InspectionFile | S::ArbitrationFile | S::CourtFile => part,
        _ => true,
    };
    chosen(marks, UNION, shows)
}

fn chosen(marks: &Marks, agency: &str, shows: impl Fn(Section, bool) -> bool) -> BTreeSet<usize> {
    let all = marks.all.iter().enumerate();
    all.filter(|(_, mark)| {
        let is_shown = |place: &super::marks::Place| shows(place.section, place.part);
        let is_reached = mark.behind.iter().all(is_shown);
        mark.author == agency || (is_reached && mark.places.iter().any(is_shown))
    })
    .map(|(at, _)| at)
    .collect()
}

/// Brings a reader into the state.
pub async fn bring(world: &World, planted: &Planted, reader: (&str, AgencyKind), state: State) {
    let (agency, kind) = reader;
    let (case, lead) = (planted.case.as_str(), planted.lead.as_str());
    match state {
        State::NoGrant => {}
        _ if !is_possible(kind, state) => {}
        State::BreakGlass => open(world, case, agency).await,
        State::FormerLead => hand_over(world, planted).await,
        State::SubReceiver => {
            let referral = asked(world, planted, FIRM, reader, &SUB_SCOPE).await;
            world.share(FIRM, case, referral).await;
        }
        State::Triage => {
            let referral = asked(world, planted, lead, reader, &plant::scope()).await;
            let drafted = world.draft(lead, case, referral).await.unwrap();
            world.send(lead, &drafted.name).await.unwrap();
        }
        State::Working | State::Residual | State::Expired => {
            let mut referral = asked(world, planted, lead, reader, &plant::scope()).await;
            if state == State::Expired {
                let until = crate::world::now() + chrono::TimeDelta::days(1);
                referral.access_until = Some(host::clock::to_timestamp(until));
            }
            let accepted = world.share(lead, case, referral).await;
            if state == State::Residual {
                complete(world, agency, accepted.name).await;
            }
        }
        State::Withdrawn => {
            let given = plant::consent(world, lead, case, &[agency], &plant::scope()).await;
            let referral = on_consent(referral_kind(kind), agency, &plant::scope(), &given);
            world.share(lead, case, referral).await;
            let withdraw = pb::WithdrawConsentRequest {
                name: given,
                ..Default::default()
            };
            let lead = world.agency(lead);
            lead.consents().withdraw_consent(withdraw).await.unwrap();
        }
    }
}

fn referral_kind(kind: AgencyKind) -> ReferralKind {
    if is_informed(kind) {
        ReferralKind::Inform
    } else {
        ReferralKind::Assist
    }
}

/// A referral to the reader: on its duty, else on a consent of its own.
async fn asked(
    world: &World,
    planted: &Planted,
    from: &str,
    reader: (&str, AgencyKind),
    scope: &[Section],
) -> pb::Referral {
    let (agency, kind) = reader;
    if has_duty(kind) {
        return on_duty(agency, scope);
    }
    let (case, to) = (planted.case.as_str(), [agency]);
    let given = plant::consent(world, &planted.lead, case, &to, &plant::scope()).await;
    let referral = on_consent(referral_kind(kind), agency, scope, &given);
    assert_ne!(from, agency);
    referral
}

async fn complete(world: &World, agency: &str, name: String) {
    let complete = pb::CompleteReferralRequest {
        name,
        outcome: "done".into(),
        ..Default::default()
    };
    let mut referrals = world.agency(agency).referrals();
    referrals.complete_referral(complete).await.unwrap();
}

async fn open(world: &World, case: &str, agency: &str) {
    let request = serde_json::json!({
        "parent": case,
        "reason": "danger_to_life",
        "explanation": "a danger to life that cannot wait",
        "sections": plant::scope().iter().map(|s| *s as i32).collect::<Vec<_>>(),
        "minutes": 180,
    });
    let client = world.agency(agency);
    let opened = client
        .call("BreakGlassService/OpenBreakGlass", &request.to_string())
        .await;
    opened.unwrap_or_else(|error| panic!("{agency}: {error}"));
}

/// The lead hands the case over to the union.
async fn hand_over(world: &World, planted: &Planted) {
    let (case, lead) = (planted.case.as_str(), planted.lead.as_str());
    let given = plant::consent(world, lead, case, &[UNION], &plant::scope()).await;
    let handover = pb::Referral {
        service_code: "lead".into(),
        residual: pb::ResidualChoice::Status as i32,
        ..on_consent(ReferralKind::Handover, UNION, &plant::scope(), &given)
    };
    world.share(lead, case, handover).await;
}

/// The names of what the case has, as its lead knows them.
pub async fn names(world: &World, case: &str, agency: &str) -> Names {
    let lead = world.agency(UNION);
    let list = |method: &'static str| {
        let lead = lead.clone();
        let request = serde_json::json!({"parent": case}).to_string();
        async move { lead.call(method, &request).await.unwrap() }
    };
    let own = format!("agencies/{agency}");
    let referrals = list("ReferralService/ListReferrals").await;
    let consents = list("ConsentService/ListConsents").await;
    let notices = list("NoticeService/ListNotices").await;
    let openings = lead.call("BreakGlassService/ListBreakGlass", "{}").await;
    // One of its own and one of somebody else's.
    let pick = |list: &serde_json::Value, is_own: &dyn Fn(&serde_json::Value) -> bool| {
        let all: Vec<_> = list.as_array().into_iter().flatten().collect();
        let own = all.iter().find(|item| is_own(item));
        let others = all.iter().find(|item| !is_own(item));
        let name = |item: &&&serde_json::Value| item["name"].as_str().unwrap().to_owned();
        own.iter().chain(&others).map(name).collect::<Vec<_>>()
    };
    Names {
        case: case.to_owned(),
        referrals: pick(&referrals["referrals"], &|r| r["toAgency"] == own.as_str()),
        consents: pick(&consents["consents"], &|c| {
            c["recipients"][0] == own.as_str()
        }),
        notices: pick(&notices["notices"], &|n| n["agencies"][0] == own.as_str()),
        openings: pick(&openings.unwrap()["breakGlass"], &|o| {
            o["agency"] == own.as_str()
        }),
    }
}
