// Lets the compiler accept functions without bodies.
