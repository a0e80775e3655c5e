//! The whole system in one process, on an embedded DynamoDB.
