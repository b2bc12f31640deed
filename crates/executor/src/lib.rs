//! The thin shell around the engine: drives runs, timers and the poller.
