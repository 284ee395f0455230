// Computes in little memory, a mix like CoreMark's: searches, reverses and sorts a linked list, multiplies matrices of
// 16-bit numbers, classifies text with a state machine, and computes a CRC of the results bit by bit.
#include "speed.h"

#define ROUNDS 11000
#define NODES 128
#define SIDE 20

struct node { struct node *next; int16_t key, place; };

static struct node nodes[NODES];
static int16_t a[SIDE][SIDE], b[SIDE][SIDE];
static int32_t product[SIDE][SIDE];
static char text[512];

static uint16_t crc16(word value, uint16_t crc)
{
    for (int bit = 0; bit < 32; bit++, value >>= 1) {
        int out = (crc ^ value) & 1;
        crc >>= 1;
        if (out) crc ^= 0xa001;
    }
    return crc;
}

// ---- the list ----

static struct node *reverse(struct node *list)
{
    struct node *done = 0;
    while (list) {
        struct node *next = list->next;
        list->next = done;
        done = list;
        list = next;
    }
    return done;
}

static const struct node *find(const struct node *list, int16_t key)
{
    while (list && list->key != key) list = list->next;
    return list;
}

static int by_key(const struct node *x, const struct node *y) { return x->key - y->key; }
static int by_place(const struct node *x, const struct node *y) { return x->place - y->place; }

// Sorts by merging, from the bottom up.
static struct node *sort(struct node *list, int (*compare)(const struct node *, const struct node *))
{
    for (int width = 1, merges = 2; merges > 1; width *= 2) {
        struct node *left = list, **end = &list;
        for (merges = 0; left; merges++) {
            struct node *right = left;
            int lefts = 0, rights = width;
            while (lefts < width && right) {
                lefts++;
                right = right->next;
            }
            while (lefts > 0 || (rights > 0 && right)) {
                struct node *least;
                if (lefts > 0 && (rights == 0 || !right || compare(left, right) <= 0)) {
                    least = left;
                    left = left->next;
                    lefts--;
                } else {
                    least = right;
                    right = right->next;
                    rights--;
                }
                *end = least;
                end = &least->next;
            }
            left = right;
        }
        *end = 0;
    }
    return list;
}

static word lists(word seed)
{
    for (int i = 0; i < NODES; i++) {
        nodes[i] = (struct node) {i + 1 < NODES ? &nodes[i + 1] : 0, chance(&seed) & 0x3ff, i};
    }
    struct node *list = nodes;
    word sum = 0;
    for (int i = 0; i < 32; i++) {
        const struct node *found = find(list, chance(&seed) & 0x3ff);
        sum = mix(sum, found ? found->place : -1);
        list = reverse(list);
    }
    list = sort(list, by_key);
    for (const struct node *n = list; n; n = n->next) sum = mix(sum, n->key);
    list = sort(list, by_place);
    return mix(sum, list->key);
}

// ---- matrices ----

static word matrices(word seed)
{
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            a[i][j] = chance(&seed);
            b[i][j] = a[i][j] >> 3;
        }
    }
    word sum = 0;
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            int32_t dot = 0;
            for (int k = 0; k < SIDE; k++) dot += (word)(a[i][k] * b[k][j]);
            product[i][j] = dot;
            sum += (dot >> 2 & 15) * (dot >> 5 & 127);
        }
    }
    return mix(sum, product[SIDE - 1][SIDE / 2] / (int32_t)((seed & 0xff) | 1));
}

// ---- the state machine ----

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, POWER, INVALID, STATES };

static enum state next(enum state state, char c)
{
    int digit = c >= '0' && c <= '9', sign = c == '+' || c == '-';
    switch (state) {
        case START: return digit ? INTEGER : sign ? SIGN : c == '.' ? POINT : INVALID;
        case SIGN: return digit ? INTEGER : c == '.' ? POINT : INVALID;
        case INTEGER: return digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : INVALID;
        case POINT: return digit ? FRACTION : INVALID;
        case FRACTION: return digit ? FRACTION : c == 'e' ? EXPONENT : INVALID;
        case EXPONENT: return digit ? POWER : sign ? EXPONENT_SIGN : INVALID;
        case EXPONENT_SIGN: case POWER: return digit ? POWER : INVALID;
        default: return INVALID;
    }
}

static word states(word seed)
{
    word counts[STATES] = {0}, sum = 0;
    for (unsigned i = 0; i < sizeof text; i++) text[i] = "0123456789+-.e,,"[chance(&seed) >> 7 & 15];
    enum state state = START;
    for (unsigned i = 0; i < sizeof text; i++) {
        if (text[i] == ',') {
            counts[state]++;
            state = START;
        } else {
            state = next(state, text[i]);
        }
    }
    for (int i = 0; i < STATES; i++) sum = mix(sum, counts[i]);
    return sum;
}

__attribute__((noinline)) static word work(void)
{
    uint16_t crc = 0;
    word sum = 0;
    for (word round = 1; round <= ROUNDS; round++) {
        word values[] = {lists(round), matrices(round), states(round)};
        for (int i = 0; i < 3; i++) {
            for (int n = 0; n < 32; n++) crc = crc16(values[i] + n, crc);
            sum = mix(sum, values[i] ^ crc);
        }
    }
    return sum;
}

int main(word hart, const uint8_t *tree)
{
    return hart == 0 ? repeat(tree, "compute", work, 0x51881451) : 0;
}
