#!/bin/sh
# Installs the Python packages that test/apic-mock/ansible/requirements.txt pins, once a machine, into a folder of their own
# that nothing but the tests knows, and prints where it is. Needs pip.
#
#   PYTHONPATH=$(sh scripts/python-packages.sh) ansible-playbook …
set -eu

requirements="$(cd "$(dirname "$0")/.." && pwd)/test/apic-mock/ansible/requirements.txt"
key=$(sha256sum <"$requirements" | cut -c1-16)
folder="${XDG_CACHE_HOME:-$HOME/.cache}/aci-gateway/python-$key"
if [ ! -d "$folder" ]; then
  rm -rf "$folder.$$"
  pip3 install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --require-hashes \
    --only-binary :all: --target "$folder.$$" --requirement "$requirements" >&2
  # Another run may have been faster: its folder is as good.
  mv -T "$folder.$$" "$folder" 2>/dev/null || rm -rf "$folder.$$"
fi
echo "$folder"
