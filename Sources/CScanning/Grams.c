#include "CScanning.h"

#include <string.h>

static inline uint32_t load(const uint8_t *bytes) {
    uint32_t gram;
    memcpy(&gram, bytes, sizeof gram);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    gram = __builtin_bswap32(gram);
#endif
    return gram;
}

/// Whether the bitmaps may hold a gram, in the lowest bit. The bits above it mean nothing.
static inline uint32_t is_possible(const struct cscanning_grams *grams, uint32_t gram) {
    uint32_t hash = gram * grams->factor >> grams->shift;
    return grams->bitmap[hash >> 5] >> (hash & 31);
}

/// The same by the other bitmap, with the byte behind the gram.
static inline uint32_t is_likely(const struct cscanning_grams *grams, uint32_t gram, uint8_t behind) {
    uint32_t mixed = gram ^ gram >> 15 ^ (behind & grams->behind_mask) << 13;
    uint32_t hash = mixed * grams->other_factor >> grams->other_shift;
    return grams->other_bitmap[hash >> 5] >> (hash & 31);
}

/// Looks at `count` grams from that of block `block` on, and takes down the blocks.
static inline size_t take(const struct cscanning_grams *grams, const uint8_t *bytes, size_t stride, size_t block,
                          size_t count, uint32_t *found) {
    size_t found_count = 0;
    for (size_t end = block + count; block < end; block++) {
        const uint8_t *text = bytes + block * stride + stride - 1;
        uint32_t gram = load(text);
        if ((is_possible(grams, gram) & 1) == 0) continue;
        found[found_count] = (uint32_t)(block * stride);
        found_count += is_likely(grams, gram, text[sizeof gram]) & 1;
    }
    return found_count;
}

/// One loop for every stride, each made for its own.
__attribute__((always_inline)) static inline size_t
find_portably(const struct cscanning_grams *grams, const uint8_t *bytes, size_t stride, size_t count, uint32_t *found) {
    size_t found_count = 0;
    size_t block = 0;
    for (; block + 16 <= count; block += 16) {
        const uint8_t *text = bytes + block * stride + stride - 1;
        uint32_t any = 0;
#pragma clang loop unroll(full)
        for (size_t index = 0; index < 16; index++) any |= is_possible(grams, load(text + index * stride));
        if (any & 1) found_count += take(grams, bytes, stride, block, 16, found + found_count);
    }
    return found_count + take(grams, bytes, stride, block, count - block, found + found_count);
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

/// Bits for those of eight hashes whose bits are set in a bitmap.
AVX2 static inline unsigned members(const uint32_t *bitmap, __m256i hashes) {
    __m256i words = _mm256_i32gather_epi32((const int *)bitmap, _mm256_srli_epi32(hashes, 5), 4);
    __m256i bits = _mm256_srlv_epi32(words, _mm256_and_si256(hashes, _mm256_set1_epi32(31)));
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_slli_epi32(bits, 31)));
}

AVX2 static inline unsigned possible(const struct cscanning_grams *grams, const uint8_t *text) {
    __m256i gram = _mm256_loadu_si256((const __m256i *)text);
    __m256i product = _mm256_mullo_epi32(gram, _mm256_set1_epi32((int)grams->factor));
    return members(grams->bitmap, _mm256_srl_epi32(product, _mm_cvtsi32_si128((int)grams->shift)));
}

AVX2 static inline unsigned likely(const struct cscanning_grams *grams, const uint8_t *text) {
    __m256i gram = _mm256_loadu_si256((const __m256i *)text);
    // The next gram begins with the byte behind this one.
    __m256i behind = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(text + sizeof(uint32_t))),
                                      _mm256_set1_epi32((int)grams->behind_mask));
    __m256i mixed = _mm256_xor_si256(_mm256_xor_si256(gram, _mm256_srli_epi32(gram, 15)),
                                     _mm256_slli_epi32(behind, 13));
    __m256i product = _mm256_mullo_epi32(mixed, _mm256_set1_epi32((int)grams->other_factor));
    return members(grams->other_bitmap, _mm256_srl_epi32(product, _mm_cvtsi32_si128((int)grams->other_shift)));
}

AVX2 static size_t
find_with_avx2(const struct cscanning_grams *grams, const uint8_t *bytes, size_t count, uint32_t *found) {
    enum { stride = 4, in_row = 16, most_rows = 256 };
    // Rows of blocks of which some are possible. They are looked at again in a second loop: in one, the processor would
    // guess wrong again and again whether there is something to do.
    uint32_t rows[most_rows];
    uint16_t bits[most_rows];
    size_t found_count = 0;
    size_t block = 0;
    // The last gram is left out, because there the byte behind is loaded with three more.
    while (block + in_row < count) {
        size_t left = (count - 1 - block) / in_row;
        size_t end = block + in_row * (left < most_rows ? left : most_rows);
        size_t row_count = 0;
        for (; block < end; block += in_row) {
            const uint8_t *text = bytes + block * stride + stride - 1;
            unsigned row = possible(grams, text) | possible(grams, text + in_row / 2 * stride) << 8;
            rows[row_count] = (uint32_t)block;
            bits[row_count] = (uint16_t)row;
            row_count += row != 0;
        }
        for (size_t index = 0; index < row_count; index++) {
            const uint8_t *text = bytes + rows[index] * stride + stride - 1;
            unsigned row = bits[index] & (likely(grams, text) | likely(grams, text + in_row / 2 * stride) << 8);
            for (; row != 0; row &= row - 1) {
                found[found_count++] = (rows[index] + (unsigned)__builtin_ctz(row)) * stride;
            }
        }
    }
    return found_count + take(grams, bytes, stride, block, count - block, found + found_count);
}
#endif

size_t cscanning_find_grams(const struct cscanning_grams *grams, const uint8_t *bytes, size_t stride, size_t count,
                            uint32_t *found) {
    switch (stride) {
    case 4:
#if defined(__x86_64__)
        if (__builtin_cpu_supports("avx2")) return find_with_avx2(grams, bytes, count, found);
#endif
        return find_portably(grams, bytes, 4, count, found);
    // Grams that are further apart are looked up one by one: to bring them together costs more than is won.
    case 8:
        return find_portably(grams, bytes, 8, count, found);
    case 16:
        return find_portably(grams, bytes, 16, count, found);
    default:
        return find_portably(grams, bytes, stride, count, found);
    }
}
