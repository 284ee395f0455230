package ferrite.hardware.hart;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * The counters of one hart: mcycle, minstret, and the machine's time (privileged specification, sections 3.1.10 to
 * 3.1.12; Zicntr). A cycle is a tick of the clock that this hart spends. An instruction that traps spends a tick and is
 * not retired. The hardware performance counters 3 to 31 exist and count nothing.
 *
 * <p>Counting costs nothing while the hart runs. The ticks spent are the difference of the clock between the beginning
 * and the end of the hart's turn.
 */
final class Counters {

    private static final int CYCLE = 0;
    private static final int TIME = 1;
    private static final int INSTRET = 2;
    /**
     * Writable bits of mcountinhibit. Time has no bit, because it belongs to all harts. Counters that stand still need
     * none.
     */
    private static final int INHIBITABLE = 1 << CYCLE | 1 << INSTRET;

    private final Clock clock;
    private int inhibit;
    /** Difference between the counter and the ticks spent, or the counter itself while it is inhibited. */
    private long cycleBase;
    private long instretBase;
    private long spent;
    private long trapped;
    private long turnStart;
    private boolean hasTurn;

    Counters(Clock clock) {
        this.clock = clock;
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
        return switch (number) {
            case CYCLE -> isInhibited(CYCLE) ? cycleBase : cycleBase + spent() - unfinished;
            case TIME -> clock.mtime();
            case INSTRET -> isInhibited(INSTRET) ? instretBase : instretBase + retired() - unfinished;
            default -> 0;
        };
    }

    /** Sets mcycle or minstret to the value that the next instruction reads. Other counters ignore it. */
    void write(int number, long value) {
        switch (number) {
            case CYCLE -> cycleBase = isInhibited(CYCLE) ? value : value - spent();
            case INSTRET -> instretBase = isInhibited(INSTRET) ? value : value - retired();
            default -> { }
        }
    }

    int inhibit() {
        return inhibit;
    }

    /**
     * Writes mcountinhibit (section 3.1.12). A counter that is stopped keeps its value, and continues from it when it
     * is started.
     */
    void setInhibit(int value) {
        long cycle = read(CYCLE, 0);
        long instret = read(INSTRET, 0);
        inhibit = value & INHIBITABLE;
        write(CYCLE, cycle);
        write(INSTRET, instret);
    }

    private boolean isInhibited(int number) {
        return (inhibit >> number & 1) != 0;
    }

    void save(StateWriter out) {
        out.put32(inhibit);
        out.put64(cycleBase);
        out.put64(instretBase);
        out.put64(spent());
        out.put64(trapped);
    }

    void restore(StateReader in) {
        inhibit = in.getBits(INHIBITABLE);
        cycleBase = in.get64();
        instretBase = in.get64();
        spent = in.get64(0, Clock.LAST_TICK);
        trapped = in.get64(0, Clock.LAST_TICK);
        hasTurn = false;
    }
}
