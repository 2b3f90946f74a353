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
/// Behind the bitmap of all grams there is one for each ``StartKind``, by another hash.
final class StartFilter: Sendable {
    static let gramSize = 4
    /// A stride beyond this would gain nothing more: memory is the limit then.
    static let longestStride = 16
    /// About as many grams as a form has for each position that is marked.
    private static let gramsPerPosition = [StartKind.plain: 1, .base64: 4, .base32: 5, .hex: 2]

    private let block: SecretBytes
    private let size: GramBitmap.Size
    private let kinds: [StartKind]
    /// The number of forms that are looked for in each of all kinds.
    private let formCounts: [Int]
    private let shortest: Int
    /// The number of bytes for which one look is taken.
    let stride: Int

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
        let limit = Self.longestStride + Self.gramSize - 1
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
        let formCounts = StartKind.allCases.map { kind in
            (previous?.formCounts[kind.rawValue] ?? 0) + added.count { $0.search.contains(kind.search) }
        }
        let gramCount = kinds.reduce(0) {
            $0 + formCounts[$1.rawValue] * stride * (Self.gramsPerPosition[$1] ?? 1)
        }
        let size = GramBitmap.Size(gramCount: gramCount)
        let isEnough = previous.map { $0.stride == stride && $0.size == size && $0.kinds == kinds } ?? false
        self.kinds = kinds
        self.formCounts = formCounts
        self.shortest = shortest
        self.stride = stride
        self.size = size
        self.block = SecretBytes(count: (1 + kinds.count) * size.byteCount, in: pool) { block in
            if let previous, isEnough { previous.block.withUnsafeBytes { block.copyMemory(from: $0) } }
            let all = MutableGramBitmap(block, number: 0, size: size)
            for (number, kind) in kinds.enumerated() {
                let own = MutableGramBitmap(block, number: 1 + number, size: size)
                var marker = StartMarker(limit: stride + Self.gramSize - 1) { gram in
                    all.insert(gram)
                    own.insertAgain(gram)
                }
                for form in (isEnough ? [] : known) + added where form.search.contains(kind.search) {
                    form.bytes.withBytes { kind.mark($0, in: &marker) }
                }
            }
        }
    }

    /// A form that begins with this many bytes, whatever follows, is found.
    var reach: Int { stride + Self.gramSize - 1 }

    /// Finds out where forms may begin in `bytes`.
    func find(in bytes: UnsafeRawBufferPointer, into starts: inout FormStarts) {
        let blockCount = max(0, bytes.count - Self.gramSize + 1) / stride
        starts.begin(blockCount: blockCount, stride: stride, end: bytes.count)
        guard let base = bytes.baseAddress, blockCount > 0 else { return }
        block.withUnsafeBytes { block in
            let all = GramBitmap(block, number: 0, size: size)
            starts.fill { blocks in
                all.find(in: base, stride: stride, count: blockCount, found: blocks)
            }
            for (number, kind) in kinds.enumerated() {
                let own = GramBitmap(block, number: 1 + number, size: size)
                starts.assign(kind) { position in
                    own.containsAgain(base.loadUnaligned(fromByteOffset: position + stride - 1, as: UInt32.self))
                }
            }
        }
    }
}
