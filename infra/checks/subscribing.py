"""Queues that get what an installation sends, as a team's own would."""

import json
import uuid

from waiting import until


class Receiver:
    """A queue into which one source of a service of AWS may send."""

    def __init__(self, installation):
        self.sqs = installation.emulator.client("sqs")
        self.name = f"receiver-{uuid.uuid4()}"
        self.url = self.sqs.create_queue(QueueName=self.name)["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]
        self.arn = attributes["QueueArn"]
        self.received = []

    def let(self, service, source):
        """Lets one source of a service send."""
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sqs:SendMessage",
                "Resource": self.arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": source}},
            },
        }
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})

    def read(self, body):
        """What is kept of a message's body."""
        return body

    def receive(self):
        """Everything that came until now."""
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                self.received.append(self.read(json.loads(message["Body"])))
        return self.received


class Subscriber(Receiver):
    """Keeps what the topic delivered: SNS's envelopes, with the message parsed."""

    def __init__(self, installation, filter_policy=None):
        super().__init__(installation)
        topic = installation.outputs["TopicArn"]
        self.let("sns.amazonaws.com", topic)
        attributes = {"FilterPolicy": json.dumps(filter_policy)} if filter_policy else {}
        installation.emulator.client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=self.arn, Attributes=attributes
        )

    def read(self, body):
        return body | {"Message": json.loads(body["Message"])}

    def wait_for(self, wanted, what, seconds=30):
        """The first envelope that is wanted."""
        return until(lambda: next(filter(wanted, self.receive()), None), what, seconds)

    def wait_for_alarm(self, name, seconds=30):
        """What an alarm sent when it went off."""

        def wanted(envelope):
            message = envelope["Message"]
            return message.get("AlarmName") == name and message["NewStateValue"] == "ALARM"

        return self.wait_for(wanted, f"the alarm {name}", seconds)["Message"]
