//! What is proven: the invariants, and of which actions each of them speaks.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::{ActionConstraint, Entities, EntityUid, Policy, PolicyId, PolicySet, Schema};

use super::ProveError;
use crate::policy::set::PolicyFiles;

/// Every request, before an invariant takes its own away.
const EVERYTHING: &str = "permit (principal, action, resource);";

/// One invariant.
pub(super) struct Invariant {
    /// "sealed-is-sealed".
    pub(super) id: String,
    /// Its number in the design.
    pub(super) number: String,
    /// What it says.
    pub(super) says: String,
    /// The facts that a breach of it is told by.
    pub(super) facts: Vec<String>,
    /// What may never be allowed.
    never: Policy,
    /// The actions it speaks of.
    pub(super) scope: BTreeSet<EntityUid>,
}

/// The invariants, over the actions of this schema.
pub(super) fn all(schema: &Schema) -> Result<Vec<Invariant>, ProveError> {
    let broken = |error: &dyn std::fmt::Display| ProveError::Unprovable(error.to_string());
    let text = include_str!("invariants.cedar");
    let policies = PolicySet::from_str(text).map_err(|error| broken(&error))?;
    let (built_in, _) = Schema::from_cedarschema_str(PolicyFiles::built_in().schema())
        .map_err(|error| broken(&error))?;
    let known = Actions::of(schema)?;
    let grouped = Actions::of(&built_in)?;

    let mut invariants = Vec::new();
    for policy in policies.policies() {
        let invariant = Invariant::read(policy, known.under(policy));
        // A schema that takes an action out of its group would take it out of
        // the proof.
        let lost = grouped
            .under(policy)
            .into_iter()
            .find(|action| known.has(action) && !invariant.scope.contains(action));
        if let Some(action) = lost {
            return Err(ProveError::Ungrouped {
                action: action.id().unescaped().to_owned(),
                invariant: invariant.id,
            });
        }
        invariants.push((policy.id().clone(), invariant));
    }
    // "policy10" comes after "policy9": the order of the file.
    invariants.sort_by_key(|(id, _)| {
        let number: String = id
            .to_string()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        number.parse::<usize>().unwrap_or_default()
    });
    Ok(invariants
        .into_iter()
        .map(|(_, invariant)| invariant)
        .collect())
}

impl Invariant {
    fn read(policy: &Policy, scope: BTreeSet<EntityUid>) -> Self {
        let annotation = |name: &str| policy.annotation(name).unwrap_or_default().to_owned();
        let id = annotation("id");
        let facts = annotation("facts");
        Self {
            never: policy.new_id(PolicyId::new(&id)),
            id,
            number: annotation("number"),
            says: annotation("says"),
            facts: facts
                .split(',')
                .filter(|fact| !fact.is_empty())
                .map(str::to_owned)
                .collect(),
            scope,
        }
    }
}

/// What these invariants allow at most: everything but what each forbids.
pub(super) fn at_most<'a>(
    invariants: impl IntoIterator<Item = &'a Invariant>,
) -> Result<PolicySet, ProveError> {
    let unprovable = |error: &dyn std::fmt::Display| ProveError::Unprovable(error.to_string());
    let mut set = PolicySet::from_str(EVERYTHING).map_err(|error| unprovable(&error))?;
    for invariant in invariants {
        set.add(invariant.never.clone())
            .map_err(|error| unprovable(&error))?;
    }
    Ok(set)
}

/// The actions of a schema, with their groups.
pub(super) struct Actions {
    entities: Entities,
    known: BTreeSet<EntityUid>,
}

impl Actions {
    pub(super) fn of(schema: &Schema) -> Result<Self, ProveError> {
        let entities = schema
            .action_entities()
            .map_err(|error| ProveError::Unprovable(error.to_string()))?;
        let known = schema
            .request_envs()
            .map(|env| env.action().clone())
            .collect();
        Ok(Self { entities, known })
    }

    fn has(&self, action: &EntityUid) -> bool {
        self.known.contains(action)
    }

    /// Whether a policy's scope names the action, or a group of it. Where it
    /// does not, nothing of the policy is evaluated.
    pub(super) fn speaks(&self, policy: &Policy, action: &EntityUid) -> bool {
        let is_in =
            |group: &EntityUid| group == action || self.entities.is_ancestor_of(group, action);
        match policy.action_constraint() {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(one) => one == *action,
            ActionConstraint::In(groups) => groups.iter().any(is_in),
        }
    }

    /// The actions that a policy's scope names.
    fn under(&self, policy: &Policy) -> BTreeSet<EntityUid> {
        let known = self.known.iter();
        known
            .filter(|action| self.speaks(policy, action))
            .cloned()
            .collect()
    }
}
