import Foundation
import Synchronization

/// Timings by what was asked: both objects' digests, the images' and the seed.
///
/// On disk: one JSON object, `{"schema": "ratchet.measurements/1", "timings": {"<key>": {…}}}`, the
/// key being the SHA-256 of the question's parts, the value a `PairedTiming`. Keys are sorted, so
/// that equal recordings are equal files. A file of another schema is refused.
public struct Recording: Hashable, Sendable, Codable {
  /// The only version there is.
  public static let currentSchema = "ratchet.measurements/1"

  public var schema = Recording.currentSchema
  public var timings: [String: PairedTiming] = [:]

  public init() {}

  /// Reads a file.
  public init(contentsOf path: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    self = try JSONDecoder().decode(Recording.self, from: data)
    guard schema == Recording.currentSchema else {
      throw CocoaError(.fileReadCorruptFile)
    }
  }

  /// Writes a file in place of what is there.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try encoder.encode(self).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  /// The key of a question. Of the limits only the number of threads is part of it, where it is not one:
  /// the others do not change an answer.
  public static func key(
    original: LoadableObject, candidate: LoadableObject, images: [MemoryImage],
    options: TimingOptions
  ) -> String {
    var hash = ContentHash()
    for object in [original, candidate] { hash.add(object.question.hex) }
    for image in images {
      for region in image.regions { hash.add(region.contents) }
      for argument in image.arguments { hash.add(argument) }
      for global in image.globals { hash.add(global.contents) }
    }
    hash.add("\(options.seed) \(options.expectation)")
    if options.limits.threads > 1 { hash.add("\(options.limits.threads) threads") }
    return hash.digest.hex
  }
}

/// Answers from a recording alone.
public struct RecordedMeasurements: MeasurementSource {
  public let recording: Recording

  public init(_ recording: Recording) { self.recording = recording }

  public func timePair(
    original: LoadableObject, candidate: LoadableObject, images: [MemoryImage],
    options: TimingOptions
  ) async throws(HarnessError) -> PairedTiming {
    let key = Recording.key(
      original: original, candidate: candidate, images: images, options: options)
    guard let timing = recording.timings[key] else { throw .notRecorded }
    return timing
  }
}

/// Passes questions on and keeps the answers.
public final class RecordingMeasurements: MeasurementSource {
  private let source: any MeasurementSource
  private let kept = Mutex(Recording())

  public init(_ source: any MeasurementSource) { self.source = source }

  /// What was answered so far.
  public var recording: Recording { kept.withLock { $0 } }

  public func timePair(
    original: LoadableObject, candidate: LoadableObject, images: [MemoryImage],
    options: TimingOptions
  ) async throws(HarnessError) -> PairedTiming {
    let timing = try await source.timePair(
      original: original, candidate: candidate, images: images, options: options)
    let key = Recording.key(
      original: original, candidate: candidate, images: images, options: options)
    kept.withLock { $0.timings[key] = timing }
    return timing
  }
}
