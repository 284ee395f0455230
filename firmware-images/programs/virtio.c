// Virtio devices in the slots of the virt board: two disks, the second one read-only, a console and entropy. Each is
// tested with and without indirect descriptors and event indices, by polling and by interrupts, on every hart. The
// output depends on the disks and on the console's input.
#include "virtqueue.h"

#define F_RO (1u << 5)
#define F_FLUSH (1u << 9)
#define F_WRITE_ZEROES (1u << 14)
enum { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, WRITE_ZEROES = 13 };
enum { SECTOR = 512, MAX_HARTS = 8 };

static struct device disk, protected, console, entropy;
static uint8_t data[16 * SECTOR], again[16 * SECTOR];

struct request { word type, reserved; uint64_t sector; };

// ---- one request to a disk ----

// Makes a request with its header in two pieces, its data in three, and its status. Returns the status, and stores the
// number of bytes that the device wrote in `written`.
static word written;
static word ask(struct device *device, word type, word sector, volatile uint8_t *at, word bytes)
{
    struct request request = {type, 0, sector};
    volatile uint8_t status = 0xee;
    word direction = type == IN || type == GET_ID ? WRITE : 0, first = bytes / 4 & ~3u, second = bytes / 2 & ~3u;
    struct buffer buffers[6] = {{&request, 4, 0}, {(char *)&request + 4, 12, 0}};
    word count = 2;
    if (bytes) {
        buffers[2] = (struct buffer) {at, first, direction};
        buffers[3] = (struct buffer) {at + first, second, direction};
        buffers[4] = (struct buffer) {at + first + second, bytes - first - second, direction};
        count = 5;
    }
    buffers[count++] = (struct buffer) {&status, 1, WRITE};
    word before = lock();
    word head = add(&device->queues[0], buffers, count);
    notify(&device->queues[0]);
    unlock(before);
    written = wait_for(&device->queues[0], head);
    return status;
}

static word sum(const volatile uint8_t *bytes, word count)
{
    word sum = 0;
    for (word i = 0; i < count; i++) sum = (sum << 5 | sum >> 27) ^ bytes[i];
    return sum;
}

static word differ(const volatile uint8_t *one, const volatile uint8_t *other, word count)
{
    word differences = 0;
    for (word i = 0; i < count; i++) differences += one[i] != other[i];
    return differences;
}

static void say(const char *what, word value)
{
    print(what);
    hex(value);
    put('\n');
}

// ---- many requests at once ----

static void batches(int in_table)
{
    static struct request requests[SIZE];
    static volatile uint8_t statuses[SIZE];
    word many = in_table ? SIZE : SIZE / 3, wrong = 0;
    for (word round = 0; round < 5; round++) {
        word heads[SIZE];
        word before = lock();
        for (word i = 0; i < many; i++) {
            requests[i] = (struct request) {IN, 0, round + i};
            statuses[i] = 0xee;
            struct buffer buffers[3] = {{&requests[i], 16, 0}, {data + i * SECTOR, SECTOR, WRITE}, {&statuses[i], 1, WRITE}};
            heads[i] = add(&disk.queues[0], buffers, 3);
        }
        notify(&disk.queues[0]);
        unlock(before);
        for (word i = 0; i < many; i++) wrong += wait_for(&disk.queues[0], heads[i]) != SECTOR + 1 || statuses[i] != 0;
        wrong += ask(&disk, IN, round, again, many * SECTOR);
        wrong += differ(data, again, many * SECTOR);
    }
    check("many requests at once", wrong, 0);
}

// ---- a disk ----

static void test_disk(word mode, word features)
{
    word capacity = disk.registers[CONFIG];
    check("the disk starts", start(&disk, (disk.registers[DEVICE_FEATURES] & (F_FLUSH | F_WRITE_ZEROES)) | features, 1, mode >> 2), 1);
    check("a read", ask(&disk, IN, 0, data, 8 * SECTOR), 0);
    check("and its length", written, 8 * SECTOR + 1);
    say("sectors 0 to 7 sum up to ", sum(data, 8 * SECTOR));
    check("the last sector", ask(&disk, IN, capacity - 1, data, SECTOR), 0);
    say("it sums up to ", sum(data, SECTOR));

    for (word i = 0; i < 8 * SECTOR; i++) data[i] = mode * 31 + i + i / SECTOR;
    check("a write", ask(&disk, OUT, 16 + 8 * mode, data, 8 * SECTOR), 0);
    check("and its length", written, 1);
    check("a read of what was written", ask(&disk, IN, 16 + 8 * mode, again, 8 * SECTOR), 0);
    check("it is the same", differ(data, again, 8 * SECTOR), 0);
    struct { uint64_t sector; word sectors, flags; } segment = {17 + 8 * mode, 2, 0};
    check("zeroes", ask(&disk, WRITE_ZEROES, 0, (uint8_t *)&segment, sizeof segment), 0);
    ask(&disk, IN, 17 + 8 * mode, again, 2 * SECTOR);
    word nonzero = 0;
    for (word i = 0; i < 2 * SECTOR; i++) nonzero += again[i] != 0;
    check("they are", nonzero, 0);
    check("a flush", ask(&disk, FLUSH, 0, 0, 0), 0);

    char id[21] = "";
    check("get id", ask(&disk, GET_ID, 0, (uint8_t *)id, 20), 0);
    check("and its length", written, 21);
    print(id);
    put('\n');
    check("a read behind the end", ask(&disk, IN, capacity, data, SECTOR), 1);
    check("a read across the end", ask(&disk, IN, capacity - 1, data, 2 * SECTOR), 1);
    check("a write across the end", ask(&disk, OUT, capacity - 1, data, 2 * SECTOR), 1);
    check("a read of half a sector", ask(&disk, IN, 0, data, SECTOR / 2), 1);
    check("a request that nobody knows", ask(&disk, 99, 0, 0, 0), 2);
    batches(features & INDIRECT);
}

static void test_protected(void)
{
    word offered = protected.registers[DEVICE_FEATURES];
    check("the other disk is read-only", !!(offered & F_RO), 1);
    check("and starts", start(&protected, F_RO | (offered & F_FLUSH), 1, 0), 1);
    check("a read", ask(&protected, IN, 3, data, 4 * SECTOR), 0);
    say("sectors 3 to 6 sum up to ", sum(data, 4 * SECTOR));
    check("a write is refused", ask(&protected, OUT, 3, again, SECTOR), 1);
    check("a read again", ask(&protected, IN, 3, again, 4 * SECTOR), 0);
    check("nothing has changed", differ(data, again, 4 * SECTOR), 0);
}

// ---- entropy ----

static void test_entropy(word mode, word features)
{
    check("entropy starts", start(&entropy, features, 1, mode >> 2), 1);
    static volatile uint8_t bytes[2][32];
    for (int i = 0; i < 2; i++) {
        struct buffer buffers[2] = {{bytes[i], 20, WRITE}, {bytes[i] + 20, 12, WRITE}};
        word head = add(&entropy.queues[0], buffers, 2);
        notify(&entropy.queues[0]);
        check("some bytes come", wait_for(&entropy.queues[0], head) - 1 < 32, 1);
    }
    check("and others the next time", differ(bytes[0], bytes[1], 32) > 0, 1);
}

// A chain that leads back to itself makes the device need a reset. After the reset it works again.
static void test_loop(void)
{
    check("entropy starts", start(&entropy, 0, 1, 0), 1);
    struct queue *queue = &entropy.queues[0];
    for (word i = 0; i < 2; i++) queue->table[i] = (struct descriptor) {(word)data, 16, WRITE | NEXT, 1 - i};
    queue->available.ring[0] = 0;
    queue->available.idx = 1;
    notify(queue);
    while (!(entropy.registers[STATUS] & NEEDS_RESET)) { }
    while (!entropy.changes) { }
    check("a loop is told of by an interrupt", entropy.changes, 1);
    test_entropy(0, 0);
}

// ---- a console ----

enum { RECEIVE, TRANSMIT, INPUTS = 4, INPUT_BYTES = 16 };
static volatile uint8_t inputs[INPUTS][INPUT_BYTES];
static word input_heads[INPUTS], next_input, taken_of_input;

static void send(const char *text)
{
    word length = 0;
    while (text[length]) length++;
    struct buffer buffers[2] = {{(void *)text, length / 2, 0}, {(void *)(text + length / 2), length - length / 2, 0}};
    word head = add(&console.queues[TRANSMIT], buffers, 2);
    notify(&console.queues[TRANSMIT]);
    wait_for(&console.queues[TRANSMIT], head);
}

static void give_input(word i)
{
    struct buffer buffer = {inputs[i], INPUT_BYTES, WRITE};
    word before = lock();
    input_heads[i] = add(&console.queues[RECEIVE], &buffer, 1);
    notify(&console.queues[RECEIVE]);
    unlock(before);
}

static char receive(void)
{
    word length = wait_for(&console.queues[RECEIVE], input_heads[next_input]);
    char c = inputs[next_input][taken_of_input++];
    if (taken_of_input == length) {
        give_input(next_input);
        next_input = (next_input + 1) % INPUTS;
        taken_of_input = 0;
    }
    return c;
}

static void test_console(void)
{
    char line[80] = "hvc: received ";
    check("the console starts", start(&console, console.registers[DEVICE_FEATURES] & INDIRECT, 2, 0), 1);
    for (word i = 0; i < INPUTS; i++) give_input(i);
    send("hvc: hello\n");
    for (int round = 0; round < 2; round++) {
        word length = 14;
        do {
            line[length++] = receive();
        } while (line[length - 1] != '\n' && length < 79);
        line[length] = 0;
        send(line);
        console.queues[RECEIVE].interrupts = 1;        // the first line comes by polling, the second by interrupts
        console.queues[RECEIVE].available.flags = 0;
        route(&console, 0);
        word before = lock();
        collect(&console.queues[RECEIVE]);             // takes a byte that came before interrupts were on
        unlock(before);
    }
}

// ---- many harts ----

static volatile word harts, arrived, go, errors;

static word add_to(volatile word *at, word value)
{
    word old;
    __asm__ volatile("amoadd.w.aqrl %0, %2, (%1)" : "=r"(old) : "r"(at), "r"(value) : "memory");
    return old;
}

// Each hart reads and writes sectors of its own, through the same queue.
static void work(word hart)
{
    static uint8_t mine[MAX_HARTS][4 * SECTOR], reread[MAX_HARTS][SECTOR];
    for (word round = 0; round < 8; round++) {
        for (word i = 0; i < SECTOR; i++) reread[hart][i] = hart * 16 + round + i;
        if (ask(&disk, OUT, 90 + hart, reread[hart], SECTOR)) add_to(&errors, 1);
        if (ask(&disk, IN, 90 + hart, mine[hart], SECTOR)) add_to(&errors, 1);
        add_to(&errors, differ(mine[hart], reread[hart], SECTOR));
        if (ask(&disk, IN, 4 * hart, mine[hart], 4 * SECTOR)) add_to(&errors, 1);
        if (hart < 4) add_to(&errors, differ(mine[hart], data + 4 * hart * SECTOR, 4 * SECTOR));
    }
    add_to(&arrived, 1);
}

static void test_harts(word features)
{
    start(&disk, F_FLUSH | features, 1, 1);
    route(&disk, 0);
    ask(&disk, IN, 0, data, 16 * SECTOR);
    route(&disk, harts - 1);
    go = 1;
    work(0);
    while (arrived < harts) { }
    route(&disk, 0);
    print("harts ");
    decimal(harts);
    put('\n');
    check("every hart read and wrote what it should", errors, 0);
    check("a flush", ask(&disk, FLUSH, 0, 0, 0), 0);
}

// Counts the nodes of the device tree named cpu@N.
static word count_harts(const uint8_t *tree)
{
    word bytes = tree[4] << 24 | tree[5] << 16 | tree[6] << 8 | tree[7], count = 0;
    for (word i = 0; i + 4 <= bytes; i++) count += tree[i] == 'c' && tree[i + 1] == 'p' && tree[i + 2] == 'u' && tree[i + 3] == '@';
    return count;
}

int main(word hart, const uint8_t *tree)
{
    static const char *const names[] = {"polling", "polling, indirect", "polling, event index", "polling, indirect, event index",
        "interrupts", "interrupts, indirect", "interrupts, event index", "interrupts, indirect, event index"};
    write_csr(mie, 1 << 11);
    set_csr(mstatus, 8);
    if (hart != 0) {
        while (!go) { }
        work(hart);
        for (;;) __asm__ volatile("wfi");              // this hart may get the devices' interrupts
    }
    harts = count_harts(tree);
    for (int slot = SLOTS - 1; slot >= 0; slot--) {
        print("slot ");
        decimal(slot);
        print(" device ");
        decimal(virtio[slot * 0x1000 / 4 + DEVICE_ID]);
        put('\n');
    }
    if (!find(&disk, BLOCK, 0) || !find(&protected, BLOCK, 1) || !find(&console, CONSOLE, 0) || !find(&entropy, ENTROPY, 0)) return 1;
    say("the disk's sectors: ", disk.registers[CONFIG]);
    for (word mode = 0; mode < 8; mode++) {
        word features = (mode & 1 ? INDIRECT : 0) | (mode & 2 ? EVENT_INDEX : 0);
        print(names[mode]);
        put('\n');
        route(&disk, 0);
        route(&entropy, 0);
        test_disk(mode, features);
        test_entropy(mode, features);
    }
    test_protected();
    test_loop();
    test_console();
    test_harts(INDIRECT | EVENT_INDEX);
    return failures;
}
