//! One transaction over both tables, and what its cancellation says.

use aws::failure::is_busy;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use store::transaction::{Checked, Condition, Outcome, Transaction, Write};
use store::{Item, StoreError, TableNames};

use crate::error::failed;
use crate::read::key_attributes;

const OPERATION: &str = "TransactWriteItems";
/// How `DynamoDB` says that a condition does not hold, and that nothing is wrong with a write.
const FAILED: &str = "ConditionalCheckFailed";
const NONE: &str = "None";

/// Carries out a transaction.
pub(crate) async fn transact(
    client: &Client,
    names: &TableNames,
    transaction: Transaction,
) -> Result<Outcome, StoreError> {
    let writes = transaction.writes.into_iter().map(|write| request_of(names, write));
    let writes = writes.collect::<Result<_, _>>().map_err(|e| StoreError::unreadable(OPERATION, e))?;
    let answer = client
        .transact_write_items()
        .set_transact_items(Some(writes))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await;
    match answer {
        Ok(_) => Ok(Outcome::Committed),
        Err(SdkError::ServiceError(error)) if error.err().is_transaction_canceled_exception() => {
            match error.into_err() {
                TransactWriteItemsError::TransactionCanceledException(cancelled) => outcome_of(cancelled),
                other => Err(StoreError::unreadable(OPERATION, other)),
            }
        }
        Err(error) => Err(failed(OPERATION, error)),
    }
}

fn request_of(names: &TableNames, write: Write) -> Result<TransactWriteItem, BuildError> {
    Ok(match write {
        Write::Put { table, item, condition } => {
            let put = Put::builder().table_name(names.of(table)).set_item(Some(item.into()));
            let put = match condition {
                Condition::Anything => put,
                Condition::Nothing => put
                    .condition_expression("attribute_not_exists(pk)")
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld),
                Condition::Number(attribute, expected) => put
                    .condition_expression("#guard = :expected")
                    .expression_attribute_names("#guard", attribute)
                    .expression_attribute_values(":expected", AttributeValue::N(expected.to_string()))
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld),
            };
            TransactWriteItem::builder().put(put.build()?).build()
        }
        Write::Delete { table, key } => {
            let delete = Delete::builder().table_name(names.of(table)).set_key(Some(key_attributes(key)));
            TransactWriteItem::builder().delete(delete.build()?).build()
        }
    })
}

/// What a cancellation means.
fn outcome_of(cancelled: TransactionCanceledException) -> Result<Outcome, StoreError> {
    let reasons = cancelled.cancellation_reasons.unwrap_or_default();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or(NONE)).collect();
    if codes.iter().any(|code| !matches!(*code, NONE | FAILED) && !is_busy(code)) {
        return Err(StoreError { operation: OPERATION, busy: false, cause: format!("cancelled: {codes:?}") });
    }
    if !codes.contains(&FAILED) {
        let met = codes.iter().enumerate().filter(|(_, code)| **code != NONE);
        return Ok(Outcome::Contended(met.map(|(at, _)| at).collect()));
    }
    let checked = |reason: CancellationReason| match reason.code() {
        Some(FAILED) => Checked::Fails(reason.item.map(Item::from)),
        _ => Checked::Holds,
    };
    Ok(Outcome::Refused(reasons.into_iter().map(checked).collect()))
}
