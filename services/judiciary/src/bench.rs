//! Who acts on which case, and the two ways to act: opening a docket, changing
//! one. An agency finds its own dockets only.
//!
//! Kept under `file/{case id}/{court|procuratorate}/{agency id}/{docket id}`.

use chrono::{DateTime, NaiveDate, Utc};
use host::clock::{shanghai_date, to_timestamp};
use host::{Caller, Desk, Refusal, milestone, parse};
use proto::internal::v1::Milestone;
use proto::names::{AgencyName, CaseName};
use proto::v1::{AgencyKind, ErrorReason};
use store::{Draft, View};
use tonic::{Response, Status};

use crate::asked::Asked;
use crate::docket::{Docket, Entered, Opened, Shown};

/// Dockets that one agency may keep on one case; more than any real case has.
const DOCKETS_MAX: usize = 100;

/// Which dockets a method can be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Among<K: 'static> {
    /// Their kinds.
    pub(crate) kinds: &'static [K],
    /// The methods that open one, for a refusal where there is none.
    pub(crate) openers: &'static [&'static str],
}

/// One agency and one case, and who acts when.
pub(crate) struct Bench<'d> {
    desk: &'d Desk,
    caller: Caller,
    case: CaseName,
    agency: AgencyName,
    now: DateTime<Utc>,
}

impl<'d> Bench<'d> {
    /// A court that works on the case.
    pub(crate) fn court(desk: &'d Desk, caller: Caller, parent: &str) -> Result<Self, Refusal> {
        let only = "only a court does this, in its own file";
        Self::of(desk, caller, parent, AgencyKind::Court, only)
    }

    /// A procuratorate that works on the case.
    pub(crate) fn procuratorate(
        desk: &'d Desk,
        caller: Caller,
        parent: &str,
    ) -> Result<Self, Refusal> {
        let only = "only a procuratorate does this, in its own file";
        Self::of(desk, caller, parent, AgencyKind::Procuratorate, only)
    }

    fn of(
        desk: &'d Desk,
        caller: Caller,
        parent: &str,
        kind: AgencyKind,
        only: &str,
    ) -> Result<Self, Refusal> {
        if caller.kind() != kind {
            return Err(Refusal::denied(ErrorReason::NotAllowed, only));
        }
        let case = parse::case_name("parent", parent)?;
        // The network's own processes keep no file.
        let agency = AgencyName::parse(caller.agency()).map_err(|_| Refusal::not_found())?;
        Ok(Self {
            desk,
            caller,
            case,
            agency,
            now: desk.now(),
        })
    }

    /// Today in Asia/Shanghai.
    pub(crate) fn today(&self) -> NaiveDate {
        shanghai_date(self.now)
    }

    /// Opens a docket. `opening` sees the dockets that the agency has already.
    pub(crate) async fn open<F: Docket>(
        &self,
        asked: &impl Asked,
        opening: impl Fn(&[F]) -> Opened<F>,
    ) -> Result<Response<F>, Status> {
        let opened = self.write(asked, |draft| {
            let dockets = self.dockets(draft)?;
            let (file, shown) = opening(&dockets)?;
            let file = self.enter(&dockets, file)?;
            Ok(self.keep(draft, file, shown))
        });
        Ok(Response::new(opened.await?))
    }

    /// Changes the docket that the request names by one step.
    pub(crate) async fn change<F: Docket>(
        &self,
        asked: &impl Asked,
        among: Among<F::Kind>,
        step: impl Fn(&mut F) -> Result<Shown, Refusal>,
    ) -> Result<Response<F>, Status> {
        let changed = self.write(asked, |draft| {
            let dockets = self.dockets(draft)?;
            let mut file = find(dockets, asked.docket(), among)?;
            let shown = step(&mut file)?;
            Ok(self.keep(draft, file, shown))
        });
        Ok(Response::new(changed.await?))
    }

    /// The same; but if the request names no docket and none is open, the step
    /// is the first on a new one.
    pub(crate) async fn change_or_open<F: Docket>(
        &self,
        asked: &impl Asked,
        among: Among<F::Kind>,
        new: F,
        step: impl Fn(&mut F) -> Result<Shown, Refusal>,
    ) -> Result<Response<F>, Status> {
        let changed = self.write(asked, |draft| {
            let dockets: Vec<F> = self.dockets(draft)?;
            let is_open =
                |file: &F| among.kinds.contains(&file.about()) && !file.legal().is_empty();
            let mut file = if asked.docket().is_empty() && !dockets.iter().any(is_open) {
                self.enter(&dockets, new.clone())?
            } else {
                find(dockets, asked.docket(), among)?
            };
            let shown = step(&mut file)?;
            Ok(self.keep(draft, file, shown))
        });
        Ok(Response::new(changed.await?))
    }

    /// One durable change by this caller on this case.
    async fn write<F: Docket>(
        &self,
        asked: &impl Asked,
        step: impl FnMut(&mut Draft) -> Result<F, Refusal>,
    ) -> Result<F, Refusal> {
        let (desk, caller) = (self.desk, &self.caller);
        desk.change(caller, &self.case, asked.request_id(), asked, step)
            .await
    }

    /// The agency's own dockets on the case, in the order of opening.
    fn dockets<F: Docket>(&self, view: &View) -> Result<Vec<F>, Refusal> {
        let own = format!("{}{}/", folder::<F>(&self.case), self.agency.id());
        files(view, &own)
    }

    /// Numbers a new file.
    fn enter<F: Docket>(&self, dockets: &[F], mut file: F) -> Result<F, Refusal> {
        if dockets.len() >= DOCKETS_MAX {
            let full =
                format!("there are {DOCKETS_MAX} dockets on this case, the most it can have");
            return Err(Refusal::precondition(ErrorReason::WrongState, full));
        }
        // No docket is ever removed, so the last has the highest number.
        let number = dockets.last().map_or(0, F::place) + 1;
        let author = self.agency.to_string();
        file.enter(Entered {
            author,
            number,
            opened_at: to_timestamp(self.now),
        });
        Ok(file)
    }

    /// Keeps the file and puts the step on the timeline, in one batch.
    fn keep<F: Docket>(&self, draft: &mut Draft, mut file: F, shown: Shown) -> F {
        let legal = file.legal().into_iter().map(str::to_owned).collect();
        file.set_legal(legal);
        let key = format!(
            "{}{}/{}",
            folder::<F>(&self.case),
            self.agency.id(),
            file.id()
        );
        draft.put(&key, &file);

        let shown = Milestone {
            case: self.case.to_string(),
            agency: self.agency.to_string(),
            user: self.caller.user().to_owned(),
            act: shown.act.to_owned(),
            date: shown.date,
            outcome: shown.outcome,
            amount: shown.amount,
            recorded_at: Some(to_timestamp(self.now)),
            effect: shown.effect.into(),
            referral: String::new(),
        };
        milestone(draft, &shown);
        file
    }
}

/// Where every agency's files of one sort on a case are kept.
pub(crate) fn folder<F: Docket>(case: &CaseName) -> String {
    format!("file/{}/{}/", case.id(), F::FOLDER)
}

/// The files under a prefix, by number; those of one agency so in the order of
/// opening (keys would put the tenth before the second).
pub(crate) fn files<F: Docket>(view: &View, prefix: &str) -> Result<Vec<F>, Refusal> {
    let rows = view.scan(prefix, None, usize::MAX)?;
    let mut files: Vec<F> = rows.into_iter().map(|(_, file)| file).collect();
    files.sort_by_key(F::place);
    Ok(files)
}

/// The docket that a request names; without a name, the newest that it can be.
fn find<F: Docket>(dockets: Vec<F>, docket: &str, among: Among<F::Kind>) -> Result<F, Refusal> {
    let mut newest_first = dockets.into_iter().rev();
    if !docket.is_empty() {
        let named = newest_first.find(|file| file.id() == docket);
        return named.ok_or_else(Refusal::not_found);
    }
    let newest = newest_first.find(|file| among.kinds.contains(&file.about()));
    newest.ok_or_else(|| {
        let openers = among.openers.iter().copied();
        Refusal::wrong_state(ErrorReason::WrongState, "the docket", "not opened", openers)
    })
}
