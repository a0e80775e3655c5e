// Stands beside status-query: it makes the same calls and answers what they return, as it is.
import { BatchGetItemCommand, DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";

import { callAll } from "./calls.mjs";
import { run } from "./runtime.mjs";

const dynamodb = new DynamoDBClient({});

const senders = {
  BatchGetItem: (input) => dynamodb.send(new BatchGetItemCommand(input)),
  GetItem: (input) => dynamodb.send(new GetItemCommand(input)),
  Query: (input) => dynamodb.send(new QueryCommand(input)),
};

await run(async () => {
  const answers = await callAll(senders);
  const items = answers.map(({ Item, Items, Responses }) => Item ?? Items ?? Responses);
  return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(items) };
});
