//! All webhooks of the loaded playbooks, by name.

use super::bucket::Bucket;
use super::guard::{Guard, GuardError, TOLERANCE};
use crate::config::{Rate, SecretError};
use riposte_model::PlaybookName;
use riposte_playbook::{Auth, Playbook, Webhook};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All webhooks of the loaded playbooks, by name. It never changes; a reload makes a new one.
#[derive(Debug, Default)]
pub struct Hooks {
    by_name: BTreeMap<String, Arc<Hook>>,
}

/// One webhook: an address, who may call it, and who listens.
#[derive(Debug)]
pub struct Hook {
    /// The last part of the address.
    pub name: String,
    /// Who may call it.
    pub guard: Guard,
    /// Who listens, in the order in which the playbooks were loaded.
    pub listeners: Vec<Listener>,
    pub(crate) bucket: Bucket,
    auth: Auth,
}

/// A playbook's trigger.
#[derive(Clone, Debug)]
pub struct Listener {
    /// The playbook.
    pub playbook: Arc<Playbook>,
    /// Its trigger.
    pub webhook: Webhook,
}

/// Why the webhooks of a set of playbooks cannot be served. The set before stays.
#[derive(Debug, thiserror::Error)]
pub enum HooksError {
    /// Two playbooks want one address guarded differently.
    #[error(
        "the playbooks `{first}` and `{second}` share the webhook `{hook}` with different `auth`: write the same in both, or \
         give one of them a name of its own"
    )]
    Disagree {
        /// The webhook.
        hook: String,
        /// Who came first.
        first: PlaybookName,
        /// Who wants something else.
        second: PlaybookName,
    },
    /// The secret is not there.
    #[error(
        "the playbook `{playbook}` needs the credential `{credential}` for its webhook `{hook}`: say where it is in the \
         configuration, like `credentials: {{ {credential}: {{ file: PATH }} }}`, or provide it with systemd's \
         `LoadCredential={credential}:PATH`"
    )]
    Secret {
        /// The playbook.
        playbook: PlaybookName,
        /// The webhook.
        hook: String,
        /// The secret's name.
        credential: String,
        /// Why.
        source: SecretError,
    },
    /// The secret is there, and is none.
    #[error("the credential `{credential}` of the playbook `{playbook}` cannot guard its webhook `{hook}`")]
    Unfit {
        /// The playbook.
        playbook: PlaybookName,
        /// The webhook.
        hook: String,
        /// The secret's name.
        credential: String,
        /// Why.
        source: GuardError,
    },
    /// A request could be replayed after its key has been forgotten, and before its time is over.
    #[error(
        "the `dedupe` window of the playbook `{playbook}` for its webhook `{hook}` is shorter than 10 minutes, for which a \
         request of `standard_webhooks` may be replayed: write `window: 10m` or more, or leave `dedupe` out, so that \
         requests are told apart by their `webhook-id`"
    )]
    ShortWindow {
        /// The playbook.
        playbook: PlaybookName,
        /// The webhook.
        hook: String,
    },
}

impl Hooks {
    /// Of these playbooks. `secret` fetches a credential by its name, once.
    pub fn new<'p>(
        playbooks: impl IntoIterator<Item = &'p Arc<Playbook>>,
        rate: Rate,
        secret: &dyn Fn(&str) -> Result<SecretString, SecretError>,
    ) -> Result<Hooks, HooksError> {
        let mut by_name: BTreeMap<String, Hook> = BTreeMap::new();
        for playbook in playbooks {
            for webhook in playbook.webhooks() {
                let listener = Listener { playbook: playbook.clone(), webhook: webhook.clone() };
                listener.outlives_replays()?;
                match by_name.get_mut(&webhook.name) {
                    None => {
                        let hook = Hook {
                            name: webhook.name.clone(),
                            guard: listener.guard(secret)?,
                            auth: webhook.auth.clone(),
                            bucket: Bucket::new(rate),
                            listeners: vec![listener],
                        };
                        by_name.insert(webhook.name.clone(), hook);
                    }
                    Some(hook) if hook.auth == webhook.auth => hook.listeners.push(listener),
                    Some(hook) => {
                        let first = hook.listeners.first().unwrap_or(&listener);
                        return Err(HooksError::Disagree {
                            hook: webhook.name.clone(),
                            first: first.playbook.name.clone(),
                            second: playbook.name.clone(),
                        });
                    }
                }
            }
        }
        Ok(Hooks { by_name: by_name.into_iter().map(|(name, hook)| (name, Arc::new(hook))).collect() })
    }

    /// The one at `/hooks/NAME`.
    pub fn get(&self, name: &str) -> Option<&Arc<Hook>> {
        self.by_name.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Hook>> {
        self.by_name.values()
    }
}

impl Hook {
    /// Whether one request can ask for several runs: then the answer is always a list.
    pub fn is_many(&self) -> bool {
        self.listeners.len() > 1 || self.listeners.iter().any(|listener| listener.webhook.each.is_some())
    }
}

impl Listener {
    fn guard(&self, secret: &dyn Fn(&str) -> Result<SecretString, SecretError>) -> Result<Guard, HooksError> {
        let (playbook, hook) = (&self.playbook.name, &self.webhook.name);
        let credential = self.webhook.auth.credential().map(|credential| credential.0.clone());
        let secret = credential.as_deref().map(secret).transpose();
        let credential = credential.unwrap_or_default();
        let secret = secret.map_err(|source| HooksError::Secret {
            playbook: playbook.clone(),
            hook: hook.clone(),
            credential: credential.clone(),
            source,
        })?;
        Guard::new(&self.webhook.auth, secret.as_ref()).map_err(|source| HooksError::Unfit {
            playbook: playbook.clone(),
            hook: hook.clone(),
            credential,
            source,
        })
    }

    /// A request of `standard_webhooks` is good for as long as its time is tolerated, which its key has to outlive.
    fn outlives_replays(&self) -> Result<(), HooksError> {
        let short = self.webhook.dedupe.as_ref().is_some_and(|dedupe| dedupe.window < TOLERANCE * 2);
        if short && matches!(self.webhook.auth, Auth::StandardWebhooks { .. }) {
            let (playbook, hook) = (self.playbook.name.clone(), self.webhook.name.clone());
            return Err(HooksError::ShortWindow { playbook, hook });
        }
        Ok(())
    }
}
