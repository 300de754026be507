#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{Checkpoint, CheckpointError, sign_note, verify_note};
use crate::hash::{EMPTY_ROOT, Hash, leaf_hash};
use crate::key::tests::{go_key, go_signing_key};
use crate::key::{Origin, SigningKey};

const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

fn origin() -> Origin {
    Origin::parse("casenet.example/disclosures").unwrap()
}

fn signing_key() -> SigningKey {
    SigningKey::from_pkcs8(origin(), &SigningKey::generate().unwrap()).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: origin(),
        size: 20_852_163,
        root: leaf_hash(b"root"),
    }
}

/// What the reader says of a body that the log itself has signed.
fn read_signed(body: &str) -> Result<Checkpoint, CheckpointError> {
    let key = signing_key();
    Checkpoint::parse_and_verify(&sign_note(body, &key), key.verifying_key())
}

/// What the reader says of a good checkpoint after a change of its text.
fn read_changed(change: impl Fn(&str) -> String) -> CheckpointError {
    let key = signing_key();
    let text = change(&checkpoint().sign(&key).unwrap());
    Checkpoint::parse_and_verify(&text, key.verifying_key()).unwrap_err()
}

#[test]
fn a_checkpoint_comes_back_as_it_was_signed() {
    let key = signing_key();
    for size in [1, 9, 10, u64::MAX] {
        let signed = Checkpoint {
            size,
            ..checkpoint()
        };
        let text = signed.sign(&key).unwrap();
        let read = Checkpoint::parse_and_verify(&text, key.verifying_key());
        assert_eq!(read, Ok(signed));
    }
}

#[test]
fn the_text_has_the_lines_that_the_specification_names() {
    let text = checkpoint().sign(&signing_key()).unwrap();
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines[..2], ["casenet.example/disclosures", "20852163"]);
    assert_eq!(lines[2].len(), 44);
    assert_eq!(lines[3], "");
    assert!(lines[4].starts_with("\u{2014} casenet.example/disclosures "));
    assert_eq!(lines[5..], [""]);
}

#[test]
fn the_published_go_note_is_signed_byte_for_byte_and_verified() {
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n";
    let note = format!(
        "{text}\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    );
    let private = go_signing_key(
        "PeterNeumann",
        "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
    );
    assert_eq!(sign_note(text, &private), note);
    assert_eq!(verify_note(&note, private.verifying_key()), Ok(text));
}

#[test]
fn a_checkpoint_of_the_go_checksum_database_verifies_but_is_no_log_of_ours() {
    let key = go_key(
        "sum.golang.org",
        "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    );
    let note = format!(
        "go.sum database tree\n20852163\n{ROOT}\n\n\u{2014} sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    );
    assert!(verify_note(&note, &key).is_ok());
    let read = Checkpoint::parse_and_verify(&note, &key);
    assert_eq!(read, Err(CheckpointError::OtherOrigin));
}

#[test]
fn a_change_of_any_byte_is_refused() {
    let key = signing_key();
    let text = checkpoint().sign(&key).unwrap();
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 0x01;
        if let Ok(changed) = String::from_utf8(bytes) {
            let read = Checkpoint::parse_and_verify(&changed, key.verifying_key());
            assert!(read.is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_text_cut_anywhere_is_refused() {
    let key = signing_key();
    let text = checkpoint().sign(&key).unwrap();
    for (at, _) in text.char_indices() {
        assert!(Checkpoint::parse_and_verify(&text[..at], key.verifying_key()).is_err());
    }
}

#[test]
fn another_size_or_another_key_is_a_forgery() {
    let grown = |text: &str| text.replace("20852163", "20852164");
    assert_eq!(read_changed(grown), CheckpointError::Forged);
    let text = checkpoint().sign(&signing_key()).unwrap();
    let stranger = signing_key();
    let read = Checkpoint::parse_and_verify(&text, stranger.verifying_key());
    assert_eq!(read, Err(CheckpointError::NotByThisKey));
}

#[test]
fn a_loose_envelope_is_refused() {
    let crlf = read_changed(|text| text.replace('\n', "\r\n"));
    assert_eq!(crlf, CheckpointError::ControlCharacter { position: 27 });
    let unended = read_changed(|text| text.trim_end().to_owned());
    assert_eq!(unended, CheckpointError::Unended);
    let joined = read_changed(|text| text.replace("\n\n", "\n"));
    assert_eq!(joined, CheckpointError::NoSeparator);
    let unsigned = read_changed(|text| text.split_at(text.find('\u{2014}').unwrap()).0.to_owned());
    assert_eq!(unsigned, CheckpointError::Unsigned);
    let hyphen = read_changed(|text| text.replace('\u{2014}', "-"));
    assert_eq!(hyphen, CheckpointError::SignatureLine { line: 1 });
    let spaced = read_changed(|text| text.trim_end().to_owned() + " \n");
    assert_eq!(spaced, CheckpointError::SignatureLine { line: 1 });
    let short = read_changed(|text| text.to_owned() + "\u{2014} witness AAAAAA==\n");
    assert_eq!(short, CheckpointError::SignatureLine { line: 2 });
    let unpadded = read_changed(|text| text.trim_end().trim_end_matches('=').to_owned() + "\n");
    assert!(matches!(
        unpadded,
        CheckpointError::SignatureLine { line: 1 }
    ));
    let long = read_changed(|text| text.to_owned() + &"x".repeat(600_000));
    assert!(matches!(long, CheckpointError::TooLong { .. }));
}

#[test]
fn a_repeated_signature_line_is_refused() {
    let repeated = read_changed(|text| {
        let line = &text[text.find('\u{2014}').unwrap()..];
        format!("{text}{line}")
    });
    assert_eq!(repeated, CheckpointError::RepeatedSignature { line: 2 });
}

#[test]
fn signatures_of_witnesses_are_ignored_up_to_a_limit() {
    let key = signing_key();
    let mut text = checkpoint().sign(&key).unwrap();
    for witness in 2..=64 {
        text += &format!("\u{2014} witness.example/{witness} jWbPPwAAAABkGFDL\n");
    }
    let read = Checkpoint::parse_and_verify(&text, key.verifying_key());
    assert_eq!(read, Ok(checkpoint()));
    text += "\u{2014} witness.example/65 jWbPPwAAAABkGFDL\n";
    let read = Checkpoint::parse_and_verify(&text, key.verifying_key());
    assert_eq!(read, Err(CheckpointError::TooManySignatures));
}

#[test]
fn a_loose_body_is_refused_even_when_it_is_signed() {
    let name = origin();
    assert!(read_signed(&format!("{name}\n7\n{ROOT}\n")).is_ok());
    for size in [
        "",
        "07",
        "00",
        "+7",
        "-7",
        " 7",
        "7 ",
        "0x7",
        "\u{ff17}",
        "18446744073709551616",
    ] {
        let read = read_signed(&format!("{name}\n{size}\n{ROOT}\n"));
        assert_eq!(read, Err(CheckpointError::Size), "{size:?}");
    }
    for root in [
        "",
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I",
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=",
        "CsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=",
        "CsUYapGGPo4dkMgI AUqom/Xajj7h2fB2MPA3j2jxq2I=",
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==",
    ] {
        let read = read_signed(&format!("{name}\n7\n{root}\n"));
        assert_eq!(read, Err(CheckpointError::Root), "{root:?}");
    }
}

#[test]
fn lines_missing_or_added_are_refused() {
    let name = origin();
    for (body, lines) in [
        (format!("{name}\n7\n"), 2),
        (format!("{name}\n7\n{ROOT}\nextension\n"), 4),
        (format!("{name}\n7\n\n{ROOT}\n"), 4),
        (format!("{name}\n7\n{ROOT}\n\n"), 4),
    ] {
        let read = read_signed(&body);
        assert_eq!(read, Err(CheckpointError::Lines { lines }), "{body:?}");
    }
}

#[test]
fn no_log_signs_or_speaks_for_another() {
    let read = read_signed(&format!("other.example/log\n7\n{ROOT}\n"));
    assert_eq!(read, Err(CheckpointError::OtherOrigin));
    let other = Checkpoint {
        origin: Origin::parse("other.example/log").unwrap(),
        ..checkpoint()
    };
    let signed = other.sign(&signing_key());
    assert_eq!(signed, Err(CheckpointError::OtherOrigin));
}

#[test]
fn an_empty_log_has_only_the_empty_root() {
    let key = signing_key();
    let empty = Checkpoint {
        size: 0,
        root: EMPTY_ROOT,
        ..checkpoint()
    };
    let text = empty.sign(&key).unwrap();
    let read = Checkpoint::parse_and_verify(&text, key.verifying_key());
    assert_eq!(read, Ok(empty.clone()));
    let lying = Checkpoint {
        root: Hash([0; 32]),
        ..empty
    };
    assert_eq!(lying.sign(&key), Err(CheckpointError::EmptyRoot));
    let read = read_signed(&format!("{}\n0\n{ROOT}\n", origin()));
    assert_eq!(read, Err(CheckpointError::EmptyRoot));
}
