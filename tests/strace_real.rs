//! Programs as people run them, under strace and under `gostrace --format strace` with the same
//! options: no two runs are equal line by line, but what their lines look like is.

#![allow(clippy::unwrap_used)]

#[path = "strace_real/shape.rs"]
mod shape;
mod support;

use shape::Trace;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::run::Running;
use support::{NEWEST_GO, go_command, scratch, tool};

/// How long a program may take under a tracer on a loaded machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Runs the words under `tracer`, in an empty directory, without ASLR and with little environment.
fn trace(name: &str, tracer: &Path, options: &[&str], words: &[&str]) -> Trace {
    let tracer_name = tracer.file_name().unwrap().to_str().unwrap();
    let dir = scratch(&format!("strace-real-{name}-{tracer_name}"));
    let _ = std::fs::remove_dir_all(&dir);
    let home = dir.join("home");
    std::fs::create_dir_all(&home).unwrap();
    let file = dir.join("trace");
    let mut command = Command::new(tool("setarch", "util-linux"));
    command.arg("-R").arg(tracer).args(options).arg("-o");
    command.arg(&file).arg("--").args(words).env_clear();
    let path = std::env::var_os("PATH").unwrap();
    command.env("PATH", path).env("HOME", &home);
    command.env("LC_ALL", "C").env("PYTHONHASHSEED", "0");
    command.env("GIT_CONFIG_NOSYSTEM", "1").current_dir(&home);
    let ended = Running::start(&mut command).wait(LIMIT);
    assert!(ended.status.success(), "{ended:#?}");
    Trace::parse(&std::fs::read_to_string(&file).unwrap())
}

/// The same under both: theirs, ours.
fn both(name: &str, options: &[&str], words: &[&str]) -> (Trace, Trace) {
    let theirs = trace(name, &tool("strace", "strace"), options, words);
    let gostrace = Path::new(env!("CARGO_BIN_EXE_gostrace"));
    let options = [&["--format", "strace"], options].concat();
    let ours = trace(name, gostrace, &options, words);
    for (who, trace) in [("strace", &theirs), ("gostrace", &ours)] {
        assert!(trace.lines > 200, "{name} under {who}: {}", trace.lines);
    }
    assert_eq!(ours.torn, Vec::<String>::new(), "{name}");
    assert_eq!(ours.undecoded(), Vec::<&str>::new(), "{name}");
    (theirs, ours)
}

/// A difference in decoding is there each time; one that who was first makes is not.
const ROUNDS: usize = 4;

/// What `differences` finds between strace's trace and ours, in every one of some runs.
fn lasting(
    name: &str,
    options: &[&str],
    words: &[&str],
    differences: impl Fn(&Trace, &Trace) -> BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let run = || {
        let (theirs, ours) = both(name, options, words);
        differences(&theirs, &ours)
    };
    let mut lasting = run();
    for _ in 1..ROUNDS {
        if lasting.is_empty() {
            break;
        }
        let again = run();
        lasting.retain(|shape, _| again.contains_key(shape));
    }
    lasting
}

/// Of a program that does the same each time every line looks like one of strace's, and the other
/// way round.
fn assert_same_shapes(name: &str, options: &[&str], words: &[&str]) {
    let found = lasting(name, options, words, |theirs, ours| {
        let only = |whose: &str, here: &Trace, there: &Trace| {
            let marked = here.not_in(there).into_iter();
            marked
                .map(|(shape, line)| (format!("{whose} {shape}"), line))
                .collect::<Vec<_>>()
        };
        let ours_alone = only("ours", ours, theirs).into_iter();
        ours_alone.chain(only("theirs", theirs, ours)).collect()
    });
    assert_eq!(found, BTreeMap::new(), "{name}");
}

/// Of a program that depends on who is first, nothing is a bare number here that strace decodes.
fn assert_nothing_raw(name: &str, options: &[&str], words: &[&str]) {
    let found = lasting(name, options, words, |theirs, ours| {
        ours.raw_where_decoded_in(theirs)
    });
    assert_eq!(found, BTreeMap::new(), "{name}");
}

/// Descriptors of every kind, memory, time, signals and a child.
const PYTHON: &str = r#"
import fcntl, mmap, os, resource, select, signal, socket, struct, tempfile, termios, time
with tempfile.TemporaryFile() as f:
    f.write(b"a" * 10000); f.flush(); os.fsync(f.fileno()); f.seek(3); f.read(5)
    os.pread(f.fileno(), 4, 9); os.pwritev(f.fileno(), [b"x", b"y"], 2); os.ftruncate(f.fileno(), 8192)
    fcntl.lockf(f, fcntl.LOCK_EX); fcntl.flock(f, fcntl.LOCK_UN)
    m = mmap.mmap(f.fileno(), 8192); m[0] = 1; m.flush(); m.madvise(mmap.MADV_DONTNEED); m.close()
os.mkdir("d"); os.symlink("d", "l"); os.readlink("l"); os.rename("l", "k"); os.unlink("k")
open("d/f", "w").close(); os.link("d/f", "d/g"); os.chmod("d/f", 0o640); os.utime("d/f", (1, 2))
os.listdir("d"); os.stat("d"); os.lstat("d/f"); os.statvfs("d"); os.access("d/f", os.X_OK)
os.setxattr("d/f", "user.a", b"b") if os.access("/nowhere", 0) else None
d = os.open("d", os.O_DIRECTORY | os.O_PATH); os.stat("f", dir_fd=d); os.unlink("g", dir_fd=d); os.close(d)
for missing in ("nowhere", "d/f/x"):
    try: os.open(missing, os.O_RDWR)
    except OSError: pass
r, w = os.pipe2(os.O_NONBLOCK)
try: os.read(r, 1)
except BlockingIOError: pass
os.write(w, b"\0\1\xff\n" * 30); os.read(r, 200); os.eventfd(3); os.memfd_create("m"); os.dup(r)
e = select.epoll(); e.register(r, select.EPOLLIN | select.EPOLLET); os.write(w, b"z"); e.poll(1); e.close()
p = select.poll(); p.register(r, select.POLLIN); p.poll(10); select.select([r], [w], [], 1)
for family, where in ((socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_INET6, ("::1", 0)), (socket.AF_UNIX, "s")):
    with socket.socket(family) as s:
        try:
            s.bind(where); s.listen(1)
        except OSError: continue
        c = socket.socket(family); c.connect(s.getsockname()); a, _ = s.accept()
        c.send(b"hello"); a.recv(10); a.sendall(b"you"); c.recvfrom(3); c.getpeername(); c.shutdown(socket.SHUT_WR)
        if family != socket.AF_UNIX:
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1); c.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 2)); c.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        c.close(); a.close()
a, b = socket.socketpair()
socket.send_fds(a, [b"fd"], [r, w]); socket.recv_fds(b, 9, 2); a.sendmsg([b"1", b"2"]); b.recvmsg(9)
signal.signal(signal.SIGUSR1, lambda *_: None); os.kill(os.getpid(), signal.SIGUSR1)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2, signal.SIGRTMIN}); signal.sigpending()
os.kill(os.getpid(), signal.SIGUSR2); signal.sigwaitinfo({signal.SIGUSR2})
signal.setitimer(signal.ITIMER_REAL, 100, 5); signal.setitimer(signal.ITIMER_REAL, 0)
resource.getrlimit(resource.RLIMIT_NOFILE); resource.getrusage(resource.RUSAGE_SELF); os.getgroups(); os.uname(); os.umask(0o22)
os.sched_getaffinity(0); os.getpriority(os.PRIO_PROCESS, 0); time.sleep(0.001); time.clock_getres(time.CLOCK_MONOTONIC)
m, s = os.openpty(); termios.tcgetattr(s); fcntl.ioctl(s, termios.TIOCGWINSZ, b"\0" * 8); os.ttyname(s); os.isatty(m)
child = os.fork()
if child == 0: os._exit(7)
os.waitpid(child, 0)
child = os.posix_spawn("/bin/true", ["true"], {}); os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT); os.wait3(0)
"#;

#[test]
fn a_program_in_python_looks_as_under_strace() {
    let words = ["/usr/bin/python3", "-I", "-S", "-c", PYTHON];
    tool("python3", "python3");
    assert_same_shapes("python", &["-f", "-y"], &words);
    assert_same_shapes("python-bpf", &["-f", "-y", "--seccomp-bpf"], &words);
}

/// A history, looked at and packed: one thread each, so that it is the same each time.
const GIT: &str = r#"set -e
git config --global user.name n && git config --global user.email a@b
git config --global core.preloadIndex false && git config --global pack.threads 1
git config --global gc.auto 0 && git config --global maintenance.auto false && git config --global init.defaultBranch main
git init -q r && cd r
for i in 1 2 3; do echo $i >f$i; mkdir -p d$i; echo $i$i >d$i/g; git add f$i d$i/g; git commit -qm "the $i"; done
git log --stat >../log; git diff HEAD~2 >../diff; git status >../status
git branch b; git checkout -q b; git tag -m t t; git blame f1 >../blame
git repack -adq; git prune; git fsck --no-progress; git archive HEAD >../a.tar
"#;

#[test]
fn git_looks_as_under_strace() {
    tool("git", "git");
    assert_same_shapes("git", &["-f", "-y"], &["sh", "-c", GIT]);
}

/// Reads a request's head and sends a page.
fn answer(mut connection: TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    connection.write_all(b"HTTP/1.0 200 OK\r\nContent-Length: 50000\r\n\r\n")?;
    connection.write_all(&[b'x'; 50000])
}

#[test]
fn curl_is_decoded_as_by_strace() {
    tool("curl", "curl");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // It waits for more until the test has ended.
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let _ = answer(connection);
        }
    });
    let get = format!(
        "curl -s --noproxy '*' http://localhost:{port}/ -o a && curl -sv --noproxy '*' http://127.0.0.1:{port}/ -o b"
    );
    assert_nothing_raw("curl", &["-f", "-y"], &["sh", "-c", &get]);
}

/// With the cache of the other tests' builds: what is built here is linked anew each time.
#[test]
fn a_go_build_is_decoded_as_by_strace() {
    let go = go_command(NEWEST_GO);
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache =
        cache.unwrap_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".cache"));
    let build = format!(
        "export GOTOOLCHAIN=local GOPROXY=off GOENV=off GOFLAGS=-mod=mod GOCACHE={cache}
        cat >main.go <<'END'\n{HELLO}END\n {go} build -o built main.go && ./built",
        cache = cache.join("gostrace/go-build").display(),
        go = go.display()
    );
    assert_nothing_raw("go", &["-f", "-y"], &["sh", "-c", &build]);
}

const HELLO: &str = r#"package main

import "os"

func main() { os.Stdout.WriteString("built\n") }
"#;
