//! One run of `gostrace hang`.

use super::{explain_spawn, say};
use crate::cli::HangConfig;
use crate::dump::text as dump_text;
use crate::error::{Ending, Error};
use crate::hang::scene::Scene;
use crate::hang::verdict::Verdict;
use crate::hang::{github, json, junit, text};
use crate::session::hang::{self, News, Outcome};
use crate::session::preflight;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Runs a command and says why it hangs, if it does. Says on `messages` what there is to say.
///
/// # Errors
/// It could not be started; displayed, one line that says what to do.
pub fn hang(config: &HangConfig, messages: &mut dyn Write) -> Result<Ending, Error> {
    // Where a report is to go should be known before one is needed.
    if let Some(dir) = &config.report {
        fs::create_dir_all(dir).map_err(|e| unwritable("--report", dir, &e))?;
    }
    if let Some(file) = &config.junit {
        let opened = fs::OpenOptions::new().append(true).create(true).open(file);
        opened.map_err(|e| unwritable("--junit", file, &e))?;
        let _ = fs::write(file, junit::EMPTY);
    }
    let mut lost = false;
    let mut tell = |news: News<'_>| match news {
        News::Report(scene, verdict) => {
            let report = text::report(scene, verdict);
            say(messages, &format!("gostrace: {report}"));
            for (what, result) in write_all(config, scene, verdict, &report) {
                if let Err(e) = result {
                    lost = true;
                    say(messages, &format!("gostrace: {what}: {e}\n"));
                }
            }
            if config.github {
                let root = std::env::var("GITHUB_WORKSPACE").or_else(|_| {
                    std::env::current_dir().map(|dir| dir.to_string_lossy().into_owned())
                });
                say(
                    messages,
                    &github::annotation(verdict, &root.unwrap_or_default()),
                );
            }
        }
        News::Busy(verdict) => say(messages, &format!("gostrace: {}\n", verdict.line)),
        News::Left(pids) => {
            let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
            let pids = pids.join(", ");
            say(
                messages,
                &format!("gostrace: could not be killed: {pids}\n"),
            );
        }
    };
    let outcome = hang::run(config, &mut tell).map_err(|e| {
        let command = config.command.first().cloned().unwrap_or_default();
        explain_spawn(&command, e)
    })?;
    Ok(match outcome {
        Outcome::Hang => Ending::Hang,
        Outcome::Ended(_) if lost => Ending::OutputLost,
        Outcome::Ended(how) => Ending::of_command(how),
    })
}

fn unwritable(option: &str, path: &Path, error: &io::Error) -> Error {
    Error::SideOutput {
        output: format!("{option} {}", path.display()),
        errno: preflight::errno(error),
    }
}

/// Writes all that was asked for; one that fails keeps no other from being written.
fn write_all(
    config: &HangConfig,
    scene: &Scene,
    verdict: &Verdict,
    report: &str,
) -> Vec<(String, io::Result<()>)> {
    let mut done = Vec::new();
    if let Some(dir) = &config.report {
        done.push((
            format!("--report {}", dir.display()),
            write_dir(dir, scene, verdict, report),
        ));
    }
    if let Some(file) = &config.junit {
        let document = junit::document(scene, verdict, report);
        done.push((
            format!("--junit {}", file.display()),
            fs::write(file, document),
        ));
    }
    if config.github
        && let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY")
    {
        let summary = github::summary(verdict, report);
        let opened = fs::OpenOptions::new().append(true).create(true).open(&file);
        let written = opened.and_then(|mut f| f.write_all(summary.as_bytes()));
        done.push(("--github: GITHUB_STEP_SUMMARY".to_owned(), written));
    }
    done
}

fn write_dir(dir: &Path, scene: &Scene, verdict: &Verdict, report: &str) -> io::Result<()> {
    fs::write(dir.join("report.txt"), report)?;
    fs::write(dir.join("processes.txt"), text::tree(scene))?;
    let document = json::report(scene, verdict);
    fs::write(dir.join("report.json"), format!("{document:#}\n"))?;
    for process in &scene.processes {
        if let Ok(dump) = &process.dump {
            let file = fs::File::create(dir.join(json::dump_file(process)))?;
            let mut out = io::BufWriter::new(file);
            dump_text::write(dump, true, &mut out)?;
            out.flush()?;
        }
    }
    Ok(())
}
