; Inno Setup 6. Run by installer.py, which passes /DVersion, /DBundle, /DOutput and /DRoot. Written to the documentation;
; not built where the Linux packages are.

[Setup]
AppId={{6C0E3B0A-5B5E-4C0B-9D57-3B1B8E0C7A41}
AppName=TLGUI
AppVersion={#Version}
AppPublisher=The TLGUI developers
DefaultDirName={autopf}\TLGUI
DefaultGroupName=TLGUI
DisableProgramGroupPage=yes
; For the person who installs it; no administrator is asked.
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
LicenseFile={#Root}\LICENSE
OutputDir={#Output}
OutputBaseFilename=TLGUI-{#Version}-windows-setup
SetupIconFile={#Output}\tlgui.ico
UninstallDisplayIcon={app}\tlgui-window.exe
Compression=lzma2/max
SolidCompression=yes
CloseApplications=yes
ChangesAssociations=yes
WizardStyle=modern

[Tasks]
Name: desktopicon; Description: "An icon on the desktop"; Flags: unchecked

[InstallDelete]
; The parts of an earlier version go first, so that no mixture stays. Runs and settings lie elsewhere.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{group}\TLGUI"; Filename: "{app}\tlgui-window.exe"
Name: "{autodesktop}\TLGUI"; Filename: "{app}\tlgui-window.exe"; Tasks: desktopicon

[Registry]
; TLGUI is offered for .toml files under "Open with"; whatever opens them by default stays.
Root: HKA; Subkey: "Software\Classes\TLGUI.Recipe"; ValueType: string; ValueData: "TLGUI recipe"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\TLGUI.Recipe\DefaultIcon"; ValueType: string; ValueData: "{app}\tlgui-window.exe,0"
Root: HKA; Subkey: "Software\Classes\TLGUI.Recipe\shell\open\command"; ValueType: string; ValueData: """{app}\tlgui-window.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\.toml\OpenWithProgids"; ValueType: none; ValueName: "TLGUI.Recipe"; Flags: uninsdeletevalue

[Run]
Filename: "{app}\tlgui-window.exe"; Description: "Start TLGUI"; Flags: nowait postinstall skipifsilent
