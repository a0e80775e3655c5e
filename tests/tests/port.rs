//! The adapter to DynamoDB keeps what the store's port promises, against the embedded DynamoDB.

use store::contract;
use tests::embedded::Embedded;

#[tokio::test]
async fn what_is_written_is_read_as_it_was() {
    contract::items::all(&Embedded::start(None).await.unwrap().store()).await;
}

#[tokio::test]
async fn a_transaction_takes_effect_whole_or_not_at_all() {
    contract::transactions::all(&Embedded::start(None).await.unwrap().store()).await;
}

#[tokio::test]
async fn a_partition_is_read_in_order_in_both_directions_and_in_pages() {
    contract::queries::all(&Embedded::start(None).await.unwrap().store()).await;
}

#[tokio::test]
async fn an_index_follows_its_table() {
    contract::indexes::all(&Embedded::start(None).await.unwrap().store()).await;
}
