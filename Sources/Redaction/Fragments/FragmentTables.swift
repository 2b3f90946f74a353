/// A suffix automaton of all values that are looked for in pieces: it follows the longest stretch of the input, up to
/// where one stands, that is a stretch of a value.
///
/// Every state stands for stretches that occur in the same places of the values, and each of which is a suffix of the
/// next longer one. State 0 stands for the empty one, and 0 stands for "none" wherever a state is named.
struct FragmentTables {
    struct State {
        /// The state of the longest stretch that is shorter than those of this state and a suffix of them.
        var link: UInt32
        /// The number of bytes of the state's longest stretch.
        var length: UInt32
        /// The fewest bytes that a stretch of this state must have to be an occurrence.
        var minimum: UInt32
        /// The fewest bytes that a stretch of this state must have to become, with what follows it in a value, an
        /// occurrence.
        var promising: UInt32
        /// The state, among those along the links, of the longest stretch that is an occurrence whenever it is there.
        var inherited: UInt32
        /// The number of the form that ``minimum`` is due to.
        var form: UInt32
        /// The only next state; or, if there are several, where in ``FragmentTables/branches`` they are.
        var next: UInt32
        /// ``noNext``, ``manyNext``, or the byte that leads to the only next state, plus 1.
        var byte: UInt32

        static let noNext: UInt32 = 0
        static let manyNext: UInt32 = 0x1FF
    }

    let states: UnsafeBufferPointer<State>
    let branches: UnsafeBufferPointer<AutomatonTables.Branch>
    let children: UnsafeBufferPointer<UInt32>
    /// All four bytes in a row of the values.
    let grams: GramBitmap
    /// The number of bytes for which one look at four of them is enough.
    let stride: Int

    /// The longest stretch of a value that the input ends with.
    struct Place {
        var state: UInt32 = 0
        var length: UInt32 = 0
    }

    /// The place after one more byte.
    @inline(__always)
    func step(from place: Place, _ byte: UInt8) -> Place {
        var place = place
        while true {
            let next = next(of: place.state, byte)
            if next != 0 { return Place(state: next, length: place.length + 1) }
            guard place.state != 0 else { return place }
            place.state = states[Int(place.state)].link
            place.length = states[Int(place.state)].length
        }
    }

    @inline(__always)
    private func next(of state: UInt32, _ byte: UInt8) -> UInt32 {
        let current = states[Int(state)]
        if current.byte == UInt32(byte) + 1 { return current.next }
        guard current.byte == State.manyNext, let child = branches[Int(current.next)].index(of: byte) else { return 0 }
        return children[child]
    }

    /// Looks at the window's fresh bytes, coming from `place`, and records each occurrence that ends in them.
    ///
    /// - Returns: The place after the last byte: the longest stretch that may still become an occurrence, or a longer
    ///   one.
    func scan(_ window: InputWindow, from place: Place, into coverage: inout Coverage) -> Place {
        let bytes = window.fresh
        var place = place
        var index = 0
        while index < bytes.count {
            if place.length < UInt32(StartFilter.gramSize), index >= Int(place.length) {
                // Nothing is lost when the filter rules out all that these bytes could be the start of.
                let start = index - Int(place.length)
                let possible = firstPossibleStart(in: bytes, from: start)
                if possible > start {
                    place = Place()
                    index = possible
                    continue
                }
            }
            place = step(from: place, bytes[index])
            index += 1
            let current = states[Int(place.state)]
            if place.length >= current.minimum {
                cover(Int(place.length), of: place.state, endingAt: window.freshStart + index, into: &coverage)
            } else if current.inherited != 0 {
                let length = Int(states[Int(current.inherited)].length)
                cover(length, of: current.inherited, endingAt: window.freshStart + index, into: &coverage)
            }
        }
        return settle(place)
    }

    /// The first position from `start` on at which an occurrence may begin, or from which on there are too few bytes to
    /// tell.
    @inline(__always)
    private func firstPossibleStart(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position + stride + StartFilter.gramSize - 1 <= bytes.count {
            let gram = bytes.loadUnaligned(fromByteOffset: position + stride - 1, as: UInt32.self).littleEndian
            if grams.contains(gram) { break }
            position += stride
        }
        return position
    }

    private func cover(_ length: Int, of state: UInt32, endingAt end: Int, into coverage: inout Coverage) {
        coverage.cover(end - length..<end, by: .fragments, at: state)
    }

    private func settle(_ place: Place) -> Place {
        var place = place
        while place.state != 0 {
            let current = states[Int(place.state)]
            if place.length >= current.promising, current.byte != State.noNext { break }
            place = Place(state: current.link, length: states[Int(current.link)].length)
        }
        return place
    }
}
