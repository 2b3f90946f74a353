import RepeatableRandomness
import Testing

@testable import SecretScopes

@Suite("The bounded cache")
struct BoundedCacheTests {
    @Test func agreesWithADictionaryAndStaysInBounds() {
        var random = SeededGenerator()
        var cache = BoundedCache<Int, Int>(capacity: 100)
        var reference: [Int: Int] = [:]
        for step in 0..<50_000 {
            let key = Int.random(in: 0...60, using: &random)
            switch Int.random(in: 0...9, using: &random) {
            case 0:
                cache.remove(key)
                reference[key] = nil
            case 1...4:
                cache.insert(step, for: key, cost: Int.random(in: 1...10, using: &random))
                reference[key] = step
            default:
                // It may have forgotten an entry, but it never gives a wrong one.
                if let value = cache[key] { #expect(value == reference[key], "seed \(random.seed)") }
            }
        }
    }

    @Test func keepsWhatIsUsed() {
        var cache = BoundedCache<Int, Int>(capacity: 100)
        cache.insert(1, for: -1, cost: 1)
        for key in 0..<10_000 {
            cache.insert(key, for: key, cost: 1)
            #expect(cache[-1] == 1)
        }
        #expect(cache[0] == nil)
        #expect(cache[9999] == 9999)
    }

    @Test func refusesWhatIsTooLarge() {
        var cache = BoundedCache<Int, Int>(capacity: 100)
        cache.insert(1, for: 1, cost: 51)
        #expect(cache[1] == nil)
        cache.insert(2, for: 1, cost: 50)
        #expect(cache[1] == 2)
        cache.removeAll()
        #expect(cache[1] == nil)
    }
}
