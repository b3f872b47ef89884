//! `restore`: the users who are enabled again, and those who stay disabled. The rest is proven with `retire`.

use crate::{
    retire::{DISABLE, RESTORE, assert_decides},
    support::*,
};

#[tokio::test]
async fn only_those_return_whom_the_function_or_the_record_names() {
    let told = assert_decides(RESTORE, "", 3, None).await;
    let done = format!("{} mark_is_done", sub("u-done"));
    told.shows(&["does not say who disabled them", &done]);
    let by_record = "--record FOLDER/record --except FOLDER/except";
    let gone = Some(("u-gone", "no_source_user"));
    assert_decides(RESTORE, by_record, 4, gone).await;
}

/// The user whom an administrator had disabled stays out.
#[tokio::test]
async fn the_record_of_retire_leads_back() {
    let names = ["ana", "bo", "shut-out"];
    let it = DISABLE.with("changes-back", &names).await;
    it.pool.change(|state| state.users[2].enabled = false);
    let by_record = "--apply --record FOLDER/retired";
    it.run(by_record).await.good();
    assert_eq!(it.changed(&names), names);
    let line = RESTORE.line(by_record);
    run_in(&it.pool, &it.folder, &line).await.good();
    assert_eq!(it.changed(&names), ["shut-out"]);
}
