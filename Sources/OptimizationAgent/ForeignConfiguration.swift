import KernelParsing

extension Configuration {
  /// What a configuration that came with the project may ask for: not to run commands, nor a compiler of the
  /// project's, nor with flags that run or write what the project chooses. The rest is `withheld`.
  func withoutPrograms() -> Configuration {
    var result = self
    let reason = "it stands in a configuration that is not the person's own"
    if let program {
      result.program = nil
      for command in [program.build, program.run].compactMap({ $0 }) {
        result.withheld.append(Withheld(action: "run '\(command)'", reason: reason))
      }
    }
    let directory = path.map { String($0.dropLast(ConfigurationFiles.name.count)) } ?? "."
    if let compiler,
      let complaint = ForeignFlags.complaint(
        aboutCompiler: compiler, in: directory, project: directory)
    {
      result.compiler = nil
      result.withheld.append(
        Withheld(action: "compile by '\(compiler)'", reason: "\(reason); \(complaint)"))
    }
    if let flags {
      let words = ForeignFlags(ShellWords.split(flags))
      result.flags = words.kept.map(Self.quoted).joined(separator: " ")
      if let obstacle = words.obstacle {
        result.flags = nil
        result.withheld.append(
          Withheld(action: "compile with '\(flags)'", reason: "\(reason); \(obstacle)"))
      }
    }
    return result
  }

  /// `word` so that `ShellWords` reads it back.
  private static func quoted(_ word: String) -> String {
    "'" + word.replacing("'", with: #"'\''"#) + "'"
  }
}
