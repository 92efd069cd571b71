//! What the figures come from: processor, memory, kernel, disk.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
    process::Command,
    thread,
    time::Instant,
};

use anyhow::Result;

use crate::{bench::figures::percentile, exec};

/// The machine, as far as it explains figures.
pub(super) struct Machine {
    processor: String,
    cores: usize,
    memory_gib: f64,
    kernel: String,
    /// The load average before we began.
    busy: String,
    fdatasync_ms: Vec<f64>,
}

/// Enough for a 99th percentile that means something, within a few seconds on a slow disk.
const SYNCS: usize = 1000;

/// Processes that wanted to run in the last minute.
pub(super) fn load_average() -> String {
    let averages = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    averages.split_whitespace().next().unwrap_or("unknown").to_owned()
}

/// Looks around; `directory` is where the databases are, `busy` the load average before we began to build.
pub(super) fn describe(directory: &Path, busy: String) -> Result<Machine> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let value = |text: &str, name: &str| {
        text.lines().find_map(|line| Some(line.strip_prefix(name)?.split_once(':')?.1.trim().to_owned()))
    };
    let kibibytes: f64 = value(&meminfo, "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or_default();
    Ok(Machine {
        processor: value(&cpuinfo, "model name").unwrap_or_else(|| "unknown processor".to_owned()),
        cores: thread::available_parallelism().map_or(1, Into::into),
        memory_gib: kibibytes / 1024.0 / 1024.0,
        kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
        busy,
        fdatasync_ms: fdatasync(directory)?,
    })
}

/// How long the disk takes to make 4 KiB more of a file durable, in milliseconds: what every commit waits for.
fn fdatasync(directory: &Path) -> Result<Vec<f64>> {
    // What the build has written must not be waited for in its place.
    exec::read(&mut Command::new("sync"))?;
    let path = directory.join("fdatasync");
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let since = Instant::now();
        file.write_all(&[0x61; 4096])?;
        file.sync_data()?;
        times.push(since.elapsed().as_secs_f64() * 1e3);
    }
    fs::remove_file(path)?;
    Ok(times)
}

impl Machine {
    pub(super) fn lines(&self) -> Vec<String> {
        let cores = if self.cores == 1 { "core" } else { "cores" };
        vec![
            format!(
                "Machine: {}, {} {cores}, {:.0} GiB of memory, Linux {}; load average before the run {}.",
                self.processor, self.cores, self.memory_gib, self.kernel, self.busy
            ),
            format!(
                "Disk: 4 KiB appended and synced (fdatasync) in {:.2} ms (p50), {:.2} ms (p99), of {SYNCS}.",
                percentile(&self.fdatasync_ms, 50),
                percentile(&self.fdatasync_ms, 99)
            ),
        ]
    }
}
