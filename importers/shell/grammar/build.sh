#!/usr/bin/env bash
# importers/shell/grammar/build.sh FOLDER: puts the grammar of the shell (parser.c, scanner.c) into FOLDER.
# It is that of package-lock.json, by checksum; it is fetched again only when that changes.
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
command -v node >/dev/null && command -v npm >/dev/null || {
  echo "backout: the grammar of the shell is fetched with npm: run scripts/setup, or apt-get install nodejs npm" >&2
  exit 1
}
if ! cmp -s "$source/package-lock.json" node_modules/.backout-lock; then
  cp "$source/package.json" "$source/package-lock.json" .
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1 || {
    cat npm.log >&2
    echo "backout: npm could not fetch the grammar of the shell (importers/shell/grammar/package-lock.json);" \
         "it needs the npm registry, or a mirror of it: npm config set registry URL" >&2
    exit 1
  }
  cp package-lock.json node_modules/.backout-lock
fi
grammar=node_modules/tree-sitter-bash
cp -r "$grammar/src/tree_sitter" "$grammar/src/scanner.c" "$grammar/src/parser.c" "$grammar/LICENSE" .
touch parser.c
