//! Measures the cost of a process: processor time, wall time and peak memory.

#![allow(dead_code, reason = "not every benchmark uses everything")]

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// The cost of a process.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// The processor time of all its threads, in user and kernel mode.
    pub(crate) cpu: Duration,
    /// The wall time.
    pub(crate) wall: Duration,
    /// The peak memory in bytes.
    ///
    /// The kernel includes the memory of the parent process at the time of the fork, so this process has to
    /// stay small.
    pub(crate) peak: u64,
}

impl Cost {
    /// Runs `command` to its end. Its output is written to `log`, and shown if it fails.
    pub(crate) fn of(command: &mut Command, log: &Path) -> io::Result<Self> {
        let start = Instant::now();
        command
            .stdin(Stdio::null())
            .stdout(File::create(log)?)
            .stderr(File::options().append(true).open(log)?);
        let used = command.spawn()?.wait4()?;
        let wall = start.elapsed();
        if !used.status.success() {
            let output = String::from_utf8_lossy(&std::fs::read(log)?).chars().take(2000).collect::<String>();
            return Err(io::Error::other(format!("{command:?} failed, {}:\n{output}", used.status)));
        }
        Ok(Self { cpu: used.rusage.utime + used.rusage.stime, wall, peak: used.rusage.maxrss })
    }

    /// The median of each figure of `costs`, which must not be empty.
    pub(crate) fn median(costs: &[Self]) -> Self {
        Self {
            cpu: median(costs.iter().map(|cost| cost.cpu)),
            wall: median(costs.iter().map(|cost| cost.wall)),
            peak: median(costs.iter().map(|cost| cost.peak)),
        }
    }

    /// The ratios of this cost to `other`: processor time, wall time, memory.
    pub(crate) fn over(self, other: Self) -> [f64; 3] {
        [
            self.cpu.as_secs_f64() / other.cpu.as_secs_f64(),
            self.wall.as_secs_f64() / other.wall.as_secs_f64(),
            self.peak as f64 / other.peak as f64,
        ]
    }

    /// A row of the table.
    pub(crate) fn row(self, name: &str) -> String {
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        let peak = self.peak as f64 / f64::from(1 << 20);
        format!("{name:<28}{:>11.1}{:>11.1}{peak:>11.1}", millis(self.cpu), millis(self.wall))
    }
}

/// The header of the table.
pub(crate) fn head() -> String {
    format!("{:<28}{:>11}{:>11}{:>11}", "", "CPU ms", "wall ms", "peak MiB")
}

/// A row of ratios.
pub(crate) fn ratios(name: &str, [cpu, wall, peak]: [f64; 3]) -> String {
    format!("{name:<28}{cpu:>10.2}x{wall:>10.2}x{peak:>10.2}x")
}

fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// A temporary folder, in memory if possible; deleted on drop.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Creates the folder.
    pub(crate) fn new() -> io::Result<Self> {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = base.join(format!("postil-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
