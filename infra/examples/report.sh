#!/bin/sh
# Reports one step of a deployment to Deployment Status.
#
#   report.sh STATUS [STAGE]
#
# STATUS is PENDING, IN_PROGRESS, VALIDATING, COMPLETED, FAILED, ROLLED_BACK or CANCELLED: the status of
# the deployment, or with STAGE the status of that stage. The script reads these variables:
#
#   DEPLOYMENT_ID                                required; one id for all steps of a deployment
#   SERVICE ENVIRONMENT VERSION COMMIT           what is deployed, and where
#   ATTEMPT EVENT_ID NOTES ERROR                 see docs/events.md
#   DEPLOYMENT_STATUS_URL                        the API's address; by default the local server's
#
# For authentication it uses the first of these that is set:
#
#   DEPLOYMENT_STATUS_TOKEN                      a bearer token
#   DEPLOYMENT_STATUS_AUDIENCE                   in GitHub Actions: fetch a token for this audience
#   AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION   sign with AWS credentials
#
# It needs curl 7.76 or newer (7.88 to sign requests) and sed. After 429, 5xx or no answer it sends the
# event again: an event that is sent twice is recorded once. The exit code is not 0 when the event was not
# recorded; use `report.sh … || true` if the deployment should continue anyway.
set -eu
LC_ALL=C
export LC_ALL

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: report.sh STATUS [STAGE]" >&2
  exit 2
fi
: "${DEPLOYMENT_ID:?must be the id of the deployment}"
url=${DEPLOYMENT_STATUS_URL:-http://127.0.0.1:9000}

# A JSON string. Control characters become spaces, except line breaks.
quoted() {
  printf '"'
  printf '%s' "$1" | tr '\000-\011\013-\037\177' ' ' |
    sed -e ':a' -e '$!{' -e 'N' -e 'ba' -e '}' -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/\n/\\n/g' | tr -d '\n'
  printf '"'
}

# `, "name": "value"`, if there is a value.
field() {
  [ -z "$2" ] || printf ', "%s": %s' "$1" "$(quoted "$2")"
}

event=$(
  printf '{"deploymentId": %s, "status": %s' "$(quoted "$DEPLOYMENT_ID")" "$(quoted "$1")"
  [ $# -eq 1 ] || printf ', "type": "stage", "stage": %s' "$(quoted "$2")"
  field service "${SERVICE:-}"
  field environment "${ENVIRONMENT:-}"
  field version "${VERSION:-}"
  field commit "${COMMIT:-}"
  field eventId "${EVENT_ID:-}"
  field notes "${NOTES:-}"
  [ -z "${ATTEMPT:-}" ] || printf ', "attempt": %d' "$ATTEMPT"
  [ -z "${ERROR:-}" ] || printf ', "error": {"message": %s}' "$(quoted "$ERROR")"
  printf '}'
)

token=${DEPLOYMENT_STATUS_TOKEN:-}
if [ -z "$token" ] && [ -n "${DEPLOYMENT_STATUS_AUDIENCE:-}" ]; then
  # GitHub's tokens are valid for minutes, so each event gets a new one.
  token=$(
    printf 'header = "Authorization: Bearer %s"\n' "${ACTIONS_ID_TOKEN_REQUEST_TOKEN:?needs permissions: id-token: write}" |
      curl --config - --silent --show-error --fail --retry 3 --max-time 10 --get \
        --data-urlencode "audience=$DEPLOYMENT_STATUS_AUDIENCE" "$ACTIONS_ID_TOKEN_REQUEST_URL" |
      sed -n 's/.*"value" *: *"\([^"]*\)".*/\1/p'
  )
  [ -n "$token" ] || { echo "report.sh: no token for $DEPLOYMENT_STATUS_AUDIENCE" >&2; exit 1; }
fi

# Passed to curl through a pipe, because other users can read a command line.
authorization() {
  if [ -n "$token" ]; then
    printf 'header = "Authorization: Bearer %s"\n' "$token"
  elif [ -n "${AWS_ACCESS_KEY_ID:-}" ]; then
    printf 'aws-sigv4 = "aws:amz:%s:execute-api"\n' "${AWS_REGION:-${AWS_DEFAULT_REGION:?or AWS_REGION must be the region of the API}}"
    printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
    [ -z "${AWS_SESSION_TOKEN:-}" ] || printf 'header = "X-Amz-Security-Token: %s"\n' "$AWS_SESSION_TOKEN"
  fi
}

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
code=0
authorization | curl --config - --silent --show-error --fail-with-body --output "$answer" \
  --retry 5 --retry-connrefused --max-time 15 \
  --header 'Content-Type: application/json' --data-raw "$event" "${url%/}/v1/events" || code=$?
if [ "$code" -ne 0 ]; then
  echo "report.sh: not recorded: $event" >&2
  cat "$answer" >&2
  exit 1
fi
cat "$answer"
echo
