#!/bin/sh
# See that there is a Chromium for the tests of the pages. Run by `make setup`; never fails: without
# one those tests are skipped, and say so.
set -u

say() { printf '%s\n' "$*" >&2; }

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
own=$(.venv/bin/python -c 'from playwright.sync_api import sync_playwright as started
with started() as playwright: print(playwright.chromium.executable_path)' 2>/dev/null) || own=
[ -n "$own" ] && [ -x "$own" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing Chromium, for the tests of the pages"
    apt-get update -q >/dev/null 2>&1 </dev/null
    DEBIAN_FRONTEND=noninteractive timeout 600 apt-get install -qy --no-install-recommends \
        chromium >/dev/null 2>&1 </dev/null
    command -v chromium >/dev/null && exit 0
fi
timeout 300 .venv/bin/python -m playwright install chromium >/dev/null 2>&1 </dev/null && exit 0
say "No Chromium: the tests of the pages in a browser are skipped. Install the package 'chromium'."
exit 0
