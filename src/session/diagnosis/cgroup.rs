//! How much the cgroup of a process is throttled: cgroup v2, or the cpu controller of v1.

use crate::diagnose::Throttling;
use crate::ids::Pid;
use crate::sys::procfs;

/// The throttling of the innermost cgroup around the process that has a CPU limit; `None` where
/// there is none, or its files cannot be seen from here.
pub(super) fn throttling(pid: Pid) -> Option<Throttling> {
    let groups = procfs::read_text(&format!("/proc/{pid}/cgroup")).ok()?;
    let mounts = procfs::read_text("/proc/self/mountinfo").ok()?;
    let directory = |v1: bool| {
        let path = path_of(&groups, v1)?;
        let (at, root) = mount_of(&mounts, v1)?;
        let below = path.strip_prefix(root).or((root == "/").then_some(path))?;
        Some((at.to_owned(), below.trim_matches('/').to_owned()))
    };
    limited(directory(true), true).or_else(|| limited(directory(false), false))
}

fn limited(directory: Option<(String, String)>, v1: bool) -> Option<Throttling> {
    let (at, mut below) = directory?;
    loop {
        let dir = format!("{at}/{below}");
        if let Some(found) = read(dir.trim_end_matches('/'), v1) {
            return Some(found);
        }
        if below.is_empty() {
            return None;
        }
        below.truncate(below.rfind('/').unwrap_or(0));
    }
}

fn read(dir: &str, v1: bool) -> Option<Throttling> {
    let text = |name: &str| procfs::read_text(&format!("{dir}/{name}")).ok();
    let (quota_us, period_us) = if v1 {
        let number = |name| text(name)?.trim().parse::<u64>().ok();
        (number("cpu.cfs_quota_us"), number("cpu.cfs_period_us"))
    } else {
        let max = text("cpu.max")?;
        let mut words = max.split_whitespace().map(|w| w.parse::<u64>().ok());
        (words.next().flatten(), words.next().flatten())
    };
    // Without a limit (-1, max) there is no throttling here.
    quota_us?;
    let stat = text("cpu.stat")?;
    let field = |name: &str| {
        let rest = stat
            .lines()
            .find_map(|l| l.strip_prefix(name)?.strip_prefix(' '))?;
        rest.trim().parse::<u64>().ok()
    };
    let throttled_ns = match v1 {
        true => field("throttled_time")?,
        false => field("throttled_usec")?.saturating_mul(1000),
    };
    Some(Throttling {
        periods: field("nr_periods")?,
        throttled: field("nr_throttled")?,
        throttled_ns,
        quota_us,
        period_us,
    })
}

/// `4:cpu,cpuacct:/path` (v1), `0::/path` (v2), in /proc/PID/cgroup.
fn path_of(groups: &str, v1: bool) -> Option<&str> {
    groups.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let controllers = parts.next()?;
        let matches = match v1 {
            true => controllers.split(',').any(|c| c == "cpu"),
            false => controllers.is_empty(),
        };
        parts.next().filter(|_| matches)
    })
}

/// Where the hierarchy is mounted, and which part of it.
fn mount_of(mounts: &str, v1: bool) -> Option<(&str, &str)> {
    mounts.lines().find_map(|line| {
        let (front, back) = line.split_once(" - ")?;
        let mut front = front.split(' ').skip(3);
        let (root, at) = (front.next()?, front.next()?);
        let mut back = back.split(' ');
        let kind = back.next()?;
        let options = back.nth(1).unwrap_or("");
        let matches = match v1 {
            true => kind == "cgroup" && options.split(',').any(|o| o == "cpu"),
            false => kind == "cgroup2",
        };
        matches.then_some((at, root))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_found_among_controllers_and_mounts() {
        let groups = "4:memory:/m\n1:cpu,cpuacct:/box\n0::/v2/box\n";
        assert_eq!(path_of(groups, true), Some("/box"));
        assert_eq!(path_of(groups, false), Some("/v2/box"));
        let mounts = "30 24 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n\
                      31 24 0:27 /box /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        assert_eq!(mount_of(mounts, true), Some(("/sys/fs/cgroup/cpu", "/")));
        assert_eq!(mount_of(mounts, false), Some(("/sys/fs/cgroup", "/box")));
        assert_eq!(path_of("1:cpuset:/x\n", true), None);
    }
}
