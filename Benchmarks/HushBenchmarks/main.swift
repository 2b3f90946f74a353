// `make bench`: what the engine does a second, beside what the store can do at best, in one run on one machine.

import Foundation

let arguments = CommandLine.arguments
let hush = arguments.count > 1 ? arguments[1] : nil

print(Measurement.header)
for measurement in try await StoreCeiling.measure() { print(measurement) }
for measurement in try await EngineBenchmark.measure() { print(measurement) }
if let hush {
    for measurement in try CommandLineBenchmark(executable: hush).measure() { print(measurement) }
}
