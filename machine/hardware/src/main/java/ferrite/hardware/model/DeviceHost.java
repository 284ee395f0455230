package ferrite.hardware.model;

/** The machine around a device, for its model. Usable from the first {@link DeviceModel#reset} on. */
public interface DeviceHost {

    /** Returns the device's name in this machine, such as {@code dice0}. */
    String name();

    /** Returns the current moment of virtual time, in ticks of 10 ns since power-on. */
    long now();

    /**
     * Resets the device as its reset line would: registers and declared memory get their values at power-on, interrupts
     * are lowered, events cancelled, the DMA request dropped. Then {@link DeviceModel#reset} is called.
     */
    void reset();

    /** Writes a line for the person who runs the machine, shown with {@code --verbose}. No run depends on it. */
    void log(String line);
}
