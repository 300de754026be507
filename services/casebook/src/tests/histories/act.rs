//! What can happen to a case, by whoever tries it.

use proptest::prelude::{Just, Strategy, any, prop_oneof};

use super::model::{AGENCIES, Who};

/// Who tries: what they are to the referral, or anybody.
#[derive(Debug, Clone, Copy)]
pub enum By {
    Sender,
    Receiver,
    Lead,
    Anybody(Who),
}

#[derive(Debug, Clone)]
pub enum Act {
    Consent {
        recipients: Vec<Who>,
        sections: u8,
        days: Option<i64>,
    },
    Withdraw {
        which: usize,
        through: Who,
    },
    Draft {
        from: Drafter,
        to: Who,
        handover: bool,
        duty: bool,
        which_consent: usize,
        scope: u8,
        access_days: Option<i64>,
        respond_days: Option<i64>,
        again: bool,
    },
    Pool {
        from: Drafter,
        which_consent: usize,
        scope: u8,
    },
    Event {
        which: usize,
        event: &'static str,
        by: By,
        user: usize,
    },
    /// One of the events that are legal now.
    Next {
        which: usize,
        pick: usize,
    },
    Provide {
        which: usize,
        by: By,
        added: u8,
    },
    Extend {
        which: usize,
        by: By,
        days: i64,
    },
    Contest {
        which: usize,
        by: By,
    },
    Agree {
        sections: u8,
        days: Option<i64>,
        onward: bool,
    },
    EndAgreement,
    BreakGlass {
        who: Who,
        sections: u8,
        hours: i64,
    },
    Advance {
        hours: i64,
    },
    /// Stopped, and started again so much later.
    Stop {
        hours: i64,
    },
    /// The request before this one comes again.
    Repeat,
    /// Two try to change one referral at the same time.
    Race {
        which: usize,
        events: [&'static str; 2],
        by: [By; 2],
    },
}

/// Who drafts.
#[derive(Debug, Clone, Copy)]
pub enum Drafter {
    Lead,
    /// One that works on the case: a sub-referral.
    Worker(usize),
    Anybody(Who),
}

pub const EVENTS: [&str; 16] = [
    "send",
    "acknowledge",
    "accept",
    "reject",
    "start",
    "ask-information",
    "await-third-party",
    "hold",
    "resume",
    "complete",
    "fail",
    "acknowledge-outcome",
    "withdraw",
    "reopen",
    "authority-revoked",
    "mark-error",
];

impl Act {
    pub fn consent_to(agency: Who) -> Self {
        Self::Consent {
            recipients: vec![agency],
            sections: 0xff,
            days: None,
        }
    }

    pub fn consent_to_all() -> Self {
        Self::Consent {
            recipients: (0..AGENCIES).collect(),
            sections: 0xff,
            days: None,
        }
    }

    pub fn draft(consent: usize, to: Who) -> Self {
        Self::Draft {
            from: Drafter::Lead,
            to,
            handover: false,
            duty: false,
            which_consent: consent.max(to - 1),
            scope: 0b11,
            access_days: None,
            respond_days: None,
            again: false,
        }
    }

    pub fn event(which: usize, event: &'static str) -> Self {
        let by = if event == "send" {
            By::Sender
        } else {
            By::Receiver
        };
        Self::Event {
            which,
            event,
            by,
            user: 0,
        }
    }
}

fn agency() -> impl Strategy<Value = Who> {
    0..AGENCIES
}

fn by() -> impl Strategy<Value = By> {
    prop_oneof![
        8 => Just(By::Receiver),
        6 => Just(By::Sender),
        2 => Just(By::Lead),
        1 => agency().prop_map(By::Anybody),
    ]
}

fn mostly(who: By) -> impl Strategy<Value = By> {
    prop_oneof![4 => Just(who), 1 => by()]
}

fn drafter() -> impl Strategy<Value = Drafter> {
    prop_oneof![
        4 => Just(Drafter::Lead),
        3 => any::<usize>().prop_map(Drafter::Worker),
        1 => agency().prop_map(Drafter::Anybody),
    ]
}

fn days() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![2 => Just(None), 1 => (1..40_i64).prop_map(Some)]
}

/// An event, mostly by the agency whose it is to cause.
fn event() -> impl Strategy<Value = (&'static str, By)> {
    let any_event = (0..EVENTS.len(), by()).prop_map(|(at, by)| (EVENTS[at], by));
    let theirs = (0..EVENTS.len()).prop_map(|at| match EVENTS[at] {
        event @ ("send" | "withdraw" | "acknowledge-outcome" | "mark-error") => (event, By::Sender),
        event @ "authority-revoked" => (event, By::Lead),
        event => (event, By::Receiver),
    });
    prop_oneof![
        5 => Just(("send", By::Sender)),
        5 => Just(("accept", By::Receiver)),
        2 => Just(("start", By::Receiver)),
        8 => theirs,
        2 => any_event,
    ]
}

pub fn acts() -> impl Strategy<Value = Act> {
    let which = 0..12_usize;
    prop_oneof![
        3 => (proptest::collection::vec(agency(), 1..5), any::<u8>(), days())
            .prop_map(|(recipients, sections, days)| Act::Consent { recipients, sections: sections | 2, days }),
        1 => (which.clone(), agency()).prop_map(|(which, through)| Act::Withdraw { which, through }),
        8 => (drafter(), agency(), any::<u8>(), which.clone(), any::<u8>(), days(), days())
            .prop_map(|(from, to, bits, which_consent, scope, access_days, respond_days)| Act::Draft {
                from, to, which_consent, access_days, respond_days,
                handover: bits & 7 == 0,
                duty: bits & 0x18 == 0,
                again: bits & 0x20 != 0,
                scope: match bits >> 6 { 0 => scope, 1 => 0b1, _ => 0b11 },
            }),
        4 => (drafter(), which.clone(), Just(3_u8))
            .prop_map(|(from, which_consent, scope)| Act::Pool { from, which_consent, scope }),
        32 => (which.clone(), any::<usize>()).prop_map(|(which, pick)| Act::Next { which, pick }),
        20 => (which.clone(), event(), 0..2_usize)
            .prop_map(|(which, (event, by), user)| Act::Event { which, event, by, user }),
        2 => (which.clone(), mostly(By::Sender), any::<u8>())
            .prop_map(|(which, by, added)| Act::Provide { which, by, added }),
        2 => (which.clone(), mostly(By::Sender), 1..300_i64)
            .prop_map(|(which, by, days)| Act::Extend { which, by, days }),
        3 => (which.clone(), mostly(By::Lead)).prop_map(|(which, by)| Act::Contest { which, by }),
        2 => which.clone().prop_map(|which| Act::Event {
            which, event: "reject", by: By::Receiver, user: 0,
        }),
        1 => (any::<u8>(), days(), any::<bool>())
            .prop_map(|(sections, days, onward)| Act::Agree { sections: sections | 3, days, onward }),
        1 => Just(Act::EndAgreement),
        1 => (agency(), any::<u8>(), 1..4_i64)
            .prop_map(|(who, sections, hours)| Act::BreakGlass { who, sections: sections | 1, hours }),
        4 => (1..24 * 20_i64).prop_map(|hours| Act::Advance { hours }),
        1 => (1..24 * 20_i64).prop_map(|hours| Act::Stop { hours }),
        2 => Just(Act::Repeat),
        2 => (which, event(), event()).prop_map(|(which, one, other)| Act::Race {
            which, events: [one.0, other.0], by: [one.1, other.1],
        }),
    ]
}
