//! A Go program under observation: its modules and what has been learnt about its code.

use super::buildinfo::BuildInfo;
use super::module::{Hints, Module, NotFound, Region};
use super::pclntab::{Func, TableError};
use super::pclntab_names::Extent;
use super::symbol::Symbols;
use super::version::GoVersion;
use crate::arch::Arch;
use crate::ids::Addr;
use crate::memory::Memory;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use thiserror::Error;

/// Why a process cannot be read as a Go program.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum LoadError {
    /// No usable Go code in it.
    #[error(transparent)]
    NotFound(#[from] NotFound),
}

/// What unwinding needs to know about an address in Go code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PcInfo {
    /// First instruction of its function.
    pub entry: Addr,
    /// First address beyond its function.
    pub end: Addr,
    /// Bytes SP has moved since the entry; `None` for code without Go frame data.
    pub sp_delta: Option<i32>,
    /// `FLAG_*` of the function.
    pub flag: u8,
    /// The part the function plays on a stack.
    pub role: Role,
}

/// Functions that unwinding treats apart. By name: their numbers change between releases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// None of the others.
    Ordinary,
    /// Switches to g0 and never returns to its caller there.
    Mcall,
    /// Grows the stack, on g0.
    Morestack,
    /// Runs a function on g0, and returns.
    Systemstack,
    /// Calls C.
    Asmcgocall,
    /// Called from C.
    Cgocallback,
    /// Calls Cgocallback from C, and saves what C does not want to lose.
    Crosscall2,
    /// What a signal handler returns to.
    Sigreturn,
    /// What the kernel calls for a signal.
    Sigtramp,
    /// A call that a signal handler has put into the code.
    Injected,
    /// Reads the clock, on g0, through the vDSO where there is one.
    Clock,
}

impl Role {
    fn of(name: &[u8]) -> Role {
        match name {
            b"runtime.mcall" => Role::Mcall,
            b"runtime.morestack" => Role::Morestack,
            b"runtime.systemstack" => Role::Systemstack,
            b"runtime.asmcgocall" | b"runtime.asmcgocall.abi0" => Role::Asmcgocall,
            b"runtime.cgocallback" => Role::Cgocallback,
            b"crosscall2" => Role::Crosscall2,
            b"runtime.sigreturn" | b"runtime.sigreturn__sigaction" => Role::Sigreturn,
            b"runtime.sigtramp" | b"runtime.cgoSigtramp" => Role::Sigtramp,
            b"runtime.sigpanic" | b"runtime.asyncPreempt" | b"runtime.debugCallV2" => {
                Role::Injected
            }
            b"runtime.nanotime1" | b"runtime.walltime" | b"runtime.walltime1" | b"time.now" => {
                Role::Clock
            }
            _ => Role::Ordinary,
        }
    }
}

/// Addresses remembered at most; a program has fewer that lead to system calls.
const MAX_CACHED: usize = 1 << 16;

/// A Go program. `Send` and `Sync`: one thread can unwind while another symbolises.
#[derive(Debug)]
pub struct Program {
    /// The machine it was built for.
    pub arch: Arch,
    modules: RwLock<Vec<Arc<Module>>>,
    build: Option<BuildInfo>,
    pcs: RwLock<HashMap<Addr, Option<PcInfo>>>,
    entries: Mutex<HashMap<String, Option<Extent>>>,
    pub(super) symbols: Symbols,
}

impl Program {
    /// Finds the Go modules in `memory`. `regions` are the mappings to search, those of the
    /// executable first.
    ///
    /// # Errors
    /// When it is not a Go program, or one too old or obfuscated; says which.
    pub fn load(
        memory: &(impl Memory + ?Sized),
        regions: &[Region],
        hints: &Hints,
    ) -> Result<Program, LoadError> {
        let hinted = hints.buildinfo.and_then(|at| BuildInfo::read(memory, at));
        let build = hinted.or_else(|| BuildInfo::find(memory, regions, None));
        let version = build.as_ref().map(|b| b.version);
        let modules = Module::find(memory, regions, hints, version)?;
        let program = Program::of(modules, build);
        if program.build.is_some() {
            return Ok(program);
        }
        let Some(build) = program.read_build_version(memory) else {
            return Ok(program);
        };
        // Without a version the module data was read by guesses at its layout.
        let first = program.modules();
        let found = Hints {
            pclntab: first.first().map(|m| m.pclntab),
            moduledata: first.first().map(|m| m.moduledata),
            buildinfo: None,
        };
        let modules = Module::find(memory, regions, &found, Some(build.version))?;
        Ok(Program::of(modules, Some(build)))
    }

    fn of(modules: Vec<Module>, build: Option<BuildInfo>) -> Program {
        Program {
            arch: modules.first().map_or(Arch::X86_64, |m| m.arch),
            modules: RwLock::new(modules.into_iter().map(Arc::new).collect()),
            build,
            pcs: RwLock::default(),
            entries: Mutex::default(),
            symbols: Symbols::default(),
        }
    }

    /// The release it was built with; `None` where the build info is gone.
    #[must_use]
    pub fn version(&self) -> Option<GoVersion> {
        self.build.as_ref().map(|b| b.version)
    }

    /// Its build info; where that is gone, what the runtime says of its version.
    #[must_use]
    pub fn build_info(&self) -> Option<&BuildInfo> {
        self.build.as_ref()
    }

    /// Its modules: the first, which the runtime is in, then plugins in the order of their
    /// loading.
    #[must_use]
    pub fn modules(&self) -> Vec<Arc<Module>> {
        let modules = self.modules.read().unwrap_or_else(PoisonError::into_inner);
        modules.clone()
    }

    /// Learns of plugins that have been loaded since: whether there are any. They come behind
    /// the last module (runtime/symtab.go, `modulesinit`), and none is ever unloaded: one word
    /// tells.
    pub fn find_plugins(&self, memory: &(impl Memory + ?Sized)) -> bool {
        let mut modules = self.modules.write().unwrap_or_else(PoisonError::into_inner);
        let known: Vec<Addr> = modules.iter().map(|m| m.moduledata).collect();
        let Some(last) = modules.last() else {
            return false;
        };
        let fresh = last.followers(memory, self.version(), &known);
        if fresh.is_empty() {
            return false;
        }
        modules.extend(fresh.into_iter().map(Arc::new));
        drop(modules);
        // What was in no module may be in one now.
        let mut pcs = self.pcs.write().unwrap_or_else(PoisonError::into_inner);
        pcs.retain(|_, info| info.is_some());
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, extent| extent.is_some());
        true
    }

    /// Where its variables lie, all modules': those of the first one first.
    #[must_use]
    pub fn variables(&self) -> Vec<Range<Addr>> {
        let of = |m: &Arc<Module>| [&m.data, &m.bss, &m.noptrdata, &m.noptrbss].map(Range::clone);
        self.modules().iter().flat_map(of).collect()
    }

    /// The module that holds `pc`.
    #[must_use]
    pub fn module_of(&self, pc: Addr) -> Option<Arc<Module>> {
        let modules = self.modules.read().unwrap_or_else(PoisonError::into_inner);
        modules.iter().find(|m| m.contains(pc)).cloned()
    }

    /// The function that holds `pc`, with its module.
    ///
    /// # Errors
    /// When the tables cannot be read or are damaged.
    pub fn find_func(
        &self,
        memory: &(impl Memory + ?Sized),
        pc: Addr,
    ) -> Result<Option<(Arc<Module>, Func)>, TableError> {
        let Some(module) = self.module_of(pc) else {
            return Ok(None);
        };
        let func = module.find_func(memory, pc)?;
        Ok(func.map(|f| (module, f)))
    }

    /// What unwinding needs to know about `pc`; `None` outside Go code. Remembered.
    ///
    /// # Errors
    /// When the tables cannot be read or are damaged.
    pub fn pc_info(
        &self,
        memory: &(impl Memory + ?Sized),
        pc: Addr,
    ) -> Result<Option<PcInfo>, TableError> {
        let known = self.pcs.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(info) = known.get(&pc) {
            return Ok(*info);
        }
        drop(known);
        let info = match self.find_func(memory, pc)? {
            None => None,
            Some((module, f)) => Some(PcInfo {
                entry: f.entry,
                end: f.end,
                sp_delta: module.sp_delta(memory, &f, pc)?,
                flag: f.flag,
                role: Role::of(&module.func_name(memory, f.name)?),
            }),
        };
        let mut pcs = self.pcs.write().unwrap_or_else(PoisonError::into_inner);
        if pcs.len() >= MAX_CACHED {
            pcs.clear();
        }
        pcs.insert(pc, info);
        Ok(info)
    }

    /// Where the function `name` (as the table has it: `runtime.mcommoninit`) lies, and how
    /// many bytes of code it has. Remembered.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn function_entry(
        &self,
        memory: &(impl Memory + ?Sized),
        name: &str,
    ) -> Result<Option<Extent>, TableError> {
        Ok(self.function_entries(memory, &[name])?.pop().flatten())
    }

    /// [`Program::function_entry`] of several names in one pass over the tables.
    ///
    /// # Errors
    /// When a table cannot be read.
    pub fn function_entries(
        &self,
        memory: &(impl Memory + ?Sized),
        names: &[&str],
    ) -> Result<Vec<Option<Extent>>, TableError> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let mut missing: Vec<&str> = names
            .iter()
            .copied()
            .filter(|n| !entries.contains_key(*n))
            .collect();
        for module in self.modules() {
            if missing.is_empty() {
                break;
            }
            let found = module.functions_named(memory, &missing)?;
            for (name, extent) in missing.iter().zip(&found) {
                if extent.is_some() {
                    entries.insert((*name).to_owned(), *extent);
                }
            }
            missing.retain(|n| !entries.contains_key(*n));
        }
        for name in missing {
            entries.insert(name.to_owned(), None);
        }
        Ok(names
            .iter()
            .map(|n| entries.get(*n).copied().flatten())
            .collect())
    }
}
