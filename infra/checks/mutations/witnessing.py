"""The witness, its bucket and its key: who could change what proves the history."""

from .changing import added, put, removed

WITNESS = "witness.yaml/Resources"
BUCKET = f"{WITNESS}/Anchors"
LOCK = f"{BUCKET}/Properties/ObjectLockConfiguration/Rule/DefaultRetention"
BUCKET_POLICY = f"{WITNESS}/AnchorsPolicy/Properties/PolicyDocument/Statement"
KEY = f"{WITNESS}/SigningKey"
KEY_POLICY = f"{KEY}/Properties/KeyPolicy/Statement"
WITNESS_MAY = f"{WITNESS}/Role/Properties/Policies/0/PolicyDocument/Statement"
PROCESSOR_MAY = "event-processor.yaml/Resources/Role/Properties/Policies/0/PolicyDocument/Statement"

# By the check that must notice: what is done, how, and how the complaint begins.
MUTATIONS = {
    "every-bucket-is-locked": [
        ("no lock", removed(f"{BUCKET}/Properties/ObjectLockEnabled"), "witness.yaml: Anchors"),
        ("a lock that can be lifted", put(f"{LOCK}/Mode", "GOVERNANCE"), "witness.yaml: Anchors"),
        ("a lock for a day", put(f"{LOCK}/Days", 1), "witness.yaml: Anchors"),
        ("no default lock", removed(f"{BUCKET}/Properties/ObjectLockConfiguration/Rule"), "witness.yaml: Anchors"),
        ("no versions", put(f"{BUCKET}/Properties/VersioningConfiguration/Status", "Suspended"), "witness.yaml: Anchors"),
        ("the anchors go with the stack", put(f"{BUCKET}/DeletionPolicy", "Delete"), "witness.yaml: Anchors"),
    ],
    "every-bucket-is-private-and-encrypted": [
        ("a policy may open it",
         put(f"{BUCKET}/Properties/PublicAccessBlockConfiguration/BlockPublicPolicy", False), "witness.yaml: Anchors"),
        ("encryption dropped", removed(f"{BUCKET}/Properties/BucketEncryption"), "witness.yaml: Anchors"),
    ],
    "every-bucket-is-written-once": [
        ("anchors may be written over", removed(f"{BUCKET_POLICY}/WrittenOnce"), "witness.yaml: AnchorsPolicy"),
        ("others may write", removed(f"{BUCKET_POLICY}/ByTheWitnessOnly"), "witness.yaml: AnchorsPolicy"),
        ("anchors may be marked as deleted",
         put(f"{BUCKET_POLICY}/NeverRemoved/Action", ["s3:DeleteObjectVersion"]), "witness.yaml: AnchorsPolicy"),
        ("plain HTTP", removed(f"{BUCKET_POLICY}/EncryptedOnTheWay"), "witness.yaml: AnchorsPolicy"),
        ("a statement that allows", put(f"{BUCKET_POLICY}/NeverRemoved/Effect", "Allow"), "witness.yaml: AnchorsPolicy"),
    ],
    "only-the-witness-signs": [
        ("the account may sign",
         added(f"{KEY_POLICY}/AdministeredByTheAccount/Action", "kms:Sign"), "witness.yaml: SigningKey"),
        ("the account may do everything",
         put(f"{KEY_POLICY}/AdministeredByTheAccount/Action", "kms:*"), "witness.yaml: SigningKey"),
        ("another curve", put(f"{KEY}/Properties/KeySpec", "ECC_SECG_P256K1"), "witness.yaml: SigningKey"),
        ("the key goes with the stack", put(f"{KEY}/DeletionPolicy", "Delete"), "witness.yaml: SigningKey"),
    ],
    "the-witness-is-apart-from-who-writes": [
        ("who writes the history may sign",
         put(f"{PROCESSOR_MAY}/Notify/Action", ["sns:Publish", "kms:Sign"]), "event-processor.yaml: Role"),
        ("who writes the history may put anchors",
         put(f"{PROCESSOR_MAY}/Notify/Action", ["sns:Publish", "s3:PutObject"]), "event-processor.yaml: Role"),
        ("the witness may write the history",
         put(f"{WITNESS_MAY}/ReadHistory/Action", ["dynamodb:Query", "dynamodb:PutItem"]), "witness.yaml: Role"),
        ("the witness may remove anchors",
         added(f"{WITNESS_MAY}/KeepAnchors/Action", "s3:DeleteObject"), "witness.yaml: Role"),
        ("the witness may change the lock",
         added(f"{WITNESS_MAY}/KeepAnchors/Action", "s3:PutObjectRetention"), "witness.yaml: Role"),
    ],
    "every-schedule-has-a-heartbeat-alarm": [
        ("alarm of the anchors removed", removed(f"{WITNESS}/AnchorAgeAlarm"), "witness.yaml: FunctionAnchor"),
        ("alarm of the anchors takes silence for good",
         put(f"{WITNESS}/AnchorAgeAlarm/Properties/TreatMissingData", "notBreaching"), "witness.yaml: FunctionAnchor"),
        ("alarm of the anchors waits for a week",
         put(f"{WITNESS}/AnchorAgeAlarm/Properties/Threshold", 604800), "witness.yaml: FunctionAnchor"),
    ],
    "every-dead-letter-queue-has-an-alarm": [
        ("alarm of what could not be watched removed",
         removed(f"{WITNESS}/UnwitnessedAlarm"), "witness.yaml: UnwitnessedQueue"),
    ],
    "history-has-a-stream": [
        ("the stream shows new images only",
         put("storage.yaml/Resources/HistoryTable/Properties/StreamSpecification/StreamViewType", "NEW_IMAGE"),
         "storage.yaml: HistoryTable"),
    ],
}
