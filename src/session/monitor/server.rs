//! `--metrics`: a small HTTP server, which answers one request a connection.
//!
//! One thread for all connections, none of which it waits for: a client that says nothing, says too
//! much or takes nothing costs a slot until its time is up, or until another needs the slot: the
//! oldest gives way. So whoever asks in one breath is answered, however many others do not.

use super::Renderer;
use crate::session::outputs::file::FileError;
use crate::sink::metrics::{Exposition, Outlet};
use crate::sys::fds;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Connections at once.
const MAX_CONNECTIONS: usize = 64;
/// Bytes of a request.
const MAX_REQUEST: usize = 8 * 1024;
/// A connection is closed after this time, answered or not.
const LIMIT: Duration = Duration::from_secs(5);
/// The same numbers serve all who ask within this time.
const FRESH: Duration = Duration::from_millis(100);
/// How soon it sees that it is to end, or that a connection's time is up.
const LOOK_MS: i32 = 200;

/// Serves until it is dropped.
pub struct ServerOutlet {
    ended: Arc<AtomicBool>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl ServerOutlet {
    /// Listens, and serves on a thread of its own.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub fn open(address: SocketAddr, renderer: Renderer) -> Result<ServerOutlet, FileError> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let ended = Arc::new(AtomicBool::new(false));
        let outlet = ServerOutlet {
            ended: Arc::clone(&ended),
            address: listener.local_addr()?,
        };
        let server = Server {
            listener,
            connections: VecDeque::new(),
            rendered: Vec::new(),
            renderer,
        };
        std::thread::Builder::new()
            .name("gostrace-http".to_owned())
            .spawn(move || server.run(&ended))?;
        Ok(outlet)
    }
}

impl Outlet for ServerOutlet {
    fn check(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.ended.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for ServerOutlet {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

struct Server {
    listener: TcpListener,
    /// The oldest first.
    connections: VecDeque<Connection>,
    /// What was rendered last, and when.
    rendered: Vec<(Exposition, Instant, Arc<[u8]>)>,
    renderer: Renderer,
}

struct Connection {
    stream: TcpStream,
    since: Instant,
    request: Vec<u8>,
    /// What is still to be sent; empty while the request is not complete.
    head: Vec<u8>,
    body: Arc<[u8]>,
    sent: usize,
}

/// How a connection stands after it was given a chance.
#[derive(PartialEq)]
enum Step {
    Waits,
    Done,
}

impl Server {
    fn run(mut self, ended: &AtomicBool) {
        while !ended.load(Ordering::Relaxed) {
            let mut asked = vec![(self.listener.as_raw_fd(), fds::Wish::Read)];
            asked.extend(self.connections.iter().map(|c| {
                let wish = match c.head.is_empty() {
                    true => fds::Wish::Read,
                    false => fds::Wish::Write,
                };
                (c.stream.as_raw_fd(), wish)
            }));
            fds::wait(&asked, LOOK_MS);
            self.accept();
            self.connections.retain(|c| c.since.elapsed() < LIMIT);
            for _ in 0..self.connections.len() {
                let Some(mut connection) = self.connections.pop_front() else {
                    break;
                };
                if self.step(&mut connection) == Step::Waits {
                    self.connections.push_back(connection);
                }
            }
        }
    }

    fn accept(&mut self) {
        // So many at a time: those who connect are not to keep others from being served.
        for _ in 0..MAX_CONNECTIONS {
            let Ok((stream, _)) = self.listener.accept() else {
                return;
            };
            if stream.set_nonblocking(true).is_err() {
                continue;
            }
            if self.connections.len() >= MAX_CONNECTIONS {
                self.connections.pop_front();
            }
            self.connections.push_back(Connection {
                stream,
                since: Instant::now(),
                request: Vec::new(),
                head: Vec::new(),
                body: Arc::from([]),
                sent: 0,
            });
        }
    }

    fn step(&mut self, c: &mut Connection) -> Step {
        if c.head.is_empty() {
            match read(c) {
                Ok(false) => return Step::Waits,
                Ok(true) => self.answer(c),
                Err(_) => return Step::Done,
            }
        }
        match write(c) {
            Ok(true) | Err(_) => Step::Done,
            Ok(false) => Step::Waits,
        }
    }

    fn answer(&mut self, c: &mut Connection) {
        const PLAIN: &str = "text/plain; charset=utf-8";
        let request = String::from_utf8_lossy(&c.request).into_owned();
        let mut words = request.lines().next().unwrap_or("").split(' ');
        let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let path = target.split('?').next().unwrap_or("");
        let text = |text: &str| Arc::from(text.as_bytes());
        let (status, kind, body): (_, _, Arc<[u8]>) = match (method, path) {
            _ if c.request.len() > MAX_REQUEST => (
                "431 Request Header Fields Too Large",
                PLAIN,
                text("too long\n"),
            ),
            ("GET" | "HEAD", "/metrics") => {
                let wanted = match accepts_open_metrics(&request) {
                    true => Exposition::OpenMetrics,
                    false => Exposition::Prometheus,
                };
                ("200 OK", wanted.content_type(), self.render(wanted))
            }
            ("GET" | "HEAD", "/") => ("200 OK", PLAIN, text("gostrace: see /metrics\n")),
            ("GET" | "HEAD", _) => ("404 Not Found", PLAIN, text("see /metrics\n")),
            _ => ("405 Method Not Allowed", PLAIN, text("GET only\n")),
        };
        c.head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n",
            body.len()
        )
        .into_bytes();
        if method != "HEAD" {
            c.body = body;
        }
    }

    fn render(&mut self, wanted: Exposition) -> Arc<[u8]> {
        self.rendered.retain(|(_, at, _)| at.elapsed() < FRESH);
        if let Some((_, _, text)) = self.rendered.iter().find(|(e, _, _)| *e == wanted) {
            return Arc::clone(text);
        }
        let text: Arc<[u8]> = self.renderer.text(wanted).into_bytes().into();
        self.rendered
            .push((wanted, Instant::now(), Arc::clone(&text)));
        text
    }
}

fn accepts_open_metrics(request: &str) -> bool {
    let mut headers = request.lines().skip(1);
    headers.any(|line| {
        let (name, value) = line.split_once(':').unwrap_or_default();
        name.eq_ignore_ascii_case("accept") && value.contains("application/openmetrics-text")
    })
}

/// Whether the request is complete, or already too long.
fn read(c: &mut Connection) -> io::Result<bool> {
    let mut bytes = [0; 1024];
    loop {
        match c.stream.read(&mut bytes) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => c
                .request
                .extend_from_slice(bytes.get(..n).unwrap_or_default()),
            Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(e) if e.kind() == ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        }
        let complete = c.request.windows(4).any(|four| four == b"\r\n\r\n");
        if complete || c.request.len() > MAX_REQUEST {
            return Ok(true);
        }
    }
}

/// Whether everything is sent.
fn write(c: &mut Connection) -> io::Result<bool> {
    loop {
        let rest = match c.head.get(c.sent..) {
            Some(rest) if !rest.is_empty() => rest,
            _ => c
                .body
                .get(c.sent.saturating_sub(c.head.len())..)
                .unwrap_or_default(),
        };
        if rest.is_empty() {
            return Ok(true);
        }
        match c.stream.write(rest) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => c.sent += n,
            Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}
