#!/bin/sh
# Installs promptfoo for comparison into a scratch folder, never among our own dependencies.
set -eu
folder="${1:-${TMPDIR:-/tmp}/binnacle-bench-promptfoo}"
mkdir -p "$folder"
cd "$folder"
npm install --no-audit --no-fund --loglevel=error --save-exact promptfoo@0.123.1
echo "installed in $folder"
