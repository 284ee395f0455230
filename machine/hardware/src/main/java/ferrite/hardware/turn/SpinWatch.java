package ferrite.hardware.turn;

import ferrite.hardware.bus.AddressRange;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.BusTracer;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.instruction.Decoder;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * A proof that machine code spins for ever. Every hart that runs is in a loop that brings it back to the same state,
 * and nothing can end the loop: no event is due, no input can come, no hart depends on the time or on another hart.
 *
 * <p><b>Moments.</b> The watch looks at moments that depend on the number of instructions alone, so that each run ends
 * at the same one. Between them it costs nothing. While it looks, the harts take single steps. This changes nothing
 * about the run. (A run that is restored from a snapshot in the middle of a look ends at the next one.)
 *
 * <p><b>The suspicion.</b> It arises when every hart that runs is back at the same pc with the same registers. Nearly
 * all looks end without it, and they are cheap.
 *
 * <p><b>The proof.</b> Then the bus tells of all accesses. A hart's loop is closed when its registers, CSRs and TLB,
 * without the counters, and each word of RAM that it has changed are again as at the loop's start. A hart then repeats
 * the loop under every interleaving, if
 * no other hart changes a word that the loop reads or changes. The watch gives up, and is wrong in this direction only,
 * at an instruction that reads a counter, at SC, at a call of semihosting, which may ask for the time, at an interrupt,
 * and at accesses to devices, except loads that change nothing from devices without a clock.
 */
public final class SpinWatch {

    /** The number of instructions at the first look. The later ones are at each double of it. */
    private static final long FIRST_LOOK = 1L << 23;
    private static final int MAX_LOOP = 2048;
    /** The steps of all harts in a look. A slice has up to a few thousand. */
    private static final int MAX_STEPS = 1 << 17;
    private static final int ALL_OF_A_WORD = 4;

    /** A hart in a loop: its pc now, and the number of instructions in the loop. */
    public record Spin(int hart, long pc, int instructions) { }

    /** A device with registers that depend on nothing but its state, and its name on the bus. */
    public record SteadyDevice(String name, Saveable state) { }

    private final PhysicalBus bus;
    private final Clock clock;
    private final List<Hart> harts;
    private final List<SteadyDevice> devices;
    private final BooleanSupplier isUndisturbed;
    private final long firstLook;
    private final BusTracer accesses = new Accesses();
    private long next;
    /** The loops by hart while the watch looks; null between two looks. */
    private Loop[] loops;
    /** Whether the loops are for a proof, or for a suspicion. */
    private boolean proves;
    private Loop current;
    private int steps;
    private boolean gaveUp;
    private byte[] devicesBefore;
    private List<Spin> found = List.of();

    /**
     * @param devices       the devices from which a loop may load
     * @param isUndisturbed tells whether neither a person, nor a debugger, nor input can change the machine from now on
     */
    public SpinWatch(PhysicalBus bus, Clock clock, List<Hart> harts, List<SteadyDevice> devices,
            BooleanSupplier isUndisturbed) {
        this(bus, clock, harts, devices, isUndisturbed, FIRST_LOOK);
    }

    SpinWatch(PhysicalBus bus, Clock clock, List<Hart> harts, List<SteadyDevice> devices,
            BooleanSupplier isUndisturbed, long firstLook) {
        this.firstLook = firstLook;
        this.bus = bus;
        this.clock = clock;
        this.harts = List.copyOf(harts);
        this.devices = List.copyOf(devices);
        this.isUndisturbed = isUndisturbed;
        forget();
    }

    /** Returns the harts that spin, after {@link Turn.Stop#SPINNING}. */
    public List<Spin> found() {
        return found;
    }

    /** Ends a look, because the machine is at another moment now. */
    void forget() {
        endLook();
        next = lookFrom(clock.instructions());
    }

    private long lookFrom(long instructions) {
        long between = Math.max(firstLook, Long.highestOneBit(instructions));
        return Math.max(1, (instructions + between - 1) / between) * between;
    }

    /** Returns the ticks for which harts may run until the watch wants to be called again. */
    long ticksLeft() {
        return loops != null ? 1 : next - clock.instructions();
    }

    /**
     * Looks at a hart before it runs.
     *
     * @return true if all harts spin for ever
     */
    boolean look(Hart hart) {
        if (loops == null && clock.instructions() < next) {
            return false;
        }
        if (loops == null && isCalm()) {
            beginLoops(false);
        }
        if (loops != null && isCalm() && !gaveUp && bus.tracer() == (proves ? accesses : null) && follow(hart)) {
            if (!doAllSpin()) {
                return false;
            }
            if (!proves) {
                beginProof();
                follow(hart);
                return false;
            }
            found = spins();
        } else {
            found = List.of();
        }
        endLook();
        next = lookFrom(clock.instructions() + 1);
        return !found.isEmpty();
    }

    private boolean isCalm() {
        return clock.nextDue() == Long.MAX_VALUE && isUndisturbed.getAsBoolean();
    }

    private void beginLoops(boolean forProof) {
        loops = new Loop[harts.size()];
        proves = forProof;
        steps = 0;
        gaveUp = false;
    }

    private void beginProof() {
        beginLoops(true);
        devicesBefore = deviceStates();
        bus.trace(accesses, true);
    }

    private void endLook() {
        if (loops != null && bus.tracer() == accesses) {
            bus.trace(null, false);
        }
        loops = null;
    }

    private byte[] deviceStates() {
        StateWriter out = new StateWriter();
        devices.forEach(device -> device.state().save(out));
        return out.toBytes();
    }

    /** Follows the loop of a hart to the present moment. Returns false if nothing can be proved. */
    private boolean follow(Hart hart) {
        current = loops[hart.id()];
        if (current == null) {
            current = new Loop(hart);
            loops[hart.id()] = current;
        } else if (!current.isClosed()) {
            current.step();
        }
        return ++steps < MAX_STEPS && current.steps <= MAX_LOOP && hart.interruptToTake() == 0
                && !(proves && dependsOnMore(hart));
    }

    /** Tells whether the next instruction depends on more than registers and memory: time, a reservation, the host. */
    private boolean dependsOnMore(Hart hart) {
        int word = instruction(hart);
        Instruction row = Decoder.isCompressed(word) ? null : Decoder.decode(word);
        if (row == null) {
            return false;
        }
        int counters = word >>> 20 & ~0x9f;
        return switch (row) {
            case SC_W -> true;
            case EBREAK -> hart.mayCallHost();
            case CSRRW, CSRRS, CSRRC, CSRRWI, CSRRSI, CSRRCI -> counters == Csrs.CYCLE || counters == Csrs.MCYCLE;
            default -> false;
        };
    }

    /** Returns the instruction at the pc of a hart, or 0 if it is not in RAM: its fetch is an access then. */
    private int instruction(Hart hart) {
        int low = parcel(hart, hart.pc());
        return Decoder.isCompressed(low) ? low : low | parcel(hart, hart.pc() + 2) << 16;
    }

    private int parcel(Hart hart, int va) {
        long pa = hart.mmu().peekTranslate(va, hart.mode());
        return pa >= 0 && bus.ram().contains(pa) ? bus.peek(pa, 2) : 0;
    }

    private boolean doAllSpin() {
        for (Hart hart : harts) {
            Loop loop = loops[hart.id()];
            if (hart.isRunnable() && (loop == null || !loop.isClosed())) {
                return false;
            }
        }
        for (Loop loop : loops) {
            for (Loop other : loops) {
                gaveUp |= proves && loop != null && other != null && loop != other && loop.dependsOn(other);
            }
        }
        return !gaveUp;
    }

    private List<Spin> spins() {
        List<Spin> spins = new ArrayList<>();
        for (Hart hart : harts) {
            if (hart.isRunnable()) {
                spins.add(new Spin(hart.id(), hart.pc() & 0xffff_ffffL, loops[hart.id()].steps));
            }
        }
        return spins;
    }

    /** The loop of a hart, from the moment at which it was seen first. */
    private final class Loop {

        private final Hart hart;
        private final int[] registers = registers();
        private final int[] now = registers();
        private final int pc;
        private final byte[] state;
        private final TreeSet<Long> read = new TreeSet<>();
        /** The words of RAM that the hart has changed, and their first values. */
        private final Map<Long, Integer> changed = new TreeMap<>();
        private int steps;
        private boolean closed;

        Loop(Hart hart) {
            this.hart = hart;
            hart.getRegisters(registers);
            pc = hart.pc();
            state = proves ? state() : null;
        }

        private static int[] registers() {
            return new int[32];
        }

        private byte[] state() {
            StateWriter out = new StateWriter();
            hart.saveWithoutCounters(out);
            return out.toBytes();
        }

        boolean isClosed() {
            return closed;
        }

        /** Takes note of a step. The cheap comparisons come first. */
        void step() {
            steps++;
            if (hart.pc() == pc) {
                hart.getRegisters(now);
                closed = Arrays.equals(now, registers) && (!proves || isAsBefore());
            }
        }

        private boolean isAsBefore() {
            return changed.entrySet().stream().allMatch(word ->
                            bus.peek(word.getKey(), ALL_OF_A_WORD) == word.getValue())
                    && Arrays.equals(state(), state);
        }

        boolean dependsOn(Loop other) {
            return other.changed.keySet().stream().anyMatch(word -> read.contains(word) || changed.containsKey(word));
        }
    }

    /** The accesses of the current hart, page tables and instructions included. */
    private final class Accesses implements BusTracer {

        @Override
        public void ram(BusMaster master, long pa, int width, int value, boolean store) {
            long word = pa & -ALL_OF_A_WORD;
            int mask = (int) ((1L << 8 * width) - 1);
            if (store && (bus.peek(pa, width) & mask) != (value & mask)) {
                current.changed.putIfAbsent(word, bus.peek(word, ALL_OF_A_WORD));
            } else {
                current.read.add(word);
            }
        }

        @Override
        public void device(BusMaster master, AddressRange device, long pa, int width, int value, boolean store) {
            gaveUp |= store || devices.stream().noneMatch(steady -> steady.name().equals(device.name()))
                    || !Arrays.equals(deviceStates(), devicesBefore);
        }

        @Override
        public void block(BusMaster master, long pa, int length, boolean store) {
            gaveUp = true;
        }
    }
}
