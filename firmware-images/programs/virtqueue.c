#include "virtqueue.h"

static struct device *served[SLOTS];

static void fence(void) { __asm__ volatile("fence iorw, iorw" ::: "memory"); }

// ---- one at a time ----

static volatile word taken;

word lock(void)
{
    word before = read_csr(mstatus) & 8, old;
    clear_csr(mstatus, 8);
    do {
        __asm__ volatile("amoswap.w.aq %0, %2, (%1)" : "=r"(old) : "r"(&taken), "r"(1) : "memory");
    } while (old);
    return before;
}

void unlock(word before)
{
    __asm__ volatile("amoswap.w.rl zero, zero, (%0)" :: "r"(&taken) : "memory");
    set_csr(mstatus, before);
}

// ---- a device ----

int find(struct device *device, word id, word which)
{
    for (int slot = SLOTS - 1; slot >= 0; slot--) {
        volatile word *registers = virtio + slot * 0x1000 / 4;
        if (registers[MAGIC_VALUE] == 0x74726976 && registers[VERSION] == 2 && registers[DEVICE_ID] == id && which-- == 0) {
            device->registers = registers;
            device->slot = slot;
            return 1;
        }
    }
    return 0;
}

static void set_address(volatile word *half, volatile void *at)
{
    half[0] = (word)at;
    half[1] = 0;
}

static void set_up(struct device *device, word number, int interrupts)
{
    volatile word *registers = device->registers;
    struct queue *queue = &device->queues[number];
    for (word i = 0; i < SIZE; i++) queue->table[i].next = i + 1;
    queue->free = 0;
    queue->seen = queue->told = 0;
    queue->available.idx = queue->used.idx = queue->used.flags = queue->used.avail_event = 0;
    queue->number = number;
    queue->device = device;
    queue->interrupts = interrupts;
    queue->available.flags = !interrupts;
    queue->available.used_event = interrupts ? 0 : 0x8000;
    registers[QUEUE_SEL] = number;
    registers[QUEUE_NUM] = SIZE;
    set_address(&registers[QUEUE_DESC], queue->table);
    set_address(&registers[QUEUE_DRIVER], &queue->available);
    set_address(&registers[QUEUE_DEVICE], &queue->used);
    fence();
    registers[QUEUE_READY] = 1;
}

int start(struct device *device, word features, word queues, int interrupts)
{
    volatile word *registers = device->registers;
    registers[STATUS] = 0;
    while (registers[STATUS]) { }
    registers[STATUS] = ACKNOWLEDGE;
    registers[STATUS] |= DRIVER;
    device->features = features;
    registers[DRIVER_FEATURES_SEL] = 0;
    registers[DRIVER_FEATURES] = features;
    registers[DRIVER_FEATURES_SEL] = 1;
    registers[DRIVER_FEATURES] = 1;                    // VERSION_1
    registers[STATUS] |= FEATURES_OK;
    if (!(registers[STATUS] & FEATURES_OK)) return 0;
    for (word i = 0; i < queues; i++) set_up(device, i, interrupts);
    registers[STATUS] |= DRIVER_OK;
    return registers[STATUS] == (ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
}

// ---- a queue ----

word add(struct queue *queue, const struct buffer *buffers, word count)
{
    word head = queue->free;
    struct descriptor *table = queue->table;
    word index = head;
    if (queue->device->features & INDIRECT) {
        struct descriptor *of_chain = &queue->table[head];
        queue->free = of_chain->next;
        table = queue->indirect[head];
        *of_chain = (struct descriptor) {(word)table, count * sizeof *table, TABLE, of_chain->next};
        index = 0;
    }
    for (word i = 0; i < count; i++) {
        word next = table == queue->table ? table[index].next : index + 1;
        table[index] = (struct descriptor) {(word)buffers[i].at, buffers[i].length, buffers[i].flags | (i + 1 < count ? NEXT : 0), next};
        index = next;
    }
    if (table == queue->table) queue->free = index;
    queue->done[head] = 0;
    queue->available.ring[queue->available.idx % SIZE] = head;
    fence();
    queue->available.idx++;
    return head;
}

void notify(struct queue *queue)
{
    fence();
    uint16_t now = queue->available.idx, old = queue->told;
    int wanted = queue->device->features & EVENT_INDEX ? (uint16_t)(now - queue->used.avail_event - 1) < (uint16_t)(now - old) : !(queue->used.flags & 1);
    queue->told = now;
    if (wanted) queue->device->registers[QUEUE_NOTIFY] = queue->number;
}

void collect(struct queue *queue)
{
    for (;;) {
        while (queue->seen != queue->used.idx) {
            fence();
            word head = queue->used.ring[queue->seen % SIZE].id;
            queue->length[head] = queue->used.ring[queue->seen % SIZE].length;
            queue->seen++;
            fence();
            queue->done[head] = 1;
        }
        if (!(queue->device->features & EVENT_INDEX)) return;
        queue->available.used_event = queue->interrupts ? queue->seen : queue->seen + 0x8000;
        fence();
        if (queue->seen == queue->used.idx) return;
    }
}

// Frees the descriptors of a chain after the waiting hart has seen that it is done.
static word release(struct queue *queue, word head)
{
    word before = lock(), length = queue->length[head], last = head;
    while (queue->table[last].flags & NEXT) last = queue->table[last].next;
    queue->table[last].next = queue->free;
    queue->free = head;
    unlock(before);
    return length;
}

word wait_for(struct queue *queue, word head)
{
    if (!queue->interrupts) {
        while (!queue->done[head]) {
            word before = lock();
            collect(queue);
            unlock(before);
        }
    }
    for (;;) {
        word before = read_csr(mstatus) & 8;
        clear_csr(mstatus, 8);
        if (queue->done[head]) {
            set_csr(mstatus, before);
            return release(queue, head);
        }
        if (queue->device->hart == hart_id()) __asm__ volatile("wfi");
        set_csr(mstatus, 8);
    }
}

// ---- interrupts ----

static int serve(word cause)
{
    if (cause != 0x8000000b) return 0;
    volatile word *claim = &plic[0x200004 / 4 + hart_id() * 0x2000 / 4];
    for (word source = *claim; source; source = *claim) {
        struct device *device = served[source - 1];
        word why = device->registers[INTERRUPT_STATUS];
        device->registers[INTERRUPT_ACK] = why;
        if (why & 2) device->changes++;
        if (why & 1) {
            word before = lock();
            for (word i = 0; i < 2; i++) if (device->queues[i].device) collect(&device->queues[i]);
            unlock(before);
        }
        *claim = source;
    }
    return 1;
}

void route(struct device *device, word hart)
{
    word source = device->slot + 1;
    plic[(0x2000 + 0x100 * device->hart) / 4] &= ~(1u << source);
    served[device->slot] = device;
    device->hart = hart;
    on_interrupt = serve;
    plic[source] = 1;
    plic[(0x2000 + 0x100 * hart) / 4] |= 1u << source;
    plic[(0x200000 + 0x2000 * hart) / 4] = 0;
}
