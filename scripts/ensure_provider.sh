#!/usr/bin/env bash
# Makes sure that the browser test of team mode has an identity provider: the certified oidc-provider for Node, one pinned version, into
# .venv/oidc. Without Node it says so, which is an error only when PDD_AUDIT_BROWSER_TESTS=required.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

VERSION=9.13.3
PLACE=.venv/oidc
STAMP="$PLACE/$VERSION"

[ -e "$STAMP" ] && exit 0

# npm brings its own list of certificates; whom this system trusts beyond it, npm trusts as well.
SYSTEM=/etc/ssl/certs/ca-certificates.crt
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r "$SYSTEM" ]; then
  export NODE_EXTRA_CA_CERTS="$SYSTEM"
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo -n)
fi
if ! command -v npm >/dev/null && command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  "${as_root[@]}" apt-get -o Acquire::Retries=3 -qq update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -qq install -y --no-install-recommends nodejs npm >/dev/null
fi
if command -v npm >/dev/null; then
  rm -rf "$PLACE"
  mkdir -p "$PLACE"
  echo '{"private": true}' >"$PLACE/package.json"
  if npm install --prefix "$PLACE" --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error "oidc-provider@$VERSION"; then
    touch "$STAMP"
    exit 0
  fi
fi

echo "No identity provider could be installed (Node with npm is needed): the browser test of team mode cannot run." >&2
[ "${PDD_AUDIT_BROWSER_TESTS:-}" != required ]
