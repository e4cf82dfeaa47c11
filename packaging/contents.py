"""Say what goes into the bundle that PyInstaller's analysis does not find, and what stays out."""

import ast
import re
import sys
from collections.abc import Iterable
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from types import CodeType

from PyInstaller.utils.hooks import (
    collect_data_files,
    collect_dynamic_libs,
    collect_submodules,
    copy_metadata,
)

ROOT = Path(__file__).resolve().parents[1]
STAND_INS = ROOT / "packaging" / "stand_ins"

# Asked for by name at run time, which no analysis sees.
WHOLE_PACKAGES = ("napari", "napari_builtins", "napari_svg", "ome_writers", "parfocal")
# Each codec of imagecodecs is a library by itself, loaded at its first use. These are what a TIFF
# may be compressed with, and what Parfocal calls itself: blosc, deflate and jpeg8. Not here are 39
# (AVIF, Ultra HDR, textures of games, lossy ones for floats), which no reader of ours can meet.
CODECS = (
    *("blosc", "ccitt", "deflate", "imcd", "jpeg2k", "jpeg8", "jpegxl", "jpegxr", "lerc", "ljpeg"),
    *("lzma", "png", "shared", "shared_cython", "webp", "zlib", "zstd"),
)
# Highlighted at run time is Python, YAML and JSON; of the 300 languages these are what is loaded.
LEXERS = re.compile(r"pygments\.lexers(\.(data|python|special|_mapping))?")
MODULES = (
    *(f"imagecodecs._{name}" for name in CODECS),
    *("vispy.app.backends._pyqt6", "vispy.glsl", "magicgui.backends._qtpy"),
    "vispy.gloo.gl.glplus",  # without it vispy draws, but says nothing of what it cannot
    "ml_dtypes",  # TensorStore's own library imports it
    "xsdata_pydantic_basemodel.hooks",
    "numcodecs.zarr3",
    # tornado picks its resolver, distributed its transports and its serializers, by their names
    *("distributed.comm.tcp", "distributed.comm.inproc", "distributed.protocol.numpy"),
)
# Of napari's tests, drawings for developers, and what only its plug-in installer needs.
NOT_OF_THESE = re.compile(r"\.(_tests|tests|benchmarks|conftest)(\.|$)|^napari\.experimental")

DATA = {
    "mm_test_adapters": {},
    "napari": {"includes": ["**/*.py_tmpl", "resources/**", "_qt/**/*.qss", "**/*.svg"]},
    "napari_builtins": {"includes": ["*.yaml"]},
    "napari_resources": {},
    "napari_svg": {"includes": ["*.yaml"]},
    "ome_types": {"includes": ["*.yaml"]},
    "parfocal": {"includes": ["**/*.json"]},
    "pymmcore_widgets": {"excludes": ["**/*.pyi"]},
    "pymmcore_plus": {"includes": ["**/*.json", "**/*.cfg"]},
    "superqt": {"includes": ["**/*.ttf", "**/*.svg"]},
    "vispy": {"includes": ["glsl/**", "**/*.frag", "**/*.vert", "util/fonts/data/*", "io/_data/*"]},
    "xsdata_pydantic_basemodel": {},
    "ome_zarr_models": {"includes": ["**/*.json"]},
    "yaozarrs": {"includes": ["**/*.json"]},
    "cmap": {"excludes": ["**/*.pyi"]},
}
# Whose own version or entry points are looked up at run time; ome-types writes an empty OME-TIFF
# without its own, and fails only afterwards.
METADATA = (
    *("parfocal", "PyQt6", "pyqtgraph", "pymmcore-plus", "pymmcore-widgets", "vispy"),
    *("tensorstore", "zarr", "ome-zarr", "useq-schema", "numpy", "imageio", "ome-types"),
    *("napari", "napari-svg", "npe2", "xsdata", "numcodecs", "platformdirs"),
    *("dask", "distributed", "ome-writers", "yaozarrs", "ome-zarr-models", "magicgui", "pint"),
)

# What tests, the bench's peers, the console and foreign front ends bring into the environment.
EXCLUDED = (
    # laptrack imports one function of scikit-learn (15 MiB), for a tracker that we do not call:
    # stand_ins/sklearn has it; joblib and narwhals are scikit-learn's only
    *("sklearn", "joblib", "narwhals"),
    # readers of other arrays and XML that their users fall back from; xarray is the bench's peers'
    *("lxml", "xarray", "dask.dataframe"),
    # of Arrow only Parquet, and the arithmetic that pandas imports
    *("pyarrow._acero", "pyarrow._csv", "pyarrow._dataset", "pyarrow._dataset_orc"),
    *("pyarrow._dataset_parquet", "pyarrow._dataset_parquet_encryption", "pyarrow._feather"),
    *("pyarrow._flight", "pyarrow._json", "pyarrow._orc", "pyarrow._substrait"),
    *("pyarrow._parquet_encryption", "pyarrow._pyarrow_cpp_tests"),
    # Pillow's AVIF (5 MiB) and drawn text (3 MiB): nobody writes on a picture with it
    *("PIL._avif", "PIL._imagingft"),
    # a line to type into, of tornado's log and Python's debugger
    *("readline", "curses", "_curses", "_curses_panel"),
    *("IPython", "ipykernel", "ipywidgets", "napari_console", "qtconsole", "jupyter_client"),
    *("jupyter_core", "debugpy", "jedi", "parso", "prompt_toolkit", "matplotlib_inline"),
    *("nbformat", "nbconvert", "traitlets"),
    *("acquire_zarr", "bioio", "bioio_base", "bioio_ome_tiff", "bioio_ome_zarr", "ngff_zarr"),
    *("itkwasm", "itkwasm_downsample", "itkwasm_downsample_wasi", "wasmtime", "zarrista"),
    *("boto3", "botocore", "aiobotocore", "s3fs", "kerchunk", "rangehttpserver"),
    *("hypothesis", "mypy", "mypyc", "pytest", "_pytest", "pytestqt", "ruff", "importlinter"),
    *("matplotlib", "tkinter", "_tkinter", "bokeh", "PyInstaller", "setuptools", "pip", "wheel"),
    # what writes the documentation; with babel, of 35 MiB, pint speaks other languages
    *("babel", "mkdocs", "material", "pymdownx", "markdown", "watchdog", "ghp_import"),
    *("PySide2", "PySide6", "PyQt5", "wx", "torch", "cupy", "numba", "sphinx", "docutils"),
    *("pyarrow.tests", "numpy.tests", "pandas.tests", "skimage.data._fetchers"),
    *("PyQt6.QtQml", "PyQt6.QtQuick", "PyQt6.QtQuick3D", "PyQt6.QtQuickWidgets", "PyQt6.QtPdf"),
    *("PyQt6.QtPdfWidgets", "PyQt6.QtWebEngineCore", "PyQt6.QtMultimedia", "PyQt6.QtBluetooth"),
    *("PyQt6.QtDesigner", "PyQt6.QtHelp", "PyQt6.QtSql", "PyQt6.QtPositioning", "PyQt6.QtNfc"),
    *("PyQt6.QtSensors", "PyQt6.QtSerialPort", "PyQt6.QtRemoteObjects", "PyQt6.QtTextToSpeech"),
    # validators, web clients and servers that are never reached
    *("xmlschema", "elementpath", "aiohttp", "RangeHTTPServer", "build", "pyproject_hooks"),
    *("PyQt6.QtWebChannel", "PyQt6.QtWebSockets", "PyQt6.QtSpatialAudio"),
)

# The host's own must be used: ours are older than the graphics drivers of a newer host, and OpenGL
# aborts; vispy asks the host's fontconfig for fonts; the libraries of a desktop fit that desktop.
HOSTS_LIBRARIES = re.compile(
    r"/lib(stdc\+\+|gcc_s|fontconfig|freetype|GL|EGL|GLX|GLdispatch|OpenGL|gbm|drm|dbus-1|expat"
    r"|uuid|X[a-zA-Z]+|X11|X11-xcb|xcb[-a-z]*|wayland-[a-z]+|xkbcommon[-x1]*|glib-2|gthread-2|gio-2"
    r"|gobject-2|gmodule-2|g[td]k-3|gdk_pixbuf-2|pango[a-z0-9]*-1|cairo[-a-z]*|at[ks][-a-z]*|harfbuzz"
    r"|fribidi|epoxy|thai|datrie|graphite2|pixman-1|mount|blkid|selinux|systemd|gcrypt|gpg-error"
    r"|cap|pcre2-8|bsd|md|png16|jpeg|lz4)[-.0-9]*\.so"
)
# GTK's look with its 35 libraries; screens without a desktop; what Qt has for web, film and maps;
# Arrow's clients of clouds; what is for compilers and for tests.
NOT_SHIPPED = re.compile(
    r"platformthemes/libqgtk3|platforms/libq(eglfs|linuxfb|vnc|vkkhrdisplay|minimalegl)"
    r"|plugins/(egldeviceintegrations|networkinformation|sqldrivers|multimedia|qmltooling|position"
    r"|sensors|texttospeech|webview|designer|virtualkeyboard|assetimporters|geometryloaders"
    r"|renderers|sceneparsers|canbus|generic)/|imageformats/libqpdf|/Qt6/(qml|translations)/"
    r"|libQt6(Quick|Qml|Pdf|Multimedia|Designer|WebEngine|Sql|EglFS)|/(tests?|_tests)/"
    r"|pyarrow/(include|includes|src)/|pyarrow/.*(flight|_s3|azurefs|gcsfs|hdfs|orc|encryption)"
    r"|pyarrow/.*\.(px[di]|pyx|h)$|libarrow_(flight|s3|python_flight|python_parquet_enc)"
    # a second copy of what is packed as modules; drawings of web pages, of napari's icon for macOS
    r"|/cmap/.*\.py$|distributed/http/static/|napari/resources/(multichannel|icon\.icns)"
    r"|napari_resources/resources/fonts/|jsonschema/benchmarks/"
    r"|pyarrow/libarrow_python\.so(\.\d+\.\d+\.\d+)?$"
    r"|numpy/_core/(include|lib)/"
    r"|\.dist-info/(direct_url\.json|RECORD|INSTALLER|REQUESTED)$"
)
# Of these the program ships no docstrings (3 MiB packed, a third of these packages): nobody can
# read them where there is no console. Assertions stay: pandas and scikit-image catch their own.
# numpy and scikit-image are not among them: at their start they look into their docstrings.
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED_ELSEWHERE = ("networkx", "pandas", "scipy")
LICENCE_FILE = re.compile(
    r"(^|/)(licen[cs]e|copying|notice|authors|copyright)[^/]*$", re.IGNORECASE
)


def hidden_imports() -> list[str]:
    """Every module that is imported by name."""
    found = list(MODULES)
    for package in WHOLE_PACKAGES:
        found += collect_submodules(package, filter=lambda name: not NOT_OF_THESE.search(name))
    return found


def left_out() -> list[str]:
    """Every module that is not collected though something imports it."""
    lexers = collect_submodules("pygments.lexers")
    return [*EXCLUDED, *(name for name in lexers if not LEXERS.fullmatch(name))]


def stand_ins() -> list[tuple[str, str, str]]:
    """Modules of our own in place of packages that are left out, as PyInstaller lists modules."""
    found = []
    for file in sorted(STAND_INS.rglob("*.py")):
        name = ".".join(file.relative_to(STAND_INS).with_suffix("").parts)
        found.append((name.removesuffix(".__init__"), str(file), "PYMODULE"))
    return found


def without_docstrings(found: Iterable[tuple[str, str, str]]) -> dict[str, CodeType]:
    """The code of those modules whose docstrings nobody will read, without them."""
    codes = {}
    for name, place, _ in found:
        if name.partition(".")[0] not in DOCUMENTED_ELSEWHERE or not place.endswith(".py"):
            continue
        tree = ast.parse(Path(place).read_bytes(), place)
        for part in ast.walk(tree):
            if isinstance(part, DOCUMENTED) and ast.get_docstring(part, clean=False) is not None:
                first = part.body.pop(0)
                if not part.body:
                    part.body.append(ast.copy_location(ast.Pass(), first))
        codes[name] = compile(tree, place, "exec", dont_inherit=True)
    return codes


def data_files() -> list[tuple[str, str]]:
    """Files that are opened by name, and the metadata of packages that ask for their own."""
    found = [(str(ROOT / "resources"), "parfocal/resources")]
    for package, chosen in DATA.items():
        found += collect_data_files(package, **chosen)
    for package in METADATA:
        found += copy_metadata(package)
    return found


def libraries() -> list[tuple[str, str]]:
    """Device adapters, opened by name: libmmgr_dal_X.so.0 here, mmgr_dal_X.dll there."""
    patterns = ["*.dll", "*.so*", "*mmgr_dal*"]
    return collect_dynamic_libs("mm_test_adapters", search_patterns=patterns)


def is_shipped(target: str) -> bool:
    """Whether a file that the analysis found goes into the bundle."""
    place = "/" + target.replace("\\", "/")
    if NOT_SHIPPED.search(place):
        return False
    private = ".libs/" in place  # a wheel's own, under a name of its own
    return private or not (sys.platform == "linux" and HOSTS_LIBRARIES.search(place))


def licence_files(names: Iterable[str]) -> list[tuple[str, str, str]]:
    """The licences of every package of which a module or file is shipped, as they ask for."""
    owners = packages_distributions()
    shipped = {re.split(r"[./\\\\]", name)[0] for name in names}
    chosen = {owner for name in shipped for owner in owners.get(name, ())}
    found = []
    for owner in sorted(chosen):
        told = distribution(owner)
        for file in told.files or ():
            place = file.as_posix()
            if LICENCE_FILE.search(place) and not place.endswith(".py"):
                name = place.rpartition(".dist-info/")[2].replace("/", "-")
                found.append((f"licences/{owner}/{name}", str(told.locate_file(file)), "DATA"))
    return found


def mac_properties(version: str) -> dict[str, object]:
    """What macOS reads of the program: a plan is a file, a store a folder that looks like one."""
    plan = {
        "CFBundleTypeName": "Parfocal plan",
        "CFBundleTypeRole": "Editor",
        "CFBundleTypeExtensions": ["yaml"],  # macOS knows the last part of a name only
        "LSHandlerRank": "Alternate",
    }
    store = {
        "CFBundleTypeName": "OME-Zarr store",
        "CFBundleTypeRole": "Viewer",
        "CFBundleTypeExtensions": ["zarr"],
        "LSItemContentTypes": ["public.folder"],
        "LSHandlerRank": "Alternate",
    }
    return {
        "CFBundleShortVersionString": version,
        "CFBundleDocumentTypes": [plan, store],
        "LSMinimumSystemVersion": "12.0",
        "NSHighResolutionCapable": True,
        "NSCameraUsageDescription": "Parfocal records what the microscope's camera sees.",
        "NSRequiresAquaSystemAppearance": False,
    }
