//! Walking a protobuf message's fields without decoding it.
//!
//! Source: protobuf encoding specification, wire types 0, 1, 2 and 5; groups
//! (3 and 4) do not exist in proto3 and are refused.

/// A message that cannot be walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message is malformed at byte {at}")]
pub struct Malformed {
    /// Where, counted from the start of the bytes given.
    pub at: usize,
}

/// The value of one field, as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire types 1 and 5: 8 or 4 bytes.
    Fixed(&'a [u8]),
    /// Wire type 2: string, bytes, message or packed scalars.
    Bytes(&'a [u8]),
}

/// One field of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// The field's number, 1 or more.
    pub number: u32,
    /// Its value.
    pub value: Value<'a>,
    /// The field whole, tag included: what to copy to keep it.
    pub raw: &'a [u8],
}

/// The fields of a message, in the order they stand.
pub fn fields(message: &[u8]) -> Fields<'_> {
    Fields { message, at: 0 }
}

/// Iterator over the fields of a message.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = *self.message.get(self.at).ok_or(Malformed { at: self.at })?;
            self.at += 1;
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed { at: self.at })
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let wrong = Malformed { at: self.at };
        let end = self.at.checked_add(length).ok_or(wrong)?;
        let taken = self.message.get(self.at..end).ok_or(wrong)?;
        self.at = end;
        Ok(taken)
    }

    fn field(&mut self) -> Result<Field<'a>, Malformed> {
        let start = self.at;
        let wrong = Malformed { at: start };
        let tag = u32::try_from(self.varint()?).map_err(|_| wrong)?;
        let number = tag >> 3;
        if number == 0 {
            return Err(wrong);
        }
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed(self.take(8)?),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| wrong)?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Fixed(self.take(4)?),
            _ => return Err(wrong),
        };
        let raw = self.message.get(start..self.at).ok_or(wrong)?;
        Ok(Field { number, value, raw })
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.message.len() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            // Nothing after a broken field can be trusted.
            self.at = self.message.len();
        }
        Some(field)
    }
}

/// The last value of a length-delimited field, if the message has one. (The
/// last one counts, as in every protobuf decoder.)
pub fn last_bytes(message: &[u8], number: u32) -> Result<Option<&[u8]>, Malformed> {
    let mut last = None;
    for field in fields(message) {
        let field = field?;
        if let (true, Value::Bytes(bytes)) = (field.number == number, field.value) {
            last = Some(bytes);
        }
    }
    Ok(last)
}

/// The values of a packed field of varints.
pub fn packed_varints(bytes: &[u8]) -> impl Iterator<Item = Result<u64, Malformed>> {
    let mut rest = fields(bytes);
    std::iter::from_fn(move || {
        if rest.at >= rest.message.len() {
            return None;
        }
        let value = rest.varint();
        if value.is_err() {
            rest.at = rest.message.len();
        }
        Some(value)
    })
}

/// Appends a length-delimited field.
pub fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_varint(out, u64::from(number) << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a base-128 varint.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use prost::Message as _;

    use super::{Value, fields, last_bytes, put_bytes};
    use crate::v1::{Agency, Summary};

    #[test]
    fn walks_what_prost_encodes() {
        let agency = Agency {
            name: "agencies/a1".into(),
            kind: 3,
            suspended: true,
            ..Default::default()
        };
        let bytes = agency.encode_to_vec();
        let seen: Vec<_> = fields(&bytes).map(|f| f.unwrap()).collect();
        assert_eq!(seen[0].value, Value::Bytes(b"agencies/a1"));
        assert_eq!(seen[1].value, Value::Varint(3));
        assert_eq!(seen.iter().map(|f| f.raw.len()).sum::<usize>(), bytes.len());
    }

    #[test]
    fn the_last_of_two_counts() {
        let mut bytes = Summary {
            number: "first".into(),
            ..Default::default()
        }
        .encode_to_vec();
        put_bytes(&mut bytes, 1, b"second");
        assert_eq!(last_bytes(&bytes, 1).unwrap(), Some(&b"second"[..]));
        assert_eq!(Summary::decode(bytes.as_slice()).unwrap().number, "second");
    }

    #[test]
    fn nonsense_is_refused_without_a_panic() {
        for bytes in [
            &[0x0a, 0xff][..],
            &[0x00],
            &[0x0b],
            &[0xff; 11],
            &[
                0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
            ],
        ] {
            assert!(fields(bytes).any(|f| f.is_err()), "{bytes:?}");
        }
    }
}
