//! The seal holds: no byte of path, envelope or MAC may change, and time counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Code, Request};

use super::*;
use crate::clock::SetClock;

const PATH: &str = "/casenet.v1.CaseService/GetCase";

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn envelopes(clock: &SetClock) -> Envelopes {
    let key = EnvelopeKey::from_bytes(&[7; 32]).unwrap();
    Envelopes::new(key, Arc::new(clock.clone()))
}

fn law_firm() -> pb::Envelope {
    pb::Envelope {
        agency: "agencies/hengfa".to_owned(),
        kind: AgencyKind::LawFirm.into(),
        user: "agencies/hengfa/users/li".to_owned(),
        purpose: "handling".to_owned(),
        label_revision: 9,
        ..Default::default()
    }
}

fn sealed(envelopes: &Envelopes, path: &str) -> Request<&'static str> {
    let mut request = Request::new("asked");
    for (name, value) in envelopes.seal(&law_firm(), PATH).unwrap() {
        let value = MetadataValue::<Ascii>::try_from(value.as_bytes()).unwrap();
        request.metadata_mut().insert(
            name.as_str()
                .to_owned()
                .parse::<tonic::metadata::AsciiMetadataKey>()
                .unwrap(),
            value,
        );
    }
    request.extensions_mut().insert(RequestPath::new(path));
    request
}

fn refused(envelopes: &Envelopes, request: Request<&'static str>) -> bool {
    match envelopes.open(request) {
        Ok(_) => false,
        Err(refusal) => {
            refusal.code == Code::Unauthenticated && refusal.reason == ErrorReason::NotFromGateway
        }
    }
}

#[test]
fn a_sealed_caller_arrives_as_it_was_identified() {
    let envelopes = envelopes(&SetClock::at(noon()));
    let (caller, asked) = envelopes.open(sealed(&envelopes, PATH)).unwrap();
    assert_eq!(asked, "asked");
    assert_eq!(caller.agency(), "agencies/hengfa");
    assert_eq!(caller.kind(), AgencyKind::LawFirm);
    assert_eq!(caller.user(), "agencies/hengfa/users/li");
    assert_eq!(caller.purpose(), "handling");
    assert_eq!(caller.label_revision(), 9);
    assert_eq!(caller.role(), None);
}

#[test]
fn any_flipped_bit_breaks_the_seal() {
    let envelopes = envelopes(&SetClock::at(noon()));
    for header in [ENVELOPE, ENVELOPE_MAC] {
        let whole = sealed(&envelopes, PATH);
        let bytes = from_header(whole.metadata(), header).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut tampered = bytes.clone();
            tampered[bit / 8] ^= 1 << (bit % 8);
            let mut request = sealed(&envelopes, PATH);
            let value = BASE64.encode(&tampered).parse().unwrap();
            request.metadata_mut().insert(header, value);
            assert!(refused(&envelopes, request), "{header}, bit {bit}");
        }
    }
}

#[test]
fn an_envelope_for_one_method_opens_no_other() {
    let envelopes = envelopes(&SetClock::at(noon()));
    let request = sealed(&envelopes, "/casenet.v1.CaseService/CloseCase");
    assert!(refused(&envelopes, request));
}

#[test]
fn no_byte_moves_between_path_and_envelope() {
    assert_ne!(under_mac("/ab", b"c"), under_mac("/a", b"bc"));
}

#[test]
fn an_envelope_of_another_key_is_refused() {
    let clock = SetClock::at(noon());
    let other = EnvelopeKey::from_bytes(&[8; 32]).unwrap();
    let forger = Envelopes::new(other, Arc::new(clock.clone()));
    assert!(refused(&envelopes(&clock), sealed(&forger, PATH)));
}

#[test]
fn an_envelope_is_good_for_sixty_seconds_either_way() {
    let clock = SetClock::at(noon());
    let envelopes = envelopes(&clock);
    for (late_millis, is_refused) in [
        (60_000, false),
        (60_001, true),
        (-60_000, false),
        (-60_001, true),
        (i64::from(i32::MAX), true),
    ] {
        clock.set(noon());
        let request = sealed(&envelopes, PATH);
        clock.advance(TimeDelta::milliseconds(late_millis));
        assert_eq!(refused(&envelopes, request), is_refused, "{late_millis}");
    }
}

#[test]
fn no_envelope_half_an_envelope_or_two_are_refused() {
    let envelopes = envelopes(&SetClock::at(noon()));
    for header in [ENVELOPE, ENVELOPE_MAC] {
        let mut without = sealed(&envelopes, PATH);
        without.metadata_mut().remove(header);
        assert!(refused(&envelopes, without));

        let mut twice = sealed(&envelopes, PATH);
        let value = twice.metadata().get(header).unwrap().clone();
        twice.metadata_mut().append(header, value);
        assert!(refused(&envelopes, twice));

        let mut garbled = sealed(&envelopes, PATH);
        garbled
            .metadata_mut()
            .insert(header, MetadataValue::from_static("?"));
        assert!(refused(&envelopes, garbled));
    }
}

#[test]
fn the_gateway_overwrites_an_envelope_that_a_caller_sent() {
    let envelopes = envelopes(&SetClock::at(noon()));
    let mut request = http::Request::builder()
        .uri(PATH)
        .header(ENVELOPE, "forged")
        .header(ENVELOPE, "twice")
        .body(())
        .unwrap();
    envelopes.seal_onto(&law_firm(), &mut request).unwrap();
    request.extensions_mut().insert(RequestPath::new(PATH));
    let (metadata, extensions, ()) = Request::from_http(request).into_parts();
    let request = Request::from_parts(metadata, extensions, "asked");
    assert!(envelopes.open(request).is_ok());
}

#[test]
fn our_own_processes_are_known_by_their_role() {
    let envelopes = envelopes(&SetClock::at(noon()));
    let ours = pb::Envelope {
        agency: "roles/union".to_owned(),
        ..Default::default()
    };
    let mut request = http::Request::builder().uri(PATH).body(()).unwrap();
    envelopes.seal_onto(&ours, &mut request).unwrap();
    request.extensions_mut().insert(RequestPath::new(PATH));
    let (caller, ()) = envelopes.open(Request::from_http(request)).unwrap();
    assert_eq!(caller.role(), Some("union"));
}

#[test]
fn a_short_key_is_refused_and_no_key_is_ever_printed() {
    assert!(EnvelopeKey::from_bytes(&[7; 31]).is_none());
    let key = EnvelopeKey::from_bytes(&[7; 32]).unwrap();
    assert_eq!(format!("{key:?}"), "EnvelopeKey(secret)");
}

#[test]
fn a_caller_in_a_log_line_names_no_person() {
    let caller = Caller::of(law_firm());
    assert!(!format!("{caller:?}").contains("li"));
}

#[test]
fn a_call_and_its_log_lines_stay_in_the_callers_trace() {
    let envelopes = envelopes(&SetClock::at(noon()));
    let trace = TraceContext::root();
    let traced = pb::Envelope {
        traceparent: trace.to_string(),
        ..law_firm()
    };
    let mut request = http::Request::builder().uri(PATH).body(()).unwrap();
    envelopes.seal_onto(&traced, &mut request).unwrap();
    assert_eq!(
        TraceContext::arriving(request.headers()).trace_id(),
        trace.trace_id()
    );
    request.extensions_mut().insert(RequestPath::new(PATH));
    let (caller, ()) = envelopes.open(Request::from_http(request)).unwrap();
    assert_eq!(caller.trace(), Some(trace));
}
