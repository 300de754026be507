//! The filter: one pass over the bytes of an answer, keeping the fields whose
//! section the permit lets out. It knows sections, not cases.

use prost::Message as _;
use proto::contract::{Contract, FieldShape, Shape, ShapeId};
use proto::v1::{Disclosure, Section};
use proto::wire::{self, Malformed, Value};

use crate::policy::{Level, Permit};

/// Deeper than any message of the contract; prost's own limit is 100.
const DEPTH_MAX: usize = 32;

/// An answer after the filter: the only bytes that can be released. Labels are
/// gone, and every field that is left had a section the permit lets out.
#[derive(Debug)]
pub struct Redacted {
    bytes: Vec<u8>,
    disclosed: Vec<Disclosed>,
}

/// What an answer discloses of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosed {
    /// `cases/{case}`; empty where it is about none.
    pub case: String,
    /// Which sections.
    pub shown: Shown,
    /// Under which rules.
    pub rules: Vec<String>,
}

/// Which sections an answer shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// In full, each once, in the order they appeared.
    pub full: Vec<Section>,
    /// In part only.
    pub part: Vec<Section>,
}

impl Disclosed {
    /// Nothing of any case.
    pub fn nothing() -> Self {
        Self {
            case: String::new(),
            shown: Shown::default(),
            rules: Vec::new(),
        }
    }
}

impl Redacted {
    /// What it discloses, case by case; one entry without a case if of none.
    pub fn disclosed(&self) -> &[Disclosed] {
        &self.disclosed
    }

    /// Nothing is left of the answer.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The same content in the same bytes.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }

    /// Inside another message, as its field of that number, after the other
    /// fields: those tell nothing that would have to be cut.
    pub(crate) fn within(mut self, number: u32, mut others: Vec<u8>) -> Self {
        wire::put_bytes(&mut others, number, &self.bytes);
        self.bytes = others;
        self
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Shown {
    fn note(&mut self, section: Section, level: Level) {
        if section == Section::Open {
            return;
        }
        let list = if level == Level::Full {
            &mut self.full
        } else {
            &mut self.part
        };
        if !list.contains(&section) {
            list.push(section);
        }
    }

    fn has(&self, section: Section) -> bool {
        self.full.contains(&section) || self.part.contains(&section)
    }
}

/// Cuts an answer to what the permit lets out, and says at its end what was
/// withheld, where the message has room for that.
pub fn redact(
    contract: &Contract,
    shape: ShapeId,
    answer: &[u8],
    permit: &Permit,
    unavailable: Vec<String>,
) -> Result<Redacted, Malformed> {
    let (mut bytes, shown) = cut(contract, shape, answer, permit)?;
    let message = contract.shape(shape);
    if let Some(number) = disclosure_field(contract, message) {
        let disclosure = Disclosure {
            withheld: permit.withheld(|s| holds(contract, message, s)),
            unavailable,
        };
        wire::put_bytes(&mut bytes, number, &disclosure.encode_to_vec());
    }
    let rules = permit.rules(|section| shown.has(section));
    let disclosed = vec![Disclosed {
        case: permit.case().to_owned(),
        shown,
        rules,
    }];
    Ok(Redacted { bytes, disclosed })
}

/// Cuts an answer to what each of two permits lets out; what it says was
/// withheld is the second's.
pub fn redact_for_both(
    contract: &Contract,
    shape: ShapeId,
    answer: &[u8],
    first: &Permit,
    second: &Permit,
    unavailable: Vec<String>,
) -> Result<Redacted, Malformed> {
    // Authors and sections of contributions are left by the first pass, so the
    // second judges each as if it had come first.
    let (bytes, _) = cut(contract, shape, answer, first)?;
    redact(contract, shape, &bytes, second, unavailable)
}

fn cut(
    contract: &Contract,
    shape: ShapeId,
    answer: &[u8],
    permit: &Permit,
) -> Result<(Vec<u8>, Shown), Malformed> {
    let mut pass = Pass {
        contract,
        permit,
        shown: Shown::default(),
    };
    let mut bytes = Vec::with_capacity(answer.len());
    let message = contract.shape(shape);
    let context = match message.authored {
        Some(section) => Context::of_contribution(answer, section, Level::Full, permit)?,
        None => Context::ROOT,
    };
    pass.message(&mut bytes, message, answer, context, 0)?;
    Ok((bytes, pass.shown))
}

/// An answer that holds labelled messages in one repeated field (a list):
/// each is redacted under its own permit, and those of which the caller may
/// see nothing are left out, as if they were not there.
pub fn redact_list(
    contract: &Contract,
    shape: ShapeId,
    answer: &[u8],
    mut permit_for: impl FnMut(&[u8]) -> Option<Permit>,
    open: &Permit,
) -> Result<Redacted, Malformed> {
    let message = contract.shape(shape);
    let mut bytes = Vec::with_capacity(answer.len());
    let mut disclosed = Vec::new();
    for field in wire::fields(answer) {
        let field = field?;
        let Some(known) = message.field(field.number) else {
            continue;
        };
        let item = known.message.filter(|id| contract.shape(*id).labelled);
        match (item, field.value) {
            (Some(item), Value::Bytes(inner)) => {
                let Some(permit) = permit_for(inner) else {
                    continue;
                };
                if !permit.sees_anything() {
                    continue;
                }
                let redacted = redact(contract, item, inner, &permit, Vec::new())?;
                disclosed.extend(redacted.disclosed);
                wire::put_bytes(&mut bytes, field.number, &redacted.bytes);
            }
            (None, _)
                if known
                    .section
                    .is_some_and(|s| open.level(s, None) == Level::Full) =>
            {
                bytes.extend_from_slice(field.raw);
            }
            _ => {}
        }
    }
    Ok(Redacted { bytes, disclosed })
}

/// Whether the message is a list of labelled messages.
pub fn is_list(contract: &Contract, shape: &Shape) -> bool {
    !shape.labelled
        && shape.fields().any(|(_, field)| {
            field.repeated && field.message.is_some_and(|id| contract.shape(id).labelled)
        })
}

/// The section that a field stands in, and how much of it may leave.
#[derive(Debug, Clone, Copy)]
struct Context {
    /// None at the root of an answer.
    section: Option<Section>,
    /// What the contract calls it: the same, unless a contribution has a
    /// section of its own.
    written_as: Option<Section>,
    level: Level,
    /// Within the caller's own contribution.
    own: bool,
}

impl Context {
    const ROOT: Self = Self {
        section: None,
        written_as: None,
        level: Level::Withheld,
        own: false,
    };

    /// Of somebody's contribution: by its author, and its own section if it
    /// has one. `outer` is what may leave of the field that holds it.
    fn of_contribution(
        message: &[u8],
        written_as: Section,
        outer: Level,
        permit: &Permit,
    ) -> Result<Self, Malformed> {
        let author = wire::last_bytes(message, 1)?;
        let own = author.is_some_and(|author| permit.is_of(author));
        let (section, level) = match own_section(message)? {
            OwnSection::None => (written_as, permit.level(written_as, author)),
            OwnSection::Is(section) => (section, permit.level(section, author)),
            // A section that this build does not know is nobody's to see.
            OwnSection::Unknown => (Section::Unspecified, Level::Withheld),
        };
        let level = if own { level } else { level.min(outer) };
        Ok(Self {
            section: Some(section),
            written_as: Some(written_as),
            level,
            own,
        })
    }
}

/// Field 2 of an authored message.
enum OwnSection {
    None,
    Is(Section),
    Unknown,
}

fn own_section(message: &[u8]) -> Result<OwnSection, Malformed> {
    let mut last = OwnSection::None;
    for field in wire::fields(message) {
        let field = field?;
        if field.number == 2 {
            let number = match field.value {
                Value::Varint(number) => i32::try_from(number).ok(),
                _ => None,
            };
            last = match number.and_then(|number| Section::try_from(number).ok()) {
                Some(Section::Unspecified) => OwnSection::None,
                // Open would show the contribution to everybody.
                Some(Section::Open) | None => OwnSection::Unknown,
                Some(section) => OwnSection::Is(section),
            };
        }
    }
    Ok(last)
}

struct Pass<'a> {
    contract: &'a Contract,
    permit: &'a Permit,
    shown: Shown,
}

impl Pass<'_> {
    fn message(
        &mut self,
        out: &mut Vec<u8>,
        shape: &Shape,
        message: &[u8],
        context: Context,
        depth: usize,
    ) -> Result<(), Malformed> {
        if depth > DEPTH_MAX {
            return Err(Malformed { at: 0 });
        }
        for field in wire::fields(message) {
            let field = field?;
            let is_label = shape.labelled && field.number == 1;
            // Unknown to this contract: it has no section, so it is nobody's.
            let Some(known) = shape.field(field.number).filter(|_| !is_label) else {
                continue;
            };
            if shape.authored.is_some() && field.number <= 2 {
                // Whose it is shows with the first of its content.
                if context.level > Level::Withheld {
                    out.extend_from_slice(field.raw);
                }
                continue;
            }
            let inner = self.within(known, context);
            let message = known.message.map(|id| self.contract.shape(id));
            match (message.filter(|shape| !shape.is_value()), field.value) {
                (Some(child), Value::Bytes(bytes)) => {
                    let holder = Holder {
                        number: field.number,
                        part: known.part,
                        context: inner,
                    };
                    self.child(out, holder, child, bytes, depth)?;
                }
                _ if inner.level >= least(known.part) => {
                    self.note(inner);
                    out.extend_from_slice(field.raw);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The context of a field: its own section's, if it has one, else the one
    /// it stands in.
    fn within(&self, known: &FieldShape, context: Context) -> Context {
        match known.section {
            Some(section) if context.written_as != Some(section) => {
                let level = if context.own {
                    Level::Full
                } else {
                    self.permit.level(section, None)
                };
                Context {
                    section: Some(section),
                    written_as: Some(section),
                    level,
                    ..context
                }
            }
            _ => context,
        }
    }

    fn child(
        &mut self,
        out: &mut Vec<u8>,
        holder: Holder,
        shape: &Shape,
        message: &[u8],
        depth: usize,
    ) -> Result<(), Malformed> {
        let context = match (shape.authored, holder.context.section) {
            (None, _) => holder.context,
            (Some(default), section) => {
                let written_as = section.unwrap_or(default);
                let outer = holder.context.level;
                Context::of_contribution(message, written_as, outer, self.permit)?
            }
        };
        if context.level < least(holder.part) {
            return Ok(());
        }
        let mut kept = Vec::with_capacity(message.len());
        self.message(&mut kept, shape, message, context, depth + 1)?;
        // An empty message that was not empty would tell how much there is.
        if !kept.is_empty() || (message.is_empty() && context.level == Level::Full) {
            wire::put_bytes(out, holder.number, &kept);
        }
        Ok(())
    }

    fn note(&mut self, context: Context) {
        if let Some(section) = context.section {
            self.shown.note(section, context.level);
        }
    }
}

/// The field that holds a message.
#[derive(Clone, Copy)]
struct Holder {
    number: u32,
    part: bool,
    context: Context,
}

/// The least level at which a field shows.
fn least(part: bool) -> Level {
    if part { Level::Part } else { Level::Full }
}

/// The number of the field that holds the Disclosure, if the message has one.
fn disclosure_field(contract: &Contract, shape: &Shape) -> Option<u32> {
    shape.fields().find_map(|(number, field)| {
        let is_disclosure = field
            .message
            .is_some_and(|id| contract.shape(id).name == "casenet.v1.Disclosure");
        is_disclosure.then_some(number)
    })
}

/// Whether a message of this shape can hold something of the section.
fn holds(contract: &Contract, shape: &Shape, section: Section) -> bool {
    shape.fields().any(|(_, field)| {
        field.section == Some(section)
            || field
                .message
                .is_some_and(|id| contract.shape(id).authored == Some(section))
    })
}
