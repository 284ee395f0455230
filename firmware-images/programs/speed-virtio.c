// Reads a whole virtio disk in requests of 64 KiB, several at once, and adds up a word of each 64 bytes. Interrupts tell
// of the end of requests.
#include "speed.h"
#include "virtqueue.h"

enum { IN = 0, SECTOR = 512, BYTES = 64 << 10, AT_ONCE = 4 };

static struct device disk;
static struct request { word type, reserved; uint64_t sector; } requests[AT_ONCE];
static volatile uint8_t statuses[AT_ONCE];
static word data[AT_ONCE][BYTES / 4], heads[AT_ONCE];

static void ask(word request, word sector)
{
    requests[request] = (struct request) {IN, 0, sector};
    statuses[request] = 0xee;
    struct buffer buffers[3] = {{&requests[request], sizeof *requests, 0}, {data[request], BYTES, WRITE}, {&statuses[request], 1, WRITE}};
    word before = lock();
    heads[request] = add(&disk.queues[0], buffers, 3);
    notify(&disk.queues[0]);
    unlock(before);
}

int main(word hart, const uint8_t *tree)
{
    (void)tree;
    write_csr(mie, 1 << 11);
    set_csr(mstatus, 8);
    if (hart != 0) for (;;) __asm__ volatile("wfi");
    check("there is a disk", find(&disk, BLOCK, 0), 1);
    if (failures) return failures;
    check("it starts", start(&disk, INDIRECT | EVENT_INDEX, 1, 1), 1);
    route(&disk, 0);
    word pieces = disk.registers[CONFIG] / (BYTES / SECTOR), sum = 0, wrong = 0;
    check("it has some pieces of 64 KiB", pieces >= AT_ONCE, 1);
    for (word i = 0; i < AT_ONCE; i++) ask(i, i * (BYTES / SECTOR));
    for (word piece = 0; piece < pieces; piece++) {
        word request = piece % AT_ONCE;
        wrong += wait_for(&disk.queues[0], heads[request]) != BYTES + 1 || statuses[request] != 0;
        for (word i = 0; i < BYTES / 4; i += 16) sum = mix(sum, data[request][i]);
        if (piece + AT_ONCE < pieces) ask(request, (piece + AT_ONCE) * (BYTES / SECTOR));
    }
    print("pieces ");
    decimal(pieces);
    print(", sum ");
    hex(sum);
    put('\n');
    return report("requests that failed", wrong, 0);
}
