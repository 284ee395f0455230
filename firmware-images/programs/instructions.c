// Every unprivileged instruction of RV32IMAC, on all pairs of edge operands. The results are folded into one number,
// which QEMU 7.2 computed too.
#include "program.h"

static const word edges[] = {0, 1, 2, 3, 5, 31, 32, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x12345678, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001,
    0xdeadbeef, 0xfffffff0, 0xfffffffe, 0xffffffff};
#define EDGES (sizeof edges / sizeof *edges)

static word fold(word sum, word value)
{
    sum ^= value;
    return (sum << 5 | sum >> 27) + 0x9e3779b9;
}

#define TWO(name, wanted) do { word sum_ = 0; \
    for (unsigned i = 0; i < EDGES; i++) for (unsigned j = 0; j < EDGES; j++) { \
        word r_; __asm__ volatile(name " %0, %1, %2" : "=r"(r_) : "r"(edges[i]), "r"(edges[j])); sum_ = fold(sum_, r_); } \
    check(name, sum_, wanted); } while (0)

#define ONE(name, immediate, wanted) do { word sum_ = 0; \
    for (unsigned i = 0; i < EDGES; i++) { \
        word r_; __asm__ volatile(name " %0, %1, " #immediate : "=r"(r_) : "r"(edges[i])); sum_ = fold(sum_, r_); } \
    check(name " " #immediate, sum_, wanted); } while (0)

#define BRANCH(name, wanted) do { word sum_ = 0; \
    for (unsigned i = 0; i < EDGES; i++) for (unsigned j = 0; j < EDGES; j++) { \
        word r_; __asm__ volatile("li %0, 1\n " name " %1, %2, 1f\n li %0, 0\n1:" : "=&r"(r_) : "r"(edges[i]), "r"(edges[j])); \
        sum_ = fold(sum_, r_); } \
    check(name, sum_, wanted); } while (0)

static word cell;
#define AMO(name, wanted) do { word sum_ = 0; \
    for (unsigned i = 0; i < EDGES; i++) for (unsigned j = 0; j < EDGES; j++) { \
        word r_; cell = edges[i]; \
        __asm__ volatile(name " %0, %2, (%1)" : "=r"(r_) : "r"(&cell), "r"(edges[j]) : "memory"); sum_ = fold(fold(sum_, r_), cell); } \
    check(name, sum_, wanted); } while (0)

static uint8_t bytes[16] __attribute__((aligned(16))) = {0x80, 0x7f, 0xff, 0x01, 0xfe, 0x81, 0x23, 0xc5};
#define LOAD(name, wanted) do { word sum_ = 0; \
    for (int at = 0; at < 5; at++) { word r_; __asm__ volatile(name " %0, 3(%1)" : "=r"(r_) : "r"(bytes + at - 3) : "memory"); sum_ = fold(sum_, r_); } \
    check(name, sum_, wanted); } while (0)

static uint8_t stored[16] __attribute__((aligned(16)));
#define STORE(name, wanted) do { word sum_ = 0; \
    for (int at = 0; at < 5; at++) { __asm__ volatile(name " %0, -3(%1)" :: "r"(0x89abcdef), "r"(stored + at + 3) : "memory"); \
        for (int i = 0; i < 16; i++) sum_ = fold(sum_, stored[i]); } \
    check(name, sum_, wanted); } while (0)

static void arithmetic(void)
{
    TWO("add", 0xd1c6bf86); TWO("sub", 0x819e2f17); TWO("sll", 0x2f35e00f); TWO("slt", 0x4184577d); TWO("sltu", 0x92a689bd); TWO("xor", 0x0119ff99); TWO("srl", 0xed5503c4); TWO("sra", 0x3e977a95); TWO("or", 0x60da37d6); TWO("and", 0x552ee14a);
    TWO("mul", 0x385f1865); TWO("mulh", 0x9fad462d); TWO("mulhsu", 0x4e42c3c0); TWO("mulhu", 0x6e864acf); TWO("div", 0xbbd77a31); TWO("divu", 0x59e12c17); TWO("rem", 0xcd65fd12); TWO("remu", 0xb006b796);
    ONE("addi", 2047, 0xc0186bf6); ONE("addi", -2048, 0xb936a155); ONE("slti", -1, 0x1ac717f5); ONE("slti", 5, 0x9ac6a9c4); ONE("sltiu", -1, 0xa563b29b); ONE("sltiu", 1, 0x58b753f5); ONE("xori", -1, 0x67e43ace);
    ONE("ori", 0x555, 0xa5d9c402); ONE("andi", -16, 0xbfa51990); ONE("slli", 1, 0xc423a10e); ONE("slli", 31, 0x97df92e2); ONE("srli", 1, 0xc932752a); ONE("srli", 31, 0x1ac717d5); ONE("srai", 1, 0xea2a331a);
    ONE("srai", 31, 0x6c96a98f);
    BRANCH("beq", 0x3c5388bb); BRANCH("bne", 0xbc5dcde0); BRANCH("blt", 0x4184577d); BRANCH("bge", 0x9e62e551); BRANCH("bltu", 0x92a689bd); BRANCH("bgeu", 0xc7c8fb2b);
}

static void memory(void)
{
    LOAD("lb", 0x50b78a7e); LOAD("lbu", 0x9c475199); LOAD("lh", 0xdef33783); LOAD("lhu", 0x698f709a); LOAD("lw", 0x01768f01);
    STORE("sb", 0x33afb53d); STORE("sh", 0xcd063478); STORE("sw", 0x5889d6b8);
}

static void atomics(void)
{
    AMO("amoswap.w", 0xca0b7cd3); AMO("amoadd.w", 0xdfe39bbd); AMO("amoxor.w", 0xd815d8d8); AMO("amoand.w", 0x129b138c); AMO("amoor.w", 0x1f63dc07); AMO("amomin.w", 0xe3aadfff); AMO("amomax.w", 0xa1bfcec7);
    AMO("amominu.w", 0x6400406c); AMO("amomaxu.w", 0xac6481f1);
    word old, result;
    cell = 7;
    __asm__ volatile("lr.w %0, (%2)\n sc.w %1, %3, (%2)" : "=&r"(old), "=&r"(result) : "r"(&cell), "r"(8) : "memory");
    check("lr.w", old, 7);
    check("sc.w with a reservation", result, 0);
    check("sc.w stores", cell, 8);
    __asm__ volatile("sc.w %0, %2, (%1)" : "=&r"(result) : "r"(&cell), "r"(9) : "memory");
    check("sc.w without a reservation", result, 1);
    check("sc.w stores nothing", cell, 8);
    check("lr.w at an odd address", cause_of(__asm__ volatile("lr.w zero, (%0)" :: "r"((word)&cell + 2))), 4);
}

static void compressed(void)
{
    word a = 0x12345678, b = 0xfffffff1, c = (word)stored;
    register word x __asm__("a4") = a, y __asm__("a5") = b, p __asm__("s0") = c;
    __asm__ volatile(".option push\n.option rvc\n"
        "c.addi %0, -17\n c.add %0, %1\n c.mv %1, %0\n c.li %1, -5\n c.sub %0, %1\n c.xor %0, %1\n c.or %1, %0\n c.and %0, %1\n"
        "c.slli %0, 3\n c.srli %0, 2\n c.srai %0, 1\n c.andi %0, -9\n c.lui %1, 0x1f\n c.add %0, %1\n"
        "c.sw %0, 8(%2)\n c.lw %1, 8(%2)\n c.beqz %1, 1f\n c.addi %0, 1\n1: c.bnez %1, 2f\n c.addi %0, 2\n2: c.j 3f\n c.addi %0, 4\n3: c.nop\n"
        ".option pop" : "+r"(x), "+r"(y), "+r"(p) :: "memory");
    check("compressed", fold(fold(0, x), y), 0xe31e6144);
    word at, link;
    __asm__ volatile(".option push\n.option rvc\n la %0, 1f\n c.jalr %0\n1: mv %1, ra\n sub %1, %1, %0\n.option pop" : "=&r"(at), "=&r"(link) :: "ra");
    check("c.jalr links two bytes on", link, 0);
}

// Stored code runs after a fence.i.
static void selfModifying(void)
{
    static word code[2] __attribute__((aligned(8)));
    for (word i = 0; i < 3; i++) {
        code[0] = 0x00000513 | i << 20;                // li a0, i
        code[1] = 0x00008067;                          // ret
        __asm__ volatile("fence.i" ::: "memory");
        check("stored code", ((word (*)(void))code)(), i);
    }
}

static void control(void)
{
    word pc, after;
    __asm__ volatile("1: auipc %0, 1\n la %1, 1b\n sub %0, %0, %1" : "=&r"(pc), "=&r"(after));
    check("auipc", pc, 0x1000);
    __asm__ volatile("la %0, 1f\n addi %0, %0, 1\n jalr %1, 0(%0)\n nop\n1: sub %0, %0, %1" : "=&r"(pc), "=&r"(after));
    check("jalr drops bit 0", (int)pc > 0 && pc < 8, 1);
    check("an illegal instruction", cause_of(__asm__ volatile(".word 0xffffffff")), 2);
    check("an illegal compressed one", cause_of(__asm__ volatile(".half 0x0000\n.balign 4")), 2);
    check("ebreak", cause_of(__asm__ volatile(".option push\n.option norvc\nebreak\n.option pop")), 3);
    check("ecall", cause_of(__asm__ volatile("ecall")), 11);
}

int main(word hart)
{
    if (hart != 0) return 0;
    arithmetic();
    memory();
    atomics();
    compressed();
    selfModifying();
    control();
    return failures;
}
