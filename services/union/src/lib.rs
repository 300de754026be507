//! The trade union's file: intake, mediation, letters
