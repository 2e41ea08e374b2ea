//! Sleeper blocks in a function of a module, so that its name is mangled.

mod store {
    unsafe extern "C" {
        fn pause() -> i32;
    }

    #[inline(never)]
    pub fn wait(n: i32) -> i32 {
        // SAFETY: pause(2) has no arguments.
        n + unsafe { pause() }
    }
}

fn main() {
    println!("{{\"event\":\"ready\",\"pid\":{}}}", std::process::id());
    std::process::exit(store::wait(1));
}
