// A process that uses a workspace until somebody ends it.
//
//   durability-worker stream FOLDER KEY-FILE NAME SEED CALLERS
//       CALLERS tasks call whatever comes to their minds; every call and every answer is a line on standard output.
//       Ends with its standard input.
//   durability-worker once FOLDER KEY-FILE UID
//       As that user, if that can be had: puts a value and reads it; prints what was answered.

import Dispatch
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
switch (arguments.first, arguments.count) {
case ("stream", 6):
    // The one who started it went away: nobody reads the lines any more.
    DispatchQueue.global().async {
        var byte: UInt8 = 0
        while read(STDIN_FILENO, &byte, 1) > 0 {}
        exit(0)
    }
    let stream = try await MixedStream(
        folder: arguments[1], keyFile: arguments[2], name: arguments[3], seed: UInt64(arguments[4]) ?? 0)
    await stream.run(callers: Int(arguments[5]) ?? 1)
case ("once", 4):
    if geteuid() == 0, let user = UInt32(arguments[3]), setgid(user) != 0 || setuid(user) != 0 { exit(71) }
    print(await SingleUse(folder: arguments[1], keyFile: arguments[2]).run())
default:
    exit(64)
}
