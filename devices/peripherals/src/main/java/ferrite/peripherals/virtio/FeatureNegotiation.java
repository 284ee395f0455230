package ferrite.peripherals.virtio;

import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * The features that a device offers and those that its driver accepts (section 2.2): 64 bits, seen through 32-bit
 * windows.
 */
final class FeatureNegotiation implements Saveable {

    /** Features that every device offers. */
    private static final long OFFERED_TO_ALL = 1L << VirtioRegisters.F_VERSION_1 | 1L << VirtioRegisters.F_INDIRECT_DESC
            | 1L << VirtioRegisters.F_EVENT_IDX;

    private final long offered;
    private long accepted;
    private int offeredWindow;
    private int acceptedWindow;

    /**
     * @param ofDevice the features of this kind of device
     * @param legacy   whether the device has the legacy interface, which has 32 features
     */
    FeatureNegotiation(long ofDevice, boolean legacy) {
        offered = (OFFERED_TO_ALL | ofDevice) & (legacy ? 0xffff_ffffL : -1);
    }

    long offered() {
        return offered;
    }

    long accepted() {
        return accepted;
    }

    void selectOffered(int window) {
        offeredWindow = window;
    }

    void selectAccepted(int window) {
        acceptedWindow = window;
    }

    /** Reads DeviceFeatures. */
    int offeredInWindow() {
        return isWindow(offeredWindow) ? (int) (offered >>> 32 * offeredWindow) : 0;
    }

    /** Writes DriverFeatures. */
    void accept(int value) {
        if (isWindow(acceptedWindow)) {
            int shift = 32 * acceptedWindow;
            accepted = accepted & ~(0xffff_ffffL << shift) | (value & 0xffff_ffffL) << shift;
        } else if (value != 0) {
            throw new DriverError("the driver accepts features above bit 63, and there are none");
        }
    }

    /** Drops the accepted features that are not offered, because a legacy driver cannot be told. */
    void dropOthers() {
        accepted &= offered;
    }

    private static boolean isWindow(int number) {
        return number == 0 || number == 1;
    }

    /**
     * Returns true if the device offers all accepted features. A driver without VERSION_1, such as xv6's, is allowed
     * (section 6.2): on this transport the bit changes nothing else.
     */
    boolean isAgreeable() {
        return (accepted & ~offered) == 0;
    }

    boolean isAccepted(int feature) {
        return (accepted >>> feature & 1) != 0;
    }

    void reset() {
        accepted = 0;
        offeredWindow = 0;
        acceptedWindow = 0;
    }

    @Override
    public void save(StateWriter out) {
        out.put64(accepted);
        out.put32(offeredWindow);
        out.put32(acceptedWindow);
    }

    @Override
    public void restore(StateReader in) {
        accepted = in.get64();
        offeredWindow = in.get32();
        acceptedWindow = in.get32();
    }
}
