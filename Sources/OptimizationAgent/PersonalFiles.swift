import Foundation

/// Where a person keeps what no project may change: under the account's own home, and besides where the XDG
/// directories of the environment lie.
///
/// The home is that of the account, whatever `HOME` says, so that no environment takes away what it forbids.
public struct PersonalFiles: Hashable, Sendable {
  /// Configurations of this account; what one forbids no other allows.
  public var configurations: [String]
  /// The file that holds the ids of the approvals that were typed.
  public var register: String

  /// Names the files.
  public init(configurations: [String], register: String) {
    self.configurations = configurations
    self.register = register
  }

  /// The files of this account.
  public static var current: PersonalFiles {
    let environment = ProcessInfo.processInfo.environment
    func place(_ variable: String) -> String? {
      environment[variable].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let home = accountHome
    let own = home + "/.config/ratchet/config.yml"
    let other = place("XDG_CONFIG_HOME").map { $0 + "/ratchet/config.yml" }
    let state = place("XDG_STATE_HOME") ?? home + "/.local/state"
    return PersonalFiles(
      configurations: [own] + [other].compactMap { $0 == own ? nil : $0 },
      register: state + "/ratchet/approvals")
  }

  /// The home directory that the system has for this account.
  private static var accountHome: String {
    guard let entry = getpwuid(getuid()), let directory = entry.pointee.pw_dir else {
      return NSHomeDirectory()
    }
    return String(cString: directory)
  }
}
