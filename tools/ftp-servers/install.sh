#!/bin/bash
# install.sh [SERVER...]      put the FTP servers into a private prefix, all of them by default
#
# Debian's FTP servers conflict with one another (each one provides and conflicts with the
# virtual package ftp-server), so apt can never install two of them at the same time, and their
# maintainer scripts add users, rc links and, where an init system runs, a daemon on port 21.
# Here the packages are only downloaded and unpacked: no maintainer script runs, nothing is
# registered with dpkg, nothing is started, nothing outside the prefix changes.
# The missing shared libraries and Python modules come along in the same folder.
#
# FTP_SERVERS_PREFIX: where to put them (default /opt/ftp-servers). Needs root (for apt-get).
set -euo pipefail
PREFIX=${FTP_SERVERS_PREFIX:-/opt/ftp-servers}
ALL="vsftpd proftpd pure-ftpd pyftpdlib ftp-srv"

packages() {
  case $1 in
    vsftpd) echo vsftpd ;;
    proftpd) echo proftpd-core proftpd-mod-crypto ;;
    pure-ftpd) echo pure-ftpd ;;
    pyftpdlib) echo python3-pyftpdlib ;;
    *) echo "unknown server: $1" >&2; return 1 ;;
  esac
}

[ $# -gt 0 ] || set -- $ALL
for s in "$@"; do
  into=$PREFIX/$s
  if [ -e "$into/.complete" ]; then echo "$s: already there"; continue; fi
  rm -rf "$into"; mkdir -p "$into"
  if [ "$s" = ftp-srv ]; then # the one that is an npm package
    command -v npm >/dev/null || { echo "$s: wants npm (Debian: nodejs npm)" >&2; exit 1; }
    npm install --silent --prefix "$into" --ignore-scripts --no-audit --no-fund --omit=optional ftp-srv@4.6.3 >"$into/.log" 2>&1 ||
        { cat "$into/.log" >&2; echo "$s: npm could not install it" >&2; exit 1; }
    touch "$into/.complete"
    echo "$s: npm ftp-srv 4.6.3"
    continue
  fi
  debs=$into/.debs; mkdir -p "$debs/partial"
  # -d: download only; the resolver adds the dependencies this machine lacks
  apt-get install -y -q -d --reinstall --no-install-recommends -o APT::Sandbox::User=root \
      -o DPkg::Lock::Timeout=300 -o Dir::Cache::archives="$debs" $(packages "$s") >"$into/.log" 2>&1 ||
      { cat "$into/.log" >&2; echo "$s: download failed (apt-get update first?)" >&2; exit 1; }
  for deb in "$debs"/*.deb; do
    dpkg-deb -x "$deb" "$into"
  done
  echo "$s: $(cd "$debs" && printf '%s ' *.deb | sed 's/%3a/:/g; s/_\(all\|[a-z0-9]*\)\.deb//g; s/_/ /g')"
  rm -rf "$debs"
  touch "$into/.complete"
done
