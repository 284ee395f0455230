package ferrite.scenarios.hostile;

import ferrite.board.layout.VirtioKind;
import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.instruction.Instruction;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.Code;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Steps of a virtio driver (Virtual I/O Device 1.2, sections 3.1.1, 2.7 and 4.2) that is mostly right and partly wrong.
 * Its descriptors lead in circles or out of their table, its indirect tables hold indirect descriptors, and its lengths
 * are far too large. Its rings overlap, or lie in devices or outside memory. It notifies hundreds of times, and changes
 * descriptors, rings and queues that the device is using.
 */
final class VirtioSteps {

    private static final int SIZE = 8;
    /**
     * Offsets from the start of RAM: the areas of each queue, then indirect tables, headers of block requests, and
     * buffers.
     */
    private static final int QUEUES = GuestPrograms.DATA + 0x4000;
    private static final int QUEUE_BYTES = 0x200;
    private static final int DRIVERS_AREA = 0x80;
    private static final int DEVICES_AREA = 0x100;
    private static final int INDIRECT_TABLES = GuestPrograms.DATA + 0x6000;
    private static final int HEADERS = GuestPrograms.DATA + 0x7000;
    private static final int BUFFERS = GuestPrograms.DATA + 0x8000;

    private static final int NEXT = 1;
    private static final int WRITE = 2;
    private static final int INDIRECT = 4;

    private final Choice choice;
    private final Setup setup;
    private final List<AddressRange> devices;
    private final List<AddressRange> slots;
    private final int ram;
    private final long ramBytes;

    /** @param ram the start of the program's RAM, which has {@code ramBytes} */
    VirtioSteps(Choice choice, Setup setup, List<AddressRange> devices, int ram, long ramBytes) {
        this.choice = choice;
        this.setup = setup;
        this.devices = devices;
        this.slots = pluggedSlots();
        this.ram = ram;
        this.ramBytes = ramBytes;
    }

    /**
     * Returns the slots with a device: the last ones, with disks after the others. Returns all slots if there is no
     * device.
     */
    private List<AddressRange> pluggedSlots() {
        List<AddressRange> all = devices.stream().filter(range -> range.name().startsWith("virtio"))
                .sorted(Comparator.comparing(AddressRange::name)).toList();
        int plugged = setup.disks() + setup.virtio().size();
        return plugged == 0 ? all : all.subList(all.size() - plugged, all.size());
    }

    private boolean isDisk(AddressRange slot) {
        return slots.indexOf(slot) >= slots.size() - setup.disks();
    }

    private boolean isConsole(AddressRange slot) {
        int place = slots.size() - 1 - setup.disks() - slots.indexOf(slot);
        return place >= 0 && place < setup.virtio().size() && setup.virtio().get(place) == VirtioKind.CONSOLE;
    }

    /** Makes a driver's steps with one queue, nearly in order. */
    List<GuestStep> conversation() {
        AddressRange slot = choice.of(slots);
        int queue = choice.oneIn(16) ? choice.below(4) : isConsole(slot) ? choice.below(2) : 0;
        List<GuestStep> steps = new ArrayList<>(List.of(negotiate(slot), setUp(slot, queue), header(),
                request(slot, queue), available(slot, queue)));
        for (int count = choice.below(12); count > 0; count--) {
            steps.add(switch (choice.below(14)) {
                case 0 -> header();
                case 1, 2, 3 -> descriptors(tableOf(slot, queue), false);
                case 4 -> request(slot, queue);
                case 5 -> descriptors(ram + INDIRECT_TABLES, true);
                case 6, 7, 8, 9 -> available(slot, queue);
                case 10 -> storm(slot, queue);
                case 11 -> rings(slot, queue);
                case 12 -> choice.oneIn(2) ? acknowledge(slot) : choice.oneIn(2) ? stop(slot, queue)
                        : setUp(slot, queue);
                default -> letTimePass();
            });
        }
        return steps;
    }

    private int tableOf(AddressRange slot, int queue) {
        int number = slot.name().charAt(slot.name().length() - 1) - '0';
        return ram + QUEUES + QUEUE_BYTES * (2 * number + (queue & 1));
    }

    /** Chooses a wrong address for a buffer or a ring. */
    private int anywhere() {
        return switch (choice.below(8)) {
            case 0 -> (int) choice.of(devices).base() + 16 * choice.below(16);
            case 1 -> (int) (ram + ramBytes) - 16 * choice.below(40);
            case 2 -> ram - 16 * choice.below(40);
            case 3 -> ram + QUEUES + 16 * choice.below(0x400);
            case 4 -> ram + GuestPrograms.STEPS + 16 * choice.below(200);
            default -> choice.operand() & ~15;
        };
    }

    // ---- registers ----

    private GuestStep negotiate(AddressRange slot) {
        int features = choice.oneIn(16) ? choice.word()
                : choice.below(4) << 28 | (isDisk(slot) ? choice.of(0, 1 << 9, 1 << 14) : 0);
        int[][] writes = {{0x70, 0}, {0x70, 3}, {0x24, choice.oneIn(20) ? choice.word() : 0}, {0x20, features},
                {0x24, 1}, {0x20, choice.oneIn(20) ? choice.word() : 1}, {0x70, choice.oneIn(20) ? choice.word() : 11}};
        return writes("a driver of " + slot.name(), slot, writes);
    }

    /** Sets up a queue. At most one of its words is wrong. */
    private GuestStep setUp(AddressRange slot, int queue) {
        int table = tableOf(slot, queue);
        int[][] writes = {{0x30, queue}, {0x38, SIZE}, {0x80, table}, {0x90, table + DRIVERS_AREA},
                {0xa0, table + DEVICES_AREA}, {0x44, 1}, {0x70, 15}};
        int wrong = choice.below(8 * writes.length);
        if (wrong < writes.length) {
            writes[wrong][1] = switch (wrong) {
                case 0 -> choice.operand();
                case 1 -> choice.of(0, 1, 2, 3, 64, 256, 512, 1 << 15, 1 << 16, choice.word());
                case 2, 3, 4 -> choice.oneIn(2) ? table + choice.of(0, 2, 16, 0x20, 0x80, 0x100) : anywhere();
                default -> choice.operand();
            };
        }
        GuestStep registers = writes("queue " + queue + " of " + slot.name(), slot, writes);
        return new GuestStep(registers.name(), code -> {
            code.li(Code.T0, table + DRIVERS_AREA).store(0, Code.T0, 0);
            registers.emit().accept(code);
        });
    }

    private static GuestStep writes(String what, AddressRange slot, int[][] writes) {
        return new GuestStep(what, code -> {
            code.li(Code.T0, (int) slot.base());
            for (int[] write : writes) {
                code.li(Code.T1, write[1]).store(Code.T1, Code.T0, write[0]);
            }
        });
    }

    private GuestStep acknowledge(AddressRange slot) {
        int mask = choice.of(1, 2, 3, -1);
        return new GuestStep("interrupts of " + slot.name() + " acknowledged",
                code -> code.li(Code.T0, (int) slot.base()).load(Code.T1, Code.T0, 0x60).li(Code.T1, mask)
                .store(Code.T1, Code.T0, 0x64));
    }

    /** Stops a queue or the device, perhaps with requests in flight. */
    private GuestStep stop(AddressRange slot, int queue) {
        int[][] writes = choice.oneIn(2) ? new int[][] {{0x30, queue}, {0x44, 0}, {0x44, choice.below(3)}}
                : new int[][] {{0x70, choice.of(0, 0x80, 0x8f, 7, 0x4f)}};
        return writes("queue " + queue + " of " + slot.name() + " stopped", slot, writes);
    }

    private GuestStep storm(AddressRange slot, int queue) {
        int number = choice.oneIn(6) ? choice.operand() : queue;
        int times = 1 + choice.below(600);
        return new GuestStep("notifications for " + slot.name(),
                code -> code.li(Code.T0, (int) slot.base()).li(Code.T1, number).li(Code.T2, times)
                .label("again").store(Code.T1, Code.T0, 0x50).i(Instruction.ADDI, Code.T2, Code.T2, -1)
                .branch(Instruction.BNE, Code.T2, 0, "again"));
    }

    // ---- memory ----

    /** Writes the header of a block request: its type and its sector. */
    private GuestStep header() {
        int[] words = {choice.of(0, 0, 1, 1, 4, 8, 13, 11, choice.operand()), 0,
                choice.of(0, 1, 127, 128, choice.below(200), choice.operand()), choice.oneIn(10) ? choice.word() : 0};
        int at = ram + HEADERS + 16 * choice.below(2);
        return new GuestStep("a header", code -> {
            code.li(Code.T0, at);
            for (int n = 0; n < words.length; n++) {
                code.li(Code.T1, words[n]).store(Code.T1, Code.T0, 4 * n);
            }
        });
    }

    /**
     * Writes a chain for a block device: header, data and status in the first three descriptors. For other devices it
     * is only the data.
     */
    private GuestStep request(AddressRange slot, int queue) {
        int table = tableOf(slot, queue);
        boolean headed = isDisk(slot) != choice.oneIn(10);
        boolean reads = headed || choice.oneIn(8) ? choice.oneIn(2) : queue == 0;
        int bytes = choice.of(512, 1024, 2048, 0x8000, 0x1_0000, 100, choice.operand());
        int flags = reads ? WRITE : 0;
        return new GuestStep("a request in the table of " + slot.name(), code -> {
            code.li(Code.T0, table).li(Code.T1, ram + HEADERS);
            if (headed) {
                descriptor(code, 0, 16, NEXT | 1 << 16);
                code.i(Instruction.ADDI, Code.T1, Code.T1, 64);
            }
            int at = headed ? 16 : 0;
            descriptor(code, at, bytes, flags | (headed ? NEXT | 2 << 16 : 0));
            if (headed) {
                code.i(Instruction.ADDI, Code.T1, Code.T1, 64);
                descriptor(code, 32, 1, WRITE);
            }
        });
    }

    private static void descriptor(Code code, int at, int length, int flagsAndNext) {
        code.store(Code.T1, Code.T0, at).store(0, Code.T0, at + 4).li(Code.T2, length).store(Code.T2, Code.T0, at + 8)
                .li(Code.T2, flagsAndNext).store(Code.T2, Code.T0, at + 12);
    }

    /** Writes two random descriptors, into a queue's table or an indirect one. */
    private GuestStep descriptors(int table, boolean indirect) {
        int first = choice.below(indirect ? 4 : SIZE);
        int[] words = new int[8];
        for (int n = 0; n < 2; n++) {
            int index = first + n;
            boolean leads = choice.oneIn(5);
            words[4 * n] = leads ? ram + INDIRECT_TABLES + 16 * choice.below(4) : choice.oneIn(3) ? anywhere()
                    : ram + BUFFERS + 512 * choice.below(16);
            words[4 * n + 1] = choice.oneIn(12) ? choice.of(1, -1) : 0;
            words[4 * n + 2] = leads ? 16 * choice.of(1, 2, 8, 300)
                    : choice.of(0, 1, 16, 512, 4096, 1 << 20, -1, 0x7fff_f000, choice.operand());
            int flags = leads ? INDIRECT | (choice.oneIn(6) ? NEXT : 0)
                    : choice.of(0, NEXT, WRITE, WRITE, NEXT | WRITE, choice.below(8));
            words[4 * n + 3] = flags | choice.of(index + 1, index + 1, index, 0, SIZE, 0xffff) << 16;
        }
        return new GuestStep("descriptors" + (indirect ? " of an indirect table" : ""), code -> {
            code.li(Code.T0, table + 16 * first);
            for (int n = 0; n < words.length; n++) {
                code.li(Code.T1, words[n]).store(Code.T1, Code.T0, 4 * n);
            }
        });
    }

    /** Makes chains available, one or more than possible, and mostly notifies the device. */
    private GuestStep available(AddressRange slot, int queue) {
        int driver = tableOf(slot, queue) + DRIVERS_AREA;
        int head = choice.oneIn(8) ? choice.of(SIZE - 1, SIZE, 0xffff, choice.below(SIZE)) : 0;
        int more = choice.oneIn(8) ? choice.of(2, SIZE, SIZE + 1, -1, 0x400) : 1;
        boolean told = !choice.oneIn(5);
        return new GuestStep("a chain for " + slot.name(), code -> {
            code.li(Code.T0, driver).i(Instruction.LHU, Code.T2, Code.T0, 2)
                    .i(Instruction.ANDI, Code.T3, Code.T2, SIZE - 1)
                    .i(Instruction.SLLI, Code.T3, Code.T3, 1).r(Instruction.ADD, Code.T3, Code.T3, Code.T0)
                    .li(Code.T1, head).s(Instruction.SH, Code.T1, Code.T3, 4)
                    .i(Instruction.ADDI, Code.T2, Code.T2, more).s(Instruction.SH, Code.T2, Code.T0, 2);
            if (told) {
                code.li(Code.T0, (int) slot.base()).li(Code.T1, queue).store(Code.T1, Code.T0, 0x50);
            }
        });
    }

    /** Writes random flags, indices and entries into a ring, under the device. */
    private GuestStep rings(AddressRange slot, int queue) {
        int area = tableOf(slot, queue) + choice.of(DRIVERS_AREA, DRIVERS_AREA, DEVICES_AREA);
        int[] values = choice.words(8);
        for (int n = 0; n < 4; n++) {
            values[n] = choice.of(0, 2, 4, 4 + 2 * SIZE, 2 * choice.below(40));
            values[4 + n] = choice.of(0, 1, 0xffff, choice.below(SIZE), choice.operand());
        }
        return new GuestStep("rings of " + slot.name(), code -> {
            code.li(Code.T0, area);
            for (int n = 0; n < 4; n++) {
                code.li(Code.T1, values[4 + n]).s(Instruction.SH, Code.T1, Code.T0, values[n]);
            }
        });
    }

    private GuestStep letTimePass() {
        int times = 1 + choice.below(1500);
        return new GuestStep("time", code -> code.li(Code.T0, times)
                .label("spin").i(Instruction.ADDI, Code.T0, Code.T0, -1)
                .branch(Instruction.BNE, Code.T0, 0, "spin"));
    }
}
