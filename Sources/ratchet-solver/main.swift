// ratchet-solver: answers questions in SMT-LIB 2, apart from whoever asks.
//
// `ratchet` starts it under `ratchet-runner guard`, with a wall limit and a limit of memory, and kills
// it when an answer takes too long: what Z3 does then is no longer anybody's business.
//
// Descriptor 3 is a stream in both directions; a message is its length in eight bytes, the lowest
// first, and so many bytes. A question is a line with a limit in the units of Z3's `rlimit`, and
// declarations and assertions. The answer is a line with what it took, in these units, and one of
//
//     unsat
//     sat, then a line `name bits` for each constant that has a value, in decimal
//     unknown REASON
//     error REASON
//
// It ends when the stream does.

import Z3Bindings

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let stream: Int32 = 3
private let longestQuestion: UInt64 = 64 << 20

private func receive(_ count: Int) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: count)
  var done = 0
  while done < count {
    let length = bytes.withUnsafeMutableBytes { read(stream, $0.baseAddress! + done, count - done) }
    if length < 0, errno == EINTR { continue }
    guard length > 0 else { return nil }
    done += length
  }
  return bytes
}

private func send(_ bytes: [UInt8]) -> Bool {
  var done = 0
  while done < bytes.count {
    let length = bytes.withUnsafeBytes { write(stream, $0.baseAddress! + done, bytes.count - done) }
    if length < 0, errno == EINTR { continue }
    guard length > 0 else { return false }
    done += length
  }
  return true
}

/// A context of its own for each question, so that memory does not grow with their number.
private func solve(_ question: Substring, effort: UInt32) throws(Z3Error)
  -> (Satisfiability, effort: Int)
{
  let context = try Context()
  let solver = try Solver(context, logic: "QF_UFBV")
  try solver.assert(parsing: String(question))
  return (try solver.check(effort: effort), solver.effort)
}

private func answer(_ message: [UInt8]) -> String {
  let text = String(decoding: message, as: UTF8.self)
  guard let end = text.firstIndex(of: "\n"), let limit = UInt32(text[..<end]) else {
    return "0\nerror the first line is no limit"
  }
  do throws(Z3Error) {
    let (found, effort) = try solve(text[text.index(after: end)...], effort: limit)
    var lines = ["\(effort)"]
    switch found {
    case .unsatisfiable: lines.append("unsat")
    case .unknown(let reason): lines.append("unknown \(reason)")
    case .satisfiable(let model):
      lines.append("sat")
      lines += model.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    }
    return lines.joined(separator: "\n")
  } catch {
    return "0\nerror \(error)"
  }
}

while let head = receive(8) {
  let length = head.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  guard length <= longestQuestion, let message = receive(Int(length)) else { break }
  let bytes = Array(answer(message).utf8)
  let count = UInt64(bytes.count)
  guard send((0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + bytes) else { break }
}
