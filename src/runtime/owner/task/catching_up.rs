//! Following what another instance appended, and stopping when the log is not the one that was read.

use super::Task;
use crate::runtime::fold::{PAGE, records};
use crate::runtime::model::Model;
use hall_log::{Commit, Head, ReadError, verify_chain};
use tracing::error;

impl<M: Model> Task<M> {
    /// Reads the log to its head: apply, publish.
    pub async fn catch_up(&mut self) -> Result<(), String> {
        let stream = self.shared.stream.clone();
        loop {
            let commits = self.log.read(&stream, self.head.version, PAGE).await;
            let commits = commits.map_err(|error| self.unreadable(error))?;
            let Some(last) = commits.last().map(|commit| commit.last) else {
                break;
            };
            for commit in &commits {
                self.follow(commit)?;
            }
            self.shared.version.send_replace(last);
            if commits.len() < PAGE {
                break;
            }
        }
        let head = self
            .log
            .head(&stream)
            .await
            .map_err(|error| self.unreadable(error))?;
        self.is_of_this_history(&head)?;
        self.is_behind = head.version > self.head.version;
        Ok(())
    }

    /// A head that went back, or that has this version and is not ours, is another history: never decide on it.
    fn is_of_this_history(&self, head: &Head) -> Result<(), String> {
        let ours = &self.head;
        let is_ours = head.epoch == ours.epoch && (head == ours || head.version > ours.version);
        if is_ours {
            return Ok(());
        }
        let what = format!(
            "the store ends at version {} ({}, epoch {}), this instance has read version {} ({}, epoch {})",
            head.version, head.hash, head.epoch, ours.version, ours.hash, ours.epoch
        );
        self.halt(what.clone());
        Err(what)
    }

    /// Takes over what another instance appended.
    fn follow(&mut self, commit: &Commit) -> Result<(), String> {
        let stopped = |what: String| {
            self.halt(what.clone());
            what
        };
        let next = verify_chain(&self.shared.stream, &self.head, commit)
            .map_err(|defect| stopped(defect.to_string()))?;
        let records = records::<M>(commit, &self.shared.stream)
            .map_err(|error| stopped(error.to_string()))?;
        let mut published = self.shared.state_mut();
        for record in &records {
            published.apply(record);
            self.working.apply(record);
            self.shared.clock.not_before(record.at);
        }
        drop(published);
        self.head = next;
        Ok(())
    }

    /// A store that does not answer may come back; a log that is damaged or gone stops the hall.
    fn unreadable(&self, error: ReadError) -> String {
        match &error {
            ReadError::Unavailable(_) => {}
            ReadError::Defect(_) | ReadError::NoSuchStream(_) => self.halt(error.to_string()),
        }
        error.to_string()
    }

    pub fn halt(&self, reason: String) {
        if self.shared.stopped().is_none() {
            error!(stream = %self.shared.stream, reason, "the owner has stopped");
            self.shared.set_stopped(Some(reason));
        }
    }
}
