//! `gostrace hang`: whether a command and all that descends from it still get on, and if not, why.
//!
//! [`watch`] judges looks at the tree of processes: cheap ones (CPU time, output, who is there)
//! as long as something happens, and, once nothing seems to, what each goroutine and thread does;
//! [`scene`] is all that is known at the moment of a report; [`subject`] finds the tests in it,
//! [`reason`] what they wait for, [`verdict`] says it in a line; [`text`], [`json`], [`junit`]
//! and [`github`] write it. All pure: the looking is done by `session/hang/`.

pub mod github;
pub mod json;
pub mod junit;
pub mod peers;
pub mod reason;
pub mod scene;
pub mod subject;
pub mod text;
pub mod verdict;
pub mod watch;
