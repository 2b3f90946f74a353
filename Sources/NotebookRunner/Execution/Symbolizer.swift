internal import Runs

/// Finds the lines of cells behind addresses in a program, with the toolchain's `llvm-symbolizer`.
struct Symbolizer {
    let toolchain: SwiftToolchain
    let folder: WorkFolder

    /// The cells and lines that `addresses` stand for, innermost first; those that are in no cell are left out, and all
    /// are when the toolchain has no symbolizer.
    func places(of addresses: [UInt64], in program: [UInt8], notebook: String) async -> [(cell: Int, line: Int)] {
        guard !addresses.isEmpty, let tool = toolchain.tool("llvm-symbolizer") else { return [] }
        do {
            let file = "\(folder.path)/crashed"
            try PrivateFile.write(program, to: file)
            let arguments = ["--obj=\(file)", "--functions=none"] + addresses.map { "0x\(String($0, radix: 16))" }
            let result = try await ToolRun.run(
                tool,
                arguments,
                environment: toolchain.environment,
                deadline: .now + .seconds(10)
            )
            return String(decoding: result.output, as: UTF8.self).split(separator: "\n").compactMap { line in
                CrashExplanation.cellPlace(line, of: notebook)
            }
        } catch {
            // The crash is reported all the same, without its line.
            return []
        }
    }
}
