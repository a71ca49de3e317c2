#!/bin/sh
# Makes sure that the browser tests have a Chromium: LMC_CHROMIUM, Debian's, or the one that playwright downloads.
set -e
python=$1
if [ -n "$LMC_CHROMIUM" ] && [ -x "$LMC_CHROMIUM" ]; then exit 0; fi
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if "$python" -c 'import os, sys; from playwright.sync_api import sync_playwright as start; p = start().start(); sys.exit(not os.path.exists(p.chromium.executable_path))'; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    if apt-get install -y -qq chromium >/dev/null 2>&1; then exit 0; fi
fi
"$python" -m playwright install chromium
