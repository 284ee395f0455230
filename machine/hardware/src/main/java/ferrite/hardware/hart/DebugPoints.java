package ferrite.hardware.hart;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.AccessWatch;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Breakpoints and watchpoints of a debugger, by virtual address, for all harts of a machine.
 *
 * <p>No guest memory is changed, so they survive a reset, a reload and a restore. A page with a point is kept out of
 * the fast paths, and all other pages pay nothing (law 8). A point that is set twice must be cleared twice. Single
 * owner: the thread that holds the turn.
 */
public final class DebugPoints implements AccessWatch {

    /** The accesses that a watchpoint reports. */
    public enum Kind {
        WRITE, READ, ACCESS;

        /** Tells whether an access is reported. */
        public boolean reports(boolean store) {
            return this == ACCESS || store == (this == WRITE);
        }
    }

    /**
     * Bytes whose accesses are reported.
     *
     * @param va    the first byte
     * @param bytes their number, at least 1
     */
    public record Watchpoint(Kind kind, long va, long bytes) {

        boolean reports(long accessVa, int accessBytes, boolean store) {
            return kind.reports(store) && accessVa < va + bytes && va < accessVa + accessBytes;
        }
    }

    /**
     * Traps that are reported.
     *
     * @param cause as {@code mcause} shows it
     * @param modes the modes from which they are taken, a bit for each mode's number
     */
    public record CaughtTrap(int cause, int modes) { }

    /** Receiver of the points that a hart reaches. It may inspect, and stop the machine. */
    public interface Listener {

        /** Reports a hart that is about to execute the instruction at a breakpoint, and will not before it is told. */
        void breakpoint(Hart hart);

        /**
         * Reports an access that a hart is about to make, and will not before it is told. An access of Java code is
         * made all the same, and the machine stops after it.
         */
        void watchpoint(Hart hart, Watchpoint point, long va, boolean store);

        /** Reports an {@code ebreak} that a hart is about to execute, and will not. */
        void ebreak(Hart hart);

        /** Reports a trap that was taken. The hart is at its handler. */
        void trap(Hart hart, int cause);
    }

    private static final Predicate<Hart> ALWAYS = hart -> true;

    /** The conditions of the breakpoints at each address. */
    private final Map<Integer, List<Predicate<Hart>>> breakpoints = new TreeMap<>();
    private final BitSet breakpointPages = new BitSet();
    private final List<Watchpoint> watchpoints = new ArrayList<>();
    private final BitSet watchedPages = new BitSet();
    private final List<CaughtTrap> caughtTraps = new ArrayList<>();
    private final List<Hart> harts = new ArrayList<>();
    private Listener listener;
    private Runnable watchpointsChanged = () -> { };
    private boolean stopsAtEbreak;

    /** Installs the points in harts. */
    public void addTo(PhysicalBus bus, List<Hart> newHarts) {
        harts.addAll(newHarts);
        harts.forEach(hart -> hart.use(this));
        bus.watchSoftware(this);
    }

    public void onReached(Listener newListener) {
        listener = newListener;
    }

    /** Sets a listener that is told when a watchpoint has been set or cleared. */
    public void onWatchpointsChanged(Runnable listener) {
        watchpointsChanged = listener;
    }

    // ---- for the debugger ----

    /** Sets a breakpoint that stops every hart. */
    public void setBreakpoint(long va) {
        setBreakpoint(va, ALWAYS);
    }

    /**
     * Sets a breakpoint with a condition, which may only inspect. Several may be at one address; one of them that holds
     * is enough.
     */
    public void setBreakpoint(long va, Predicate<Hart> condition) {
        breakpoints.computeIfAbsent((int) va, at -> new ArrayList<>()).add(condition);
        breakpointPages.set(page(va));
        dropFastPaths();
    }

    /** Clears a breakpoint without a condition. Returns whether it was set. */
    public boolean clearBreakpoint(long va) {
        return clearBreakpoint(va, ALWAYS);
    }

    /** Clears a breakpoint with this condition. Returns whether it was set. */
    public boolean clearBreakpoint(long va, Predicate<Hart> condition) {
        List<Predicate<Hart>> conditions = breakpoints.get((int) va);
        boolean wasSet = conditions != null && conditions.remove(condition);
        if (wasSet && conditions.isEmpty()) {
            breakpoints.remove((int) va);
            breakpointPages.clear();
            breakpoints.keySet().forEach(at -> breakpointPages.set(page(at & 0xffff_ffffL)));
        }
        return wasSet;
    }

    public void setWatchpoint(Watchpoint point) {
        watchpoints.add(point);
        mark(point);
        dropFastPaths();
        watchpointsChanged.run();
    }

    /** Clears a watchpoint. Returns whether it was set. */
    public boolean clearWatchpoint(Watchpoint point) {
        boolean wasSet = watchpoints.remove(point);
        watchedPages.clear();
        watchpoints.forEach(this::mark);
        watchpointsChanged.run();
        return wasSet;
    }

    public List<Watchpoint> watchpoints() {
        return List.copyOf(watchpoints);
    }

    /** Reports traps until {@link #ignoreTrap}. */
    public void catchTrap(CaughtTrap trap) {
        caughtTraps.add(trap);
    }

    /** Ends {@link #catchTrap}. Returns whether the trap was caught. */
    public boolean ignoreTrap(CaughtTrap trap) {
        return caughtTraps.remove(trap);
    }

    /** Decides whether an {@code ebreak} whose trap M-mode would handle is reported instead. */
    public void stopAtEbreak(boolean stops) {
        stopsAtEbreak = stops;
    }

    private void mark(Watchpoint point) {
        watchedPages.set(page(point.va), page(point.va + point.bytes - 1) + 1);
    }

    private void dropFastPaths() {
        harts.forEach(hart -> hart.mmu().dropFastPaths());
    }

    // ---- for the harts ----

    /** Tells whether the page of an address has a breakpoint. */
    boolean hasBreakpoint(long va) {
        return breakpointPages.get(page(va));
    }

    /** Tells whether a hart stops before the instruction at its pc. */
    boolean breaks(Hart hart) {
        List<Predicate<Hart>> conditions = breakpoints.isEmpty() ? null : breakpoints.get(hart.pc());
        return conditions != null && conditions.stream().anyMatch(condition -> condition.test(hart));
    }

    void reachedBreakpoint(Hart hart) {
        listener.breakpoint(hart);
    }

    @Override
    public boolean mayBeFast(long va, long pa) {
        return !watchedPages.get(page(asSoftwareKnows(va, pa)));
    }

    private static long asSoftwareKnows(long va, long pa) {
        return va == PHYSICAL ? pa : va;
    }

    /**
     * Reports an access to a watched page, if it concerns a watchpoint.
     *
     * @throws WatchpointStop if the hart executes machine code
     */
    @Override
    public void beforeAccess(BusMaster master, long va, long pa, int bytes, Access access) {
        if (access == Access.FETCH || mayBeFast(va, pa)) {
            return;
        }
        long address = asSoftwareKnows(va, pa);
        boolean store = access == Access.STORE;
        for (Watchpoint point : watchpoints) {
            if (point.reports(address, bytes, store)) {
                Hart hart = Hart.of(harts, master);
                if (hart.passesWatchpoints()) {
                    return;
                }
                WatchpointStop stop = new WatchpointStop(point, address, store);
                if (!hart.isAtGate()) {
                    throw stop;
                }
                reachedWatchpoint(hart, stop);
                return;
            }
        }
    }

    void reachedWatchpoint(Hart hart, WatchpointStop stop) {
        listener.watchpoint(hart, stop.point, stop.va, stop.store);
    }

    /** Reports an {@code ebreak} if it must not trap. Returns whether it was reported. */
    boolean takesEbreak(Hart hart) {
        if (!stopsAtEbreak || hart.handlerMode(Trap.BREAKPOINT) != PrivilegeMode.M) {
            return false;
        }
        listener.ebreak(hart);
        return true;
    }

    void trapped(Hart hart, int cause) {
        for (CaughtTrap caught : caughtTraps) {
            if (caught.cause == cause && (caught.modes >> hart.mode() & 1) != 0) {
                listener.trap(hart, cause);
                return;
            }
        }
    }

    private static int page(long va) {
        return (int) ((va & 0xffff_ffffL) >>> 12);
    }
}
