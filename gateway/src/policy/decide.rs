//! One decision: Cedar's answer on a handful of facts, memoised on exactly
//! those. Nothing expires: other facts are another key.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use cedar_policy::{
    Authorizer, Context, Decision as Verdict, Entities, Entity, EntityId, EntityTypeName,
    EntityUid, PolicyId, PolicySet, Request, Schema,
};
use proto::contract::Contract;

use super::asked::Asked;
use super::facts::Facts;
use super::set::{PolicyError, PolicyFiles};

/// Decisions of one action that are remembered at most; the facts have far fewer
/// combinations in practice.
const REMEMBERED_MAX: usize = 100_000;

/// What the rules say, and which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Allowed.
    pub allowed: bool,
    /// The rule that decided ("media.identity"), "no-grant" where none allows.
    pub rule: String,
    /// Why, in Chinese.
    pub reason_zh: String,
    /// Why, in English.
    pub reason_en: String,
    /// The law it rests on.
    pub law: String,
}

/// What the rules say, and every policy that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// Allowed.
    pub allowed: bool,
    /// Ids of the policies that decided, sorted: the permits where it is
    /// allowed, else the forbids; none where no permit speaks.
    pub deciding: Vec<String>,
}

/// The rule that is named where one could not be evaluated.
const ERROR: &str = "error";

/// The rules in force.
pub struct Rules {
    schema: Schema,
    policies: PolicySet,
    types: Types,
    remembered: RwLock<HashMap<String, HashMap<Facts, Arc<Decision>>>>,
}

/// Names of Cedar's entity types, parsed once.
struct Types {
    agency: EntityTypeName,
    case: EntityTypeName,
    action: EntityTypeName,
}

impl Rules {
    /// Compiles a set of policies against the contract.
    pub fn compile(files: &PolicyFiles, contract: &Contract) -> Result<Self, PolicyError> {
        let (schema, policies) = files.compile(contract)?;
        let name = |text: &str| {
            EntityTypeName::from_str(text).map_err(|error| PolicyError::Invalid(error.to_string()))
        };
        let types = Types {
            agency: name("Agency")?,
            case: name("Case")?,
            action: name("Action")?,
        };
        let rules = Self {
            schema,
            policies,
            types,
            remembered: RwLock::default(),
        };
        // A schema over other facts would make every question an error, and
        // every answer a refusal.
        let question = Asked::default();
        rules.request(&question).map_err(|error| {
            PolicyError::Invalid(format!(
                "it is not over the facts that the gateway has: {error}"
            ))
        })?;
        Ok(rules)
    }

    /// What the rules say to this action on these facts.
    pub fn decide(&self, action: &str, facts: Facts) -> Arc<Decision> {
        let remembered = self
            .remembered
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = remembered
            .get(action)
            .and_then(|of_action| of_action.get(&facts))
        {
            return Arc::clone(known);
        }
        drop(remembered);
        let decision = Arc::new(self.evaluate(action, &facts));
        let mut remembered = self
            .remembered
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let of_action = remembered.entry(action.to_owned()).or_default();
        if of_action.len() < REMEMBERED_MAX {
            of_action.insert(facts, Arc::clone(&decision));
        }
        decision
    }

    /// Cedar's own answer, without memory.
    pub fn evaluate(&self, action: &str, facts: &Facts) -> Decision {
        self.answer(&Asked::new(action, facts))
    }

    /// Cedar's own answer to a question in a rule's own words.
    pub fn answer(&self, asked: &Asked) -> Decision {
        let weighed = self.weigh(asked).unwrap_or_else(|detail| {
            // INVARIANT (fail closed): what cannot be evaluated is denied.
            tracing::error!(action = %asked.action, %detail, "a rule could not be evaluated");
            Weighed {
                allowed: false,
                deciding: vec![ERROR.to_owned()],
            }
        });
        let allowed = weighed.allowed;
        let decided = |rule: &str, zh: &str, en: &str, law: &str| Decision {
            allowed,
            rule: rule.to_owned(),
            reason_zh: zh.to_owned(),
            reason_en: en.to_owned(),
            law: law.to_owned(),
        };
        let Some(rule) = weighed.deciding.first() else {
            let (zh, en) = (
                "没有有效的授权包含这一部分",
                "no grant in force names this part",
            );
            return decided("no-grant", zh, en, "个人信息保护法 第六条");
        };
        let Some(policy) = self.policies.policy(&PolicyId::new(rule)) else {
            let en = "a rule could not be evaluated, so it is refused";
            return decided(rule, "规则无法评估，已拒绝", en, "");
        };
        let annotation = |name: &str| policy.annotation(name).unwrap_or_default();
        decided(
            rule,
            annotation("reason_zh"),
            annotation("reason_en"),
            annotation("law"),
        )
    }

    /// Whether the rules allow it, and every policy that decided. An error names
    /// the policy that could not be evaluated: it is a denial.
    pub fn weigh(&self, asked: &Asked) -> Result<Weighed, String> {
        let (request, entities) = self.request(asked)?;
        let response = Authorizer::new().is_authorized(&request, &self.policies, &entities);
        // A forbid that errors is skipped by Cedar; here it denies.
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(error.to_string());
        }
        let mut deciding: Vec<String> = response
            .diagnostics()
            .reason()
            .map(ToString::to_string)
            .collect();
        deciding.sort();
        Ok(Weighed {
            allowed: response.decision() == Verdict::Allow,
            deciding,
        })
    }

    /// The question as Cedar takes it, checked against the schema.
    fn request(&self, asked: &Asked) -> Result<(Request, Entities), String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let uid = |kind: &EntityTypeName, id: &str| {
            EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
        };
        let principal = uid(&self.types.agency, "asker");
        let asker = Entity::new(principal.clone(), asked.attributes(), Default::default())
            .map_err(|e| text(&e))?;
        let entities =
            Entities::from_entities([asker], Some(&self.schema)).map_err(|e| text(&e))?;
        let request = Request::new(
            principal,
            uid(&self.types.action, &asked.action),
            uid(&self.types.case, "case"),
            Context::from_pairs(asked.context()).map_err(|e| text(&e))?,
            Some(&self.schema),
        )
        .map_err(|e| text(&e))?;
        Ok((request, entities))
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(super) fn policies(&self) -> &PolicySet {
        &self.policies
    }
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}
