//! What `!Ref` and `!GetAtt` give of a resource, for the types that the templates use. What only AWS
//! knows, such as the id of an API, becomes a placeholder in angle brackets that names the resource.

/// Where everything is deployed.
pub(crate) const REGION: &str = "eu-central-1";
/// Whose account it is.
pub(crate) const ACCOUNT: &str = "123456789012";

/// The property that names a resource of this type, where it is named by its template.
pub(crate) fn name_property(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::SNS::Topic" => "TopicName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::Serverless::Function" => "FunctionName",
        "AWS::Events::EventBus" => "Name",
        "AWS::Logs::LogGroup" => "LogGroupName",
        "AWS::CloudWatch::Alarm" => "AlarmName",
        "AWS::CloudWatch::Dashboard" => "DashboardName",
        "AWS::DynamoDB::Table" => "TableName",
        _ => return None,
    })
}

/// The attribute of the resource with this physical name; `Ref` is one, too.
pub(crate) fn attribute(kind: &str, name: &str, attribute: &str) -> Option<String> {
    let arn = |service: &str, rest: &str| Some(format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"));
    match (kind, attribute) {
        ("AWS::SNS::Topic", "Ref") => arn("sns", name),
        ("AWS::SQS::Queue", "Ref") => Some(format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}")),
        ("AWS::SQS::Queue", "Arn") => arn("sqs", name),
        ("AWS::Serverless::Function", "Version.Version") => Some("1".to_owned()),
        ("AWS::Serverless::Function", "Alias") => arn("lambda", &format!("function:{name}:live")),
        ("AWS::Events::EventBus", "Arn") => arn("events", &format!("event-bus/{name}")),
        ("AWS::Events::Rule", "Arn") => arn("events", &format!("rule/{name}")),
        ("AWS::Logs::LogGroup", "Arn") => arn("logs", &format!("log-group:{name}:*")),
        ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", &format!("table/{name}")),
        ("AWS::DynamoDB::Table", "StreamArn") => arn("dynamodb", &format!("table/{name}/stream/latest")),
        ("AWS::IAM::Role", "Arn") => Some(format!("arn:aws:iam::{ACCOUNT}:role/{name}")),
        ("AWS::S3::Bucket", "Arn") => Some(format!("arn:aws:s3:::{name}")),
        ("AWS::KMS::Key", "Arn") => arn("kms", &format!("key/{name}")),
        ("AWS::ApiGatewayV2::Api", "ApiEndpoint") => Some(format!("https://{name}.execute-api.{REGION}.amazonaws.com")),
        ("AWS::SQS::Queue", "QueueName")
        | ("AWS::SNS::Topic", "TopicName")
        | (
            "AWS::Serverless::Function"
            | "AWS::Events::EventBus"
            | "AWS::Events::Rule"
            | "AWS::Logs::LogGroup"
            | "AWS::CloudWatch::Alarm"
            | "AWS::CloudWatch::Dashboard"
            | "AWS::DynamoDB::Table"
            | "AWS::KMS::Key"
            | "AWS::S3::Bucket"
            | "AWS::ApiGatewayV2::Api"
            | "AWS::ApiGatewayV2::Authorizer"
            | "AWS::ApiGatewayV2::Integration",
            "Ref",
        ) => Some(name.to_owned()),
        _ => None,
    }
}
