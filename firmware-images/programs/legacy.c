// The legacy interface of virtio-mmio, version 1, as drivers before virtio 1.0 use it: one range of pages for a queue, no
// FEATURES_OK, and a notification before DRIVER_OK. The device is entropy, with and without QueueAlign.
#include "virtqueue.h"

enum { GUEST_PAGE_SIZE = 0x028 / 4, QUEUE_ALIGN = 0x03c / 4, QUEUE_PFN = 0x040 / 4, PAGE = 4096, BYTES = 16, ENTRIES = 4 };

static volatile uint8_t queue[2 * PAGE] __attribute__((aligned(PAGE)));
static volatile uint8_t bytes[BYTES];

static volatile word *find_legacy(word id)
{
    for (int slot = SLOTS - 1; slot >= 0; slot--) {
        volatile word *registers = virtio + slot * 0x1000 / 4;
        if (registers[MAGIC_VALUE] == 0x74726976 && registers[VERSION] == 1 && registers[DEVICE_ID] == id) return registers;
    }
    return 0;
}

static void get_bytes(volatile word *registers, word align)
{
    volatile struct descriptor *table = (void *)queue;
    volatile uint16_t *available = (void *)&queue[ENTRIES * 16];
    word end = ENTRIES * 16 + 6 + 2 * ENTRIES, zeros = 0;
    volatile word *used = (void *)&queue[(end + align - 1) & -align];
    for (word i = 0; i < sizeof queue; i++) queue[i] = 0;
    for (word i = 0; i < BYTES; i++) bytes[i] = 0;
    registers[STATUS] = 0;
    registers[STATUS] = ACKNOWLEDGE;
    registers[STATUS] = ACKNOWLEDGE | DRIVER;
    registers[DEVICE_FEATURES_SEL] = 1;
    check("no feature above 31 is offered", registers[DEVICE_FEATURES], 0);
    registers[DRIVER_FEATURES_SEL] = 0;
    registers[DRIVER_FEATURES] = 0;
    registers[GUEST_PAGE_SIZE] = PAGE;
    registers[QUEUE_SEL] = 0;
    check("the queue has no page yet", registers[QUEUE_PFN], 0);
    check("it may be large enough", registers[QUEUE_NUM_MAX] >= ENTRIES, 1);
    registers[QUEUE_NUM] = ENTRIES;
    if (align != PAGE) registers[QUEUE_ALIGN] = align;
    registers[QUEUE_PFN] = (word)queue / PAGE;
    check("it has its page", registers[QUEUE_PFN], (word)queue / PAGE);
    table[0].address = (word)bytes;
    table[0].length = BYTES;
    table[0].flags = WRITE;
    available[1] = 1;                                  // idx; the ring's first head is 0
    __asm__ volatile("fence iorw, iorw" ::: "memory");
    registers[STATUS] = ACKNOWLEDGE | DRIVER | DRIVER_OK;
    registers[QUEUE_NOTIFY] = 0;
    while (!(used[0] >> 16)) { }
    check("the device has written them", used[2], BYTES);
    check("it says why it interrupts", registers[INTERRUPT_STATUS], 1);
    registers[INTERRUPT_ACK] = 1;
    for (word i = 0; i < BYTES; i++) zeros += !bytes[i];
    check("they are no zeros", zeros < BYTES / 2, 1);
    registers[QUEUE_PFN] = 0;
    check("the queue is gone", registers[QUEUE_PFN], 0);
}

int main(word hart)
{
    if (hart) return 0;
    volatile word *registers = find_legacy(ENTROPY);
    check("a legacy device is found", registers != 0, 1);
    if (registers) {
        get_bytes(registers, PAGE);
        get_bytes(registers, 64);
    }
    return failures;
}
