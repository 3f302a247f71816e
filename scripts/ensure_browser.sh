#!/usr/bin/env bash
# Makes sure that the browser tests have Chromium and a Chinese font. Installs Debian's packages where it may; otherwise says what
# is missing, which is an error only when PDD_AUDIT_BROWSER_TESTS=required.
set -euo pipefail

has_browser() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable microsoft-edge; do
    command -v "$name" >/dev/null && return 0
  done
  [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

has_chinese_font() {
  # Systems without fontconfig (macOS, Windows) bring Chinese fonts of their own.
  ! command -v apt-get >/dev/null || [ -n "$(fc-list :lang=zh 2>/dev/null)" ]
}

has_browser && has_chinese_font && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo -n)
fi
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
  "${as_root[@]}" apt-get -o Acquire::Retries=3 -qq update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -qq install -y --no-install-recommends \
    chromium fontconfig fonts-noto-cjk >/dev/null
fi
has_browser && has_chinese_font && exit 0

echo "No Chromium (or no Chinese font) was found and none could be installed: the browser tests cannot run." >&2
echo "Install Chromium or Chrome and a Chinese font, for example: sudo apt-get install chromium fontconfig fonts-noto-cjk" >&2
[ "${PDD_AUDIT_BROWSER_TESTS:-}" != required ]
