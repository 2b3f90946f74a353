import RepeatableRandomness
import Testing

@testable import SecretScopes

@Suite struct TokenIndexTests {
    private static func hash(_ number: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) } + [UInt8](repeating: 0, count: 24)
    }

    @Test func nothingIsAbsentBeforeAllTokensWereRead() {
        var index = TokenIndex()
        #expect(index.needsFilling && index.find(Self.hash(1)) == .uncertain)
        index.fill([Self.hash(1)])
        #expect(index.find(Self.hash(1)) == .uncertain && index.find(Self.hash(2)) == .absent)
    }

    @Test func nothingIsAbsentWhileAChangedCredentialIsNotRead() {
        var index = TokenIndex()
        index.fill([])
        let id = CredentialID(high: 1, low: 1)
        index.credentialDidChange(id, tokenHash: nil)
        #expect(index.find(Self.hash(1)) == .uncertain)
        index.add([Self.hash(1)], of: [id])
        #expect(index.find(Self.hash(1)) == .uncertain && index.find(Self.hash(2)) == .absent)
        index.credentialDidChange(id, tokenHash: Self.hash(1))
        index.add([], of: [id])
        #expect(index.find(Self.hash(1)) == .absent)
    }

    @Test func ofTooManyTokensNothingIsKept() {
        var index = TokenIndex()
        index.fill((0...TokenIndex.mostTokens).map(Self.hash))
        #expect(index.find(Self.hash(-1 & 0xFFFF_FFFF)) == .uncertain)
        // Reading them all again at every wrong token would serve nobody.
        #expect(!index.needsFilling && index.changed.isEmpty)
    }

    /// Whatever comes and goes, a token that is there is never taken for absent.
    @Test func tokenThatIsThereIsNeverAbsent() {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        var index = TokenIndex()
        var present: Set<Int> = []
        for _ in 0..<20_000 {
            let number = Int.random(in: 0..<200, using: &random)
            let id = CredentialID(high: 1, low: UInt64(number))
            switch Int.random(in: 0..<8, using: &random) {
            case 0..<3:
                present.insert(number)
                index.credentialDidChange(id, tokenHash: nil)
            case 3..<5:
                present.remove(number)
                index.credentialDidChange(id, tokenHash: Bool.random(using: &random) ? Self.hash(number) : nil)
            case 5 where index.needsFilling, 6 where index.needsFilling:
                index.fill(present.map(Self.hash))
            default:
                let changed = index.changed
                let hashes = present.filter { changed.contains(CredentialID(high: 1, low: UInt64($0))) }
                index.add(hashes.map(Self.hash), of: changed)
            }
            for token in present { #expect(index.find(Self.hash(token)) == .uncertain) }
        }
        #expect(index.find(Self.hash(1000)) == .absent || index.needsFilling || !index.changed.isEmpty)
    }
}
