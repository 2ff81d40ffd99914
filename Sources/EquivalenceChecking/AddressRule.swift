import KernelModel

/// Rule 16 of L0: what a candidate does depends on addresses only through how those of the caller's
/// memory compare with each other.
///
/// A judge calls on memory of its own, at places that a program could come to know: its distance from
/// code and stack, its place in a page. So an address made an integer may be moved by a distance,
/// compared with another address and subtracted from one; it is not masked, divided, shifted, stored
/// or passed on, and no pointer is read as bytes. Addresses of the candidate's own objects are compared
/// with addresses in the same object alone. What the original itself does is allowed.
struct AddressRule {
  private let allowed: Set<String>
  private let objects: Set<String>
  private let gate: FormGate

  /// - Parameter objects: the candidate's new file-scope objects, by name.
  init(original: Function, objects: Set<String>, gate: FormGate = FormGate()) {
    self.objects = objects
    self.gate = gate
    allowed = Set(AddressUses(original, objects: [], comparing: []).found.map(\.kind))
  }

  /// Throws the first use of an address in a function of the candidate that the rule forbids.
  func check(_ functions: [Function]) throws(FormViolation) {
    let comparing = comparing(functions)
    for function in functions {
      let uses = AddressUses(function, objects: objects, comparing: comparing)
      for use in uses.found where !allowed.contains(use.kind) {
        try gate.refuse(FormViolation(.addresses, use.text))
      }
    }
  }

  /// Functions that compare what they are given with each other, themselves or through a callee.
  private func comparing(_ functions: [Function]) -> Set<String> {
    var known: Set<String> = []
    while true {
      let next = Set(
        functions.filter {
          AddressUses($0, objects: objects, comparing: known).compares
        }.map(\.name))
      if next.isSubset(of: known) { return known }
      known.formUnion(next)
    }
  }
}
