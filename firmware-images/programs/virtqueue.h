// A driver for virtio-mmio, version 2, with split virtqueues (Virtual I/O Device 1.2, sections 2.7 and 4.2), as small as will do.
#pragma once
#include "program.h"

// Registers, by word.
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
    uint16_t seen, told;                               // used entries that were taken; available ones that the device was told of
    int interrupts;                                    // whether they are wanted
    volatile word done[SIZE], length[SIZE];            // by the head of a chain
    struct device *device;
} __attribute__((aligned(16)));

struct device {
    volatile word *registers;
    word slot, features;
    struct queue queues[2];
    volatile word hart;                                // where its interrupts go
    volatile word changes;                             // those that told of another configuration, or state
};

struct buffer { volatile void *at; word length, flags; };

// Where the slots are on the virt board, the only one that has any.
#define virtio ((volatile word *)0x10001000)

// The device of this kind that comes as the first (0), second, ... from the last slot down; 0 if there is none.
int find(struct device *device, word id, word which);
// Resets a device and sets up its queues. The features are those of bits 0 to 31. Returns whether the device agrees.
int start(struct device *device, word features, word queues, int interrupts);
// Puts a chain into the queue; returns its head. There is room for as many descriptors as SIZE, or chains where they are indirect.
word add(struct queue *queue, const struct buffer *buffers, word count);
// Tells the device, if it wants to know.
void notify(struct queue *queue);
// Takes what the device is done with.
void collect(struct queue *queue);
// Waits for a chain, in the way that was chosen, and has its descriptors back; returns how many bytes the device has written.
word wait_for(struct queue *queue, word head);
// Interrupts of a device go to a hart, and are served there by collect().
void route(struct device *device, word hart);
// Keeps other harts and the interrupt handler of this one away.
word lock(void);
void unlock(word before);
