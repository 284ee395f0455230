package ferrite.scenarios.hostile;

import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.dma.DmaRegisters;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.instruction.Instruction;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.Code;
import ferrite.scenarios.qemu.Rows;
import java.util.ArrayList;
import java.util.List;

/** Steps that misuse devices as no driver does. */
final class DeviceSteps {

    private static final Instruction[] STORES = {Instruction.SB, Instruction.SH, Instruction.SW};
    private static final int DISK_CHANNEL = 2;
    private static final Instruction[] LOADS = {Instruction.LBU, Instruction.LHU, Instruction.LW};

    private final Choice choice;
    private final List<AddressRange> devices;
    private final AddressRange dma;
    private final AddressRange disk;
    private final AddressRange finisher;
    private final int ram;

    /** @param ram the start of RAM */
    DeviceSteps(Choice choice, List<AddressRange> devices, int ram) {
        this.choice = choice;
        this.devices = devices;
        this.dma = named("dma0");
        this.disk = named("disk");
        this.finisher = named("finisher");
        this.ram = ram;
    }

    /** Returns the device, or null if the board has none. */
    private AddressRange named(String name) {
        return devices.stream().filter(range -> range.name().equals(name)).findFirst().orElse(null);
    }

    GuestStep any() {
        return switch (choice.below(13)) {
            case 12 -> choice.oneIn(12) ? finish() : disk != null ? request() : loads(choice.of(devices));
            case 0, 1 -> stores(choice.of(devices));
            case 2 -> loads(choice.of(devices));
            case 3, 4, 5 -> storm(choice.of(devices));
            case 6, 7 -> sensible(choice.of(devices));
            case 8 -> jump(choice.of(devices));
            case 9 -> atomic(choice.of(devices));
            default -> dma != null ? transfer() : storm(choice.of(devices));
        };
    }

    // ---- addresses and values ----

    private int offset(AddressRange range) {
        long bytes = range.end() - range.base();
        long offset = switch (choice.below(5)) {
            case 0, 1 -> choice.below(16) * 4L;
            case 2 -> choice.below(0x500);
            case 3 -> bytes - 1 - choice.below(16);
            default -> choice.word() & 0xffff_ffffL;
        };
        return (int) (offset % bytes);
    }

    /** Returns any value, often an address in RAM, because devices that master the bus access it. */
    private int value() {
        if (choice.oneIn(30)) {
            return choice.of(0x5555, 0x7777, 0x0007_3333);       // the values that test finishers know
        }
        return choice.oneIn(4) ? ram + choice.below(1 << 18) : choice.operand();
    }

    // ---- steps ----

    private GuestStep stores(AddressRange range) {
        int count = 1 + choice.below(5);
        int[] values = choice.words(3 * count);
        for (int n = 0; n < count; n++) {
            values[n] = (int) range.base() + offset(range);
            values[count + n] = value();
        }
        return new GuestStep("stores to " + range.name(), code -> {
            for (int n = 0; n < count; n++) {
                code.li(Code.T0, values[n]).li(Code.T1, values[count + n])
                        .s(STORES[(values[2 * count + n] & 0x7fff_ffff) % STORES.length], Code.T1, Code.T0, 0);
            }
        });
    }

    private GuestStep loads(AddressRange range) {
        int count = 1 + choice.below(6);
        int[] values = choice.words(2 * count);
        for (int n = 0; n < count; n++) {
            values[n] = (int) range.base() + offset(range);
        }
        return new GuestStep("loads from " + range.name(), code -> {
            for (int n = 0; n < count; n++) {
                code.li(Code.T0, values[n])
                        .i(LOADS[(values[count + n] & 0x7fff_ffff) % LOADS.length], Code.T1, Code.T0, 0);
            }
        });
    }

    /** Stores to and loads from many places, from a random one on, and skips faults. */
    private GuestStep storm(AddressRange range) {
        int start = (int) range.base() + offset(range);
        int value = value();
        int count = 1 + choice.below(200);
        int stride = choice.of(1, 1, 2, 4, 4, 4, 8, 0x80, -4);
        Instruction store = STORES[choice.below(3)];
        Instruction load = LOADS[choice.below(3)];
        Instruction mix = choice.of(List.of(Instruction.ADD, Instruction.XOR, Instruction.SUB, Instruction.OR));
        int step = choice.below(4);
        return new GuestStep("storm over " + range.name(), code -> {
            code.csrr(Code.T6, Csrs.MTVEC).u(Instruction.AUIPC, Code.T3, 0)
                    .i(Instruction.ADDI, Code.T3, Code.T3, 16).csrw(Csrs.MTVEC, Code.T3).jump(0, "begin")
                    .label("skip").csrr(Code.T3, Csrs.MEPC).i(Instruction.ADDI, Code.T3, Code.T3, 4)
                    .csrw(Csrs.MEPC, Code.T3).plain(Instruction.MRET)
                    .label("begin").li(Code.T0, start).li(Code.T1, value).li(Code.T2, count)
                    .label("loop").s(store, Code.T1, Code.T0, 0)
                    .i(load, Code.T3, Code.T0, 0).r(mix, Code.T1, Code.T1, Code.T3)
                    .i(Instruction.ADDI, Code.T1, Code.T1, step)
                    .i(Instruction.ADDI, Code.T0, Code.T0, stride).i(Instruction.ADDI, Code.T2, Code.T2, -1)
                    .branch(Instruction.BNE, Code.T2, 0, "loop").csrw(Csrs.MTVEC, Code.T6);
        });
    }

    /** Writes plausible words to the first registers: a small number, a length, an address in RAM. */
    private GuestStep sensible(AddressRange range) {
        int count = 3 + choice.below(5);
        int[] values = choice.words(2 * count);
        boolean bytes = choice.oneIn(4);
        for (int n = 0; n < count; n++) {
            values[n] = bytes ? choice.below(8) : 4 * choice.below(10);
            values[count + n] = switch (choice.below(4)) {
                case 0, 1 -> choice.below(5);
                case 2 -> choice.below(256);
                default -> ram + 4 * choice.below(1 << 16);
            };
        }
        return new GuestStep("what may make sense to " + range.name(), code -> {
            code.li(Code.T0, (int) range.base());
            for (int n = 0; n < count; n++) {
                code.li(Code.T1, values[count + n])
                        .s(bytes ? Instruction.SB : Instruction.SW, Code.T1, Code.T0, values[n]);
            }
        });
    }

    private GuestStep jump(AddressRange range) {
        int target = (int) range.base() + (offset(range) & ~1);
        return new GuestStep("jump into " + range.name(),
                code -> code.li(Code.T0, target).i(Instruction.JALR, Code.RA, Code.T0, 0));
    }

    private GuestStep atomic(AddressRange range) {
        int address = (int) range.base() + (choice.oneIn(4) ? offset(range) : offset(range) & ~3);
        int amo = Rows.random(choice.of(Rows.AMOS), choice) & ~(0x1f << 15 | 0x1f << 20)
                | Code.T0 << 15 | Code.T1 << 20;
        return new GuestStep("atomic access to " + range.name(), code -> code.li(Code.T0, address).word(amo));
    }

    /** Programs a channel, and unmasks it. */
    private GuestStep transfer() {
        int channel = choice.oneIn(2) ? DISK_CHANNEL : choice.below(8);
        List<int[]> writes = new ArrayList<>();
        if (choice.oneIn(2)) {
            writes.add(new int[] {DmaRegisters.port(4, DmaRegisters.MODE), DmaRegisters.MODE_CASCADE});
            writes.add(new int[] {DmaRegisters.port(4, DmaRegisters.SINGLE_MASK), 0});
        }
        if (choice.oneIn(3)) {
            writes.add(new int[] {DmaRegisters.port(channel, DmaRegisters.COMMAND), choice.below(256)});
        }
        writes.add(new int[] {DmaRegisters.port(channel, DmaRegisters.CLEAR_FLIP_FLOP), 0});
        writes.add(new int[] {DmaRegisters.port(channel, DmaRegisters.MODE), choice.below(64) << 2 | channel & 3});
        writes.add(new int[] {DmaRegisters.page(channel), choice.oneIn(2) ? 0 : choice.below(256)});
        for (int half = 0; half < 2; half++) {
            writes.add(new int[] {DmaRegisters.address(channel), choice.of(0, 0xff, choice.below(256))});
            writes.add(new int[] {DmaRegisters.count(channel), choice.of(0, 0xff, choice.below(256))});
        }
        if (choice.oneIn(6)) {
            writes.add(new int[] {DmaRegisters.highPage(channel), choice.below(256)});
        }
        writes.add(new int[] {DmaRegisters.port(channel, DmaRegisters.SINGLE_MASK), channel & 3});
        writes.add(new int[] {DmaRegisters.port(channel, DmaRegisters.REQUEST), choice.below(8)});
        return new GuestStep("a transfer on channel " + channel, code -> {
            code.li(Code.T0, (int) dma.base());
            writes.forEach(write -> code.li(Code.T1, write[1]).s(Instruction.SB, Code.T1, Code.T0, write[0]));
        });
    }

    /**
     * Writes a request to the disk, in the order of its registers: drive, sector, sectors, command. A transfer on its
     * channel may serve it.
     */
    private GuestStep request() {
        int[] words = {choice.below(4), choice.of(0, 1, 127, choice.below(200), choice.operand()), choice.of(1, 2, 3,
                128, choice.below(200), choice.operand()), choice.of(1, 1, 2, 2, 3, choice.operand())};
        return new GuestStep("a request for the disk", code -> {
            code.li(Code.T0, (int) disk.base()).li(Code.T1, words[0]).store(Code.T1, Code.T0, 4);
            for (int n = 1; n < words.length; n++) {
                code.li(Code.T1, words[n]).store(Code.T1, Code.T0, 8 + 4 * n);
            }
        });
    }

    private GuestStep finish() {
        int value = choice.of(0x5555, 0x7777, 0x7777, 0x0007_3333, choice.operand());
        return new GuestStep("the end, or a new beginning",
                code -> code.li(Code.T0, (int) finisher.base()).li(Code.T1, value).store(Code.T1, Code.T0, 0));
    }
}
