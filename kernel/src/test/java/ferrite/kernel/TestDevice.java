package ferrite.kernel;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.interrupt.IrqLine;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/** A device that only raises an interrupt: on a call from outside, or at times that the guest sets. */
public final class TestDevice implements BusDevice, Saveable {

    public static final long BYTES = 0x1000;
    /** Reads as 1 while the interrupt is raised; any store clears it. */
    public static final int STATUS = 0;
    /** Raises the interrupt after a number of ticks; 0 cancels that. */
    public static final int DELAY = 4;
    /** Raises the interrupt periodically, with a number of ticks in between; 0 ends that. */
    public static final int PERIOD = 8;
    /** The number of interrupts raised. */
    public static final int COUNT = 12;

    private final IrqLine line;
    private final ClockEvent due;
    private boolean up;
    private int period;
    private int count;

    TestDevice(String name, Clock clock, IrqLine line) {
        this.line = line;
        this.due = clock.newEvent(name, this::fire);
    }

    /** Raises the interrupt. From outside: by the controller, while the machine waits. */
    public void raise() {
        up = true;
        count++;
        line.set(true);
    }

    private void fire() {
        raise();
        if (period != 0) {
            due.scheduleIn(period);
        }
    }

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        return switch ((int) offset) {
            case STATUS -> up ? 1 : 0;
            case PERIOD -> period;
            case COUNT -> count;
            default -> throw new BusFault(offset, width, "the test device has nothing here to read");
        };
    }

    @Override
    public void store(long offset, int width, int value) {
        switch ((int) offset) {
            case STATUS -> {
                up = false;
                line.set(false);
            }
            case DELAY -> schedule(value);
            case PERIOD -> {
                period = value;
                schedule(value);
            }
            default -> throw new BusFault(offset, width, "the test device has nothing here to write");
        }
    }

    private void schedule(int ticks) {
        if (ticks == 0) {
            due.cancel();
        } else {
            due.scheduleIn(ticks);
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putBoolean(up);
        out.putInts(new int[] {period, count});
    }

    @Override
    public void restore(StateReader in) {
        up = in.getBoolean();
        int[] words = new int[2];
        in.getInts(words);
        period = words[0];
        count = words[1];
    }
}
