// Tells the payload to keep off the firmware, by a node in its device tree: /reserved-memory/firmware@..., no-map
// (Devicetree Specification 0.4, section 3.5).
#include "sbi.h"

#define MAX_WORDS 48

// A growing piece of a structure block.
struct piece { word words[MAX_WORDS], count; };

// Names to append to the strings block. Their length is a multiple of 8 bytes, so that all blocks keep their alignment.
static const char names[] = "#address-cells\0#size-cells\0ranges\0reg\0no-map\0\0\0\0";
enum { ADDRESS_CELLS = 0, SIZE_CELLS = 15, RANGES = 27, REG = 34, NO_MAP = 38, NAMES_BYTES = 48 };
_Static_assert(sizeof names >= NAMES_BYTES, "names are padded");

static word swapped(word value) { return big_endian(&value); }

static void set_header(byte *tree, int field, word value) { ((word *)tree)[field] = swapped(value); }

static void add(struct piece *piece, word value) { piece->words[piece->count++] = swapped(value); }

static void add_property(struct piece *piece, word name, word bytes)
{
    add(piece, FDT_PROP);
    add(piece, bytes);
    add(piece, name);
}

static void add_name(struct piece *piece, const char *name, word address, bool with_address)
{
    byte *text = (byte *)&piece->words[piece->count];
    word length = 0;
    while (*name) text[length++] = *name++;
    if (with_address) {
        text[length++] = '@';
        for (int shift = 28; shift >= 0; shift -= 4) {
            if (address >> shift || !shift) text[length++] = "0123456789abcdef"[address >> shift & 15];
        }
    }
    piece->count += length / 4 + 1;                 // with the final zero, and the rest of its word
}

static void add_number(struct piece *piece, word cells, word value)
{
    for (; cells > 1; cells--) add(piece, 0);
    add(piece, value);
}

// Inserts bytes at offset `at`. Blocks from there on move.
static void insert(byte *tree, word at, const void *what, word bytes)
{
    word strings_end = header(tree, FDT_STRINGS) + header(tree, FDT_STRINGS_SIZE), struct_end = header(tree, FDT_STRUCT) + header(tree, FDT_STRUCT_SIZE);
    word used = strings_end > struct_end ? strings_end : struct_end;
    if (used + bytes > header(tree, FDT_TOTALSIZE)) set_header(tree, FDT_TOTALSIZE, used + bytes);
    if (!is_payload_memory((word)tree, header(tree, FDT_TOTALSIZE))) die("there is no room for a larger device tree at ", (word)tree);
    for (word i = used; i > at; i--) tree[i - 1 + bytes] = tree[i - 1];
    for (word i = 0; i < bytes; i++) tree[at + i] = ((const byte *)what)[i];
    for (int block = FDT_STRUCT; block <= FDT_RESERVATIONS; block++) {
        if (header(tree, block) >= at) set_header(tree, block, header(tree, block) + bytes);
    }
}

// Finds the offset of the new node, and the root's cells. The node goes into /reserved-memory if that exists, else to
// the root's end.
static bool find_place(const byte *tree, word *place, word cells[2])
{
    struct property property;
    bool inside = false;
    int depth = 0;
    for (word at = header(tree, FDT_STRUCT), token; *place = at, (token = next_token(tree, &at, &property)) != FDT_END; ) {
        if (token == FDT_BEGIN_NODE) inside |= ++depth == 2 && is_same(property.name, "reserved-memory");
        if (token == FDT_END_NODE && --depth == inside) return inside;
        if (token == FDT_PROP && depth == 1 && is_same(property.name, "#address-cells")) cells[0] = big_endian(property.value);
        if (token == FDT_PROP && depth == 1 && is_same(property.name, "#size-cells")) cells[1] = big_endian(property.value);
    }
    return inside;
}

void reserve_firmware(byte *tree)
{
    struct piece piece = {.count = 0};
    word place, cells[2] = {2, 1}, strings = header(tree, FDT_STRINGS_SIZE), first = (word)__firmware_start;
    insert(tree, header(tree, FDT_STRINGS) + strings, names, NAMES_BYTES);
    set_header(tree, FDT_STRINGS_SIZE, strings + NAMES_BYTES);
    bool exists = find_place(tree, &place, cells);
    if (cells[0] < 1 || cells[0] > 2 || cells[1] < 1 || cells[1] > 2) die("the device tree has addresses of so many cells: ", cells[0]);
    if (!exists) {
        add(&piece, FDT_BEGIN_NODE);
        add_name(&piece, "reserved-memory", 0, false);
        add_property(&piece, strings + ADDRESS_CELLS, 4);
        add(&piece, cells[0]);
        add_property(&piece, strings + SIZE_CELLS, 4);
        add(&piece, cells[1]);
        add_property(&piece, strings + RANGES, 0);
    }
    add(&piece, FDT_BEGIN_NODE);
    add_name(&piece, "firmware", first, true);
    add_property(&piece, strings + REG, 4 * (cells[0] + cells[1]));
    add_number(&piece, cells[0], first);
    add_number(&piece, cells[1], (word)__firmware_end - first);
    add_property(&piece, strings + NO_MAP, 0);
    add(&piece, FDT_END_NODE);
    if (!exists) add(&piece, FDT_END_NODE);
    if (piece.count % 2) add(&piece, FDT_NOP);      // the blocks after it keep their alignment
    insert(tree, place, piece.words, 4 * piece.count);
    set_header(tree, FDT_STRUCT_SIZE, header(tree, FDT_STRUCT_SIZE) + 4 * piece.count);
}
