locals {
  # The standard attributes that a user pool lets its users write.
  standard_attributes = [
    "address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name", "locale", "middle_name", "name",
    "nickname", "phone_number", "phone_number_verified", "picture", "preferred_username", "profile", "updated_at", "website",
    "zoneinfo",
  ]

  # `*` is taken apart below: it means every custom attribute, and only in attribute_map.
  custom_attribute = "^custom:[^*[:space:][:cntrl:]]+$"

  # Every source user has them. They can be mapped from, to a custom attribute only.
  identifiers = ["sub", "username"]

  key_arn = "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"
}

variable "architecture" {
  description = "The processor that the zip was built for: x86_64 or arm64."
  type        = string
  default     = "x86_64"
  nullable    = false

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "architecture must be x86_64 or arm64: the one that the zip was built for."
  }
}

variable "attribute_map" {
  description = <<-EOT
    Source attribute => destination attribute, or null to leave it behind. "custom:*" = "custom:*" copies every custom attribute
    but those of developers (dev:custom:<name>), which must be named. Standard attributes that are not mentioned are copied, custom
    ones are not. sub and username, the user name in the source pool, can go to a custom attribute.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for source in keys(var.attribute_map) :
      contains(concat(local.standard_attributes, ["custom:*"], local.identifiers), source) || can(regex(local.custom_attribute, trimprefix(source, "dev:")))
    ])
    error_message = "Each name on the left of attribute_map must be a standard attribute, sub, username, custom:<name>, dev:custom:<name> or custom:*."
  }

  validation {
    condition = alltrue([
      for source, destination in var.attribute_map : anytrue([
        destination == null,
        source == "custom:*",
        contains(local.standard_attributes, coalesce(destination, "-")),
        can(regex(local.custom_attribute, destination)),
      ])
    ])
    error_message = "Each value of attribute_map must be a standard attribute, custom:<name> or null. Nothing can be written to sub, identities, username or cognito:…"
  }

  validation {
    condition     = contains(["custom:*", "-"], coalesce(lookup(var.attribute_map, "custom:*", null), "-"))
    error_message = "In attribute_map, \"custom:*\" can only go to \"custom:*\" or null: map single attributes by their names."
  }

  validation {
    condition     = length(compact(values(var.attribute_map))) == length(distinct(compact(values(var.attribute_map))))
    error_message = "Two names in attribute_map go to the same destination: give each its own, or null."
  }

  validation {
    condition     = alltrue([for source in local.identifiers : startswith(coalesce(lookup(var.attribute_map, source, null), "custom:"), "custom:")])
    error_message = "In attribute_map, sub and username can only go to custom:<name> or null."
  }

  # Such a flag would vouch for an address that the source pool never verified.
  validation {
    condition = alltrue([
      for source, destination in var.attribute_map :
      source == destination || !contains(["email_verified", "phone_number_verified"], coalesce(destination, "-"))
    ])
    error_message = "Nothing in attribute_map can go to email_verified or phone_number_verified but the attribute of the same name."
  }
}

variable "client_metadata" {
  description = "Which members of the app's ClientMetadata of a sign-in are handed to the source pool's triggers: none, * (all) or names, separated by commas. Every user of an app can send any member, and the function's call is signed: name only what a trigger needs."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition = contains(["none", "*"], var.client_metadata) || alltrue([
      for name in split(",", var.client_metadata) :
      can(regex("^[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]{1,128}$", name)) && !contains(["none", "*", "true", "false"], name)
    ])
    error_message = "client_metadata must be none, * or names of members with a comma between them and without blanks. It is no switch: true and false are refused."
  }
}

variable "copy_groups" {
  description = "Which of the source user's groups a migrated user joins, as far as the destination pool has them: none, * (all) or names, separated by commas. A group's name can be a privilege: name those that you mean. All but none needs migration_mark."
  type        = string
  default     = "none"
  nullable    = false

  # Terraform turns a bool into a text: true and false can be meant for a switch only.
  validation {
    condition = contains(["none", "*"], var.copy_groups) || alltrue([
      for name in split(",", var.copy_groups) :
      can(regex("^[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]{1,128}$", name)) && !contains(["none", "*", "true", "false"], name)
    ])
    error_message = "copy_groups must be none, * or names of groups with a comma between them and without blanks. It is no switch: true and false are refused."
  }
}

variable "dst_username" {
  description = "What becomes the username of a user who types an alias, in a pool with alias attributes: none, username (the source's) or sub (the source's). Leave none for a pool with username attributes."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "username", "sub"], var.dst_username)
    error_message = "dst_username must be none, username or sub."
  }
}

variable "force_alias_creation" {
  description = "Whether a user who migrates at a sign-in takes an e-mail address or phone number away from another user who has it as an alias. Only where every e-mail address and phone number that is copied is verified. A password reset takes nothing."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = <<-EOT
    ARN of a customer managed KMS key that encrypts the function's environment and its log group. The key's policy must let CloudWatch
    Logs (logs.REGION.amazonaws.com) encrypt with it; the function's role is allowed to decrypt its own environment.
  EOT
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex(local.key_arn, var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, such as arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-0000-4000-8000-00000000000f, not of an alias."
  }
}

variable "log_level" {
  description = "Log level of the function."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"], var.log_level)
    error_message = "log_level must be TRACE, DEBUG, INFO, WARN, ERROR or FATAL."
  }
}

variable "log_retention_days" {
  description = "How many days the log is kept; 0 keeps it for ever."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = contains(
      [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      var.log_retention_days,
    )
    error_message = "log_retention_days must be a retention that CloudWatch Logs offers: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653, or 0 for ever."
  }
}

variable "memory_size" {
  description = "Memory of the function in MB. Its share of a processor grows with it. 128 holds the function. By calculation, a sign-in that meets a running process waits at most 11 ms for it, and a start takes at most 70 ms more than with 256."
  type        = number
  default     = 128
  nullable    = false

  validation {
    condition     = var.memory_size >= 128 && var.memory_size <= 10240 && floor(var.memory_size) == var.memory_size
    error_message = "memory_size must be a whole number from 128 to 10240."
  }
}

variable "metrics" {
  description = "How the function's metrics reach CloudWatch: emf (in lines of the log, in the embedded metric format) or none."
  type        = string
  default     = "emf"
  nullable    = false

  validation {
    condition     = contains(["emf", "none"], var.metrics)
    error_message = "metrics must be emf or none."
  }
}

variable "migration_mark" {
  description = "Custom attribute of the destination pool in which a migration notes that post-migration steps are due at the first sign-in. Also set the function as post_authentication in the pool's lambda_config. No app client may be allowed to write the attribute."
  type        = string
  default     = null

  validation {
    condition     = var.migration_mark == null || can(regex(local.custom_attribute, var.migration_mark))
    error_message = "migration_mark must be custom:<name>."
  }

  validation {
    condition     = !contains(concat(values(var.attribute_map), keys(var.static_attributes)), coalesce(var.migration_mark, "-"))
    error_message = "migration_mark must be an attribute that attribute_map and static_attributes leave alone."
  }

  validation {
    condition     = var.migration_mark != null || (var.copy_groups == "none" && var.source_user == "keep")
    error_message = "copy_groups and source_user need migration_mark: set it too."
  }

  validation {
    condition     = var.migration_mark == null || var.copy_groups != "none" || var.source_user != "keep"
    error_message = "migration_mark has nothing to do: set copy_groups, or source_user = \"disable\", or leave it out."
  }
}

variable "name" {
  description = "Name of the function and of its role."
  type        = string
  default     = "cognito-user-migration"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name must have 1 to 64 letters, digits, hyphens or underscores."
  }
}

variable "on_forgot_password" {
  description = "Whether a password reset may migrate a user: migrate or ignore."
  type        = string
  default     = "migrate"
  nullable    = false

  validation {
    condition     = contains(["migrate", "ignore"], var.on_forgot_password)
    error_message = "on_forgot_password must be migrate or ignore."
  }
}

variable "on_mfa" {
  description = "What happens to a user with a second factor in the source pool: refuse; sms (carry SMS over and refuse the others); reset (migrate at a sign-in and have a new password chosen, refuse at a password reset); drop (the password alone decides)."
  type        = string
  default     = "refuse"
  nullable    = false

  validation {
    condition     = contains(["refuse", "sms", "reset", "drop"], var.on_mfa)
    error_message = "on_mfa must be refuse, sms, reset or drop."
  }
}

variable "on_reject" {
  description = "How a rejection is answered: echo (the event as received, as Cognito expects it) or error."
  type        = string
  default     = "echo"
  nullable    = false

  validation {
    condition     = contains(["echo", "error"], var.on_reject)
    error_message = "on_reject must be echo or error."
  }
}

variable "on_temporary_password" {
  description = "What happens to a user who signs in with a temporary password: refuse, or reset (migrate and have a new password chosen)."
  type        = string
  default     = "refuse"
  nullable    = false

  validation {
    condition     = contains(["refuse", "reset"], var.on_temporary_password)
    error_message = "on_temporary_password must be refuse or reset."
  }
}

variable "package_file" {
  description = "Path of the function's zip, such as a downloaded one of a release: then deploying needs no Rust. Without it: the one that `make package` leaves in the repository that this module is used from, by a path that begins with `./` or `../`."
  type        = string
  default     = null

  validation {
    condition     = !endswith(coalesce(var.package_file, "-"), var.architecture == "arm64" ? "-x86_64.zip" : "-arm64.zip")
    error_message = "By its name, package_file was built for another processor than architecture says: the function would not start (\"exec format error\"). Set architecture to the one that the zip was built for: x86_64 or arm64."
  }
}

variable "package_s3" {
  description = "The function's zip in S3, instead of package_file: no file is needed on the machine that runs Terraform. The bucket must be in the function's Region. The operator who applies needs s3:GetObject, with version also s3:GetObjectVersion. Without version Terraform does not notice a new zip under the same key: then give each release a key of its own."
  type = object({
    bucket  = string
    key     = string
    version = optional(string)
  })
  default = null

  validation {
    condition     = var.package_s3 == null || var.package_file == null
    error_message = "package_file and package_s3 both name the zip: set one of them."
  }

  validation {
    condition     = var.package_s3 == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.package_s3.bucket))
    error_message = "In package_s3, bucket must be the name of a bucket, such as my-artifacts, not its ARN or address."
  }

  validation {
    condition     = var.package_s3 == null || can(regex("^[^/].*$", var.package_s3.key))
    error_message = "In package_s3, key must be the zip's key in the bucket, without the bucket and without a slash at its beginning, such as v1.2.3/cognito-user-migration-x86_64.zip."
  }

  validation {
    condition     = try(length(var.package_s3.version) > 0, true)
    error_message = "In package_s3, version must be the id of a version of the object; leave it out in a bucket without versioning."
  }

  validation {
    condition     = !endswith(try(coalesce(var.package_s3.key), "-"), var.architecture == "arm64" ? "-x86_64.zip" : "-arm64.zip")
    error_message = "By its name, the zip of package_s3 was built for another processor than architecture says: the function would not start (\"exec format error\"). Set architecture to the one that the zip was built for: x86_64 or arm64."
  }
}

variable "password_policy" {
  description = <<-EOT
    The destination pool's password policy, in Cognito's own terms. A user whose password does not meet it is migrated and has
    to choose a new one. Without it every password is accepted. Cognito enforces no policy on migrated users.
  EOT
  type = object({
    minimumLength    = optional(number)
    requireLowercase = optional(bool)
    requireNumbers   = optional(bool)
    requireSymbols   = optional(bool)
    requireUppercase = optional(bool)
  })
  default = null

  # Terraform drops members that it does not know without a word. A policy of them alone is noticed here, others by the preflight.
  validation {
    condition     = try(anytrue([for value in values(var.password_policy) : value != null]), true)
    error_message = "password_policy must set minimumLength, requireLowercase, requireNumbers, requireSymbols or requireUppercase. Leave it out to accept every password."
  }

  validation {
    condition     = try(var.password_policy.minimumLength >= 6 && var.password_policy.minimumLength <= 99 && floor(var.password_policy.minimumLength) == var.password_policy.minimumLength, true)
    error_message = "In password_policy, minimumLength must be a whole number from 6 to 99, as in Cognito."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that is the permissions boundary of the function's role. It must allow what the outputs role_policy and finish_policy show."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary must be the ARN of a policy, such as arn:aws:iam::444455556666:policy/boundary."
  }
}

variable "preflight" {
  description = "Whether the function may read the settings of the source pool and of its app client, for a report on what would keep migrations from working."
  type        = bool
  default     = true
  nullable    = false
}

variable "provisioned_concurrency" {
  description = <<-EOT
    How many processes of the function Lambda keeps running, paid by the hour: no user waits for a start then. The function gets the
    alias "live", whose ARN is the output function_arn, and so the trigger. To set this, or to take it back, moves the trigger: for some
    seconds Cognito may not be allowed to call the function.
  EOT
  type        = number
  default     = null

  validation {
    condition     = var.provisioned_concurrency == null || try(var.provisioned_concurrency >= 1 && floor(var.provisioned_concurrency) == var.provisioned_concurrency, false)
    error_message = "provisioned_concurrency must be a whole number of 1 or more; leave it out for none."
  }

  validation {
    condition     = try(var.provisioned_concurrency <= var.reserved_concurrency, true)
    error_message = "provisioned_concurrency cannot be more than reserved_concurrency: raise that, or leave it out."
  }
}

variable "reserved_concurrency" {
  description = "How many invocations may run at once, at the cost of the account's other functions. Without it, the account's limit holds. A new account can have a limit of 10, and takes no reservation then. With migration_mark every sign-in to the destination pool needs one."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency, false)
    error_message = "reserved_concurrency must be a whole number of 1 or more. To switch the migration off, take the trigger off the user pool instead."
  }
}

variable "reset_contacts" {
  description = "By which verified contacts the destination pool recovers accounts: any of email and phone_number. A user who has to reset the password and has none of them is rejected."
  type        = set(string)
  default     = ["email", "phone_number"]
  nullable    = false

  validation {
    condition     = length(var.reset_contacts) > 0 && length(setsubtract(var.reset_contacts, ["email", "phone_number"])) == 0
    error_message = "reset_contacts must hold email, phone_number or both. For a pool that recovers no account by either, set on_forgot_password = \"ignore\"."
  }
}

variable "sign_up_guard" {
  description = "Whether the function may look in the source pool for those who sign up. Also set the function as pre_sign_up in the destination pool's lambda_config: it then rejects sign-ups under a name or address of a user who can still migrate."
  type        = bool
  default     = false
  nullable    = false
}

variable "source_user" {
  description = "What happens to the source user after the first sign-in to the destination pool: keep or disable. disable needs migration_mark. Leave keep until all apps use the destination pool."
  type        = string
  default     = "keep"
  nullable    = false

  validation {
    condition     = contains(["keep", "disable"], var.source_user)
    error_message = "source_user must be keep or disable."
  }
}

variable "src_auth_flow" {
  description = "How a password is tried in the source pool: ADMIN_USER_PASSWORD_AUTH (signed; ADMIN_NO_SRP_AUTH is its old name) or USER_PASSWORD_AUTH (unsigned). The source's app client must allow it."
  type        = string
  default     = "ADMIN_USER_PASSWORD_AUTH"
  nullable    = false

  validation {
    condition     = contains(["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH"], var.src_auth_flow)
    error_message = "src_auth_flow must be ADMIN_USER_PASSWORD_AUTH (or ADMIN_NO_SRP_AUTH, its old name) or USER_PASSWORD_AUTH."
  }
}

variable "src_client_id" {
  description = "Id of the app client of the source pool through which passwords are tried."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+]{1,128}$", var.src_client_id))
    error_message = "src_client_id must be an app client's id, such as 1h57kf5cpq17m0eml12EXAMPLE, not its name."
  }
}

variable "src_client_secret" {
  description = "Secret of that app client, if it has one. It is kept in the function's environment and in Terraform's state; src_client_secret_arn keeps it out of both."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.src_client_secret == null || can(regex("^\\S+$", var.src_client_secret))
    error_message = "src_client_secret must be the app client's secret as Cognito shows it; leave it out if the client has none."
  }
}

variable "src_client_secret_arn" {
  description = "ARN of a Secrets Manager secret whose value is that app client's secret, as plain text. The function reads it with its own role, which is allowed GetSecretValue on this secret alone."
  type        = string
  default     = null

  validation {
    condition     = var.src_client_secret_arn == null || can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$", var.src_client_secret_arn))
    error_message = "src_client_secret_arn must be the whole ARN of a secret, with the six characters that Secrets Manager added to its name, such as arn:aws:secretsmanager:eu-west-1:444455556666:secret:old-pool-Ab1Cd2. A policy takes no shorter one."
  }

  # A shortened ARN of such a name has the form of a whole one. Only words: six lower-case letters can be those of Secrets Manager.
  validation {
    condition     = !can(regex("(?i)-(client|legacy|secret|source)$", var.src_client_secret_arn))
    error_message = "src_client_secret_arn ends in a word. That is the end of the secret's name, and not the six characters that Secrets Manager added to it: copy the whole ARN. No rule sees every such mistake: give the secret a name that does not end in a hyphen and six letters or digits."
  }

  validation {
    condition     = var.src_client_secret_arn == null || var.src_client_secret == null
    error_message = "src_client_secret_arn and src_client_secret are the same secret: set one of them."
  }
}

variable "src_client_secret_key_arn" {
  description = "ARN of the customer managed KMS key that encrypts the secret of src_client_secret_arn: the function's role is allowed to decrypt that secret with it. Leave it out for the AWS managed key aws/secretsmanager, which needs no permission."
  type        = string
  default     = null

  validation {
    condition     = var.src_client_secret_key_arn == null || can(regex(local.key_arn, var.src_client_secret_key_arn))
    error_message = "src_client_secret_key_arn must be the ARN of a key, such as arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-0000-4000-8000-00000000000f, not of an alias."
  }

  validation {
    condition     = var.src_client_secret_key_arn == null || var.src_client_secret_arn != null
    error_message = "src_client_secret_key_arn belongs to a secret: set src_client_secret_arn too."
  }
}

variable "src_external_id" {
  description = "External id that the role src_role_arn asks for. Use a random one: an external id that others can guess protects nothing."
  type        = string
  default     = null

  validation {
    condition = var.src_external_id == null || (
      can(regex("^[A-Za-z0-9_+=,.@:/-]+$", var.src_external_id)) && try(length(var.src_external_id) >= 2 && length(var.src_external_id) <= 1224, false)
    )
    error_message = "src_external_id must have 2 to 1224 letters, digits or characters of _+=,.@:/-"
  }

  validation {
    condition     = var.src_external_id == null || var.src_role_arn != null
    error_message = "src_external_id belongs to a role: set src_role_arn too, or leave both out for a source pool in the same account."
  }
}

variable "src_lookup" {
  description = "By which attribute source users are found, where people sign in to the destination pool with another name: none, email, phone_number or preferred_username."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "email", "phone_number", "preferred_username"], var.src_lookup)
    error_message = "src_lookup must be none, email, phone_number or preferred_username."
  }
}

variable "src_profile" {
  description = "Where the profile of a sign-in comes from: after (a second call) or id_token (the ID token of the sign-in, which holds what the app client may read; not where the source pool has a pre token generation trigger)."
  type        = string
  default     = "after"
  nullable    = false

  validation {
    condition     = contains(["after", "id_token"], var.src_profile)
    error_message = "src_profile must be after or id_token."
  }
}

variable "src_region" {
  description = "Region of the source pool, if it is not the one that the pool's id begins with."
  type        = string
  default     = null

  validation {
    condition     = var.src_region == null || can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", var.src_region))
    error_message = "src_region must be the name of a Region, such as eu-west-1."
  }
}

variable "src_role_arn" {
  description = "ARN of the role to assume in the source pool's account, made with modules/source-access-role. Leave it out for a source pool in the same account."
  type        = string
  default     = null

  validation {
    condition     = var.src_role_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$", var.src_role_arn))
    error_message = "src_role_arn must be the ARN of a role, such as arn:aws:iam::111122223333:role/cognito-user-migration-source."
  }
}

variable "src_user_pool_id" {
  description = "Id of the source pool: the one that the users come from."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+_[A-Za-z0-9]+$", var.src_user_pool_id))
    error_message = "src_user_pool_id must be a user pool's id, such as eu-west-1_Ab1Cd2Ef3, not its name or ARN."
  }
}

variable "static_attributes" {
  description = "Attributes that every migrated user gets, whatever the source says."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for name in keys(var.static_attributes) :
      contains(local.standard_attributes, name) || can(regex(local.custom_attribute, name))
    ])
    error_message = "Each name in static_attributes must be a standard attribute or custom:<name>."
  }

  validation {
    # 2,048 bytes become 2,732 characters of base64, the last of them padding; with one byte more it is no padding.
    condition = alltrue([
      for value in [for value in values(var.static_attributes) : { text = value, base64 = base64encode(coalesce(value, "-")) }] :
      try(length(value.text) > 0, false) && (length(value.base64) < 2732 || (length(value.base64) == 2732 && endswith(value.base64, "=")))
    ])
    error_message = "Each value in static_attributes must have 1 to 2048 bytes: Cognito refuses others, and the user with them."
  }

  # The module cannot know that every user's address is verified.
  validation {
    condition = alltrue([
      for name, value in var.static_attributes : value == "false" if contains(["email_verified", "phone_number_verified"], name)
    ])
    error_message = "In static_attributes, email_verified and phone_number_verified can only be \"false\"."
  }
}

variable "tags" {
  description = "Tags of the function, its role and its log group."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "time_budget_ms" {
  description = "Milliseconds within which the function answers, whatever the source pool does. Cognito waits 5000."
  type        = number
  default     = 4500
  nullable    = false

  validation {
    condition     = var.time_budget_ms >= 100 && var.time_budget_ms <= 4900 && floor(var.time_budget_ms) == var.time_budget_ms
    error_message = "time_budget_ms must be a whole number from 100 to 4900."
  }
}

variable "tracing" {
  description = "Whether AWS X-Ray traces invocations. The role may then write traces."
  type        = bool
  default     = false
  nullable    = false
}

variable "unverified_contacts" {
  description = "Whether an e-mail address or phone number that the source pool has not verified is copied: copy or drop. drop keeps the name that was typed."
  type        = string
  default     = "copy"
  nullable    = false

  validation {
    condition     = contains(["copy", "drop"], var.unverified_contacts)
    error_message = "unverified_contacts must be copy or drop."
  }
}

variable "user_pool_arns" {
  description = "ARNs of the destination pools that may call the function, and in which it takes the post-migration steps if migration_mark is set; each under a name of your own."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.user_pool_arns) : can(regex("^[A-Za-z0-9_-]{1,80}$", name))])
    error_message = "Each name in user_pool_arns must have 1 to 80 letters, digits, hyphens or underscores."
  }

  validation {
    condition = alltrue([
      for arn in values(var.user_pool_arns) :
      can(regex("^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[a-z0-9-]+_[A-Za-z0-9]+$", arn))
    ])
    error_message = "Each value in user_pool_arns must be the ARN of a user pool, such as arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Ab1Cd2Ef3."
  }

  validation {
    condition     = length(var.user_pool_arns) > 0
    error_message = "user_pool_arns is empty, so nothing could call the function: name the destination pool, as in { new = aws_cognito_user_pool.new.arn }."
  }

  validation {
    condition     = length(distinct(values(var.user_pool_arns))) == length(var.user_pool_arns)
    error_message = "user_pool_arns has the same pool twice: name each pool once."
  }

  validation {
    condition     = alltrue([for arn in values(var.user_pool_arns) : !endswith(arn, "/${var.src_user_pool_id}")])
    error_message = "src_user_pool_id is also in user_pool_arns: no user can migrate from a pool to itself. Name the old pool in src_user_pool_id and the new one in user_pool_arns."
  }

  validation {
    condition     = alltrue([for arn in values(var.user_pool_arns) : try(split(":", arn)[3], "") == data.aws_service.lambda.region])
    error_message = "A pool in user_pool_arns is in another Region than the function, and Cognito calls functions of its own Region only: give the module a provider for the Region of the destination pool."
  }
}

variable "vpc_config" {
  description = <<-EOT
    Subnets and security groups, for a function in a VPC. Off unless set: the function needs nothing there, and must reach Cognito's API,
    with src_role_arn AWS STS, and with src_client_secret_arn Secrets Manager. So the subnets need a NAT gateway or interface endpoints;
    Cognito's endpoint serves no user pool that has a domain.
  EOT
  type = object({
    security_group_ids = set(string)
    subnet_ids         = set(string)
  })
  default = null

  validation {
    condition = try(alltrue([
      length(var.vpc_config.security_group_ids) > 0 && length(var.vpc_config.subnet_ids) > 0,
      alltrue([for id in var.vpc_config.security_group_ids : startswith(id, "sg-")]),
      alltrue([for id in var.vpc_config.subnet_ids : startswith(id, "subnet-")]),
    ]), var.vpc_config == null)
    error_message = "vpc_config needs the ids of subnets and security groups, at least one of each: { subnet_ids = [\"subnet-…\"], security_group_ids = [\"sg-…\"] }."
  }
}

variable "welcome_message" {
  description = "How a migrated user is told: any of email and sms. Empty: not at all."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setsubtract(var.welcome_message, ["email", "sms"])) == 0
    error_message = "welcome_message can hold email and sms, and nothing else; leave it empty for no message."
  }
}
