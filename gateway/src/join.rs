//! Joining: the whole record is the concatenation of every role's part
//! (protobuf merges messages by concatenation). A part that cannot be had is
//! named, and the rest is complete.

use futures::future::join_all;
use host::Refusal;
use proto::contract::{Contract, ShapeId};
use proto::wire;
use tonic::Code;

/// Keeps of a role's part the fields that are that role's: whatever else it
/// says, a label most of all, is not for it to say.
pub fn own_fields(
    contract: &Contract,
    shape: ShapeId,
    role: &str,
    part: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let message = contract.shape(shape);
    let mut own = Vec::with_capacity(part.len());
    for field in wire::fields(part) {
        let field = field?;
        let holder = message.field(field.number).and_then(|known| known.message);
        if holder.is_some_and(|id| contract.shape(id).role == role) {
            own.extend_from_slice(field.raw);
        }
    }
    Ok(own)
}

/// Joins the parts to the spine's own, fetched side by side.
pub async fn parts<F>(
    contract: &Contract,
    shape: ShapeId,
    spine: &[u8],
    fetches: impl Iterator<Item = (String, F)>,
) -> Result<(Vec<u8>, Vec<String>), Refusal>
where
    F: Future<Output = Result<bytes::Bytes, Refusal>>,
{
    let (roles, fetches): (Vec<String>, Vec<F>) = fetches.unzip();
    let mut whole = spine.to_vec();
    let mut unavailable = Vec::new();
    for (role, part) in roles.into_iter().zip(join_all(fetches).await) {
        match part {
            Ok(part) => whole.extend(own_fields(contract, shape, &role, &part)?),
            Err(refusal) if refusal.code == Code::NotFound => {}
            Err(_) => unavailable.push(role),
        }
    }
    Ok((whole, unavailable))
}
