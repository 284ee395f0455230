package ferrite.hardware.bus;

/**
 * A second range of a device, which begins inside of the device's registers.
 *
 * @param first the offset in the device of the range's first byte
 */
public record ShiftedDevice(BusDevice device, long first) implements BusDevice {

    @Override
    public int load(long offset, int width) {
        return device.load(first + offset, width);
    }

    @Override
    public void store(long offset, int width, int value) {
        device.store(first + offset, width, value);
    }

    @Override
    public int peek(long offset, int width) {
        return device.peek(first + offset, width);
    }
}
