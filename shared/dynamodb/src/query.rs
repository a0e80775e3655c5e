//! A question to a table, as `DynamoDB` takes it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{self, AttributeValue, ReturnConsumedCapacity};
use store::query::{Direction, Page, Query, Range, Select};
use store::{Item, StoreError};

use crate::error::failed;

/// One page of the answer.
pub(crate) async fn page(client: &Client, table: &str, query: &Query) -> Result<Page, StoreError> {
    let request = client.query().table_name(table).return_consumed_capacity(ReturnConsumedCapacity::Total);
    let answer = request_of(request, query).send().await.map_err(|error| failed("Query", error))?;
    Ok(Page {
        items: answer.items.into_iter().flatten().map(Item::from).collect(),
        count: usize::try_from(answer.count).unwrap_or(0),
        next: answer.last_evaluated_key.map(Item::from),
    })
}

fn request_of(request: QueryFluentBuilder, query: &Query) -> QueryFluentBuilder {
    let [partition, sort] = query.index.map_or(query.table.definition().keys, |index| index.keys);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let request = request
        .set_index_name(query.index.map(|index| index.name.to_owned()))
        .expression_attribute_names("#pk", partition.name)
        .expression_attribute_values(":pk", text(&query.partition));
    let request = match &query.range {
        Range::All => request.key_condition_expression("#pk = :pk"),
        Range::Prefix(prefix) => request
            .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
            .expression_attribute_names("#sk", sort.name)
            .expression_attribute_values(":prefix", text(prefix)),
        Range::Between(from, to) => request
            .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
            .expression_attribute_names("#sk", sort.name)
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to)),
    };
    let request = match query.select {
        Select::Items => request,
        Select::Attribute(name) => {
            request.projection_expression("#selected").expression_attribute_names("#selected", name)
        }
        Select::Count => request.select(types::Select::Count),
    };
    request
        .scan_index_forward(query.direction == Direction::Ascending)
        .set_consistent_read(query.consistent.then_some(true))
        .set_limit(query.limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
        .set_exclusive_start_key(query.start.clone().map(Into::into))
}
