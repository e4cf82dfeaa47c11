#!/bin/sh
# Before an upgrade or a removal: refuse while Parfocal runs. A recording that goes on overnight
# must not lose its program to an automatic upgrade; parts of it are read from disk when needed.
set -eu
case ${1:-} in
    upgrade | remove) ;;
    *) exit 0 ;;
esac
for link in /proc/[0-9]*/exe; do
    case $(readlink "$link" 2>/dev/null || true) in
        /opt/parfocal/*)
            process=${link#/proc/}
            echo "parfocal: it is running (process ${process%/exe}); close it, then try again" >&2
            exit 1
            ;;
    esac
done
