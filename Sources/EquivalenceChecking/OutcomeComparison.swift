import CandidateExecution
import KernelModel

/// Compares what candidate and original did on one input.
struct OutcomeComparison {
  let shape: InputShape
  let floatingPoint: FloatingPointMode
  /// Mode `relaxed`: against what errors are measured, where it is known (`ErrorComparison`).
  var precise: PreciseResults?

  /// What speaks against the candidate; nil when nothing does. Values are not compared where only
  /// faults and accesses are asked for.
  func finding(
    _ candidate: CallOutcome, against original: CallReturn, on input: CallInput,
    _ choice: BuildChoice, comparesValues: Bool = true
  ) -> Finding? {
    func found(_ kind: Finding.Kind) -> Finding {
      Finding(input: input, kind: kind, choice: choice)
    }
    let own: CallReturn
    switch candidate {
    case .returned(let returned): own = returned
    case .timedOut, .outOfTime: return found(.timedOut)
    case .fault(let fault): return found(.fault(text(fault, in: input)))
    case .exited, .killed, .forbiddenCall, .notLoaded:
      return found(.fault(candidate.description))
    }
    if let place = own.damage, original.damage == nil, !shape.switchedOff.contains(.canaries) {
      return found(.damage(cell: text(place, in: input)))
    }
    if comparesValues, let kind = difference(own, original, input) { return found(kind) }
    if let own = own.accesses, let allowed = original.accesses,
      let excess = AccessLicence(shape: shape).firstExcess(of: own, over: allowed, in: input)
    {
      let cell = PointText(shape: shape).cell(
        region: excess.region, offset: excess.offset, in: input)
      return found(.excess(cell: cell, isStore: excess.isStore))
    }
    if let stray = stray(own.strays.subtracting(original.strays)) { return found(.fault(stray)) }
    if let place = own.unrepeatable { return found(.unrepeatable(cell: text(place, in: input))) }
    return nil
  }

  private func stray(_ strays: Strays) -> String? {
    if strays.contains(.deadStorage), !shape.switchedOff.contains(.deadStorage) {
      return "loaded from its stack or heap what it had not stored there"
    }
    if strays.contains(.judgeMemory), !shape.switchedOff.contains(.judgeMemory) {
      return "touched memory that is neither its arguments' nor its own"
    }
    return nil
  }

  private func difference(_ own: CallReturn, _ original: CallReturn, _ input: CallInput)
    -> Finding.Kind?
  {
    let image = input.image
    let hasErrors = floatingPoint == .relaxed && precise?.result(on: input) != nil
    for (index, region) in image.regions.enumerated() {
      guard index < own.regions.count, index < original.regions.count,
        own.regions[index] != original.regions[index]
      else { continue }
      let difference = cells(
        region.cells, original.regions[index], own.regions[index], .region(index), region.name,
        hasErrors)
      guard let difference else { continue }
      let cell = PointText(shape: shape).cell(region: index, offset: difference.offset, in: input)
      return .difference(cell: cell, expected: difference.expected, actual: difference.actual)
    }
    if let result = cells(
      image.resultCells, original.result, own.result, .result, "return value", hasErrors)
    {
      return .difference(
        cell: "return value", expected: result.expected, actual: result.actual)
    }
    for (index, global) in shape.globals.enumerated()
    where index < own.globals.count && index < original.globals.count {
      let layout = index < image.globalCells.count ? image.globalCells[index] : .bytes
      if let found = cells(
        layout, original.globals[index], own.globals[index], .global(index), global.name, hasErrors)
      {
        return .difference(cell: found.cell, expected: found.expected, actual: found.actual)
      }
    }
    return nil
  }

  private func cells(
    _ layout: CellLayout, _ expected: [UInt8], _ actual: [UInt8],
    _ object: OutputDifference.Object, _ name: String, _ hasErrors: Bool
  ) -> CellDifference? {
    if floatingPoint == .relaxed {
      return RelaxedComparison(layout: layout, comparesFloating: !hasErrors).firstDifference(
        expected: expected, actual: actual, name: name)
    }
    return layout.firstDifference(expected: expected, actual: actual, object: object, name: name)
      .map {
        CellDifference(
          offset: $0.offset, cell: $0.cell, expected: $0.expected, actual: $0.actual)
      }
  }

  private func text(_ fault: Fault, in input: CallInput) -> String {
    guard fault.check == nil, case .region(let region, let offset) = fault.place,
      region < input.residents.count
    else { return fault.description }
    let cell = PointText(shape: shape).cell(region: region, offset: offset, in: input)
    return "touched \(cell), which lies outside what the original may touch"
  }

  private func text(_ place: OutputPlace, in input: CallInput) -> String {
    switch place {
    case .region(let region, let offset) where region < input.residents.count:
      PointText(shape: shape).cell(region: region, offset: offset, in: input)
    case .region(let region, let offset): "byte \(offset) of region \(region)"
    case .arguments: "the arguments"
    case .result: "return value"
    case .globals: "a file-scope object"
    }
  }
}
