; The installer for Windows, for Inno Setup 6. installer.py runs it and passes the words in braces with a hash.
; Written to the documentation; not built where the Linux packages are.

[Setup]
; By this number Windows knows an earlier version as the same program: it must never change.
AppId={{6C0E3B0A-5B5E-4C0B-9D57-3B1B8E0C7A41}
AppName=TLGUI
AppVersion={#Version}
AppVerName=TLGUI {#Version}
AppPublisher=The TLGUI developers
AppPublisherURL=https://github.com/tlgui/tlgui
AppSupportURL=https://github.com/tlgui/tlgui/issues
VersionInfoVersion={#Numbers}
; For the person who installs it; no administrator is asked.
PrivilegesRequired=lowest
DefaultDirName={autopf}\TLGUI
DisableProgramGroupPage=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; Windows 10 of autumn 2018: the oldest that Qt supports.
MinVersion=10.0.17763
LicenseFile={#Root}\LICENSE
OutputDir={#Out}
OutputBaseFilename=TLGUI-{#Version}-windows-setup
SetupIconFile={#Icon}
UninstallDisplayIcon={app}\tlgui-window.exe
UninstallDisplayName=TLGUI
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
ChangesAssociations=yes
; A TLGUI that runs is closed before its files are replaced, if the person agrees. A run goes on from its last
; checkpoint when it is resumed, which is for the person to decide: nothing starts by itself.
CloseApplications=yes
RestartApplications=no

[Tasks]
Name: desktopicon; Description: "An icon on the desktop"; Flags: unchecked

[InstallDelete]
; The parts of an earlier version go first, so that no mixture stays. Runs and settings lie elsewhere.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{autoprograms}\TLGUI"; Filename: "{app}\tlgui-window.exe"
Name: "{autodesktop}\TLGUI"; Filename: "{app}\tlgui-window.exe"; Tasks: desktopicon

[Registry]
; Windows looks at the last ending of a file only, and .toml belongs to no single program. TLGUI is therefore offered
; under "Open with"; whatever opens such files by default stays.
Root: HKA; Subkey: "Software\Classes\TLGUI.Recipe"; ValueType: string; ValueData: "TLGUI recipe"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\TLGUI.Recipe\DefaultIcon"; ValueType: string; ValueData: "{app}\tlgui-window.exe,0"
Root: HKA; Subkey: "Software\Classes\TLGUI.Recipe\shell\open\command"; ValueType: string; ValueData: """{app}\tlgui-window.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\.toml\OpenWithProgids"; ValueType: none; ValueName: "TLGUI.Recipe"; Flags: uninsdeletevalue

[Run]
Filename: "{app}\tlgui-window.exe"; Description: "Start TLGUI"; Flags: nowait postinstall skipifsilent
