// A minimal driver for virtio-mmio, version 2, with split virtqueues (Virtual I/O Device 1.2, sections 2.7 and 4.2).
#pragma once
#include "program.h"

// Registers, as word indices.
enum {
    MAGIC_VALUE = 0x000 / 4, VERSION = 0x004 / 4, DEVICE_ID = 0x008 / 4, DEVICE_FEATURES = 0x010 / 4, DEVICE_FEATURES_SEL = 0x014 / 4,
    DRIVER_FEATURES = 0x020 / 4, DRIVER_FEATURES_SEL = 0x024 / 4, QUEUE_SEL = 0x030 / 4, QUEUE_NUM_MAX = 0x034 / 4, QUEUE_NUM = 0x038 / 4,
    QUEUE_READY = 0x044 / 4, QUEUE_NOTIFY = 0x050 / 4, INTERRUPT_STATUS = 0x060 / 4, INTERRUPT_ACK = 0x064 / 4, STATUS = 0x070 / 4,
    QUEUE_DESC = 0x080 / 4, QUEUE_DRIVER = 0x090 / 4, QUEUE_DEVICE = 0x0a0 / 4, CONFIG = 0x100 / 4,
};
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64 };
enum { BLOCK = 2, CONSOLE = 3, ENTROPY = 4 };
enum { SLOTS = 8 };

#define INDIRECT (1u << 28)
#define EVENT_INDEX (1u << 29)

#define SIZE 8
enum { NEXT = 1, WRITE = 2, TABLE = 4 };

struct descriptor { uint64_t address; uint32_t length; uint16_t flags, next; };

struct queue {
    struct descriptor table[SIZE], indirect[SIZE][SIZE];
    struct { volatile uint16_t flags, idx, ring[SIZE], used_event; } available __attribute__((aligned(4)));
    struct { volatile uint16_t flags, idx; struct { volatile word id, length; } ring[SIZE]; volatile uint16_t avail_event; } used __attribute__((aligned(4)));
    word free, number;
    uint16_t seen, told;                               // used entries taken; available entries told to the device
    int interrupts;                                    // 1 if interrupts are wanted
    volatile word done[SIZE], length[SIZE];            // indexed by the head of a chain
    struct device *device;
} __attribute__((aligned(16)));

struct device {
    volatile word *registers;
    word slot, features;
    struct queue queues[2];
    volatile word hart;                                // the hart that gets its interrupts
    volatile word changes;                             // interrupts for a change of configuration or state
};

struct buffer { volatile void *at; word length, flags; };

// The slots of the virt board. The ferrite board has none.
#define virtio ((volatile word *)0x10001000)

// Finds the first (0), second, ... device of this kind, from the last slot down. Returns 0 if there is none.
int find(struct device *device, word id, word which);
// Resets a device and sets up its queues. `features` are bits 0 to 31. Returns true if the device agrees.
int start(struct device *device, word features, word queues, int interrupts);
// Adds a chain to the queue, and returns its head. A queue has room for SIZE descriptors, or SIZE chains if they are
// indirect.
word add(struct queue *queue, const struct buffer *buffers, word count);
// Notifies the device, if it wants that.
void notify(struct queue *queue);
// Takes the finished chains.
void collect(struct queue *queue);
// Waits for a chain, by polling or by interrupts, and frees its descriptors. Returns the number of bytes that the
// device has written.
word wait_for(struct queue *queue, word head);
// Routes a device's interrupts to a hart, which serves them with collect().
void route(struct device *device, word hart);
// Keeps out other harts and this hart's interrupt handler.
word lock(void);
void unlock(word before);
