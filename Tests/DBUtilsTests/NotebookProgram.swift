/// A notebook as the runner would write it down, each of whose ways is chosen by the program's first argument.
enum NotebookProgram {
    static let text = #"""
        import DBUtils
        import Glibc

        struct Order {
            var id: Int
            var customer: String?
        }

        struct Boom: Error, CustomStringConvertible {
            var description: String { "the sky fell" }
        }

        @inline(never) func depth(of number: Int) -> Int { number == -1 ? 0 : depth(of: number + 1) + 1 }
        @inline(never) func divide(_ number: Int, by other: Int) -> Int { number / other }
        @inline(never) func double(_ number: Int) -> Int { number * 2 }

        __hushNotebookDidStart()
        let count = CommandLine.arguments.count
        switch CommandLine.arguments[1] {
        case "cells":
            print("one", terminator: "")
            __hushCellDidEnd(1)
            fputs("warned", stderr)
            __hushCellDidEnd(2)
            print("three")
        case "lines":
            print("first")
            // What a program that dies here has printed in whole lines is not lost.
            _exit(0)
        case "secrets":
            print(try dbutils.secrets.get(scope: "payments", key: "api-key"))
            print(try dbutils.secrets.getBytes(scope: "payments", key: "api-key"))
            print(try dbutils.secrets.list(scope: "payments"))
            print(try dbutils.secrets.listScopes().map { $0.getName() })
        case "missing":
            do {
                _ = try dbutils.secrets.get(scope: "payments", key: "api-key")
            } catch let error as DBUtilsError {
                print("\(error.errorCode)|\(error.message)|\(error)")
            }
        case "widgets":
            print(try dbutils.widgets.get("day"))
            print(try dbutils.widgets.get("weekday"))
        case "display":
            print("before", terminator: "")
            display([Order(id: 1, customer: "Ana"), Order(id: 2, customer: nil)])
            display([["1", "2"]], columns: ["a", "b"])
            display(Optional("text"))
            "shown"
            ~~~>>> __hushCellResult
            fflush(nil)
            ~~~>>> __hushCellResult
            ()
            ~~~>>> __hushCellResult
        case "exit":
            print("before", terminator: "")
            dbutils.notebook.exit("signed 12")
        case "throw":
            print("before", terminator: "")
            throw Boom()
        case "divide":
            print("before")
            print(divide(1, by: count - 2))
        case "double":
            print(double(Int.max - 2 + count))
        case "overflow":
            print(depth(of: 0))
        case "abort":
            abort()
        case "help":
            dbutils.help()
            dbutils.secrets.help()
        case "help-on":
            dbutils.secrets.help(CommandLine.arguments[2])
        case "started-program":
            // Through the shell, as a notebook would start a program.
            system("echo variable: $HUSH_CONTROL_DESCRIPTOR; test -e /proc/$$/fd/3 && echo open || echo closed")
        case "dumpable":
            let prctl = unsafeBitCast(
                dlsym(nil, "prctl"), to: (@convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32).self)
            print(prctl(3, 0, 0, 0, 0))  // PR_GET_DUMPABLE
        default:
            print("no such way")
            exit(64)
        }
        print("end")
        """#
}
