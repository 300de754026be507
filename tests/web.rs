//! The web client: what it refuses, by plain HTTP; what people do with it, by
//! real browsers.

mod browsers;
mod safety;
mod site;
