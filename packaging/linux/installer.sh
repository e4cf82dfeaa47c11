#!/bin/sh
# Installs Parfocal @VERSION@ for the person who runs it; no root is needed. What follows the last
# line is an archive. See --help.
set -eu
version=@VERSION@
machine=@MACHINE@
sha256=@SHA256@
kib=@KIB@
first=@LINES@

say() { printf 'parfocal: %s\n' "$*"; }
stop() { printf 'parfocal: %s\n' "$*" >&2; exit 1; }

help() {
    cat <<END
Parfocal $version for Linux $machine, for one person, without root.

  sh $0                   install into ~/.local, or upgrade what is there
  sh $0 --prefix DIR      install into DIR/opt/parfocal, with DIR/bin/parfocal
  sh $0 --check           only see whether this file is whole
  sh $0 --uninstall       remove it; settings stay (--uninstall --settings: those too)
END
}

prefix=$HOME/.local
share=${XDG_DATA_HOME:-$HOME/.local/share}
action=install
extra=
while [ $# -gt 0 ]; do
    case $1 in
        --prefix)
            [ $# -gt 1 ] || stop "--prefix wants a folder"
            case $2 in /*) prefix=$2 ;; *) prefix=$PWD/$2 ;; esac
            share=$prefix/share
            shift
            ;;
        --check) action=check ;;
        --uninstall) action=uninstall ;;
        --settings) extra=--settings ;;
        -h | --help) help; exit 0 ;;
        *) stop "$1 is not known; --help tells what is" ;;
    esac
    shift
done
target=$prefix/opt/parfocal

if [ $action = uninstall ]; then
    [ -x "$target/uninstall" ] || stop "there is no Parfocal in $target"
    exec "$target/uninstall" $extra
fi

payload() { tail -n +"$first" "$0"; }

[ "$(uname -s)-$(uname -m)" = "Linux-$machine" ] || stop "this is for Linux on $machine; here is $(uname -s) on $(uname -m)"
found=$(payload | sha256sum)
[ "${found%% *}" = "$sha256" ] || stop "this file is damaged or was cut short; get it again"
if [ $action = check ]; then
    say "this file is whole"
    exit 0
fi

# Libraries of the host, which no program brings along: without them nothing opens.
missing_libraries() {
    known=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)
    [ -n "$known" ] || return 0
    while read -r library; do
        case $known in *"$library "*) ;; *) printf ' %s' "$library" ;; esac
    done <"$1"
}

running() {
    for link in /proc/[0-9]*/exe; do
        case $(readlink "$link" 2>/dev/null || true) in
            "$target"/*) process=${link#/proc/}; printf '%s' "${process%/exe}"; return ;;
        esac
    done
}
process=$(running)
[ -z "$process" ] || stop "it is running (process $process); close it, then try again"

mkdir -p "$prefix/opt" "$prefix/bin"
free=$(df -Pk "$prefix/opt" | awk 'NR == 2 { print $4 }')
[ "$free" -gt $((kib + 102400)) ] || stop "$prefix has $((free / 1024)) MiB free; $((kib / 1024 + 100)) MiB are needed"

fresh=$target.new
rm -rf "$fresh"
mkdir "$fresh"
trap 'rm -rf "$fresh"' EXIT INT TERM
say "installing Parfocal $version into $target"
payload | tar -xzf - -C "$fresh"
missing=$(missing_libraries "$fresh/libraries")
if [ -n "$missing" ]; then
    say "installed all the same, but it will not open before the system has:$missing"
fi

# What is there goes only when the new one is complete.
if [ -e "$target" ]; then
    rm -rf "$target.old"
    mv "$target" "$target.old"
fi
mv "$fresh" "$target"
rm -rf "$target.old"
trap - EXIT INT TERM

program=$target/app/parfocal
ln -sfn "$program" "$prefix/bin/parfocal"
(cd "$target/share" && find . -type f) >"$target/files"
while read -r file; do
    file=${file#./}
    mkdir -p "$share/$(dirname "$file")"
    case $file in
        *.desktop) sed "s|@PROGRAM@|\"$program\"|" "$target/share/$file" >"$share/$file" ;;
        *) cp "$target/share/$file" "$share/$file" ;;
    esac
done <"$target/files"
printf '%s\n%s\n' "$prefix" "$share" >"$target/places"
for tool in "update-desktop-database $share/applications" "update-mime-database $share/mime"; do
    command -v "${tool%% *}" >/dev/null && $tool >/dev/null 2>&1 || true
done

say "done; start it from the menu, or as $prefix/bin/parfocal"
case :$PATH: in *":$prefix/bin:"*) ;; *) say "$prefix/bin is not among the places where your shell looks" ;; esac
say "to remove it: $target/uninstall"
exit 0
