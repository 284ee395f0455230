// Uses tens of MiB of memory, mostly outside caches: follows a cycle of pointers in random order, fills and searches a
// hash table, and sorts an array by its digits.
#include "speed.h"

#define CHASED (8 << 20)                           // words, 32 MiB
#define STEPS (6 << 20)
#define BUCKETS (4 << 20)                          // words, 16 MiB
#define KEYS (1 << 20)
#define SORTED (2 << 20)                           // words, 8 MiB, and 8 MiB for the copy

static word chased[CHASED], buckets[BUCKETS], sorted[2][SORTED];

// Builds one cycle through all words with Sattolo's shuffle, then follows it for STEPS steps.
static word chase(word seed)
{
    for (word i = 0; i < CHASED; i++) chased[i] = i;
    for (word i = CHASED - 1; i > 0; i--) {
        word j = chance(&seed) % i, other = chased[j];
        chased[j] = chased[i];
        chased[i] = other;
    }
    word at = 0, sum = 0;
    for (word i = 0; i < STEPS; i++) {
        at = chased[at];
        sum += at ^ i;
    }
    return sum;
}

// Finds a bucket by open addressing; 0 marks an empty one.
static word *bucket(word key)
{
    word i = key * 0x9e3779b1 % BUCKETS;
    while (buckets[i] && buckets[i] != key) i = (i + 1) % BUCKETS;
    return &buckets[i];
}

static word hash(word seed)
{
    word filling = seed, asking = seed, found = 0, sum = 0;
    for (word i = 0; i < KEYS; i++) {
        word key = chance(&filling);
        *bucket(key) = key;
    }
    for (word i = 0; i < KEYS; i++) {
        word key = chance(&asking) ^ (i & 1);        // every other key is most likely missing
        word *place = bucket(key);
        found += *place == key;
        sum = mix(sum, place - buckets);
    }
    return mix(sum, found);
}

// Sorts by radix, a byte at a time.
static word sort(word seed)
{
    for (word i = 0; i < SORTED; i++) sorted[0][i] = chance(&seed);
    for (int pass = 0; pass < 4; pass++) {
        const word *from = sorted[pass & 1];
        word *to = sorted[~pass & 1], ends[256] = {0};
        for (word i = 0; i < SORTED; i++) ends[from[i] >> 8 * pass & 255]++;
        for (word digit = 0, before = 0; digit < 256; digit++) {
            word count = ends[digit];
            ends[digit] = before;
            before += count;
        }
        for (word i = 0; i < SORTED; i++) to[ends[from[i] >> 8 * pass & 255]++] = from[i];
    }
    word sum = 0;
    for (word i = 1; i < SORTED; i++) sum = mix(sum, sorted[0][i]) + (sorted[0][i - 1] > sorted[0][i]);
    return sum;
}

// The hash table is empty at first, and is emptied before it is filled again.
static word work(void)
{
    static int again;
    for (word i = 0; again && i < BUCKETS; i++) ((volatile word *)buckets)[i] = 0;
    again = 1;
    return mix(mix(chase(1), hash(2)), sort(3));
}

int main(word hart, const uint8_t *tree)
{
    return hart == 0 ? repeat(tree, "memory", work, 0x3cd2c294) : 0;
}
