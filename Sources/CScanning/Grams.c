#include "CScanning.h"

#include <string.h>

/// A bit, the lowest one, for whether the set holds the four bytes from `bytes` on. The bits above it mean nothing.
static inline unsigned member(const struct cscanning_grams *grams, const uint8_t *bytes) {
    uint32_t gram;
    memcpy(&gram, bytes, sizeof gram);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    gram = __builtin_bswap32(gram);
#endif
    uint32_t hash = gram * grams->factor >> grams->shift;
    return grams->bitmap[hash >> 5] >> (hash & 31);
}

/// Looks at `count` grams from that of block `block` on, and takes down the blocks.
static inline size_t take(const struct cscanning_grams *grams, const uint8_t *bytes, size_t stride, size_t block,
                          size_t count, uint32_t *found) {
    size_t found_count = 0;
    for (size_t end = block + count; block < end; block++) {
        found[found_count] = (uint32_t)(block * stride);
        found_count += member(grams, bytes + block * stride + stride - 1) & 1;
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
        unsigned any = 0;
#pragma clang loop unroll(full)
        for (size_t index = 0; index < 16; index++) any |= member(grams, text + index * stride);
        if (any & 1) found_count += take(grams, bytes, stride, block, 16, found + found_count);
    }
    return found_count + take(grams, bytes, stride, block, count - block, found + found_count);
}

#if defined(__x86_64__)
#include <immintrin.h>

/// Bits for the eight grams that are in the set.
__attribute__((target("avx2"))) static inline unsigned
members(const struct cscanning_grams *grams, __m256i text, __m256i factor, __m128i shift) {
    __m256i hash = _mm256_srl_epi32(_mm256_mullo_epi32(text, factor), shift);
    __m256i words = _mm256_i32gather_epi32((const int *)grams->bitmap, _mm256_srli_epi32(hash, 5), 4);
    __m256i bits = _mm256_srlv_epi32(words, _mm256_and_si256(hash, _mm256_set1_epi32(31)));
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_slli_epi32(bits, 31)));
}

__attribute__((target("avx2"))) static size_t
find_with_avx2(const struct cscanning_grams *grams, const uint8_t *bytes, size_t count, uint32_t *found) {
    enum { stride = 4 };
    const __m256i factor = _mm256_set1_epi32((int)grams->factor);
    const __m128i shift = _mm_cvtsi32_si128((int)grams->shift);
    size_t found_count = 0;
    size_t block = 0;
    for (; block + 16 <= count; block += 16) {
        const uint8_t *text = bytes + block * stride + stride - 1;
        unsigned bits = members(grams, _mm256_loadu_si256((const __m256i *)text), factor, shift)
            | members(grams, _mm256_loadu_si256((const __m256i *)(text + 8 * stride)), factor, shift) << 8;
        for (; bits != 0; bits &= bits - 1) {
            found[found_count++] = (uint32_t)((block + (unsigned)__builtin_ctz(bits)) * stride);
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
