#!/bin/sh
# Installs Debian packages of servers, and sees to it that none of them starts by itself: neither now nor at boot.
# Used by this crate and by .ci/run, as root: sh install-debian-servers.sh PACKAGE...
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

# Debian's postgresql sets up a cluster on port 5432, unless this file says otherwise before the package comes.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
fi

# Packages ask this script before they start a service: 101 means no. Container images often have one already.
if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
fi

# The file above belongs to a package: without "confold", dpkg would stop and ask which version to keep.
install() {
    apt-get install --yes --quiet --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@" < /dev/null
}

# A fresh image has no package lists, and an old machine has some that name files which are gone: only then are they fetched.
install "$@" || { apt-get update --quiet -o DPkg::Lock::Timeout=300 && install "$@"; }

if [ -d /run/systemd/system ]; then
    for service in "$@"; do
        systemctl disable --quiet "$service" 2> /dev/null || :
    done
fi
