package ferrite.hardware.model;

import ferrite.hardware.interrupt.IrqLine;

/**
 * An interrupt of a device: a level wire. It stays raised until the model lowers it, mostly when software acknowledges
 * it by a register.
 */
public final class Interrupt {

    private final ModelDevice device;
    private final int number;
    private IrqLine line;
    private boolean raised;

    Interrupt(ModelDevice device, int number) {
        this.device = device;
        this.number = number;
    }

    public void raise() {
        set(true);
    }

    public void lower() {
        set(false);
    }

    /** Drives the wire. */
    public void set(boolean level) {
        device.requireCall();
        if (level != raised) {
            raised = level;
            line.set(level);
        }
    }

    public boolean isRaised() {
        return raised;
    }

    /** Returns the number among the device's interrupts, from 0. */
    int number() {
        return number;
    }

    void connect(IrqLine wire) {
        line = wire;
    }

    /** Notes a level that the interrupt controller restores too. */
    void restore(boolean level) {
        raised = level;
    }
}
