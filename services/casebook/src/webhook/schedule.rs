//! All webhooks: one task looks who has something to do, when something was
//! committed or an attempt is due, and starts a run for each. A run that waits
//! for a slow receiver holds up no other.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::{BoxFuture, FutureExt as _, pending};
use host::Refusal;
use proto::names::WebhookName;
use tokio::task::{Id, JoinSet};

use super::hook::Hook;
use super::next::{Next, next};
use super::run::Runner;

/// A webhook whose run broke (the store takes no writes, a record cannot be
/// read) rests for so long.
const REST: TimeDelta = TimeDelta::minutes(1);

/// Delivers for all webhooks until it is drained or the store closes.
pub(super) async fn deliver(runner: Runner, drained: impl Future<Output = ()>) {
    let mut runs = Runs {
        runner,
        running: JoinSet::new(),
        names: HashMap::new(),
        resting: BTreeMap::new(),
    };
    tokio::select! {
        () = runs.deliver() => {}
        () = drained => {}
    }
    // What is under way is cut off: it was not recorded and comes again.
    runs.running.shutdown().await;
}

struct Runs {
    runner: Runner,
    running: JoinSet<Result<(), Refusal>>,
    /// Whose run each task is.
    names: HashMap<Id, WebhookName>,
    /// Until when a webhook rests, by its name.
    resting: BTreeMap<String, DateTime<Utc>>,
}

impl Runs {
    async fn deliver(&mut self) {
        let mut commits = self.runner.desk().store().subscribe();
        loop {
            // Marked as seen before looking, so that no commit is slept through.
            commits.mark_unchanged();
            let wake = match self.start_due() {
                Ok(wake) => wake,
                Err(refusal) => {
                    tracing::error!(reason = ?refusal.reason, "webhooks cannot be read");
                    Some(self.runner.desk().now() + REST)
                }
            };
            let due = self.sleep(wake);
            tokio::select! {
                committed = commits.changed() => if committed.is_err() {
                    return;
                },
                Some(ended) = self.running.join_next_with_id() => self.ended(ended),
                () = due => {}
            }
        }
    }

    /// Starts a run for each webhook that has something to do now; answers when
    /// the next of the others has.
    fn start_due(&mut self) -> Result<Option<DateTime<Utc>>, Refusal> {
        let now = self.runner.desk().now();
        let view = self.runner.desk().store().read();
        self.resting.retain(|_, until| now < *until);
        let mut wake: Option<DateTime<Utc>> = None;
        for (name, hook) in Hook::all(&view)? {
            let is_busy = self.names.values().any(|running| *running == name);
            if is_busy || self.resting.contains_key(name.as_str()) {
                continue;
            }
            match next(&view, &name, &hook, now) {
                Err(_) => self.rest(&name),
                Ok(Next::Nothing) => {}
                Ok(Next::At(at)) => wake = wake.into_iter().chain([at]).min(),
                Ok(Next::Letter(_) | Next::Event(_) | Next::PassOver(_)) => self.start(name),
            }
        }
        let rested = self.resting.values().min().copied();
        Ok(wake.into_iter().chain(rested).min())
    }

    fn start(&mut self, name: WebhookName) {
        let (runner, whose) = (self.runner.clone(), name.clone());
        let task = self.running.spawn(async move { runner.run(&whose).await });
        self.names.insert(task.id(), name);
    }

    fn ended(&mut self, ended: Result<(Id, Result<(), Refusal>), tokio::task::JoinError>) {
        let (id, is_well) = match &ended {
            Ok((id, result)) => (*id, result.is_ok()),
            Err(error) => (error.id(), false),
        };
        let Some(name) = self.names.remove(&id).filter(|_| !is_well) else {
            return;
        };
        self.rest(&name);
    }

    fn rest(&mut self, name: &WebhookName) {
        let webhook = name.as_str();
        tracing::error!(webhook, "a webhook's run broke; it rests a minute");
        let until = self.runner.desk().now() + REST;
        self.resting.insert(webhook.to_owned(), until);
    }

    fn sleep(&self, wake: Option<DateTime<Utc>>) -> BoxFuture<'static, ()> {
        match wake {
            Some(wake) => self.runner.desk().clock().sleep_until(wake),
            None => pending().boxed(),
        }
    }
}
