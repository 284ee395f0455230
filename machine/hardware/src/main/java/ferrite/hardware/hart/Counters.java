package ferrite.hardware.hart;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.Arrays;

/**
 * The counters of one hart: mcycle, minstret, the machine's time, and the hardware performance counters 3 to 31
 * (privileged specification, sections 3.1.10 to 3.1.12; Zicntr, Zihpm). A cycle is a tick of the clock that this hart
 * spends. An instruction that traps spends a tick and is not retired. Each performance counter counts the event that
 * its mhpmevent names, and stands still without one:
 *
 * <pre>
 *  0  none; an unknown event becomes none
 *  1  cycles
 *  2  instructions retired
 *  3  instructions that trapped
 * </pre>
 *
 * <p>Counting costs nothing while the hart runs. The ticks spent are the difference of the clock between the beginning
 * and the end of the hart's turn.
 */
final class Counters {

    /** The first counter with an event register. */
    static final int FIRST_WITH_EVENT = 3;

    private static final int COUNT = 32;

    private static final int CYCLE = 0;
    private static final int TIME = 1;
    private static final int INSTRET = 2;

    // the events
    private static final int NONE = 0;
    private static final int CYCLES = 1;
    private static final int RETIRED = 2;
    private static final int TRAPPED = 3;

    /** Writable bits of mcountinhibit. Time has no bit, because it belongs to all harts. */
    private static final int INHIBITABLE = ~(1 << TIME);

    private final Clock clock;
    private int inhibit;
    private final int[] events = new int[COUNT];
    /** Differences between the counters and the numbers of their events, or the counters while they stand still. */
    private final long[] bases = new long[COUNT];
    private long spent;
    private long trapped;
    private long turnStart;
    private boolean hasTurn;

    Counters(Clock clock) {
        this.clock = clock;
        events[CYCLE] = CYCLES;
        events[INSTRET] = RETIRED;
    }

    void beginTurn() {
        turnStart = clock.instructions();
        hasTurn = true;
    }

    void endTurn() {
        spent = spent();
        hasTurn = false;
    }

    /** Counts a trap of the instruction that spent the last tick. */
    void instructionTrapped() {
        trapped++;
    }

    /** Returns the ticks that the hart has spent. */
    long spent() {
        return hasTurn ? spent + clock.instructions() - turnStart : spent;
    }

    /** Returns the instructions retired since reset. */
    long retired() {
        return spent() - trapped;
    }

    /**
     * Reads counter {@code number}, 0 to 31.
     *
     * @param unfinished the ticks of the reading instruction, 1 or 0, which are spent but do not count yet (section 9.1
     * of the unprivileged specification)
     */
    long read(int number, int unfinished) {
        return number == TIME ? clock.mtime()
                : standsStill(number) ? bases[number] : bases[number] + happened(events[number], unfinished);
    }

    private long happened(int event, int unfinished) {
        return event == TRAPPED ? trapped : event == RETIRED ? retired() - unfinished : spent() - unfinished;
    }

    /** Sets a counter to the value that the next instruction reads. Time ignores it. */
    void write(int number, long value) {
        if (number != TIME) {
            bases[number] = standsStill(number) ? value : value - happened(events[number], 0);
        }
    }

    /** Returns the event of counter {@code number}, 3 to 31. */
    int event(int number) {
        return events[number];
    }

    /** Selects the event of counter {@code number}, 3 to 31. The counter goes on from its value. */
    void setEvent(int number, int event) {
        long value = read(number, 0);
        events[number] = event >= NONE && event <= TRAPPED ? event : NONE;
        write(number, value);
    }

    int inhibit() {
        return inhibit;
    }

    /**
     * Writes mcountinhibit (section 3.1.12). A counter that is stopped keeps its value, and continues from it when it
     * is started.
     */
    void setInhibit(int value) {
        long[] values = new long[COUNT];
        for (int number = 0; number < COUNT; number++) {
            values[number] = read(number, 0);
        }
        inhibit = value & INHIBITABLE;
        for (int number = 0; number < COUNT; number++) {
            write(number, values[number]);
        }
    }

    private boolean standsStill(int number) {
        return events[number] == NONE || (inhibit >> number & 1) != 0;
    }

    void save(StateWriter out) {
        out.put32(inhibit);
        out.putInts(Arrays.copyOfRange(events, FIRST_WITH_EVENT, COUNT));
        for (long base : bases) {
            out.put64(base);
        }
        out.put64(spent());
        out.put64(trapped);
    }

    void restore(StateReader in) {
        inhibit = in.getBits(INHIBITABLE);
        int[] selected = new int[COUNT - FIRST_WITH_EVENT];
        in.getInts(selected);
        for (int event : selected) {
            StateReader.requireThat(event >= NONE && event <= TRAPPED, "a counter has the unknown event " + event);
        }
        System.arraycopy(selected, 0, events, FIRST_WITH_EVENT, selected.length);
        for (int number = 0; number < COUNT; number++) {
            bases[number] = in.get64();
        }
        spent = in.get64(0, Clock.LAST_TICK);
        trapped = in.get64(0, Clock.LAST_TICK);
        hasTurn = false;
    }
}
