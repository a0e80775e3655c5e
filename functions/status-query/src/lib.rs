//! The Lambda function that answers questions; it writes nothing.
