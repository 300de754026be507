//! A process that answers: listener, identity envelope, clock, telemetry
