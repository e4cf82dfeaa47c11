# What packaging/prove/pages does inside the bare system, as root.
# shellcheck shell=sh
here=/root/prove
person=nora
home=/home/$person

say() { echo "prove: $*"; }

! command -v python3 >/dev/null || { say "this system has a Python; a bare one was wanted"; exit 1; }
dpkg -r parfocal >/dev/null 2>&1 || true # of a proof before
id $person >/dev/null 2>&1 || useradd --create-home --shell /bin/bash $person
rm -rf $home && mkdir $home && chown $person $home
apt-get update >/dev/null
cd $here
say "$(cat install.sh)"
yes | sh -eu install.sh >install.txt 2>&1 || { cat install.txt; say "FAILED: the installation"; exit 1; }
! command -v python3 >/dev/null || say "what the package recommends brought a Python of the system"
# the person sees them, and not what root has in its folder
cp -r blocks /tmp/blocks
for block in /tmp/blocks/*.sh; do
    name=$(basename "$block" .sh)
    code=0
    # -e: a block is true when each of its commands did what it should
    unshare --net runuser -u $person -- env -i HOME=$home USER=$person LC_ALL=C.UTF-8 PATH=/usr/bin:/bin \
        sh -euc 'cd; . "$1"' follow "$block" >"blocks/$name.out" 2>"blocks/$name.err" </dev/null || code=$?
    echo $code >"blocks/$name.rc"
done
rm -rf /tmp/blocks
