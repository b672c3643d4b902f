#!/bin/sh
# Builds the kubectl that test/kubernetes/kubectl/go.mod names, once a machine, and prints where it is. Needs Go.
#
#   KUBECTL=$(sh scripts/build-kubectl.sh) npm test
set -eu

cd "$(dirname "$0")/../test/kubernetes/kubectl"
key=$(cat go.mod go.sum main.go | sha256sum | cut -c1-16)
folder="${XDG_CACHE_HOME:-$HOME/.cache}/aci-gateway"
binary="$folder/kubectl-$key"
if [ ! -x "$binary" ]; then
  mkdir -p "$folder"
  version=$(sed -n 's/^require k8s.io\/kubectl v0\.\(.*\)$/v1.\1/p' go.mod)
  echo "building kubectl $version, which takes some minutes once" >&2
  go build -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=$version" -o "$binary.$$" .
  mv "$binary.$$" "$binary"
fi
echo "$binary"
