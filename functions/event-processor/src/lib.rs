//! The Lambda function that records events, and publishes what was recorded.
