// Reads a flattened device tree (Devicetree Specification, chapter 5). Buses must pass addresses through unchanged (an
// empty `ranges`).
#include "sbi.h"

#define FDT_MAGIC_NUMBER 0xd00dfeed
#define FDT_OLDEST_VERSION 16
#define FDT_NEWEST_VERSION 17
#define MAX_DEPTH 8
#define MAX_BYTES (1 << 20)

#define IRQ_M_SOFT 3
#define IRQ_M_TIMER 7
#define MTIMECMP_IN_CLINT 0x4000

struct platform platform;

static word hart_of[4 * MAX_HARTS];                 // 1 + the hart with this interrupt controller phandle (they are small)

// The properties of a node that the firmware uses.
struct node {
    const char *name;
    struct property reg, compatible, device_type, status, isa, interrupts, phandle;
    word address_cells, size_cells;                 // of its children
};

// ---- text ----

bool is_same(const char *one, const char *other)
{
    while (*one && *one == *other) one++, other++;
    return *one == *other;
}

static bool lists(const struct property *list, const char *word_of_it)
{
    for (const char *at = (const char *)list->value, *end = at + list->bytes; at < end; at++) {
        if (is_same(at, word_of_it)) return true;
        while (at < end && *at) at++;
    }
    return false;
}

// Searches riscv,isa: letters, and then names with a leading _.
static bool has_extension(const struct property *isa, const char *name)
{
    for (word at = 0; at < isa->bytes; at++) {
        if (isa->value[at] != '_') continue;
        word i = 0;
        while (name[i] && at + 1 + i < isa->bytes && isa->value[at + 1 + i] == name[i]) i++;
        if (!name[i] && (at + 1 + i >= isa->bytes || isa->value[at + 1 + i] == '_' || !isa->value[at + 1 + i])) return true;
    }
    return false;
}

// ---- tokens ----

// Returns the token at *at, and moves *at past it. Stores a node's name or a property in *property.
word next_token(const byte *tree, word *at, struct property *property)
{
    word end = header(tree, FDT_STRUCT) + header(tree, FDT_STRUCT_SIZE);
    for (;;) {
        if (*at + 4 > end) return FDT_END;
        word token = big_endian(tree + *at);
        *at += 4;
        if (token == FDT_BEGIN_NODE) {
            property->name = (const char *)tree + *at;
            while (*at < end && tree[*at]) ++*at;
            *at = (*at + 4) & ~3;
        } else if (token == FDT_PROP) {
            property->bytes = big_endian(tree + *at);
            property->name = (const char *)tree + header(tree, FDT_STRINGS) + big_endian(tree + *at + 4);
            property->value = tree + *at + 8;
            if (property->bytes > end - *at) die("the device tree ends in the middle of ", *at);
            *at += 8 + ((property->bytes + 3) & ~3);
        }
        if (token != FDT_NOP) return token;
    }
}

static void note(struct node *node, const struct property *property)
{
    const char *name = property->name;
    struct property *place = is_same(name, "reg") ? &node->reg : is_same(name, "compatible") ? &node->compatible
        : is_same(name, "device_type") ? &node->device_type : is_same(name, "status") ? &node->status : is_same(name, "riscv,isa") ? &node->isa
        : is_same(name, "interrupts-extended") ? &node->interrupts : is_same(name, "phandle") ? &node->phandle : NULL;
    if (place) *place = *property;
    if (is_same(name, "#address-cells")) node->address_cells = big_endian(property->value);
    if (is_same(name, "#size-cells")) node->size_cells = big_endian(property->value);
}

// Calls use() for every node, parents first, when its properties are known.
static void visit(const byte *tree, void (*use)(const struct node *node, const struct node *parent))
{
    static struct node nodes[MAX_DEPTH + 1];
    struct property property;
    int depth = 0;
    bool open = false;
    word at = header(tree, FDT_STRUCT);
    for (word token; (token = next_token(tree, &at, &property)) != FDT_END; ) {
        if (token == FDT_PROP) {
            if (open) note(&nodes[depth], &property);
            continue;
        }
        if (open) use(&nodes[depth], &nodes[depth - 1]);
        open = token == FDT_BEGIN_NODE;
        depth += open ? 1 : -1;
        if (depth > MAX_DEPTH || depth < 0) die("the device tree is nested too deeply, or not at all, at ", at);
        if (open) nodes[depth] = (struct node) {.name = property.name, .address_cells = 2, .size_cells = 1};
    }
}

// ---- the contents of nodes ----

// Stores the n-th range of `reg`. Returns false if there is none, or if it does not lie below 4 GiB.
static bool range_of(const struct node *node, const struct node *parent, word n, struct range *range)
{
    word a = parent->address_cells, s = parent->size_cells;
    if (a < 1 || a > 2 || s < 1 || s > 2 || (n + 1) * 4 * (a + s) > node->reg.bytes) return false;
    const byte *at = node->reg.value + n * 4 * (a + s);
    word first = big_endian(at + 4 * (a - 1)), bytes = big_endian(at + 4 * (a + s - 1));
    if ((a == 2 && big_endian(at)) || (s == 2 && big_endian(at + 4 * a)) || !bytes) return false;
    *range = (struct range) {first, first + (bytes - 1)};
    return range->last >= first;
}

static void protect(struct range range)
{
    if (platform.protections == MAX_PROTECTED) die("there is more to be protected than PMP has entries, at ", range.first);
    platform.protected[platform.protections++] = range;
}

static word this_cpu;

static void use_harts_and_memory(const struct node *node, const struct node *parent)
{
    struct range range;
    if (lists(&node->device_type, "memory")) {
        for (word n = 0; range_of(node, parent, n, &range) && platform.memories < MAX_MEMORIES; n++) platform.memory[platform.memories++] = range;
    } else if (lists(&node->device_type, "cpu") && node->reg.bytes) {
        this_cpu = big_endian(node->reg.value + node->reg.bytes - 4);
        bool usable = this_cpu < MAX_HARTS && (!node->status.bytes || lists(&node->status, "okay"));
        if (!usable) return;
        platform.harts |= 1u << this_cpu;
        if (has_extension(&node->isa, "sstc")) platform.with_sstc |= 1u << this_cpu;
    } else if (lists(&node->compatible, "riscv,cpu-intc") && node->phandle.bytes == 4) {
        word phandle = big_endian(node->phandle.value);
        if (phandle < sizeof hart_of / sizeof *hart_of && this_cpu < MAX_HARTS) hart_of[phandle] = this_cpu + 1;
    }
}

// Finds the registers that interrupt harts in M-mode. The n-th register belongs to the n-th hart listed with this
// interrupt.
static void connect(const struct node *node, word cause, word first, word bytes_each, volatile word *registers[MAX_HARTS])
{
    for (word at = 0, n = 0; at + 8 <= node->interrupts.bytes; at += 8) {
        word phandle = big_endian(node->interrupts.value + at);
        if (big_endian(node->interrupts.value + at + 4) != cause) continue;
        word hart = phandle < sizeof hart_of / sizeof *hart_of ? hart_of[phandle] : 0;
        if (hart) registers[hart - 1] = (volatile word *)(first + bytes_each * n);
        n++;
    }
}

static void use_devices(const struct node *node, const struct node *parent)
{
    struct range range, second;
    if (!range_of(node, parent, 0, &range)) return;
    bool clint = lists(&node->compatible, "sifive,clint0") || lists(&node->compatible, "riscv,clint0");
    bool mswi = lists(&node->compatible, "riscv,aclint-mswi"), mtimer = lists(&node->compatible, "riscv,aclint-mtimer");
    if (clint || mswi) connect(node, IRQ_M_SOFT, range.first, 4, platform.msip);
    if (clint) connect(node, IRQ_M_TIMER, range.first + MTIMECMP_IN_CLINT, 8, platform.mtimecmp);
    if (clint || mswi || mtimer) protect(range);
    if (mtimer) {                                   // mtime and then mtimecmp, or one range with mtimecmp first
        bool two = range_of(node, parent, 1, &second);
        if (two) protect(second);
        connect(node, IRQ_M_TIMER, two ? second.first : range.first, 8, platform.mtimecmp);
    }
    if (lists(&node->compatible, "ns16550a") && !platform.uart) platform.uart = (volatile byte *)range.first;
    if (lists(&node->compatible, "sifive,test0") && !platform.finisher) platform.finisher = (volatile word *)range.first;
}

void learn_platform(const byte *tree)
{
    bool usable = (word)tree % 8 == 0 && big_endian(tree) == FDT_MAGIC_NUMBER && header(tree, FDT_VERSION) >= FDT_OLDEST_VERSION
        && header(tree, FDT_LAST_COMPATIBLE) <= FDT_NEWEST_VERSION && header(tree, FDT_TOTALSIZE) <= MAX_BYTES
        && header(tree, FDT_STRUCT) < MAX_BYTES && header(tree, FDT_STRUCT_SIZE) < MAX_BYTES;
    if (!usable) die("a1 leads to no flattened device tree: ", (word)tree);
    platform.protected[platform.protections++] = (struct range) {(word)__firmware_start, (word)__firmware_end - 1};
    visit(tree, use_harts_and_memory);
    visit(tree, use_devices);
    for (word hart = 0; hart < MAX_HARTS; hart++) {
        bool reachable = platform.msip[hart] && (platform.mtimecmp[hart] || platform.with_sstc >> hart & 1);
        if (!reachable) platform.harts &= ~(1u << hart);            // no other hart could interrupt it
    }
    if (!(platform.harts >> this_hart() & 1)) die("the device tree does not tell how to interrupt hart ", this_hart());
    if (!platform.uart) die("the device tree has no ns16550a", 0);
}

bool is_payload_memory(word address, word bytes)
{
    word last = address + (bytes - 1);
    if (last < address || (address < (word)__firmware_end && last >= (word)__firmware_start)) return false;
    for (int i = 0; i < platform.memories; i++) {
        if (address >= platform.memory[i].first && last <= platform.memory[i].last) return true;
    }
    return false;
}
