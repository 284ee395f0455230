package ferrite.hardware.turn;

import ferrite.hardware.hart.DebugPoints;
import java.util.Locale;

/**
 * A stop of the machine for a debugger.
 *
 * @param reason   the reason
 * @param hart     the hart that the stop is about
 * @param point    the watchpoint of a {@link Reason#WATCHPOINT} or {@link Reason#DEVICE_ACCESS}, or null
 * @param sentence the stop in words for a person, or null if the reason says it all
 */
public record Halt(Reason reason, int hart, DebugPoints.Watchpoint point, String sentence) {

    /** The reasons for which the machine stops for a debugger. */
    public enum Reason {
        /** A request, such as {@code halt} or an interrupt from GDB. */
        REQUEST,
        /** The run has not begun. */
        START,
        BREAKPOINT,
        WATCHPOINT,
        /** A device accessed the memory of a watchpoint. */
        DEVICE_ACCESS,
        /** A step is complete. */
        STEP,
        /** An {@code ebreak} instruction. */
        EBREAK,
        /** A trap that the debugger catches. */
        TRAP,
        /** A reported violation, or another event of the software that the debugger asked for. */
        EVENT,
        /** A hart took a trap, and its handler cannot be fetched. */
        CRASH,
        /** Every hart that may run waits, and no event will wake one. */
        WAITING
    }

    /** Returns whether the machine has stopped by itself, at a point that was set before. */
    public boolean isAtPoint() {
        return reason != Reason.REQUEST && reason != Reason.START && reason != Reason.STEP;
    }

    /** Returns the stop in words for a person. */
    public String inWords() {
        return sentence != null ? sentence : switch (reason) {
            case REQUEST -> "a debugger asked for it";
            case START -> "the run has not begun";
            case BREAKPOINT -> "hart " + hart + " has reached a breakpoint";
            case STEP -> "hart " + hart + " has made a step";
            case EBREAK -> "hart " + hart + " has reached an ebreak instruction";
            case CRASH -> "hart " + hart + " took a trap whose handler cannot be fetched";
            case WAITING -> "every hart that may run waits, and nothing will wake one";
            case WATCHPOINT, DEVICE_ACCESS, TRAP, EVENT -> reason.name().toLowerCase(Locale.ROOT) + " on hart " + hart;
        };
    }

    static Halt of(Reason reason, int hart) {
        return new Halt(reason, hart, null, null);
    }
}
