import SecretMemory
import Testing

/// Every way in which a value commonly ends up as text, applied to a secret.
struct Rendering: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let render: @Sendable (SecretBytes) -> String

    init(_ name: String, _ render: @escaping @Sendable (SecretBytes) -> String) {
        self.testDescription = name
        self.render = render
    }
}

private struct Holder {
    let name = "holder"
    let secret: SecretBytes
}

private enum Choice {
    case secret(SecretBytes)
}

private struct Refusal: Error {
    let attempted: SecretBytes
}

private final class Session {
    let secret: SecretBytes
    init(_ secret: SecretBytes) { self.secret = secret }
}

private func dumped<T>(_ value: T) -> String {
    var text = ""
    dump(value, to: &text)
    return text
}

private func printed<T>(_ value: T) -> String {
    var text = ""
    print(value, to: &text)
    return text
}

private func debugPrinted<T>(_ value: T) -> String {
    var text = ""
    debugPrint(value, to: &text)
    return text
}

/// All that reflection finds, level by level, whatever is printable about it.
private func reflected(_ value: Any) -> String {
    var text = ""
    var pending: [Any] = [value]
    while let next = pending.popLast(), text.utf8.count < 100_000 {
        let mirror = Mirror(reflecting: next)
        text += "\(next) \(mirror.subjectType) \(String(reflecting: next))\n"
        pending += mirror.children.map(\.value)
        if let superclassMirror = mirror.superclassMirror { pending += superclassMirror.children.map(\.value) }
    }
    return text
}

struct SecretBytesRedactionTests {
    // Odd lengths of secret and of its block, so that a length that shows can be told from any other number.
    private static let text = String(repeating: "hunter2-Zwiebelkuchen", count: 59)
    private static let forbidden = [
        "hunter2", "Zwiebel", "aHVudGVy",  // literal, base64
        "68756e746572", "68756E746572",  // hexadecimal
        "104, 117, 110", "104,117,110", "104\n", "0x68",  // bytes as numbers
        "1239", "2048",  // length, size of the block
        "0x", "Pointer", "Block", "pool",  // what is inside
    ]

    static let renderings: [Rendering] = [
        Rendering("print") { printed($0) },
        Rendering("debugPrint") { debugPrinted($0) },
        Rendering("interpolation") { "\($0)" },
        Rendering("String(describing:)") { String(describing: $0) },
        Rendering("String(reflecting:)") { String(reflecting: $0) },
        Rendering("description") { $0.description },
        Rendering("debugDescription") { $0.debugDescription },
        Rendering("dump") { dumped($0) },
        Rendering("Mirror") { reflected($0) },
        Rendering("interpolation of an Optional") { "\(Optional($0) as Any)" },
        Rendering("dump of an Optional") { dumped(Optional($0)) },
        Rendering("interpolation of an Array") { "\([$0, $0])" },
        Rendering("dump of an Array") { dumped([$0, $0]) },
        Rendering("interpolation of a Dictionary") { "\(["password": $0])" },
        Rendering("dump of a Dictionary") { dumped(["password": $0]) },
        Rendering("interpolation of a tuple") { "\(("password", $0))" },
        Rendering("interpolation of a struct") { "\(Holder(secret: $0))" },
        Rendering("String(reflecting:) of a struct") { String(reflecting: Holder(secret: $0)) },
        Rendering("dump of a struct") { dumped(Holder(secret: $0)) },
        Rendering("Mirror of a struct") { reflected(Holder(secret: $0)) },
        Rendering("interpolation of an enum's payload") { "\(Choice.secret($0))" },
        Rendering("dump of an enum's payload") { dumped(Choice.secret($0)) },
        Rendering("interpolation of an Error") { "\(Refusal(attempted: $0))" },
        Rendering("String(reflecting:) of an Error") { String(reflecting: Refusal(attempted: $0)) },
        Rendering("dump of an Error") { dumped(Refusal(attempted: $0) as any Error) },
        Rendering("Mirror of an Error") { reflected(Refusal(attempted: $0)) },
        Rendering("interpolation of a Result") { "\(Result<SecretBytes, any Error>.success($0))" },
        Rendering("dump of an object that holds it") { dumped(Session($0)) },
        Rendering("Mirror of an object that holds it") { reflected(Session($0)) },
        Rendering("interpolation as Any") { "\($0 as Any)" },
        Rendering("interpolation as an existential") { "\($0 as any CustomStringConvertible & Sendable)" },
    ]

    @Test(arguments: renderings)
    func noRenderingShowsAnythingOfTheBytes(_ rendering: Rendering) {
        let secret = SecretBytes(copying: Array(Self.text.utf8).span.bytes, in: SecretPool())
        let shown = rendering.render(secret)
        #expect(shown.contains("SecretBytes"))
        for form in Self.forbidden {
            #expect(!shown.contains(form), "\(form) shows in: \(shown)")
        }
    }

    @Test func bareRenderingsAreTheTypesNameAlone() {
        let secret = SecretBytes(copying: Array("value".utf8).span.bytes, in: SecretPool())
        #expect("\(secret)" == "SecretBytes")
        #expect(String(reflecting: secret) == "SecretBytes")
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(Mirror(reflecting: secret).superclassMirror == nil)
    }
}
