#!/bin/sh
# Make .venv with everything that requirements/dev.txt names, and the project itself in it.
# Needs Python 3.11 or later, or uv; nothing else. Run by `make setup`, from the project's folder.
set -eu

PYTHON=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }

recent_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

make_with_python() {
    if ! recent_enough "$PYTHON"; then
        say "Python 3.11 or later is needed; '$PYTHON' is $("$PYTHON" --version 2>&1 || true)."
        say "Name another one (make setup PYTHON=python3.12), or install uv, which brings its own."
        exit 1
    fi
    if ! "$PYTHON" -c 'import ensurepip' 2>/dev/null; then
        # Debian keeps this part of Python in a package of its own.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            say "Installing python3-venv, which Debian keeps apart from Python"
            apt-get update -q >/dev/null </dev/null
            DEBIAN_FRONTEND=noninteractive apt-get install -qy python3-venv >/dev/null </dev/null
        else
            say "This Python cannot make virtual environments: sudo apt-get install python3-venv"
            exit 1
        fi
    fi
    "$PYTHON" -m venv .venv
}

if [ ! -x .venv/bin/python ] || ! recent_enough .venv/bin/python; then
    rm -rf .venv
    if recent_enough "$PYTHON" && "$PYTHON" -c 'import ensurepip' 2>/dev/null; then
        make_with_python
    elif command -v uv >/dev/null; then
        uv venv --quiet --python '>=3.11' .venv
    else
        make_with_python
    fi
fi

if command -v uv >/dev/null; then
    uv=uv
else
    uv=.venv/bin/uv
    [ -x "$uv" ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --require-hashes --requirement requirements/tools.txt
fi

export VIRTUAL_ENV="$PWD/.venv"
# Compiled here: some environments keep Python from doing so, and each start would compile anew.
"$uv" pip sync --quiet --compile-bytecode --require-hashes requirements/dev.txt
"$uv" pip install --quiet --no-deps --no-build-isolation --editable .
.venv/bin/python -m compileall -q services shared
