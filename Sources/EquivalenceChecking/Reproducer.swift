import CandidateExecution
import KernelModel

/// A stand-alone C program that shows a finding: both functions, the inputs, and a comparison.
///
/// It exits 1 when the candidate's outputs differ from the original's or when it faults, else 0.
/// Both functions stand in one file, told apart by a macro around their texts.
struct Reproducer {
  let kernel: Kernel
  let candidate: CandidateText
  let shape: InputShape
  let finding: Finding
  let compiler: String

  private var name: String { kernel.function.name }
  private var image: MemoryImage { finding.input.image }

  func text() -> String {
    [
      header(), Self.prelude + (scarcity.map(Self.noMemory) ?? ""), programs(), Self.support,
      inputs(), call("original"),
      call("candidate"), main(),
    ].joined(separator: "\n")
  }

  private func header() -> String {
    let flags = kernel.build.arguments.filter { !$0.hasPrefix("-I") } + flavour
    let what = "\(finding.cell): expected \(finding.expected), got \(finding.actual)"
    let inputs = PointText(shape: shape).text(finding.input)
    return """
      /* \(Self.plain("\(name): \(what)"))
         with \(Self.plain(inputs))

         \(Self.plain(([compiler] + flags).joined(separator: " "))) reproducer.c -o reproducer -lm
         ./reproducer

         Exits 1 when the two functions differ or the candidate faults, else 0. */
      """
  }

  /// Text that cannot end a comment.
  private static func plain(_ text: String) -> String {
    text.split(separator: "*/", omittingEmptySubsequences: false).joined(separator: "* /")
  }

  /// Which allocations fail, by their number from 0, as the build of the finding has it; nil where none does.
  private var scarcity: String? {
    if finding.choice == BuildPlan.withoutMemory { return "number >= 0" }
    let conditions = ["number > 0", "number > 1", "number % 2 == 0"]
    return zip(BuildPlan.withLittleMemory, conditions).first { $0.0 == finding.choice }?.1
  }

  private static func noMemory(_ condition: String) -> String {
    """

    static int allocations;

    void *little_memory(size_t alignment, size_t size)
    {
        void *made = NULL;
        int number = allocations++;
        if (\(condition) || posix_memalign(&made, alignment, size) != 0)
            return NULL;
        return made;
    }
    """
  }

  private var flavour: [String] {
    if scarcity != nil { return ["-O0", "-Daligned_alloc=little_memory"] }
    return switch finding.choice.flavour {
    case .shipping: finding.choice.extra
    case .unoptimized, .audit: ["-O0"] + finding.choice.extra
    case .undefinedBehaviour: ["-fsanitize=undefined,float-cast-overflow", "-fsanitize-trap=all"]
    }
  }

  private static let prelude = """
    #ifndef _GNU_SOURCE
    #define _GNU_SOURCE
    #endif
    #include <math.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/mman.h>
    #include <unistd.h>

    """

  private func programs() -> String {
    let original = IncludedText.text(
      kernel.source.bytes, at: kernel.source.path, build: kernel.build)
    let function = kernel.function
    let start =
      candidate.items.first?.tokens.first?.range.lowerBound
      ?? candidate.body.lowerBound - (function.bodyRange.lowerBound - function.range.lowerBound)
    let own = String(
      decoding: candidate.bytes[start..<candidate.body.upperBound], as: UTF8.self)
    return """
      #define main ratchet_main_of_the_file
      #define \(name) \(name)_original
      \(original)
      #undef \(name)
      #define \(name) \(name)_candidate
      \(own)
      #undef \(name)
      #undef main

      """
  }

  private static let support = """
    static const char *volatile running = "the original";

    static void on_signal(int number)
    {
        printf("%s raised signal %d\\n", running, number);
        fflush(stdout);
        _exit(running[4] == 'c' ? 1 : 2);
    }

    /* `size` bytes between inaccessible pages; flush with the end of theirs when `at_end`. */
    static unsigned char *place(size_t size, int at_end, size_t offset)
    {
        size_t page = 4096, bytes = (size + offset + page - 1) / page * page;
        unsigned char *base = mmap(0, bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (base == MAP_FAILED || (bytes && mprotect(base + page, bytes, PROT_READ | PROT_WRITE)))
            exit(3);
        memset(base + page, 0xa5, bytes);
        return at_end ? base + page + bytes - size : base + page + offset;
    }

    /* Tells of bytes that were overwritten beside the `size` bytes that place() gave. */
    static int damaged(const char *what, const unsigned char *at, size_t size, int at_end, size_t offset)
    {
        size_t page = 4096, bytes = (size + offset + page - 1) / page * page;
        const unsigned char *start = at_end ? at + size - bytes : at - offset;
        for (size_t i = 0; i < bytes; i++)
            if ((start + i < at || start + i >= at + size) && start[i] != 0xa5) {
                printf("%s: byte %td beside its region is overwritten\\n", what, start + i - at);
                return 1;
            }
        return 0;
    }

    /* Compares one cell of every element: kind 'f' float, 'd' double, 'b' bytes. */
    static int differ(const char *what, const unsigned char *a, const unsigned char *b, size_t size,
                      size_t stride, size_t offset, size_t width, char kind)
    {
        for (size_t at = offset; at + width <= size; at += stride) {
            if (memcmp(a + at, b + at, width) == 0)
                continue;
            float x, y;
            double u = 0, v = 0;
            if (kind == 'f') {
                memcpy(&x, a + at, sizeof x), memcpy(&y, b + at, sizeof y);
                u = x, v = y;
            } else if (kind == 'd') {
                memcpy(&u, a + at, sizeof u), memcpy(&v, b + at, sizeof v);
            }
            if (kind != 'b' && u != u && v != v)
                continue;
            printf("%s, byte %zu:", what, at);
            if (kind != 'b')
                printf(" original %.17g, candidate %.17g", u, v);
            else
                for (size_t i = width; i-- > 0;)
                    printf(" %02x/%02x", a[at + i], b[at + i]);
            printf("\\n");
            return 1;
        }
        return 0;
    }

    """

  // MARK: inputs

  private func inputs() -> String {
    var text = ""
    for (index, region) in image.regions.enumerated() where !region.contents.isEmpty {
      text += "/* \(Self.plain(region.name)) */\n"
      text += array("contents_\(index)", region.contents, region.cells)
    }
    for (index, argument) in image.arguments.enumerated() where isRecord(index) {
      text += array("argument_\(index)", argument, .bytes)
    }
    for global in image.globals where !global.contents.isEmpty {
      let cells = global.index < image.globalCells.count ? image.globalCells[global.index] : .bytes
      text += array("global_\(global.index)", global.contents, cells)
    }
    let regions = max(1, image.regions.count)
    let result = max(1, image.resultSize)
    text += "static unsigned char *region_original[\(regions)], *region_candidate[\(regions)];\n"
    text += "static unsigned char result_original[\(result)], result_candidate[\(result)];\n"
    for global in image.globals {
      let size = max(1, global.contents.count)
      text +=
        "static unsigned char after_original_\(global.index)[\(size)], "
        + "after_candidate_\(global.index)[\(size)];\n"
    }
    return text
  }

  private func array(_ name: String, _ bytes: [UInt8], _ cells: CellLayout) -> String {
    var type = "unsigned char"
    var values = bytes.map { String($0) }
    if cells.cells.count == 1, cells.cells[0].offset == 0, cells.stride == cells.cells[0].kind.size,
      bytes.count % cells.stride == 0, let known = Self.cType(cells.cells[0].kind)
    {
      type = known.name
      values = stride(from: 0, to: bytes.count, by: cells.stride).map {
        CellText.text(
          EquivalenceChecking.Cell(offset: 0, type: known.type, path: ""),
          in: bytes[$0..<$0 + cells.stride])
      }
    }
    var lines: [String] = []
    for start in stride(from: 0, to: values.count, by: 12) {
      lines.append("    " + values[start..<min(start + 12, values.count)].joined(separator: ", "))
    }
    return "static const \(type) \(name)[] = {\n" + lines.joined(separator: ",\n") + "\n};\n"
  }

  private static func cType(_ kind: CellLayout.Kind) -> (name: String, type: CType)? {
    func integer(_ kind: IntegerType.Kind, _ bytes: Int, _ isSigned: Bool) -> (String, CType) {
      (kind.rawValue, .integer(IntegerType(kind, width: bytes * 8, isSigned: isSigned)))
    }
    switch kind {
    case .float: return ("float", .float)
    case .double: return ("double", .double)
    case .signed(1): return integer(.signedChar, 1, true)
    case .signed(2): return integer(.short, 2, true)
    case .signed(4): return integer(.int, 4, true)
    case .signed(8): return integer(.longLong, 8, true)
    case .unsigned(1): return integer(.unsignedChar, 1, false)
    case .unsigned(2): return integer(.unsignedShort, 2, false)
    case .unsigned(4): return integer(.unsignedInt, 4, false)
    case .unsigned(8): return integer(.unsignedLongLong, 8, false)
    default: return nil
    }
  }

  // MARK: calls

  private func isRecord(_ argument: Int) -> Bool {
    if case .record = kernel.function[kernel.function.parameters[argument]].type.canonical {
      return true
    }
    return false
  }

  private func call(_ which: String) -> String {
    let function = kernel.function
    var lines = ["static void call_\(which)(void)", "{"]
    for (index, region) in image.regions.enumerated() {
      let (atEnd, offset) = Self.placement(region)
      let place = "region_\(which)[\(index)]"
      lines.append("    \(place) = place(\(region.contents.count), \(atEnd), \(offset));")
      if !region.contents.isEmpty {
        lines.append("    memcpy(\(place), contents_\(index), \(region.contents.count));")
      }
    }
    for global in image.globals where !global.contents.isEmpty {
      let name = shape.globals[global.index].name
      lines.append("    memcpy((void *)&\(name), global_\(global.index), sizeof \(name));")
    }
    let printer = CPrinter(function: function, source: kernel.source)
    for (index, parameter) in function.parameters.enumerated() where isRecord(index) {
      let declaration = printer.declaration(
        function[parameter].type.unqualified, name: "value_\(index)")
      lines.append("    \(declaration);")
      lines.append("    memcpy(&value_\(index), argument_\(index), sizeof value_\(index));")
    }
    lines += patches(which)
    let arguments = function.parameters.indices.map { argument($0, which) }.joined(separator: ", ")
    let isVoid = function.result.canonical == .void
    // No access of the function's may move in front of the note.
    lines.append("    running = \"the \(which)\";")
    lines.append("    __asm__ volatile(\"\" : : : \"memory\");")
    let again = Array(
      repeating: "\(name)_\(which)(\(arguments));", count: finding.choice.callsInARow)
    if isVoid {
      lines += again.map { "    \($0)" }
    } else {
      let result = printer.declaration(function.result.unqualified, name: "result")
      lines += again.dropLast().map { "    \($0)" }
      lines.append("    \(result) = \(name)_\(which)(\(arguments));")
      lines.append("    memcpy(result_\(which), &result, sizeof result);")
    }
    for global in image.globals where !global.contents.isEmpty {
      let name = shape.globals[global.index].name
      lines.append("    memcpy(after_\(which)_\(global.index), (void *)&\(name), sizeof \(name));")
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private static func placement(_ region: MemoryImage.Region) -> (atEnd: Int, offset: Int) {
    switch region.placement {
    case .flushEnd: (1, 0)
    case .flushStart: (0, 0)
    case .offset(let offset): (0, offset)
    }
  }

  private func patches(_ which: String) -> [String] {
    image.patches.compactMap { patch in
      let target = "region_\(which)[\(patch.target)] + \(patch.targetOffset)"
      switch patch.place {
      case .region(let region):
        return "    *(void **)(region_\(which)[\(region)] + \(patch.offset)) = \(target);"
      case .argument(let index):
        guard isRecord(index) else { return nil }
        return "    *(void **)((char *)&value_\(index) + \(patch.offset)) = \(target);"
      case .global(let index):
        let name = shape.globals[image.globals[index].index].name
        return "    *(void **)((char *)&\(name) + \(patch.offset)) = \(target);"
      }
    }
  }

  private func argument(_ index: Int, _ which: String) -> String {
    if isRecord(index) { return "value_\(index)" }
    for patch in image.patches where patch.place == .argument(index) {
      return "(void *)(region_\(which)[\(patch.target)] + \(patch.targetOffset))"
    }
    let type = kernel.function[kernel.function.parameters[index]].type
    if type.element != nil, !type.isVector { return "NULL" }
    return CellText.text(
      EquivalenceChecking.Cell(offset: 0, type: type, path: ""), in: image.arguments[index][...])
  }

  private func main() -> String {
    var lines = [
      "int main(void)", "{", "    signal(SIGSEGV, on_signal);", "    signal(SIGBUS, on_signal);",
      "    signal(SIGILL, on_signal);", "    signal(SIGFPE, on_signal);",
      "    signal(SIGTRAP, on_signal);", "    signal(SIGABRT, on_signal);",
      "    call_original();", "    call_candidate();", "    int wrong = 0;",
    ]
    for (index, region) in image.regions.enumerated() {
      lines += comparison(
        region.name, "region_original[\(index)]", "region_candidate[\(index)]",
        region.contents.count, region.cells)
      let (atEnd, offset) = Self.placement(region)
      lines.append(
        "    wrong |= damaged(\"\(region.name)\", region_candidate[\(index)], "
          + "\(region.contents.count), \(atEnd), \(offset));")
    }
    if kernel.function.result.canonical != .void, !kernel.function.result.isPointer {
      lines += comparison(
        "return value", "result_original", "result_candidate", image.resultSize, image.resultCells)
    }
    for global in image.globals {
      let cells = global.index < image.globalCells.count ? image.globalCells[global.index] : .bytes
      lines += comparison(
        shape.globals[global.index].name, "after_original_\(global.index)",
        "after_candidate_\(global.index)", global.contents.count, cells)
    }
    lines += [
      "    if (!wrong)", "        printf(\"no difference\\n\");", "    return wrong;", "}", "",
    ]
    return lines.joined(separator: "\n")
  }

  private func comparison(
    _ what: String, _ original: String, _ candidate: String, _ size: Int, _ cells: CellLayout
  ) -> [String] {
    guard size > 0 else { return [] }
    return cells.cells.compactMap { cell in
      let kind: Character
      switch cell.kind {
      case .float: kind = "f"
      case .double: kind = "d"
      case .pointer: return nil
      default: kind = "b"
      }
      return
        "    wrong |= differ(\"\(what)\", \(original), \(candidate), \(size), \(cells.stride), "
        + "\(cell.offset), \(cell.kind.size), '\(kind)');"
    }
  }
}
