// What Swift's vectors cannot do, because they have no table lookup and no gather: looking through text at the speed of
// memory.
#ifndef CSCANNING_H
#define CSCANNING_H

#include <stddef.h>
#include <stdint.h>

/// A set of four bytes in a row: two bitmaps, each with the bit of a number that is hashed from them. What is in the set has
/// its bits in both.
struct cscanning_grams {
    /// A small bitmap, which nearly everything is looked up in.
    const uint32_t *bitmap;
    /// The hash is the low 32 bits of the product of this and the four bytes, a number of low byte first,
    uint32_t factor;
    /// and of them those above this bit.
    uint32_t shift;
    /// A larger bitmap, for what the first one lets through, of the four bytes with the byte behind them. The number of the
    /// four is mixed with itself, less its low 15 bits, and with the byte behind, 13 bits up, and hashed in the same way.
    const uint32_t *other_bitmap;
    uint32_t other_factor;
    uint32_t other_shift;
    /// 0xFF, or 0 if the byte behind does not count.
    uint32_t behind_mask;
};

/// Looks at the four bytes from each of the positions `stride - 1`, `2 * stride - 1`, … on, `count` of them, and writes
/// those positions less `stride - 1` to `found` at which they are in the set. There is room for all. There is a byte behind
/// the last four.
///
/// Returns the number of positions.
size_t cscanning_find_grams(const struct cscanning_grams *grams, const uint8_t *bytes, size_t stride, size_t count,
                            uint32_t *found);

/// What there is in a text that looks like an encoding.
struct cscanning_signs {
    /// The positions, in order, of
    /// - every `%`, `&`, `'`, `+` and `\`,
    /// - every `=` before a line break or two hexadecimal digits, and before some other bytes, or where one of those two
    ///   may follow behind the end,
    /// - every line feed behind 16 bytes in a row that are ASCII above `*` or carriage returns, or behind fewer of them
    ///   at the start.
    ///
    /// There is room for as many as there are bytes.
    uint32_t *leads;
    size_t lead_count;
    /// A bit for every byte that may belong to a list of bytes in decimal or in hexadecimal: digits, `A` to `F`, `X`, white
    /// space, `"`, `'`, `(`, `)`, `,`, `-`, `:`, `;`, `[`, `]`, `{`, `}`, and also `Y`, `Z`, 8 and 11. Byte n has bit
    /// n % 64 of word n / 64; the bits behind the last byte are clear.
    uint64_t *lists;
    /// Where, in each longest stretch of such bytes that has as many as were asked for, the last of these is.
    uint32_t *stretches;
    size_t stretch_count;
};

/// Finds the signs in `count` bytes. `shortest` is 4, 8 or 16, the number of bytes for `stretches`.
void cscanning_find_signs(const uint8_t *bytes, size_t count, unsigned shortest, struct cscanning_signs *signs);

#endif
