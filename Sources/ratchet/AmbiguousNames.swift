import ArgumentParser
import ExperimentRecords
import Foundation

// Names that two imported modules give to different types; here they mean these.

/// A positional argument of a command, not the argument of a recipe's step.
typealias Argument = ArgumentParser.Argument

/// A timing of a candidate, not a quantity with a unit.
typealias Measurement = ExperimentRecords.Measurement
