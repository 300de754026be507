//! A docket: how one is opened, changed and kept, the same for all three kinds.
//!
//! Kept under `file/{case id}/{kind}/{agency id}/{number}`.

use chrono::{DateTime, NaiveDate, Utc};
use host::clock::{shanghai_date, to_timestamp};
use host::{Caller, Desk, Named, Procedure, Refusal, milestone, parse};
use prost::Message;
use proto::internal::v1::{Effect, Milestone};
use proto::names::{AgencyName, CaseName};
use proto::v1::{AgencyKind, ArbitrationFile, ErrorReason, InjuryFile, InspectionFile, LabourAct};
use proto::{Date, Money};
use store::{Draft, View};

use crate::asked::{Asked, Opening};
use crate::procedure::{ARBITRATION, At, INJURY, INSPECTION, Step};

/// Dockets of one kind that a bureau may keep on one case.
const DOCKETS_MAX: usize = 100;
/// Acts that a docket holds at most.
const ACTS_MAX: usize = 500;

/// What a step shows on the timeline of the case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shown {
    pub(crate) act: &'static str,
    pub(crate) outcome: String,
    pub(crate) amount: Option<Money>,
    pub(crate) effect: Effect,
}

impl Shown {
    pub(crate) fn act(act: &'static str) -> Self {
        Self {
            act,
            ..Self::default()
        }
    }

    pub(crate) fn with(act: &'static str, outcome: &str, amount: Option<Money>) -> Self {
        Self {
            act,
            outcome: outcome.to_owned(),
            amount,
            ..Self::default()
        }
    }
}

/// One of the three kinds of file.
pub(crate) trait Docket: Message + Default + Clone + 'static {
    type State: Copy + Eq + 'static;
    const FOLDER: &'static str;
    const OPENER: &'static str;
    const FIRST: Self::State;

    fn procedure() -> Procedure<At<Self::State>, Step>
    where
        At<Self::State>: Named;
    fn standing(&self) -> Self::State;
    fn stand(&mut self, state: Self::State);
    fn id(&self) -> &str;
    fn enter(&mut self, author: &str, number: u32, at: DateTime<Utc>);
    fn acts(&mut self) -> &mut Vec<LabourAct>;
    fn set_legal(&mut self, steps: Vec<String>);
    fn set_under_way(&mut self, state: &str);
}

macro_rules! docket {
    ($file:ident, $state:ident, $folder:literal, $opener:literal, $procedure:ident) => {
        impl Docket for $file {
            type State = proto::v1::$state;
            const FOLDER: &'static str = $folder;
            const OPENER: &'static str = $opener;
            const FIRST: Self::State = proto::v1::$state::Received;

            fn procedure() -> Procedure<At<Self::State>, Step> {
                $procedure
            }

            fn standing(&self) -> Self::State {
                self.state()
            }

            fn stand(&mut self, state: Self::State) {
                self.set_state(state);
            }

            fn id(&self) -> &str {
                &self.docket
            }

            fn enter(&mut self, author: &str, number: u32, at: DateTime<Utc>) {
                author.clone_into(&mut self.author);
                self.number = number;
                self.docket = format!("{}-{number}", $folder);
                self.opened_at = Some(to_timestamp(at));
            }

            fn acts(&mut self) -> &mut Vec<LabourAct> {
                &mut self.acts
            }

            fn set_legal(&mut self, steps: Vec<String>) {
                self.legal_steps = steps;
            }

            fn set_under_way(&mut self, state: &str) {
                state.clone_into(&mut self.under_way_at);
            }
        }
    };
}

docket!(
    InspectionFile,
    InspectionState,
    "inspection",
    "ReceiveComplaint",
    INSPECTION
);
docket!(
    ArbitrationFile,
    ArbitrationState,
    "arbitration",
    "ReceiveArbitrationApplication",
    ARBITRATION
);
docket!(
    InjuryFile,
    InjuryState,
    "injury",
    "ReceiveInjuryApplication",
    INJURY
);

/// One bureau and one case, and who acts when.
pub(crate) struct Counter<'d> {
    desk: &'d Desk,
    caller: Caller,
    case: CaseName,
    agency: AgencyName,
    now: DateTime<Utc>,
}

impl<'d> Counter<'d> {
    /// The bureau that asks. Any other kind of agency is refused, whatever the
    /// gateway's rules say.
    pub(crate) fn new(desk: &'d Desk, caller: Caller, parent: &str) -> Result<Self, Refusal> {
        if caller.kind() != AgencyKind::LabourBureau {
            let only = "only a labour bureau does this, in its own file";
            return Err(Refusal::denied(ErrorReason::NotAllowed, only));
        }
        let case = parse::case_name("parent", parent)?;
        let agency = AgencyName::parse(caller.agency()).map_err(|_| Refusal::not_found())?;
        Ok(Self {
            desk,
            case,
            agency,
            now: desk.now(),
            caller,
        })
    }

    /// Opens a docket.
    pub(crate) async fn open<F: Docket, R: Opening>(
        &self,
        asked: &R,
        fill: impl Fn(&R, &mut F) -> Result<Shown, Refusal>,
    ) -> Result<F, Refusal>
    where
        At<F::State>: Named,
    {
        let date = done_on(asked.date(), shanghai_date(self.now))?;
        let first = stands_at::<F>(asked.under_way_at())?;
        let mut fresh = F::default();
        let shown = fill(asked, &mut fresh)?;
        fresh.stand(first);
        fresh.set_under_way(asked.under_way_at());
        self.desk
            .change(
                &self.caller,
                &self.case,
                asked.request_id(),
                asked,
                |draft| {
                    let number = self.own::<F>(draft)?.len() + 1;
                    if number > DOCKETS_MAX {
                        return Err(Refusal::invalid(
                            "parent",
                            "the case has 100 such dockets already",
                        ));
                    }
                    let mut file = fresh.clone();
                    file.enter(
                        self.caller.agency(),
                        u32::try_from(number).unwrap_or(u32::MAX),
                        self.now,
                    );
                    file.acts().push(LabourAct {
                        step: F::OPENER.to_owned(),
                        date,
                        ..LabourAct::default()
                    });
                    self.keep(draft, &mut file);
                    let outcome = if asked.under_way_at().is_empty() {
                        String::new()
                    } else {
                        "under_way".to_owned()
                    };
                    self.tell(
                        draft,
                        date,
                        Shown {
                            outcome,
                            ..shown.clone()
                        },
                    );
                    Ok(file)
                },
            )
            .await
    }

    /// Takes a step on one of the bureau's own dockets.
    pub(crate) async fn step<F: Docket, R: Asked>(
        &self,
        asked: &R,
        step: &'static str,
        edit: impl Fn(&R, &mut F, &mut LabourAct) -> Result<Option<Shown>, Refusal>,
    ) -> Result<F, Refusal>
    where
        At<F::State>: Named,
    {
        let date = done_on(asked.date(), shanghai_date(self.now))?;
        self.desk
            .change(
                &self.caller,
                &self.case,
                asked.request_id(),
                asked,
                |draft| {
                    let mut file = self.chosen::<F>(draft, asked.docket())?;
                    let At(reached) = F::procedure().next(At(file.standing()), Step(step))?;
                    file.stand(reached);
                    let mut act = LabourAct {
                        step: step.to_owned(),
                        date,
                        ..LabourAct::default()
                    };
                    let shown = edit(asked, &mut file, &mut act)?;
                    if file.acts().len() >= ACTS_MAX {
                        return Err(Refusal::invalid(
                            "parent",
                            "the docket has 500 acts already",
                        ));
                    }
                    file.acts().push(act);
                    self.keep(draft, &mut file);
                    if let Some(shown) = shown {
                        self.tell(draft, date, shown);
                    }
                    Ok(file)
                },
            )
            .await
    }

    fn chosen<F: Docket>(&self, view: &View, docket: &str) -> Result<F, Refusal> {
        let mut own = self.own::<F>(view)?;
        if docket.is_empty() {
            return own.pop().ok_or_else(|| {
                let opener = [F::OPENER];
                Refusal::wrong_state(ErrorReason::WrongState, "the file", "not opened", opener)
            });
        }
        own.into_iter()
            .find(|file| file.id() == docket)
            .ok_or_else(Refusal::not_found)
    }

    fn own<F: Docket>(&self, view: &View) -> Result<Vec<F>, Refusal> {
        let prefix = format!("{}{}/", folder::<F>(&self.case), self.agency.id());
        files(view, &prefix)
    }

    fn keep<F: Docket>(&self, draft: &mut Draft, file: &mut F)
    where
        At<F::State>: Named,
    {
        let legal = F::procedure().legal(At(file.standing()));
        file.set_legal(legal.into_iter().map(str::to_owned).collect());
        let number: u32 = file
            .id()
            .rsplit('-')
            .next()
            .and_then(|n| n.parse().ok())
            .unwrap_or(0);
        let key = format!(
            "{}{}/{number:05}",
            folder::<F>(&self.case),
            self.agency.id()
        );
        draft.put(&key, file);
    }

    fn tell(&self, draft: &mut Draft, date: Option<Date>, shown: Shown) {
        milestone(
            draft,
            &Milestone {
                case: self.case.to_string(),
                agency: self.caller.agency().to_owned(),
                user: self.caller.user().to_owned(),
                act: shown.act.to_owned(),
                date,
                outcome: shown.outcome,
                amount: shown.amount,
                recorded_at: Some(to_timestamp(self.now)),
                effect: shown.effect as i32,
                referral: String::new(),
            },
        );
    }
}

/// Where all files of a kind on a case are kept.
pub(crate) fn folder<F: Docket>(case: &CaseName) -> String {
    format!("file/{}/{}/", case.id(), F::FOLDER)
}

/// The files under a prefix, oldest first.
pub(crate) fn files<F: Docket>(view: &View, prefix: &str) -> Result<Vec<F>, Refusal> {
    let rows = view.scan::<F>(prefix, None, 10 * DOCKETS_MAX)?;
    Ok(rows.into_iter().map(|(_, file)| file).collect())
}

/// When something was done: optional, in whole or in part, and not to come.
fn done_on(date: Option<&Date>, today: NaiveDate) -> Result<Option<Date>, Refusal> {
    use chrono::Datelike as _;
    let date = parse::optional_date("date", date)?;
    let today = (
        today.year(),
        i32::try_from(today.month()).unwrap_or(0),
        i32::try_from(today.day()).unwrap_or(0),
    );
    if date.is_some_and(|date| (date.year, date.month, date.day) > today) {
        return Err(Refusal::invalid(
            "date",
            "lies in the future; record what has been done",
        ));
    }
    Ok(date)
}

fn stands_at<F: Docket>(name: &str) -> Result<F::State, Refusal>
where
    At<F::State>: Named,
{
    if name.is_empty() {
        return Ok(F::FIRST);
    }
    let procedure = F::procedure();
    let state = procedure
        .state(name)
        .filter(|state| !procedure.legal(*state).is_empty());
    state.map(|At(state)| state).ok_or_else(|| {
        let mut open: Vec<&str> = procedure.0.iter().map(|(from, _, _)| from.name()).collect();
        open.dedup();
        Refusal::invalid(
            "under_way_at",
            format!("must be one of {}", open.join(", ")),
        )
    })
}
