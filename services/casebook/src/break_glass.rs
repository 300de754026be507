//! Break-glass: an agency opens a case by itself because nobody can be asked,
//! for three hours at most, and answers for it afterwards.

use chrono::TimeDelta;
use host::clock::{shanghai_date, shanghai_day_start, to_timestamp};
use host::{Caller, Desk, Refusal, parse};
use law::calendar::Calendar;
use proto::internal::v1::{StoredBreakGlass, StoredPlace};
use proto::names::CaseChild;
use proto::v1 as pb;
use proto::v1::break_glass_service_server::BreakGlassService;
use proto::v1::{ErrorReason, GrantStage, Section, Verdict};
use store::{Draft, View};
use tonic::{Request, Response, Status};

use crate::case::{entry, may_lead};
use crate::referral::terms::Terms;
use crate::sharing::{Notice, OPENINGS_MAX, Sharing};
use crate::{keys, page, referral};

const COLLECTION: &str = "breakGlassGrants";
/// Longest opening, and what it is if nothing is said.
const MINUTES_MAX: u32 = 180;
const MINUTES_DEFAULT: u32 = 60;
/// Working days for the review.
const REVIEW_DAYS: u32 = 5;
const EXPLANATION_CHARS_MIN: usize = 10;
const EXPLANATION_CHARS: usize = 500;
/// Places that are read at once.
const READ_LEN: usize = 64;

/// The full name that a record has.
pub(crate) fn name_of(record: &StoredBreakGlass) -> String {
    let opening = record.break_glass.as_ref();
    opening
        .map(|opening| opening.name.clone())
        .unwrap_or_default()
}

/// Puts an opening among all, and among those to be reviewed while it is.
pub(crate) fn index(draft: &mut Draft, name: &CaseChild, record: &StoredBreakGlass) {
    let Some(opening) = record.break_glass.as_ref() else {
        return;
    };
    let place = StoredPlace {
        name: name.to_string(),
    };
    let millis =
        |at: &Option<prost_types::Timestamp>| at.as_ref().map_or(0, |at| at.seconds) * 1000;
    draft.put(&keys::opening(millis(&opening.opened_at), name), &place);
    let review = keys::review(millis(&opening.review_by), name);
    if opening.reviewed_at.is_none() {
        draft.put(&review, &place);
    } else {
        draft.delete(&review);
    }
}

/// The label of an opening: who opened, who oversees.
pub(crate) fn label(
    view: &View,
    sharing: &Sharing<'_>,
    name: &str,
    asker: &str,
) -> Result<pb::Label, Refusal> {
    let agency = &sharing.opening(name)?.agency;
    let supervisors = sharing.supervisors().to_vec();
    sharing.case.label_for(view, asker, agency, supervisors)
}

/// The BreakGlassService.
pub(crate) struct BreakGlasses {
    desk: Desk,
    terms: Terms,
}

impl BreakGlasses {
    pub(crate) fn new(desk: Desk, terms: Terms) -> Self {
        Self { desk, terms }
    }
}

#[tonic::async_trait]
impl BreakGlassService for BreakGlasses {
    async fn open_break_glass(
        &self,
        request: Request<pb::OpenBreakGlassRequest>,
    ) -> Result<Response<pb::BreakGlass>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let case = parse::case_name("parent", &request.parent)?;
        let now = self.desk.now();
        let given = parse_opening(&request)?;
        let name = CaseChild {
            case,
            collection: COLLECTION,
            id: self.desk.new_id()?,
        };
        let review_by = Calendar::built_in()
            .working_days_after(shanghai_date(now), REVIEW_DAYS)
            .map(|last| shanghai_day_start(last.date + TimeDelta::days(1)))
            .ok_or_else(|| Refusal::internal("the clock is beyond the calendar"))?;
        let intent =
            self.desk
                .intent(&caller, name.case.as_str(), &request.request_id, &request)?;
        let opened = self.desk.store().change(&intent, |draft| {
            let mut sharing = Sharing::load(draft, &name.case, now, &self.terms)?;
            sharing.case.require_label(caller.label_revision())?;
            require_emergency(&sharing, &caller)?;
            sharing.oversee(draft)?;
            let until = now + TimeDelta::minutes(i64::from(given.1));
            let opening = pb::BreakGlass {
                name: name.to_string(),
                agency: caller.agency().to_owned(),
                user: caller.user().to_owned(),
                opened_at: Some(to_timestamp(now)),
                valid_until: Some(to_timestamp(until)),
                review_by: Some(to_timestamp(review_by)),
                ..given.0.clone()
            };
            sharing.case.grant(
                pb::Grant {
                    agency: opening.agency.clone(),
                    stage: GrantStage::BreakGlass as i32,
                    sections: opening.sections.clone(),
                    valid_until: opening.valid_until,
                    referral: opening.name.clone(),
                    ..pb::Grant::default()
                },
                now,
            );
            sharing.case.append(
                entry::of_act(&caller, "break_glass_opened", &opening.reason),
                now,
            );
            tell(&mut sharing, &caller, "breakGlass.opened", &opening, now);
            sharing.notify(Notice {
                kind: "break_glass",
                agencies: vec![opening.agency.clone()],
                sections: opening.sections.clone(),
                at: now,
            });
            sharing.put_opening(opening);
            answer(draft, &mut sharing, &name, &caller)
        });
        Ok(Response::new(opened.await?))
    }

    async fn close_break_glass(
        &self,
        request: Request<pb::CloseBreakGlassRequest>,
    ) -> Result<Response<pb::BreakGlass>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_child("name", &request.name, COLLECTION)?;
        let now = self.desk.now();
        let intent =
            self.desk
                .intent(&caller, name.case.as_str(), &request.request_id, &request)?;
        let closed = self.desk.store().change(&intent, |draft| {
            let mut sharing = Sharing::load(draft, &name.case, now, &self.terms)?;
            sharing.case.require_label(caller.label_revision())?;
            let opening = sharing.opening(&request.name)?.clone();
            let is_theirs =
                opening.agency == caller.agency() || sharing.case.is_lead(caller.agency());
            if !is_theirs {
                return Err(Refusal::not_found());
            }
            let ended = sharing
                .case
                .end_grants("closed", now, |grant| grant.referral == opening.name);
            if ended.is_empty() {
                return Err(Refusal::over("the break-glass grant", "ended"));
            }
            sharing.put_opening(pb::BreakGlass {
                valid_until: Some(to_timestamp(now)),
                ..opening
            });
            sharing
                .case
                .append(entry::of_act(&caller, "break_glass_closed", ""), now);
            answer(draft, &mut sharing, &name, &caller)
        });
        Ok(Response::new(closed.await?))
    }

    async fn review_break_glass(
        &self,
        request: Request<pb::ReviewBreakGlassRequest>,
    ) -> Result<Response<pb::BreakGlass>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_child("name", &request.name, COLLECTION)?;
        let now = self.desk.now();
        let verdict = Verdict::try_from(request.verdict).unwrap_or_default();
        if verdict == Verdict::Unspecified {
            return Err(Refusal::invalid("verdict", "must be JUSTIFIED or UNJUSTIFIED").into());
        }
        let note = parse::text("note", &request.note, EXPLANATION_CHARS)?;
        let intent =
            self.desk
                .intent(&caller, name.case.as_str(), &request.request_id, &request)?;
        let reviewed = self.desk.store().change(&intent, |draft| {
            let mut sharing = Sharing::load(draft, &name.case, now, &self.terms)?;
            sharing.case.require_label(caller.label_revision())?;
            let opening = sharing.opening(&request.name)?.clone();
            require_reviewer(&sharing, &opening, &caller)?;
            if verdict == Verdict::Unjustified {
                sharing
                    .case
                    .end_grants("unjustified", now, |grant| grant.referral == opening.name);
            }
            let reviewed = pb::BreakGlass {
                verdict: verdict as i32,
                review_note: note.clone(),
                reviewed_by: caller.agency().to_owned(),
                reviewed_at: Some(to_timestamp(now)),
                ..opening
            };
            let outcome = if verdict == Verdict::Justified {
                "justified"
            } else {
                "unjustified"
            };
            sharing
                .case
                .append(entry::of_act(&caller, "break_glass_reviewed", outcome), now);
            tell(&mut sharing, &caller, "breakGlass.reviewed", &reviewed, now);
            let opener = reviewed.agency.clone();
            sharing
                .case
                .tell(&opener, "breakGlass.reviewed", &reviewed.name, outcome, now);
            sharing.put_opening(reviewed);
            answer(draft, &mut sharing, &name, &caller)
        });
        Ok(Response::new(reviewed.await?))
    }

    async fn get_break_glass(
        &self,
        request: Request<pb::GetBreakGlassRequest>,
    ) -> Result<Response<pb::BreakGlass>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_child("name", &request.name, COLLECTION)?;
        let view = self.desk.store().read();
        let sharing = Sharing::load(&view, &name.case, self.desk.now(), &self.terms)?;
        Ok(Response::new(to_wire(
            &view,
            &sharing,
            &request.name,
            &caller,
        )?))
    }

    async fn list_break_glass(
        &self,
        request: Request<pb::ListBreakGlassRequest>,
    ) -> Result<Response<pb::ListBreakGlassResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        Ok(Response::new(self.list(&caller, &request)?))
    }
}

impl BreakGlasses {
    fn list(
        &self,
        caller: &Caller,
        request: &pb::ListBreakGlassRequest,
    ) -> Result<pb::ListBreakGlassResponse, Refusal> {
        let limit = page::size(request.page_size, 50, 200)?;
        let prefix = if request.unreviewed_only {
            keys::ALL_REVIEWS
        } else {
            keys::ALL_OPENINGS
        };
        let mut after = page::place(&request.page_token, prefix, 3)?;
        let view = self.desk.store().read();
        let mut found = Vec::new();
        loop {
            let places = view.scan::<StoredPlace>(prefix, after.as_deref(), READ_LEN)?;
            let is_last = places.len() < READ_LEN;
            for (key, place) in places {
                after = Some(key);
                let name = CaseChild::parse(&place.name, COLLECTION)?;
                let sharing = Sharing::load(&view, &name.case, self.desk.now(), &self.terms)?;
                let opening = sharing.opening(&place.name)?;
                let concerns = opening.agency == caller.agency()
                    || sharing.case.is_lead(caller.agency())
                    || sharing.supervisors().iter().any(|s| s == caller.agency());
                if concerns {
                    found.push(to_wire(&view, &sharing, &place.name, caller)?);
                }
                if found.len() == limit {
                    let next_page_token = page::next(after.as_deref(), prefix, false);
                    return Ok(pb::ListBreakGlassResponse {
                        break_glass: found,
                        next_page_token,
                    });
                }
            }
            if is_last {
                return Ok(pb::ListBreakGlassResponse {
                    break_glass: found,
                    next_page_token: String::new(),
                });
            }
        }
    }
}

/// What is given of an opening, and for how many minutes.
fn parse_opening(request: &pb::OpenBreakGlassRequest) -> Result<(pb::BreakGlass, u32), Refusal> {
    let explanation = parse::text("explanation", &request.explanation, EXPLANATION_CHARS)?;
    if explanation.chars().count() < EXPLANATION_CHARS_MIN {
        return Err(Refusal::invalid(
            "explanation",
            "must say why in at least ten characters; it will be reviewed",
        ));
    }
    let sections = referral::sections("sections", &request.sections)?;
    if sections.is_empty() {
        return Err(Refusal::invalid(
            "sections",
            "must name at least one section",
        ));
    }
    if sections.contains(&(Section::Privileged as i32)) {
        return Err(Refusal::invalid(
            "sections",
            "privileged is not opened by anybody",
        ));
    }
    let minutes = match request.minutes {
        0 => MINUTES_DEFAULT,
        minutes if minutes <= MINUTES_MAX => minutes,
        _ => return Err(Refusal::invalid("minutes", "must be 1 to 180")),
    };
    let opening = pb::BreakGlass {
        reason: parse::code("reason", &request.reason)?,
        explanation,
        sections,
        ..pb::BreakGlass::default()
    };
    Ok((opening, minutes))
}

fn require_emergency(sharing: &Sharing<'_>, caller: &Caller) -> Result<(), Refusal> {
    let case = &sharing.case;
    if case.label().sealed || !may_lead(caller.kind()) {
        // A sealed case is not opened, and not told of.
        return Err(Refusal::not_found());
    }
    if case.is_lead(caller.agency()) {
        return Err(Refusal::precondition(
            ErrorReason::WrongState,
            "your agency leads the case and needs no break-glass",
        ));
    }
    if case
        .grant_of(caller.agency(), GrantStage::BreakGlass)
        .is_some()
    {
        return Err(Refusal::precondition(
            ErrorReason::WrongState,
            "your agency has opened the case already; close that one first (CloseBreakGlass)",
        ));
    }
    if sharing.openings().count() >= OPENINGS_MAX {
        return Err(Refusal::invalid(
            "parent",
            "the case was opened 500 times already",
        ));
    }
    Ok(())
}

fn require_reviewer(
    sharing: &Sharing<'_>,
    opening: &pb::BreakGlass,
    caller: &Caller,
) -> Result<(), Refusal> {
    let supervises = sharing.supervisors().iter().any(|s| s == caller.agency());
    if opening.agency == caller.agency() {
        return Err(Refusal::denied(
            ErrorReason::NotAllowed,
            "the agency that opened the case does not review itself",
        ));
    }
    if !supervises && !sharing.case.is_lead(caller.agency()) {
        return Err(Refusal::not_found());
    }
    if opening.reviewed_at.is_some() {
        return Err(Refusal::over("the break-glass grant", "reviewed"));
    }
    Ok(())
}

/// Lead and supervisors are told, but for who acts.
fn tell(
    sharing: &mut Sharing<'_>,
    caller: &Caller,
    kind: &str,
    opening: &pb::BreakGlass,
    now: chrono::DateTime<chrono::Utc>,
) {
    let mut told = sharing.supervisors().to_vec();
    told.push(sharing.case.label().lead.clone());
    for agency in told.into_iter().filter(|agency| agency != caller.agency()) {
        sharing
            .case
            .tell(&agency, kind, &opening.name, &opening.reason, now);
    }
}

fn answer(
    draft: &mut Draft,
    sharing: &mut Sharing<'_>,
    name: &CaseChild,
    caller: &Caller,
) -> Result<pb::BreakGlass, Refusal> {
    sharing.save(draft)?;
    to_wire(draft, sharing, &name.to_string(), caller)
}

fn to_wire(
    view: &View,
    sharing: &Sharing<'_>,
    name: &str,
    caller: &Caller,
) -> Result<pb::BreakGlass, Refusal> {
    Ok(pb::BreakGlass {
        label: Some(label(view, sharing, name, caller.agency())?),
        ..sharing.opening(name)?.clone()
    })
}
