//! The doors of the daemon: webhooks and configuration.
