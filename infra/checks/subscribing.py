"""A queue that is subscribed to an installation's topic, as a team's own would be."""

import json
import uuid

from waiting import until


class Subscriber:
    """Keeps what the topic delivered."""

    def __init__(self, installation, filter_policy=None):
        self.sqs = installation.emulator.client("sqs")
        self.url = self.sqs.create_queue(QueueName=f"subscriber-{uuid.uuid4()}")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = installation.outputs["TopicArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            },
        }
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})
        attributes = {"FilterPolicy": json.dumps(filter_policy)} if filter_policy else {}
        installation.emulator.client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes
        )
        self.received = []

    def receive(self):
        """Everything that came until now: SNS's envelopes, with the message parsed."""
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                envelope = json.loads(message["Body"])
                self.received.append(envelope | {"Message": json.loads(envelope["Message"])})
        return self.received

    def wait_for(self, wanted, what, seconds=30):
        """The first envelope that is wanted."""
        return until(lambda: next(filter(wanted, self.receive()), None), what, seconds)

    def wait_for_alarm(self, name, seconds=30):
        """What an alarm sent when it went off."""

        def wanted(envelope):
            message = envelope["Message"]
            return message.get("AlarmName") == name and message["NewStateValue"] == "ALARM"

        return self.wait_for(wanted, f"the alarm {name}", seconds)["Message"]
