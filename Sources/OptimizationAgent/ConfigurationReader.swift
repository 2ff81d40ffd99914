public import Diagnostics
import ExperimentRecords
import Foundation
import KernelParsing
import LineageLog
import Yams

extension Configuration {
  /// Reads the nearest `.ratchet.yml` at the path or above it; empty when there is none.
  ///
  /// What runs programs is taken from a person's own configuration alone.
  /// Throws: `InputError` with file, line and remedy for anything that the schema does not know.
  public static func nearest(to path: String) throws(InputError) -> Configuration {
    guard let file = try ConfigurationFiles.nearest(to: path) else { return Configuration() }
    let configuration = try read(file)
    return ConfigurationFiles.standing(of: file) == .own
      ? configuration : configuration.withoutPrograms()
  }

  /// Reads one file.
  public static func read(_ path: String) throws(InputError) -> Configuration {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw InputError(
        "cannot read the configuration '\(path)'", remedy: "make it a readable UTF-8 file")
    }
    return try ConfigurationReader(path: path).read(text)
  }
}

/// Walks the YAML tree, so that every complaint has a line.
struct ConfigurationReader {
  let path: String

  func read(_ text: String) throws(InputError) -> Configuration {
    var result = Configuration()
    result.path = path
    guard let root = try compose(text) else { return result }
    for (key, value) in try pairs(root, "the configuration") {
      switch key.name {
      case "version":
        guard value.int == 1 else { throw error(value, "unknown version", "write 'version: 1'") }
      case "workloads": result.workloads = try workloads(value)
      case "program": result.program = try program(value)
      case "budget":
        result.budget = try scalar(value, "a budget such as 60s or 200evals", Budget.init)
      case "fp":
        result.floatingPoint = try scalar(value, "'exact' or 'relaxed'") {
          FloatingPointMode(rawValue: $0)
        }
      case "require":
        result.requirement = try scalar(value, "'tested', 'bounded' or 'proved'") {
          Verdict(rawValue: $0).flatMap { $0 >= .tested ? $0 : nil }
        }
      case "cc": result.compiler = try scalar(value, "a compiler") { $0 }
      case "cflags": result.flags = try scalar(value, "compiler flags") { $0 }
      case "threads":
        result.threads = try scalar(value, "a number of threads from 1 to 256", threads)
      case "level":
        result.maximumLevel = try scalar(value, "a level L0 to L4") { AutonomyLevel($0) }
      case "approvers": result.approvers = try approvers(value)
      case "ceilings": result.ceilings = try ceilings(value)
      default:
        throw unknown(
          key,
          [
            "version", "workloads", "program", "budget", "fp", "require", "cc", "cflags", "threads",
            "level", "approvers", "ceilings",
          ])
      }
    }
    return result
  }

  private func threads(_ text: String) -> Int? {
    Int(text).flatMap { (1...256).contains($0) ? $0 : nil }
  }

  private func compose(_ text: String) throws(InputError) -> Node? {
    do {
      return try Yams.compose(yaml: text)
    } catch let failure as YamlError {
      let (line, column, problem) = failure.place
      throw InputError(
        "not valid YAML: \(problem)",
        at: SourceLocation(file: path, line: line, column: column), remedy: "mend the syntax there")
    } catch {
      throw InputError("'\(path)' is not valid YAML", remedy: "mend its syntax")
    }
  }

  private func workloads(_ node: Node) throws(InputError) -> [String: [Configuration.Workload]] {
    var result: [String: [Configuration.Workload]] = [:]
    for (function, list) in try pairs(node, "'workloads'") {
      guard let sequence = list.sequence else {
        throw error(list, "the workloads of '\(function.name)' are no list", "write '- name: …'")
      }
      var workloads: [Configuration.Workload] = []
      for item in sequence { workloads.append(try workload(item, index: workloads.count)) }
      result[function.name] = workloads
    }
    return result
  }

  private func workload(_ node: Node, index: Int) throws(InputError) -> Configuration.Workload {
    var result = Configuration.Workload(name: "workload-\(index + 1)", sizes: [:])
    for (key, value) in try pairs(node, "a workload") {
      switch key.name {
      case "name": result.name = try scalar(value, "a name") { $0 }
      case "sizes":
        for (input, size) in try pairs(value, "'sizes'") {
          guard let number = size.int else { throw error(size, "a size must be an integer", "") }
          result.sizes[input.name] = number
        }
      case "values":
        for (input, number) in try pairs(value, "'values'") {
          guard let number = number.float else {
            throw error(number, "a value must be a number", "")
          }
          result.values[input.name] = number
        }
      case "ranges":
        for (input, range) in try pairs(value, "'ranges'") {
          result.ranges[input.name] = try self.range(range)
        }
      default: throw unknown(key, ["name", "sizes", "values", "ranges"])
      }
    }
    return result
  }

  private func program(_ node: Node) throws(InputError) -> Configuration.Program {
    var build: String?
    var run: String?
    for (key, value) in try pairs(node, "'program'") {
      switch key.name {
      case "build": build = try scalar(value, "a command") { $0 }
      case "run": run = try scalar(value, "a command") { $0 }
      default: throw unknown(key, ["build", "run"])
      }
    }
    guard let run else { throw error(node, "'program' has no 'run'", "say how to run it") }
    return Configuration.Program(build: build, run: run)
  }

  private func approvers(_ node: Node) throws(InputError) -> [PublicKey: String] {
    var result: [PublicKey: String] = [:]
    for (name, value) in try pairs(node, "'approvers'") {
      let key = try scalar(value, "an Ed25519 public key: 64 digits, or its line in the PEM file") {
        PublicKey($0)
      }
      result[key] = name.name
    }
    return result
  }

  private func ceilings(_ node: Node) throws(InputError) -> [Ceiling: Double] {
    var result: [Ceiling: Double] = [:]
    for (name, value) in try pairs(node, "'ceilings'") {
      guard let ceiling = Ceiling(rawValue: name.name) else {
        throw unknown(name, Ceiling.allCases.map(\.rawValue))
      }
      result[ceiling] = try scalar(value, ceiling.form, ceiling.value)
    }
    return result
  }

  private func range(_ node: Node) throws(InputError) -> ClosedRange<Double> {
    let numbers = node.sequence?.compactMap(\.float) ?? []
    guard numbers.count == 2, numbers[0] <= numbers[1] else {
      throw error(node, "a range must be two numbers in order", "write '[0, 255]'")
    }
    return numbers[0]...numbers[1]
  }

  private struct Key {
    var name: String
    var node: Node
  }

  private func pairs(_ node: Node, _ what: String) throws(InputError) -> [(Key, Node)] {
    guard let mapping = node.mapping else { throw error(node, "\(what) must be a mapping", "") }
    var result: [(Key, Node)] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else { throw error(key, "a key must be text", "") }
      result.append((Key(name: name, node: key), value))
    }
    return result
  }

  private func scalar<T>(_ node: Node, _ expected: String, _ read: (String) -> T?)
    throws(InputError) -> T
  {
    guard let text = node.scalar?.string, let value = read(text) else {
      throw error(node, "expected \(expected)", "")
    }
    return value
  }

  private func unknown(_ key: Key, _ known: [String]) -> InputError {
    error(key.node, "unknown key '\(key.name)'", "known are \(known.joined(separator: ", "))")
  }

  private func error(_ node: Node, _ message: String, _ remedy: String) -> InputError {
    let place = node.mark.map { SourceLocation(file: path, line: $0.line, column: $0.column) }
    return InputError(message, at: place, remedy: remedy.isEmpty ? nil : remedy)
  }
}

extension YamlError {
  /// Line, column and problem, as far as the parser tells.
  fileprivate var place: (Int, Int, String) {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, mark.column, problem)
    default: (1, 1, "unreadable")
    }
  }
}
