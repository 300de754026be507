//! What a court's docket and a procuratorate's matter have in common, and how a
//! step changes one of them.

use host::{Named as _, Refusal};
use prost::Message;
use prost_types::Timestamp;
use proto::internal::v1::Effect;
use proto::v1::{
    CourtFile, CourtKind, CourtProcedure, CourtState, ErrorReason, JudicialDecision,
    ProcuratorateFile, ProcuratorateKind, ProcuratorateState,
};
use proto::{Date, Money};

use crate::procedure::{self, CourtStep, Matter, MatterStep, State};

/// What a step shows on the timeline of the case: codes, date and sum.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shown {
    /// The act's code.
    pub(crate) act: &'static str,
    /// When it was done, if known.
    pub(crate) date: Option<Date>,
    /// Its outcome's code; empty: none, or not known.
    pub(crate) outcome: String,
    /// The sum that it is about, where that is a result.
    pub(crate) amount: Option<Money>,
    /// What it changes at the spine.
    pub(crate) effect: Effect,
}

impl Shown {
    /// An act and its date, nothing else.
    pub(crate) fn act(act: &'static str, date: Option<Date>) -> Self {
        Self {
            act,
            date,
            ..Self::default()
        }
    }

    /// The first entry of a new file: its own act, marked where the proceeding
    /// was under way when the case came to the network.
    pub(crate) fn opening(act: &'static str, date: Option<Date>, under_way_at: &str) -> Self {
        let outcome = if under_way_at.is_empty() {
            ""
        } else {
            "under_way"
        };
        Self {
            outcome: outcome.to_owned(),
            ..Self::act(act, date)
        }
    }
}

/// What opening a file answers: the file, and what the timeline shows of it.
pub(crate) type Opened<F> = Result<(F, Shown), Refusal>;

/// What the bench gives a new file.
pub(crate) struct Entered {
    /// Whose it is: `agencies/{agency}`.
    pub(crate) author: String,
    /// Its number among the agency's own on the case, from 1.
    pub(crate) number: u32,
    /// When.
    pub(crate) opened_at: Timestamp,
}

/// A file that an agency keeps several of on one case.
pub(crate) trait Docket: Message + Default + Clone {
    /// What it is about.
    type Kind: Copy + Eq + Send + Sync + 'static;

    /// The part of its key that tells the two kinds of file apart.
    const FOLDER: &'static str;

    fn about(&self) -> Self::Kind;
    /// Its id among the agency's own on the case.
    fn id(&self) -> &str;
    fn place(&self) -> u32;
    fn enter(&mut self, entered: Entered);
    /// Names of the methods that are legal now.
    fn legal(&self) -> Vec<&'static str>;
    fn set_legal(&mut self, steps: Vec<String>);
}

impl Docket for CourtFile {
    type Kind = CourtKind;

    const FOLDER: &'static str = "court";

    fn about(&self) -> CourtKind {
        self.kind()
    }

    fn id(&self) -> &str {
        &self.docket
    }

    fn place(&self) -> u32 {
        self.number
    }

    fn enter(&mut self, entered: Entered) {
        let stem = match self.kind() {
            CourtKind::AdministrativeSuit => "administrative-suit",
            CourtKind::Confirmation => "confirmation",
            CourtKind::PaymentOrder => "payment-order",
            CourtKind::Enforcement => "enforcement",
            CourtKind::Preservation => "preservation",
            CourtKind::CivilSuit | CourtKind::Unspecified => "suit",
        };
        self.docket = format!("{stem}-{}", entered.number);
        self.author = entered.author;
        self.number = entered.number;
        self.opened_at = Some(entered.opened_at);
    }

    fn legal(&self) -> Vec<&'static str> {
        let (procedure, _) = procedure::court(self.kind());
        let state = State::of(self.state());
        let mut steps = state.map_or_else(Vec::new, |state| procedure.legal(state));
        if is_single_instance(self) {
            steps.retain(|step| *step != CourtStep::FileAppeal.name());
        }
        steps
    }

    fn set_legal(&mut self, steps: Vec<String>) {
        self.legal_steps = steps;
    }
}

impl Docket for ProcuratorateFile {
    type Kind = ProcuratorateKind;

    const FOLDER: &'static str = "procuratorate";

    fn about(&self) -> ProcuratorateKind {
        self.kind()
    }

    fn id(&self) -> &str {
        &self.docket
    }

    fn place(&self) -> u32 {
        self.number
    }

    fn enter(&mut self, entered: Entered) {
        let stem = match self.kind() {
            ProcuratorateKind::Supervision => "supervision",
            ProcuratorateKind::PublicInterest => "public-interest",
            ProcuratorateKind::Criminal => "criminal",
            ProcuratorateKind::Support | ProcuratorateKind::Unspecified => "support",
        };
        self.docket = format!("{stem}-{}", entered.number);
        self.author = entered.author;
        self.number = entered.number;
        self.opened_at = Some(entered.opened_at);
    }

    fn legal(&self) -> Vec<&'static str> {
        let (procedure, _) = procedure::procuratorate(self.kind());
        let state = Matter::of(self.state());
        state.map_or_else(Vec::new, |state| procedure.legal(state))
    }

    fn set_legal(&mut self, steps: Vec<String>) {
        self.legal_steps = steps;
    }
}

/// Small claims end in one instance (民事诉讼法 165).
fn is_single_instance(file: &CourtFile) -> bool {
    file.suit
        .as_ref()
        .is_some_and(|suit| suit.procedure() == CourtProcedure::SmallClaims)
}

/// Takes a step on a court's docket; refuses with the steps that are legal now.
/// Answers the state before.
pub(crate) fn advance(file: &mut CourtFile, step: CourtStep) -> Result<State, Refusal> {
    let (procedure, _) = procedure::court(file.kind());
    let at = State::of(file.state()).ok_or_else(|| unreadable(file.id()))?;
    if step == CourtStep::FileAppeal && is_single_instance(file) {
        let what = "the suit is one of small claims and ends in one instance; it";
        return Err(Refusal::wrong_state(
            ErrorReason::WrongState,
            what,
            at.name(),
            file.legal(),
        ));
    }
    let reached = procedure.next(at, step)?;
    stand(file, reached);
    Ok(at)
}

/// Puts a court's docket into a state.
pub(crate) fn stand(file: &mut CourtFile, state: State) {
    let wire: CourtState = state.to_wire();
    file.set_state(wire);
}

/// Takes a step in a procuratorate's matter; refuses with the steps that are
/// legal now.
pub(crate) fn proceed(file: &mut ProcuratorateFile, step: MatterStep) -> Result<(), Refusal> {
    let (procedure, _) = procedure::procuratorate(file.kind());
    let at = Matter::of(file.state()).ok_or_else(|| unreadable(file.id()))?;
    let reached: ProcuratorateState = procedure.next(at, step)?.to_wire();
    file.set_state(reached);
    Ok(())
}

/// A stored file that no version of this program has written.
fn unreadable(docket: &str) -> Refusal {
    Refusal::internal(format!("docket {docket} has no state"))
}

/// Writes a decision into the file, as its result; the timeline shows the same
/// but for reason and text.
pub(crate) fn decide(
    result_code: &mut String,
    decisions: &mut Vec<JudicialDecision>,
    act: &'static str,
    decision: &JudicialDecision,
) -> Shown {
    result_code.clone_from(&decision.result_code);
    decisions.push(JudicialDecision {
        act: act.to_owned(),
        ..decision.clone()
    });
    Shown {
        act,
        date: decision.date,
        outcome: decision.result_code.clone(),
        amount: decision.amount.clone(),
        ..Shown::default()
    }
}
