//! The loops: wait, feed, perform actions, detach.
