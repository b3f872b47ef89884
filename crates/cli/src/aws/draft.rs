//! Reads a user pool for a draft: the settings that Terraform can write, and those that are only noted.

use aws_sdk_cognitoidentityprovider::{
    operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput,
    types::{
        AdvancedSecurityModeType, AuthFactorType, GroupType, LambdaConfigType, RecoveryOptionType,
        ResourceServerType, UserPoolPolicyType, UserPoolType,
    },
};
use insight::draft::{
    ClientBlueprint, Devices, DraftedPool, EmailMfa, EmailSettings, GroupBlueprint, Invitation,
    LeftBehind, Mfa, PasswordRules, PoolBlueprint, ResourceServer, SignUp, SmsSettings,
    VerificationMessages,
};
use rules::{
    checks::Answer,
    evidence::PoolMfa,
    pool::{AppClient, UserPoolDescription},
};

use pools::{describe, pages, retry};

use super::{
    calls,
    drafted_client::{drafted_client, names, set},
    pool::OperatorsPool,
    wait::retry_throttled,
};

/// The most identity providers and resource servers that Cognito gives in one page.
const PAGE: i32 = 50;

/// The second factors of a pool, and whether there are passkeys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Factors {
    /// An authenticator app can be one.
    pub(crate) software_token: bool,
    /// A text message can be one.
    pub(crate) sms: bool,
    /// An e-mail can be one.
    pub(crate) email: Option<EmailMfa>,
    /// Users can have passkeys.
    pub(crate) passkeys: bool,
}

impl OperatorsPool {
    /// The pool's settings, in the form that Terraform writes and as a description. They do not contain the second factors.
    pub(crate) async fn drafted(&self) -> Answer<(DraftedPool, UserPoolDescription)> {
        retry_throttled("DescribeUserPool", async || {
            let pool = &self.pool;
            let call = || {
                pool.client
                    .describe_user_pool()
                    .user_pool_id(&pool.id)
                    .send()
            };
            retry::call("DescribeUserPool", call, |answer| {
                let pool = answer.user_pool?;
                let description = describe::user_pool(pool.clone());
                Some((drafted(pool, &description), description))
            })
            .await
        })
        .await
    }

    /// The second factors of the pool.
    pub(crate) async fn factors(&self) -> Answer<Factors> {
        retry_throttled("GetUserPoolMfaConfig", async || {
            let pool = &self.pool;
            let call = || {
                pool.client
                    .get_user_pool_mfa_config()
                    .user_pool_id(&pool.id)
                    .send()
            };
            retry::call("GetUserPoolMfaConfig", call, |answer| Some(factors(answer))).await
        })
        .await
    }

    /// All app clients of the pool, in the form that is judged and in the form that Terraform writes.
    pub(crate) async fn drafted_clients(&self) -> Answer<Vec<(AppClient, ClientBlueprint)>> {
        let ids = pages::all(async |page| {
            self.list("ListUserPoolClients", async || {
                calls::app_client_ids(&self.pool, page.clone()).await
            })
            .await
        })
        .await?;
        let mut clients = vec![];
        for id in ids {
            let pool = &self.pool;
            let call = || {
                let call = pool.client.describe_user_pool_client();
                call.user_pool_id(&pool.id).client_id(&id).send()
            };
            let read = retry_throttled("DescribeUserPoolClient", async || {
                retry::call("DescribeUserPoolClient", call, |answer| {
                    let client = answer.user_pool_client?;
                    Some((describe::app_client(client.clone()), drafted_client(client)))
                })
                .await
            });
            clients.push(read.await?);
        }
        Ok(clients)
    }

    /// The groups of the pool.
    pub(crate) async fn drafted_groups(&self) -> Answer<Vec<GroupBlueprint>> {
        pages::all(async |page| {
            self.list("ListGroups", async || {
                let pool = &self.pool;
                let call = || {
                    let call = pool.client.list_groups().user_pool_id(&pool.id);
                    call.set_next_token(page.clone()).send()
                };
                retry::call("ListGroups", call, |answer| {
                    let groups = answer.groups.unwrap_or_default().into_iter();
                    let groups = groups.map(group).collect::<Option<_>>()?;
                    Some((groups, answer.next_token))
                })
                .await
            })
            .await
        })
        .await
    }

    /// The resource servers of the pool.
    pub(crate) async fn resource_servers(&self) -> Answer<Vec<ResourceServer>> {
        pages::all(async |page| {
            self.list("ListResourceServers", async || {
                let pool = &self.pool;
                let call = || {
                    let call = pool.client.list_resource_servers().user_pool_id(&pool.id);
                    call.max_results(PAGE).set_next_token(page.clone()).send()
                };
                retry::call("ListResourceServers", call, |answer| {
                    let servers = answer.resource_servers.into_iter();
                    let servers = servers.map(resource_server).collect::<Option<_>>()?;
                    Some((servers, answer.next_token))
                })
                .await
            })
            .await
        })
        .await
    }

    /// The names of the pool's identity providers.
    pub(crate) async fn identity_providers(&self) -> Answer<Vec<String>> {
        pages::all(async |page| {
            self.list("ListIdentityProviders", async || {
                let pool = &self.pool;
                let call = || {
                    let call = pool.client.list_identity_providers().user_pool_id(&pool.id);
                    call.max_results(PAGE).set_next_token(page.clone()).send()
                };
                retry::call("ListIdentityProviders", call, |answer| {
                    let providers = answer.providers.into_iter();
                    let names = providers.map(|provider| provider.provider_name);
                    Some((names.collect::<Option<_>>()?, answer.next_token))
                })
                .await
            })
            .await
        })
        .await
    }
}

fn drafted(pool: UserPoolType, description: &UserPoolDescription) -> DraftedPool {
    let unwritable = [
        ("KeyConfiguration", pool.key_configuration.is_some()),
        ("IssuerConfiguration", pool.issuer_configuration.is_some()),
        ("AcrConfiguration", pool.acr_configuration.is_some()),
        (
            "EumsSms",
            pool.sms_configuration
                .as_ref()
                .is_some_and(|sms| sms.eums_sms.is_some()),
        ),
    ];
    let left_behind = LeftBehind {
        triggers: pool
            .lambda_config
            .as_ref()
            .map(triggers)
            .unwrap_or_default(),
        domain: set(pool.domain),
        custom_domain: set(pool.custom_domain),
        threat_protection: pool
            .user_pool_add_ons
            .map(|add_ons| add_ons.advanced_security_mode)
            .filter(|mode| *mode != AdvancedSecurityModeType::Off)
            .map(|mode| mode.as_str().to_owned()),
        tags: names(
            pool.user_pool_tags.map(|tags| tags.into_keys().collect()),
            String::as_str,
        ),
        unwritable: unwritable
            .into_iter()
            .filter_map(|(member, is_set)| is_set.then_some(member))
            .collect(),
        identity_providers: None,
        passkeys: false,
    };
    let blueprint = PoolBlueprint {
        name: pool.name.unwrap_or_default(),
        schema: description.schema.clone(),
        alias_attributes: description.alias_attributes.clone(),
        username_attributes: description.username_attributes.clone(),
        case_sensitive: description.case_sensitive,
        passwords: pool
            .policies
            .as_ref()
            .map(|policies| password_rules(policies, description))
            .unwrap_or_default(),
        first_factors: names(
            pool.policies
                .and_then(|policies| policies.sign_in_policy)
                .and_then(|policy| policy.allowed_first_auth_factors),
            AuthFactorType::as_str,
        ),
        recovery: {
            let setting = pool.account_recovery_setting;
            let ways = setting.and_then(|setting| setting.recovery_mechanisms);
            best_first(&ways.unwrap_or_default(), description)
        },
        auto_verified: names(pool.auto_verified_attributes, |name| name.as_str()),
        verified_before_update: description.verified_before_update.clone(),
        mfa: Mfa {
            demanded: description.mfa,
            software_token: false,
            sms: false,
            sms_message: set(pool.sms_authentication_message)
                .filter(|_| description.mfa != PoolMfa::Off),
            email: None,
        },
        email: pool.email_configuration.map(|email| EmailSettings {
            account: email
                .email_sending_account
                .map(|account| account.as_str().to_owned()),
            source_arn: set(email.source_arn),
            from: set(email.from),
            reply_to: set(email.reply_to_email_address),
            configuration_set: set(email.configuration_set),
        }),
        sms: pool
            .sms_configuration
            .filter(|sms| !sms.sns_caller_arn.is_empty())
            .map(|sms| SmsSettings {
                caller_arn: sms.sns_caller_arn,
                external_id: set(sms.external_id),
                region: set(sms.sns_region),
            }),
        sign_up: pool
            .admin_create_user_config
            .map(|config| SignUp {
                only_by_admins: config.allow_admin_create_user_only,
                invitation: config.invite_message_template.map(|template| Invitation {
                    email_message: set(template.email_message),
                    email_subject: set(template.email_subject),
                    sms_message: set(template.sms_message),
                }),
            })
            .unwrap_or_default(),
        verification: pool
            .verification_message_template
            .map(|template| VerificationMessages {
                email_option: template
                    .default_email_option
                    .map(|option| option.as_str().to_owned()),
                email_message: set(template.email_message),
                email_subject: set(template.email_subject),
                email_message_by_link: set(template.email_message_by_link),
                email_subject_by_link: set(template.email_subject_by_link),
                sms_message: set(template.sms_message),
            }),
        devices: pool.device_configuration.map(|devices| Devices {
            challenge_new: devices.challenge_required_on_new_device,
            only_on_prompt: devices.device_only_remembered_on_user_prompt,
        }),
        tier: pool.user_pool_tier.map(|tier| tier.as_str().to_owned()),
    };
    DraftedPool {
        blueprint,
        left_behind,
    }
}

fn password_rules(
    policies: &UserPoolPolicyType,
    description: &UserPoolDescription,
) -> PasswordRules {
    let policy = policies.password_policy.as_ref();
    PasswordRules {
        policy: description.passwords,
        history: policy
            .and_then(|policy| policy.password_history_size)
            .filter(|size| *size > 0),
        temporary_days: policy
            .map(|policy| policy.temporary_password_validity_days)
            .filter(|days| *days > 0),
    }
}

/// The recovery options, by their priority.
fn best_first(
    ways: &[RecoveryOptionType],
    description: &UserPoolDescription,
) -> Vec<rules::pool::Recovery> {
    let mut ways: Vec<_> = ways.iter().zip(&description.recovery).collect();
    ways.sort_by_key(|(way, _)| way.priority);
    ways.into_iter().map(|(_, way)| *way).collect()
}

fn triggers(lambdas: &LambdaConfigType) -> Vec<String> {
    let is_set = |arn: &Option<String>| arn.as_ref().is_some_and(|arn| !arn.is_empty());
    let all = [
        ("PreSignUp", is_set(&lambdas.pre_sign_up)),
        ("CustomMessage", is_set(&lambdas.custom_message)),
        ("PostConfirmation", is_set(&lambdas.post_confirmation)),
        ("PreAuthentication", is_set(&lambdas.pre_authentication)),
        ("PostAuthentication", is_set(&lambdas.post_authentication)),
        (
            "DefineAuthChallenge",
            is_set(&lambdas.define_auth_challenge),
        ),
        (
            "CreateAuthChallenge",
            is_set(&lambdas.create_auth_challenge),
        ),
        (
            "VerifyAuthChallengeResponse",
            is_set(&lambdas.verify_auth_challenge_response),
        ),
        (
            "PreTokenGeneration",
            is_set(&lambdas.pre_token_generation) || lambdas.pre_token_generation_config.is_some(),
        ),
        ("UserMigration", is_set(&lambdas.user_migration)),
        ("CustomSMSSender", lambdas.custom_sms_sender.is_some()),
        ("CustomEmailSender", lambdas.custom_email_sender.is_some()),
        ("InboundFederation", lambdas.inbound_federation.is_some()),
    ];
    let all = all.into_iter().filter(|(_, is_set)| *is_set);
    all.map(|(name, _)| name.to_owned()).collect()
}

fn factors(answer: GetUserPoolMfaConfigOutput) -> Factors {
    Factors {
        software_token: answer
            .software_token_mfa_configuration
            .is_some_and(|it| it.enabled),
        sms: answer
            .sms_mfa_configuration
            .is_some_and(|it| it.sms_configuration.is_some()),
        email: answer.email_mfa_configuration.map(|email| EmailMfa {
            message: set(email.message),
            subject: set(email.subject),
        }),
        passkeys: answer.web_authn_configuration.is_some(),
    }
}

fn group(group: GroupType) -> Option<GroupBlueprint> {
    Some(GroupBlueprint {
        name: group.group_name?,
        description: set(group.description),
        precedence: group.precedence,
        role_arn: set(group.role_arn),
    })
}

fn resource_server(server: ResourceServerType) -> Option<ResourceServer> {
    let scopes = server.scopes.unwrap_or_default().into_iter();
    Some(ResourceServer {
        identifier: server.identifier?,
        name: server.name?,
        scopes: scopes
            .map(|scope| (scope.scope_name, scope.scope_description))
            .collect(),
    })
}
