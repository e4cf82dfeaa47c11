"""Make the disk image for macOS: sign from the inside outwards, pack, have Apple notarize it."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from steps.facts import PACKAGING, Job, StepError, machine, run, say, version

ENTITLEMENTS = PACKAGING / "macos" / "entitlements.plist"
IDENTITY = "PARFOCAL_SIGNING_IDENTITY"  # "Developer ID Application: …"
PROFILE = "PARFOCAL_NOTARY_PROFILE"  # made once by `xcrun notarytool store-credentials`
MACH_O = {
    b"\xcf\xfa\xed\xfe",  # 64 bits
    b"\xca\xfe\xba\xbe",  # several architectures
}


def make(job: Job) -> Path:
    """The image; it is signed and notarized where there is an identity and a profile."""
    if sys.platform != "darwin":
        raise StepError("the disk image for macOS is made on macOS")
    app = job.output / "Parfocal.app"
    if not app.is_dir():
        raise StepError(f"{app} is not there; make the bundle first")
    identity, profile = os.environ.get(IDENTITY), os.environ.get(PROFILE)
    if identity:
        sign(app, identity)
    else:
        say(f"unsigned, since {IDENTITY} is not set: macOS will not open it at a double-click")
    image = job.output / f"Parfocal-{version()}-macos-{machine()}.dmg"
    pack(job, app, image)
    if identity:
        run(["codesign", "--sign", identity, "--timestamp", image])
    if identity and profile:
        notarize(image, profile)
    return image


def sign(app: Path, identity: str) -> None:
    """Every library first, then the program, then the whole: a signature covers what is inside.

    `--deep` would give libraries the entitlements of the program.
    """
    plain = ["codesign", "--force", "--sign", identity, "--timestamp", "--options", "runtime"]
    program = app / "Contents" / "MacOS" / "parfocal"
    for one in inside_out(app):
        if one != program:
            run([*plain, one])
    run([*plain, "--entitlements", ENTITLEMENTS, program])
    run([*plain, "--entitlements", ENTITLEMENTS, app])
    run(["codesign", "--verify", "--strict", "--deep", "--verbose=2", app])


def inside_out(app: Path) -> Iterator[Path]:
    """Everything that is signed on its own, the deepest first; a framework after its library."""
    frameworks = [one for one in app.rglob("*.framework") if not one.is_symlink()]
    files = [one for one in app.rglob("*") if one.is_file() and not one.is_symlink()]
    found = [*frameworks, *(one for one in files if _is_code(one))]
    yield from sorted(found, key=lambda one: (-len(one.parts), str(one)))


def pack(job: Job, app: Path, image: Path) -> None:
    """A compressed image with the program and a way to the Applications folder."""
    folder = job.scratch("dmg")
    run(["ditto", app, folder / app.name])
    (folder / "Applications").symlink_to("/Applications")
    image.unlink(missing_ok=True)
    kind = "UDZO" if job.quick else "ULMO"
    words = ["hdiutil", "create", "-volname", "Parfocal", "-format", kind, "-ov"]
    run([*words, "-srcfolder", folder, image])
    shutil.rmtree(folder)


def notarize(image: Path, profile: str) -> None:
    """Send it to Apple, wait, and fasten the answer to the image, for computers without network."""
    say("waiting for Apple's notary")
    run(["xcrun", "notarytool", "submit", image, "--keychain-profile", profile, "--wait"])
    run(["xcrun", "stapler", "staple", image])
    run(["spctl", "--assess", "--type", "open", "--context", "context:primary-signature", image])


def _is_code(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(4) in MACH_O
