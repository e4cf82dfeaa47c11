# What CI runs on Windows for a release: make the setup, then the same selftest from the bundle and
# from what was installed. What it made is in dist\.
$ErrorActionPreference = 'Stop'
Set-Location (Split-Path $PSScriptRoot)

# everything of one selftest in one file; a step that fails ends the job
function Test-Program([string] $name, [string] $program) {
    $answer = "dist\selftest-$name.json"
    & $program selftest --json | Out-File -Encoding utf8 $answer
    if ($LASTEXITCODE -ne 0) {
        Get-Content $answer
        exit 1
    }
    Write-Output "ci: selftest of the $name went well"
}

New-Item -ItemType Directory -Force dist | Out-Null
& .\run.ps1 selftest --json | Out-File -Encoding utf8 dist\selftest-source.json
if ($LASTEXITCODE -ne 0) { exit 1 }
python packaging\build
if ($LASTEXITCODE -ne 0) { exit 1 }
Test-Program 'bundle' 'dist\parfocal\parfocal-console.exe'

$setup = (Get-Item dist\Parfocal-*-setup.exe).FullName
$place = Join-Path $env:RUNNER_TEMP 'Parfocal'
$quiet = '/VERYSILENT', '/SUPPRESSMSGBOXES', '/NORESTART'
$done = Start-Process $setup ($quiet + "/DIR=$place") -Wait -PassThru
if ($done.ExitCode -ne 0) { exit 1 }
Test-Program 'setup' (Join-Path $place 'parfocal-console.exe')
$done = Start-Process (Join-Path $place 'unins000.exe') $quiet -Wait -PassThru
if ($done.ExitCode -ne 0) { exit 1 }
if (Test-Path (Join-Path $place 'parfocal.exe')) { Write-Error 'the removal left the program'; exit 1 }
