//! Lambda's share of a core, as a quota of the kernel's scheduler.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
};

use testbed::function::Setup;

/// The memory for which Lambda gives one core.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const MEMORY_OF_A_CORE: u64 = 1769;
/// In microseconds. Those who measured Lambda's found 20 ms; with the kernel's own 100 ms most sign-ins would never meet
/// the end of a quota.
const PERIOD: u64 = 20_000;

/// A control group that gets no more than the share of a core that belongs to an amount of memory.
pub(crate) struct Share {
    group: PathBuf,
}

impl Share {
    /// Fails where no control group can be made.
    pub(crate) fn of(memory_mb: u64) -> io::Result<Self> {
        let quota = PERIOD * memory_mb / MEMORY_OF_A_CORE;
        let name = format!("speed-{}-{memory_mb}", process::id());
        let first = Path::new("/sys/fs/cgroup/cpu");
        let second = Path::new("/sys/fs/cgroup");
        if first.join("cpu.cfs_quota_us").exists() || first.join("cpu.shares").exists() {
            let share = Self::make(first.join(name))?;
            fs::write(share.group.join("cpu.cfs_period_us"), PERIOD.to_string())?;
            fs::write(share.group.join("cpu.cfs_quota_us"), quota.to_string())?;
            return Ok(share);
        }
        fs::write(second.join("cgroup.subtree_control"), "+cpu")?;
        let share = Self::make(second.join(name))?;
        fs::write(share.group.join("cpu.max"), format!("{quota} {PERIOD}"))?;
        Ok(share)
    }

    fn make(group: PathBuf) -> io::Result<Self> {
        fs::create_dir(&group)?;
        Ok(Self { group })
    }

    /// The same function, within this share from its first instruction on.
    pub(crate) fn confine(&self, setup: Setup) -> Setup {
        let members = self.group.join("cgroup.procs");
        let enter = format!("echo $$ > {} && exec \"$0\" \"$@\"", members.display());
        setup.by_way_of("/bin/sh", &["-c", &enter])
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.group);
    }
}
