// What the test programs share: output, the end, traps that are expected, and CSRs.
#pragma once
#include <stdint.h>

typedef uint32_t word;

extern volatile uint8_t uart0[];
extern volatile word finisher[], msip[], mtimecmp[], mtime[], plic[];
extern char uart_irq[], ram[], nowhere[];               // nothing answers at nowhere, which is a page

void put(char c);
void print(const char *text);
void hex(word value);
void decimal(word value);
_Noreturn void finish(int failures);

// One line for each thing that is checked: "ok NAME", or "FAILED NAME: GOT, not WANTED". Failures are counted, and are what a program returns.
void check(const char *name, word got, word wanted);
extern int failures;

// What a trap leaves on the stack.
struct frame { word pc, x[31]; };
#define reg(n) x[(n) - 1]

// What the last trap on this hart was; none where the cause is NONE.
#define NONE 0x7fffffff
struct trapped { word cause, tval, epc, mode, status; };
extern volatile struct trapped last[8];

// Called before the default for every trap that is not an exception: returns whether it was dealt with.
typedef int (*interrupt_handler)(word cause);
extern volatile interrupt_handler on_interrupt;

// How long the instruction at pc is: in a mode with translation, or at an address that cannot be read, nobody knows, and nobody returns there.
static inline word length_at(word pc) { return (*(volatile uint16_t *)pc & 3) == 3 ? 4 : 2; }

// Runs `function(argument)` in a lower mode, until it does an ecall; returns its a0. Exceptions on the way are recorded, and skip the instruction.
word in_mode(word mode, word (*function)(word), word argument);
#define U 0
#define S 1
#define M 3

#define read_csr(name) ({ word v_; __asm__ volatile("csrr %0, " #name : "=r"(v_) :: "memory"); v_; })
#define write_csr(name, value) __asm__ volatile("csrw " #name ", %0" :: "r"((word)(value)) : "memory")
#define set_csr(name, value) __asm__ volatile("csrs " #name ", %0" :: "r"((word)(value)) : "memory")
#define clear_csr(name, value) __asm__ volatile("csrc " #name ", %0" :: "r"((word)(value)) : "memory")
#define hart_id() ({ word v_; __asm__ volatile("mv %0, tp" : "=r"(v_)); v_; })

// The cause of the trap that STATEMENT takes, or NONE.
#define cause_of(statement) ({ last[hart_id()].cause = NONE; __asm__ volatile("" ::: "memory"); statement; __asm__ volatile("" ::: "memory"); \
    last[hart_id()].cause; })
