package ferrite.hardware.turn;

import java.util.ArrayDeque;

/** Input for moments of the run, such as the recorded input of an earlier one. The controller schedules it. */
public final class TimedInputs {

    private record Input(long event, long tick, Runnable action) { }

    private final ArrayDeque<Input> inputs = new ArrayDeque<>();

    TimedInputs() { }

    /**
     * Schedules input for the first checkpoint with at least this event number and this tick. The event number and tick
     * at which input was recorded are such a moment. Calls come in the order of the moments.
     *
     * @param event see {@link Turn#eventNumber}
     * @param tick  the machine's time
     */
    public void at(long event, long tick, Runnable input) {
        inputs.add(new Input(event, tick, input));
    }

    /** Drops the input that has not been delivered yet. */
    public void drop() {
        inputs.clear();
    }

    /** Returns whether no input is left to deliver. */
    public boolean isEmpty() {
        return inputs.isEmpty();
    }

    void deliver(long event, long tick) {
        while (!inputs.isEmpty() && inputs.peek().event <= event && inputs.peek().tick <= tick) {
            inputs.poll().action.run();
        }
    }

    /** Returns the tick of the next input, if its event has come; the end of time otherwise. */
    long nextTick(long event) {
        Input next = inputs.peek();
        return next != null && next.event <= event ? next.tick : Long.MAX_VALUE;
    }
}
