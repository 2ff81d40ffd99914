import KernelModel

/// Generates the code that calls a function on seeded inputs and prints a digest of everything that
/// the call could have changed, one line for each round. Each round runs in a child process, so that
/// a trap ends only the round.
struct CDriver {
  private let function: Function
  /// Begins every name that the driver of this function declares.
  private let prefix: String
  private var declarations: [String] = []
  private var fills: [String] = []
  private var digests: [String] = []
  private var arguments: [String] = []
  private var buffers: [(name: String, type: String, mayAlias: Bool)] = []

  init(_ function: Function, number: Int = 0) {
    self.function = function
    prefix = "rt_\(number)_"
    for parameter in function.parameters { add(parameter) }
    for (_, symbol) in function.symbols.sorted(by: { $0.key < $1.key })
    where symbol.storage == .global { addGlobal(symbol) }
  }

  /// Definitions that all drivers of a program share.
  static func prelude(seed: UInt64) -> String {
    """

    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/wait.h>
    #include <unistd.h>
    enum { rt_count = 65536, rt_offset = 4096 };
    static uint64_t rt_state, rt_hash;
    static uint64_t rt_next(void) {
      rt_state += 0x9e3779b97f4a7c15u;
      uint64_t z = rt_state;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      return z ^ (z >> 31);
    }
    static void rt_digest(const void *p, size_t n) {
      const unsigned char *b = p;
      for (; n >= 8; b += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, b, 8);
        rt_hash = (rt_hash ^ word) * 0x100000001b3u;
        rt_hash ^= rt_hash >> 29;
      }
      for (; n > 0; b++, n--) rt_hash = (rt_hash ^ *b) * 0x100000001b3u;
    }
    static int rt_size(int round) {
      static const int sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17, 19, 23, 29, 31, 32, 36};
      return sizes[rt_next() % (round < 3 ? 3 : sizeof sizes / sizeof *sizes)];
    }
    static double rt_real(void) { return (double)(int64_t)(rt_next() % 2001) / 64.0 - 15.0; }
    static void rt_run(void (*call)(int), int round) {
      fflush(stdout);
      pid_t child = fork();
      if (child == 0) {
        rt_state = \(seed)u * 1000003u + (uint64_t)round;
        rt_hash = 0xcbf29ce484222325u;
        call(round);
        printf("%016llx\\n", (unsigned long long)rt_hash);
        fflush(stdout);
        _exit(0);
      }
      int status = 0;
      waitpid(child, &status, 0);
      if (status != 0) printf("trapped\\n");
    }

    """
  }

  /// A function that makes one call with the inputs of a round.
  func text() -> String {
    let call = "\(function.name)(\(arguments.joined(separator: ", ")))"
    let isVoid = if case .void = function.result.canonical { true } else { false }
    let result =
      isVoid
      ? "\(call);"
      : "__typeof__(\(call)) result = \(call);\n    rt_digest(&result, sizeof result);"
    return """
      \(buffers.map { "static \($0.type) \($0.name)[rt_count];" }.joined(separator: "\n"))
      static void \(prefix)round(int round) {
        const int rt_alias = round % 4 == 3;
        (void)rt_alias;
        \((declarations + fills).joined(separator: "\n  "))
        {
          \(result)
        }
        \(digests.joined(separator: "\n  "))
      }

      """
  }

  static func main(functions: Int, rounds: Int) -> String {
    let calls = (0..<functions).map { "rt_run(rt_\($0)_round, round);" }
    return """
      int main(void) {
        int round;
        for (round = 0; round < \(rounds); round++) {
          \(calls.joined(separator: "\n    "))
        }
        return 0;
      }

      """
  }

  private mutating func add(_ parameter: VariableID) {
    let symbol = function[parameter]
    let name = "\(prefix)\(symbol.name)"
    let type = symbol.type.unqualified
    if let element = type.element, type.isPointer {
      arguments.append("(void *)\(pointer(to: element, name, symbol.type))")
    } else {
      declarations.append("\(spelling(type)) \(name);")
      fill(type, name)
      arguments.append(name)
    }
  }

  private mutating func addGlobal(_ symbol: Symbol) {
    guard !symbol.type.qualifiers.contains(.const), symbol.type.scalarElement.isArithmetic,
      !symbol.type.scalarElement.qualifiers.contains(.const)
    else { return }
    fill(symbol.type, symbol.name)
    digests.append("rt_digest(&\(symbol.name), sizeof \(symbol.name));")
  }

  /// An expression for a pointer to fresh data.
  private mutating func pointer(to element: CType, _ name: String, _ own: CType) -> String {
    let scalar = element.scalarElement.unqualified
    if case .record = scalar.canonical {
      if case .array = element.canonical { return buffer(scalar, name, own) }
      declarations.append("static \(spelling(scalar)) \(name)_object;")
      fill(scalar, "\(name)_object")
      return "&\(name)_object"
    }
    return buffer(scalar, name, own)
  }

  private mutating func buffer(_ scalar: CType, _ name: String, _ own: CType) -> String {
    let type = spelling(scalar)
    let data = "\(name)_data"
    let mayAlias = !own.qualifiers.contains(.restrict)
    let twin = mayAlias ? buffers.first { $0.type == type && $0.mayAlias }?.name : nil
    buffers.append((data, type, mayAlias))
    fills.append("{ int k; for (k = 0; k < rt_count; k++) {")
    fill(scalar, "\(data)[k]")
    fills.append("} }")
    digests.append("rt_digest(\(data), sizeof \(data));")
    guard let twin else { return "(\(data) + rt_offset)" }
    return "((rt_alias ? \(twin) + rt_next() % 3 : \(data)) + rt_offset)"
  }

  private mutating func fill(_ type: CType, _ place: String) {
    switch type.canonical {
    case .floating: fills.append("\(place) = rt_real();")
    case .integer(let integer):
      let isData = place.hasSuffix("[k]") && integer.width < 32
      fills.append(isData ? "\(place) = rt_next();" : "\(place) = rt_size(round);")
    case .array(let array):
      let index = "k\(place.filter { $0 == "[" }.count)"
      let count = "sizeof \(place) / sizeof *\(place)"
      fills.append("{ unsigned \(index); for (\(index) = 0; \(index) < \(count); \(index)++) {")
      fill(array.element, "\(place)[\(index)]")
      fills.append("} }")
    case .record(let reference):
      for field in function.records[reference]?.fields ?? [] {
        let member = "\(place).\(field.name)"
        if field.type.isPointer, let element = field.type.element, !place.contains("[") {
          let data = pointer(to: element, member.replacingDots, field.type)
          fills.append("\(member) = (void *)\(data);")
        } else {
          fill(field.type, member)
          digests.append(
            contentsOf: place.contains("[") ? [] : ["rt_digest(&\(member), sizeof \(member));"])
        }
      }
    default: break
    }
  }

  private func spelling(_ type: CType) -> String {
    let blank = SourceFile(path: "", bytes: Array(repeating: 32, count: function.range.upperBound))
    return CPrinter(function: function, source: blank).declaration(type.unqualified, name: "")
  }
}

extension String {
  fileprivate var replacingDots: String { String(map { $0 == "." ? "_" : $0 }) }
}
