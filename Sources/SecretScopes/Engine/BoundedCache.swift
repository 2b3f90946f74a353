/// A dictionary that forgets what was not used lately when it outgrows its capacity.
///
/// Entries live in a young and an old half. A hit moves an entry to the young half; when that is full, it becomes the
/// old one and the former old one is forgotten. Every operation takes constant time.
struct BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: (value: Value, cost: Int)] = [:]
    private var old: [Key: (value: Value, cost: Int)] = [:]
    private var youngCost = 0
    private let halfCapacity: Int

    /// Creates a cache for entries of at most `capacity` cost together.
    init(capacity: Int) {
        self.halfCapacity = capacity / 2
    }

    subscript(key: Key) -> Value? {
        mutating get {
            if let entry = young[key] { return entry.value }
            guard let entry = old.removeValue(forKey: key) else { return nil }
            store(entry, for: key)
            return entry.value
        }
    }

    mutating func insert(_ value: Value, for key: Key, cost: Int) {
        remove(key)
        guard cost <= halfCapacity else { return }
        store((value, cost), for: key)
    }

    mutating func remove(_ key: Key) {
        if let entry = young.removeValue(forKey: key) { youngCost -= entry.cost }
        old.removeValue(forKey: key)
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
        youngCost = 0
    }

    /// Removes the entries for whose keys `condition` holds.
    mutating func removeAll(where condition: (Key) -> Bool) {
        for key in young.keys.filter(condition) { remove(key) }
        for key in old.keys.filter(condition) { remove(key) }
    }

    private mutating func store(_ entry: (value: Value, cost: Int), for key: Key) {
        if youngCost + entry.cost > halfCapacity {
            old = young
            young = [:]
            youngCost = 0
        }
        young[key] = entry
        youngCost += entry.cost
    }
}
