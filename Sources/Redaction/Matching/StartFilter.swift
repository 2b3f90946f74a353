import CScanning
import SecretMemory

/// What forms are looked for by how they begin.
enum StartKind: Int, CaseIterable {
    /// Forms as they are.
    case plain
    // Encodings whose text looks like nothing else.
    case base64, base32, hex, littleEndianUTF16, bigEndianUTF16

    /// Takes down how `form` may begin.
    func mark(_ form: RawSpan, in marker: inout StartMarker) {
        switch self {
        case .plain:
            for position in 0..<min(form.byteCount, marker.limit) { marker.append(form[byte: position]) }
            marker.finishStart()
        case .base64: Base64Alphabet.mark(form, in: &marker)
        case .base32: Base32Alphabet.mark(form, in: &marker)
        case .hex: HexAlphabet.mark(form, in: &marker)
        case .littleEndianUTF16: LittleEndianUTF16Reading.mark(form, in: &marker)
        case .bigEndianUTF16: BigEndianUTF16Reading.mark(form, in: &marker)
        }
    }

    /// The forms that are looked for in this way.
    var search: KnownForm.Search {
        self == .plain ? .plain : .readings
    }
}

/// Tells where forms may begin, without a look at every byte.
///
/// Every form has at least ``gramSize`` bytes, and so has its beginning in every encoding. From each of its first
/// ``stride`` positions the four bytes there, its *grams*, are marked in a bitmap by a hash of them. If the gram at a
/// position of the input is not marked, no form begins there nor at any of the `stride - 1` positions before; so one look
/// for every `stride` bytes is enough. The longer the shortest beginning, the longer the stride.
///
/// The grams of all kinds are in a small bitmap, and by another hash in a larger one for what the first one lets through;
/// there, if all beginnings are long enough, with the byte behind them. If there are several kinds, there is also one of
/// each ``StartKind``, which tells what may begin there.
final class StartFilter: Sendable {
    static let gramSize = 4
    /// A stride beyond this would gain nothing more: memory is the limit then.
    static let longestStride = 16
    /// About as many grams as a form has for each position that is marked.
    private static let gramsPerPosition = [StartKind.plain: 1, .base64: 4, .base32: 5, .hex: 2]

    private let block: SecretBytes
    private let layout: Layout
    private let kinds: [StartKind]
    /// The number of forms that are looked for in each of all kinds.
    private let formCounts: [Int]
    private let shortest: Int
    /// The number of bytes for which one look is taken.
    let stride: Int
    /// The number of bytes that one look is about: a gram, and the byte behind it if that counts.
    private let width: Int

    /// A filter that knows no form.
    convenience init(in pool: SecretPool) {
        self.init(extending: nil, for: [], and: [], in: pool)
    }

    /// The filter for the forms of `previous`, which are `known`, and for those that were added.
    convenience init(
        extending previous: StartFilter, for known: ArraySlice<KnownForm>, and added: [KnownForm], in pool: SecretPool
    ) {
        self.init(extending: Optional(previous), for: known, and: added, in: pool)
    }

    private init(
        extending previous: StartFilter?, for known: ArraySlice<KnownForm>, and added: [KnownForm], in pool: SecretPool
    ) {
        let hasReadings = (previous?.kinds.count ?? 0) > 1 || added.contains { $0.search.contains(.readings) }
        let kinds = hasReadings ? StartKind.allCases : [.plain]
        let limit = Self.longestStride + Self.gramSize
        var shortest = previous?.shortest ?? .max
        for kind in kinds {
            var marker = StartMarker(limit: limit) { _ in }
            for form in added where form.search.contains(kind.search) {
                form.bytes.withBytes { kind.mark($0, in: &marker) }
            }
            shortest = min(shortest, marker.shortest)
        }
        let longest = min(shortest - Self.gramSize + 1, Self.longestStride)
        let stride = [16, 8, 4].first { $0 <= longest } ?? longest
        let width = shortest >= stride + Self.gramSize ? Self.gramSize + 1 : Self.gramSize
        let formCounts = StartKind.allCases.map { kind in
            (previous?.formCounts[kind.rawValue] ?? 0) + added.count { $0.search.contains(kind.search) }
        }
        let gramCount = kinds.reduce(0) {
            $0 + formCounts[$1.rawValue] * stride * (Self.gramsPerPosition[$1] ?? 1)
        }
        let layout = Layout(gramCount: gramCount, kindCount: kinds.count)
        let isEnough =
            previous.map { $0.stride == stride && $0.width == width && $0.layout == layout } ?? false
        self.kinds = kinds
        self.formCounts = formCounts
        self.shortest = shortest
        self.stride = stride
        self.width = width
        self.layout = layout
        self.block = SecretBytes(count: layout.byteCount, in: pool) { block in
            if let previous, isEnough { previous.block.withUnsafeBytes { block.copyMemory(from: $0) } }
            func bitmap(_ place: Layout.Place) -> MutableGramBitmap {
                MutableGramBitmap(
                    UnsafeMutableRawBufferPointer(rebasing: block[layout.range(of: place)]),
                    size: layout.size(of: place))
            }
            let possible = bitmap(.possible)
            let likely = bitmap(.likely)
            for (number, kind) in kinds.enumerated() {
                let own = kinds.count > 1 ? bitmap(.kind(number)) : nil
                var marker = StartMarker(limit: stride + width - 1, width: width) { gram in
                    possible.insert(UInt32(truncatingIfNeeded: gram))
                    likely.insertAgain(gram)
                    own?.insertAgain(gram)
                }
                for form in (isEnough ? [] : known) + added where form.search.contains(kind.search) {
                    form.bytes.withBytes { kind.mark($0, in: &marker) }
                }
            }
        }
    }

    /// A form that begins with this many bytes, whatever follows, is found.
    var reach: Int { stride + width - 1 }

    /// Finds out where forms may begin in `bytes`.
    func find(in bytes: UnsafeRawBufferPointer, into starts: inout FormStarts) {
        // A byte is there behind the last gram.
        let blockCount = max(0, bytes.count - Self.gramSize) / stride
        starts.begin(blockCount: blockCount, stride: stride, end: bytes.count)
        guard let base = bytes.baseAddress, blockCount > 0 else { return }
        block.withUnsafeBytes { block in
            func bitmap(_ place: Layout.Place) -> GramBitmap {
                GramBitmap(
                    UnsafeRawBufferPointer(rebasing: block[layout.range(of: place)]), size: layout.size(of: place))
            }
            let possible = bitmap(.possible)
            let likely = bitmap(.likely)
            starts.fill { blocks in
                possible.find(
                    in: base, stride: stride, count: blockCount, alsoIn: likely, width: width, found: blocks)
            }
            guard kinds.count > 1 else { return starts.assign(kinds[0]) { _ in true } }
            for (number, kind) in kinds.enumerated() {
                let own = bitmap(.kind(number))
                starts.assign(kind) { position in
                    let gram = base.loadUnaligned(fromByteOffset: position + stride - 1, as: UInt32.self).littleEndian
                    guard width > Self.gramSize else { return own.containsAgain(UInt64(gram)) }
                    let behind = base.load(fromByteOffset: position + stride - 1 + Self.gramSize, as: UInt8.self)
                    return own.containsAgain(UInt64(behind) << 32 | UInt64(gram))
                }
            }
        }
    }

    /// Where the bitmaps lie in one block of memory.
    private struct Layout: Equatable {
        enum Place {
            case possible, likely
            case kind(Int)
        }

        private let small: GramBitmap.Size
        private let large: GramBitmap.Size
        private let kindCount: Int

        /// The small one is to fit in the processor's first cache, up to hundreds of values.
        init(gramCount: Int, kindCount: Int) {
            small = GramBitmap.Size(gramCount: gramCount, sparseness: 32)
            large = GramBitmap.Size(gramCount: gramCount, sparseness: 128)
            self.kindCount = kindCount > 1 ? kindCount : 0
        }

        var byteCount: Int { small.byteCount + (1 + kindCount) * large.byteCount }

        func size(of place: Place) -> GramBitmap.Size {
            if case .possible = place { small } else { large }
        }

        func range(of place: Place) -> Range<Int> {
            switch place {
            case .possible: 0..<small.byteCount
            case .likely: large(0)
            case .kind(let number): large(1 + number)
            }
        }

        private func large(_ number: Int) -> Range<Int> {
            let start = small.byteCount + number * large.byteCount
            return start..<start + large.byteCount
        }
    }
}
