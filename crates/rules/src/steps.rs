//! The post-migration steps that a user's mark, the source user and the settings ask for.
//!
//! Only the mark `off/` says that the function disabled the source user, and it alone lets the way back enable that user.
//! So `disabling/` is written before the source user is disabled, and a source user who is found disabled behind it is left
//! to the operator: an administrator may have shut the user out in the meantime.

use strum::VariantArray;

use crate::{
    evidence::{Profile, Standing},
    mark::Stage,
    selection::Selection,
    settings::{PostMigration, SourceUser},
};

/// The state of the source user, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, VariantArray)]
pub enum SourceUserIs {
    /// The source pool was not asked.
    #[default]
    NotAsked,
    /// The source user is enabled.
    Enabled,
    /// The source user is disabled.
    Disabled,
    /// The source pool has no such user.
    Gone,
}

impl SourceUserIs {
    /// The state of the source user with this profile.
    pub fn of(profile: Option<&Profile>) -> Self {
        match profile.map(|profile| profile.standing) {
            None => SourceUserIs::Gone,
            Some(Standing::Reported { enabled: false, .. }) => SourceUserIs::Disabled,
            Some(Standing::Reported { enabled: true, .. } | Standing::VouchedByToken) => {
                SourceUserIs::Enabled
            }
        }
    }
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Find the source user. Then [`plan`] says how to go on.
    FindSourceUser,
    /// Copy the groups that the settings name.
    CopyGroups,
    /// Read the mark again, and end if it has changed.
    ///
    /// A sign-in at the same time may have disabled the source user. It wrote `disabling/` before that.
    ReadMarkAgain,
    /// Write the mark.
    Write(Stage),
    /// Disable the source user.
    Disable,
    /// Leave the mark to the operator, who can find out who disabled the source user.
    LeaveToOperator,
}

/// The steps that are left, in their order. After a failed step the others are not taken.
pub fn plan(mark: Stage, source_user: SourceUserIs, settings: &PostMigration) -> &'static [Step] {
    use Stage::{Disabling, Done, Off, Pending};
    use Step::{CopyGroups, Disable, FindSourceUser, LeaveToOperator, ReadMarkAgain, Write};

    let copies_groups = settings.groups != Selection::None;
    match (mark, settings.source_user, source_user) {
        (Done | Off, ..) => &[],
        // The settings no longer disable source users. Only `off/` says whether this one was disabled.
        (Disabling, SourceUser::Keep, _) => &[],
        (Pending, SourceUser::Keep, _) if !copies_groups => &[Write(Done)],
        (Pending | Disabling, _, SourceUserIs::NotAsked) => &[FindSourceUser],
        (Pending | Disabling, _, SourceUserIs::Gone) => &[Write(Done)],
        // A user who was shut out does not come back with the rights of groups.
        (Pending, _, SourceUserIs::Disabled) => &[ReadMarkAgain, Write(Done)],
        (Pending, SourceUser::Keep, SourceUserIs::Enabled) => &[CopyGroups, Write(Done)],
        (Pending, SourceUser::Disable, SourceUserIs::Enabled) if copies_groups => {
            &[CopyGroups, Write(Disabling), Disable, Write(Off)]
        }
        (Pending, SourceUser::Disable, SourceUserIs::Enabled) => {
            &[Write(Disabling), Disable, Write(Off)]
        }
        // The groups were copied before this mark was written.
        (Disabling, SourceUser::Disable, SourceUserIs::Enabled) => &[Disable, Write(Off)],
        (Disabling, SourceUser::Disable, SourceUserIs::Disabled) => {
            &[ReadMarkAgain, LeaveToOperator]
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::evidence::{Identity, SecondFactor, UserStatus};

    const KEEP: SourceUser = SourceUser::Keep;
    const DISABLE: SourceUser = SourceUser::Disable;

    fn settings(source_user: SourceUser, groups: Selection) -> PostMigration {
        PostMigration {
            groups,
            source_user,
        }
    }

    fn groups() -> [Selection; 3] {
        let named = Selection::Named(BTreeSet::from(["editors".to_owned()]));
        [Selection::None, Selection::All, named]
    }

    fn shown(steps: &[Step]) -> String {
        let name = |step: &Step| match step {
            Step::FindSourceUser => "find".to_owned(),
            Step::CopyGroups => "copy".to_owned(),
            Step::ReadMarkAgain => "again".to_owned(),
            Step::Write(stage) => format!("{}/", stage.as_str()),
            Step::Disable => "disable".to_owned(),
            Step::LeaveToOperator => "leave".to_owned(),
        };
        let names: Vec<_> = steps.iter().map(name).collect();
        names.join(" ")
    }

    /// Every mark, setting and source user: the steps without groups, and with them.
    #[test]
    fn each_mark_setting_and_source_user_has_its_steps() {
        let table = [
            (
                Stage::Pending,
                KEEP,
                SourceUserIs::NotAsked,
                "done/",
                "find",
            ),
            (
                Stage::Pending,
                KEEP,
                SourceUserIs::Enabled,
                "done/",
                "copy done/",
            ),
            (
                Stage::Pending,
                KEEP,
                SourceUserIs::Disabled,
                "done/",
                "again done/",
            ),
            (Stage::Pending, KEEP, SourceUserIs::Gone, "done/", "done/"),
            (
                Stage::Pending,
                DISABLE,
                SourceUserIs::NotAsked,
                "find",
                "find",
            ),
            (
                Stage::Pending,
                DISABLE,
                SourceUserIs::Enabled,
                "disabling/ disable off/",
                "copy disabling/ disable off/",
            ),
            (
                Stage::Pending,
                DISABLE,
                SourceUserIs::Disabled,
                "again done/",
                "again done/",
            ),
            (
                Stage::Pending,
                DISABLE,
                SourceUserIs::Gone,
                "done/",
                "done/",
            ),
            (Stage::Disabling, KEEP, SourceUserIs::NotAsked, "", ""),
            (Stage::Disabling, KEEP, SourceUserIs::Enabled, "", ""),
            (Stage::Disabling, KEEP, SourceUserIs::Disabled, "", ""),
            (Stage::Disabling, KEEP, SourceUserIs::Gone, "", ""),
            (
                Stage::Disabling,
                DISABLE,
                SourceUserIs::NotAsked,
                "find",
                "find",
            ),
            (
                Stage::Disabling,
                DISABLE,
                SourceUserIs::Enabled,
                "disable off/",
                "disable off/",
            ),
            (
                Stage::Disabling,
                DISABLE,
                SourceUserIs::Disabled,
                "again leave",
                "again leave",
            ),
            (
                Stage::Disabling,
                DISABLE,
                SourceUserIs::Gone,
                "done/",
                "done/",
            ),
        ];
        let [none, all, named] = groups();
        let mut seen = BTreeSet::new();
        for (mark, source_user, found, without, with) in table {
            assert!(seen.insert(format!("{mark:?} {source_user:?} {found:?}")));
            for (groups, expected) in [(&none, without), (&all, with), (&named, with)] {
                let settings = settings(source_user, groups.clone());
                let steps = shown(plan(mark, found, &settings));
                assert_eq!(steps, expected, "{mark:?} {found:?} {settings:?}");
            }
        }
        for mark in [Stage::Done, Stage::Off] {
            for source_user in [KEEP, DISABLE] {
                for found in SourceUserIs::VARIANTS {
                    assert!(seen.insert(format!("{mark:?} {source_user:?} {found:?}")));
                    for groups in groups() {
                        let settings = settings(source_user, groups);
                        assert_eq!(plan(mark, *found, &settings), [], "{mark:?} {settings:?}");
                    }
                }
            }
        }
        let rows = Stage::VARIANTS.len() * 2 * SourceUserIs::VARIANTS.len();
        assert_eq!(seen.len(), rows, "the table is whole");
    }

    /// The state of both pools after each step, as if the steps ended there.
    #[test]
    fn wherever_the_steps_end_the_mark_says_who_disabled_the_source_user() {
        for mark in Stage::VARIANTS {
            for found in SourceUserIs::VARIANTS {
                for source_user in [KEEP, DISABLE] {
                    for groups in groups() {
                        let settings = settings(source_user, groups);
                        let (mut mark, mut disabled, mut copied) = (*mark, false, false);
                        for step in plan(mark, *found, &settings) {
                            match step {
                                Step::Write(stage) => mark = *stage,
                                Step::Disable => {
                                    assert_eq!(mark, Stage::Disabling, "{settings:?}");
                                    disabled = true;
                                }
                                Step::CopyGroups => {
                                    assert!(!disabled, "the groups come first: {settings:?}");
                                    copied = true;
                                }
                                Step::FindSourceUser => {
                                    assert_eq!(*found, SourceUserIs::NotAsked, "asked for ever");
                                }
                                Step::ReadMarkAgain | Step::LeaveToOperator => {}
                            }
                            let says_so = matches!(mark, Stage::Disabling | Stage::Off);
                            assert!(!disabled || says_so, "{mark:?} {settings:?}");
                            let is_credited = mark == Stage::Off;
                            assert!(!is_credited || disabled, "{mark:?} {settings:?}");
                        }
                        let may_act = *found == SourceUserIs::Enabled;
                        assert!(may_act || !(disabled || copied), "{found:?} {settings:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_source_user_is_what_the_source_pool_reports() {
        let profile = |standing| Profile {
            identity: Identity {
                username: "ana".to_owned(),
                attributes: vec![],
            },
            standing,
            second_factor: SecondFactor::None,
        };
        let reported = |enabled, status| profile(Standing::Reported { enabled, status });
        assert_eq!(SourceUserIs::of(None), SourceUserIs::Gone);
        for status in UserStatus::VARIANTS {
            let found = |enabled| SourceUserIs::of(Some(&reported(enabled, *status)));
            assert_eq!(found(true), SourceUserIs::Enabled, "{status:?}");
            assert_eq!(found(false), SourceUserIs::Disabled, "{status:?}");
        }
        let vouched = profile(Standing::VouchedByToken);
        assert_eq!(SourceUserIs::of(Some(&vouched)), SourceUserIs::Enabled);
    }
}
