#!/usr/bin/env bash
# Rankscope.app and a disk image for macOS 12 or later. NOT RUN HERE: written on Linux and never tried
# on a Mac. It takes python.org's or Homebrew's Python and PyInstaller; unsigned, so that the first
# start is by a right click and "Open". Usage: .ci/bundle_macos.sh   (makes dist/Rankscope.dmg)
set -euo pipefail
cd "$(dirname "$0")/.."

python3 -m venv build/macos
build/macos/bin/pip install --quiet . "pyinstaller>=6.10,<7"

# The icon, in the sizes that Finder asks for.
iconset=build/rankscope.iconset
mkdir -p "$iconset"
for size in 16 32 128 256; do
    sips -z "$size" "$size" assets/icons/rankscope-256.png --out "$iconset/icon_${size}x${size}.png"
done
iconutil -c icns "$iconset" -o build/rankscope.icns

cat > build/start.py <<'PY'
import multiprocessing
import sys

multiprocessing.freeze_support()  # before anything else: worker processes begin here, too
from gui.__main__ import main

sys.exit(main())
PY
build/macos/bin/pyinstaller --noconfirm --windowed --name Rankscope --icon build/rankscope.icns \
    --osx-bundle-identifier org.rankscope.Rankscope \
    --collect-all engine --collect-all gui --hidden-import rankscope --copy-metadata rankscope \
    --collect-data ziamath --collect-data ziafont --collect-all llvmlite --collect-submodules numba \
    --exclude-module tkinter --exclude-module PySide6.QtQml --exclude-module PySide6.QtQuick \
    --distpath dist --workpath build/pyinstaller --specpath build build/start.py

# What a double click in Finder may open with it.
/usr/libexec/PlistBuddy -c "Add :CFBundleDocumentTypes array" \
    -c "Add :CFBundleDocumentTypes:0 dict" \
    -c "Add :CFBundleDocumentTypes:0:CFBundleTypeName string Matrices" \
    -c "Add :CFBundleDocumentTypes:0:CFBundleTypeRole string Viewer" \
    -c "Add :CFBundleDocumentTypes:0:CFBundleTypeExtensions array" \
    -c "Add :CFBundleDocumentTypes:0:CFBundleTypeExtensions:0 string npy" \
    -c "Add :CFBundleDocumentTypes:0:CFBundleTypeExtensions:1 string npz" \
    -c "Add :CFBundleDocumentTypes:0:CFBundleTypeExtensions:2 string safetensors" \
    -c "Add :CFBundleDocumentTypes:0:CFBundleTypeExtensions:3 string mtx" \
    dist/Rankscope.app/Contents/Info.plist
hdiutil create -volname Rankscope -srcfolder dist/Rankscope.app -ov -format UDZO dist/Rankscope.dmg
