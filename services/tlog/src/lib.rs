//! A transparency log as pure functions: RFC 6962 tree, proofs, checkpoints
