import Foundation

/// Looks beside the loaded library: `lib/libclang-14.so.1` has `lib/clang/14.0.6/include`.
func findResourceDirectory() -> String? {
  // Files of /proc have no size, so they are read to their end.
  guard let handle = FileHandle(forReadingAtPath: "/proc/self/maps") else { return nil }
  let maps: Data
  do {
    maps = try handle.readToEnd() ?? Data()
  } catch {
    return nil  // Without the map of the process, the library's place is not known.
  }
  let lines = String(decoding: maps, as: UTF8.self).split(separator: "\n")
  guard let line = lines.first(where: { $0.contains("/libclang-") || $0.contains("/libclang.") }),
    let start = line.firstIndex(of: "/")
  else { return nil }
  let library = URL(fileURLWithPath: String(line[start...])).resolvingSymlinksInPath()
  let number = library.lastPathComponent.drop { !$0.isNumber }.prefix { $0.isNumber }
  let homes = [
    library.deletingLastPathComponent().appendingPathComponent("clang").path,
    "/usr/lib/llvm-\(number)/lib/clang",
  ]
  let files = FileManager.default
  for home in homes where files.fileExists(atPath: home) {
    let names: [String]
    do {
      names = try files.contentsOfDirectory(atPath: home)
    } catch {
      continue  // What may not be listed may not be read either.
    }
    let match = names.sorted().last {
      $0.hasPrefix(number) && files.fileExists(atPath: "\(home)/\($0)/include/stddef.h")
    }
    if let match { return "\(home)/\(match)" }
  }
  return nil
}
