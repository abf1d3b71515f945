#!/usr/bin/env bash
# curl.sh list | create NAME | watch ID | show ID | delete ID
# Needs curl 7.76, jq 1.6 and GNU sed; GATEWAY_URL, TOKEN and TENANT in the environment.
set -euo pipefail

# graphql QUERY VARIABLES [ACCEPT]: -N prints each event when it comes, --fail-with-body the errors of a refusal too.
# The headers come from a pipe, so that no list of processes shows the token.
graphql() {
  jq -n --arg query "$1" --argjson variables "$2" '{ $query, $variables }' |
    curl -sSN --fail-with-body -H @<(printf 'X-Auth-Token: %s\nX-Tenant-Id: %s\n' "$TOKEN" "$TENANT") \
      -H "Accept: ${3:-application/graphql-response+json, application/json;q=0.9}" \
      -H 'Content-Type: application/json' -d @- "$GATEWAY_URL"
}

list() {
  local page after=null
  while [ -n "$after" ]; do
    page=$(graphql 'query ($after: String) {
      volumes(first: 100, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } }
    }' "{ \"after\": $after }") || { echo "$page" >&2; return 1; }
    jq -r 'if .errors then "\(.errors)\n" | halt_error else .data.volumes.nodes[] | "\(.id) \(.name)" end' <<<"$page"
    after=$(jq '.data.volumes.pageInfo | if .hasNextPage then .endCursor else empty end' <<<"$page")
  done
}

id() { jq -n --arg id "$1" '{ $id }'; }

case "$1" in
  list) list ;;
  create)
    graphql 'mutation ($name: String) { createVolume(input: { region: KR1, size: 10, name: $name }) { volume { id } } }' \
      "$(jq -n --arg name "$2" '{ $name }')" ;;
  watch)
    graphql 'subscription ($id: ID!) { volumeUpdated(id: $id, until: [AVAILABLE]) { status } }' "$(id "$2")" \
      text/event-stream | sed -un 's/^data: *//p' ;;
  show) graphql 'query ($id: ID!) { node(id: $id) { id ... on Volume { name status } } }' "$(id "$2")" ;;
  delete) graphql 'mutation ($id: ID!) { deleteVolume(input: { id: $id }) { deletedVolumeId } }' "$(id "$2")" ;;
esac
