//! What a rule can know: a handful of facts that the label, the caller and the
//! moment add up to. Cedar sees nothing else of a case.

use chrono::{DateTime, Utc};
use host::clock::from_timestamp;
use prost_types::Timestamp;
use proto::section;
use proto::v1::{AgencyKind, ConsentFact, Grant, GrantStage, Label, Section};

use super::asked::FLAGS;

/// Who seeks something, at which moment, for what purpose.
#[derive(Debug, Clone)]
pub struct Seeker {
    /// `agencies/{agency}`.
    pub agency: String,
    /// The agency's kind.
    pub kind: AgencyKind,
    /// Suspended in the directory.
    pub suspended: bool,
    /// No user: the agency's own system.
    pub system: bool,
    /// What it says it needs the answer for.
    pub purpose: String,
    /// The moment of the decision.
    pub now: DateTime<Utc>,
}

/// The inputs of one decision, and the key it is memoised under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Facts {
    /// The agency's kind.
    pub kind: AgencyKind,
    /// The section that is sought; unspecified for an action on a case.
    pub section: Section,
    /// The agency is suspended.
    pub suspended: bool,
    /// No user: the agency's own system.
    pub system: bool,
    /// The stated purpose is filing with a court, commission or bureau.
    pub filing: bool,
    /// The agency holds the case.
    pub lead: bool,
    /// The agency wrote what is sought.
    pub author: bool,
    /// A triage grant names the section (or, for an action, there is one).
    pub triage: bool,
    /// A working grant names the section (or, for an action, there is one).
    pub working: bool,
    /// A working or residual grant names the section.
    pub granted: bool,
    /// A grant lets the agency contribute.
    pub contribute: bool,
    /// The agency opened the case by break-glass.
    pub break_glass: bool,
    /// Every grant that names the section is a consultation's.
    pub masked: bool,
    /// A consent in force covers the section and the agency.
    pub consent: bool,
    /// The case has been filed with the agency.
    pub filed: bool,
    /// The case is sealed.
    pub sealed: bool,
    /// The agency sealed it.
    pub sealer: bool,
    /// A publication approved by the lead stands.
    pub published: bool,
    /// The agency sent the referral, or recorded the consent.
    pub sender: bool,
    /// The agency received the referral, or is named by the consent.
    pub receiver: bool,
}

impl Facts {
    /// The facts of an action that is not about a case.
    pub fn of_nothing(seeker: &Seeker) -> Self {
        Self {
            kind: seeker.kind,
            section: Section::Unspecified,
            suspended: seeker.suspended,
            system: seeker.system,
            filing: seeker.purpose == "filing",
            lead: false,
            author: false,
            triage: false,
            working: false,
            granted: false,
            contribute: false,
            break_glass: false,
            masked: false,
            consent: false,
            filed: false,
            sealed: false,
            sealer: false,
            published: false,
            sender: false,
            receiver: false,
        }
    }

    /// The facts of an action on a case.
    pub fn of_action(seeker: &Seeker, label: &Label) -> Self {
        Self::over(seeker, label, |_| true)
    }

    /// The facts of reading a section.
    pub fn of_section(seeker: &Seeker, label: &Label, section: Section, author: bool) -> Self {
        Self {
            section,
            author,
            consent: consents(seeker, label, section).next().is_some(),
            ..Self::over(seeker, label, |grant| names(&grant.sections, section))
        }
    }

    fn over(seeker: &Seeker, label: &Label, counts: impl Fn(&Grant) -> bool) -> Self {
        let mut facts = Self {
            lead: label.lead == seeker.agency,
            filed: label.filed_with.contains(&seeker.agency),
            sealed: label.sealed,
            sealer: label.sealed && label.sealed_by == seeker.agency,
            published: label.published,
            sender: label.sender == seeker.agency,
            receiver: label.receivers.contains(&seeker.agency),
            ..Self::of_nothing(seeker)
        };
        let mut unmasked = false;
        for grant in grants(seeker, label).filter(|grant| counts(grant)) {
            unmasked |= !grant.masked && grant.stage() != GrantStage::Triage;
            match grant.stage() {
                GrantStage::Triage => facts.triage = true,
                GrantStage::Working => {
                    facts.working = true;
                    facts.granted = true;
                    facts.contribute |= grant.contribute;
                }
                GrantStage::Residual => facts.granted = true,
                GrantStage::BreakGlass => {
                    facts.break_glass = true;
                    facts.granted = true;
                }
                GrantStage::Unspecified => {}
            }
        }
        facts.masked = facts.granted && !unmasked;
        facts
    }

    /// The yes-or-no facts, in the order of [`super::asked::FLAGS`].
    pub(super) fn flags(&mut self) -> [&mut bool; FLAGS.len()] {
        [
            &mut self.system,
            &mut self.lead,
            &mut self.author,
            &mut self.triage,
            &mut self.working,
            &mut self.granted,
            &mut self.contribute,
            &mut self.break_glass,
            &mut self.masked,
            &mut self.consent,
            &mut self.filed,
            &mut self.sealed,
            &mut self.sealer,
            &mut self.published,
            &mut self.sender,
            &mut self.receiver,
        ]
    }

    /// The section's name in rules.
    pub(crate) fn section_name(&self) -> &'static str {
        section::name(self.section)
    }

    /// The kind's name in rules.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self.kind {
            AgencyKind::Union => "union",
            AgencyKind::LawFirm => "law_firm",
            AgencyKind::LabourBureau => "labour_bureau",
            AgencyKind::Court => "court",
            AgencyKind::Procuratorate => "procuratorate",
            AgencyKind::Media => "media",
            AgencyKind::University => "university",
            AgencyKind::Operator => "operator",
            AgencyKind::Other | AgencyKind::Unspecified => "other",
        }
    }
}

/// The seeker's grants in force.
pub(super) fn grants<'a>(seeker: &'a Seeker, label: &'a Label) -> impl Iterator<Item = &'a Grant> {
    let own = label
        .grants
        .iter()
        .filter(|grant| grant.agency == seeker.agency);
    own.filter(|grant| is_in_force(grant, seeker.now))
}

/// The consents in force that cover the section and the seeker.
pub(super) fn consents<'a>(
    seeker: &'a Seeker,
    label: &'a Label,
    section: Section,
) -> impl Iterator<Item = &'a ConsentFact> {
    label.consents.iter().filter(move |consent| {
        let covers_kind = consent.kinds.contains(&(seeker.kind as i32));
        let covers_agency = consent.agencies.contains(&seeker.agency);
        (covers_kind || covers_agency)
            && names(&consent.sections, section)
            && is_before(seeker.now, consent.valid_until.as_ref())
    })
}

/// Whether a list of sections names this one.
pub(super) fn names(sections: &[i32], section: Section) -> bool {
    sections.contains(&(section as i32))
}

fn is_in_force(grant: &Grant, now: DateTime<Utc>) -> bool {
    let has_begun = grant.valid_from.as_ref().is_none_or(|from| {
        // A moment that cannot be read never comes.
        from_timestamp(from).is_some_and(|from| from <= now)
    });
    has_begun && is_before(now, grant.valid_until.as_ref())
}

fn is_before(now: DateTime<Utc>, end: Option<&Timestamp>) -> bool {
    end.is_none_or(|end| from_timestamp(end).is_some_and(|end| now < end))
}
