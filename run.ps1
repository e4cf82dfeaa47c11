# The one door of a checkout on Windows: makes what is missing, then passes its arguments on to parfocal.
#   .\run.ps1            the window          .\run.ps1 demo   the main job, end to end
#   .\run.ps1 test       every check         .\run.ps1 VERB   any verb of docs/verbs.md
$ErrorActionPreference = 'Stop'
$here = $PSScriptRoot
$venv = Join-Path $here '.venv'
$python = Join-Path $venv 'Scripts\python.exe'
# Without byte code napari starts in 3.4 s in place of 2.0.
Remove-Item Env:PYTHONDONTWRITEBYTECODE -ErrorAction SilentlyContinue

function Stop-WithSentence([string] $sentence) {
    [Console]::Error.WriteLine("run: $sentence")
    exit 1
}

function Find-Python {
    foreach ($candidate in @(@('py', '-3.13'), @('py', '-3.12'), @('py', '-3.11'), @('python'))) {
        if (-not (Get-Command $candidate[0] -ErrorAction SilentlyContinue)) { continue }
        $rest = @($candidate | Select-Object -Skip 1)
        & $candidate[0] @rest -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>$null
        if ($LASTEXITCODE -eq 0) { return , $candidate }
    }
    Stop-WithSentence 'Python 3.11, 3.12 or 3.13 is needed and none was found; install it from python.org, then start again'
}

$inputs = 'run.ps1', 'pyproject.toml', 'packaging\constraints.txt' | ForEach-Object {
    (Get-FileHash (Join-Path $here $_)).Hash
}
$stamp = "$here $($inputs -join ' ')"
$stampFile = Join-Path $venv 'parfocal-stamp'
$made = if (Test-Path $stampFile) { Get-Content $stampFile -Raw } else { '' }

if ($made.Trim() -ne $stamp) {
    [Console]::Error.WriteLine("run: making the environment in $venv (once; some minutes)")
    $found = Find-Python
    $rest = @($found | Select-Object -Skip 1)
    if (Test-Path $venv) { Remove-Item -Recurse -Force $venv }
    & $found[0] @rest -m venv $venv
    if ($LASTEXITCODE -ne 0) { Stop-WithSentence "the environment $venv could not be made; see Python's words above" }
    $env:PIP_CONSTRAINT = Join-Path $here 'packaging\constraints.txt'
    & $python -m pip install --disable-pip-version-check --quiet --editable "$here[bench,docs,test]"
    if ($LASTEXITCODE -ne 0) { Stop-WithSentence "the packages could not be installed; see pip's words above" }
    Remove-Item Env:PIP_CONSTRAINT
    & $python -m compileall -q (Join-Path $here 'app')
    Set-Content -Path $stampFile -Value $stamp -NoNewline
}

if ($args.Count -eq 0 -or $args[0] -ne 'test') {
    & $python -m parfocal @args
    exit $LASTEXITCODE
}
Push-Location $here
try {
    foreach ($check in @(@('ruff', 'check', '--quiet'), @('ruff', 'format', '--check', '--quiet'), @('mypy'), @('lint-imports', '--no-logo'))) {
        $rest = @($check | Select-Object -Skip 1)
        & (Join-Path $venv "Scripts\$($check[0]).exe") @rest
        if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    }
    $rest = @($args | Select-Object -Skip 1)
    & (Join-Path $venv 'Scripts\pytest.exe') @rest
    exit $LASTEXITCODE
}
finally { Pop-Location }
