#!/usr/bin/env bash
# reports/html/build.sh FOLDER: installs the page's libraries into FOLDER and bundles the page into FOLDER/page.cpp.
# The libraries are those of package-lock.json, by checksum; they are fetched again only when it changes.
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
command -v node >/dev/null && command -v npm >/dev/null || {
  echo "backout: the HTML report is bundled with node and npm: run scripts/setup, or apt-get install nodejs npm" >&2
  exit 1
}
if ! cmp -s "$source/package-lock.json" node_modules/.backout-lock; then
  cp "$source/package.json" "$source/package-lock.json" .
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1 || {
    cat npm.log >&2
    echo "backout: npm could not fetch the libraries of the HTML report (reports/html/package-lock.json);" \
         "it needs the npm registry, or a mirror of it: npm config set registry URL" >&2
    exit 1
  }
  cp package-lock.json node_modules/.backout-lock
fi
exec node "$source/build.mjs" "$PWD"
