//! One decision: Cedar's answer on a handful of facts, memoised on exactly
//! those. Nothing expires: other facts are another key.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use cedar_policy::{
    Authorizer, Context, Decision as Verdict, Entities, Entity, EntityId, EntityTypeName,
    EntityUid, PolicySet, Request, RestrictedExpression, Schema,
};
use proto::contract::Contract;

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
        Ok(Self {
            schema,
            policies,
            types,
            remembered: RwLock::default(),
        })
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
        self.ask(action, facts).unwrap_or_else(|detail| {
            // INVARIANT (fail closed): what cannot be evaluated is denied.
            tracing::error!(action, %detail, "a rule could not be evaluated");
            Decision {
                allowed: false,
                rule: "error".to_owned(),
                reason_zh: "规则无法评估，已拒绝".to_owned(),
                reason_en: "a rule could not be evaluated, so it is refused".to_owned(),
                law: String::new(),
            }
        })
    }

    fn ask(&self, action: &str, facts: &Facts) -> Result<Decision, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let uid = |kind: &EntityTypeName, id: &str| {
            EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
        };
        let principal = uid(&self.types.agency, "asker");
        let attributes = HashMap::from([
            (
                "kind".to_owned(),
                RestrictedExpression::new_string(facts.kind_name().to_owned()),
            ),
            (
                "suspended".to_owned(),
                RestrictedExpression::new_bool(facts.suspended),
            ),
        ]);
        let asker =
            Entity::new(principal.clone(), attributes, Default::default()).map_err(|e| text(&e))?;
        let entities =
            Entities::from_entities([asker], Some(&self.schema)).map_err(|e| text(&e))?;
        let request = Request::new(
            principal,
            uid(&self.types.action, action),
            uid(&self.types.case, "case"),
            context(facts)?,
            Some(&self.schema),
        )
        .map_err(|e| text(&e))?;

        let response = Authorizer::new().is_authorized(&request, &self.policies, &entities);
        // A forbid that errors is skipped by Cedar; here it denies.
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(error.to_string());
        }
        let allowed = response.decision() == Verdict::Allow;
        let mut deciding: Vec<_> = response.diagnostics().reason().collect();
        deciding.sort();
        let Some(policy) = deciding.first().and_then(|id| self.policies.policy(id)) else {
            return Ok(no_grant());
        };
        let annotation = |name: &str| policy.annotation(name).unwrap_or_default().to_owned();
        Ok(Decision {
            allowed,
            rule: policy.id().to_string(),
            reason_zh: annotation("reason_zh"),
            reason_en: annotation("reason_en"),
            law: annotation("law"),
        })
    }
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}

/// Default deny.
fn no_grant() -> Decision {
    Decision {
        allowed: false,
        rule: "no-grant".to_owned(),
        reason_zh: "没有有效的授权包含这一部分".to_owned(),
        reason_en: "no grant in force names this part".to_owned(),
        law: "个人信息保护法 第六条".to_owned(),
    }
}

fn context(facts: &Facts) -> Result<Context, String> {
    let flag = |name: &str, value: bool| (name.to_owned(), RestrictedExpression::new_bool(value));
    let text = |name: &str, value: &str| {
        (
            name.to_owned(),
            RestrictedExpression::new_string(value.to_owned()),
        )
    };
    Context::from_pairs([
        text("section", facts.section_name()),
        text("purpose", if facts.filing { "filing" } else { "handling" }),
        flag("system", facts.system),
        flag("lead", facts.lead),
        flag("author", facts.author),
        flag("triage", facts.triage),
        flag("working", facts.working),
        flag("granted", facts.granted),
        flag("contribute", facts.contribute),
        flag("breakGlass", facts.break_glass),
        flag("consent", facts.consent),
        flag("filed", facts.filed),
        flag("sealed", facts.sealed),
        flag("sealer", facts.sealer),
        flag("published", facts.published),
        flag("sender", facts.sender),
        flag("receiver", facts.receiver),
    ])
    .map_err(|error| error.to_string())
}
