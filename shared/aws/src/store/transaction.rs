//! One transaction over both tables, and what its cancellation says.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    Delete, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};

use super::Store;
use super::items::{Item, KeyItem, to_item};
use crate::StoreError;
use crate::error::is_busy;

/// The writes of one transaction, in order.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    writes: Vec<TransactWriteItem>,
}

/// Whether a transaction took effect.
#[derive(Debug)]
pub(super) enum Committed {
    /// It did.
    Yes,
    /// It did not: for each write the item that failed its condition, where there was one.
    No(Vec<Refused>),
    /// It did not, and trying again may help: other transactions were at the same items.
    Contended(String),
}

/// What became of one write of a cancelled transaction.
#[derive(Debug)]
pub(super) enum Refused {
    /// Its condition held.
    No,
    /// Its condition failed against this item; none when there is no such item.
    By(Option<Item>),
}

const OPERATION: &str = "TransactWriteItems";

impl Transaction {
    pub(super) fn len(&self) -> usize {
        self.writes.len()
    }

    /// Writes `item`, whatever stands there.
    pub(super) fn put(&mut self, table: &str, item: Item) -> Result<(), StoreError> {
        self.push_put(Put::builder().table_name(table).set_item(Some(item)))
    }

    /// Writes `item` where nothing stands.
    pub(super) fn put_new(&mut self, table: &str, item: Item) -> Result<(), StoreError> {
        self.push_put(
            Put::builder()
                .table_name(table)
                .set_item(Some(item))
                .condition_expression("attribute_not_exists(pk)")
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld),
        )
    }

    /// Writes `item` where the number `attribute` is still `expected`, or where nothing stands when
    /// none is expected.
    pub(super) fn put_next(
        &mut self,
        table: &str,
        item: Item,
        attribute: &str,
        expected: Option<u64>,
    ) -> Result<(), StoreError> {
        let Some(expected) = expected else { return self.put_new(table, item) };
        self.push_put(
            Put::builder()
                .table_name(table)
                .set_item(Some(item))
                .condition_expression("#guard = :expected")
                .expression_attribute_names("#guard", attribute)
                .expression_attribute_values(
                    ":expected",
                    aws_sdk_dynamodb::types::AttributeValue::N(expected.to_string()),
                )
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld),
        )
    }

    pub(super) fn delete(&mut self, table: &str, key: &KeyItem) -> Result<(), StoreError> {
        let delete = Delete::builder().table_name(table).set_key(Some(to_item(key)?)).build();
        let delete = delete.map_err(|e| StoreError::unreadable(OPERATION, e))?;
        self.writes.push(TransactWriteItem::builder().delete(delete).build());
        Ok(())
    }

    fn push_put(&mut self, put: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<(), StoreError> {
        let put = put.build().map_err(|e| StoreError::unreadable(OPERATION, e))?;
        self.writes.push(TransactWriteItem::builder().put(put).build());
        Ok(())
    }
}

impl Store {
    /// Carries out a transaction.
    pub(super) async fn transact(&self, transaction: Transaction) -> Result<Committed, StoreError> {
        let answer = self
            .client
            .transact_write_items()
            .set_transact_items(Some(transaction.writes))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Committed::Yes),
            Err(error) => cancelled(error),
        }
    }
}

fn cancelled<R: std::fmt::Debug + 'static>(
    error: SdkError<TransactWriteItemsError, R>,
) -> Result<Committed, StoreError> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return Err(StoreError::call(OPERATION, error));
    };
    let reasons = cancelled.cancellation_reasons();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code().unwrap_or("None")).collect();
    if codes.iter().any(|code| !matches!(*code, "None" | "ConditionalCheckFailed") && !is_busy(code)) {
        return Err(StoreError { operation: OPERATION, busy: false, cause: format!("cancelled: {codes:?}") });
    }
    if !codes.contains(&"ConditionalCheckFailed") {
        return Ok(Committed::Contended(codes.join(", ")));
    }
    let refused = reasons.iter().map(|reason| match reason.code() {
        Some("ConditionalCheckFailed") => Refused::By(reason.item().cloned()),
        _ => Refused::No,
    });
    Ok(Committed::No(refused.collect()))
}
