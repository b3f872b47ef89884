//! A reader of files from which Cognito imports users, by the rules of AWS's guide. It shares no code with the writer.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html>

use std::collections::{BTreeMap, BTreeSet};

/// The demands of a pool.
pub struct ImportPool<'a> {
    /// The columns of its files.
    pub columns: &'a [&'a str],
    /// The contacts that it verifies by itself.
    pub auto_verified: &'a [&'a str],
    /// The attributes that it requires.
    pub required: &'a [&'a str],
}

/// The users of a file: column → value.
pub type ImportedUsers = Vec<BTreeMap<String, String>>;

/// Reads a file, or says which of its rows breaks a rule.
pub fn read(file: &[u8], pool: &ImportPool<'_>) -> Result<ImportedUsers, String> {
    let text = std::str::from_utf8(file).map_err(|error| error.to_string())?;
    let text = text.strip_suffix('\n').ok_or("the last row has no end")?;
    let mut lines = text.split('\n');
    let header = fields(lines.next().unwrap_or_default()).ok_or("the header")?;
    let columns: BTreeSet<&str> = header.iter().map(String::as_str).collect();
    let users = lines.map(|line| row(line, &header, pool).ok_or(line));
    let users: ImportedUsers = users.collect::<Result<_, _>>()?;
    let names: BTreeSet<_> = users.iter().map(|user| &user["cognito:username"]).collect();
    let is_good = file.len() <= 100_000_000
        && users.len() <= 500_000
        && columns.len() == header.len()
        && columns == pool.columns.iter().copied().collect()
        && names.len() == users.len();
    is_good
        .then(|| users.clone())
        .ok_or("columns, size or names".to_owned())
}

/// The fields of a row: a comma ends one, unless a backslash stands before it. Nothing is said of any other backslash, nor
/// of quotation marks in the middle: they are mistakes here.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        let field = fields.last_mut()?;
        match c {
            ',' => fields.push(String::new()),
            '\\' if rest.next() == Some(',') => field.push(','),
            '\\' | '"' | '\u{2028}' | '\u{2029}' | '\u{feff}' => return None,
            c if c.is_control() => return None,
            c => field.push(c),
        }
    }
    Some(fields)
}

/// The user of a row; `None` if it breaks a rule.
fn row(line: &str, header: &[String], pool: &ImportPool<'_>) -> Option<BTreeMap<String, String>> {
    let fields = fields(line)?;
    let is_read = line.chars().count() < 16_000
        && fields.len() == header.len()
        // Cognito would take the blanks off.
        && fields.iter().all(|it| it.trim() == it && it.len() <= 2048);
    let user: BTreeMap<_, _> = header.iter().cloned().zip(fields).collect();
    let held = |name: &str| user.get(name).map_or("", String::as_str);
    let is_flag = |name: &str| ["", "true", "false"].contains(&held(name));
    let is_verified = |contact: &str| held(&format!("{contact}_verified")) == "true";
    let is_contact = |name: &str| {
        let is_there = !is_verified(name) || !held(name).is_empty();
        is_there && is_flag(&format!("{name}_verified"))
    };
    let name = held("cognito:username");
    let (date, time) = (held("birthdate"), held("updated_at"));
    let seconds = time.parse::<u64>().map(|time| time < 100_000_000_000);
    let is_good = is_read
        && (1..=128).contains(&name.chars().count())
        && !name.contains(char::is_whitespace)
        && is_contact("email")
        && is_contact("phone_number")
        && pool.auto_verified.iter().any(|it| is_verified(it))
        && pool.required.iter().all(|name| !held(name).is_empty())
        && is_flag("cognito:mfa_enabled")
        && (date.is_empty() || is_us_date(date))
        && (time.is_empty() || seconds == Ok(true));
    is_good.then_some(user)
}

/// Whether this is a day of the calendar, as `mm/dd/yyyy`.
fn is_us_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('/').collect();
    let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
    let number = |at: usize| parts[at].parse::<u16>().ok();
    let date = || {
        let month = time::Month::try_from(u8::try_from(number(0)?).ok()?).ok()?;
        let (day, year) = (u8::try_from(number(1)?).ok()?, number(2)?);
        time::Date::from_calendar_date(year.into(), month, day).ok()
    };
    lengths == [2, 2, 4] && !text.contains('+') && date().is_some_and(|date| date.year() > 0)
}

#[test]
fn the_reader_knows_the_mistakes() {
    const COLUMNS: &str =
        "cognito:username,email,email_verified,birthdate,updated_at,cognito:mfa_enabled,name";
    let pool = ImportPool {
        columns: &COLUMNS.split(',').collect::<Vec<_>>(),
        auto_verified: &["email"],
        required: &["name"],
    };
    let file = |rows: &str| format!("{COLUMNS}\n{rows}\n");
    let good = r"ana,a@b,true,02/29/2024,1471453471,,Ana\, Bo";
    let users = read(file(good).as_bytes(), &pool).expect("a good file");
    assert_eq!(users[0]["name"], "Ana, Bo");
    let long = format!("ana,a@b,true,,,,{}", "x".repeat(16_000));
    for bad in [
        "ana,a@b,true,,,,\"Ana\"",
        "ana,a@b,true,,,,Ana, Bo",
        r"ana,a@b,true,,,,A\na",
        "ana,a@b,true,,,,Ana\\",
        "a na,a@b,true,,,,Ana",
        "a\tna,a@b,true,,,,Ana",
        ",a@b,true,,,,Ana",
        "ana,a@b,true,,,,",
        "ana,a@b,true,,,, Ana",
        "ana,a@b,false,,,,Ana",
        "ana,,true,,,,Ana",
        "ana,a@b,yes,,,,Ana",
        "ana,a@b,true,2024-02-29,,,Ana",
        "ana,a@b,true,02/30/2024,,,Ana",
        "ana,a@b,true,13/01/2024,,,Ana",
        "ana,a@b,true,,1471453471000,,Ana",
        "ana,a@b,true,,yesterday,,Ana",
        "ana,a@b,true,,,maybe,Ana",
        "ana,a@b,true,,,,Ana\r",
        "ana,a@b,true,,,,Ana\nana,c@d,true,,,,Ana",
        &long,
    ] {
        let answer = read(file(bad).as_bytes(), &pool);
        assert!(answer.is_err(), "{bad}");
    }
    let marked = format!("\u{feff}{}", file(good));
    assert!(read(marked.as_bytes(), &pool).is_err());
    assert!(read(b"cognito:username,email\nana,a@b\n", &pool).is_err());
}
