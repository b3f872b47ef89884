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

/// Reads a file, or says which rule it breaks.
pub fn read(file: &[u8], pool: &ImportPool<'_>) -> Result<ImportedUsers, String> {
    demand(file.len() <= 100_000_000, || {
        format!("{} bytes", file.len())
    })?;
    demand(!file.starts_with(b"\xef\xbb\xbf"), || {
        "a byte order mark".to_owned()
    })?;
    let text = std::str::from_utf8(file).map_err(|error| error.to_string())?;
    let text = text.strip_suffix('\n').ok_or("the last row has no end")?;
    let mut lines = text.split('\n');
    let header = fields(lines.next().unwrap_or_default())?;
    let columns: BTreeSet<&str> = header.iter().map(String::as_str).collect();
    let all = columns == pool.columns.iter().copied().collect() && columns.len() == header.len();
    demand(all, || format!("the columns are {header:?}"))?;
    let mut users = vec![];
    let mut names = BTreeSet::new();
    for (at, line) in lines.enumerate() {
        let user =
            row(line, &header, pool).map_err(|broken| format!("row {}: {broken}", at + 1))?;
        demand(names.insert(user["cognito:username"].clone()), || {
            format!("row {}: the name is not the only one", at + 1)
        })?;
        users.push(user);
    }
    demand(users.len() <= 500_000, || format!("{} rows", users.len()))?;
    Ok(users)
}

fn demand(holds: bool, broken: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(broken()) }
}

/// The fields of a row: a comma ends one, unless a backslash stands before it. Nothing is said of any other backslash, nor
/// of quotation marks in the middle: they are mistakes here.
fn fields(line: &str) -> Result<Vec<String>, String> {
    let mut fields = vec![String::new()];
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        let field = fields.last_mut().expect("at least one");
        match c {
            ',' => fields.push(String::new()),
            '\\' => match rest.next() {
                Some(',') => field.push(','),
                other => return Err(format!("a backslash before {other:?}")),
            },
            '"' => return Err("a quotation mark".to_owned()),
            '\u{2028}' | '\u{2029}' | '\u{feff}' => return Err(format!("{c:?}")),
            c if c.is_control() => return Err(format!("{c:?}")),
            c => field.push(c),
        }
    }
    Ok(fields)
}

fn row(
    line: &str,
    header: &[String],
    pool: &ImportPool<'_>,
) -> Result<BTreeMap<String, String>, String> {
    let length = line.chars().count() + 1;
    demand(length <= 16_000, || format!("{length} characters"))?;
    let fields = fields(line)?;
    demand(fields.len() == header.len(), || {
        format!("{} fields", fields.len())
    })?;
    let user: BTreeMap<_, _> = header.iter().cloned().zip(fields).collect();
    let held = |name: &str| user.get(name).map_or("", String::as_str);
    for (name, value) in &user {
        // Cognito would take the blanks off.
        demand(value.trim() == value, || format!("blanks around {name}"))?;
        demand(value.len() <= 2048, || format!("{name} is too long"))?;
    }
    let name = held("cognito:username");
    let good =
        !name.is_empty() && !name.contains(char::is_whitespace) && name.chars().count() <= 128;
    demand(good, || format!("the name {name:?}"))?;
    for required in pool.required {
        demand(!held(required).is_empty(), || format!("no {required}"))?;
    }
    for (contact, flag) in [
        ("email", "email_verified"),
        ("phone_number", "phone_number_verified"),
    ] {
        let known = ["", "true", "false"].contains(&held(flag));
        demand(known, || format!("{flag} is {}", held(flag)))?;
        let proven = held(flag) != "true" || !held(contact).is_empty();
        demand(proven, || format!("{flag} without {contact}"))?;
    }
    let is_verified = |contact: &&str| held(&format!("{contact}_verified")) == "true";
    let verified = pool.auto_verified.iter().any(is_verified);
    demand(verified, || "no auto-verified contact".to_owned())?;
    let mfa = ["", "true", "false"].contains(&held("cognito:mfa_enabled"));
    demand(mfa, || "cognito:mfa_enabled".to_owned())?;
    let date = held("birthdate");
    demand(date.is_empty() || is_us_date(date), || {
        format!("the day {date}")
    })?;
    let time = held("updated_at");
    let seconds = time.is_empty() || time.parse::<u64>().is_ok_and(|time| time < 100_000_000_000);
    demand(seconds, || format!("the time {time}"))?;
    Ok(user)
}

fn is_us_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| -> Option<u16> {
        let part = bytes.get(from..to)?;
        let all = part.iter().all(u8::is_ascii_digit);
        all.then(|| text[from..to].parse().ok()).flatten()
    };
    let (Some(month), Some(day), Some(year)) = (digits(0, 2), digits(3, 5), digits(6, 10)) else {
        return false;
    };
    let month = u8::try_from(month)
        .ok()
        .and_then(|month| time::Month::try_from(month).ok());
    bytes.len() == 10
        && (bytes[2], bytes[5]) == (b'/', b'/')
        && year > 0
        && month.is_some_and(|month| {
            let day = u8::try_from(day).unwrap_or_default();
            time::Date::from_calendar_date(i32::from(year), month, day).is_ok()
        })
}

#[test]
fn the_reader_knows_the_mistakes() {
    let pool = ImportPool {
        columns: &[
            "cognito:username",
            "email",
            "email_verified",
            "birthdate",
            "updated_at",
            "cognito:mfa_enabled",
            "name",
        ],
        auto_verified: &["email"],
        required: &["name"],
    };
    let header = pool.columns.join(",");
    let file = |rows: &str| format!("{header}\n{rows}\n");
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
