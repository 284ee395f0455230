package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import java.util.ArrayList;
import java.util.List;

/**
 * OpenOCD's {@code riscv repeat_read}: reads one address again and again, to sample a device or to empty its buffer.
 * These are real reads, with their side effects. After each one a step of the timebase passes, as on hardware, where
 * the clocks of devices go on while the harts stand still. Events of devices happen at their times, and no hart
 * executes anything.
 */
final class RepeatedRead {

    static final String USAGE = "repeat_read COUNT ADDRESS [SIZE]";

    private static final BusMaster DEBUGGER = BusMaster.host("debugger");
    private static final int MAX_COUNT = 16384;
    /** The bytes of each line of values, as OpenOCD prints them. */
    private static final int LINE_BYTES = 32;

    private final Machine machine;

    RepeatedRead(Machine machine) {
        this.machine = machine;
    }

    /** @param words the command's words: its name, and then the arguments */
    Report run(String[] words) throws MonitorException {
        if (words.length < 3 || words.length > 4) {
            throw new MonitorException("'riscv " + USAGE + "' is expected");
        }
        long count = RiscvCommand.number(words[1]);
        if (count < 0 || count > MAX_COUNT) {
            throw new MonitorException("'" + words[1] + "' is no number of reads, 0 to " + MAX_COUNT);
        }
        long size = words.length == 3 ? 4 : RiscvCommand.number(words[3]);
        if (size != 1 && size != 2 && size != 4) {
            throw new MonitorException("'" + words[3] + "' is no size of a read, which is 1, 2 or 4 bytes");
        }
        long pa = translate(words[2], (int) size);
        if (!machine.control().isHalted()) {
            throw new MonitorException("the machine is running; 'halt' comes first");
        }
        List<Long> values = read(pa, (int) size, (int) count);
        return Report.ofText("riscv", text(values, (int) size)).numbers("values", values);
    }

    /** Translates an address of the hart that halted last. */
    private long translate(String typed, int size) throws MonitorException {
        long va = RiscvCommand.number(typed);
        if (va < 0 || va >>> 32 != 0 || va % size != 0) {
            throw new MonitorException("'" + typed + "' is no address of " + size + (size == 1 ? " byte" : " bytes")
                    + ", a multiple of " + size + " below 0x100000000");
        }
        Hart hart = machine.harts().get(machine.control().lastHalt().hart());
        long pa = hart.mmu().peekTranslate((int) va, hart.dataMode());
        for (AddressRange range : machine.bus().ranges()) {
            if (range.contains(pa)) {
                return pa;
            }
        }
        throw new MonitorException("at " + Hex.address(va) + " hart " + hart.id() + " has neither RAM nor a device");
    }

    private List<Long> read(long pa, int size, int count) throws MonitorException {
        List<Long> values = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                values.add(machine.bus().load(DEBUGGER, pa, size) & -1L >>> 64 - 8 * size);
                pass(machine.clock());
            }
        } catch (BusFault refused) {
            throw new MonitorException("after " + values.size() + " reads: " + refused.getMessage());
        }
        return values;
    }

    /** Lets a step of the timebase pass. */
    private static void pass(Clock clock) {
        long end = clock.now() + clock.ticksPerCount();
        for (long due = clock.nextDue(); due <= end; due = clock.nextDue()) {
            clock.jumpTo(due);
            clock.fireDue();
        }
        clock.jumpTo(end);
    }

    private static String text(List<Long> values, int size) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            boolean ends = (i + 1) * size % LINE_BYTES == 0 || i == values.size() - 1;
            out.append(Hex.digits(values.get(i), 2 * size)).append(ends ? '\n' : ' ');
        }
        return out.toString();
    }
}
