; Inno Setup 6: Parfocal for Windows, for everybody (as administrator) or for one person.
; packaging/build calls the compiler with /DVersion /DBundle /DRedistributable /DParts [/DSigned].
;
; For IT, without a question (codes of Inno Setup: 0 done, 5 cancelled, 7 Parfocal is running):
;   Parfocal-X-setup.exe /VERYSILENT /SUPPRESSMSGBOXES /NORESTART /ALLUSERS
;   Parfocal-X-setup.exe /VERYSILENT /SUPPRESSMSGBOXES /NORESTART /CURRENTUSER
;   … /DIR="D:\Parfocal" /TASKS="!desktopicon" /LOG="C:\parfocal-setup.log"
;   "C:\Program Files\Parfocal\unins000.exe" /VERYSILENT

#ifndef Version
  #error packaging/build makes this; it says where the bundle is
#endif

[Setup]
AppId={{5B8E7E0A-4D5C-4A83-9C0B-0E6B2E9C7F11}
AppName=Parfocal
AppVersion={#Version}
AppVerName=Parfocal {#Version}
AppPublisher=The Parfocal developers
VersionInfoVersion={#Version}
DefaultDirName={autopf}\Parfocal
DefaultGroupName=Parfocal
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile={#SourcePath}\..\..\LICENSE
SetupIconFile={#Parts}\parfocal.ico
UninstallDisplayIcon={app}\parfocal.exe
OutputBaseFilename=Parfocal-{#Version}-windows-x86_64-setup
Compression=lzma2/max
SolidCompression=yes
LZMAUseSeparateProcess=yes
WizardStyle=modern
ChangesAssociations=yes
; a recording that goes on must not lose its program: see PrepareToInstall
CloseApplications=no
#ifdef Signed
SignTool=parfocal
SignedUninstaller=yes
#endif

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"
Name: "german"; MessagesFile: "compiler:Languages\German.isl"
Name: "french"; MessagesFile: "compiler:Languages\French.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked
Name: "associate"; Description: "Open plans (.parfocal.yaml) and OME-Zarr stores with Parfocal"

[Files]
; programs first, so that they can be signed as they are packed
#ifdef Signed
Source: "{#Bundle}\parfocal*.exe"; DestDir: "{app}"; Flags: ignoreversion sign
#else
Source: "{#Bundle}\parfocal*.exe"; DestDir: "{app}"; Flags: ignoreversion
#endif
Source: "{#Bundle}\_internal\*"; DestDir: "{app}\_internal"; Flags: ignoreversion recursesubdirs createallsubdirs
Source: "{#Redistributable}"; DestDir: "{tmp}"; DestName: "vc_redist.x64.exe"; Flags: deleteafterinstall; Check: NeedsRuntime

[InstallDelete]
; of the version before: a library that is no longer shipped must not be found
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{group}\Parfocal"; Filename: "{app}\parfocal.exe"; Parameters: "gui"; AppUserModelID: "org.parfocal.parfocal"
Name: "{autodesktop}\Parfocal"; Filename: "{app}\parfocal.exe"; Parameters: "gui"; Tasks: desktopicon

[Registry]
; HKA is the machine's or the person's part, whichever is installed for
Root: HKA; Subkey: "Software\Classes\Parfocal.Plan"; ValueType: string; ValueData: "Parfocal experiment plan"; Flags: uninsdeletekey; Tasks: associate
Root: HKA; Subkey: "Software\Classes\Parfocal.Plan\DefaultIcon"; ValueType: string; ValueData: "{app}\parfocal.exe,0"; Tasks: associate
Root: HKA; Subkey: "Software\Classes\Parfocal.Plan\shell\open\command"; ValueType: string; ValueData: """{app}\parfocal.exe"" gui ""%1"""; Tasks: associate
; Windows looks at the last part of a name only: Parfocal is offered for .yaml and takes nothing away
Root: HKA; Subkey: "Software\Classes\.yaml\OpenWithProgids"; ValueType: string; ValueName: "Parfocal.Plan"; ValueData: ""; Flags: uninsdeletevalue; Tasks: associate
; a store is a folder: it gets a line in the menu of folders whose name ends in .zarr
Root: HKA; Subkey: "Software\Classes\Directory\shell\Parfocal"; ValueType: string; ValueData: "Open with Parfocal"; Flags: uninsdeletekey; Tasks: associate
Root: HKA; Subkey: "Software\Classes\Directory\shell\Parfocal"; ValueType: string; ValueName: "AppliesTo"; ValueData: "System.FileName:~>"".zarr"""; Tasks: associate
Root: HKA; Subkey: "Software\Classes\Directory\shell\Parfocal"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\parfocal.exe,0"; Tasks: associate
Root: HKA; Subkey: "Software\Classes\Directory\shell\Parfocal\command"; ValueType: string; ValueData: """{app}\parfocal.exe"" gui ""%1"""; Tasks: associate
Root: HKA; Subkey: "Software\Microsoft\Windows\CurrentVersion\App Paths\parfocal.exe"; ValueType: string; ValueData: "{app}\parfocal-console.exe"; Flags: uninsdeletekey

[Run]
; only an administrator can install it; a person without rights has it already or is told
Filename: "{tmp}\vc_redist.x64.exe"; Parameters: "/install /quiet /norestart"; StatusMsg: "Microsoft's C++ runtime…"; Flags: waituntilterminated; Check: NeedsRuntime and IsAdminInstallMode
Filename: "{app}\parfocal.exe"; Parameters: "gui"; Description: "{cm:LaunchProgram,Parfocal}"; Flags: nowait postinstall skipifsilent

[Code]
const
  RuntimeKey = 'SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64';
  { Visual Studio 2022: what PyQt6 and the wheels of 2026 were built with }
  LeastMinor = 38;

function NeedsRuntime: Boolean;
var
  Installed, Minor: Cardinal;
begin
  Result := not (RegQueryDWordValue(HKLM64, RuntimeKey, 'Installed', Installed) and (Installed = 1)
    and RegQueryDWordValue(HKLM64, RuntimeKey, 'Minor', Minor) and (Minor >= LeastMinor));
end;

function InitializeSetup: Boolean;
begin
  Result := True;
  if NeedsRuntime and not IsAdminInstallMode then
    SuppressibleMsgBox('Parfocal needs Microsoft''s Visual C++ runtime (x64), which only an '
      + 'administrator can install. Parfocal is installed all the same, and starts once the '
      + 'runtime is there.', mbInformation, MB_OK, IDOK);
end;

{ A program that runs is open for nobody else. Restart Manager would close it, silently too. }
function IsRunning(const Program: String): Boolean;
var
  Opened: TFileStream;
begin
  Result := False;
  if not FileExists(Program) then
    Exit;
  try
    Opened := TFileStream.Create(Program, fmOpenReadWrite or fmShareExclusive);
    Opened.Free;
  except
    Result := True;
  end;
end;

function PrepareToInstall(var NeedsRestart: Boolean): String;
begin
  Result := '';
  if IsRunning(ExpandConstant('{app}\parfocal.exe'))
    or IsRunning(ExpandConstant('{app}\parfocal-console.exe')) then
    Result := 'Parfocal is running; close it, then try again.';
end;

function InitializeUninstall: Boolean;
begin
  Result := not IsRunning(ExpandConstant('{app}\parfocal.exe'));
  if not Result then
    SuppressibleMsgBox('Parfocal is running; close it, then try again.', mbError, MB_OK, IDOK);
end;
