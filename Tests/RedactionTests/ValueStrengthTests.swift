import Redaction
import SecretMemory
import Testing

struct ValueStrengthTests {
    struct Row: CustomTestStringConvertible {
        var value: String
        var strength: ValueStrength
        var testDescription: String { "\(value.debugDescription) is \(strength)" }
    }

    @Test(arguments: [
        Row(value: "", strength: .tooShort), Row(value: "abc", strength: .tooShort),
        Row(value: "123", strength: .tooShort), Row(value: " \n\t\r ", strength: .tooShort),
        Row(value: "é1", strength: .tooShort), Row(value: "éé", strength: .redacted),
        Row(value: "abcz", strength: .redacted), Row(value: "abc\n", strength: .redacted),
        Row(value: "1234", strength: .weak), Row(value: "12345", strength: .weak),
        Row(value: "12345\n", strength: .weak), Row(value: "123456", strength: .redacted),
        Row(value: "1234a", strength: .redacted), Row(value: "12 34", strength: .redacted),
        Row(value: "test", strength: .weak), Row(value: "TeSt", strength: .weak),
        Row(value: "  test\r\n", strength: .weak), Row(value: "test1", strength: .redacted),
        Row(value: "attest", strength: .redacted), Row(value: "letmein", strength: .redacted),
        Row(value: "true", strength: .weak), Row(value: "false", strength: .weak),
        Row(value: "null", strength: .weak), Row(value: "None", strength: .weak),
        Row(value: "password", strength: .weak), Row(value: "admin", strength: .weak),
        Row(value: "root", strength: .weak), Row(value: "user", strength: .weak),
        Row(value: "secret", strength: .weak), Row(value: "localhost", strength: .weak),
        Row(value: "changeme", strength: .weak), Row(value: "hunter22", strength: .redacted),
    ])
    func strengthIsDecidedFromTheValueAlone(row: Row) throws {
        let pool = SecretPool()
        let value = SecretBytes(Array(row.value.utf8), in: pool)
        #expect(ValueStrength(of: value) == row.strength)
        let redactor = Redactor(pool: pool)
        #expect(try redactor.add(value) == row.strength)
        #expect(redactor.valueCount == (row.strength == .tooShort ? 0 : 1))
    }
}
