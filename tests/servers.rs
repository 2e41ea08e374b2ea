//! The headline command on real servers under load: a plain Go server by the oldest and the newest
//! Go, and Debian's prometheus, etcd and caddy. No parked thread is shown, every stack reaches its
//! root, no request fails, and nothing is held afterwards.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use support::run::{Fixture, Output, Running, gostrace};
use support::trace::{Call, parse};
use support::traceback;
use support::{Go, NEWEST_GO, OLDEST_GO, SOON, proc, scratch, times, tool, wait_for};

/// Functions that a thread is in when the runtime has parked it: told here by name, independently of
/// gostrace's own classes.
const PARKED: &[&str] = &[
    "runtime.stopm",
    "runtime.findRunnable",
    "runtime.findrunnable",
    "runtime.stoplockedm",
    "runtime.startlockedm",
    "runtime.gcstopm",
    "runtime.sysmon",
    "runtime.templateThread",
    "os/signal.signal_recv",
];

/// A server that is killed on drop.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a server that is to listen on this port, and waits until it does.
    fn start(command: &mut Command, port: u16, log: &Path) -> Server {
        let out = std::fs::File::create(log).unwrap();
        let child = command
            .env("GOTRACEBACK", "system")
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut server = Server { child, port };
        wait_for(&format!("{command:?} to listen"), SOON, || {
            if let Some(status) = server.child.try_wait().unwrap() {
                panic!("{status}: {}", std::fs::read_to_string(log).unwrap());
            }
            TcpStream::connect(("127.0.0.1", port)).ok()
        });
        server
    }

    fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// Every stack that we read is the one that the runtime prints when it is killed: of all
    /// goroutines that did not move between two dumps.
    fn assert_stacks_are_the_runtimes_own(mut self, log: &Path) {
        let pid = self.pid().to_string();
        let dump = || {
            let ended = Running::start(&mut gostrace(&["dump", "--all", "-p", &pid])).wait(SOON);
            assert!(ended.status.success(), "{ended:#?}");
            traceback::parse(&ended.stdout)
        };
        let (before, ours) = (dump(), dump());
        // Like SIGQUIT, which caddy takes for a polite request.
        kill(Pid::from_raw(self.pid()), Signal::SIGABRT).unwrap();
        self.child.wait().unwrap();
        let theirs = traceback::parse(&std::fs::read_to_string(log).unwrap());
        let mut compared = 0;
        for (id, their) in theirs.iter().filter(|(id, t)| **id != 0 && t.is_parked()) {
            let Some(our) = ours.get(id).filter(|our| before.get(id) == Some(our)) else {
                continue;
            };
            compared += 1;
            assert_eq!(our.difference(*id, their), None);
        }
        assert!(compared >= 10, "{compared} of {}", theirs.len());
        println!("{compared} stacks of {} goroutines compared", theirs.len());
    }
}

/// A port that is free now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Sends a request over and over on a few connections, and counts answers that are not 200.
struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<(u32, Vec<String>)>>,
}

impl Load {
    fn start(port: u16, method: &'static str, path: &'static str, body: &'static str) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let clients = (0..3)
            .map(|_| {
                let stop = Arc::clone(&stop);
                std::thread::spawn(move || {
                    let (mut requests, mut failures) = (0, Vec::new());
                    let mut connection = BufReader::new(connect(port));
                    while !stop.load(Ordering::Relaxed) {
                        requests += 1;
                        if let Err(why) = request(&mut connection, method, path, body) {
                            failures.push(why);
                            match TcpStream::connect(("127.0.0.1", port)) {
                                Ok(new) => connection = BufReader::new(new),
                                Err(_) => return (requests, failures), // the server is gone
                            }
                        }
                        std::thread::sleep(Duration::from_millis(2)); // leaves the machine to others
                    }
                    (requests, failures)
                })
            })
            .collect();
        Load { stop, clients }
    }

    fn assert_unharmed(self) {
        self.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            let (requests, failures) = client.join().unwrap();
            assert!(requests > 10, "only {requests} requests");
            assert!(
                failures.is_empty(),
                "{} of {requests}: {}",
                failures.len(),
                failures[0]
            );
        }
    }
}

fn connect(port: u16) -> TcpStream {
    let connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    connection.set_read_timeout(Some(SOON)).unwrap();
    connection
}

/// One request on a connection that is kept; the answer must be 200 with a length.
fn request(
    connection: &mut BufReader<TcpStream>,
    method: &str,
    path: &str,
    body: &str,
) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    write!(
        connection.get_mut(),
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .map_err(text)?;
    let mut line = String::new();
    connection.read_line(&mut line).map_err(text)?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(format!("answer {line:?}"));
    }
    let (mut length, mut chunked) = (0, false);
    loop {
        line.clear();
        connection.read_line(&mut line).map_err(text)?;
        let header = line.trim_end().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length: ") {
            length = value.parse().map_err(|_| format!("header {header}"))?;
        }
        chunked |= header == "transfer-encoding: chunked";
    }
    if !chunked {
        return skip(connection, length);
    }
    loop {
        line.clear();
        connection.read_line(&mut line).map_err(text)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(|_| format!("chunk {line:?}"))?;
        skip(connection, size + 2)?;
        if size == 0 {
            return Ok(());
        }
    }
}

fn skip(connection: &mut BufReader<TcpStream>, length: usize) -> Result<(), String> {
    let mut body = vec![0; length];
    connection
        .read_exact(&mut body)
        .map_err(|error| error.to_string())
}

/// The headline command, for two seconds.
fn headline(pid: i32) -> Output {
    let pid_text = pid.to_string();
    let mut command = gostrace(&[
        "-p",
        &pid_text,
        "-e",
        "futex,epoll_wait",
        "--slow",
        "10ms",
        "-d",
        times("2s", "10s"),
    ]);
    let ended = Running::start(&mut command).wait(Duration::from_secs(60));
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(proc::held(pid).is_empty(), "{:?}", proc::held(pid));
    ended
}

/// What every trace of a Go server must be.
fn assert_sound(ended: &Output) -> Vec<Call> {
    let calls = parse(&ended.stdout);
    // On an overloaded machine even a call that cannot wait may take long: no thread is parked in it.
    let waits = |call: &&Call| {
        let polls = call.name.starts_with("epoll") && call.args.contains(", 128, 0, NULL");
        // On its way to park, a thread can wait for a lock of the runtime: that is contention.
        let lock = call.frame("runtime.lock2").is_some();
        !(polls || lock || call.args.contains("FUTEX_WAKE"))
    };
    for call in calls
        .iter()
        .filter(|call| call.open.as_deref() != Some("detached"))
        .filter(waits)
    {
        let parked = call
            .frames
            .iter()
            .find(|frame| PARKED.contains(&frame.func.as_str()));
        assert_eq!(parked, None, "a parked thread is shown: {call:#?}");
        let root = call.frames.last().map(|frame| frame.func.as_str());
        assert!(
            matches!(
                root,
                Some("runtime.goexit" | "runtime.mstart" | "runtime.mcall")
            ),
            "{call:#?}"
        );
        if root == Some("runtime.goexit") {
            assert!(call.goid.is_some(), "{call:#?}");
        }
    }
    calls
}

/// Nothing is found to be wrong with a server under load. It may be found short of CPU, if the
/// machine, by the kernel's own count, was.
fn assert_healthy(pid: i32) {
    let lasts = std::env::var("GOSTRACE_HEALTHY_FOR").unwrap_or_else(|_| "4s".to_owned());
    for select in [&[][..], &["-e", "futex,epoll_wait"]] {
        let pid = pid.to_string();
        let mut args = vec!["-p", &pid, "--slow", "10ms", "-d", &lasts];
        args.extend(select);
        let before = proc::cpu_times();
        let ended = Running::start(&mut gostrace(&args)).wait(Duration::from_secs(200));
        let idle = proc::idle_share(before, proc::cpu_times());
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        eprintln!("the machine was idle for {:.0} %", idle * 100.0);
        let is_true = |finding: &&str| *finding == "cpu-throttled" && idle < 0.25;
        let told = |text: &str, mark: &str| {
            let found = text.lines().filter_map(|line| line.strip_prefix(mark));
            let names = found.filter_map(|line| line.split([' ', ':']).next());
            names.map(str::to_owned).collect::<Vec<_>>()
        };
        let mut all = told(&ended.stderr, "gostrace: found ");
        all.extend(told(&ended.stdout, "    ! "));
        all.retain(|finding| !is_true(&finding.as_str()));
        assert!(all.is_empty(), "{all:?}, idle {idle}: {ended:#?}");
    }
}

#[test]
fn the_demo_without_its_stalls_is_healthy() {
    let demo = Demo::start(&["-healthy"]);
    assert_healthy(demo.pid());
}

/// The demo service, under the load that it makes itself.
struct Demo;

impl Demo {
    fn start(options: &[&str]) -> Server {
        let demo = Go::of(NEWEST_GO).build("demo");
        let mut child = Command::new(demo)
            .args(["-for", "300s", "-slower", times("1", "5")])
            .args(options)
            .env("TMPDIR", scratch(&format!("demo{}", options.concat()))) // it is killed, and leaves its files
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let server = Server { child, port: 0 };
        assert!(line.contains("ready"), "{line}");
        server
    }
}

#[test]
fn a_healthy_server_under_load_shows_no_parked_thread() {
    for version in [OLDEST_GO, NEWEST_GO] {
        let httpd = Go::of(version).build("httpd");
        let server = Fixture::start::<&str>(&httpd, &[]);
        let addr = server.ready["addr"].as_str().unwrap();
        let client = Fixture::start(&httpd, &["-client", addr, "-conns", "4"]);
        let ended = headline(server.pid);
        assert_sound(&ended);
        assert!(ended.stderr.contains(&format!("go{version}")), "{ended:?}");
        let (_, said) = client.finish();
        assert_eq!(said.last().unwrap()["failures"], 0, "{said:?}");
    }
}

#[test]
fn the_demo_shows_its_stalls_each_by_its_function() {
    let server = Demo::start(&[]);
    let ended = headline(server.pid());
    let calls = assert_sound(&ended);
    let found = |ended: &Output, finding: &str, func: &str| {
        let pid = server.pid();
        let line = format!("gostrace: found {finding} in process {pid}, {func}: seen ");
        assert!(
            ended.stderr.contains(&line),
            "{finding} {func}: {}",
            ended.stderr
        );
    };
    found(&ended, "thread-held", "main.(*sharedLock).lock");
    found(&ended, "thread-held", "main.(*eventLoop).waitForEvent");
    let shows = |calls: &[Call], func: &str, names: &[&str]| {
        let found = calls
            .iter()
            .any(|call| call.frame(func).is_some() && names.contains(&call.name.as_str()));
        assert!(found, "no {names:?} in {func}");
    };
    shows(&calls, "main.(*sharedLock).lock", &["futex"]);
    shows(
        &calls,
        "main.(*eventLoop).waitForEvent",
        &["epoll_wait", "epoll_pwait"],
    );

    let pid = server.pid().to_string();
    let mut command = gostrace(&["-p", &pid, "--slow", "10ms"]);
    // Looks at the goroutines are far between where they take long.
    command.args(["-d", times("7s", "60s")]);
    let ended = Running::start(&mut command).wait(Duration::from_secs(150));
    let calls = assert_sound(&ended);
    found(&ended, "blocking-fd", "main.(*shop).readPartnerFeed");
    found(&ended, "blocking-fd", "main.(*upstream).askForQuote");
    found(&ended, "child-wait", "main.(*shop).renderInvoice");
    found(&ended, "file-lock", "main.(*shop).withLedgerLocked");
    found(&ended, "thread-held", "main.(*shop).backOffBeforeRetry");
    found(&ended, "thread-held", "main.(*eventLoop).waitForEvent");
    found(&ended, "thread-held", "main.(*sharedLock).lock");
    shows(&calls, "main.(*shop).readPartnerFeed", &["read"]);
    shows(&calls, "main.(*upstream).askForQuote", &["read"]);
    shows(&calls, "main.(*shop).renderInvoice", &["waitid", "wait4"]);
    shows(&calls, "main.(*shop).withLedgerLocked", &["flock"]);
    shows(&calls, "main.(*shop).backOffBeforeRetry", &["nanosleep"]);
    // A mutex in Go memory makes no system call: only looks at the goroutines find it.
    assert!(
        calls
            .iter()
            .all(|call| call.frame("main.(*priceCache).get").is_none())
    );
    found(&ended, "lock-contention", "main.(*priceCache).get");
}

#[test]
fn prometheus_under_load_shows_no_parked_thread() {
    let dir = scratch("prometheus");
    let port = free_port();
    std::fs::write(
        dir.join("prometheus.yml"),
        format!(
            "global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: itself\n    static_configs:\n      - targets: ['127.0.0.1:{port}']\n"
        ),
    )
    .unwrap();
    let mut command = Command::new(tool("prometheus", "prometheus"));
    command
        .arg(format!(
            "--config.file={}",
            dir.join("prometheus.yml").display()
        ))
        .arg(format!(
            "--storage.tsdb.path={}",
            dir.join("data").display()
        ))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"));
    let server = Server::start(&mut command, port, &dir.join("log"));
    wait_for("prometheus to be ready", SOON, || {
        request(&mut BufReader::new(connect(port)), "GET", "/-/ready", "").ok()
    });
    let load = Load::start(server.port, "GET", "/api/v1/query?query=up", "");
    assert_sound(&headline(server.pid()));
    assert_healthy(server.pid());
    load.assert_unharmed();
    server.assert_stacks_are_the_runtimes_own(&dir.join("log"));
}

#[test]
fn etcd_under_load_shows_its_syncs_and_no_parked_thread() {
    let dir = scratch("etcd");
    let (port, peers) = (free_port(), free_port());
    let url = |port: u16| format!("http://127.0.0.1:{port}");
    let mut command = Command::new(tool("etcd", "etcd-server"));
    command
        .arg("--data-dir")
        .arg(dir.join("data"))
        .args(["--listen-client-urls", &url(port)])
        .args(["--advertise-client-urls", &url(port)])
        .args(["--listen-peer-urls", &url(peers)])
        .args(["--initial-advertise-peer-urls", &url(peers)])
        .args(["--initial-cluster", &format!("default={}", url(peers))]);
    let server = Server::start(&mut command, port, &dir.join("log"));
    const PUT: &str = r#"{"key":"Zm9v","value":"YmFy"}"#;
    wait_for("etcd to be ready", SOON, || {
        request(
            &mut BufReader::new(connect(port)),
            "POST",
            "/v3/kv/put",
            PUT,
        )
        .ok()
    });
    let load = Load::start(server.port, "POST", "/v3/kv/put", PUT);
    assert_sound(&headline(server.pid()));

    let pid = server.pid().to_string();
    let mut command = gostrace(&[
        "-p",
        &pid,
        "-e",
        "fsync,fdatasync",
        "-k",
        "--max-events",
        "20",
        "-d",
        "20s",
    ]);
    let ended = Running::start(&mut command).wait(Duration::from_secs(60));
    let calls = assert_sound(&ended);
    let by_wal = calls.iter().any(|call| {
        call.name == "fdatasync" && call.frames.iter().any(|f| f.func.contains("wal.(*WAL)"))
    });
    assert!(by_wal, "{ended:?}");
    assert_healthy(server.pid());
    load.assert_unharmed();
    server.assert_stacks_are_the_runtimes_own(&dir.join("log"));
}

#[test]
fn caddy_under_load_shows_no_parked_thread() {
    let dir = scratch("caddy");
    let port = free_port();
    std::fs::create_dir(dir.join("site")).unwrap();
    std::fs::write(dir.join("site/index.html"), "hello\n".repeat(2000)).unwrap();
    let config = format!(
        r#"{{"admin":{{"disabled":true}},"apps":{{"http":{{"servers":{{"site":{{"listen":["127.0.0.1:{port}"],"automatic_https":{{"disable":true}},"routes":[{{"handle":[{{"handler":"file_server","root":"{}"}}]}}]}}}}}}}}}}"#,
        dir.join("site").display()
    );
    std::fs::write(dir.join("caddy.json"), config).unwrap();
    let mut command = Command::new(tool("caddy", "caddy"));
    command
        .args(["run", "--config"])
        .arg(dir.join("caddy.json"))
        .env("HOME", &dir)
        .env("XDG_CONFIG_HOME", &dir)
        .env("XDG_DATA_HOME", &dir);
    let server = Server::start(&mut command, port, &dir.join("log"));
    let load = Load::start(server.port, "GET", "/", "");
    assert_sound(&headline(server.pid()));
    assert_healthy(server.pid());
    load.assert_unharmed();
    server.assert_stacks_are_the_runtimes_own(&dir.join("log"));
}
