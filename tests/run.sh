#!/usr/bin/env bash
# All tests, as CI runs them. Installs by package name whatever is missing.
#   tests/run.sh          everything
#   tests/run.sh quick    formatting, lints and the Rust tests only
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }
install() { # packages...
  have apt-get || { echo "missing: $*; install it with your package manager" >&2; exit 1; }
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -qq -y "$@" >/dev/null
}

have cc || install build-essential
# The solver that proves the rules; without it their tests fail.
have cvc5 || install cvc5
have cargo || { echo "install Rust first: https://rustup.rs" >&2; exit 1; }
tools="$PWD/target/tools"
mkdir -p "$tools"

step "format"
cargo fmt --all --check

step "lints"
cargo clippy --workspace --all-targets -- -D warnings

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

if [ "${1:-all}" = all ]; then
  step "contract: lint (buf)"
  have npm || install nodejs npm
  [ -x "$tools/buf/node_modules/.bin/buf" ] ||
    npm install --no-audit --no-fund --silent --prefix "$tools/buf" @bufbuild/buf@1
  "$tools/buf/node_modules/.bin/buf" lint

  step "dependencies: licences, bans, sources (cargo-deny)"
  [ -x "$tools/bin/cargo-deny" ] ||
    cargo install cargo-deny --locked --quiet --root "$tools" --target-dir "$tools/build"
  "$tools/bin/cargo-deny" --offline check licenses bans sources
  echo "advisories: not checked here, the advisory database is not on any package registry"

  step "Python: a client (grpcio), random requests (schemathesis), oracle of the calendar"
  have python3 || install python3
  python3 -c 'import venv, ensurepip' 2>/dev/null || install python3-venv
  [ -x "$tools/python/bin/python" ] || python3 -m venv "$tools/python"
  "$tools/python/bin/pip" install --quiet --disable-pip-version-check -r tests/other_languages/requirements.txt
  export CASENET_PYTHON="$tools/python/bin/python"

  step "browsers: Chromium, playwright-core, axe-core"
  have chromium || install chromium fonts-noto-cjk
  have node || install nodejs npm
  [ -d "$tools/browser/node_modules/playwright-core" ] && [ -d "$tools/browser/node_modules/axe-core" ] ||
    npm install --no-audit --no-fund --silent --prefix "$tools/browser" playwright-core@1 axe-core@4
  export CASENET_BROWSER="$tools/browser"
fi

step "tests"
cargo test --workspace --no-fail-fast
