//! Wait status -> [`Stop`].
