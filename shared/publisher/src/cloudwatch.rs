//! `CloudWatch`: one PutMetricData for a batch. It is billed by the call, so values are gathered by
//! metric, dimensions and minute, each distinct value with its count.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use domain::follows::metrics::{Datum, Unit};

use crate::error::PublishError;

/// The service's limits: metrics in a call, distinct values in a metric.
const METRICS_PER_CALL: usize = 1000;
const VALUES_PER_METRIC: usize = 150;

/// Sends values under this namespace.
pub(crate) async fn put(client: &Client, namespace: &str, data: &[Datum]) -> Result<(), PublishError> {
    let data: Vec<MetricDatum> = data.iter().flat_map(metric_data).collect();
    for data in data.chunks(METRICS_PER_CALL) {
        client
            .put_metric_data()
            .namespace(namespace)
            .set_metric_data(Some(data.to_vec()))
            .send()
            .await
            .map_err(|error| PublishError::failed("PutMetricData", &error))?;
    }
    Ok(())
}

fn metric_data(datum: &Datum) -> impl Iterator<Item = MetricDatum> {
    let dimensions: Vec<Dimension> = datum
        .dimensions
        .named()
        .into_iter()
        .map(|(name, value)| Dimension::builder().name(name).value(value).build())
        .collect();
    let unit = match datum.metric.unit() {
        Unit::Count => StandardUnit::Count,
        Unit::Seconds => StandardUnit::Seconds,
        Unit::Percent => StandardUnit::Percent,
    };
    datum.values.chunks(VALUES_PER_METRIC).map(move |values| {
        MetricDatum::builder()
            .metric_name(datum.metric.name())
            .set_dimensions(Some(dimensions.clone()))
            .timestamp(DateTime::from_millis(datum.minute.millis()))
            .set_values(Some(values.iter().map(|(value, _)| *value).collect()))
            .set_counts(Some(values.iter().map(|(_, count)| *count).collect()))
            .unit(unit.clone())
            .build()
    })
}
