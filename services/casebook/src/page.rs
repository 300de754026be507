//! Pages of lists (AIP-158).

use host::Refusal;

/// What stands in a token for the slash between two segments of a key.
const BETWEEN: &str = "_";

/// How many a page holds, from what was asked: 0 is the default, more than
/// the most is the most.
pub(crate) fn size(asked: i32, default: usize, most: usize) -> Result<usize, Refusal> {
    match usize::try_from(asked) {
        Ok(0) => Ok(default),
        Ok(size) => Ok(size.min(most)),
        Err(_) => Err(Refusal::invalid("page_size", "must not be negative")),
    }
}

/// The key to go on from, under this prefix only: a token cannot lead elsewhere.
/// What follows the prefix has so many segments.
pub(crate) fn place(token: &str, prefix: &str, segments: usize) -> Result<Option<String>, Refusal> {
    if token.is_empty() {
        return Ok(None);
    }
    let is_plain = token.len() <= 200
        && token.split(BETWEEN).count() == segments
        && token
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'));
    if !is_plain {
        return Err(Refusal::invalid(
            "page_token",
            "is not one that this method gave out",
        ));
    }
    Ok(Some(format!("{prefix}{}", token.replace(BETWEEN, "/"))))
}

/// The token of the next page, from the last key of this one.
pub(crate) fn next(last: Option<&str>, prefix: &str, is_last: bool) -> String {
    let rest = last
        .filter(|_| !is_last)
        .and_then(|key| key.strip_prefix(prefix));
    rest.unwrap_or_default().replace('/', BETWEEN)
}
