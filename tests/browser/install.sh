#!/bin/sh
# Makes sure that a Chromium is there for the browser tests: one already installed, playwright's own, or the system's package.
set -u
python=$1
for name in "${LMC_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && exit 0
done
timeout 300 "$python" -m playwright install --with-deps chromium && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "No Chromium could be installed for the browser tests; install one, or name it in LMC_CHROMIUM." >&2
exit 1
