/// The unit of change: an ordered list of steps, applied from first to last.
///
/// Written `tile(loop: i, by: 64); interchange(outer: j)`, in files and in records alike. The
/// empty recipe is the empty text, and gives back every byte.
public struct Recipe: Hashable, Sendable {
  /// The steps in the order of their application.
  public var steps: [Step]

  /// Creates the recipe of `steps`.
  public init(_ steps: [Step] = []) {
    self.steps = steps
  }

  /// The recipe that changes nothing.
  public static let empty = Recipe()

  /// Whether there is no step.
  public var isEmpty: Bool { steps.isEmpty }

  /// This recipe followed by `step`.
  public func appending(_ step: Step) -> Recipe { Recipe(steps + [step]) }
}

/// The application of one pass with its arguments.
public struct Step: Hashable, Sendable {
  /// The name of the pass, as the catalog writes it.
  public var pass: String
  /// The arguments in the order in which they are written.
  public var arguments: [Argument]

  /// Creates the step that applies `pass` with `arguments`.
  public init(_ pass: String, _ arguments: [Argument] = []) {
    self.pass = pass
    self.arguments = arguments
  }

  /// The value of the first argument called `key`.
  public subscript(key: String) -> Argument.Value? {
    arguments.first { $0.key == key }?.value
  }
}

/// A named argument of a step.
public struct Argument: Hashable, Sendable {
  /// What an argument can be.
  ///
  /// A word such as `overlap` has the form of a plain label, and is one: which of the two it is,
  /// only the pass knows that reads it.
  public indirect enum Value: Hashable, Sendable {
    /// A decimal integer.
    case integer(Int)
    /// A C identifier with any number of suffixes: `i`, `i.tile`, `j#2`, `i#2.point`.
    case label(String)
    /// Values in brackets: `[i, j]`.
    case list([Value])

    /// A keyword that a pass defines; the same as a label.
    public static func word(_ word: String) -> Value { .label(word) }
  }

  /// The name.
  public var key: String
  /// The value.
  public var value: Value

  /// Creates the argument `key: value`.
  public init(_ key: String, _ value: Value) {
    self.key = key
    self.value = value
  }
}

extension Argument.Value {
  /// The integer, when this is one.
  public var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The label, when this is one.
  public var label: String? {
    if case .label(let name) = self { name } else { nil }
  }

  /// The word, when this is a label without suffix.
  public var word: String? {
    guard let label,
      !label.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "#") })
    else { return nil }
    return label
  }

  /// The elements, when this is a list.
  public var list: [Argument.Value]? {
    if case .list(let values) = self { values } else { nil }
  }

  /// The labels, when this is a list of nothing but labels.
  public var labels: [String]? {
    guard let list else { return nil }
    let labels = list.compactMap(\.label)
    return labels.count == list.count ? labels : nil
  }

  /// The integers, when this is a list of nothing but integers.
  public var integers: [Int]? {
    guard let list else { return nil }
    let integers = list.compactMap(\.integer)
    return integers.count == list.count ? integers : nil
  }
}

extension Argument.Value: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral
{
  /// Creates an integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// Creates a label.
  public init(stringLiteral value: String) { self = .label(value) }
  /// Creates a list.
  public init(arrayLiteral elements: Argument.Value...) { self = .list(elements) }
}
