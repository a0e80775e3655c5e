//! The adapters to AWS: DynamoDB tables, CloudWatch metrics, SNS notifications, API Gateway requests, settings and logs.
