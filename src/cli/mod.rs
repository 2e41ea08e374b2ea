//! What the user typed, and what it means.
