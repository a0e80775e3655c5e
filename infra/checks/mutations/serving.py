"""Functions, the API and the nesting of the stacks: what would run wrongly, stand open or not deploy."""

from .changing import put, removed, together

PROCESSOR = "event-processor.yaml/Resources/Function/Properties"
QUERY = "status-query.yaml/Resources/Function/Properties"
API = "api.yaml/Resources"
STAGE = f"{API}/Stage/Properties"
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
        ("a line that is not JSON", put(f"{STAGE}/AccessLogSettings/Format", "$context.requestId"), "api.yaml: Stage"),
        ("the path in it", put(f"{STAGE}/AccessLogSettings/Format", '{"path":"$context.path"}'), "api.yaml: Stage"),
    ],
    "every-route-asks-who-calls": [
        ("a route opened", put(f"{API}/LiveRoute/Properties/AuthorizationType", "NONE"), "api.yaml: LiveRoute"),
        ("a route that does not say",
         removed(f"{API}/OtherwiseRoute/Properties/AuthorizationType"), "api.yaml: OtherwiseRoute"),
        ("a token that nobody checks", removed(f"{API}/LiveRoute/Properties/AuthorizerId"), "api.yaml: LiveRoute"),
        ("an open route that is not one of the two",
         put(f"{API}/HealthRoute/Properties/RouteKey", "GET /v1/health"), "api.yaml: HealthRoute"),
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
        ("an output removed that the installation tells",
         removed("environment.yaml/Outputs/DashboardUrl"), "template.yaml: DashboardUrl"),
    ],
}
