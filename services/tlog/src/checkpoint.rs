//! The signed head of a log: its name, its size and its root, as text.
//!
//! ```text
//! casenet.example/disclosures
//! 20852163
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//!
//! — casenet.example/disclosures Az3grlgtzPIC…
//! ```
//!
//! Sources: C2SP `tlog-checkpoint` (the three lines) and `signed-note` (the
//! signature lines). One thing is narrower here than there: extension lines
//! are refused, because nobody audits what they say.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::hash::{EMPTY_ROOT, Hash};
use crate::key::{Origin, SigningKey, VerifyingKey};

#[cfg(test)]
mod tests;

/// The longest text that is read, in bytes: room for 64 post-quantum
/// signatures of witnesses, and an end to what a stranger may send.
const TEXT_BYTES_MAX: usize = 512 * 1024;
/// The most signature lines that are read; C2SP asks for at least 16.
const SIGNATURES_MAX: usize = 64;
/// Each signature starts with the id of its key.
const KEY_ID_BYTES: usize = 4;

/// A log at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log.
    pub origin: Origin,
    /// How many leaves it holds.
    pub size: u64,
    /// The root over all of them.
    pub root: Hash,
}

/// Why a checkpoint is not signed, or a text is not accepted as one.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum CheckpointError {
    /// Longer than any honest checkpoint.
    #[error("the text of {bytes} bytes is too long")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// A control character other than the line feed, such as the carriage
    /// return of a Windows line end.
    #[error("a control character at byte {position}")]
    ControlCharacter {
        /// Which byte, from 0.
        position: usize,
    },
    /// The last line is not ended; the text may have been cut.
    #[error("the last line has no line feed")]
    Unended,
    /// Text and signatures are not separated by an empty line.
    #[error("no empty line before the signatures")]
    NoSeparator,
    /// There is no signature line.
    #[error("no signature")]
    Unsigned,
    /// More signature lines than are read.
    #[error("more than {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    /// Not an em dash, a space, a name, a space and base64 of more than 4 bytes.
    #[error("signature line {line} is malformed")]
    SignatureLine {
        /// Which signature line, from 1.
        line: usize,
    },
    /// Two lines claim the same key.
    #[error("signature line {line} repeats a key")]
    RepeatedSignature {
        /// Which signature line, from 1.
        line: usize,
    },
    /// No line claims the key of the log.
    #[error("no signature by the key of the log")]
    NotByThisKey,
    /// The line that claims the key of the log is forged, or the text changed.
    #[error("the signature does not fit the text")]
    Forged,
    /// The signed text does not have exactly three lines.
    #[error("{lines} lines of text instead of three")]
    Lines {
        /// How many lines there are.
        lines: usize,
    },
    /// The key's log and the checkpoint's log differ.
    #[error("a checkpoint of another log")]
    OtherOrigin,
    /// Not a decimal number of leaves without sign or leading zero, up to 2^64 − 1.
    #[error("the size is malformed")]
    Size,
    /// Not the strict base64 of 32 bytes.
    #[error("the root is malformed")]
    Root,
    /// A log without records has only one possible root.
    #[error("the root of an empty log is wrong")]
    EmptyRoot,
}

impl Checkpoint {
    /// Writes and signs the checkpoint.
    ///
    /// A log must never sign a checkpoint that is inconsistent with one it
    /// signed before; that is for the caller to make sure.
    ///
    /// # Errors
    /// [`CheckpointError::OtherOrigin`] if the key is another log's;
    /// [`CheckpointError::EmptyRoot`] for size 0 with any root but
    /// [`EMPTY_ROOT`].
    pub fn sign(&self, key: &SigningKey) -> Result<String, CheckpointError> {
        self.require_sound(key.verifying_key())?;
        let root = STANDARD.encode(self.root.0);
        let text = format!("{}\n{}\n{root}\n", self.origin, self.size);
        Ok(sign_note(&text, key))
    }

    /// Reads a checkpoint, believing nothing before the signature of the log
    /// is found good. Signatures of other keys (witnesses) are ignored.
    ///
    /// # Errors
    /// [`CheckpointError`] says what is wrong.
    pub fn parse_and_verify(text: &str, key: &VerifyingKey) -> Result<Self, CheckpointError> {
        let body = verify_note(text, key)?;
        let checkpoint = parse_body(body, key)?;
        checkpoint.require_sound(key)?;
        Ok(checkpoint)
    }

    fn require_sound(&self, key: &VerifyingKey) -> Result<(), CheckpointError> {
        if self.origin != *key.origin() {
            return Err(CheckpointError::OtherOrigin);
        }
        if self.size == 0 && self.root != EMPTY_ROOT {
            return Err(CheckpointError::EmptyRoot);
        }
        Ok(())
    }
}

/// The text, an empty line, and the key's signature line.
fn sign_note(text: &str, key: &SigningKey) -> String {
    let name = key.verifying_key().origin();
    let mut signature = key.verifying_key().id().to_vec();
    signature.extend(key.sign(text));
    let signature = STANDARD.encode(signature);
    format!("{text}\n\u{2014} {name} {signature}\n")
}

/// The text of a note that the key has signed, its last line feed included.
fn verify_note<'a>(note: &'a str, key: &VerifyingKey) -> Result<&'a str, CheckpointError> {
    let (text, lines) = split_note(note)?;
    let mut seen: Vec<SignatureLine<'_>> = Vec::new();
    for (line, written) in (1..).zip(lines.split_terminator('\n')) {
        if line > SIGNATURES_MAX {
            return Err(CheckpointError::TooManySignatures);
        }
        let signature = SignatureLine::parse(written).ok_or_else(|| malformed(line))?;
        if seen.iter().any(|earlier| earlier.same_key(&signature)) {
            return Err(CheckpointError::RepeatedSignature { line });
        }
        seen.push(signature);
    }
    if seen.is_empty() {
        return Err(CheckpointError::Unsigned);
    }
    let ours = seen
        .iter()
        .find(|signature| signature.is_by(key))
        .ok_or(CheckpointError::NotByThisKey)?;
    if key.signed(text, &ours.signature) {
        Ok(text)
    } else {
        Err(CheckpointError::Forged)
    }
}

/// Splits a note at its last empty line into text and signature lines.
fn split_note(note: &str) -> Result<(&str, &str), CheckpointError> {
    let bytes = note.len();
    if bytes > TEXT_BYTES_MAX {
        return Err(CheckpointError::TooLong { bytes });
    }
    let control = |byte: u8| byte < b' ' && byte != b'\n';
    if let Some(position) = note.bytes().position(control) {
        return Err(CheckpointError::ControlCharacter { position });
    }
    if !note.ends_with('\n') {
        return Err(CheckpointError::Unended);
    }
    let separator = note.rfind("\n\n").ok_or(CheckpointError::NoSeparator)?;
    let (text, rest) = note.split_at(separator + 1);
    Ok((text, rest.strip_prefix('\n').unwrap_or(rest)))
}

fn malformed(line: usize) -> CheckpointError {
    CheckpointError::SignatureLine { line }
}

/// One signature line, read but not believed.
struct SignatureLine<'a> {
    name: &'a str,
    id: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> SignatureLine<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        Origin::parse(name).ok()?;
        let mut id = STANDARD.decode(encoded).ok()?;
        if id.len() <= KEY_ID_BYTES {
            return None;
        }
        let signature = id.split_off(KEY_ID_BYTES);
        Some(Self {
            name,
            id,
            signature,
        })
    }

    fn same_key(&self, other: &Self) -> bool {
        self.name == other.name && self.id == other.id
    }

    fn is_by(&self, key: &VerifyingKey) -> bool {
        self.name == key.origin().as_str() && self.id == key.id()
    }
}

/// Reads the three lines of a text whose signature was found good.
fn parse_body(body: &str, key: &VerifyingKey) -> Result<Checkpoint, CheckpointError> {
    let lines: Vec<&str> = body
        .strip_suffix('\n')
        .unwrap_or(body)
        .split('\n')
        .collect();
    let [origin, size, root] = lines[..] else {
        let lines = lines.len();
        return Err(CheckpointError::Lines { lines });
    };
    if origin != key.origin().as_str() {
        return Err(CheckpointError::OtherOrigin);
    }
    Ok(Checkpoint {
        origin: key.origin().clone(),
        size: parse_size(size)?,
        root: parse_root(root)?,
    })
}

fn parse_size(text: &str) -> Result<u64, CheckpointError> {
    // Rust's own parser takes a sign and leading zeros.
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    if !digits || !canonical {
        return Err(CheckpointError::Size);
    }
    text.parse().map_err(|_| CheckpointError::Size)
}

fn parse_root(text: &str) -> Result<Hash, CheckpointError> {
    let bytes = STANDARD.decode(text).map_err(|_| CheckpointError::Root)?;
    Hash::try_from(bytes.as_slice()).map_err(|_| CheckpointError::Root)
}
