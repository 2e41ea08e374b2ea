//! Names as they are in the source: those of C++ and Rust are mangled in symbol tables.

use cpp_demangle::{DemangleOptions, ParseOptions, Symbol};

/// Templates nest; what is deeper stays as it is.
const MAX_DEPTH: u32 = 96;

/// The name of a function without what it takes and returns, like those of Go and C.
pub(super) fn demangle(name: &str) -> String {
    // Before it had a scheme of its own, Rust mangled like C++, with a hash at the end.
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        return format!("{rust:#}");
    }
    if !name.starts_with("_Z") {
        return name.to_owned();
    }
    let parse = ParseOptions::default().recursion_limit(MAX_DEPTH);
    let show = DemangleOptions::new()
        .no_params()
        .no_return_type()
        .recursion_limit(MAX_DEPTH);
    let demangled = Symbol::new_with_options(name, &parse).ok();
    let shown = demangled.and_then(|symbol| symbol.demangle_with_options(&show).ok());
    shown.unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::demangle;
    use proptest::prelude::*;

    #[test]
    fn names_of_cpp_and_rust_are_those_of_the_source_and_others_stay() {
        let cases = [
            ("_ZN5store5Shelf4waitEi", "store::Shelf::wait"),
            ("_ZN5store5ShelfIiE4waitEv", "store::Shelf<int>::wait"),
            (
                "_ZNSt6vectorIiSaIiEE9push_backERKi",
                "std::vector<int, std::allocator<int> >::push_back",
            ),
            ("_ZN4demo4wait17h0123456789abcdefE", "demo::wait"),
            ("_RNvC6_123foo3bar", "123foo::bar"),
            ("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"),
            ("pthread_cond_wait", "pthread_cond_wait"),
            ("_Zebra", "_Zebra"),
            ("_ZN", "_ZN"),
        ];
        for (name, want) in cases {
            assert_eq!(demangle(name), want, "{name}");
        }
    }

    proptest! {
        #[test]
        fn hostile_names_never_panic(name in "_(Z|R)[A-Za-z0-9_]{0,200}") {
            let _ = demangle(&name);
        }
    }
}
