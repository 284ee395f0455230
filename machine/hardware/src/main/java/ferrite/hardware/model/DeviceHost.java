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

    /**
     * Reports that software uses the device as its data sheet forbids: a violation of the rule {@code device-misuse}.
     * It names the line of the driver that last stored to a register of the device. The run goes on, and the model does
     * what the device would do.
     *
     * @param mistake the mistake, as a clause: {@code "ROLL is written while BUSY is set"}
     * @param instead the remedy, as a clause: {@code "wait for DONE"}
     */
    void misuse(String mistake, String instead);

    /** Writes a line for the person who runs the machine, shown with {@code --verbose}. No run depends on it. */
    void log(String line);
}
