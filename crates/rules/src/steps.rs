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
    use crate::{
        evidence::{SecondFactor, UserStatus},
        test_support::*,
    };

    const KEEP: SourceUser = SourceUser::Keep;
    const DISABLE: SourceUser = SourceUser::Disable;

    /// Every mark, setting and source user.
    fn cases() -> Vec<(Stage, SourceUser, SourceUserIs)> {
        let first = (Stage::Done, KEEP, SourceUserIs::Gone);
        let all = with_each(&[first], Stage::VARIANTS, |it, mark| it.0 = *mark);
        let all = with_each(&all, [KEEP, DISABLE], |it, source_user| it.1 = source_user);
        with_each(&all, SourceUserIs::VARIANTS, |it, is| it.2 = *is)
    }

    /// The settings without groups, with all and with named ones.
    fn settings(source_user: SourceUser) -> [PostMigration; 3] {
        let named = Selection::Named(BTreeSet::from(["editors".to_owned()]));
        [Selection::None, Selection::All, named].map(|groups| PostMigration {
            groups,
            source_user,
        })
    }

    /// Every mark, setting and source user: the steps without groups, and with them.
    #[test]
    fn each_mark_setting_and_source_user_has_its_steps() {
        use SourceUserIs::{Disabled, Enabled, Gone, NotAsked};
        use Stage::{Disabling, Done, Off, Pending};
        use Step::{CopyGroups, Disable, FindSourceUser, LeaveToOperator, ReadMarkAgain, Write};
        let disables = [CopyGroups, Write(Disabling), Disable, Write(Off)];
        let (left, again) = (
            [ReadMarkAgain, LeaveToOperator],
            [ReadMarkAgain, Write(Done)],
        );
        for (mark, source_user, found) in cases() {
            let (without, with): (&[Step], &[Step]) = match (mark, source_user, found) {
                (Pending, KEEP, NotAsked) => (&[Write(Done)], &[FindSourceUser]),
                (Pending, KEEP, Enabled) => (&[Write(Done)], &[CopyGroups, Write(Done)]),
                (Pending, KEEP, Disabled) => (&again[1..], &again),
                (Pending, DISABLE, Enabled) => (&disables[1..], &disables),
                (Pending, DISABLE, Disabled) => (&again, &again),
                (Disabling, DISABLE, Enabled) => (&disables[2..], &disables[2..]),
                (Disabling, DISABLE, Disabled) => (&left, &left),
                (Pending | Disabling, DISABLE, NotAsked) => (&[FindSourceUser], &[FindSourceUser]),
                (Pending, _, Gone) | (Disabling, DISABLE, Gone) => (&[Write(Done)], &[Write(Done)]),
                (Disabling, KEEP, _) | (Done | Off, _, _) => (&[], &[]),
            };
            for (settings, expected) in settings(source_user).iter().zip([without, with, with]) {
                let steps = plan(mark, found, settings);
                assert_eq!(steps, expected, "{mark:?} {found:?} {settings:?}");
            }
        }
    }

    /// The state of both pools after each step, as if the steps ended there.
    #[test]
    fn wherever_the_steps_end_the_mark_says_who_disabled_the_source_user() {
        for (start, source_user, found) in cases() {
            for settings in settings(source_user) {
                let (mut mark, mut disabled, mut copied) = (start, false, false);
                for step in plan(start, found, &settings) {
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
                            assert_eq!(found, SourceUserIs::NotAsked, "asked for ever");
                        }
                        Step::ReadMarkAgain | Step::LeaveToOperator => {}
                    }
                    let says_so = matches!(mark, Stage::Disabling | Stage::Off);
                    assert!(!disabled || says_so, "{mark:?} {settings:?}");
                    let is_credited = mark == Stage::Off;
                    assert!(!is_credited || disabled, "{mark:?} {settings:?}");
                }
                let may_act = found == SourceUserIs::Enabled;
                assert!(may_act || !(disabled || copied), "{found:?} {settings:?}");
            }
        }
    }

    #[test]
    fn a_source_user_is_what_the_source_pool_reports() {
        let found = |standing| {
            SourceUserIs::of(Some(&Profile {
                identity: identity("ana", ""),
                standing,
                second_factor: SecondFactor::None,
            }))
        };
        assert_eq!(SourceUserIs::of(None), SourceUserIs::Gone);
        assert_eq!(found(Standing::VouchedByToken), SourceUserIs::Enabled);
        for &status in UserStatus::VARIANTS {
            let found = |enabled| found(Standing::Reported { enabled, status });
            let expected = [SourceUserIs::Enabled, SourceUserIs::Disabled];
            assert_eq!([true, false].map(found), expected, "{status:?}");
        }
    }
}
