#!/bin/sh
# Installs Portkey's gateway for comparison into a scratch folder, never among our own dependencies.
set -eu
folder="${1:-${TMPDIR:-/tmp}/binnacle-bench-portkey}"
mkdir -p "$folder"
cd "$folder"
npm install --no-audit --no-fund --ignore-scripts --save-exact @portkey-ai/gateway@1.15.2
echo "installed in $folder"
