# A bare Debian or Ubuntu in a folder, and scripts in it; read by debian and pages.
# shellcheck shell=sh

stop() { echo "prove: $*" >&2; exit 1; }

# The first address that apt knows here, of either kind of its files, or PROVE_MIRROR: for an Ubuntu
# on a Debian, whose keys debootstrap must know (ubuntu-keyring).
mirror() {
    if [ -n "${PROVE_MIRROR:-}" ]; then
        echo "$PROVE_MIRROR"
        return
    fi
    sed -n -e 's/^URIs: *\([^ ]*\).*/\1/p' -e 's/^deb  *\(\[[^]]*\] *\)\{0,1\}\(http[^ ]*\) .*/\2/p' \
        /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/ubuntu.sources /etc/apt/sources.list 2>/dev/null | head -n 1
}

# make_root SUITE FOLDER: FOLDER/SUITE is a root file system, made now or there already
make_root() {
    [ "$(id -u)" = 0 ] || stop "this makes a root file system and wants to be root"
    if [ ! -e "$2/$1/etc/debian_version" ]; then
        command -v debootstrap >/dev/null || stop "debootstrap is not here; install it"
        debootstrap --variant=minbase "$1" "$2/$1" "$(mirror)"
    fi
    parts=main
    [ ! -d "$2/$1/usr/share/doc/ubuntu-keyring" ] || parts="main universe"
    echo "deb $(mirror) $1 $parts" >"$2/$1/etc/apt/sources.list"
    cp /etc/resolv.conf "$2/$1/etc/resolv.conf"
    mkdir -p "$2/$1/root/prove"
}

# in_root ROOT SCRIPT: runs a script of ROOT/root/prove as root there.
# Mounts of its own, which go with the last process of it; /proc of its own, and shared memory.
in_root() {
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --kill-child sh -euc '
        root=$1
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount --bind /dev "$root/dev"
        mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
        mount -t devpts devpts "$root/dev/pts"
        mount -t tmpfs -o mode=1777 tmp "$root/tmp"
        exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
            DEBIAN_FRONTEND=noninteractive sh -eu "/root/prove/$2"
    ' prove "$1" "$2"
}
