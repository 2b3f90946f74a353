#define _GNU_SOURCE
#include "CScanning.h"

#include <string.h>

// A byte is of the classes whose bits are set both for its lower half and for its upper half. No single row may stand for
// a pair of halves that is not wanted.
enum {
    list_punctuation = 1,  // space " ' ( ) , -
    list_digits = 2,       // 0 to 9 : ;
    list_letters = 4,      // A to F, a to f
    list_others = 8,       // 8, tab, line feed, 11, carriage return, X Y Z [ ] x y z { }
    equals = 16,           // =
    marks = 32,            // % & ' +
    backslash = 64,        // the backslash
    line_feed = 128,       // line feed
    lists = list_punctuation | list_digits | list_letters | list_others,
    // What may follow an equals sign in quoted-printable text: among others line breaks and hexadecimal digits.
    coded = list_digits | list_letters | list_others,
};

static const uint8_t low_halves[16] = {
    [0x0] = list_punctuation | list_digits,
    [0x1] = list_digits | list_letters,
    [0x2] = list_punctuation | list_digits | list_letters,
    [0x3] = list_digits | list_letters,
    [0x4] = list_digits | list_letters,
    [0x5] = list_digits | list_letters | marks,
    [0x6] = list_digits | list_letters | marks,
    [0x7] = list_punctuation | list_digits | marks,
    [0x8] = list_punctuation | list_digits | list_others,
    [0x9] = list_punctuation | list_digits | list_others,
    [0xA] = list_digits | list_others | line_feed,
    [0xB] = list_digits | list_others | marks,
    [0xC] = list_punctuation | backslash,
    [0xD] = list_punctuation | list_others | equals,
};
static const uint8_t high_halves[16] = {
    [0x0] = list_others | line_feed,
    [0x2] = list_punctuation | marks,
    [0x3] = list_digits | equals,
    [0x4] = list_letters,
    [0x5] = list_others | backslash,
    [0x6] = list_letters,
    [0x7] = list_others,
};
static const uint8_t carriage_return = 0x0D;
static const uint8_t last_separator = '*';

/// The bits of 64 bytes.
struct word {
    uint64_t lists, equals, coded, leads, line_feeds, text;
};

static struct word classify_portably(const uint8_t *bytes) {
    struct word word = {0};
    for (unsigned bit = 0; bit < 64; bit++) {
        uint8_t byte = bytes[bit];
        uint8_t found = low_halves[byte & 15] & high_halves[byte >> 4];
        word.lists |= (uint64_t)((found & lists) != 0) << bit;
        word.equals |= (uint64_t)((found & equals) != 0) << bit;
        word.coded |= (uint64_t)((found & coded) != 0) << bit;
        word.leads |= (uint64_t)((found & (marks | backslash)) != 0) << bit;
        word.line_feeds |= (uint64_t)((found & line_feed) != 0) << bit;
        word.text |= (uint64_t)((byte > last_separator && byte < 0x80) || byte == carriage_return) << bit;
    }
    return word;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,bmi2")))

AVX2 static inline uint64_t bits(__m256i first, __m256i second) {
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(second) << 32 | (uint32_t)_mm256_movemask_epi8(first);
}

/// The bits of the bytes that are of one of the classes.
AVX2 static inline uint64_t members(const __m256i found[2], uint8_t classes) {
    const __m256i wanted = _mm256_set1_epi8((char)classes);
    const __m256i zero = _mm256_setzero_si256();
    return ~bits(_mm256_cmpeq_epi8(_mm256_and_si256(found[0], wanted), zero),
                 _mm256_cmpeq_epi8(_mm256_and_si256(found[1], wanted), zero));
}

AVX2 static inline struct word classify(const uint8_t *bytes) {
    const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)low_halves));
    const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)high_halves));
    const __m256i half = _mm256_set1_epi8(15);
    __m256i found[2], text[2];
    for (int part = 0; part < 2; part++) {
        __m256i here = _mm256_loadu_si256((const __m256i *)(bytes + 32 * part));
        found[part] = _mm256_and_si256(
            _mm256_shuffle_epi8(low, _mm256_and_si256(here, half)),
            _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(here, 4), half)));
        text[part] = _mm256_or_si256(_mm256_cmpgt_epi8(here, _mm256_set1_epi8((char)last_separator)),
                                     _mm256_cmpeq_epi8(here, _mm256_set1_epi8((char)carriage_return)));
    }
    return (struct word){
        .lists = members(found, lists),
        .equals = members(found, equals),
        .coded = members(found, coded),
        .leads = members(found, marks | backslash),
        .line_feeds = members(found, line_feed),
        .text = bits(text[0], text[1]),
    };
}
#endif

/// The bits of the places that end `count` bits in a row, a power of 2 up to 32, given the word before.
__attribute__((always_inline)) static inline uint64_t ends(uint64_t word, uint64_t before, unsigned count) {
    uint64_t inside = word;
    for (unsigned done = 1; done < count; done *= 2) inside &= inside << done;
    // Rows that began in the word before: so many bits are there, and so many more are here. Two shifts by what the
    // processor counts take less time than one of both words together for every step.
    unsigned begun = (unsigned)__builtin_clzll(~before | 1);
    unsigned missing = begun < count ? count - 1 - begun : 0;
    uint64_t row = word & ~(word + 1);
    uint64_t last = (1ull << (count - 1)) - 1;
    return inside | (row & last & ~((1ull << missing) - 1));
}

/// The rows that the last word ended with.
struct rows {
    uint64_t lists, text;
};

/// Takes down the signs of one word, given the one before and the one behind.
__attribute__((always_inline)) static inline void
take(const struct word *word, const struct word *before, const struct word *behind, size_t index,
                        unsigned shortest, struct rows *rows, struct cscanning_signs *signs) {
    uint64_t next = word->coded >> 1 | behind->coded << 63;
    uint64_t second = word->coded >> 2 | behind->coded << 62;
    uint64_t break_next = word->line_feeds >> 1 | behind->line_feeds << 63;
    uint64_t text = ends(word->text, before->text, 16);
    // What a line feed comes behind is the byte before it.
    uint64_t text_behind = text << 1 | rows->text >> 63;
    rows->text = text;
    uint64_t leads =
        word->leads | (word->equals & next & (second | break_next)) | (word->line_feeds & text_behind);
    for (; leads != 0; leads &= leads - 1) {
        signs->leads[signs->lead_count++] = (uint32_t)(64 * index + (unsigned)__builtin_ctzll(leads));
    }
    signs->lists[index] = word->lists;
    uint64_t lists = ends(word->lists, before->lists, shortest);
    uint64_t stretches = lists & ~(lists << 1 | rows->lists >> 63);
    rows->lists = lists;
    for (; stretches != 0; stretches &= stretches - 1) {
        signs->stretches[signs->stretch_count++] = (uint32_t)(64 * index + (unsigned)__builtin_ctzll(stretches));
    }
}

/// The last bytes, fewer than 64.
static struct word classify_rest(const uint8_t *bytes, size_t count) {
    uint8_t rest[64] = {0};
    memcpy(rest, bytes, count);
    struct word word = classify_portably(rest);
    // The text may hold a secret.
    explicit_bzero(rest, sizeof rest);
    return word;
}

// One loop for either way to classify 64 bytes.
#define FIND_SIGNS(CLASSIFY)                                                                                          \
    const size_t word_count = count / 64, rest_count = count % 64;                                                   \
    /* What is before the text is not known. */                                                                      \
    struct word before = {.text = ~0ull}, word = {0}, rest = {0};                                                    \
    struct rows rows = {.text = ~0ull};                                                                               \
    if (rest_count > 0) rest = classify_rest(bytes + 64 * word_count, rest_count);                                   \
    /* Nor is what comes behind it: two bytes may be digits. */                                                      \
    rest.coded |= 3ull << rest_count;                                                                                 \
    const struct word end = {.coded = 3};                                                                             \
    if (word_count > 0) word = CLASSIFY(bytes);                                                                       \
    for (size_t index = 0; index < word_count; index++) {                                                            \
        struct word next = index + 1 < word_count ? CLASSIFY(bytes + 64 * (index + 1)) : rest;                       \
        take(&word, &before, &next, index, shortest, &rows, signs);                                                  \
        before = word;                                                                                                \
        word = next;                                                                                                  \
    }                                                                                                                 \
    if (rest_count > 0) take(&rest, &before, &end, word_count, shortest, &rows, signs);

static void find_portably(const uint8_t *bytes, size_t count, unsigned shortest, struct cscanning_signs *signs) {
    FIND_SIGNS(classify_portably)
}

#if defined(__x86_64__)
AVX2 static void find_with_avx2(const uint8_t *bytes, size_t count, unsigned shortest,
                                struct cscanning_signs *signs) {
    // The number of steps is known then.
    if (shortest == 16) {
        enum { shortest = 16 };
        FIND_SIGNS(classify)
    } else {
        FIND_SIGNS(classify)
    }
}
#endif

void cscanning_find_signs(const uint8_t *bytes, size_t count, unsigned shortest, struct cscanning_signs *signs) {
    signs->lead_count = 0;
    signs->stretch_count = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")) {
        find_with_avx2(bytes, count, shortest, signs);
        return;
    }
#endif
    find_portably(bytes, count, shortest, signs);
}
