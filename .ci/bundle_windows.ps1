# Rankscope for Windows 10 or later, a folder with Rankscope.exe and a zip of it. NOT RUN HERE: written
# on Linux and never tried on Windows. It takes python.org's Python and PyInstaller; unsigned.
# Usage: powershell -ExecutionPolicy Bypass -File .ci\bundle_windows.ps1   (makes dist\Rankscope.zip)
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..")

py -3 -m venv build\windows
build\windows\Scripts\pip install --quiet . "pyinstaller>=6.10,<7"

@"
import multiprocessing
import sys

multiprocessing.freeze_support()  # before anything else: worker processes begin here, too
from gui.__main__ import main

sys.exit(main())
"@ | Set-Content -Encoding utf8 build\start.py

# The icon: Pillow, which is there, writes it.
build\windows\Scripts\python -c "from PIL import Image; Image.open('assets/icons/rankscope-256.png').save('build/rankscope.ico', sizes=[(16, 16), (32, 32), (48, 48), (256, 256)])"

build\windows\Scripts\pyinstaller --noconfirm --windowed --name Rankscope --icon build\rankscope.ico `
    --collect-all engine --collect-all gui --hidden-import rankscope --copy-metadata rankscope `
    --collect-data ziamath --collect-data ziafont --collect-all llvmlite --collect-submodules numba `
    --exclude-module tkinter --exclude-module PySide6.QtQml --exclude-module PySide6.QtQuick `
    --distpath dist --workpath build\pyinstaller --specpath build build\start.py
Compress-Archive -Force dist\Rankscope dist\Rankscope.zip

# A double click: who wants it runs this once, for this person alone.
#   foreach ($ending in ".npy", ".npz", ".safetensors", ".mtx") {
#       New-Item -Force "HKCU:\Software\Classes\$ending\OpenWithProgids" |
#           New-ItemProperty -Force -Name "Rankscope.Matrix" -Value ""
#   }
#   New-Item -Force "HKCU:\Software\Classes\Rankscope.Matrix\shell\open\command" -Value `
#       "`"$PWD\dist\Rankscope\Rankscope.exe`" `"%1`""
