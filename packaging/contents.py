"""Say what goes into the bundle that PyInstaller's analysis does not find, and what stays out."""

import re
import sys
from pathlib import Path

from PyInstaller.utils.hooks import (
    collect_data_files,
    collect_dynamic_libs,
    collect_submodules,
    copy_metadata,
)

ROOT = Path(__file__).resolve().parents[1]

# Asked for by name at run time, which no analysis sees.
WHOLE_PACKAGES = ("napari", "napari_builtins", "ome_writers", "parfocal")
MODULES = (
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
    "parfocal": {"includes": ["**/*.json"]},
    "pymmcore_widgets": {"excludes": ["**/*.pyi"]},
    "pymmcore_plus": {"includes": ["**/*.json", "**/*.cfg"]},
    "superqt": {"includes": ["**/*.ttf", "**/*.svg"]},
    "vispy": {"includes": ["glsl/**", "**/*.frag", "**/*.vert", "util/fonts/data/*"]},
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
    *("IPython", "ipykernel", "ipywidgets", "napari_console", "qtconsole", "jupyter_client"),
    *("jupyter_core", "debugpy", "jedi", "parso", "prompt_toolkit", "matplotlib_inline"),
    *("nbformat", "nbconvert"),
    *("acquire_zarr", "bioio", "bioio_base", "bioio_ome_tiff", "bioio_ome_zarr", "ngff_zarr"),
    *("itkwasm", "itkwasm_downsample", "itkwasm_downsample_wasi", "wasmtime", "zarrista"),
    *("boto3", "botocore", "aiobotocore", "s3fs", "kerchunk", "rangehttpserver"),
    *("hypothesis", "mypy", "mypyc", "pytest", "_pytest", "pytestqt", "ruff", "importlinter"),
    *("matplotlib", "tkinter", "_tkinter", "bokeh", "PyInstaller", "setuptools", "pip", "wheel"),
    *("PySide2", "PySide6", "PyQt5", "wx", "torch", "cupy", "numba", "sphinx", "docutils"),
    *("pyarrow.tests", "numpy.tests", "pandas.tests", "sklearn.tests", "skimage.data._fetchers"),
    *("PyQt6.QtQml", "PyQt6.QtQuick", "PyQt6.QtQuick3D", "PyQt6.QtQuickWidgets", "PyQt6.QtPdf"),
    *("PyQt6.QtPdfWidgets", "PyQt6.QtWebEngineCore", "PyQt6.QtMultimedia", "PyQt6.QtBluetooth"),
    *("PyQt6.QtDesigner", "PyQt6.QtHelp", "PyQt6.QtSql", "PyQt6.QtPositioning", "PyQt6.QtNfc"),
    *("PyQt6.QtSensors", "PyQt6.QtSerialPort", "PyQt6.QtRemoteObjects", "PyQt6.QtTextToSpeech"),
    *("PyQt6.QtWebChannel", "PyQt6.QtWebSockets", "PyQt6.QtSpatialAudio"),
)

# The host's own must be used. Ours are older than the graphics drivers of a newer host, and OpenGL
# aborts; vispy asks the host's fontconfig for files; GTK would come with 35 libraries of a desktop
# that may not be this one.
HOSTS_LIBRARIES = re.compile(
    r"(^|/)(libstdc\+\+|libgcc_s|libfontconfig|libfreetype|libGL|libEGL|libGLX|libGLdispatch"
    r"|libOpenGL|libgbm|libdrm|libX11|libX11-xcb|libXext|libxcb|libXau|libXdmcp|libwayland-client"
    r"|libwayland-cursor|libwayland-egl|libdbus-1|libglib-2|libgthread-2|libexpat|libuuid"
    r"|libgtk-3|libgdk-3|libgdk_pixbuf|libpango|libpangocairo|libpangoft2|libcairo|libatk|libatspi"
    r"|libgio-2|libgobject-2|libgmodule-2|libharfbuzz|libfribidi|libepoxy|libcairo-gobject"
    r"|libxkbcommon|libXcursor|libXi|libXrandr|libXinerama|libXfixes|libXrender|libXcomposite"
    r"|libXdamage|libthai|libdatrie|libgraphite2|libpixman-1|libmount|libblkid|libselinux"
    r"|libsystemd|libgcrypt|libgpg-error|libcap|libpcre2-8|libatk-bridge-2|libatk-1"
    r")[-.0-9a-z]*\.so"
)
NOT_SHIPPED = re.compile(
    r"platformthemes/libqgtk3|/Qt6/(qml|translations)/|plugins/(sqldrivers|multimedia|qmltooling"
    r"|position|sensors|texttospeech|webview|designer|virtualkeyboard|assetimporters|geometryloaders"
    r"|renderers|sceneparsers|canbus)/|libQt6(Quick|Qml|Pdf|Multimedia|Designer|WebEngine|Sql)"
    r"|/(tests?|_tests)/|pyarrow/(include|src)/|libarrow_(flight|substrait)|libparquet_enc"
    r"|numpy/_core/(include|lib)/|sklearn/datasets/(data|images|descr)/"
)


def hidden_imports() -> list[str]:
    """Every module that is imported by name."""
    found = list(MODULES)
    for package in WHOLE_PACKAGES:
        found += collect_submodules(package, filter=lambda name: not NOT_OF_THESE.search(name))
    return found


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
