//! The one write path of the whole network.

use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use prost::Message;
use tokio::sync::{Mutex, MutexGuard};

use crate::draft::Draft;
use crate::engine::Sees;
use crate::error::StoreError;
use crate::intent::Intent;
use crate::store::Store;

/// Attempts before a change goes through the narrow door, and in all.
const FREE_ATTEMPTS: usize = 4;
const ATTEMPTS_MAX: usize = 64;

/// The first answer to an intent, kept so that a repetition gets it again.
#[derive(Clone, PartialEq, Message)]
struct FirstAnswer {
    /// SHA-256 of the request.
    #[prost(bytes = "bytes", tag = "1")]
    content: Bytes,
    /// The answer, encoded.
    #[prost(bytes = "bytes", tag = "2")]
    answer: Bytes,
    /// When it was wished, in milliseconds since 1970: old ones may be pruned.
    #[prost(int64, tag = "3")]
    at_millis: i64,
}

impl Store {
    /// Runs `step`, commits all that it wrote as one atomic batch, and answers
    /// what it answered, once the batch is durable.
    ///
    /// `step` runs again if something that it read was changed meanwhile, so
    /// it must be pure. An error of the step commits nothing.
    ///
    /// Repeating an intent answers the first answer without running `step`.
    ///
    /// Refuses with `RequestIdReused` if the intent's id was used for another
    /// request, `Conflict` if others won at each attempt, `TooLarge`, and
    /// `Unavailable` if it could not be made durable: then it is unknown
    /// whether it took effect, and repeating it is safe.
    pub async fn change<A, E>(
        &self,
        intent: &Intent,
        mut step: impl FnMut(&mut Draft) -> Result<A, E>,
    ) -> Result<A, E>
    where
        A: Message + Default,
        E: From<StoreError>,
    {
        let step_once = |draft: &mut Draft| -> Result<A, E> {
            let Some(key) = intent.answer_key() else {
                return step(draft);
            };
            if let Some(first) = draft.get::<FirstAnswer>(key)? {
                return Ok(repeat(key, first, intent)?);
            }
            let answer = step(draft)?;
            let first = FirstAnswer {
                content: intent.content().to_vec().into(),
                answer: answer.encode_to_vec().into(),
                at_millis: intent.at_millis(),
            };
            draft.put(key, &first);
            Ok(answer)
        };
        self.change_quietly(intent.subject(), step_once).await
    }

    /// The same for changes without an outside caller (outbox, timers,
    /// start-up): no answer is kept, and it may have any type.
    pub async fn change_quietly<A, E>(
        &self,
        subject: &str,
        mut step: impl FnMut(&mut Draft) -> Result<A, E>,
    ) -> Result<A, E>
    where
        E: From<StoreError>,
    {
        let turn = self.rooms.turns.wait(subject).await;
        for attempt in 0..ATTEMPTS_MAX {
            // Losers queue here, so that each of a crowd wins in the end.
            let door = match attempt {
                0..FREE_ATTEMPTS => None,
                _ => Some(self.rooms.narrow_door.lock().await),
            };

            // The draft must not live across an await: steps need not be Send.
            let mut draft = Draft::new(self.rooms.engine.snapshot(Sees::Applied));
            let outcome = step(&mut draft);
            let Ok(answer) = outcome else {
                // Also a refusal may rest on what is not durable yet.
                let seen = draft.number();
                drop((draft, door, turn));
                self.rooms.committer.durable(seen).await?;
                return outcome;
            };
            if draft.is_empty() {
                let seen = draft.number();
                drop((draft, door, turn));
                self.rooms.committer.durable(seen).await?;
                return Ok(answer);
            }

            match self.rooms.committer.apply(draft.into_batch()).await {
                Err(StoreError::Conflict) => continue,
                Err(refused) => return Err(refused.into()),
                Ok(number) => {
                    // The next of this subject may go on from here: its batch
                    // becomes durable after this one.
                    drop((door, turn));
                    self.rooms.committer.durable(number).await?;
                    return Ok(answer);
                }
            }
        }
        Err(StoreError::Conflict.into())
    }
}

/// The first answer, if it was given to the same request.
fn repeat<A: Message + Default>(
    key: &str,
    first: FirstAnswer,
    intent: &Intent,
) -> Result<A, StoreError> {
    if first.content != intent.content() {
        return Err(StoreError::RequestIdReused);
    }
    A::decode(first.answer).map_err(|_| StoreError::Corrupt {
        key: key.to_owned(),
    })
}

/// Changes of one subject take turns in this process, so that they do not make
/// each other run again. Correctness does not rest on it.
pub(crate) struct Turns {
    stripes: [Mutex<()>; 256],
}

impl Default for Turns {
    fn default() -> Turns {
        Turns {
            stripes: std::array::from_fn(|_| Mutex::new(())),
        }
    }
}

impl Turns {
    async fn wait(&self, subject: &str) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        let stripe = hasher.finish() as usize % self.stripes.len();
        self.stripes[stripe].lock().await
    }
}
