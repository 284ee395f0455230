// Calls: the recursive functions of Fibonacci, Takeuchi and Ackermann, and operators called through a table of
// pointers.
#include "speed.h"

#define ROUNDS 96
#define function __attribute__((noinline)) static

function word fib(word n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

function int tak(int x, int y, int z)
{
    return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

function word ackermann(word m, word n)
{
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

function word add(word x, word y) { return x + y; }
function word subtract(word x, word y) { return x - y; }
function word multiply(word x, word y) { return x * y; }
function word exclusive(word x, word y) { return x ^ y; }
function word shift(word x, word y) { return x >> (y & 31); }
function word rotate(word x, word y) { return x << (y & 31) | x >> (-y & 31); }
function word greater(word x, word y) { return x > y ? x : y; }
function word smaller(word x, word y) { return x < y ? x : y; }

typedef word (*operator)(word, word);
static operator volatile const operators[] = {add, subtract, multiply, exclusive, shift, rotate, greater, smaller};

function word interpret(word seed)
{
    word value = seed;
    for (word i = 0; i < 200000; i++) value = operators[chance(&seed) >> 9 & 7](value, seed) + 1;
    return value;
}

function word work(void)
{
    word sum = 0;
    for (word round = 1; round <= ROUNDS; round++) {
        sum = mix(sum, fib(26 + (round & 1)));
        sum = mix(sum, tak(18, 12, 6 - (int)(round & 1)));
        sum = mix(sum, ackermann(2, 200 + round));
        sum = mix(sum, interpret(round));
    }
    return sum;
}

int main(word hart, const uint8_t *tree)
{
    return hart == 0 ? repeat(tree, "calls", work, 0x7c45045d) : 0;
}
