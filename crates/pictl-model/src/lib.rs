//! The vocabulary of pictl: what nodes, trust, steps, runs, requests and events are.
//!
//! Everything here is data. There is no I/O, no async and no terminal, so that code that only shows or stores
//! what happened (the dashboard, the plain and JSON front ends, the record) needs nothing but this crate.
//! The one piece of behaviour is [`world::World`], which folds the event stream into what a screen shows:
//! live and replayed runs go through the same fold, so they give the same screens.

pub mod banner;
pub mod event;
pub mod ids;
pub mod inventory;
pub mod link;
pub mod node;
pub mod prefix;
pub mod request;
pub mod run;
pub mod secret;
pub mod step;
pub mod telemetry;
pub mod text;
pub mod trust;
pub mod units;
pub mod world;

pub use event::{Event, Stamped};
pub use ids::{HostName, JobId, MacAddr, MacPrefix, NodeId, QuestionId, RunId};
pub use prefix::MpiPrefix;
pub use secret::Secret;
pub use units::{BytesPerSecond, Celsius, Hertz, LeftOut, Millis, Rank, Rpm, Throttled, Timestamp, Watts};
