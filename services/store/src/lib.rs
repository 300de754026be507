//! Bytes kept: atomic, durable changes over an ordered key-value engine
