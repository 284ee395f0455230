// The parts of the speed programs that depend on the board. tests/benchmarks has those for a process of the host.
#include "speed.h"

// The bytes of the tree are searched for the words: no other text in it has an equals sign.
word times(const uint8_t *tree)
{
    static const char wanted[] = "times=";
    word size = (word)tree[4] << 24 | tree[5] << 16 | tree[6] << 8 | tree[7], result = 0;
    for (const uint8_t *at = tree, *end = tree + size - sizeof wanted; at < end; at++) {
        word same = 0;
        while (wanted[same] && at[same] == wanted[same]) same++;
        if (wanted[same]) continue;
        for (at += same; at < end && *at >= '0' && *at <= '9'; at++) result = 10 * result + *at - '0';
        return result;
    }
    return 1;
}

int report(const char *name, word sum, word wanted)
{
    word high = read_csr(minstreth), low = read_csr(minstret);
    check(name, sum, wanted);
    print("minstret ");
    hex(high);
    put(' ');
    hex(low);
    put('\n');
    return failures;
}
