//! The directory of agencies.

use host::Refusal;
use proto::v1 as pb;
use store::View;

use crate::keys;

/// What an agency is to the network now; none if the directory has no such
/// agency (the network's own roles are not in it).
pub(crate) fn standing(view: &View, agency: &str) -> Result<Option<pb::Standing>, Refusal> {
    let entry = view.get::<pb::Agency>(&keys::agency(agency))?;
    Ok(entry.map(|entry| pb::Standing {
        agency: entry.name.clone(),
        kind: entry.kind,
        suspended: entry.suspended,
    }))
}
