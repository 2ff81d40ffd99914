public import ExperimentRecords
import Foundation

/// Reads what figures depend on from the running system.
public enum MachineProbe {
  /// This machine, with the compilers that were found on it.
  public static func current(compilers: [Compiler] = []) -> Machine {
    let information = text("/proc/cpuinfo")
    return Machine(
      cpu: value(of: "model name", in: information, separator: ":") ?? "unknown",
      caches: caches(), cores: ProcessInfo.processInfo.activeProcessorCount,
      kernel: "\(text("/proc/sys/kernel/ostype")) \(text("/proc/sys/kernel/osrelease"))",
      operatingSystem: operatingSystem(), virtualization: virtualization(information),
      governor: optional("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
      memoryBytes: Int(ProcessInfo.processInfo.physicalMemory), compilers: compilers)
  }

  private static func text(_ path: String) -> String {
    guard let data = FileManager.default.contents(atPath: path) else { return "" }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func optional(_ path: String) -> String? {
    let text = text(path)
    return text.isEmpty ? nil : text
  }

  private static func value(of key: String, in text: String, separator: Character) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(key) {
      guard let index = line.firstIndex(of: separator) else { continue }
      return line[line.index(after: index)...].trimmingCharacters(in: .whitespaces)
    }
    return nil
  }

  private static func caches() -> [Machine.Cache] {
    let root = "/sys/devices/system/cpu/cpu0/cache"
    return (0..<8).compactMap { index in
      let directory = "\(root)/index\(index)"
      guard let level = Int(text("\(directory)/level")), let size = bytes(text("\(directory)/size"))
      else { return nil }
      return Machine.Cache(level: level, kind: text("\(directory)/type").lowercased(), bytes: size)
    }
  }

  /// `32K` and `8M` as the kernel writes them.
  static func bytes(_ text: String) -> Int? {
    guard let number = Int(text.prefix { $0.isNumber }) else { return nil }
    switch text.last {
    case "K": return number << 10
    case "M": return number << 20
    case "G": return number << 30
    default: return number
    }
  }

  private static func operatingSystem() -> String {
    let name = value(of: "PRETTY_NAME", in: text("/etc/os-release"), separator: "=")
    return name.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\"")) } ?? "Linux"
  }

  private static func virtualization(_ information: String) -> String? {
    if FileManager.default.fileExists(atPath: "/.dockerenv") { return "container" }
    guard let flags = value(of: "flags", in: information, separator: ":") else { return nil }
    guard flags.split(separator: " ").contains("hypervisor") else { return "none" }
    return optional("/sys/class/dmi/id/sys_vendor") ?? "hypervisor"
  }
}
