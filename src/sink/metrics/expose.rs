//! The numbers in the two text formats that Prometheus reads.

use super::{BUCKETS, Meters, Process};
use crate::diagnose::catalog::ENTRIES;
use crate::ids::Pid;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Registry;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

/// Which text format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exposition {
    /// <https://prometheus.io/docs/specs/om/open_metrics_spec/>, version 1.0.0.
    OpenMetrics,
    /// Prometheus's own, version 0.0.4: what text files are in.
    Prometheus,
}

impl Exposition {
    /// As HTTP names it.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Exposition::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Exposition::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }
}

/// The descriptors of a process.
#[derive(Clone, Debug)]
pub struct FdUse {
    /// The process.
    pub pid: Pid,
    /// Its command name.
    pub comm: Arc<str>,
    /// How many are open.
    pub open: Option<u64>,
    /// How many may be.
    pub limit: Option<u64>,
}

/// What is read of the system when the numbers are asked for.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// Now, by the monotonic clock.
    pub now_ns: u64,
    /// The descriptors of the traced processes.
    pub fds: Vec<FdUse>,
    /// CPU time that gostrace has used.
    pub cpu_ns: u64,
    /// Memory that it has resident, bytes.
    pub resident_bytes: u64,
    /// Events that were dropped.
    pub lost: u64,
}

/// Renders them. Writing to a String cannot fail.
#[must_use]
pub fn expose(meters: Meters, machine: Machine, exposition: Exposition) -> String {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Scrape { meters, machine }));
    let mut out = String::new();
    let _ = text::encode(&mut out, &registry);
    match exposition {
        Exposition::OpenMetrics => out,
        Exposition::Prometheus => as_prometheus(&out),
    }
}

/// In the older format a counter's family bears the name of its samples, and nothing ends a text.
fn as_prometheus(open_metrics: &str) -> String {
    let mut out = String::with_capacity(open_metrics.len());
    let mut help = "";
    for line in open_metrics.lines() {
        let mut words = line.splitn(4, ' ');
        let (hash, keyword) = (words.next(), words.next());
        let (name, rest) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        match (hash, keyword) {
            (Some("#"), Some("HELP")) => help = rest,
            (Some("#"), Some("TYPE")) => {
                let suffix = if rest == "counter" { "_total" } else { "" };
                out.push_str(&format!(
                    "# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {rest}\n"
                ));
            }
            (Some("#"), _) => {}
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

#[derive(Debug)]
struct Scrape {
    meters: Meters,
    machine: Machine,
}

type AnExemplar = Exemplar<Vec<(String, String)>, f64>;

const NO_EXEMPLAR: Option<&AnExemplar> = None;
const NO_EXEMPLARS: Option<&HashMap<usize, AnExemplar>> = None;

fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

fn labels(process: &Process) -> (String, &str) {
    match process {
        Some((pid, comm)) => (pid.to_string(), comm),
        None => ("other".to_owned(), "other"),
    }
}

/// A series of a family with labels.
fn series<const N: usize>(
    metric: &mut MetricEncoder<'_>,
    labels: [(&str, &str); N],
    encode: impl FnOnce(MetricEncoder<'_>) -> fmt::Result,
) -> fmt::Result {
    encode(metric.encode_family(&labels)?)
}

impl Collector for Scrape {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> fmt::Result {
        self.blocked(&mut to)?;
        self.durations(&mut to)?;
        self.in_flight(&mut to)?;
        self.findings(&mut to)?;
        self.fds(&mut to)?;
        self.own(&mut to)
    }
}

impl Scrape {
    fn blocked(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Time that threads spent in traced calls, without the Go runtime's own parking";
        let name = "syscall_blocked_duration_seconds";
        let mut metric = to.encode_descriptor(name, help, None, MetricType::Counter)?;
        for ((call, process), ns) in &self.meters.blocked_ns {
            let (pid, comm) = labels(process);
            let labels = [("syscall", *call), ("pid", pid.as_str()), ("comm", comm)];
            series(&mut metric, labels, |mut m| {
                m.encode_counter(&seconds(*ns), NO_EXEMPLAR)
            })?;
        }
        let help = "Traced calls by the state of their thread when they were found blocked; \
                    UNKNOWN: they ended before";
        let name = "syscall_blocked_count";
        let mut metric = to.encode_descriptor(name, help, None, MetricType::Counter)?;
        for ((call, state), count) in &self.meters.states {
            series(
                &mut metric,
                [("syscall", *call), ("state", state.label())],
                |mut m| m.encode_counter(count, NO_EXEMPLAR),
            )?;
        }
        let help = "Time that threads of the Go runtime were parked, by wait class";
        let name = "gostrace_parked_duration_seconds";
        let mut metric = to.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (class, ns) in &self.meters.parked_ns {
            series(&mut metric, [("class", *class)], |mut m| {
                m.encode_counter(&seconds(*ns), NO_EXEMPLAR)
            })?;
        }
        Ok(())
    }

    fn durations(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Durations of traced calls that have ended, by call and wait class";
        let name = "gostrace_syscall_duration_seconds";
        let mut metric = to.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for ((call, class), d) in &self.meters.durations {
            let bounds = BUCKETS.iter().map(|ns| seconds(*ns));
            let buckets: Vec<(f64, u64)> = bounds
                // How this crate writes +Inf.
                .chain([f64::INFINITY])
                .zip(d.buckets)
                .collect();
            series(
                &mut metric,
                [("syscall", *call), ("class", *class)],
                |mut m| m.encode_histogram(seconds(d.sum_ns), d.calls, &buckets, NO_EXEMPLARS),
            )?;
        }
        Ok(())
    }

    /// Calls that have not ended are told with `--slow` alone: else nothing is said of them.
    fn in_flight(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        if !self.meters.tells_open {
            return Ok(());
        }
        // By class: how many, and when the oldest began.
        let mut classes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        let open = self.meters.open.iter().filter(|(_, o)| !o.interrupted);
        for (start, open) in open {
            let (count, oldest) = classes.entry(open.kind.1).or_insert((0, u64::MAX));
            *count += 1;
            *oldest = (*oldest).min(start.mono_ns);
        }
        let help =
            "Calls that have lasted as long as --slow says and have not ended, by wait class";
        let name = "gostrace_calls_in_flight";
        let mut metric = to.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (class, (count, _)) in &classes {
            series(&mut metric, [("class", *class)], |mut m| {
                m.encode_gauge(count)
            })?;
        }
        let help = "Age of the oldest of these calls, by wait class";
        let name = "gostrace_oldest_call_in_flight_seconds";
        let mut metric = to.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (class, (_, oldest)) in &classes {
            let age = seconds(self.machine.now_ns.saturating_sub(*oldest));
            series(&mut metric, [("class", *class)], |mut m| {
                m.encode_gauge(&age)
            })?;
        }
        Ok(())
    }

    /// Each of them has a series from the beginning, so that a first finding is an increase.
    fn findings(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "What was found to be wrong, by finding; `gostrace explain` explains each";
        let name = "gostrace_findings";
        let mut metric = to.encode_descriptor(name, help, None, MetricType::Counter)?;
        for id in ENTRIES.iter().map(|entry| entry.id) {
            let count = self.meters.findings.get(&id).copied().unwrap_or(0);
            series(&mut metric, [("id", id.name())], |mut m| {
                m.encode_counter(&count, NO_EXEMPLAR)
            })?;
        }
        Ok(())
    }

    fn fds(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let mut gauge = |name: &str, help: &str, of: fn(&FdUse) -> Option<u64>| {
            let mut metric = to.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for fds in &self.machine.fds {
                let Some(number) = of(fds) else {
                    continue;
                };
                let pid = fds.pid.to_string();
                series(
                    &mut metric,
                    [("pid", pid.as_str()), ("comm", &*fds.comm)],
                    |mut m| m.encode_gauge(&number),
                )?;
            }
            Ok(())
        };
        gauge(
            "gostrace_open_fds",
            "Descriptors that the process has open",
            |f| f.open,
        )?;
        gauge(
            "gostrace_max_fds",
            "Descriptors that it may have open (RLIMIT_NOFILE)",
            |f| f.limit,
        )
    }

    fn own(&self, to: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let machine = &self.machine;
        to.encode_descriptor(
            "gostrace_tracer_cpu_seconds",
            "CPU time that gostrace itself has used",
            None,
            MetricType::Counter,
        )?
        .encode_counter(&seconds(machine.cpu_ns), NO_EXEMPLAR)?;
        to.encode_descriptor(
            "gostrace_tracer_resident_memory_bytes",
            "Memory that gostrace itself has resident",
            None,
            MetricType::Gauge,
        )?
        .encode_gauge(&machine.resident_bytes)?;
        to.encode_descriptor(
            "gostrace_events",
            "Events of the trace",
            None,
            MetricType::Counter,
        )?
        .encode_counter(&self.meters.events, NO_EXEMPLAR)?;
        to.encode_descriptor(
            "gostrace_events_dropped",
            "Events that were lost, as nobody took the trace",
            None,
            MetricType::Counter,
        )?
        .encode_counter(&machine.lost, NO_EXEMPLAR)
    }
}
