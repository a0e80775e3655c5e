// Stands beside event-processor: it parses the same payloads and makes the same calls, and does nothing
// else. It neither validates nor computes what it writes.
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { BatchGetItemCommand, DynamoDBClient, GetItemCommand, QueryCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";

import { callAll } from "./calls.mjs";
import { run } from "./runtime.mjs";

const dynamodb = new DynamoDBClient({});
const cloudwatch = new CloudWatchClient({});
const sns = new SNSClient({});

const senders = {
  BatchGetItem: (input) => dynamodb.send(new BatchGetItemCommand(input)),
  GetItem: (input) => dynamodb.send(new GetItemCommand(input)),
  Query: (input) => dynamodb.send(new QueryCommand(input)),
  TransactWriteItems: (input) => dynamodb.send(new TransactWriteItemsCommand(input)),
  PublishBatch: (input) => sns.send(new PublishBatchCommand(input)),
  PutMetricData: (input) => {
    for (const datum of input.MetricData) datum.Timestamp = new Date(datum.Timestamp * 1000);
    return cloudwatch.send(new PutMetricDataCommand(input));
  },
};

// The beginning of a deployment's id says which invocation it is of.
const runOf = (deploymentId) => deploymentId.slice(0, "bench-000000".length);

await run(async (event) => {
  if (event.Records === undefined) {
    const report = JSON.parse(event.body);
    await callAll(senders, runOf(report.deploymentId));
    return { statusCode: 201, headers: { "content-type": "application/json" }, body: JSON.stringify(report) };
  }
  if (event.Records[0].eventSource === "aws:sqs") {
    const reports = event.Records.map((record) => JSON.parse(record.body).detail);
    await callAll(senders, runOf(reports[0].deploymentId));
  } else {
    await callAll(senders);
  }
  return { batchItemFailures: [] };
});
