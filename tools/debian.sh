# Sourced by the scripts beside it: what this machine is, and how to become root on it.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# VERSION_CODENAME: bookworm, trixie.
# shellcheck disable=SC1091
codename() { (. /etc/os-release && printf '%s' "${VERSION_CODENAME:-unknown}"); }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root, and there is no sudo; run as root: $*"
  fi
}

# The archive that this machine gets Debian from, out of its own apt configuration (one-line and deb822 alike).
debian_mirror() {
  local uri
  # shellcheck disable=SC2016
  uri=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(RELEASE)' 'Identifier: Packages' |
    awk -v release="$(codename)" '$NF == release && ($2 == "Debian" || NF == 2) {print $1; exit}')
  [ -n "$uri" ] || die "apt has no entry for Debian $(codename); add one to /etc/apt/sources.list and run apt-get update"
  printf '%s' "${uri%/}"
}

debian_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
export debian_keyring
