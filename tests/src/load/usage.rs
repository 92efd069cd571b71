//! What a process and the whole machine have used, as `/proc` tells it.

use std::fs;

/// Of a process: processor time and memory.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Seconds of processor, those of all its threads.
    pub cpu_seconds: f64,
    /// Bytes of memory that it holds.
    pub resident: u64,
    /// The most it ever held.
    pub resident_peak: u64,
}

/// What this process has used so far; none if there is no such process.
#[must_use]
pub fn of(pid: u32) -> Option<Usage> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    };
    Some(Usage {
        cpu_seconds: cpu_seconds(pid)?,
        resident: bytes("VmRSS:")?,
        resident_peak: bytes("VmHWM:")?,
    })
}

/// From the scheduler's own account, to the nanosecond: the ticks of `/proc/PID/stat` are too coarse for short runs.
fn cpu_seconds(pid: u32) -> Option<f64> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let mut nanoseconds = 0.0;
    for thread in threads.flatten() {
        // A thread may end between the two looks.
        let Ok(account) = fs::read_to_string(thread.path().join("schedstat")) else { continue };
        nanoseconds += account.split_whitespace().next()?.parse::<f64>().ok()?;
    }
    Some(nanoseconds / 1e9)
}

/// Ticks of all processors since the machine started.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ticks {
    busy: u64,
    all: u64,
}

/// What the processors did so far, for whomever: a database server's processes too, and the kernel's own work.
#[must_use]
pub fn of_machine() -> Ticks {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    // user, nice, system, idle, iowait, irq, softirq, steal; guests come after and are counted in user already.
    let first = stat.lines().next().unwrap_or_default().split_whitespace().skip(1).take(8);
    let ticks: Vec<u64> = first.map(|ticks| ticks.parse().unwrap_or_default()).collect();
    let all = ticks.iter().sum();
    let idle: u64 = ticks.iter().skip(3).take(2).sum();
    Ticks { busy: all - idle, all }
}

impl Ticks {
    /// The share of the time since `before` in which processors had something to do.
    #[must_use]
    pub fn busy_since(self, before: Self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "ticks of one run")]
        let [busy, all] = [self.busy - before.busy, self.all - before.all].map(|ticks| ticks as f64);
        busy / all.max(1.0)
    }
}
