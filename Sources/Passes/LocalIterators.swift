import KernelModel

/// Declaring iterators in their loops.
///
///     int i; for (i = 0; …) …   →   for (int i = 0; …) …
enum LocalIterators {
  /// The kernel with every iterator whose value is not used after its loop declared by the loop.
  static func localized(in kernel: Kernel) -> Kernel {
    localized(kernel.function.body.loopLabels, in: kernel)
  }

  /// The kernel with a variable that a loop's body only iterates over declared by the loops inside; nil
  /// when the body uses it otherwise.
  static func localized(_ variable: VariableID, in loop: Loop, of kernel: Kernel) -> Kernel? {
    let labels = loop.body.loopLabels.filter {
      loop.body.loop($0)?.counted?.variable == variable
    }
    let result = localized(labels, in: kernel)
    let isGone =
      result.function.body.loop(loop.label)?.body.mentionedVariables
      .contains(variable) == false
    return isGone ? result : nil
  }

  private static func localized(_ labels: [LoopLabel], in kernel: Kernel) -> Kernel {
    guard kernel.build.allowsDeclarationsInFor else { return kernel }
    var result = kernel
    var replaced: Set<VariableID> = []
    for label in labels {
      guard let header = result.function.body.loop(label)?.counted, !header.declares,
        header.lower?.mentionedVariables.contains(header.variable) == false,
        result.function[header.variable].storage != .global,
        result.function[header.variable].storage != .staticLocal,
        !result.function.isIteratorLive(outside: label)
      else { continue }
      if let localized = localized(label, header, in: result) {
        result = localized
        replaced.insert(header.variable)
      }
    }
    result.function.dropUnusedLocals(replaced)
    return result
  }

  private static func localized(_ label: LoopLabel, _ header: CountedHeader, in kernel: Kernel)
    -> Kernel?
  {
    var result = kernel
    let own = VariableID((kernel.function.symbols.keys.max()?.index ?? -1) + 1)
    var symbol = kernel.function[header.variable]
    symbol.storage = .introduced
    symbol.type = symbol.type.unqualified
    result.function.symbols[own] = symbol
    var isRenamed = true
    let body = kernel.function.body.replacingLoop(label) { statement, loop in
      guard let renamed = loop.body.renaming([header.variable: own]) else {
        isRenamed = false
        return [statement]
      }
      var newHeader = header
      newHeader.variable = own
      newHeader.declares = true
      var whole = statement
      whole.kind = .loop(Loop(label: label, header: .counted(newHeader), body: renamed))
      return [whole]
    }
    guard isRenamed, let body else { return nil }
    result.function.body = body
    return result
  }
}

extension BuildFlags {
  /// Whether the language standard lets a `for` declare its iterator (C99 and later).
  var allowsDeclarationsInFor: Bool {
    let old = ["c89", "c90", "gnu89", "gnu90", "iso9899:1990", "iso9899:199409"]
    let standard = arguments.last { $0.hasPrefix("-std=") || $0 == "-ansi" }
    guard let standard else { return true }
    return standard != "-ansi" && !old.contains(String(standard.dropFirst("-std=".count)))
  }
}
