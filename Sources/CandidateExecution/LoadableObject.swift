public import ExperimentRecords

/// A shared object that the runner can load.
public struct LoadableObject: Hashable, Sendable {
  public var path: String
  /// Of text, flags, compiler and flavour: equal keys mean equal questions to the compiler.
  public var key: Digest
  /// Like `key`, without the places where files happen to stand: equal on every machine that has
  /// the compiler.
  public var question: Digest
  /// Of the object's own bytes.
  public var digest: Digest
  public var flavour: Flavour
  public var compiler: Compiler
  /// The flags that built it, without files.
  public var arguments: [String]
  /// What the compiler said of the text.
  public var messages: [CompilerMessage]
  /// Processor time of the compiler; 0 when the object was there already.
  public var cpuSeconds: Double

  public init(
    path: String, key: Digest, question: Digest, digest: Digest, flavour: Flavour,
    compiler: Compiler, arguments: [String], messages: [CompilerMessage], cpuSeconds: Double
  ) {
    self.path = path
    self.key = key
    self.question = question
    self.digest = digest
    self.flavour = flavour
    self.compiler = compiler
    self.arguments = arguments
    self.messages = messages
    self.cpuSeconds = cpuSeconds
  }
}
