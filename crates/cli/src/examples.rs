//! The examples below the help of each command.

pub(crate) const PREFLIGHT: &str = "Examples:
  cognito-migration preflight --function user-migration --pool eu-west-1_Fg56Hi78J
  cognito-migration preflight --settings settings.env --source-pool eu-west-1_Ab12Cd34E --pool eu-west-1_Fg56Hi78J";

pub(crate) const SURVEY: &str = "Examples:
  cognito-migration survey --source-pool eu-west-1_Ab12Cd34E --planned new-pool --settings new-pool/settings.env
  cognito-migration survey --function user-migration --pool eu-west-1_Fg56Hi78J --html survey.html
  cognito-migration survey --function user-migration --pool eu-west-1_Fg56Hi78J --set ON_MFA=reset --csv users.csv";

pub(crate) const EXPLAIN: &str = "Examples:
  cognito-migration explain --function user-migration --pool eu-west-1_Fg56Hi78J ana@example.com
  cognito-migration explain --function user-migration --pool eu-west-1_Fg56Hi78J --format json -- +15555550100";

pub(crate) const PROGRESS: &str = "Examples:
  cognito-migration progress --source-pool eu-west-1_Ab12Cd34E --pool eu-west-1_Fg56Hi78J --function user-migration";

pub(crate) const STRAGGLERS: &str = "Examples:
  cognito-migration stragglers --function user-migration --pool eu-west-1_Fg56Hi78J --out import";

pub(crate) const RETIRE: &str = "Examples:
  cognito-migration retire --function user-migration --pool eu-west-1_Fg56Hi78J
  cognito-migration retire --function user-migration --pool eu-west-1_Fg56Hi78J --record retired.txt --apply";

pub(crate) const RESTORE: &str = "Examples:
  cognito-migration restore --function user-migration --pool eu-west-1_Fg56Hi78J --record retired.txt
  cognito-migration restore --function user-migration --pool eu-west-1_Fg56Hi78J --record retired.txt --apply";

pub(crate) const SUBS: &str = "Examples:
  cognito-migration subs --pool eu-west-1_Fg56Hi78J --attribute custom:legacy_sub --out subs.csv";

pub(crate) const DRAFT: &str = "Examples:
  cognito-migration draft --source-pool eu-west-1_Ab12Cd34E --out new-pool --sign-in email
  cognito-migration draft --source-pool eu-west-1_Ab12Cd34E --out migration --pool eu-west-1_Fg56Hi78J";

pub(crate) const VERIFY: &str = "Examples:
  cognito-migration verify --function user-migration --source-pool eu-west-1_Ab12Cd34E --pool eu-west-1_Fg56Hi78J \\
    --client 1example23456789 --record verified.md";

pub(crate) const COMPLETIONS: &str = "Examples:
  cognito-migration completions bash > ~/.local/share/bash-completion/completions/cognito-migration
  cognito-migration completions zsh > ~/.zfunc/_cognito-migration
  cognito-migration completions fish > ~/.config/fish/completions/cognito-migration.fish";
