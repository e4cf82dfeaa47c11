# What is done with an installed program, whichever way it was installed; read by inside.sh.
# shellcheck shell=sh disable=SC2154

# The same selftest as anywhere, without network; then the demo; then the window by its entry.
use_it() {
    program=$1 entry=$2
    as_person "$program" --version >/dev/null || stop "$program does not start"
    timed offline "$program" selftest --json
    # stdout and stderr are one here: the last line is the JSON
    tail -n 1 "$here/last.txt" | grep -q '"ok": true, "version"' || { cat "$here/last.txt"; stop "the selftest"; }
    say "selftest of $program: $(tail -n 1 "$here/last.txt" | grep -o '"name"' | wc -l) steps in $took ms"
    timed offline "$program" demo -o "$home/demo"
    say "demo in $took ms"
    rm -rf "$home/demo"
    start_display
    as_person env DISPLAY=:77 XDG_DATA_HOME="$home/.local/share" gio launch "$entry" >"$here/launch.txt" 2>&1 &
    wait_for_window || { cat "$here/launch.txt"; stop "no window came of $entry"; }
    sleep 8
    say "by $entry: $(grep -ho 'start: .* after [0-9.]* s' "$home"/.local/state/parfocal/log/*.log | tail -n 2 | tr '\n' ' ')"
    end_window
    # once more, now that everything was read once
    start_window "$program"
    sleep 8
    say "warm: $(grep -ho 'start: .* after [0-9.]* s' "$home"/.local/state/parfocal/log/*.log | tail -n 2 | tr '\n' ' ')"
    end_window
}

start_display() {
    [ -z "${display:-}" ] || return 0
    Xvfb :77 -screen 0 1600x1000x24 -nolisten tcp -ac >/dev/null 2>&1 &
    display=$!
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        DISPLAY=:77 xdpyinfo >/dev/null 2>&1 && return 0
        sleep 0.5
    done
    stop "no virtual display"
}

start_window() {
    start_display
    as_person env DISPLAY=:77 "$1" gui >"$here/launch.txt" 2>&1 &
    wait_for_window || { cat "$here/launch.txt"; stop "no window came of $1"; }
}

wait_for_window() {
    for _ in $(seq 120); do
        DISPLAY=:77 xwininfo -root -tree 2>/dev/null | grep -q '"Parfocal' && return 0
        sleep 0.25
    done
    return 1
}

# politely, as a session does that ends; the program has ten seconds
end_window() {
    for link in /proc/[0-9]*/exe; do
        case $(readlink "$link" 2>/dev/null || true) in
            */opt/parfocal/*) process=${link#/proc/}; kill "${process%/exe}" 2>/dev/null || true ;;
        esac
    done
    for _ in $(seq 80); do
        readlink /proc/[0-9]*/exe 2>/dev/null | grep -q '/opt/parfocal/' || return 0
        sleep 0.25
    done
    stop "the program did not end"
}
