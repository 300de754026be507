//! The law firm's file: conflict check, engagement, counsel acts, privileged notes
