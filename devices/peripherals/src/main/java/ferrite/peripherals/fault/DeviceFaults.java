package ferrite.peripherals.fault;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.hardware.turn.SeededRandom;
import java.util.List;

/** The faults of one device. They are decided by the number of the request and by the seed, so they can be repeated. */
public final class DeviceFaults implements Saveable {

    /** Makes the faults differ from the random numbers that others draw from the same seed. */
    private static final long SALT = 0x6661_756c_7473L;
    private static final int PERCENT = 100;
    private static final int NO_FAULT = -1;

    private final List<Fault> faults;
    private final SeededRandom random;
    private int requests;
    /** The ordinal of the present request's fault. */
    private int present = NO_FAULT;

    private DeviceFaults(List<Fault> faults, long seed) {
        this.faults = faults;
        this.random = new SeededRandom(seed);
    }

    /** Returns the faults of a device that has none. */
    public static DeviceFaults none() {
        return new DeviceFaults(List.of(), 0);
    }

    /**
     * Returns the faults of a device.
     *
     * @param all  the faults of all devices
     * @param seed the machine's seed
     */
    public static DeviceFaults of(String device, List<Fault> all, long seed) {
        return new DeviceFaults(all.stream().filter(fault -> fault.device().equals(device)).toList(),
                seed ^ SALT ^ device.hashCode());
    }

    /** Counts a request, and decides about its fault. */
    public void next() {
        if (faults.isEmpty()) {
            return;
        }
        requests++;
        present = NO_FAULT;
        for (Fault fault : faults) {
            int percent = fault.isProbable() ? random.below(PERCENT) : 0;
            if (present == NO_FAULT && fault.hits(requests, percent)) {
                present = fault.kind().ordinal();
            }
        }
    }

    /** Counts a request, see {@link #next}. Returns its fault, or null. */
    public FaultKind ofNext() {
        next();
        return present == NO_FAULT ? null : FaultKind.values()[present];
    }

    /** Tells whether the device may have faults. */
    public boolean areAny() {
        return !faults.isEmpty();
    }

    /** Tells whether the present request has a fault of a kind. */
    public boolean is(FaultKind kind) {
        return present == kind.ordinal();
    }

    @Override
    public void save(StateWriter out) {
        if (!faults.isEmpty()) {
            out.putInts(new int[] {requests, present});
            random.save(out);
        }
    }

    @Override
    public void restore(StateReader in) {
        if (!faults.isEmpty()) {
            int[] words = new int[2];
            in.getInts(words);
            requests = words[0];
            present = words[1];
            random.restore(in);
        }
    }
}
