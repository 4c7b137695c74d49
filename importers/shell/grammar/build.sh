#!/usr/bin/env bash
# importers/shell/grammar/build.sh FOLDER: puts the grammar of the shell (parser.c, scanner.c) into FOLDER.
# It is that of package-lock.json, by checksum; it is fetched again only when that changes.
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
"$source/../../../scripts/npm_packages" "$source" "the grammar of the shell"
grammar=node_modules/tree-sitter-bash
cp -r "$grammar/src/tree_sitter" "$grammar/src/parser.c" "$grammar/LICENSE" .
awk -f "$source/scanner.awk" "$grammar/src/scanner.c" > scanner.c
touch parser.c
