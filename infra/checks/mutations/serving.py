"""Functions, the API and the nesting of the stacks: what would run wrongly, stand open or not deploy."""

from .changing import added, put, removed, together

PROCESSOR = "event-processor.yaml/Resources/Function/Properties"
VARIABLES = f"{PROCESSOR}/Environment/Variables"
QUERY = "status-query.yaml/Resources/Function/Properties"
API = "api.yaml/Resources"
STAGE = f"{API}/Stage/Properties"
FORMAT = f"{STAGE}/AccessLogSettings/Format"
LIMITS = {"ThrottlingRateLimit": 10, "ThrottlingBurstLimit": 20}
CLASSES = "template.yaml/Mappings/Class"
PASSED = "template.yaml/Resources/EventProcessor/Properties/Parameters"

SECOND_FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "LoggingConfig": {"LogGroup": {"Ref": "LogGroup"}},
        "Code": {"S3Bucket": "bucket", "S3Key": "function.zip"},
    },
}


def no_alias(function):
    """SAM refuses to roll out gradually without one."""
    return together(removed(f"{function}/AutoPublishAlias"), removed(f"{function}/DeploymentPreference"))


# By the check that must notice: what is done, how, and how the complaint begins.
MUTATIONS = {
    "every-function-has-a-role-of-its-own": [
        ("a role shared between functions",
         put("event-processor.yaml/Resources/Second", SECOND_FUNCTION), "event-processor.yaml: Second"),
        ("a role from elsewhere",
         put(f"{QUERY}/Role", "arn:aws:iam::123456789012:role/admin"), "status-query.yaml: Function"),
    ],
    "every-function-has-a-log-group-of-its-own": [
        ("a log group shared between functions",
         put("event-processor.yaml/Resources/Second", SECOND_FUNCTION), "event-processor.yaml: Second"),
        ("a log group left to Lambda", removed(f"{PROCESSOR}/LoggingConfig"), "event-processor.yaml: Function"),
    ],
    "every-log-group-ends": [
        ("retention of a function's log removed",
         removed("status-query.yaml/Resources/LogGroup/Properties/RetentionInDays"), "status-query.yaml: LogGroup"),
        ("retention of the access log removed",
         removed(f"{API}/AccessLog/Properties/RetentionInDays"), "api.yaml: AccessLog"),
    ],
    "every-function-is-published-behind-an-alias": [
        ("no alias", no_alias(QUERY), "status-query.yaml: Function"),
    ],
    "every-invoker-goes-to-the-alias": [
        ("the function itself is what others are given to invoke",
         put("event-processor.yaml/Outputs/FunctionAliasArn/Value", {"Fn::GetAtt": ["Function", "Arn"]}),
         "api.yaml: EventProcessorIntegration"),
        ("the API may invoke the function itself only",
         put(f"{API}/StatusQueryPermission/Properties/FunctionName", {"Fn::Sub": "${System}-status-query"}),
         "api.yaml: StatusQueryPermission"),
        ("no alias, so queue, stream and schedule go to the function",
         no_alias(PROCESSOR), "event-processor.yaml: FunctionQueue"),
    ],
    "every-function-runs-on-arm-by-default": [
        ("x86 by default",
         put("template.yaml/Parameters/Architecture/Default", "x86_64"), "template.yaml: Architecture"),
        ("x86 in spite of the parameter",
         put(f"{PROCESSOR}/Architectures", ["x86_64"]), "event-processor.yaml: Function"),
    ],
    "no-variable-holds-a-secret": [
        ("the text of a secret instead of its name",
         put(f"{VARIABLES}/WEBHOOK_SECRET_ID", {"Fn::Sub": "{{resolve:secretsmanager:${WebhookSecretName}}}"}),
         "event-processor.yaml: Function"),
        ("a part of a secret, where there is one",
         put(f"{VARIABLES}/WEBHOOK_SECRET_ID",
             {"Fn::If": ["TakesWebhooks", "{{resolve:secretsmanager:webhooks:SecretString:github}}", ""]}),
         "event-processor.yaml: Function"),
        ("an encrypted parameter",
         put(f"{VARIABLES}/NOTIFY", {"Fn::Sub": "{{resolve:ssm-secure:${Notify}}}"}),
         "event-processor.yaml: Function"),
        ("the text of a secret in the other function",
         put(f"{QUERY}/Environment/Variables/JWT_SUBJECTS", "{{resolve:secretsmanager:subjects}}"),
         "status-query.yaml: Function"),
        ("a secret that a parameter brings",
         put("template.yaml/Resources/EventProcessor/Properties/Parameters/WebhookSecretName",
             {"Fn::Sub": "{{resolve:secretsmanager:${WebhookSecretName}}}"}), "template.yaml: EventProcessor"),
    ],
    "every-function-runs-on-the-bare-runtime": [
        ("an older runtime", put(f"{PROCESSOR}/Runtime", "provided.al2"), "event-processor.yaml: Function"),
    ],
    "every-function-is-traced": [
        ("tracing off", put(f"{QUERY}/Tracing", "PassThrough"), "status-query.yaml: Function"),
    ],
    "every-permission-names-its-source": [
        ("any API may invoke",
         removed(f"{API}/StatusQueryPermission/Properties/SourceArn"), "api.yaml: StatusQueryPermission"),
    ],
    "every-stage-is-throttled": [
        ("throttling removed", removed(f"{STAGE}/DefaultRouteSettings"), "api.yaml: Stage"),
        ("no limit of bursts", removed(f"{STAGE}/DefaultRouteSettings/ThrottlingBurstLimit"), "api.yaml: Stage"),
    ],
    "every-stage-logs-access": [
        ("access log removed", removed(f"{STAGE}/AccessLogSettings"), "api.yaml: Stage"),
    ],
    "access-logs-are-json": [
        ("a line that is not JSON", put(FORMAT, "$context.requestId"), "api.yaml: Stage"),
        ("a number that may be missing", put(FORMAT, '{"latencyMs":$context.responseLatency}'), "api.yaml: Stage"),
        ("quotation marks around what has its own",
         put(FORMAT, '{"error":"$context.error.messageString"}'), "api.yaml: Stage"),
    ],
    "access-logs-hold-no-text-of-callers": [
        ("the path in it", put(FORMAT, '{"path":"$context.path"}'), "api.yaml: Stage"),
        ("the path within a value", put(FORMAT, '{"request":"$context.routeKey $context.path."}'), "api.yaml: Stage"),
        ("the user agent in it", put(FORMAT, '{"agent":"$context.identity.userAgent"}'), "api.yaml: Stage"),
        ("the protocol in it", put(FORMAT, '{"protocol":"$context.protocol"}'), "api.yaml: Stage"),
    ],
    "every-open-route-has-a-limit-of-its-own": [
        ("no limits for open routes", removed(f"{STAGE}/RouteSettings"), "api.yaml: HealthRoute"),
        ("a limit for one of the open routes",
         put(f"{STAGE}/RouteSettings", {"GET /healthz": LIMITS}), "api.yaml: GitHubWebhookRoute"),
        ("a limit for the webhooks of one tool",
         put(f"{STAGE}/RouteSettings", {"GET /healthz": LIMITS, "POST /v1/webhooks/github": LIMITS}),
         "api.yaml: GitLabWebhookRoute"),
        ("a limit of half", put(f"{STAGE}/RouteSettings", {"GET /healthz": {"ThrottlingRateLimit": 10}}),
         "api.yaml: HealthRoute"),
        ("a route opened",
         put(f"{API}/LiveRoute/Properties/AuthorizationType", {"Fn::If": ["ByToken", "JWT", "NONE"]}),
         "api.yaml: LiveRoute"),
    ],
    "every-limit-of-a-route-comes-after-it": [
        ("the stage no longer waits for its routes", removed(f"{API}/Stage/DependsOn"), "api.yaml: Stage"),
        ("the stage no longer waits for one of them", removed(f"{API}/Stage/DependsOn/3"), "api.yaml: Stage"),
        ("a limit of a route that is not there",
         put(f"{STAGE}/RouteSettings", {"GET /health": LIMITS}), "api.yaml: Stage"),
    ],
    "every-name-that-regions-share-has-the-region": [
        ("a dashboard's name without the region",
         put("environment.yaml/Resources/Dashboard/Properties/DashboardName", {"Fn::Sub": "${System}-${Environment}"}),
         "environment.yaml: Dashboard"),
        ("a channel's name without the region",
         put("notifications.yaml/Resources/SlackChannel/Properties/ConfigurationName", {"Ref": "System"}),
         "notifications.yaml: SlackChannel"),
    ],
    "every-text-in-a-dashboard-is-limited": [
        ("any system", removed("environment.yaml/Parameters/System/AllowedPattern"), "environment.yaml: System"),
        ("any namespace",
         removed("environment.yaml/Parameters/MetricsNamespace/AllowedPattern"), "environment.yaml: MetricsNamespace"),
        ("a pattern that lets quotation marks through",
         put("environment.yaml/Parameters/Environment/AllowedPattern", ".+"), "environment.yaml: Environment"),
        ("a dashboard in a template that gets what the root does not limit",
         together(
             put("api.yaml/Resources/Dashboard", {
                 "Type": "AWS::CloudWatch::Dashboard",
                 "Properties": {"DashboardBody": {"Fn::Sub": '{"widgets": ["${JwtAudience}"]}'}},
             }),
             removed("environment.yaml/Resources/Dashboard"),
         ), "api.yaml: JwtAudience"),
    ],
    "every-class-has-every-key": [
        ("a key of one class removed", removed(f"{CLASSES}/staging/DashboardRange"), "template.yaml: staging"),
        ("a class removed", removed(f"{CLASSES}/production"), "template.yaml: production"),
        ("a key read that no class has",
         put(f"{PASSED}/LogLevel", {"Fn::FindInMap": ["Class", {"Ref": "EnvironmentClass"}, "Level"]}),
         "template.yaml: development"),
    ],
    "production-rolls-out-gradually": [
        ("production does not",
         put(f"{CLASSES}/production/GradualDeployment", "false"), "template.yaml: production"),
        ("a function without gradual deployment",
         put(f"{PASSED}/GradualDeployment", "false"), "template.yaml: EventProcessor"),
        ("a function that does not get the parameter", removed(f"{PASSED}/GradualDeployment"), "template.yaml: EventProcessor"),
        ("a function that ignores the parameter",
         removed(f"{QUERY}/DeploymentPreference"), "status-query.yaml: Function"),
        ("gradually, in one step",
         put(f"{PROCESSOR}/DeploymentPreference/Type", "AllAtOnce"), "event-processor.yaml: Function"),
    ],
    "every-rollout-is-watched-by-alarms-on-its-version": [
        ("no alarm", removed(f"{QUERY}/DeploymentPreference/Alarms"), "status-query.yaml: FunctionDeploymentGroup"),
        ("the alarm on the whole function instead",
         put(f"{QUERY}/DeploymentPreference/Alarms", [{"Ref": "ErrorsAlarm"}]),
         "status-query.yaml: FunctionDeploymentGroup"),
        ("the alarm on the whole function too",
         added(f"{PROCESSOR}/DeploymentPreference/Alarms", {"Ref": "ThrottlesAlarm"}),
         "event-processor.yaml: FunctionDeploymentGroup"),
        ("the two alarms confused",
         put(f"{PROCESSOR}/DeploymentPreference/Alarms",
             [{"Fn::If": ["Gradual", {"Ref": "ErrorsAlarm"}, {"Ref": "RolloutAlarm"}]}]),
         "event-processor.yaml: FunctionDeploymentGroup"),
        ("the rollout's alarm looks at all versions",
         removed("event-processor.yaml/Resources/RolloutAlarm/Properties/Dimensions/2"),
         "event-processor.yaml: FunctionDeploymentGroup"),
        ("the rollout's alarm looks at the other function",
         put("status-query.yaml/Resources/RolloutAlarm/Properties/Dimensions/0/Value",
             {"Fn::Sub": "${System}-event-processor"}), "status-query.yaml: FunctionDeploymentGroup"),
        ("the rollout's alarm waits for an hour",
         put("status-query.yaml/Resources/RolloutAlarm/Properties/EvaluationPeriods", 60),
         "status-query.yaml: FunctionDeploymentGroup"),
    ],
    "every-route-has-authentication": [
        ("a route opened", put(f"{API}/LiveRoute/Properties/AuthorizationType", "NONE"), "api.yaml: LiveRoute"),
        ("a route without authentication",
         removed(f"{API}/OtherwiseRoute/Properties/AuthorizationType"), "api.yaml: OtherwiseRoute"),
        ("a token that is not checked", removed(f"{API}/LiveRoute/Properties/AuthorizerId"), "api.yaml: LiveRoute"),
        ("a webhook of a tool that is not known",
         put(f"{API}/ArgoCdWebhookRoute/Properties/RouteKey", "POST /v1/webhooks/any"), "api.yaml: ArgoCdWebhookRoute"),
        ("an open route that is not one of ours",
         put(f"{API}/HealthRoute/Properties/RouteKey", "GET /v1/health"), "api.yaml: HealthRoute"),
    ],
    "every-page-is-open-where-people-log-in-only": [
        ("a page opened", put(f"{API}/MatrixPageRoute/Properties/AuthorizationType", "NONE"), "api.yaml: MatrixPageRoute"),
        ("a page opened where nobody logs in",
         put(f"{API}/MatrixPageRoute/Properties/AuthorizationType", {"Fn::If": ["ByToken", "JWT", "NONE"]}),
         "api.yaml: MatrixPageRoute"),
        ("a page without an authorizer for tokens",
         removed(f"{API}/RootRoute/Properties/AuthorizerId"), "api.yaml: RootRoute"),
    ],
    "every-template-is-nested": [
        ("a stack removed", removed("template.yaml/Resources/Health"), "health.yaml"),
        ("a stack of a template that is not there",
         put("template.yaml/Resources/Health/Properties/TemplateURL", "helth.yaml"), "template.yaml: Health"),
    ],
    "every-passed-parameter-is-declared": [
        ("a parameter renamed below",
         removed("event-processor.yaml/Parameters/QueueArn"), "template.yaml: EventProcessor"),
    ],
    "every-required-parameter-is-passed": [
        ("a parameter no longer passed", removed(f"{PASSED}/TopicKeyArn"), "template.yaml: EventProcessor"),
    ],
    "every-output-that-is-read-exists": [
        ("an output removed that a stack reads",
         removed("storage.yaml/Outputs/HistoryStreamArn"), "template.yaml: EventProcessor"),
        ("an output removed that the installation publishes",
         removed("environment.yaml/Outputs/DashboardUrl"), "template.yaml: DashboardUrl"),
    ],
}
