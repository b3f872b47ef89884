//! Figures of a process from the kernel of Linux. Code that needs them is built on Linux only.

use std::{fmt::Display, fs, io, time::Duration};

use nix::{time::ClockId, unistd::Pid};

/// Memory in use and the most that ever was, in kilobytes; zeros for a process that has ended.
pub fn memory(pid: impl Display) -> (u64, u64) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let field = |name: &str| {
        let rest = status.lines().find_map(|line| line.strip_prefix(name));
        let number = rest.and_then(|rest| rest.trim().strip_suffix(" kB"));
        number.map_or(0, |number| number.parse().expect("a number"))
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// Whether every thread of the process waits for something: none runs, would if the machine let it, or waits for a disk.
pub fn sleeps(pid: Pid) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let mut threads = threads.into_iter().flatten().flatten();
    threads.all(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The state follows the name, which stands in parentheses and may hold anything.
        let state = stat.rsplit_once(") ");
        !state.is_some_and(|(_, state)| state.starts_with(['R', 'D']))
    })
}

/// Processor time used so far, in all threads.
pub fn cpu_time(pid: Pid) -> Duration {
    ClockId::pid_cpu_clock_id(pid)
        .and_then(ClockId::now)
        .expect("the process runs")
        .into()
}

/// The number of bytes that the process has read.
pub fn bytes_read(pid: Pid) -> usize {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).expect("the process runs");
    let read = io.lines().find_map(|line| line.strip_prefix("rchar: "));
    read.expect("a count").parse().expect("a number")
}

/// The number of sockets of the process.
pub fn open_sockets(pid: Pid) -> io::Result<usize> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd"))?.flatten();
    let targets = entries.filter_map(|entry| fs::read_link(entry.path()).ok());
    let sockets = targets.filter(|target| target.to_string_lossy().starts_with("socket:"));
    Ok(sockets.count())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn this_process_has_memory_time_and_a_socket_and_does_not_sleep() {
        let this = Pid::this();
        let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (now, most) = memory(this);
        assert!(0 < now && now <= most);
        assert!(cpu_time(this) > Duration::ZERO && bytes_read(this) > 0);
        assert!(open_sockets(this).unwrap() > 0 && !sleeps(this));
    }
}
