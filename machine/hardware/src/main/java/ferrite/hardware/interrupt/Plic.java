package ferrite.hardware.interrupt;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The platform-level interrupt controller (RISC-V PLIC specification 1.0.0), for level-triggered sources 1 to 31.
 * Context 2h is hart h in M-mode, context 2h+1 hart h in S-mode.
 *
 * <pre>
 * 0x000000  priority of source n at 4n
 * 0x001000  pending bits
 * 0x002000  enable bits of context c at 0x80 c
 * 0x200000  context c at 0x1000 c: threshold, claim/complete
 * </pre>
 */
public final class Plic implements BusDevice, Saveable {

    public static final long BYTES = 0x40_0000;
    public static final int SOURCES = 32;
    public static final int MAX_PRIORITY = 7;

    private static final long PENDING = 0x1000;
    private static final long ENABLE = 0x2000;
    private static final int ENABLE_STRIDE = 0x80;
    private static final long CONTEXT = 0x20_0000;
    private static final int CONTEXT_STRIDE = 0x1000;
    private static final int CLAIM = 4;

    private final List<Hart> harts;
    private final int[] priority = new int[SOURCES];
    private final int[] enable;
    private final int[] threshold;
    /** Wires that are high, a bit per source. */
    private int level;
    /** Requests latched by the gateways, a bit per source. */
    private int pending;
    /** Sources claimed and not yet completed. Their gateways forward nothing meanwhile. */
    private int inService;

    public Plic(List<Hart> harts) {
        this.harts = List.copyOf(harts);
        this.enable = new int[2 * harts.size()];
        this.threshold = new int[2 * harts.size()];
    }

    /** Returns the wire of an interrupt source, 1 to 31. */
    public IrqLine line(int source) {
        if (source < 1 || source >= SOURCES) {
            throw new IllegalArgumentException("the PLIC has sources 1 to " + (SOURCES - 1) + ", not " + source);
        }
        return up -> {
            level = up ? level | 1 << source : level & ~(1 << source);
            gateways();
        };
    }

    /**
     * Latches requests. A level-triggered gateway forwards a request while its wire is high and no earlier one is being
     * served.
     */
    private void gateways() {
        pending |= level & ~inService;
        drive();
    }

    private void drive() {
        for (int context = 0; context < enable.length; context++) {
            int cause = (context & 1) == 0 ? Trap.MACHINE_EXTERNAL : Trap.SUPERVISOR_EXTERNAL;
            harts.get(context / 2).setInterruptWire(cause, best(context, threshold[context]) != 0);
        }
    }

    /**
     * Returns the pending, enabled source with the highest priority above a limit, or 0. The lowest number wins a tie.
     */
    private int best(int context, int limit) {
        int best = 0;
        for (int source = 1; source < SOURCES; source++) {
            boolean candidate = (pending & enable[context] & 1 << source) != 0 && priority[source] > limit;
            if (candidate && (best == 0 || priority[source] > priority[best])) {
                best = source;
            }
        }
        return best;
    }

    /**
     * Claims a source. The threshold decides whether the context is interrupted, but does not limit its claims (chapter
     * 8).
     */
    private int claim(int context) {
        int source = best(context, 0);
        if (source != 0) {
            pending &= ~(1 << source);
            inService |= 1 << source;
            drive();
        }
        return source;
    }

    /** Completes a source. The completion is ignored if the context does not enable the source (chapter 9). */
    private void complete(int context, int source) {
        if (source > 0 && source < SOURCES && (enable[context] & 1 << source) != 0) {
            inService &= ~(1 << source);
            gateways();
        }
    }

    @Override
    public int load(long offset, int width) {
        int context = claimContext(offset, width);
        return context >= 0 ? claim(context) : peek(offset, width);
    }

    @Override
    public void store(long offset, int width, int value) {
        int claims = claimContext(offset, width);
        if (claims >= 0) {
            complete(claims, value);
            return;
        }
        if (offset < PENDING) {
            priority[source(offset, width)] = value & MAX_PRIORITY;
        } else if (offset >= CONTEXT) {
            threshold[context(offset, CONTEXT, CONTEXT_STRIDE, width)] = value & MAX_PRIORITY;
        } else if (offset >= ENABLE) {
            enable[context(offset, ENABLE, ENABLE_STRIDE, width)] = value & ~1;
        }
        drive();
    }

    @Override
    public int peek(long offset, int width) {
        if (offset < PENDING) {
            return priority[source(offset, width)];
        }
        if (offset < ENABLE) {
            requireWord(offset, width);
            return offset == PENDING ? pending : 0;
        }
        if (offset < CONTEXT) {
            return enable[context(offset, ENABLE, ENABLE_STRIDE, width)];
        }
        int context = claimContext(offset, width);
        return context >= 0 ? best(context, 0) : threshold[context(offset, CONTEXT, CONTEXT_STRIDE, width)];
    }

    /** Returns the context of a claim register, or -1 for any other offset. */
    private int claimContext(long offset, int width) {
        if (offset < CONTEXT || (offset - CONTEXT) % CONTEXT_STRIDE != CLAIM) {
            return -1;
        }
        return context(offset - CLAIM, CONTEXT, CONTEXT_STRIDE, width);
    }

    private static void requireWord(long offset, int width) {
        if (width != 4) {
            throw new BusFault(offset, width, "the PLIC has no such register here");
        }
    }

    private static int source(long offset, int width) {
        if (width != 4 || offset / 4 >= SOURCES) {
            throw new BusFault(offset, width, "the PLIC has no such register here");
        }
        return (int) offset / 4;
    }

    private int context(long offset, long start, int stride, int width) {
        long context = (offset - start) / stride;
        if (width != 4 || (offset - start) % stride != 0 || context >= enable.length) {
            throw new BusFault(offset, width, "the PLIC has no such register here");
        }
        return (int) context;
    }

    // ---- looking ----

    /** The state of a source, for an inspector. */
    public record SourceState(int source, int priority, boolean high, boolean pending, boolean inService) { }

    /** The state of a context, for an inspector. {@code best} is the source that it would claim, or 0. */
    public record ContextState(int hart, boolean machineMode, int threshold, int enabled, int best) { }

    /** Returns the sources that software has set up, or whose wire is high. */
    public List<SourceState> lookAtSources() {
        int enabled = 0;
        for (int bits : enable) {
            enabled |= bits;
        }
        List<SourceState> states = new ArrayList<>();
        for (int source = 1; source < SOURCES; source++) {
            int bit = 1 << source;
            if (priority[source] != 0 || ((enabled | level | pending | inService) & bit) != 0) {
                states.add(new SourceState(source, priority[source], (level & bit) != 0, (pending & bit) != 0,
                        (inService & bit) != 0));
            }
        }
        return states;
    }

    /** Returns all contexts. */
    public List<ContextState> lookAtContexts() {
        List<ContextState> states = new ArrayList<>();
        for (int context = 0; context < enable.length; context++) {
            states.add(new ContextState(context / 2, (context & 1) == 0, threshold[context], enable[context],
                    best(context, 0)));
        }
        return states;
    }

    @Override
    public void save(StateWriter out) {
        out.putInts(priority);
        out.putInts(enable);
        out.putInts(threshold);
        out.putInts(new int[] {level, pending, inService});
    }

    @Override
    public void restore(StateReader in) {
        in.getInts(priority);
        in.getInts(enable);
        in.getInts(threshold);
        int[] wires = new int[3];
        in.getInts(wires);
        level = wires[0];
        pending = wires[1];
        inService = wires[2];
    }
}
