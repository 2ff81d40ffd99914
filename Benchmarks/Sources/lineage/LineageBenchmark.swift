import ArgumentParser
import Campaigns
import ExperimentRecords
import Foundation
import LineageLog
import SystemPackage

/// Measures a long lineage: writing it, opening it, verifying it, and asking it everything.
@main
struct LineageBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lineage",
    abstract: "Appending to, verifying and questioning a lineage of many entries.")

  @Option(help: "Entries, or a few more: campaigns are whole.")
  var entries = 1_000_000

  @Option(help: "Acknowledged appends to time.")
  var appends = 2_000

  @Option(help: "Runs of each question.")
  var runs = 15

  @Option(help: "The program to measure.")
  var binary = "../.build/release/ratchet"

  @Option(
    help: "Where the lineage is made, a directory that is not there; default: a temporary one.")
  var state: String?

  @Flag(help: "Leave the lineage where it is.")
  var keep = false

  @Option(help: "Where the JSON goes; default: results/lineage-<date>.json.")
  var output: String?

  private static let huge = KernelName(file: "src/huge.c", function: "huge")

  func run() throws {
    let folder = state ?? NSTemporaryDirectory() + "/ratchet-lineage-\(UUID().uuidString)"
    guard !FileManager.default.fileExists(atPath: folder) else {
      throw ValidationError("'\(folder)' is there already")
    }
    defer { if !keep { try? FileManager.default.removeItem(atPath: folder) } }
    let directory = StateDirectory(FilePath(folder))
    let tool = Tool(path: binary, state: folder)
    var document = Document(
      date: Date.now.formatted(.iso8601), processor: processorName(),
      cores: ProcessInfo.processInfo.activeProcessorCount)

    var sample = try make(directory, &document)
    let log = folder + "/lineage.jsonl"
    (document.entries, document.logBytes) = (sample.count, try size(log))
    document.say("log", "\(sample.count) entries, \(document.logBytes) bytes")

    document.verify = try tool.timing(["verify"], runs: min(runs, 5))
    document.verifyMemoryBytes = greatestMemoryOfChildren()
    document.say(
      "verify", (document.verify?.text ?? "") + ", \(document.verifyMemoryBytes >> 20) MiB")

    let index = folder + "/index.sqlite"
    document.indexBuild = Timing(
      try (0..<3).map { _ in
        if FileManager.default.fileExists(atPath: index) {
          try FileManager.default.removeItem(atPath: index)
        }
        return try seconds { try tool.run(["log", "-n", "1"]) }
      })
    document.indexBytes = try size(index)
    document.say("index", (document.indexBuild?.text ?? "") + ", \(document.indexBytes) bytes")

    for added in [1, 100, 10_000] {
      try sample.extend(by: added)
      let time = try seconds { try tool.run(["log", "-n", "1"]) }
      document.catchUp["\(added)"] = time
      document.say("catching up with \(added)", Timing([time]).text)
    }
    for (name, arguments) in questions(sample) {
      let timing = try tool.timing(arguments, runs: runs)
      document.questions[name] = timing
      document.say(name, timing.text)
    }
    let ofHuge = try tool.timing(["tree", "--kernel", "huge"], runs: 3)
    document.treeOfHugeKernel = ofHuge
    document.say("tree of a kernel with every tenth proposal", ofHuge.text)
    try append(directory, &sample, &document)
    try tool.run(["verify"])
    try ResultFile.write(
      document, to: output ?? "results/lineage-\(document.date.prefix(10)).json")
  }

  /// Writes the lineage without bringing each entry onto the disk.
  private func make(
    _ directory: StateDirectory, _ document: inout Document
  ) throws -> SampleCampaigns {
    let writer = try LineageWriter(directory, command: "benchmark")
    let texts = try (0..<200).map { number in
      try writer.objects.put(
        Array(
          "void kernel_\(number)(int n, double *a) { for (int i = 0; i < n; i++) a[i]++; }\n".utf8))
    }
    writer.close()
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.log.string))
    try file.seekToEnd()
    var sample = SampleCampaigns(to: file, texts: texts)
    document.bulkSeconds = try seconds { try sample.run(to: entries, huge: Self.huge) }
    return sample
  }

  /// Opens the lineage for writing and adds entries one by one, each acknowledged.
  private func append(
    _ directory: StateDirectory, _ sample: inout SampleCampaigns, _ document: inout Document
  ) throws {
    var opened: LineageWriter?
    document.openSeconds = try seconds {
      opened = try LineageWriter(directory, command: "benchmark")
    }
    document.say("opening for writing", Timing([document.openSeconds]).text)
    guard let writer = opened, let last = sample.landmarks.last else { return }
    defer { writer.close() }
    let times = try (0..<appends).map { _ in
      let proposal = sample.proposal(last.kernel, last.proposal)
      return try seconds { try writer.append(.proposal(proposal), campaign: "benchmark") }
    }
    guard !times.isEmpty else { return }
    document.append = Timing(times)
    document.appendsPerSecond = Double(times.count) / times.reduce(0, +)
    document.say(
      "append", Timing(times).text + String(format: ", %.0f a second", document.appendsPerSecond))
  }

  /// Every question with a name, about things in the middle of the log.
  private func questions(_ sample: SampleCampaigns) -> [(String, [String])] {
    let middle = sample.landmarks[sample.landmarks.count / 2]
    let kernel = middle.kernel.function
    let (winner, proposal) = (middle.winner.short, middle.proposal.short)
    return [
      ("log -n 20", ["log", "-n", "20"]),
      ("log --kernel", ["log", "--kernel", kernel]),
      ("log --verdict --pass -n 20", ["log", "--verdict", "proved", "--pass", "tile", "-n", "20"]),
      (
        "log, all conditions, no answer",
        [
          "log", "--verdict", "refuted", "--pass", "tile", "--outcome", "no-gain", "--kind",
          "proposal", "--since", "2020-01-01",
        ]
      ),
      (
        "log --since --until -n 20",
        ["log", "--since", "2020-01-01", "--until", "2025-11-01", "-n", "20"]
      ),
      ("log --oneline --graph -n 100", ["log", "--oneline", "--graph", "-n", "100"]),
      ("show, a winner", ["show", winner]),
      ("show, a proposal", ["show", proposal]),
      ("diff", ["diff", winner]),
      ("diff, two", ["diff", winner, middle.neighbour.short]),
      ("tree --kernel", ["tree", "--kernel", kernel]),
      ("blame", ["blame", kernel]),
    ]
  }

  private func size(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.size] as? NSNumber)?.intValue ?? 0
  }
}

/// What is kept. Times are in seconds.
struct Document: Codable {
  var date: String
  var processor: String
  var cores: Int
  var entries = 0
  var logBytes = 0
  var bulkSeconds = 0.0
  var verify: Timing?
  var verifyMemoryBytes = 0
  var indexBuild: Timing?
  var indexBytes = 0
  /// By how many entries the log had grown.
  var catchUp: [String: Double] = [:]
  var questions: [String: Timing] = [:]
  var treeOfHugeKernel: Timing?
  var openSeconds = 0.0
  var append: Timing?
  var appendsPerSecond = 0.0

  init(date: String, processor: String, cores: Int) {
    (self.date, self.processor, self.cores) = (date, processor, cores)
  }

  func say(_ what: String, _ figure: String) { print("\(what): \(figure)") }
}
