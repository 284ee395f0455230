// A C program with picolibc: printf and malloc, with its own output and _exit. The command line in the device tree
// under /chosen decides its exit code: 1 for "fail", else 0.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern volatile uint8_t uart0[];
extern volatile uint32_t finisher[];
extern char __heap_start[], __heap_end[];

static int put(char c, FILE *stream)
{
    (void)stream;
    while (!(uart0[5] & 0x20)) { }
    uart0[0] = c;
    return (unsigned char)c;
}

static FILE uart = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdin = &uart, *const stdout = &uart, *const stderr = &uart;

_Noreturn void _exit(int code)
{
    finisher[0] = code ? (uint32_t)code << 16 | 0x3333 : 0x5555;
    for (;;) { }
}

void *sbrk(intptr_t bytes)
{
    static char *end = __heap_start;
    if (bytes > __heap_end - end) return (void *)-1;
    end += bytes;
    return end - bytes;
}

static uint32_t big(const void *at)
{
    const uint8_t *b = at;
    return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

// Returns a property of the node /chosen, or NULL (Devicetree Specification 0.4, section 5.4).
static const void *chosen(const char *tree, const char *wanted, uint32_t *length)
{
    const char *at = tree + big(tree + 8), *names = tree + big(tree + 12);
    int depth = 0, inside = 0;
    for (;;) {
        uint32_t token = big(at);
        at += 4;
        if (token == 1) {
            inside = ++depth == 2 && strcmp(at, "chosen") == 0 ? depth : inside;
            at += (strlen(at) + 4) & ~3u;
        } else if (token == 2) {
            inside = inside == depth-- ? 0 : inside;
        } else if (token == 3) {
            *length = big(at);
            if (inside == depth && strcmp(names + big(at + 4), wanted) == 0) return at + 8;
            at += 8 + ((*length + 3) & ~3u);
        } else if (token == 9) {
            return NULL;
        }
    }
}

static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int run(const char *tree)
{
    uint32_t length;
    const char *arguments = chosen(tree, "bootargs", &length);
    printf("hello from %s, %d bits\n", "picolibc", (int)(8 * sizeof(void *)));
    printf("arguments '%s'\n", arguments ? arguments : "");
    const void *start = chosen(tree, "linux,initrd-start", &length);
    if (start) {
        const uint8_t *from = (const uint8_t *)big(length == 8 ? (const char *)start + 4 : start);
        const void *end = chosen(tree, "linux,initrd-end", &length);
        const uint8_t *to = (const uint8_t *)big(length == 8 ? (const char *)end + 4 : end);
        printf("initrd of %u bytes: '%.*s'\n", (unsigned)(to - from), (int)(to - from), (const char *)from);
    }
    int count = 1000, *numbers = malloc(count * sizeof *numbers);
    if (!numbers) return 1;
    for (int i = 0; i < count; i++) numbers[i] = (i * 7919 + 13) % 10007;
    qsort(numbers, count, sizeof *numbers, compare);
    int sorted = 1;
    for (int i = 1; i < count; i++) sorted &= numbers[i - 1] <= numbers[i];
    printf("sorted %d numbers from %d to %d: %s\n", count, numbers[0], numbers[count - 1], sorted ? "yes" : "no");
    char *text = strdup("strings"), buffer[40];
    snprintf(buffer, sizeof buffer, "%s|%5d|%-5d|%05x|%c|%lu", text, -42, 42, 0xbeef, 'c', 4000000000UL);
    printf("%s\n", buffer);
    free(text);
    free(numbers);
    return !sorted || (arguments && strcmp(arguments, "fail") == 0);
}

// Thread-local storage for errno of the only thread.
static char thread_storage[64] __attribute__((aligned(16)));

int main(uint32_t hart, const char *tree)
{
    if (hart == 0) {
        __asm__ volatile("mv tp, %0" :: "r"(thread_storage));
        exit(run(tree));
    }
    return 0;
}

// start.S needs both. A C program of this kind expects no traps.
_Noreturn void finish(int code) { exit(code); }
void trap(uint32_t *frame)
{
    printf("unexpected trap at %lx\n", (unsigned long)frame[0]);
    _exit(99);
}
