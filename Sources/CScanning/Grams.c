#include "CScanning.h"

#include <string.h>

static size_t find_portably(const struct cscanning_grams *grams, const uint8_t *bytes, size_t stride, size_t first,
                            size_t count, uint32_t *found) {
    size_t found_count = 0;
    for (size_t block = first; block < count; block++) {
        uint32_t gram;
        memcpy(&gram, bytes + block * stride + stride - 1, sizeof gram);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        gram = __builtin_bswap32(gram);
#endif
        uint32_t hash = gram * grams->factor >> grams->shift;
        found[found_count] = (uint32_t)(block * stride);
        found_count += grams->bitmap[hash >> 5] >> (hash & 31) & 1;
    }
    return found_count;
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

/// The grams of eight blocks of 4, 8 or 16 bytes.
__attribute__((target("avx2"))) static inline __m256i load(const uint8_t *bytes, size_t stride) {
    if (stride == 4) return _mm256_loadu_si256((const __m256i *)bytes);
    const __m256i places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i offsets = _mm256_mullo_epi32(places, _mm256_set1_epi32((int)stride));
    return _mm256_i32gather_epi32((const int *)bytes, offsets, 1);
}

__attribute__((target("avx2"))) static size_t
find_with_avx2(const struct cscanning_grams *grams, const uint8_t *bytes, size_t stride, size_t count,
               uint32_t *found) {
    const __m256i factor = _mm256_set1_epi32((int)grams->factor);
    const __m128i shift = _mm_cvtsi32_si128((int)grams->shift);
    size_t found_count = 0;
    size_t block = 0;
    for (; block + 16 <= count; block += 16) {
        const uint8_t *text = bytes + block * stride + stride - 1;
        unsigned bits = members(grams, load(text, stride), factor, shift)
            | members(grams, load(text + 8 * stride, stride), factor, shift) << 8;
        for (; bits != 0; bits &= bits - 1) {
            found[found_count++] = (uint32_t)((block + (unsigned)__builtin_ctz(bits)) * stride);
        }
    }
    return found_count + find_portably(grams, bytes, stride, block, count, found + found_count);
}
#endif

size_t cscanning_find_grams(const struct cscanning_grams *grams, const uint8_t *bytes, size_t stride, size_t count,
                            uint32_t *found) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return find_with_avx2(grams, bytes, stride, count, found);
#endif
    return find_portably(grams, bytes, stride, 0, count, found);
}
