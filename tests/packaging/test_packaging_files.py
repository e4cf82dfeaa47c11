"""What packages for other systems are made of can be read by those systems' rules.

None of Windows' and macOS' own tools are here: this sees a typing error, not a wrong idea.
"""

from __future__ import annotations

import configparser
import plistlib
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from parfocal.cli._dispatch import VERBS

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
SCRIPTS = [
    ROOT / "run",
    *(ROOT / ".ci" / name for name in ("run", "package")),
    *sorted((PACKAGING / "linux").glob("*.sh")),
    PACKAGING / "prove" / "debian",
    *sorted((PACKAGING / "prove").glob("*.sh")),
]
SECTIONS = {
    *("Setup", "Languages", "Tasks", "Files", "InstallDelete", "Icons", "Registry", "Run", "Code"),
}
PARAMETERS = {
    "Languages": {"Name", "MessagesFile"},
    "Tasks": {"Name", "Description", "GroupDescription", "Flags"},
    "Files": {"Source", "DestDir", "DestName", "Flags", "Check"},
    "InstallDelete": {"Type", "Name"},
    "Icons": {"Name", "Filename", "Parameters", "AppUserModelID", "Tasks"},
    "Registry": {"Root", "Subkey", "ValueType", "ValueName", "ValueData", "Flags", "Tasks"},
    "Run": {"Filename", "Parameters", "Description", "StatusMsg", "Flags", "Check"},
}
PARAMETER = re.compile(r'\s*(\w+): ("(?:[^"]|"")*"|[^";]*)(?:;|$)')


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_shell_script_is_one(script: Path) -> None:
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
    if checker := shutil.which("shellcheck"):
        done = subprocess.run(
            [checker, "-s", "sh", str(script)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def inno_sections() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    depth = 0
    lines: list[str] = []
    for line in (PACKAGING / "windows" / "parfocal.iss").read_text().splitlines():
        if line.startswith("#if"):
            depth += 1
        elif line.startswith("#endif"):
            depth -= 1
        elif head := re.fullmatch(r"\[(\w+)\]", line):
            lines = sections.setdefault(head[1], [])
        elif line.strip() and not line.startswith((";", "#")):
            lines.append(line)
        assert depth >= 0
    assert depth == 0
    return sections


def test_the_windows_script_has_known_sections_and_whole_entries() -> None:
    sections = inno_sections()
    assert set(sections) == SECTIONS
    setup = dict(line.split("=", 1) for line in sections["Setup"])
    assert {"AppId", "AppVersion", "DefaultDirName", "PrivilegesRequired"} <= set(setup)
    for name, known in PARAMETERS.items():
        for line in sections[name]:
            place, found = 0, set()
            while place < len(line):
                part = PARAMETER.match(line, place)
                assert part, f"[{name}] {line[place:]}"
                found.add(part[1])
                place = part.end()
            assert found <= known, line
    tasks = {re.match(r'Name: "(\w+)"', line)[1] for line in sections["Tasks"]}  # type: ignore[index]
    used = {task for lines in sections.values() for task in re.findall(r"Tasks: (\w+)", str(lines))}
    assert used <= tasks


def test_the_windows_scripts_pascal_is_balanced() -> None:
    code = "\n".join(inno_sections()["Code"])
    code = re.sub(r"\{[^}]*\}|'(?:[^']|'')*'", " ", code)
    assert code.count("(") == code.count(")")
    words = re.findall(r"\b(begin|try|case|end)\b", code)
    assert words.count("end") == len(words) - words.count("end")
    checks = {
        word
        for line in inno_sections()["Files"] + inno_sections()["Run"]
        for part in re.findall(r"Check: ([\w ]+)", line)
        for word in part.split()
    } - {"and", "not", "or", "IsAdminInstallMode"}
    assert checks <= set(re.findall(r"function (\w+)", code))


def test_macs_entitlements_let_foreign_adapters_in() -> None:
    told = plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())
    assert told["com.apple.security.cs.disable-library-validation"] is True


def test_ci_makes_packages_on_three_systems_by_the_same_scripts() -> None:
    told = yaml.safe_load((ROOT / ".github" / "workflows" / "packages.yml").read_text())
    assert set(told["jobs"]) == {"linux", "windows", "macos"}
    for job in told["jobs"].values():
        commands = [step["run"] for step in job["steps"] if "run" in step]
        assert commands[-1] in (".ci/package", ".ci/package.ps1")
    for script in ("package", "package.ps1"):
        text = (ROOT / ".ci" / script).read_text()
        assert "selftest --json" in text
        assert "packaging" in text


METAINFO = PACKAGING / "prove" / "inside-metainfo.sh"
MARKS = {"@PROGRAM@": "/usr/bin/parfocal", "@VERSION@": "0.1.0", "@DATE@": "2026-11-28"}


@pytest.mark.parametrize(
    ("name", "tool", "checker"),
    [
        ("parfocal.desktop", "desktop-file-validate", ("desktop-file-validate",)),
        ("parfocal-store.desktop", "desktop-file-validate", ("desktop-file-validate",)),
        ("parfocal.metainfo.xml", "appstreamcli", ("sh", str(METAINFO))),
    ],
)
def test_a_desktop_takes_the_files_as_they_are_installed(
    tmp_path: Path, name: str, tool: str, checker: tuple[str, ...]
) -> None:
    text = (PACKAGING / "linux" / name).read_text()
    for mark, value in MARKS.items():
        text = text.replace(mark, value)
    assert not re.search(r"@\w+@", text)
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed here")
    (tmp_path / name).write_text(text)
    done = subprocess.run(
        [*checker, str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "warning" in done.stdout.lower()) == (0, False), done.stdout


def test_the_program_has_one_name_on_every_desktop() -> None:
    about = ET.parse(PACKAGING / "linux" / "parfocal.metainfo.xml").getroot()
    name = about.findtext("id")
    assert name is not None
    assert re.fullmatch(r"[a-z]+(\.[a-z][a-z0-9_]*){2,}", name)
    assert f'bundle_identifier="{name}"' in (PACKAGING / "parfocal.spec").read_text()
    assert f'AppUserModelID: "{name}"' in (PACKAGING / "windows" / "parfocal.iss").read_text()


def test_desktop_files_can_be_read_and_agree() -> None:
    kinds = ET.parse(PACKAGING / "linux" / "parfocal.xml").getroot()
    told = {one.get("type") for one in kinds if one.tag.endswith("mime-type")}
    about = ET.parse(PACKAGING / "linux" / "parfocal.metainfo.xml").getroot()
    launched = about.findtext("launchable")
    assert launched == "parfocal.desktop"
    assert (PACKAGING / "linux" / launched).is_file()
    assert {one.text for one in about.iterfind("provides/mediatype")} == told
    entry = configparser.ConfigParser(interpolation=None, strict=True)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(PACKAGING / "linux" / "parfocal.desktop")
    main = entry["Desktop Entry"]
    assert set(main["MimeType"].strip(";").split(";")) == told
    assert main["Exec"].endswith(" gui %f")


def test_the_manual_page_names_every_verb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PACKAGING))
    from make_parts import manual_page, version_resource

    page = manual_page()
    for verb in VERBS:
        assert f".B {verb.replace('-', chr(92) + '-')}\n" in page
    assert "'0.1.0'" in version_resource("0.1.0")
    assert "(0, 1, 0, 0)" in version_resource("0.1.0")
    if checker := shutil.which("groff"):
        done = subprocess.run(
            [checker, "-man", "-ww", "-z", "-Tutf8", "-"],
            input=page,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""


def test_the_hosts_own_libraries_and_the_wheels_own_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("PyInstaller", reason="only where packages are made")
    monkeypatch.syspath_prepend(str(PACKAGING))
    from contents import is_shipped

    for name in ("libstdc++.so.6", "libGL.so.1", "libxcb-icccm.so.4", "libfontconfig.so.1.12"):
        assert not is_shipped(name)
    for name in (
        "numpy.libs/libgfortran-040039e1.so.5",
        "scipy.libs/libstdc++-1a2b.so.6",
        "pyarrow/libarrow.so.2600",
        "pyarrow/libarrow_substrait.so.2600",  # steps/lighter.py drops it, on Linux
        "cmap/data/matplotlib/record.json",
        "libcrypto.so.3",
        "libz.so.1",
        "PyQt6/Qt6/plugins/platforms/libqxcb.so",
        "mm_test_adapters/libs/libmmgr_dal_DemoCamera.so.0",
        "vispy/io/_data/spatial-filters.npy",
    ):
        assert is_shipped(name), name
    assert not is_shipped("pyarrow/libarrow_s3.so.2600")
    assert not is_shipped("PyQt6/Qt6/plugins/platformthemes/libqgtk3.so")
    assert not is_shipped("cmap/data/matplotlib/__init__.py")
