# What packaging/prove/debian does inside the bare system, as root.
# shellcheck shell=sh
here=/root/prove
person=rosa
home=/home/$person

say() { echo "prove: $*"; }
stop() { say "FAILED: $*"; exit 1; }
now() { date +%s%N; }
# milliseconds of a command
timed() { began=$(now); "$@" >"$here/last.txt" 2>&1 || { cat "$here/last.txt"; stop "$*"; }; took=$((($(now) - began) / 1000000)); }
# as the person, without any of root's environment; the network is shut off with --no-net
as_person() { runuser -u $person -- env -i HOME=$home USER=$person LC_ALL=C.UTF-8 PATH=/usr/bin:/bin "$@"; }
offline() { unshare --net runuser -u $person -- env -i HOME=$home USER=$person LC_ALL=C.UTF-8 PATH=/usr/bin:/bin "$@"; }
# everything that is in the system but for what apt and dpkg keep their books in
files() { find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /root -o -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/log -o -path /var/cache -o -path /home -o -path /run \) -prune -o -print | sort; }
home_files() { find $home -mindepth 1 | sort; }

# shellcheck source=/dev/null
. /etc/os-release
say "this is $PRETTY_NAME, $(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg)"
apt-get update >/dev/null
! command -v python3 >/dev/null || stop "this system has a Python; a bare one was wanted"
dpkg -r parfocal >/dev/null 2>&1 || true # of a proof that did not come to its end
id $person >/dev/null 2>&1 || useradd --create-home --shell /bin/sh $person

# what a desktop has anyway: starting an entry, keeping the databases of kinds of files
apt-get install -y --no-install-recommends xvfb x11-utils desktop-file-utils shared-mime-info \
    libglib2.0-bin hicolor-icon-theme appstream >/dev/null 2>"$here/last.txt" || { cat "$here/last.txt"; stop "the tools of a desktop"; }
dependencies=$(dpkg-deb -f $here/parfocal.deb Depends)
say "depends on: $dependencies"
# dependencies first, so that what is measured is our package
# shellcheck disable=SC2046
apt-get install -y --no-install-recommends $(apt-get install -s --no-install-recommends $here/parfocal.deb | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -v '^parfocal$') >/dev/null 2>"$here/last.txt" || { cat "$here/last.txt"; stop "the dependencies"; }
files >$here/before.txt

timed dpkg -i $here/parfocal.deb
say "the .deb of $(($(stat -c %s $here/parfocal.deb) / 1000000)) MB was installed in $took ms; $(du -sm /opt/parfocal | cut -f1) MiB in /opt/parfocal"
! command -v python3 >/dev/null || stop "the package brought a Python of the system"
desktop-file-validate /usr/share/applications/parfocal*.desktop || stop "the desktop entries"
sh $here/inside-metainfo.sh /usr/share/metainfo/parfocal.metainfo.xml || stop "the description for software centres"
echo 'parfocal: 1' >/tmp/x.parfocal.yaml
gio info -a standard::content-type /tmp/x.parfocal.yaml | grep -q application/x-parfocal-plan+yaml || stop "a plan is not known as one"
gio mime application/x-parfocal-plan+yaml | grep -q parfocal.desktop || stop "nothing opens plans"
[ -s /usr/share/man/man1/parfocal.1 ] || stop "there is no manual page"

# shellcheck source=/dev/null
. $here/inside-use.sh
use_it /usr/bin/parfocal /usr/share/applications/parfocal.desktop

# an upgrade keeps what the person chose, and is refused while the program runs
settings=$home/.config/parfocal/settings.json
as_person sh -c "mkdir -p $home/.config/parfocal && echo '{\"version\": 1, \"theme\": \"dark\"}' >$settings"
sum=$(sha256sum <$settings)
rm -rf $here/newer && dpkg-deb -R $here/parfocal.deb $here/newer
sed -i 's/^Version: .*/&+1/' $here/newer/DEBIAN/control
dpkg-deb -Znone -b $here/newer $here/newer.deb >/dev/null && rm -rf $here/newer
start_window /usr/bin/parfocal
! dpkg -i $here/newer.deb >"$here/last.txt" 2>&1 || stop "it was upgraded while it ran"
grep -q 'it is running' "$here/last.txt" || { cat "$here/last.txt"; stop "the refusal says something else"; }
[ -n "$(as_person /usr/bin/parfocal --version)" ] || stop "the refused upgrade broke it"
end_window
dpkg -i $here/newer.deb >"$here/last.txt" 2>&1 || { cat "$here/last.txt"; stop "the upgrade"; }
rm $here/newer.deb
grep -q '"theme": "dark"' $settings || stop "the upgrade lost the settings"
say "the upgrade to $(dpkg-query -Wf '${Version}' parfocal) was refused while it ran, and kept the settings (${sum%% *})"

dpkg -r parfocal >"$here/last.txt" 2>&1 || { cat "$here/last.txt"; stop "the removal"; }
files >$here/after.txt
left=$(comm -13 $here/before.txt $here/after.txt)
[ -z "$left" ] || stop "the removal left $left"
say "the removal left nothing"

# the installer, as the person, who is not root
rm -rf $home && mkdir $home && chown $person $home
cp $here/parfocal.run /tmp/parfocal.run && chmod 644 /tmp/parfocal.run
home_files >$here/before.txt
timed as_person sh /tmp/parfocal.run --check
timed as_person sh /tmp/parfocal.run
say "the installer of $(($(stat -c %s /tmp/parfocal.run) / 1000000)) MB was done in $took ms"
use_it $home/.local/bin/parfocal $home/.local/share/applications/parfocal.desktop
as_person sh -c "mkdir -p $home/.config/parfocal && echo '{\"version\": 1, \"theme\": \"dark\"}' >$settings"
start_window $home/.local/bin/parfocal
! as_person sh /tmp/parfocal.run >"$here/last.txt" 2>&1 || stop "the installer replaced a program that ran"
end_window
timed as_person sh /tmp/parfocal.run
grep -q '"theme": "dark"' $settings || stop "the upgrade lost the settings"
timed as_person sh /tmp/parfocal.run --uninstall --settings
# what libraries keep for all of their programs is not ours to remove: pymmcore-plus' log and adapters
home_files | grep -v -e '/\.cache' -e '^'$home'/\.config$' -e '^'$home'/\.local$' -e '^'$home'/\.local/\(share\|state\)$' -e '/demo' -e '/\.local/share/pymmcore-plus' >$here/after.txt || true
left=$(comm -13 $here/before.txt $here/after.txt)
[ -z "$left" ] || stop "the uninstaller left $left"
say "the uninstaller left nothing"
head -c 100000000 /tmp/parfocal.run >/tmp/cut.run
! as_person sh /tmp/cut.run >"$here/last.txt" 2>&1 || stop "half of an installer was installed"
grep -q 'damaged or was cut short' "$here/last.txt" || stop "half of an installer says something else"
say "all of it went well"
