// Databricks notebook source
// MAGIC %md
// MAGIC # Daily revenue
// MAGIC
// MAGIC Reads the day's transactions, adds up the revenue, and signs each row for the payment provider, with the key that
// MAGIC lies in the scope `payments`. The notebook prints the key as well, to show that it cannot be seen.

// COMMAND ----------

// DBTITLE 1,Read the transactions
import DBUtils
import Foundation

let path = (try? dbutils.widgets.get("transactions")) ?? "data/transactions.csv"
let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst()
print("\(lines.count) transactions in \(path)")

// COMMAND ----------

// DBTITLE 1,Parse them
struct Transaction {
    var order: String
    var day: String
    var country: String
    var currency: String
    var cents: Int
    var isCaptured: Bool

    init?(line: Substring) {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false)
        guard fields.count == 7, let amount = Double(fields[5]) else { return nil }
        order = String(fields[0])
        day = String(fields[1].prefix(10))
        country = String(fields[3])
        currency = String(fields[4])
        cents = Int((amount * 100).rounded())
        isCaptured = fields[6] == "captured"
    }
}

let transactions = lines.compactMap { Transaction(line: $0) }
let captured = transactions.filter(\.isCaptured)
print("\(captured.count) captured, \(transactions.count - captured.count) refunded or failed")

// COMMAND ----------

// DBTITLE 1,Revenue by day, in euro
let centsPerEuro = ["EUR": 100.0, "PLN": 425, "GBP": 86, "SEK": 1130, "CHF": 95, "USD": 108]

func euro(_ transaction: Transaction) -> Double {
    Double(transaction.cents) / (centsPerEuro[transaction.currency] ?? 100)
}

let byDay = Dictionary(grouping: captured, by: \.day).mapValues { $0.map(euro).reduce(0, +) }
for (day, revenue) in byDay.sorted(by: { $0.key < $1.key }) {
    print(day, String(format: "%10.2f", revenue))
}

// COMMAND ----------

// DBTITLE 1,Revenue by country
let byCountry = Dictionary(grouping: captured, by: \.country).mapValues { $0.map(euro).reduce(0, +) }
display(
    byCountry.sorted { $0.value > $1.value }.map { [$0.key, String(format: "%.2f", $0.value)] },
    columns: ["country", "revenue"]
)

// COMMAND ----------

// DBTITLE 1,The provider's key
let key = try dbutils.secrets.get(scope: "payments", key: "api-key")
print("The key is \(key), and it has \(key.utf8.count) bytes.")

// COMMAND ----------

// DBTITLE 1,HMAC-SHA256 (RFC 2104, FIPS 180-4)
/// The first 32 bits of the fractional parts of the roots of the first primes, which is what SHA-256 is made of.
func rootBits(_ count: Int, root: Double) -> [UInt32] {
    var primes: [Int] = []
    var candidate = 2
    while primes.count < count {
        if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
        candidate += 1
    }
    return primes.map { prime in
        let value = pow(Double(prime), 1 / root)
        return UInt32((value - value.rounded(.down)) * 4_294_967_296)
    }
}

let roundConstants = rootBits(64, root: 3)
let initialState = rootBits(8, root: 2)

func sha256(_ message: [UInt8]) -> [UInt8] {
    func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
    var padded = message + [0x80]
    while padded.count % 64 != 56 { padded.append(0) }
    padded += (0..<8).map { UInt8(truncatingIfNeeded: (message.count * 8) >> (56 - 8 * $0)) }
    var state = initialState
    for block in stride(from: 0, to: padded.count, by: 64) {
        var words = (0..<16).map { word in
            (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(padded[block + word * 4 + $1]) }
        }
        for index in 16..<64 {
            let low = rotate(words[index - 15], 7) ^ rotate(words[index - 15], 18) ^ words[index - 15] >> 3
            let high = rotate(words[index - 2], 17) ^ rotate(words[index - 2], 19) ^ words[index - 2] >> 10
            words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let choice = (e & f) ^ (~e & g)
            let first = h &+ (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) &+ choice
            let sum = first &+ roundConstants[index] &+ words[index]
            let majority = (a & b) ^ (a & c) ^ (b & c)
            let second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ majority
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ sum, c, b, a, sum &+ second)
        }
        state = zip(state, [a, b, c, d, e, f, g, h]).map { $0 &+ $1 }
    }
    return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) } }
}

func hmac(_ message: String, key: String) -> String {
    var block = Array(key.utf8)
    if block.count > 64 { block = sha256(block) }
    block += [UInt8](repeating: 0, count: 64 - block.count)
    let inner = sha256(block.map { $0 ^ 0x36 } + Array(message.utf8))
    return sha256(block.map { $0 ^ 0x5C } + inner).map { String(format: "%02x", $0) }.joined()
}

// RFC 4231, test case 2.
let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
print("HMAC-SHA256 is right:", hmac("what do ya want for nothing?", key: "Jefe") == expected)

// COMMAND ----------

// DBTITLE 1,Sign the rows
let signed = captured.map { transaction in
    (transaction.order, hmac("\(transaction.order):\(transaction.cents):\(transaction.currency)", key: key))
}
print("\(signed.count) rows signed")

// COMMAND ----------

// DBTITLE 1,A look at three of them
display(signed.prefix(3).map { [$0.0, String($0.1.prefix(16)) + "…"] }, columns: ["order", "signature"])

// COMMAND ----------

// DBTITLE 1,Done
dbutils.notebook.exit("\(signed.count) rows signed with \(key)")
