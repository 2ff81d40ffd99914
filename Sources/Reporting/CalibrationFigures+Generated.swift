// Generated from Docs/Calibration.md, Benchmarks/results and the judge's sources by `make catalog`.
// swift-format-ignore-file

import ExperimentRecords

extension CalibrationFigures {
  /// The figures of the calibrations that this program was built with.
  public static let measured = CalibrationFigures(
    date: "2026-11-30",
    machine: "AMD EPYC, 2 cores, Debian GNU/Linux 12 (bookworm)",
    judge: "eight states from 620648a to the last of this day",
    planted:
      "11175 mutants of 189 right texts: 8773 mutants of 141 texts that have to be bounded by default, 2402 of 48 that have to be tested. 5403 CPU seconds.",
    acceptedWrong: "0 of 4123 (95 %: 0.00 to 0.07 %)",
    acceptedUnknown: 244,
    levels: [
      Level(
        level: "L0", asked: 1380, refuted: "0.5 % [0.25 to 1.04 %]",
        notPassed: "0.5 % [0.25 to 1.04 %]"),
      Level(
        level: "L1", asked: 1373, refuted: "32.2 % [29.77 to 34.71 %]",
        notPassed: "32.3 % [29.92 to 34.86 %]"),
      Level(
        level: "L2", asked: 1373, refuted: "86.8 % [84.92 to 88.50 %]",
        notPassed: "87.0 % [85.16 to 88.71 %]"),
      Level(
        level: "L3", asked: 11175, refuted: "0.7 % [0.60 to 0.92 %]",
        notPassed: "94.1 % [93.70 to 94.57 %]"),
      Level(
        level: "L7", asked: 77, refuted: "0.0 % [0.00 to 3.82 %]",
        notPassed: "67.5 % [56.46 to 76.94 %]"),
    ],
    equalPrograms: EqualPrograms(
      date: "2026-11-22", campaigns: 328, falseWinners: 0,
      smallestEffect: 0.01,
      note:
        "no other builds, tests or measurements ran on the machine; its two virtual cores are shared with others"),
    calibratedJudge: Digest(
      hex: "29a0288fda68201f12332d7020f7fe39ef4ec27d34f0fd5b4f71f4b2ef553b1d"),
    presentJudge: Digest(
      hex: "9ea5cf71fb732679dca2476dee345ef8302d43ca314527c873c16c10db5309bc"),
    page: Digest(
      hex: "92a051b9cd855df5e869eda2913062710503d68c9aaf17e0f5af32bc8284c9c8"))
}
