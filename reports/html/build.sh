#!/usr/bin/env bash
# reports/html/build.sh FOLDER: installs the page's libraries into FOLDER and bundles the page into FOLDER/page.cpp.
# The libraries are those of package-lock.json, by checksum; they are fetched again only when it changes.
set -euo pipefail
source=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
"$source/../../scripts/npm_packages" "$source" "the libraries of the HTML report"
exec node "$source/build.mjs" "$PWD"
