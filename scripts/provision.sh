#!/bin/sh
# Installs what the tests use from Debian: Open vSwitch, etcd, Redis, tcpdump, ethtool, iproute2, Ansible, lxml. Builds a kubectl
# with Go where none of 1.30 or newer is on the PATH, and lets pip fetch the one Python package that Debian lacks.
#
#   sh scripts/provision.sh
#
# Only what is missing is installed, judged by the programs and not by the packages, so a second run does nothing and
# takes no time. Installing needs root and apt; elsewhere the script says what is missing and exits with 1. The tests run
# their own daemons: the services of the packages are kept from starting while they are installed, and services that ran
# before are not touched.
set -eu

PATH="$PATH:/usr/sbin:/sbin"
POLICY=/usr/sbin/policy-rc.d

say() { echo "provision: $*"; }
has() { command -v "$1" >/dev/null 2>&1; }

# Debian 12 has kubectl 1.20, which is too old for what the tests ask of it.
recent_kubectl() {
  has kubectl && kubectl version --client --output=json 2>/dev/null | grep -Eq '"gitVersion": "v1\.([3-9][0-9]|[1-9][0-9]{2})\.'
}
if ! recent_kubectl; then
  if has go; then
    sh "$(dirname "$0")/build-kubectl.sh" >/dev/null
  else
    say "no kubectl 1.30 or newer, and no Go to build one: put one on the PATH, or name it by KUBECTL" >&2
  fi
fi

# A folder of the tests' own: the system's Python stays as it is.
python_packages() { sh "$(dirname "$0")/python-packages.sh" >/dev/null; }

missing=
# want PACKAGE PROGRAM...: the package is missing when one of its programs is.
want() {
  package=$1
  shift
  for program in "$@"; do
    if ! has "$program"; then
      missing="$missing $package"
      return 0
    fi
  done
}

want openvswitch-switch ovs-vswitchd ovsdb-server ovsdb-tool ovs-vsctl ovs-ofctl
want etcd-server etcd
want redis-server redis-server
want tcpdump tcpdump
want ethtool ethtool
want iproute2 ip
want ansible ansible-playbook
want curl curl
want python3-websocket wsdump
want python3-pip pip3
# Ansible's own Python, not the one that may stand before it on the PATH.
/usr/bin/python3 -c 'import lxml.etree' 2>/dev/null || missing="$missing python3-lxml"
missing=${missing# }

if [ -z "$missing" ]; then
  python_packages
  say "everything is there"
  exit 0
fi
if ! has apt-get; then
  say "missing: $missing. This machine has no apt-get: install their programs by other means." >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  say "missing: $missing. Run this script as root to install them." >&2
  exit 1
fi

# running DAEMON: some process of that name runs.
running() { grep -qx "$1" /proc/[0-9]*/comm 2>/dev/null; }

idle=
running ovs-vswitchd || idle="$idle openvswitch-switch"
running etcd || idle="$idle etcd"
running redis-server || idle="$idle redis-server"

# Debian asks policy-rc.d before it starts a service; 101 means no. A policy that the machine has already is respected.
if [ -e "$POLICY" ]; then
  say "$POLICY is there already: it decides which services start"
else
  trap 'rm -f "$POLICY"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\n# Made by aci-gateway scripts/provision.sh, which removes it when it ends.\nexit 101\n' >"$POLICY"
  chmod 755 "$POLICY"
fi

export DEBIAN_FRONTEND=noninteractive
say "installing $missing"
apt-get update -q >/dev/null || say "apt-get update failed; going on with the lists that are there" >&2
# shellcheck disable=SC2086
apt-get install -q -y --no-install-recommends $missing >/dev/null
say "installed $missing"

# Where the machine's own policy let a service start, it is stopped: only one that this run brought, none that ran before.
# stop_new PACKAGE SERVICE DAEMON
stop_new() {
  case " $missing " in *" $1 "*) ;; *) return 0 ;; esac
  case " $idle " in *" $2 "*) ;; *) return 0 ;; esac
  running "$3" || return 0
  invoke-rc.d "$2" stop >/dev/null 2>&1 || service "$2" stop >/dev/null 2>&1 || true
  say "stopped the service $2, which its package had started"
}
stop_new openvswitch-switch openvswitch-switch ovs-vswitchd
stop_new etcd-server etcd etcd
stop_new redis-server redis-server redis-server

python_packages
