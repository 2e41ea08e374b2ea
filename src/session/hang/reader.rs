//! The thread that reads processes. Memory cannot be read while a thread in D state holds the
//! lock on the address space: the one that must pass signals on may not wait for that.

use super::inside::Insides;
use super::scene::{self, Wish};
use super::tree::Member;
use crate::hang::scene::Process;
use crate::hang::watch::Inside;
use crate::sys::SysError;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What it can be asked for.
#[derive(Debug)]
enum Request {
    Inside(Vec<Member>),
    Scene(Box<Wish>),
}

/// What it answers.
#[derive(Debug)]
pub enum Answer {
    /// Where all are.
    Inside(Vec<Inside>),
    /// A process for the report.
    Process(Box<Process>),
    /// That was the last one.
    Done,
}

/// The reading thread.
#[derive(Debug)]
pub struct Reader {
    requests: Sender<Request>,
    answers: Receiver<Answer>,
    /// Whether a look inside has been asked for that has not been answered.
    pub is_looking: bool,
}

impl Reader {
    /// Starts it.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn start() -> Result<Reader, SysError> {
        let (requests, asked) = channel();
        let (answer, answers) = channel();
        std::thread::Builder::new()
            .name("gostrace".to_owned())
            .spawn(move || run(&asked, &answer))
            .map_err(|_| crate::session::dump::no_thread())?;
        Ok(Reader {
            requests,
            answers,
            is_looking: false,
        })
    }

    /// Asks for a look inside.
    pub fn look(&mut self, members: Vec<Member>) {
        self.is_looking = self.requests.send(Request::Inside(members)).is_ok();
    }

    /// Asks for all that a report needs.
    pub fn describe(&self, wish: Wish) {
        // A thread that has ended does not answer, which the wait for it will tell.
        let _ = self.requests.send(Request::Scene(Box::new(wish)));
    }

    /// Its answers.
    #[must_use]
    pub fn answers(&self) -> &Receiver<Answer> {
        &self.answers
    }
}

fn run(asked: &Receiver<Request>, answer: &Sender<Answer>) {
    let mut insides = Insides::default();
    // Nobody listens any more when the command has ended; here and below.
    while let Ok(request) = asked.recv() {
        match request {
            Request::Inside(members) => {
                let _ = answer.send(Answer::Inside(insides.look(&members)));
            }
            Request::Scene(wish) => {
                scene::read(&wish, &mut insides, |process| {
                    let _ = answer.send(Answer::Process(Box::new(process)));
                });
                let _ = answer.send(Answer::Done);
            }
        }
    }
}
