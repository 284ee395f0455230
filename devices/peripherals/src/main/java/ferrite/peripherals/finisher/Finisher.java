package ferrite.peripherals.finisher;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/** SiFive's test finisher, as on QEMU's virt machine. A store ends the run and reports success or failure. */
public final class Finisher implements BusDevice, Saveable {

    public static final long BYTES = 0x1000;
    public static final String COMPATIBLE = "sifive,test0";

    static final int FAIL = 0x3333;
    public static final int PASS = 0x5555;
    public static final int RESET = 0x7777;

    private final Runnable powerOff;
    private int written;

    public Finisher(Runnable powerOff) {
        this.powerOff = powerOff;
    }

    /** Returns true if the guest asked for a reset instead of power-off. */
    public boolean isReset() {
        return (written & 0xffff) == RESET;
    }

    /** Returns the code that the guest reported, 0 for success. That of a reset is in the upper half too. */
    public int code() {
        return switch (written & 0xffff) {
            case FAIL -> Math.max(1, written >>> 16);
            case RESET -> written >>> 16;
            default -> 0;
        };
    }

    @Override
    public int load(long offset, int width) {
        return peek(offset, width);
    }

    @Override
    public int peek(long offset, int width) {
        requireRegister(offset, width);
        return 0;
    }

    @Override
    public void store(long offset, int width, int value) {
        requireRegister(offset, width);
        int action = value & 0xffff;
        if (action == PASS || action == FAIL || action == RESET) {
            written = value;
            powerOff.run();
        }
    }

    private static void requireRegister(long offset, int width) {
        if (offset != 0 || width != 4) {
            throw new BusFault(offset, width, "the test finisher has one register, a word at offset 0");
        }
    }

    @Override
    public void save(StateWriter out) {
        out.put32(written);
    }

    @Override
    public void restore(StateReader in) {
        written = in.get32();
    }
}
