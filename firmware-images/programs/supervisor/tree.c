// The device tree that the payload gets.
#include "kernel.h"

static word big(const void *at)
{
    const uint8_t *b = at;
    return (word)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

static word length_of(const char *text)
{
    word length = 0;
    while (text[length]) length++;
    return length;
}

int is_same(const char *one, const char *other)
{
    while (*one && *one == *other) one++, other++;
    return *one == *other;
}

// Returns true if a node has this name, with any unit address.
static int is_named(const char *node, const char *name)
{
    while (*name && *node == *name) node++, name++;
    return !*name && (!*node || *node == '@');
}

// Returns the property of the first node with this name, or 0 (Devicetree Specification 0.4, section 5.4).
const char *property(const char *tree, const char *node, const char *name, word *bytes)
{
    const char *at = tree + big(tree + 8), *names = tree + big(tree + 12);
    int inside = 0;
    for (;;) {
        word token = big(at);
        at += 4;
        if (token == 1) {
            inside = is_named(at, node);
            at += (length_of(at) + 4) & ~3u;
        } else if (token == 2) {
            inside = 0;
        } else if (token == 3) {
            *bytes = big(at);
            if (inside && is_same(names + big(at + 4), name)) return at + 8;
            at += 8 + ((*bytes + 3) & ~3u);
        } else if (token == 9) {
            return 0;
        }
    }
}

// Returns the last cell of a property. It holds a 32-bit number, whether addresses have one cell or two.
word last_cell(const char *tree, const char *node, const char *name)
{
    word bytes;
    const char *value = property(tree, node, name, &bytes);
    return value && bytes >= 4 ? big(value + bytes - 4) : NONE;
}

void test_boot_protocol(const char *tree)
{
    word bytes, ignored, start = (word)ram, program = (word)&ram + 0x400000;
    check("the device tree is aligned", (word)tree & 7, 0);
    check("it is one", big(tree), 0xd00dfeed);
    const char *reserved = property(tree, "firmware", "reg", &bytes);
    check("the firmware is in it", reserved && (bytes == 8 || bytes == 16), 1);
    if (reserved) {
        check("it begins where RAM begins", big(reserved + bytes / 2 - 4), start);
        check("and ends before the payload", big(reserved + bytes - 4) <= program - start, 1);
    }
    check("not to be mapped", property(tree, "firmware", "no-map", &ignored) != 0 && ignored == 0, 1);
    check("nor anything moved", property(tree, "reserved-memory", "ranges", &ignored) != 0 && ignored == 0, 1);
    check("addresses are those of the root", last_cell(tree, "reserved-memory", "#address-cells"), bytes / 8);
    check("sizes too", last_cell(tree, "reserved-memory", "#size-cells"), bytes / 8);
    check("poweroff is a node", last_cell(tree, "poweroff", "value"), 0x5555);
    check("reboot is a node", last_cell(tree, "reboot", "value"), 0x7777);
    const char *initrd = (const char *)last_cell(tree, "chosen", "linux,initrd-start"), *behind = (const char *)last_cell(tree, "chosen", "linux,initrd-end");
    if (initrd != (const char *)NONE) {
        print("initrd ");
        while (initrd < behind) put(*initrd++);
        put('\n');
    }
}
