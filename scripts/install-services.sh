#!/usr/bin/env bash
# Installs what some tests and benchmarks use beside Node: Chromium (the page), promtool (metrics), nginx (the benchmark's plain proxy), and
# the messages of OpenTelemetry's protocol for Python (what is exported is decoded by them).
# Quiet; does nothing for what is there; where apt is not available the tests that need it are skipped and say so.
set -euo pipefail
python_packages=node_modules/.cache/python
if command -v python3 >/dev/null 2>&1 && [ ! -d "$python_packages/opentelemetry" ]; then
  if ! python3 -m pip install -q --target "$python_packages" --only-binary :all: opentelemetry-proto==1.45.0 >/dev/null 2>&1; then
    echo "install-services: opentelemetry-proto could not be installed; the test that needs it is skipped" >&2
  fi
fi
missing=()
command -v chromium >/dev/null 2>&1 || missing+=(chromium)
command -v promtool >/dev/null 2>&1 || missing+=(prometheus)
command -v nginx >/dev/null 2>&1 || missing+=(nginx-light)
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1 || ! sudo -n true 2>/dev/null; then
    echo "install-services: no right to install ${missing[*]}; tests that need them are skipped" >&2
    exit 0
  fi
  sudo=(sudo -n)
fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "install-services: no apt here to install ${missing[*]}; tests that need them are skipped" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# Packages that bring a daemon must not start it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
  "${sudo[@]}" chmod +x "$policy"
  trap '"${sudo[@]}" rm -f "$policy"' EXIT
fi
log=$(mktemp)
if ! { "${sudo[@]}" apt-get update -qq && "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -3 "$log" >&2
  echo "install-services: ${missing[*]} could not be installed; tests that need them are skipped" >&2
fi
rm -f "$log"
