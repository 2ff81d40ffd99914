import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

/// A person's home beside a project, and what the lineage says was refused there.
final class ControlDesk {
  let home: ProjectFolder
  let project: ProjectFolder
  /// The project as it stands.
  private let before: [String: Data]

  init(_ project: ProjectFolder) throws {
    home = try ProjectFolder()
    self.project = project
    before = try project.snapshot().filter { $0.key.hasSuffix(".c") }
  }

  /// The person's own configuration, which no project reaches.
  func configure(_ text: String) throws { try home.write(text, to: "config/ratchet/config.yml") }

  /// The tool in the project, or in a folder of it.
  func tool(in folder: String = "") -> RatchetTool {
    let place = folder.isEmpty ? project.url : project.url.appendingPathComponent(folder)
    var tool = RatchetTool(in: place)
    tool.environment = [
      "XDG_CONFIG_HOME": home.path + "/config", "XDG_STATE_HOME": home.path + "/state",
    ]
    return tool
  }

  func state(_ folder: String = ".ratchet") -> StateDirectory {
    StateDirectory(FilePath(project.path + "/" + folder))
  }

  func lineage(_ folder: String = ".ratchet") throws -> Lineage { try Lineage.read(state(folder)) }

  /// What was tried and not done.
  func refusals(_ folder: String = ".ratchet") throws -> [ActionRefused] {
    try lineage(folder).entries.compactMap {
      if case .actionRefused(let refused) = $0.entry.content { refused } else { nil }
    }
  }

  /// Adds entries as a program without anybody's leave would.
  @discardableResult
  func forge(
    _ contents: LineageEntry.Content..., campaign: String? = nil
  ) throws -> [StoredEntry] {
    let writer = try LineageWriter(state(), command: "forger")
    defer { writer.close() }
    return try contents.map { try writer.append($0, campaign: campaign) }
  }

  /// Whether every C file of the project is as it was.
  var isUntouched: Bool {
    get throws { try project.snapshot().filter { $0.key.hasSuffix(".c") } == before }
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: project.path + "/" + name)
  }

  /// A private key in the person's home, as openssl writes it (RFC 8410), with its public half.
  func key(_ name: String) throws -> (file: String, key: SigningKey, text: String) {
    let prefix: [UInt8] = [
      0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ]
    let seed = (0..<32).map { UInt8($0) ^ (name.utf8.first ?? 0) }
    let body = Data(prefix + seed).base64EncodedString()
    let file = try home.write(
      "-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n", to: "\(name).pem")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    let key = try SigningKey(file: FilePath(file))
    return (file, key, try key.publicKey.hex)
  }
}

/// A kernel that walks its matrix down the columns, which any search finds out.
enum StridedKernel {
  static let source = """
    /* Adds every column of the matrix to the sums. */
    void column_sums(int n, double sums[restrict static n], const double a[restrict static n * n])
    {
      for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
          sums[j] += a[i * n + j];
    }

    """
  static let workload = "workloads:\n  column_sums:\n    - name: large\n      sizes: {n: 1000}\n"
}
