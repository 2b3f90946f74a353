import Foundation
import Redaction
import Testing

/// One everyday way in which a value leaks: a real program that prints `$KEY` in some form.
struct Bypass: CustomTestStringConvertible, Sendable {
    /// The level that promises to find the form.
    var level: RedactionLevel
    /// The program and its arguments.
    var words: [String]
    /// Which value it prints.
    var value: Value

    enum Value: String, CaseIterable, Sendable {
        /// Letters, digits and dashes.
        case plain = "q7Rk2-live_9XbT4mW8zLp5"
        /// Everything that some encoding has to escape.
        case special = #"p&s<w>"d'x\y/7Q2 xV+8e%~Zk"#
        /// Two lines.
        case lines = "first-line-8Gq2\nsecond_line.Vx71\n"
        /// More than a line of base64.
        case long = "Lk4TzXw0vR9uHq3yNc7pBd5sGf1aJe8iMo2tUx6rQvYhZbKnWmCgPjDlSo4Et7IyAf0V"
        /// Only a part of it is secret.
        case address = "postgres://billing:Zr8kq2VtY7mLw4x@db.example:5432/prod"
    }

    var testDescription: String { "\(level): \(words.last ?? "") of \(value)" }

    private init(_ level: RedactionLevel, _ value: Value, _ words: [String]) {
        self.level = level
        self.value = value
        self.words = words
    }

    static func shell(_ level: RedactionLevel, _ script: String, of value: Value = .plain) -> Bypass {
        Bypass(level, value, ["bash", "-c", script])
    }

    /// A Python expression over `k`, the value as text, and `b`, its bytes.
    static func python(_ level: RedactionLevel, _ expression: String, of value: Value = .plain) -> Bypass {
        let imports = "import base64, binascii, codecs, html, json, os, quopri, sys, urllib.parse, xml.sax.saxutils"
        let print = "x = \(expression)\nsys.stdout.buffer.write(x if isinstance(x, bytes) else str(x).encode())"
        return Bypass(
            level, value, ["python3", "-c", "\(imports)\nk = os.environ['KEY']; b = k.encode()\n\(print)"])
    }

    // MARK: The table

    static let all = literal + encoded + strict

    static let literal: [Bypass] =
        [Value.plain, .special, .lines, .long].map { .shell(.literal, #"printf %s "$KEY""#, of: $0) } + [
            .shell(.literal, #"printf '%s' "$KEY" >&2"#),
            .shell(.literal, #"for ((i = 0; i < ${#KEY}; i++)); do printf %s "${KEY:i:1}"; done"#),
            .shell(.literal, #"env | sed -n 's/^KEY=//p'"#),
            .shell(.literal, #"printf %s "$KEY" | sed 's/$/\r/'"#, of: .lines),
            .shell(.literal, #"printf %s "$KEY" | head -1"#, of: .lines),
            .shell(.literal, #"set -x; : "$KEY""#),
            .python(.literal, "k.replace('\\n', '\\r\\n')", of: .lines),
        ]

    static let encoded: [Bypass] =
        [Value.plain, .special, .long].flatMap { value -> [Bypass] in
            [
                .shell(.encoded, #"printf %s "$KEY" | base64 -w0"#, of: value),
                .shell(.encoded, #"printf %s "a$KEY" | base64 -w0"#, of: value),
                .shell(.encoded, #"printf %s "ab$KEY" | base64 -w0"#, of: value),
                .shell(.encoded, #"printf %s "${KEY}xyz" | base64 -w0 | tr '+/' '-_' | tr -d ="#, of: value),
                .shell(.encoded, #"printf %s "$KEY" | base64"#, of: value),
                .shell(.encoded, #"printf %s "$KEY" | base64 -w64"#, of: value),
                .shell(.encoded, #"printf %s "$KEY" | base32 -w0"#, of: value),
                .shell(.encoded, #"printf %s "$KEY" | xxd -p -c0"#, of: value),
                .shell(.encoded, #"printf %s "$KEY" | xxd -p -u -c0"#, of: value),
                .shell(.encoded, #"printf %s "$KEY" | od -An -v -tx1 -w256"#, of: value),
                .shell(.encoded, #"printf %s "$KEY" | xxd -p -c0 | sed 's/../0x& /g'"#, of: value),
                .shell(.encoded, #"printf %s "$KEY" | xxd -p -c0 | sed 's/../&:/g'"#, of: value),
                .shell(.encoded, #"printf %s "$KEY" | tr a-z A-Z"#, of: value),
                .shell(.encoded, #"printf %s "$KEY" | tr A-Z a-z"#, of: value),
                .shell(.encoded, #"printf %q "$KEY""#, of: value),
                .python(.encoded, "urllib.parse.quote(k, safe='')", of: value),
                .python(.encoded, "urllib.parse.quote(k)", of: value),
                .python(.encoded, "urllib.parse.quote_plus(k)", of: value),
                .python(.encoded, "''.join('%%%02X' % c for c in b)", of: value),
                .python(.encoded, "json.dumps(k)", of: value),
                .python(.encoded, "repr(k)", of: value),
                .python(.encoded, "repr(b)", of: value),
                .python(.encoded, "html.escape(k)", of: value),
                .python(.encoded, "xml.sax.saxutils.escape(k)", of: value),
                .python(.encoded, "''.join('&#%d;' % ord(c) for c in k)", of: value),
                .python(.encoded, "''.join('&#x%x;' % ord(c) for c in k)", of: value),
                .python(.encoded, "''.join('\\\\u%04x' % ord(c) for c in k)", of: value),
                .python(.encoded, "''.join('\\\\x%02x' % c for c in b)", of: value),
                .python(.encoded, "list(b)", of: value),
                .python(.encoded, "','.join(str(c) for c in b)", of: value),
                .python(.encoded, "quopri.encodestring(b)", of: value),
                .python(.encoded, "k.encode('utf-16-le')", of: value),
                .python(.encoded, "k.encode('utf-16-be')", of: value),
                .python(.encoded, "base64.urlsafe_b64encode(b)", of: value),
                .python(.encoded, "binascii.hexlify(b)", of: value),
            ]
        } + [
            .python(.encoded, "json.dumps({'k': k})", of: .lines),
            .python(.encoded, "repr(k)", of: .lines),
            .python(.encoded, "base64.b64encode(b)", of: .lines),
            .shell(.encoded, #"t=${KEY#*billing:}; printf %s "${t%%@*}""#, of: .address),
            .shell(.encoded, #"t=${KEY#*billing:}; printf %s "${t%%@*}" | base64"#, of: .address),
        ]

    static let strict: [Bypass] = [
        .shell(.strict, #"printf %s "$KEY" | rev"#),
        .shell(.strict, #"printf %s "$KEY" | tr A-Za-z N-ZA-Mn-za-m"#),
        .shell(.strict, #"printf %s "$KEY" | sed 's/./& /g'"#),
        .shell(.strict, #"printf %s "$KEY" | fold -w1"#),
        .shell(.strict, #"printf %s "$KEY" | cut -c1-12"#),
        .shell(.strict, #"printf %s "$KEY" | tail -c 12"#),
        .shell(.strict, #"printf %s "${KEY:5:12}""#),
        .shell(.strict, #"printf %s "$KEY" | base64 -w0"#),
        .python(.strict, "list(k)"),
        .python(.strict, "', '.join(k)"),
        .python(.strict, "k[::-1]"),
        .python(.strict, "codecs.encode(k, 'rot13')"),
        .python(.strict, "'\\n'.join('- ' + c for c in k)"),
        .python(.strict, "json.dumps(list(k), indent=2)"),
    ]
}

/// How much of one text stands in another.
enum CommonText {
    /// The longest piece of `leak` that stands in `shown`.
    static func longest(of leak: [UInt8], in shown: [UInt8]) -> [UInt8] {
        var best = 0..<0
        var lengths = [Int](repeating: 0, count: shown.count + 1)
        for (end, byte) in leak.enumerated() {
            var diagonal = 0
            for column in shown.indices {
                let above = lengths[column + 1]
                lengths[column + 1] = shown[column] == byte ? diagonal + 1 : 0
                diagonal = above
                if lengths[column + 1] > best.count { best = end + 1 - lengths[column + 1]..<end + 1 }
            }
        }
        return Array(leak[best])
    }
}
