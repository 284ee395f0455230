// Memory of tens of MiB, hardly any of it in a cache: a cycle of pointers followed in random order, a hash table filled and asked, an array sorted by
// its digits.
#include "speed.h"

#define CHASED (8 << 20)                           // words, 32 MiB
#define STEPS (6 << 20)
#define BUCKETS (4 << 20)                          // words, 16 MiB
#define KEYS (1 << 20)
#define SORTED (2 << 20)                           // words, 8 MiB, and as many for the copy

static word chased[CHASED], buckets[BUCKETS], sorted[2][SORTED];

// One cycle through all of them, by Sattolo's way of shuffling, then STEPS steps of it.
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

// Open addressing; 0 is an empty bucket.
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

// Radix sort, a byte at a time.
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

int main(word hart)
{
    if (hart != 0) return 0;
    word sum = mix(mix(chase(1), hash(2)), sort(3));
    return report("memory", sum, 0x3cd2c294);
}
