#!/bin/sh
# Removes the Parfocal that lies beside this script. Settings, logs and stores stay;
# with --settings the settings, logs and caches of this person go as well. Stores always stay.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
[ -f "$here/places" ] && [ -x "$here/app/parfocal" ] || {
    echo "parfocal: $here is no installation that this script knows" >&2
    exit 1
}
for link in /proc/[0-9]*/exe; do
    case $(readlink "$link" 2>/dev/null || true) in
        "$here"/*)
            process=${link#/proc/}
            echo "parfocal: it is running (process ${process%/exe}); close it, then try again" >&2
            exit 1
            ;;
    esac
done
{ read -r prefix && read -r share; } <"$here/places"
files=$(cat "$here/files")
for file in $files; do # none of them has a space in its name
    rm -f "$share/$file"
done
if [ "$(readlink "$prefix/bin/parfocal" 2>/dev/null || true)" = "$here/app/parfocal" ]; then
    rm -f "$prefix/bin/parfocal"
fi
for tool in "update-desktop-database $share/applications" "update-mime-database $share/mime"; do
    command -v "${tool%% *}" >/dev/null && $tool >/dev/null 2>&1 || true
done
if [ "${1:-}" = --settings ]; then
    rm -rf "${XDG_CONFIG_HOME:-$HOME/.config}/parfocal" "${XDG_STATE_HOME:-$HOME/.local/state}/parfocal" \
        "${XDG_CACHE_HOME:-$HOME/.cache}/parfocal" "${XDG_DATA_HOME:-$HOME/.local/share}/parfocal"
fi
rm -rf "$here"
# What the tools made of our files alone goes as well, and every folder that is empty now.
set -- "$share/applications"/*.desktop
[ -e "$1" ] || rm -f "$share/applications/mimeinfo.cache"
set -- "$share/mime/packages"/*.xml
[ -e "$1" ] || rm -rf "$share/mime"
for file in $files; do
    folder=$(dirname "$file")
    while [ "$folder" != . ]; do
        rmdir "$share/$folder" 2>/dev/null || true
        folder=$(dirname "$folder")
    done
done
for folder in "$prefix/opt" "$prefix/bin"; do rmdir "$folder" 2>/dev/null || true; done
echo "parfocal: removed"
