import CandidateExecution
import ExperimentRecords

/// L0: the rules on the text, and the compiler's word.
extension Verifier {
  struct Form {
    var evidence: Evidence
    var text: CandidateText?
  }

  func checkForm(_ bytes: [UInt8]) async -> Form {
    var evidence = Evidence(level: .l0, method: "WellFormedText", result: .passed)
    evidence.detail = "one body replaced by a well-formed one"
    let gate = FormGate(switchedOff: environment.switchedOff)
    let answer = WellFormedText(kernel: kernel, parser: parser, gate: gate).check(bytes)
    switch answer {
    case .unexamined: return Form(evidence: evidence, text: nil)
    case .violation(let violation):
      evidence.result = .failed
      evidence.detail = violation.description
      return Form(evidence: evidence, text: nil)
    case .unreadable(let text, let reason):
      evidence.result = .inconclusive
      evidence.detail = reason
      return await checkBuild(bytes, text, evidence)
    case .wellFormed(let text):
      return await checkBuild(bytes, text, evidence)
    }
  }

  /// The compiler's word: rejection, and rule 15.
  func checkBuild(_ bytes: [UInt8], _ text: CandidateText, _ evidence: Evidence) async -> Form {
    var evidence = evidence
    do {
      let laboratory = try laboratoryOrNew()
      let original = try await laboratory.build(originalProgram, BuildPlan.shipping)
      let own = try await laboratory.build(
        Laboratory.Program(bytes: bytes, isOriginal: false), BuildPlan.shipping)
      if let violation = WellFormedText.newMessage(own.messages, over: original.messages),
        !environment.switchedOff.contains(.rule(.diagnostics))
      {
        evidence.result = .failed
        evidence.detail = violation.description
      }
    } catch let error as LaboratoryError {
      if case .compile(.rejected(let message, _)) = error,
        !environment.switchedOff.contains(.rule(.parsing))
      {
        evidence.result = .failed
        evidence.detail =
          FormViolation(.parsing, "does not compile: \(message.text)").description
      } else {
        evidence.result = .inconclusive
        evidence.detail = error.description
      }
    } catch {
      evidence.result = .inconclusive
      evidence.detail = "\(error)"
    }
    return Form(evidence: evidence, text: text)
  }
}
