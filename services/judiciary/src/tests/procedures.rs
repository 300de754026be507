use std::collections::BTreeSet;
use std::fmt::Debug;

use host::{Named, Procedure};
use proto::contract::{Contract, Shape};
use proto::v1::{CourtKind, ProcuratorateKind, Section};

use crate::procedure::{court, procuratorate};

const COURT_KINDS: [CourtKind; 6] = [
    CourtKind::CivilSuit,
    CourtKind::AdministrativeSuit,
    CourtKind::Confirmation,
    CourtKind::PaymentOrder,
    CourtKind::Enforcement,
    CourtKind::Preservation,
];

const MATTER_KINDS: [ProcuratorateKind; 4] = [
    ProcuratorateKind::Support,
    ProcuratorateKind::Supervision,
    ProcuratorateKind::PublicInterest,
    ProcuratorateKind::Criminal,
];

/// Each row stands once, its step is a method of the contract, and every state
/// is reached from the first but those that a step reaches outside the table.
fn check<S, T>((procedure, first): (Procedure<S, T>, S), beside_the_table: &[&str])
where
    S: Copy + Eq + Named + Debug,
    T: Copy + Eq + Named + Debug,
{
    let contract = Contract::load().unwrap();
    let mut rows = BTreeSet::new();
    for (from, step, _) in procedure.0 {
        assert!(
            rows.insert((from.name(), step.name())),
            "{from:?} {step:?} stands twice"
        );
        let path = format!("/casenet.v1.JudiciaryService/{}", step.name());
        assert!(contract.method(&path).is_some(), "{path}");
    }
    let mut reached = vec![first];
    for at in 0.. {
        let Some(from) = reached.get(at).copied() else {
            break;
        };
        let next = procedure
            .0
            .iter()
            .filter(|(state, _, _)| *state == from)
            .map(|(_, _, to)| *to);
        let new: Vec<S> = next.filter(|to| !reached.contains(to)).collect();
        for state in new {
            if !reached.contains(&state) {
                reached.push(state);
            }
        }
    }
    for (from, _, _) in procedure.0 {
        let is_known = reached.contains(from) || beside_the_table.contains(&from.name());
        assert!(is_known, "{from:?} is never reached");
    }
}

#[test]
fn every_state_is_reached_and_every_step_is_a_method() {
    for kind in COURT_KINDS {
        check(court(kind), &["round_terminated"]);
    }
    for kind in MATTER_KINDS {
        check(procuratorate(kind), &[]);
    }
}

#[test]
fn a_states_name_is_the_contracts() {
    for kind in COURT_KINDS {
        for (from, _, to) in court(kind).0.0 {
            for state in [from, to] {
                let wire = state.to_wire().as_str_name();
                assert_eq!(wire, format!("COURT_STATE_{}", state.name().to_uppercase()));
            }
        }
    }
    for kind in MATTER_KINDS {
        for (from, _, to) in procuratorate(kind).0.0 {
            for state in [from, to] {
                let wire = state.to_wire().as_str_name();
                assert_eq!(
                    wire,
                    format!("PROCURATORATE_STATE_{}", state.name().to_uppercase())
                );
            }
        }
    }
}

/// The fields of a message that are shown in part.
fn shown_in_part(shape: &Shape) -> Vec<&str> {
    let fields = shape.fields().filter(|(_, field)| field.part);
    fields.map(|(_, field)| field.name.as_str()).collect()
}

#[test]
fn in_part_a_file_shows_its_result_and_nothing_else() {
    let contract = Contract::load().unwrap();
    let result = ["kind", "state", "result_code", "decisions"];
    let file = |method: &str| {
        let path = format!("/casenet.v1.JudiciaryService/{method}");
        contract.shape(contract.method(&path).unwrap().response)
    };
    let court = file("FileSuit");
    assert_eq!(court.authored, Some(Section::CourtFile));
    assert_eq!(
        shown_in_part(court),
        [&result[..], &["effective_on", "paid_total"]].concat()
    );
    let procuratorate = file("Prosecute");
    assert_eq!(procuratorate.authored, Some(Section::CourtFile));
    assert_eq!(shown_in_part(procuratorate), result);

    let decisions = court
        .fields()
        .find(|(_, field)| field.name == "decisions")
        .unwrap()
        .1;
    let decision = contract.shape(decisions.message.unwrap());
    assert_eq!(
        shown_in_part(decision),
        ["act", "date", "result_code", "amount"]
    );
}
