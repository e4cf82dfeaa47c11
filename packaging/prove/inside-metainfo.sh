#!/bin/sh
# Has appstreamcli judge the description for software centres: inside-metainfo.sh FILE
# From its version 1 on everything counts but that there is no homepage, since there is none yet.
# Older ones (Debian 12) do not know today's tag for who made a program, and say so as a remark.
set -eu
case $(appstreamcli --version) in
    *' 0.'*) set -- --no-net "$1" ;;
    *) set -- --no-net --strict --override=url-homepage-missing=pedantic "$1" ;;
esac
exec appstreamcli validate "$@"
